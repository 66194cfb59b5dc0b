package io.lingtan.agent.status;

import io.lingtan.agent.journal.RecordedSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot.Mark;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Values;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The way of one device's values from here to the broker: in which record each is, on which topic
 * that goes, and whether the broker has it. Decided once for page and text.
 */
final class Passage {

  /** What is read so close together may share a record, which has one instant. */
  private static final long JOINED_NANOS = 1_000_000_000L;

  private static final int REFUSED = 0x80;

  /** How a value stands to the newest record that has its point. */
  enum How {
    /** It is the record's own. */
    IN,
    /** It was read later: its record period is not over yet. */
    NEXT,
    /** It was read later, and differs too little from the record's to be recorded. */
    SAME,
    /** It is in no record: that of its period was made of a later reading, which lacks it. */
    LEFT_OUT
  }

  /** A value's place; {@code how} is NEXT where no record has its point yet. */
  record Place(How how, @Nullable DataRecord record) {}

  /** What became of a record. */
  enum State {
    /** No broker is named: it stays here. */
    KEPT("只在本机保存", "kept here alone"),
    /** Its boot has no date yet. */
    HELD("等待对时", "held until the clock is set"),
    WAITING("待上送", "waiting"),
    UNDER_WAY("已发出，等待确认", "sent, no PUBACK yet"),
    /** The broker has it, and the application has still to say that it has. */
    TAKEN("服务器已收，等待应用确认", "taken by the broker, cmd/ack to come"),
    ACKED("已确认", "acknowledged"),
    REFUSED("服务器拒收", "refused by the broker"),
    DROPPED("已声明丢弃", "declared dropped");

    private final String chinese;
    private final String english;

    State(String chinese, String english) {
      this.chinese = chinese;
      this.english = english;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** In both languages. */
    String text() {
      return chinese + ' ' + english;
    }
  }

  /**
   * What became of a record.
   *
   * @param topic where it went or will go; null if nowhere
   * @param mark when; null if that is not known (any longer)
   */
  record Fate(State state, @Nullable String topic, @Nullable Mark mark) {}

  private final SiteView view;
  private final String device;
  private final @Nullable RecordedSnapshot recorded;

  Passage(SiteView view, String device) {
    this.view = view;
    this.device = device;
    this.recorded = view.recorded().get(device);
  }

  /** Where a value of the device is. */
  Place place(Shown shown) {
    if (recorded == null) {
      return new Place(How.NEXT, null);
    }
    DataRecord record = recorded.holding().get(shown.point());
    if (record != null && isIn(record, shown)) {
      return new Place(How.IN, record);
    }
    boolean isPassed = shown.atNanos() <= recorded.newest().sample().atNanos();
    return new Place(isPassed ? passed(shown, record) : How.NEXT, record);
  }

  private How passed(Shown shown, @Nullable DataRecord record) {
    if (record == null || !shown.isNumber()) {
      return How.LEFT_OUT;
    }
    long deadband =
        view.site().devices().stream()
            .filter(each -> each.id().equals(device))
            .mapToLong(each -> each.deadband().getOrDefault(shown.point(), 0L))
            .findFirst()
            .orElse(0);
    long recorded =
        record.sample().values().micros(record.sample().values().indexOf(shown.point()));
    return passed(deadband, shown.point().distanceMicros(shown.held(), recorded));
  }

  /** What no later record has, by how far it is from the last one that was recorded. */
  static How passed(long deadband, long differenceMicros) {
    return Math.abs(differenceMicros) < deadband ? How.SAME : How.LEFT_OUT;
  }

  private static boolean isIn(DataRecord record, Shown shown) {
    long later = shown.atNanos() - record.sample().atNanos();
    return later <= 0 || (later < JOINED_NANOS && shown.text().equals(text(record, shown.point())));
  }

  private static @Nullable String text(DataRecord record, Point point) {
    Values values = record.sample().values();
    int i = values.indexOf(point);
    return i < 0 ? values.state() : point.text(values.micros(i));
  }

  /** The records that some of these values are in or were in last, newest first. */
  List<DataRecord> records(Collection<Shown> read) {
    return read.stream()
        .map(shown -> place(shown).record())
        .<DataRecord>mapMulti(
            (record, to) -> {
              if (record != null) {
                to.accept(record);
              }
            })
        .distinct()
        .sorted(Comparator.comparingLong((DataRecord each) -> each.sample().atNanos()).reversed())
        .toList();
  }

  /** What became of a record of the device. */
  Fate fate(DataRecord record) {
    DeliverySnapshot deliveries = view.deliveries();
    if (deliveries == null) {
      return new Fate(State.KEPT, null, null);
    }
    Mark mark = deliveries.find(device, record.epoch(), record.seq());
    boolean isSettled = isSettled(record);
    if (mark != null && mark.isTaken()) {
      boolean isOpen = deliveries.needsAck() && !isSettled;
      return new Fate(isOpen ? State.TAKEN : State.ACKED, mark.topic(), mark);
    }
    if (isDropped(record)) {
      return new Fate(State.DROPPED, null, null);
    }
    if (isSettled) {
      return new Fate(State.ACKED, null, null);
    }
    if (mark != null) {
      boolean isRefused = mark.reason() >= REFUSED;
      return new Fate(isRefused ? State.REFUSED : State.UNDER_WAY, mark.topic(), mark);
    }
    boolean isUndated = record.tsMillis() == JournalRecord.UNDATED && !view.wall().trusted();
    if (isUndated) {
      return new Fate(State.HELD, null, null);
    }
    return new Fate(State.WAITING, topic(deliveries, record), null);
  }

  /** What was recorded while there is a link goes live, and late in a batch otherwise. */
  private String topic(DeliverySnapshot deliveries, DataRecord record) {
    long connected = view.uplink().link().connectedNanos();
    boolean isLive =
        connected >= 0 && record.sample().atNanos() >= connected && !deliveries.isBatched();
    return isLive ? deliveries.live(device) : deliveries.late();
  }

  /** Whether it is acknowledged, or declared dropped. */
  private boolean isSettled(DataRecord record) {
    StoreSnapshot store = view.store();
    long seq = record.seq();
    if (store.epoch().equals(record.epoch())) {
      return seq <= store.acked()
          || store.ahead().stream().anyMatch(each -> seq >= each.from() && seq <= each.to());
    }
    // Of an earlier epoch that is no longer told everything is settled.
    return store.previous().stream()
        .filter(each -> each.epoch().equals(record.epoch()))
        .allMatch(each -> seq <= each.acked());
  }

  private boolean isDropped(DataRecord record) {
    StoreSnapshot store = view.store();
    List<StoreSnapshot.Drop> drops =
        store.epoch().equals(record.epoch())
            ? store.dropped()
            : store.previous().stream()
                .filter(each -> each.epoch().equals(record.epoch()))
                .flatMap(each -> each.dropped().stream())
                .toList();
    // Of a range that lost less than all of its numbers it cannot be told which.
    return drops.stream()
        .anyMatch(
            each ->
                each.kind() == record.kind()
                    && record.seq() >= each.from()
                    && record.seq() <= each.to()
                    && each.count() == each.to() - each.from() + 1);
  }
}
