package io.lingtan.agent.acquire;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line as it is now, for the page and for metrics. Counters count since start.
 *
 * @param kind {@code serial modbus-tcp modbus-rtu-tcp coap coap-server gpio}
 * @param where port, host or chip, as a person would look for it
 * @param problem why the line cannot work at present, in words and with what to do; null if it
 *     works
 * @param busyPercent share of the last minute in which the line was in use, 0..100
 * @param skipped polls that were due and not made because the line was behind
 * @param refusedSamples samples lost because the ledger's queue was full
 * @param foreign bytes or frames that were no answer to anything asked
 */
public record LineSnapshot(
    String id,
    String kind,
    String where,
    @Nullable String problem,
    int busyPercent,
    long skipped,
    long refusedSamples,
    long foreign,
    List<DeviceSnapshot> devices) {

  public LineSnapshot {
    devices = List.copyOf(devices);
  }

  /**
   * A device as it is now.
   *
   * @param profile its profile's name
   * @param address unit id or address as a person writes it
   * @param everyMillis poll period
   * @param polledNanos when the last poll ended, monotonic; -1 if none has
   * @param answeredNanos when it last answered, monotonic; -1 if it never has
   * @param values last good values, whatever their age
   * @param bad reasons of the last answered poll
   * @param failure reason of the last poll if it failed, else null
   * @param failureDetail what was seen then
   * @param replyMicros mean time from request to reply, in microseconds; 0 if unknown
   * @param offline whether the circuit breaker is open
   */
  public record DeviceSnapshot(
      String device,
      String profile,
      String address,
      long everyMillis,
      long polledNanos,
      long answeredNanos,
      Values values,
      Map<Point, Reason> bad,
      @Nullable Reason failure,
      @Nullable String failureDetail,
      long polls,
      long timeouts,
      long crcErrors,
      long exceptions,
      long replyMicros,
      boolean offline) {
    public DeviceSnapshot {
      bad = Map.copyOf(bad);
    }
  }
}
