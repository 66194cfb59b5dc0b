package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.share.SharedLine;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Answer.Wire;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Sentence;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What other masters ask of a line that is lent to them, one thing at a time, in the order in which
 * it came. It is asked while no poll is due, nobody waits at the page, and none would be late for
 * an answer that takes as long as the unit's answers do. What it takes is earned back before the
 * next: others have at most a {@value #SHARE}th of the line's time, and a {@value #SHARE_IN_VAIN}th
 * where nobody answers them. A unit that is offline is not asked. Sends nothing itself.
 */
final class SharedQuestions {

  private static final int SHARE = 4;
  private static final int SHARE_IN_VAIN = 10;
  private static final long LOOK_AGAIN_NANOS = 20_000_000L;

  private final SharedLine shared;
  private final Inquiries inquiries;
  /** First what was refused in another form, then what came next. */
  private final Deque<InquiryRun> waiting = new ArrayDeque<>();

  private @Nullable InquiryRun underWay;
  private @Nullable Station asked;
  private long begunNanos;

  /** What they have taken of the line is earned back by then. */
  private long notBeforeNanos = Long.MIN_VALUE;

  SharedQuestions(SharedLine shared, Inquiries inquiries) {
    this.shared = shared;
    this.inquiries = inquiries;
  }

  /** What is to be asked now; null if nothing is, or there is no time for it. */
  @Nullable InquiryRun next(Roster roster, long now) {
    settle(roster, now);
    InquiryRun first = waiting.peek();
    if (first == null || underWay != null || now < notBeforeNanos) {
      return null;
    }
    Station station = roster.station(first.unit());
    if (station == null || station.isAsked() || station.notBeforeNanos() > now) {
      return null;
    }
    long answered = roster.nanosAnswered(first);
    if (answered < 0 || !roster.hasRoom(answered, now)) {
      return null;
    }
    InquiryRun safe = inquiries.distinct(first, now);
    if (safe == null) {
      return null;
    }
    waiting.remove();
    underWay = safe;
    asked = station;
    station.asked(true);
    begunNanos = now;
    return safe;
  }

  /** Answers what needs no line: it has been told meanwhile, nobody waits, nobody is there. */
  void settle(Roster roster, long now) {
    while (true) {
      InquiryRun first = waiting.peek();
      if (first == null) {
        Inquiry next = shared.questions().poll();
        if (next == null) {
          return;
        }
        InquiryRun prepared = inquiries.prepare(next, roster);
        if (prepared != null) {
          waiting.add(prepared);
        }
        continue;
      }
      byte[] told = told(first, now);
      Station station = roster.station(first.unit());
      if (told != null) {
        first.inquiry().answer().complete(new Answer.Value(nothingSent(), told));
      } else if (station != null && station.breaker().isOpen()) {
        first.inquiry().answer().complete(new Answer.Silent(nothingSent()));
      } else if (!first.inquiry().answer().isDone()) {
        return;
      }
      waiting.remove();
    }
  }

  private byte @Nullable [] told(InquiryRun run, long now) {
    return run.wanted() instanceof Ask.Registers(BlockRead wanted)
        ? shared.recent(run.unit(), wanted, now)
        : null;
  }

  private static Wire nothingSent() {
    return new Wire(new byte[0], new byte[0], 0);
  }

  boolean isUnderWay(InquiryRun run) {
    return run.equals(underWay);
  }

  /**
   * The line can be used again after the question.
   *
   * @param answered whether the unit said something valid
   * @param freeNanos from when on
   */
  void over(boolean answered, long freeNanos) {
    long took = Math.max(0, freeNanos - begunNanos);
    shared.spent(took);
    notBeforeNanos = freeNanos + took * ((answered ? SHARE : SHARE_IN_VAIN) - 1);
    end();
  }

  /** The connection was left before it could be answered. */
  void dropped() {
    end();
  }

  private void end() {
    underWay = null;
    Station before = asked;
    asked = null;
    if (before != null) {
      before.asked(false);
    }
  }

  /** What was sent in its place was refused, which says nothing of it: it is asked differently. */
  void again(InquiryRun run) {
    inquiries.refusedInstead(run);
    waiting.addFirst(run.sending(run.wanted()));
  }

  /** When to look again whether there is time for what waits; never if nothing does. */
  long dueNanos(long now) {
    return waiting.isEmpty() && shared.questions().size() == 0
        ? Long.MAX_VALUE
        : Math.max(notBeforeNanos, now + LOOK_AGAIN_NANOS);
  }

  /** The line cannot ask anybody at present. */
  void refuse(Sentence why) {
    for (InquiryRun first = waiting.poll(); first != null; first = waiting.poll()) {
      first.notAsked(why);
    }
    for (Inquiry next = shared.questions().poll(); next != null; next = shared.questions().poll()) {
      next.answer().complete(new Answer.NotAsked(why));
    }
  }
}
