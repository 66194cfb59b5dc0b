/**
 * Where a figure comes from: a tree from the figure down to factor, registers and samples, read
 * from the journal's history. Nothing is worked out here but to show that it follows; a figure that
 * does not follow from what is shown says so.
 *
 * <p>Runs on whatever thread asks: a request's, or the command line's.
 */
@NullMarked
package io.lingtan.agent.status.trace;

import org.jspecify.annotations.NullMarked;
