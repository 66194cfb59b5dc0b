package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.site.Device;
import java.util.List;

/**
 * Where a device stands among those of its line. Each is asked once soon after the start, so that
 * nobody waits a period for its first values; from then on the devices are spread over the whole of
 * each period, so that those with a long one do not come all at once and then not at all. Those
 * that would come within a quarter of a second are asked in one go: a poll that follows another at
 * once costs a third of one for which the gateway has to wake up.
 *
 * @param startNanos when the line starts
 * @param spreadNanos over which the first questions are spread, ≤ the shortest period of the line
 * @param place of the device, 0..{@code count}-1
 * @param count how many devices the line has, ≥ 1
 */
public record Phase(long startNanos, long spreadNanos, int place, int count) {

  /** First questions are spread over this time, or over the shortest period if that is less. */
  private static final long SPREAD_NANOS = 1_000_000_000L;

  private static final long LEAST_GAP_NANOS = 250_000_000L;

  /** Of a device of a line that starts with these devices. */
  public static Phase of(List<Device> devices, int place, long startNanos) {
    long spread = SPREAD_NANOS;
    for (Device device : devices) {
      spread = Math.min(spread, device.every().toNanos());
    }
    return new Phase(startNanos, spread, place, devices.size());
  }

  /** When the device is asked first. */
  public long firstNanos() {
    return startNanos + turnNanos(spreadNanos);
  }

  /** One of the times at which it is asked each period from then on. */
  public long ofNanos(long everyNanos) {
    return startNanos + turnNanos(everyNanos);
  }

  /**
   * The same of a group of its points: together with the device's own points, which it shares a
   * sample with.
   *
   * @param ownNanos period of the device
   */
  public long ofGroupNanos(long everyNanos, long ownNanos) {
    return ofNanos(ownNanos) + everyNanos / count * place / ownNanos * ownNanos;
  }

  /** When in a time that they share it has its turn. */
  private long turnNanos(long nanos) {
    long turns = Math.clamp(nanos / LEAST_GAP_NANOS, 1, count);
    return nanos / turns * (place * turns / count);
  }
}
