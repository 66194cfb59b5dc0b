/** Lines and a broker in memory, for virtual time. */
@NullMarked
package io.lingtan.simulator.prove.memory;

import org.jspecify.annotations.NullMarked;
