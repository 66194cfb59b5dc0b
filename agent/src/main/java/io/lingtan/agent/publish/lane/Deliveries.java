package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * When the records that devices' newest values are in were sent and taken, for whoever looks. Of
 * each point one record is remembered, the newest that was sent: one of lower number never takes
 * its place, so that a backlog that drains leaves the marks of what is live alone. At most {@value
 * #MOST_DEVICES} devices, beyond which the one that was sent least recently is forgotten. The
 * publisher's thread writes, any thread looks.
 */
public final class Deliveries {

  static final int MOST_DEVICES = 1024;

  private static final Point STATE = Point.of(Quantity.STATE);

  private record Key(String epoch, long seq) {}

  /** A mark in the making. */
  private static final class Slip {
    private Mark mark;

    Slip(Mark mark) {
      this.mark = mark;
    }
  }

  private final LinkedHashMap<String, Map<Point, Slip>> devices =
      new LinkedHashMap<>(16, 0.75f, true);

  /** Of what has no PUBACK yet: no more than the window holds. */
  private final Map<Key, Slip> underWay = new HashMap<>();

  /** A record of the epoch that is current has been handed to the connection. */
  synchronized void sent(DataRecord record, String topic, MonotonicInstant now) {
    Mark mark = new Mark(record.epoch(), record.seq(), topic, now.nanos(), -1, -1);
    Slip slip = new Slip(mark);
    Map<Point, Slip> points =
        devices.computeIfAbsent(record.sample().device(), id -> new HashMap<>());
    Values values = record.sample().values();
    boolean isNewest = false;
    for (int i = 0; i < values.size(); i++) {
      isNewest |= put(points, values.point(i), slip);
    }
    isNewest |= values.state() != null && put(points, STATE, slip);
    if (isNewest) {
      underWay.put(new Key(record.epoch(), record.seq()), slip);
    }
    if (devices.size() > MOST_DEVICES) {
      devices.pollFirstEntry();
    }
  }

  private static boolean put(Map<Point, Slip> points, Point point, Slip slip) {
    Slip before = points.get(point);
    boolean isNewer =
        before == null
            || !before.mark.epoch().equals(slip.mark.epoch())
            || before.mark.seq() <= slip.mark.seq();
    if (isNewer) {
      points.put(point, slip);
    }
    return isNewer;
  }

  /** The broker answered for records. */
  public synchronized void answered(Window.Load load, int reason, MonotonicInstant now) {
    for (long seq : load.seqs()) {
      Slip slip = underWay.remove(new Key(load.epoch(), seq));
      if (slip != null) {
        Mark sent = slip.mark;
        slip.mark =
            new Mark(sent.epoch(), sent.seq(), sent.topic(), sent.sentNanos(), now.nanos(), reason);
      }
    }
  }

  /** The connection is gone: what was under way on it waits again. */
  public synchronized void lost() {
    Set<Slip> gone = new LinkedHashSet<>(underWay.values());
    devices.values().forEach(points -> points.values().removeIf(gone::contains));
    underWay.clear();
  }

  /** The marks there are, by device. */
  public synchronized Map<String, List<Mark>> marks() {
    Map<String, List<Mark>> all = new HashMap<>();
    devices.forEach(
        (id, points) -> {
          Set<Slip> slips = new LinkedHashSet<>(points.values());
          List<Mark> marks = new ArrayList<>(slips.size());
          slips.forEach(slip -> marks.add(slip.mark));
          all.put(id, List.copyOf(marks));
        });
    return all;
  }
}
