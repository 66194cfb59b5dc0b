package io.lingtan.simulator.check;

import io.lingtan.simulator.device.Placed;
import java.util.List;

/**
 * Registers that a meter put into one reply.
 *
 * @param points where each lies in {@code registers}
 * @param registers as they were served
 * @param at world time of the instant that they are of, UTC ms
 * @param trueMicros what each counter among the points truly stood at, in their order
 */
record Served(List<Placed> points, byte[] registers, long at, long[] trueMicros) {}
