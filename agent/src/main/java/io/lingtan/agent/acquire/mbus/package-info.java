/**
 * Wired M-Bus as it is on the wire, for reading only: link layer (EN 13757-2), and the telegrams of
 * variable data structure with their records (EN 13757-3).
 *
 * <p>Pure: bytes come in, sealed {@link io.lingtan.agent.acquire.mbus.ReadoutReply}s go out. No
 * I/O, no clock, no thread. Of what a master can send only SND_NKE, the selection by secondary
 * address and REQ_UD2 are here: nothing that sets anything in a meter.
 */
@NullMarked
package io.lingtan.agent.acquire.mbus;

import org.jspecify.annotations.NullMarked;
