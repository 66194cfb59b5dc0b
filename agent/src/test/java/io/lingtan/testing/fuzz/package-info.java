/**
 * Coverage-guided fuzzing: what a target is, where its inputs are, and the bounds that each input
 * must keep.
 */
@NullMarked
package io.lingtan.testing.fuzz;

import org.jspecify.annotations.NullMarked;
