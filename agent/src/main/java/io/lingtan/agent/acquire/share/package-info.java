/**
 * Lends a line to other masters over Modbus TCP, for reading only: many inverters take one
 * connection and no more.
 *
 * <p>In: requests of callers whose address the site file allows. Out: answers, from what a device
 * has just told ({@link io.lingtan.agent.acquire.share.RecentReplies}) or, by a bounded inbox, from
 * the line itself between its polls. {@link io.lingtan.agent.acquire.share.ShareStep} has a thread
 * of its own; what the line's thread and that one both touch is {@link
 * io.lingtan.agent.acquire.share.SharedLine}.
 */
@NullMarked
package io.lingtan.agent.acquire.share;

import org.jspecify.annotations.NullMarked;
