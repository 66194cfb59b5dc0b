/**
 * {@code lingtan-sim replay}: runs the diagnostics bundle of a gateway through the agent's own
 * stages on virtual time, so that a bug of the field becomes a test. In: a bundle, as a zip or as a
 * folder. Out: the records that the agent makes of it, and a case folder. One thread.
 */
@NullMarked
package io.lingtan.simulator.replay;

import org.jspecify.annotations.NullMarked;
