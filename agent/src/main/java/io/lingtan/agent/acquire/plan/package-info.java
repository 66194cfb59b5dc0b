/**
 * What to ask a device for, in which blocks, and how its registers become values.
 *
 * <p>In come a profile's points and the site file's ratios; out go requests and, of the bytes that
 * answer them, values in integer micro-units. No thread of its own and no input or output: a line's
 * thread plans and decodes, the thread of whoever looks shows the plan.
 */
@NullMarked
package io.lingtan.agent.acquire.plan;

import org.jspecify.annotations.NullMarked;
