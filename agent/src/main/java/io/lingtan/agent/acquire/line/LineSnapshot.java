package io.lingtan.agent.acquire.line;

import io.lingtan.agent.acquire.share.ShareSnapshot;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.reading.Values;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A line as it is now, for the page and for metrics. Counters count since start.
 *
 * @param kind {@code serial modbus-tcp modbus-rtu-tcp coap coap-server gpio}
 * @param where port, host or chip, as a person would look for it
 * @param problem why the line cannot work at present, with what to do; null if it works
 * @param busyPercent share of the last minute in which the line was in use, 0..100
 * @param skipped polls that were due and not made because the line was behind; -1 where nothing is
 *     asked
 * @param refusedSamples samples lost because the ledger's queue was full
 * @param droppedEvents events lost because it was full for long
 * @param foreign bytes or frames that were no answer to anything asked
 * @param strangers times that somebody else was heard talking on the line
 * @param openings attempts to open the port or connection; -1 where nothing is opened
 * @param breaks attempts that failed, and connections that broke; -1 where nothing is opened
 * @param schedule what the line is asked for; null where nothing is planned
 * @param share what other masters have of it; null if it is lent to nobody
 * @param pulses what went wrong with pulses; null but of a gpio line
 */
public record LineSnapshot(
    String id,
    String kind,
    String where,
    @Nullable Sentence problem,
    int busyPercent,
    long skipped,
    long refusedSamples,
    long droppedEvents,
    long foreign,
    long strangers,
    long openings,
    long breaks,
    @Nullable ScheduleSnapshot schedule,
    @Nullable ShareSnapshot share,
    @Nullable PulseSnapshot pulses,
    List<DeviceSnapshot> devices) {

  static final Point STATE = Point.of(Quantity.STATE);

  public LineSnapshot {
    devices = List.copyOf(devices);
  }

  /** A line that opens and plans nothing and on which nobody else can talk. */
  public LineSnapshot(
      String id,
      String kind,
      String where,
      @Nullable Sentence problem,
      int busyPercent,
      long skipped,
      long refusedSamples,
      long droppedEvents,
      long foreign,
      List<DeviceSnapshot> devices) {
    this(
        id,
        kind,
        where,
        problem,
        busyPercent,
        skipped,
        refusedSamples,
        droppedEvents,
        foreign,
        0,
        -1,
        -1,
        null,
        null,
        null,
        devices);
  }

  /** The same, lent to other masters. */
  public LineSnapshot with(ShareSnapshot lent) {
    return new LineSnapshot(
        id,
        kind,
        where,
        problem,
        busyPercent,
        skipped,
        refusedSamples,
        droppedEvents,
        foreign,
        strangers,
        openings,
        breaks,
        schedule,
        lent,
        pulses,
        devices);
  }

  /** A line of inputs, of which nothing is asked. */
  public static LineSnapshot ofInputs(
      String id,
      String where,
      @Nullable Sentence problem,
      long refusedSamples,
      long droppedEvents,
      PulseSnapshot pulses,
      List<DeviceSnapshot> devices) {
    return new LineSnapshot(
        id,
        "gpio",
        where,
        problem,
        0,
        -1,
        refusedSamples,
        droppedEvents,
        0,
        0,
        -1,
        -1,
        null,
        null,
        pulses,
        devices);
  }

  /**
   * What a line is asked for with what has been measured of its devices, units that are offline
   * left out.
   *
   * @param blocks requests of one round over everything
   * @param cycleMicros time that such a round takes
   * @param utilisationPercent share of its time that the line needs; above 100 polls are left out
   */
  public record ScheduleSnapshot(int blocks, long cycleMicros, int utilisationPercent) {}

  /**
   * Edges that are no counted pulses, since start.
   *
   * @param lost that the kernel counted and could not keep
   * @param bounced whose level did not hold for as long as the debounce time
   */
  public record PulseSnapshot(long lost, long bounced) {}

  /**
   * Values that were read at one time. A point has at most one such value.
   *
   * @param atNanos when, monotonic
   * @param freshUntilNanos until when they may be taken for the present ones
   */
  public record ReadSnapshot(long atNanos, long freshUntilNanos, Values values) {}

  /**
   * A device as it is now.
   *
   * @param profile its profile's name
   * @param address unit id or address as a person writes it
   * @param everyMillis poll period
   * @param answeredNanos when it last answered, monotonic; -1 if it never has
   * @param reads last good values, whatever their age: {@link #why} says which are not to be taken
   *     for the present ones
   * @param bad why the latest poll of a point has no value of it
   * @param failure reason of the last poll, of the device's own points or else of a group, if it
   *     failed wholly; else null
   * @param failureDetail what was seen then
   * @param replyMicros mean time from request to reply, in microseconds; 0 if unknown
   * @param offline whether the circuit breaker is open
   * @param delayMicros mean time from the end of a request to the beginning of its reply, in
   *     microseconds; 0 if unknown
   * @param blocks requests that one round over all its points takes
   * @param identity what the meter says of itself: {@code serial model ct pt}
   * @param nextNanos when it is asked next, monotonic; -1 if that is not planned
   * @param asleep whether it is offline because it sleeps at night
   */
  public record DeviceSnapshot(
      String device,
      String profile,
      String address,
      long everyMillis,
      long answeredNanos,
      List<ReadSnapshot> reads,
      Map<Point, Reason> bad,
      @Nullable Reason failure,
      @Nullable String failureDetail,
      long polls,
      long timeouts,
      long crcErrors,
      long exceptions,
      long replyMicros,
      boolean offline,
      long delayMicros,
      int blocks,
      SortedMap<String, String> identity,
      long nextNanos,
      boolean asleep) {
    public DeviceSnapshot {
      reads = List.copyOf(reads);
      bad = Map.copyOf(bad);
      identity = Collections.unmodifiableSortedMap(new TreeMap<>(identity));
    }

    /** Last good values, whatever their age and whatever has come of later polls. */
    public Values values() {
      if (reads.size() == 1) {
        return reads.getFirst().values();
      }
      Values.Builder all = new Values.Builder();
      reads.forEach(read -> all.putAll(read.values()));
      return all.build();
    }

    /** Why a value is not to be taken for the present one; null if it may be. */
    public @Nullable Reason why(ReadSnapshot read, Point point, long nowNanos) {
      Reason failed = bad.get(point);
      return failed != null
          ? failed
          : offline ? Reason.OFFLINE : nowNanos > read.freshUntilNanos() ? Reason.STALE : null;
    }
  }
}
