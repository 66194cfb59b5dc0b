package io.lingtan.agent.publish;

import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.link.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The link to the broker as it is now. Counters count records since start, messages where they say
 * so.
 *
 * @param gateway client id
 * @param server the server connected to or tried last, empty before the first try
 * @param connectedNanos monotonic nanoseconds since when it is connected; -1 while it is not
 * @param nextTryNanos monotonic nanoseconds of the next try; -1 while connected or trying
 * @param inFlight messages without PUBACK
 * @param inFlightBytes their payload bytes
 * @param waiting records not yet acknowledged, as the journal last said
 * @param late whether there is a backlog beside the live lane
 * @param recordsPerSecond acknowledged records, mean over the last minute
 * @param bytesPerSecond payload bytes acknowledged, mean over the last minute
 * @param lastAckNanos monotonic nanoseconds of the last good PUBACK, -1 if there was none
 * @param lastAckMillis how long that PUBACK took, -1 if there was none
 * @param live from commit to PUBACK, of records sent live
 * @param connects connections made
 * @param published records sent, those sent again included
 * @param acked records that the broker took
 * @param resent records whose PUBACK was outstanding when a connection ended
 * @param refused messages that the broker refused, by PUBACK or by ending the connection over them
 * @param nobody messages that the broker took although nobody subscribes
 * @param setAside records larger than the broker's maximum packet
 * @param takenOver connections that another client with our id has ended
 * @param badPackets connections given up because the broker sent what must not be sent
 * @param unsignedStores retained stores with later numbers that this gateway has not signed
 * @param commands commands obeyed
 * @param commandsRefused commands refused or dropped
 * @param replaysWaiting requests for a replay that wait or are under way
 * @param replays such requests taken
 * @param replaysEnded such requests that ended unfinished
 * @param replayed records sent once more by them, and taken by the broker
 * @param eventsLost events that the ledger's queue did not take
 * @param problem why it is not connected, in a sentence that says what to do; null if it is
 * @param why of which kind that is, the word of {@link Failure.Kind}; null if it is connected
 * @param certificateDays whole days until our certificate ends, negative when it has; null if there
 *     is none or the wall clock is not trusted
 * @param refusing a topic that the broker has refused and not accepted since, connected or not;
 *     null if there is none
 */
public record UplinkSnapshot(
    String gateway,
    String server,
    long connectedNanos,
    long nextTryNanos,
    int inFlight,
    int inFlightBytes,
    long waiting,
    boolean late,
    double recordsPerSecond,
    double bytesPerSecond,
    long lastAckNanos,
    long lastAckMillis,
    LatencySnapshot live,
    long connects,
    long published,
    long acked,
    long resent,
    long refused,
    long nobody,
    long setAside,
    long takenOver,
    long badPackets,
    long unsignedStores,
    long commands,
    long commandsRefused,
    int replaysWaiting,
    long replays,
    long replaysEnded,
    long replayed,
    long eventsLost,
    @Nullable String problem,
    @Nullable String why,
    @Nullable Integer certificateDays,
    @Nullable String refusing) {

  /** Of a gateway that no broker is named for: nothing was ever tried. */
  public static UplinkSnapshot none(String gateway, long waiting) {
    return new UplinkSnapshot(
        gateway,
        "",
        -1,
        -1,
        0,
        0,
        waiting,
        false,
        0,
        0,
        -1,
        -1,
        LatencySnapshot.NONE,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        null,
        null,
        null,
        null);
  }

  public boolean connected() {
    return connectedNanos >= 0;
  }
}
