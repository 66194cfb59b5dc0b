/**
 * What follows from where a site is: when the sun is up there. Values without I/O, for the thread
 * of whoever asks.
 */
@NullMarked
package io.lingtan.agent.site.place;

import org.jspecify.annotations.NullMarked;
