/** The zone's rules, and all of it as processes. */
@NullMarked
package io.lingtan.simulator.zone;

import org.jspecify.annotations.NullMarked;
