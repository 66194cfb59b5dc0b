/**
 * What other parties wrote, on its way to somebody's terminal.
 *
 * <p>Any command that prints what a gateway, a broker, a file or a device says prints it through
 * {@link io.lingtan.agent.reading.foreign.ForeignText}. Pure; any thread.
 */
@NullMarked
package io.lingtan.agent.reading.foreign;

import org.jspecify.annotations.NullMarked;
