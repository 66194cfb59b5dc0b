/**
 * Lending a line to other masters: where they connect, and who of them may. No thread, no clock, no
 * name is looked up.
 */
@NullMarked
package io.lingtan.agent.site.share;

import org.jspecify.annotations.NullMarked;
