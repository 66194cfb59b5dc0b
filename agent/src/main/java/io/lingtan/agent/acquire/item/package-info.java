/**
 * DL/T 645-2007 and CJ/T 188 as they are on the wire, for reading only: the request for one data
 * item, the question for a meter's address, and the strict check of replies.
 *
 * <p>Pure: bytes come in, sealed {@link io.lingtan.agent.acquire.item.ItemReply}s go out. No I/O,
 * no clock, no thread. Control codes that write, set a clock, freeze or switch are not in this
 * package on purpose.
 */
@NullMarked
package io.lingtan.agent.acquire.item;

import org.jspecify.annotations.NullMarked;
