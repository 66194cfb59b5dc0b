/** Records as a subscriber received them. */
@NullMarked
package io.lingtan.simulator.check.record;

import org.jspecify.annotations.NullMarked;
