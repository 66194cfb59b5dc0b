package io.lingtan.agent.publish.command;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.lane.BatchJson;
import io.lingtan.agent.publish.lane.BatchSize;
import io.lingtan.agent.publish.lane.Control;
import io.lingtan.agent.publish.lane.Counters;
import io.lingtan.agent.publish.lane.Lanes;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.lane.Sending;
import io.lingtan.agent.publish.lane.SendingParts;
import io.lingtan.agent.publish.lane.TopicBackoff;
import io.lingtan.agent.publish.lane.Window;
import io.lingtan.agent.publish.lane.Window.Load;
import io.lingtan.agent.publish.lane.Window.Sent;
import io.lingtan.agent.publish.lane.Window.Way;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.RateLimit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends records once more to whoever asks by {@code cmd/replay}.
 *
 * <p>One at a time, at most {@value #MOST} with those that wait, none kept over a restart. The
 * least urgent of all: a batch goes only when no lane has anything to send, one message in flight,
 * never into the last place of the window, at most 1 MB/s, and smaller when PUBACKs take long. It
 * acknowledges nothing.
 *
 * <p>A lost connection ends nothing: what had no PUBACK goes again on the next. A replay ends
 * unfinished, with an event, when for two minutes nobody listened, the broker refused the topic or
 * the journal could not be read, and when three connections in a row ended with a message of it
 * under way.
 */
public final class Replays {

  static final int MOST = 4;

  /** Numbers that one request may span. */
  static final long MOST_NUMBERS = 1_000_000;

  static final int MOST_CORRELATION_BYTES = 256;
  static final double BYTES_PER_SECOND = 1_000_000;

  private static final long COUNT_SPACING_NANOS = 50_000_000L;
  private static final int NOBODY = 0x10;

  /** A message of a replay that waits for its PUBACK. */
  private record Underway(Replay replay, boolean isAnswer, long place, int records, boolean last) {}

  private final Topics topics;
  private final Records outbox;
  private final Sending sending;
  private final Control control;
  private final TopicBackoff backoff;
  private final Notices notices;
  private final Counters counters;
  private final RandomGenerator random;
  private final RateLimit rate;
  private final ArrayDeque<Replay> waiting = new ArrayDeque<>();
  private @Nullable Underway underway;
  private MonotonicInstant countAt = new MonotonicInstant(0);
  private final BatchSize batchSize;
  private boolean stopped;

  public Replays(
      SendingParts parts,
      Control control,
      RandomGenerator random,
      int maxPayload,
      MonotonicInstant now) {
    this.topics = parts.topics();
    this.outbox = parts.outbox();
    this.sending = parts.sending();
    this.control = control;
    this.backoff = parts.backoff();
    this.notices = parts.notices();
    this.counters = parts.counters();
    this.random = random;
    this.rate = new RateLimit(BYTES_PER_SECOND, BYTES_PER_SECOND / 4, now);
    this.batchSize = new BatchSize(maxPayload);
  }

  /** Whether no more can wait. */
  boolean isFull() {
    return waiting.size() >= MOST;
  }

  /** How many wait or are under way. */
  public int waiting() {
    return waiting.size();
  }

  /** Why this cannot be sent, in a sentence for whoever asks; null if it can. */
  @Nullable String objection(ReplayCommand command, StoreSnapshot state) {
    long last = outbox.last(command.epoch());
    if (last < 0) {
      return "there is no epoch "
          + CommandTopics.shown(command.epoch())
          + " in this journal; the present one is "
          + state.epoch();
    }
    Long to = command.to();
    long highest = to == null ? command.from() : to;
    if (highest > last) {
      return "epoch " + command.epoch() + " ends at " + last + ", and not at " + highest;
    }
    if ((to == null ? last : to) - command.from() >= MOST_NUMBERS) {
      return "at most "
          + MOST_NUMBERS
          + " numbers at once: ask for "
          + command.from()
          + " to "
          + (command.from() + MOST_NUMBERS - 1)
          + " first";
    }
    return null;
  }

  /**
   * Takes a request that has no {@link #objection} while it is not full.
   *
   * @param answerTo topic of the answer
   * @param isNamed whether the requester named that topic; then the batches go there, too
   */
  void add(ReplayCommand command, String answerTo, boolean isNamed, byte @Nullable [] correlation) {
    String given = ReplayJson.name(correlation);
    String name = given == null ? HexFormat.of().toHexDigits(random.nextInt()) : given;
    Long to = command.to();
    waiting.add(
        new Replay(
            new Replay.Wanted(
                command.epoch(),
                command.from(),
                to == null ? outbox.last(command.epoch()) : to,
                name,
                answerTo,
                isNamed ? answerTo : topics.batch(),
                correlation),
            record -> outbox.isReused(record) || outbox.isRetold(record)));
    counters.replays++;
  }

  /** The process ends: nothing more of them is begun. */
  public void stop() {
    stopped = true;
  }

  /**
   * Does one piece of what waits.
   *
   * @param isIdle whether nobody else has anything to send
   * @return pieces of work done
   */
  public int send(MonotonicInstant now, boolean isIdle) {
    if (stopped || waiting.isEmpty()) {
      return 0;
    }
    int done = count(now, isIdle);
    if (underway != null) {
      return done;
    }
    for (Replay replay : waiting) {
      if (replay.stage() == Replay.Stage.ANSWERING && mayGo(replay, now)) {
        return done + answer(replay, now);
      }
    }
    Replay first = waiting.peek();
    if (first != null
        && first.stage() == Replay.Stage.SENDING
        && isIdle
        && mayGo(first, now)
        && rate.allows(now)) {
      done += sendNext(first, now);
    }
    return done;
  }

  private boolean mayGo(Replay replay, MonotonicInstant now) {
    String topic =
        replay.stage() == Replay.Stage.SENDING
            ? replay.wanted().batchTo()
            : replay.wanted().answerTo();
    Window window = sending.window();
    // The last place in the window is for what is new.
    return replay.isDue(now)
        && backoff.allows(topic, now, window.uses(topic))
        && (window.size() == 0 || window.size() < window.most() - 1)
        && sending.hasRoom(topic, 0);
  }

  private int count(MonotonicInstant now, boolean isIdle) {
    if (!isIdle && now.isBefore(countAt)) {
      return 0;
    }
    for (Replay replay : waiting) {
      if (replay.stage() == Replay.Stage.COUNTING && replay.isDue(now)) {
        countAt = now.plusNanos(COUNT_SPACING_NANOS);
        if (!replay.count(outbox)) {
          unreadable(replay, now);
        }
        return 1;
      }
    }
    return 0;
  }

  private void unreadable(Replay replay, MonotonicInstant now) {
    replay.rewind();
    if (replay.failed(now)) {
      return;
    }
    String error = "the journal cannot be read: see journal.* events and the status page";
    Replay.Wanted wanted = replay.wanted();
    control.put(
        replay.stage() == Replay.Stage.SENDING
            ? message(replay, wanted.batchTo(), empty(replay, 0, error))
            : message(replay, wanted.answerTo(), CommandTopics.refused(error, false)));
    end(replay, error);
  }

  private int answer(Replay replay, MonotonicInstant now) {
    Message message = null;
    for (int ranges = Numbers.MOST; message == null && ranges > 0; ranges /= 2) {
      Message shorter =
          message(replay, replay.wanted().answerTo(), ReplayJson.answer(replay, ranges));
      message = sending.fits(shorter) ? shorter : null;
    }
    if (message == null) {
      end(replay, "the broker takes no packet large enough for the answer");
      return 1;
    }
    return send(message, new Underway(replay, true, 0, 0, false), now);
  }

  private static Message message(Replay replay, String topic, String text) {
    boolean isToRequester = topic.equals(replay.wanted().answerTo());
    return isToRequester
        ? Message.answer(topic, text, replay.wanted().correlation())
        : Message.of(topic, text);
  }

  private int send(Message message, Underway what, MonotonicInstant now) {
    if (!sending.hasRoom(message.topic(), message.payload().length)
        || !sending.send(message, Way.REPLAY, Load.NONE, now)) {
      what.replay.rewind();
      return 0;
    }
    underway = what;
    rate.take(message.payload().length);
    return 1;
  }

  /** Sends the next batch, or does a piece of what comes before it. */
  private int sendNext(Replay replay, MonotonicInstant now) {
    if (!replay.load(outbox)) {
      unreadable(replay, now);
      return 1;
    }
    JournalRecord head = replay.peek();
    if (head == null) {
      return replay.isExhausted() ? sendEnd(replay, now) : 1;
    }
    boolean isAlone = Lanes.isUndated(head) && !replay.wanted().isPrivate();
    return isAlone ? sendAlone(replay, head, now) : sendBatch(replay, now);
  }

  /** Without a date it does not belong into the topic that everybody reads. */
  private int sendAlone(Replay replay, JournalRecord record, MonotonicInstant now) {
    Message message = Message.of(topics.undated(), RecordJson.of(record));
    if (!sending.fits(message)) {
      replay.passTooLarge();
      return 1;
    }
    replay.pass();
    return send(message, new Underway(replay, false, replay.place(), 1, false), now);
  }

  private int sendBatch(Replay replay, MonotonicInstant now) {
    Replay.Wanted wanted = replay.wanted();
    int packet = sending.payloadLimit(wanted.batchTo()) - correlationBytes(wanted);
    int limit = Math.min(batchSize.bytes(), packet);
    BatchJson batch = new BatchJson(wanted.epoch(), longestTail(replay));
    JournalRecord record = replay.peek();
    while (record != null && (wanted.isPrivate() || !Lanes.isUndated(record))) {
      String text = RecordJson.of(record);
      int bytes = batch.bytesWith(text, record.seq());
      if (batch.size() == 0 && bytes > packet) {
        replay.passTooLarge();
        return 1;
      }
      if (batch.size() > 0 && bytes > limit) {
        break;
      }
      batch.add(text, record.seq());
      replay.pass();
      record = replay.peek();
    }
    boolean isLast = replay.isExhausted() && !replay.hasMoreToTell();
    String tail =
        isLast ? ReplayJson.lastTail(replay, batch.size(), 0, null) : ReplayJson.tail(replay);
    return send(
        message(replay, wanted.batchTo(), batch.text(tail)),
        new Underway(replay, false, replay.place(), batch.size(), isLast),
        now);
  }

  private static int correlationBytes(Replay.Wanted wanted) {
    byte[] correlation = wanted.isPrivate() ? wanted.correlation() : null;
    return correlation == null ? 0 : 3 + correlation.length;
  }

  private static int longestTail(Replay replay) {
    String tail = ReplayJson.lastTail(replay, (int) MOST_NUMBERS, 0, null);
    return tail.getBytes(StandardCharsets.UTF_8).length;
  }

  /** The last message, where what it has to say does not fit behind records. */
  private int sendEnd(Replay replay, MonotonicInstant now) {
    replay.settle();
    String topic = replay.wanted().batchTo();
    for (int ranges = Numbers.MOST; ranges > 0; ranges /= 2) {
      Message message = message(replay, topic, empty(replay, ranges, null));
      if (sending.fits(message)) {
        return send(message, new Underway(replay, false, replay.place(), 0, true), now);
      }
    }
    end(replay, "the broker takes no packet large enough for its end");
    return 1;
  }

  private static String empty(Replay replay, int ranges, @Nullable String error) {
    Replay.Wanted wanted = replay.wanted();
    String tail = ReplayJson.lastTail(replay, 0, ranges, error);
    return BatchJson.empty(wanted.epoch(), wanted.from(), wanted.to(), tail);
  }

  /** The broker answered for the message under way. */
  public void acked(Sent sent, int reason, MonotonicInstant now) {
    Underway what = underway;
    underway = null;
    if (what == null) {
      return;
    }
    Replay replay = what.replay;
    boolean isRefused = reason >= 0x80;
    // Whoever named no topic need not listen for the answer to get the batches.
    boolean isHeard = reason != NOBODY || (what.isAnswer && !replay.wanted().isPrivate());
    batchSize.acknowledged(now.nanosSince(sent.at()));
    if (isRefused || !isHeard) {
      replay.rewind();
      if (!replay.failed(now)) {
        end(
            replay,
            isRefused
                ? "the broker refuses " + sent.message().topic() + " (reason " + reason + ")"
                : "nobody listens to " + sent.message().topic());
      }
    } else if (what.isAnswer) {
      replay.answered();
    } else {
      replay.arrived(what.place, what.records);
      counters.replayed += what.records;
      if (what.last) {
        waiting.remove(replay);
      }
    }
  }

  /** The connection ended; they go on with the next. */
  public void lost() {
    Underway what = underway;
    underway = null;
    if (what != null && !what.replay.lost()) {
      end(
          what.replay,
          Replay.MOST_LOSSES + " connections in a row ended while a message of it was under way");
    }
  }

  private void end(Replay replay, String why) {
    waiting.remove(replay);
    counters.replaysEnded++;
    Replay.Wanted wanted = replay.wanted();
    notices.tell(
        Event.of("command.replay_ended", Severity.WARNING)
            .with("replay", CommandTopics.shown(wanted.name()))
            .with("epoch", wanted.epoch())
            .with("from", wanted.from())
            .with("to", wanted.to())
            .with("sent", replay.sent())
            .with("why", CommandTopics.shown(why)));
  }

  /** When to call {@link #send} if nothing arrives before. */
  public MonotonicInstant due(MonotonicInstant now) {
    if (stopped || waiting.isEmpty()) {
      return MonotonicInstant.NEVER;
    }
    MonotonicInstant due = later(rate.next(), now).min(backoff.next(now));
    for (Replay replay : waiting) {
      boolean isCounting = replay.stage() == Replay.Stage.COUNTING;
      due = due.min(isCounting ? countDue(replay) : later(replay.notBefore(), now));
    }
    return due;
  }

  private MonotonicInstant countDue(Replay replay) {
    return replay.notBefore().isAfter(countAt) ? replay.notBefore() : countAt;
  }

  /** What is over waits for something else that will wake us. */
  private static MonotonicInstant later(MonotonicInstant at, MonotonicInstant now) {
    return at.isAfter(now) ? at : MonotonicInstant.NEVER;
  }
}
