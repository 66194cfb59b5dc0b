package io.lingtan.agent.publish;

import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.publish.link.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The link to the broker as it is now. Counters count since start.
 *
 * @param live from commit to PUBACK, of records sent live
 */
public record UplinkSnapshot(
    Link link,
    Delivery delivery,
    LatencySnapshot live,
    RecordCounts records,
    Mishaps mishaps,
    ReplayCounts replays) {

  /**
   * The connection.
   *
   * @param server the server connected to or tried last, empty before the first try
   * @param connectedNanos monotonic nanoseconds since when it is connected; -1 while it is not
   * @param nextTryNanos monotonic nanoseconds of the next try; -1 while connected or trying
   * @param connects connections made
   * @param problem why it is not connected, in a sentence that says what to do; null if it is
   * @param why of which kind that is, the word of {@link Failure.Kind}; null if it is connected
   * @param certificateDays whole days until our certificate ends, negative when it has; null if
   *     there is none or the wall clock is not trusted
   * @param refusing the topics that the broker has refused and not accepted since, connected or not
   */
  public record Link(
      String server,
      long connectedNanos,
      long nextTryNanos,
      long connects,
      @Nullable String problem,
      @Nullable String why,
      @Nullable Integer certificateDays,
      RefusedTopicsSnapshot refusing) {}

  /**
   * What is on its way.
   *
   * @param inFlight messages without PUBACK
   * @param inFlightBytes their payload bytes
   * @param waiting records not yet acknowledged, as the journal last said
   * @param late whether there is a backlog beside the live lane
   * @param recordsPerSecond acknowledged records, mean over the last minute
   * @param bytesPerSecond payload bytes acknowledged, mean over the last minute
   * @param lastAckNanos monotonic nanoseconds of the last good PUBACK, -1 if there was none
   * @param lastAckMillis how long that PUBACK took, -1 if there was none
   */
  public record Delivery(
      int inFlight,
      int inFlightBytes,
      long waiting,
      boolean late,
      double recordsPerSecond,
      double bytesPerSecond,
      long lastAckNanos,
      long lastAckMillis) {}

  /**
   * What became of records, and of messages where it says so.
   *
   * @param published records sent, those sent again included
   * @param acked records that the broker took
   * @param resent records whose PUBACK was outstanding when a connection ended
   * @param refused messages that the broker refused, by PUBACK or by ending the connection over
   *     them
   * @param nobody messages that the broker took although nobody subscribes
   * @param setAside records larger than the broker's maximum packet
   */
  public record RecordCounts(
      long published, long acked, long resent, long refused, long nobody, long setAside) {

    public static final RecordCounts NONE = new RecordCounts(0, 0, 0, 0, 0, 0);
  }

  /**
   * What should not happen.
   *
   * @param takenOver connections that another client with our id has ended
   * @param badPackets connections given up because the broker sent what must not be sent
   * @param unsignedStores retained stores with later numbers that this gateway has not signed
   * @param commandsRefused commands refused or dropped
   * @param eventsLost events that the ledger's queue did not take
   */
  public record Mishaps(
      long takenOver, long badPackets, long unsignedStores, long commandsRefused, long eventsLost) {

    public static final Mishaps NONE = new Mishaps(0, 0, 0, 0, 0);
  }

  /**
   * Requests for a replay.
   *
   * @param waiting those that wait or are under way
   * @param taken all of them
   * @param ended those that ended unfinished
   * @param records sent once more by them, and taken by the broker
   */
  public record ReplayCounts(int waiting, long taken, long ended, long records) {

    public static final ReplayCounts NONE = new ReplayCounts(0, 0, 0, 0);
  }

  /** Where no broker is named: nothing was ever tried. */
  public static UplinkSnapshot none(long waiting) {
    return new UplinkSnapshot(
        new Link("", -1, -1, 0, null, null, null, RefusedTopicsSnapshot.NONE),
        new Delivery(0, 0, waiting, false, 0, 0, -1, -1),
        LatencySnapshot.NONE,
        RecordCounts.NONE,
        Mishaps.NONE,
        ReplayCounts.NONE);
  }

  public boolean connected() {
    return link.connectedNanos >= 0;
  }
}
