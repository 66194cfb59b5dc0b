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
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What other masters ask of a line that is lent to them, one thing at a time, in the order in which
 * it came. It is asked while no poll is due, nobody waits at the page, and none would be late for
 * an answer that takes as long as the unit's answers do. What it takes is earned back before the
 * next: others have at most a {@value #SHARE}th of the line's time, and a {@value #SHARE_IN_VAIN}th
 * where nobody answers them. A unit that is offline is not asked. Sends nothing itself.
 *
 * <p>A question at which the connection breaks is one in vain until the line is connected again,
 * and the next is asked once a poll has been answered: so the pause before a connection does not
 * grow for what others ask. The second break in a row at the same question is its own: it is not
 * asked for an hour.
 */
final class SharedQuestions {

  private static final int SHARE = 4;
  private static final int SHARE_IN_VAIN = 10;
  private static final long LOOK_AGAIN_NANOS = 20_000_000L;
  private static final int BREAKS_IN_A_ROW = 2;
  private static final long BARRED_NANOS = 3_600_000_000_000L;
  private static final int MOST_BREAKS = 64;

  /** A line that is away for longer is not so for the question that was under way. */
  private static final long MOST_CHARGED_NANOS = 30_000_000_000L;

  /** What somebody wants to know of a unit. */
  private record Wanted(int unit, Ask ask) {
    static Wanted of(InquiryRun run) {
      return new Wanted(run.unit(), run.wanted());
    }
  }

  /**
   * How often the connection broke at a question.
   *
   * @param untilNanos when it is forgotten
   */
  private record Breaks(int count, long untilNanos) {}

  private final SharedLine shared;
  private final Inquiries inquiries;

  /** First what was refused in another form, then what came next. */
  private final Deque<InquiryRun> waiting = new ArrayDeque<>();

  private @Nullable InquiryRun underWay;
  private @Nullable Station asked;
  private long begunNanos;

  /** At most {@value #MOST_BREAKS}, the oldest first. */
  private final Map<Wanted, Breaks> breaks = new LinkedHashMap<>();

  /** Whether the line was left at a question and is not connected again: it still costs time. */
  private boolean isLeft;

  /** Whether the line broke at a question, and nothing has been answered since. */
  private boolean isDoubted;

  /** What they have taken of the line is earned back by then. */
  private long notBeforeNanos = Long.MIN_VALUE;

  SharedQuestions(SharedLine shared, Inquiries inquiries) {
    this.shared = shared;
    this.inquiries = inquiries;
  }

  /**
   * What is to be asked now; null if nothing is, or there is no time for it.
   *
   * @param isProved whether something valid came over this connection
   */
  @Nullable InquiryRun next(Roster roster, boolean isProved, long now) {
    settle(roster, now);
    isDoubted &= !isProved;
    if (isDoubted) {
      return null;
    }
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
      } else if ((station != null && station.breaker().isOpen()) || isBarred(first, now)) {
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

  private boolean isBarred(InquiryRun run, long now) {
    Breaks before = breaks.get(Wanted.of(run));
    return before != null && before.count() >= BREAKS_IN_A_ROW && now < before.untilNanos();
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
    InquiryRun run = underWay;
    if (run != null && answered) {
      breaks.remove(Wanted.of(run));
    }
    spent(Math.max(0, freeNanos - begunNanos), answered ? SHARE : SHARE_IN_VAIN, freeNanos);
    end();
  }

  private void spent(long tookNanos, int share, long freeNanos) {
    shared.spent(tookNanos);
    notBeforeNanos = freeNanos + tookNanos * (share - 1);
  }

  /** The connection was left before it could be answered. */
  void dropped() {
    isLeft = true;
    end();
  }

  /** The connection broke; if a question was under way, perhaps at that. */
  void broke(long now) {
    InquiryRun run = underWay;
    if (run == null) {
      return;
    }
    Breaks before = breaks.remove(Wanted.of(run));
    int count = before == null || now >= before.untilNanos() ? 1 : before.count() + 1;
    breaks.put(Wanted.of(run), new Breaks(count, now + BARRED_NANOS));
    if (breaks.size() > MOST_BREAKS) {
      breaks.remove(breaks.keySet().iterator().next());
    }
    isDoubted = true;
    dropped();
  }

  /** The line is connected again. */
  void opened(long now) {
    if (isLeft) {
      isLeft = false;
      spent(Math.clamp(now - begunNanos, 0, MOST_CHARGED_NANOS), SHARE_IN_VAIN, now);
    }
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
