/**
 * Corrections of what meters counted, for which two people answer: a file in, values in place of
 * others out. Pure; any thread.
 */
@NullMarked
package io.lingtan.agent.site.correction;

import org.jspecify.annotations.NullMarked;
