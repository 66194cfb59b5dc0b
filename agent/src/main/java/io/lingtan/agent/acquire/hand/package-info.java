/**
 * Field work by hand: scan, test read, identity, plausibility and the comparison with a display.
 *
 * <p>In comes what a person asks of a line or a device; out goes a report of what was asked, what
 * came and what it may mean. Work runs in the thread of whoever asks, at most one piece of it on a
 * line; the requests themselves go through the inbox of the line's step, whose thread sends them.
 */
@NullMarked
package io.lingtan.agent.acquire.hand;

import org.jspecify.annotations.NullMarked;
