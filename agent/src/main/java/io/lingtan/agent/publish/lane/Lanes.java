package io.lingtan.agent.publish.lane;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.lane.Window.Load;
import io.lingtan.agent.publish.lane.Window.Sent;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.RateLimit;
import io.lingtan.agent.site.Site;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Decides which record goes next and where.
 *
 * <p>Live: data committed while connected, once, each to its own topic. Ordered: intervals and
 * events, ascending, late or not. Late: all other data, ascending, in batches, beside live: at most
 * two in flight, at most 3 MB/s, and smaller when their PUBACKs take long, so that a slow link
 * stays free for what is new.
 */
public final class Lanes {

  static final Duration BEHIND = Duration.ofSeconds(5);
  static final int BEHIND_RECORDS = 256;
  static final double LATE_BYTES_PER_SECOND = 3_000_000;

  private static final Set<Kind> DATA = EnumSet.of(Kind.DATA);
  private static final Set<Kind> ORDERED = EnumSet.of(Kind.INTERVAL, Kind.EVENT);

  /** Without these a pulse total that goes back, or has too little in it, looks good. */
  private static final Set<String> OF_TOTALS =
      Set.of("meter.counting", "meter.lost_pulses", "meter.uncounted");

  private static final int LATE_IN_FLIGHT = 2;
  private static final long MARK_SPACING_NANOS = Duration.ofMillis(100).toNanos();
  private static final long NOBODY_SPACING_NANOS = Duration.ofHours(1).toNanos();
  private static final Duration FIRST_PATIENCE = Duration.ofMinutes(5);
  private static final Duration LONGEST_PATIENCE = Duration.ofHours(1);
  private static final int ROOM_FOR_TURNS = 4;

  /** Up to which seq was committed when. */
  private record Mark(long last, MonotonicInstant at) {}

  private final Topics topics;
  private final Records outbox;
  private final Sending sending;
  private final TopicBackoff backoff;
  private final Notices notices;
  private final Counters counters;
  private final Deliveries deliveries;
  private final @Nullable AppAcks appAcks;
  private final @Nullable StateTopics states;
  private final long batchNanos;
  private final ToLongFunction<String> mostSent;
  private final boolean gzip;
  private final String batchTopic;
  private final Lane ordered;
  private final Lane late;
  private final RateLimit lateRate;
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();
  private final MeanRates means;

  private String liveEpoch = "";
  private long liveNext;
  private long last;
  private long held;
  private MonotonicInstant flush = new MonotonicInstant(0);
  private final BatchSize batchSize;
  private int turn;
  private boolean lateIdle;
  private boolean unfinished;
  private boolean orderedIsDone;
  private MonotonicInstant retryAt = MonotonicInstant.NEVER;
  private MonotonicInstant nobodyAgain = new MonotonicInstant(0);
  private MonotonicInstant patienceEnds = MonotonicInstant.NEVER;
  private long patienceNanos = FIRST_PATIENCE.toNanos();

  /** What the application is waited for to name. */
  private AppAcks.@Nullable Waiting waitedFor;

  /**
   * @param mostSent the highest number of an epoch that may be sent now; what is above it waits
   *     until a PUBACK has come
   */
  public Lanes(
      SendingParts parts,
      Deliveries deliveries,
      @Nullable AppAcks appAcks,
      @Nullable StateTopics states,
      Site.Mqtt settings,
      ToLongFunction<String> mostSent,
      MonotonicInstant now) {
    this.topics = parts.topics();
    this.outbox = parts.outbox();
    this.sending = parts.sending();
    this.backoff = parts.backoff();
    this.notices = parts.notices();
    this.counters = parts.counters();
    this.deliveries = deliveries;
    this.appAcks = appAcks;
    this.states = states;
    this.batchNanos = settings.batch().toNanos();
    this.mostSent = mostSent;
    this.gzip = settings.gzip();
    this.batchTopic = gzip ? topics.batchGz() : topics.batch();
    this.batchSize = new BatchSize(settings.maxPayload());
    this.ordered = new Lane(outbox, ORDERED, this::isUnderway);
    this.late = new Lane(outbox, DATA, this::isUnderway);
    this.lateRate = new RateLimit(LATE_BYTES_PER_SECOND, LATE_BYTES_PER_SECOND / 4, now);
    this.means = new MeanRates(now);
  }

  private boolean isUnderway(String epoch, long seq) {
    return sending.window().carries(epoch, seq) || (appAcks != null && appAcks.isTaken(epoch, seq));
  }

  /**
   * A connection is ready: what is not acknowledged goes late, what is committed from now on live.
   */
  public void connected(StoreSnapshot state, MonotonicInstant now) {
    List<String> epochs = epochs(state);
    if (appAcks != null) {
      appAcks.forgetTaken();
    }
    backoff.connected(now);
    retryAt = backoff.next(now);
    ordered.restart(epochs);
    late.restart(epochs);
    liveEpoch = state.epoch();
    liveNext = state.last() + 1;
    last = state.last();
    held = state.held();
    late.limit(liveNext);
    marks.clear();
    flush = now;
    lateIdle = false;
  }

  /** Records may have been committed, drops declared or an epoch begun since. */
  public void committed(StoreSnapshot state, MonotonicInstant now) {
    if (!state.epoch().equals(liveEpoch)) {
      liveEpoch = state.epoch();
      liveNext = 1;
      last = 0;
      marks.clear();
    }
    List<String> epochs = epochs(state);
    ordered.epochs(epochs);
    late.epochs(epochs);
    late.limit(liveNext);
    if (appAcks != null) {
      appAcks.keepOnly(epochs);
    }
    if (state.held() < held) {
      // A boot was dated or given up: records that were passed over now are to be delivered.
      ordered.restart(epochs);
      late.restart(epochs);
    }
    held = state.held();
    if (state.last() > last) {
      last = state.last();
      if (marks.isEmpty() || now.nanosSince(marks.getLast().at()) >= MARK_SPACING_NANOS) {
        marks.add(new Mark(last, now));
      }
    }
    lateIdle = false;
  }

  /**
   * Once a minute: goes back to the oldest record that is neither acknowledged nor under way. A
   * lane passes over what could not be read at the time, and that must not wait for the next
   * connection.
   */
  public void recheck(StoreSnapshot state) {
    for (StoreSnapshot.Previous previous : state.previous()) {
      recheck(previous.epoch(), previous.acked() + 1, previous.last());
    }
    recheck(state.epoch(), state.acked() + 1, state.last());
  }

  private void recheck(String epoch, long seq, long lastOfIt) {
    if (seq <= lastOfIt && !isUnderway(epoch, seq)) {
      ordered.backTo(epoch, seq);
      late.backTo(epoch, seq);
      lateIdle = false;
    }
  }

  private static List<String> epochs(StoreSnapshot state) {
    List<String> epochs = new ArrayList<>();
    state.previous().stream()
        .filter(previous -> previous.acked() < previous.last())
        .forEach(previous -> epochs.add(previous.epoch()));
    epochs.add(state.epoch());
    return epochs;
  }

  /** Sends what may be sent now; returns how many messages. */
  public int send(MonotonicInstant now) {
    if (!now.isBefore(retryAt)) {
      retry(now);
    }
    if (appAcks != null) {
      bePatient(appAcks, now);
    }
    fallBehind(now);
    unfinished = false;
    int sent = 0;
    if (sending.window().most() < ROOM_FOR_TURNS && sending.hasRoom()) {
      // With a window this small whoever comes first has all of it, so they take turns.
      sent +=
          switch (turn % ROOM_FOR_TURNS) {
            case 2 -> sendOrdered(now, 1);
            case 3 -> sendLate(now);
            default -> sendLive(now, 1);
          };
      turn++;
    }
    sent += sendLive(now, Window.MOST_MESSAGES);
    sent += sendOrdered(now, Math.max(1, sending.window().most() / 2));
    sent += sendLate(now);
    if (states != null) {
      sent += states.send(sending, now);
    }
    return sent;
  }

  private void fallBehind(MonotonicInstant now) {
    long from = last - BEHIND_RECORDS + 1;
    while (!marks.isEmpty() && now.nanosSince(marks.getFirst().at()) >= BEHIND.toNanos()) {
      from = Math.max(from, marks.removeFirst().last() + 1);
    }
    if (from > liveNext) {
      liveNext = from;
      late.limit(liveNext);
    }
  }

  private int sendLive(MonotonicInstant now, int most) {
    int sent = 0;
    while (sent < most && sending.hasRoom() && liveNext <= last) {
      long upto = last;
      boolean lateIsHere = late.isAt(liveNext);
      List<JournalRecord> records =
          outbox.read(liveEpoch, DATA, liveNext, Math.min(most, Window.MOST_MESSAGES));
      for (JournalRecord record : records) {
        Outcome outcome = batchNanos > 0 ? Outcome.PASSED : sendAlone(record, Window.Way.LIVE, now);
        if (outcome == Outcome.NO_ROOM) {
          move(lateIsHere);
          return sent;
        }
        // What is passed here without being sent is still there for the late lane.
        lateIsHere &= outcome != Outcome.PASSED && late.isAt(liveNext);
        liveNext = record.seq() + 1;
        move(lateIsHere);
        sent += outcome == Outcome.SENT ? 1 : 0;
        if (states != null && record instanceof DataRecord data) {
          states.seen(data);
        }
        if (sent >= most) {
          return sent;
        }
      }
      if (records.isEmpty()) {
        liveNext = Math.max(liveNext, upto + 1);
        move(lateIsHere);
      }
    }
    return sent;
  }

  private void move(boolean lateToo) {
    late.limit(liveNext);
    if (lateToo) {
      late.jumpTo(liveNext);
    }
  }

  private int sendOrdered(MonotonicInstant now, int most) {
    int sent = 0;
    orderedIsDone = false;
    while (sending.window().in(Window.Way.ORDERED) < most && sending.hasRoom()) {
      JournalRecord record = ordered.peek();
      if (record == null) {
        unfinished |= ordered.isUnfinished();
        orderedIsDone = !ordered.isUnfinished();
        return sent;
      }
      switch (sendAlone(record, Window.Way.ORDERED, now)) {
        case SENT -> {
          ordered.pass();
          sent++;
        }
        case SET_ASIDE -> ordered.pass();
        case PASSED -> ordered.skip();
        case NO_ROOM -> {
          return sent;
        }
      }
    }
    return sent;
  }

  /** What became of a record that should travel alone. */
  private enum Outcome {
    SENT,
    SET_ASIDE,
    /** Its topic waits after a refusal. */
    PASSED,
    NO_ROOM
  }

  private Outcome sendAlone(JournalRecord record, Window.Way way, MonotonicInstant now) {
    if (outbox.isReused(record)) {
      passReused(record);
      return Outcome.SET_ASIDE;
    }
    if (outbox.isRetold(record)) {
      tellAgain(record, "rev_reused");
      return Outcome.SET_ASIDE;
    }
    if (!mayLeave(record)) {
      return Outcome.NO_ROOM;
    }
    String topic = topics.of(record);
    if (!backoff.allows(topic, now, sending.window().uses(topic))) {
      return Outcome.PASSED;
    }
    Message message = Message.of(topic, RecordJson.of(record));
    if (!sending.fits(message)) {
      setAside(record, "too_large");
      return Outcome.SET_ASIDE;
    }
    Load load = new Load(record.epoch(), new long[] {record.seq()});
    if (!sending.hasRoom(topic, message.payload().length)
        || !sending.send(message, way, load, now)) {
      return Outcome.NO_ROOM;
    }
    counters.published++;
    noteSent(record, topic, now);
    return Outcome.SENT;
  }

  private boolean mayLeave(JournalRecord record) {
    return record.seq() <= mostSent.applyAsLong(record.epoch());
  }

  private void noteSent(JournalRecord record, String topic, MonotonicInstant now) {
    if (record instanceof DataRecord data && record.epoch().equals(liveEpoch)) {
      deliveries.sent(data, topic, now);
    }
  }

  private void passReused(JournalRecord record) {
    boolean isToldAgain =
        switch (record) {
          case EventRecord event -> OF_TOTALS.contains(event.event().name());
          case IntervalRecord interval -> true;
          case DataRecord data -> false;
        };
    if (isToldAgain) {
      tellAgain(record, "number_reused");
    } else {
      setAside(record, "number_reused");
    }
  }

  private void tellAgain(JournalRecord record, String reason) {
    outbox.tellAgain(record, reason);
    counters.setAside++;
  }

  private void setAside(JournalRecord record, String reason) {
    outbox.setAside(record, reason);
    counters.setAside++;
  }

  private int sendLate(MonotonicInstant now) {
    int sent = 0;
    while (!lateIdle
        && (batchNanos == 0 || !now.isBefore(flush))
        && sending.window().in(Window.Way.LATE) < lateInFlight()
        && sending.hasRoom()
        && lateRate.allows(now)
        && backoff.allows(batchTopic, now, sending.window().uses(batchTopic))) {
      JournalRecord record = late.peek();
      if (record == null) {
        lateIdle = !late.isUnfinished();
        unfinished |= late.isUnfinished();
        if (batchNanos > 0 && lateIdle) {
          flush = now.plusNanos(batchNanos);
        }
        return sent;
      }
      Outcome outcome =
          isUndated(record) || outbox.isReused(record)
              ? lateAlone(record, now)
              : batch(record, now);
      if (outcome == Outcome.NO_ROOM) {
        return sent;
      }
      sent += outcome == Outcome.SENT ? 1 : 0;
    }
    return sent;
  }

  private int lateInFlight() {
    return batchSize.isGreatest() ? LATE_IN_FLIGHT : 1;
  }

  private Outcome lateAlone(JournalRecord record, MonotonicInstant now) {
    Outcome outcome = sendAlone(record, Window.Way.LATE, now);
    switch (outcome) {
      case SENT -> {
        late.pass();
        lateRate.take(RecordJson.of(record).length());
      }
      case SET_ASIDE -> late.pass();
      case PASSED -> late.skip();
      case NO_ROOM -> {}
    }
    return outcome;
  }

  /**
   * One batch that begins with {@code head}. A record that alone is larger than {@code max_payload}
   * travels in a batch of its own as long as the broker takes it.
   */
  private Outcome batch(JournalRecord head, MonotonicInstant now) {
    int packet = sending.payloadLimit(batchTopic);
    int limit = Math.min(batchSize.bytes(), packet);
    BatchJson batch = new BatchJson(head.epoch());
    List<JournalRecord> carried = new ArrayList<>();
    // Sized for the worst case first, so that what is taken from the lane is always sent. Gzipped
    // it
    // is less: even random text of a few hundred bytes is.
    if (!mayLeave(head) || !sending.hasRoom(batchTopic, limit)) {
      return Outcome.NO_ROOM;
    }
    boolean isTry = backoff.waits(batchTopic);
    JournalRecord record = head;
    while (record != null
        && !(isTry && batch.size() == 1)
        && record.epoch().equals(head.epoch())
        && mayLeave(record)
        && !isUndated(record)
        && !outbox.isReused(record)) {
      String text = RecordJson.of(record);
      int bytes = batch.bytesWith(text, record.seq());
      if (batch.size() == 0 && bytes > packet) {
        setAside(record, "too_large");
        late.pass();
        return Outcome.SET_ASIDE;
      }
      if (batch.size() > 0 && bytes > limit) {
        break;
      }
      batch.add(text, record.seq());
      carried.add(record);
      late.pass();
      record = late.peek();
    }
    Message message =
        gzip ? Message.gzipped(batchTopic, batch.text()) : Message.of(batchTopic, batch.text());
    Load load = new Load(batch.epoch(), batch.seqs());
    if (!sending.send(message, Window.Way.LATE, load, now)) {
      return Outcome.NO_ROOM; // the connection is going down, and with it this cursor
    }
    carried.forEach(each -> noteSent(each, batchTopic, now));
    lateRate.take(message.payload().length);
    counters.published += batch.size();
    return Outcome.SENT;
  }

  public static boolean isUndated(JournalRecord record) {
    long ts =
        switch (record) {
          case DataRecord data -> data.tsMillis();
          case IntervalRecord interval -> interval.tsMillis();
          case EventRecord event -> event.tsMillis();
        };
    return ts == JournalRecord.UNDATED;
  }

  /** The broker answered for a message that carries records. */
  public void acked(Sent sent, int reason, MonotonicInstant now) {
    Load load = sent.load();
    String topic = sent.message().topic();
    if (sent.way() == Window.Way.LATE) {
      batchSize.acknowledged(now.nanosSince(sent.at()));
    }
    if (reason >= 0x80) {
      refused(sent);
      retryAt = backoff.next(now);
      return;
    }
    for (long seq : load.seqs()) {
      if (appAcks != null) {
        appAcks.taken(load.epoch(), seq);
      } else {
        outbox.acknowledged(load.epoch(), seq);
      }
    }
    if (appAcks != null && patienceEnds.equals(MonotonicInstant.NEVER)) {
      patienceEnds = now.plusNanos(patienceNanos);
    }
    counters.acked += load.seqs().length;
    means.add(now, load.seqs().length, sent.message().payload().length);
    if (reason == 0x10) {
      counters.nobody++;
      if (!now.isBefore(nobodyAgain)) {
        nobodyAgain = now.plusNanos(NOBODY_SPACING_NANOS);
        notices.tell(
            Event.of("uplink.nobody_listens", Event.Severity.WARNING).with("topic", topic));
      }
    }
  }

  private void refused(Sent sent) {
    String epoch = sent.load().epoch();
    long first = sent.load().seqs()[0];
    switch (sent.way()) {
      case LIVE -> {
        late.backTo(epoch, first);
        lateIdle = false;
      }
      case ORDERED -> ordered.refused(epoch, first);
      case LATE -> late.refused(epoch, first);
      case CONTROL, REPLAY -> throw new IllegalStateException(sent.way() + " is no lane of these");
    }
  }

  /** A topic that was refused accepts again, or may be tried again. */
  public void retry(MonotonicInstant now) {
    ordered.retry();
    if (late.retry()) {
      lateIdle = false;
    }
    retryAt = backoff.next(now);
  }

  private void bePatient(AppAcks acks, MonotonicInstant now) {
    if (now.isBefore(patienceEnds)) {
      return;
    }
    patienceEnds = MonotonicInstant.NEVER;
    if (acks.first() != null) {
      // It was not named for long: what the broker took may have been lost there.
      patienceNanos = Math.min(patienceNanos * 2, LONGEST_PATIENCE.toNanos());
      acks.forgetTaken();
      ordered.backTo(ordered.firstEpoch(), 1);
      late.backTo(late.firstEpoch(), 1);
      lateIdle = false;
    }
  }

  /**
   * The application acknowledged something. If the first of what it has not named is another one
   * now, that is waited for anew; else it may be lost, however much arrives after it.
   */
  public void heard(AppAcks acks, MonotonicInstant now) {
    AppAcks.Waiting first = acks.first();
    if (!Objects.equals(first, waitedFor)) {
      waitedFor = first;
      patienceNanos = FIRST_PATIENCE.toNanos();
      patienceEnds = first == null ? MonotonicInstant.NEVER : now.plusNanos(patienceNanos);
    }
  }

  /** Whether data waits beside the live lane or is under way late. */
  public boolean isLate() {
    return sending.window().in(Window.Way.LATE) > 0 || (batchNanos == 0 && !late.isAt(liveNext));
  }

  /** Whether no lane has anything that it might send now: what is least urgent may go. */
  public boolean isIdle(MonotonicInstant now) {
    boolean lateWaits =
        !lateIdle
            && (batchNanos == 0 || !now.isBefore(flush))
            && backoff.allows(batchTopic, now, sending.window().uses(batchTopic));
    return liveNext > last && orderedIsDone && !lateWaits;
  }

  /** When to call {@link #send} if nothing arrives before. */
  public MonotonicInstant due(MonotonicInstant now) {
    MonotonicInstant due = retryAt.min(patienceEnds);
    if (unfinished) {
      due = now;
    }
    // What is due already and was not sent waits for a PUBACK, which wakes us.
    if (batchNanos > 0 && flush.isAfter(now)) {
      due = due.min(flush);
    }
    if (!lateIdle && lateRate.next().isAfter(now)) {
      due = due.min(lateRate.next());
    }
    if (states != null) {
      due = due.min(states.due());
    }
    return due;
  }

  public double recordsPerSecond(MonotonicInstant now) {
    return means.recordsPerSecond(now);
  }

  public double bytesPerSecond(MonotonicInstant now) {
    return means.bytesPerSecond(now);
  }
}
