package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.LateReplies;
import io.lingtan.agent.acquire.wire.Quiet;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks of a line beside its polls, one thing at a time: it waits until no poll is due
 * and none would be late for it even if nobody answers, at most {@value #PATIENCE_SECONDS} s. Sends
 * nothing itself.
 *
 * <p>A person's single question ({@link Inquiry#pressing}) need not wait for a gap as long as its
 * timeout. A unit that answers its polls is reckoned with what its answers take; after {@value
 * #PRESSING_SECONDS} s the question is put between two polls whatever it takes, and what is late
 * for it counts as skipped. Line time that such a question has cost in vain is earned back before
 * the next one may: at most a {@value #LENT_SHARE}th of a line is spent so. A line that has more
 * polls than time lends none.
 */
public final class Inquiries {

  /** More than that nobody asks at the same time; further ones are refused at once. */
  private static final int CAPACITY = 4;

  private static final int PATIENCE_SECONDS = 20;
  private static final long PATIENCE_NANOS = PATIENCE_SECONDS * 1_000_000_000L;
  private static final long LOOK_AGAIN_NANOS = 20_000_000L;
  private static final int PRESSING_SECONDS = 2;
  private static final long PRESSING_NANOS = PRESSING_SECONDS * 1_000_000_000L;
  private static final int LENT_SHARE = 10;

  private final Line line;
  private final Framing framing;
  private final boolean idsTell;
  private final Inbox<Inquiry> inbox;
  private final Quiet quiet;
  private @Nullable InquiryRun waiting;
  private long sinceNanos;

  /** Before that no question may make a poll late again. */
  private long lendNanos = Long.MIN_VALUE;

  Inquiries(Line line, Framing framing, boolean idsTell) {
    this.line = line;
    this.framing = framing;
    this.idsTell = idsTell;
    this.inbox = new Inbox<>(CAPACITY);
    this.quiet = new Quiet(idsTell, line.timeout().toNanos());
  }

  Inbox<Inquiry> inbox() {
    return inbox;
  }

  /**
   * What to ask now, while no poll is due; null if nothing is wanted, or there is no time for it.
   */
  @Nullable InquiryRun next(Roster roster, long now) {
    InquiryRun first = first(roster, now);
    if (first == null) {
      return null;
    }
    if (first.inquiry().answer().isDone()) {
      waiting = null;
      return null;
    }
    if (!roster.hasRoom(nanosInVain(first), now)) {
      if (!isLent(first, roster, now)) {
        endPatience(roster, now);
        return null;
      }
      // Given back when an answer comes.
      lendNanos = now + LENT_SHARE * nanosInVain(first);
    }
    waiting = null;
    InquiryRun safe = distinct(first, now);
    if (safe == null) {
      first.notAsked(
          new Sentence(
              "a late answer to an earlier question could be taken for this one: ask again in half"
                  + " a minute",
              "前一次提问的迟到应答可能混进来：请半分钟后再试"));
    }
    return safe;
  }

  /** Polls are due and go first: whoever has waited too long is told. */
  void hold(Roster roster, long now) {
    if (first(roster, now) != null) {
      endPatience(roster, now);
    }
  }

  private void endPatience(Roster roster, long now) {
    InquiryRun first = waiting;
    if (first != null && now - sinceNanos >= PATIENCE_NANOS) {
      waiting = null;
      first.notAsked(noTime(roster, now));
    }
  }

  /** Whether it may be asked although a poll is late for it if nobody answers. */
  private boolean isLent(InquiryRun run, Roster roster, long now) {
    if (!run.inquiry().pressing()
        || now < lendNanos
        || roster.schedule().utilisationPercent() >= 100) {
      return false;
    }
    long answered = roster.nanosAnswered(run);
    return now - sinceNanos >= PRESSING_NANOS || (answered >= 0 && roster.hasRoom(answered, now));
  }

  private Sentence noTime(Roster roster, long now) {
    String had = "line " + line.id() + " had no time for it within " + PATIENCE_SECONDS + " s, ";
    String chinese = "线路 %s 在 %d 秒内腾不出时间：".formatted(line.id(), PATIENCE_SECONDS);
    long wait = (lendNanos - now) / 1_000_000_000L + 1;
    int used = roster.schedule().utilisationPercent();
    return now < lendNanos
        ? new Sentence(
            had
                + "it has just lost some to a question that nobody answered: ask again in "
                + wait
                + " s, or with a shorter timeout",
            chinese + "刚才一次提问没人应答，占了时间。请 " + wait + " 秒后再试，或缩短超时")
        : new Sentence(
            had
                + "its polls take "
                + used
                + " % of it: poll its devices less often, or ask with a shorter timeout",
            chinese + "轮询已占用 " + used + " %。请加大采集周期，或缩短超时");
  }

  private @Nullable InquiryRun first(Roster roster, long now) {
    while (waiting == null) {
      Inquiry next = inbox.poll();
      if (next == null) {
        return null;
      }
      if (!next.answer().isDone()) {
        waiting = prepare(next, roster);
        sinceNanos = now;
      }
    }
    return waiting;
  }

  /** An inquiry as its line asks it; null if it cannot be, which it has been told. */
  @Nullable InquiryRun prepare(Inquiry inquiry, Roster roster) {
    CharacterFormat format = format(inquiry.form());
    return switch (inquiry.request()) {
      case Request.Registers(int unit, int function, int address, int count) -> {
        Ask ask = new Ask.Registers(new BlockRead(function, address, count));
        CharacterFormat own = format == null ? roster.formatOf(unit) : format;
        yield new InquiryRun(inquiry, unit, null, ask, ask, own, roster.late(unit));
      }
      case Request.Item(var meter, int id, int bytes) -> {
        Address address = Address.of(meter);
        Ask ask = new Ask.Item(new ItemRead(id, bytes));
        LateReplies late = roster.late(address.toString());
        CharacterFormat own = format == null ? roster.formatOf(address) : format;
        yield onlySerial(new InquiryRun(inquiry, 0, address, ask, ask, own, late));
      }
      case Request.Telegrams(var meter) -> {
        Address address = Address.of(meter);
        Ask ask = new Ask.Telegrams();
        LateReplies late = roster.late(address.toString());
        CharacterFormat own = format == null ? roster.formatOf(address) : format;
        yield onlySerial(new InquiryRun(inquiry, 0, address, ask, ask, own, late));
      }
      case Request.AnyMeter(var family) -> {
        Address any = Address.any(family);
        LateReplies late = roster.late(any.toString());
        CharacterFormat own = format == null ? ownFormat() : format;
        Ask ask = new Ask.AnyMeter(family);
        yield onlySerial(new InquiryRun(inquiry, 0, any, ask, ask, own, late));
      }
    };
  }

  /** A meter's own frames have no place in Modbus TCP ones. */
  private @Nullable InquiryRun onlySerial(InquiryRun run) {
    if (framing == Framing.TCP) {
      run.notAsked(
          new Sentence(
              "line "
                  + line.id()
                  + " is Modbus TCP: no DL/T 645, CJ/T 188 or M-Bus meter can be asked there",
              "线路 " + line.id() + " 是 Modbus TCP：问不到 DL/T 645、CJ/T 188、M-Bus 仪表"));
      return null;
    }
    return run;
  }

  private @Nullable CharacterFormat ownFormat() {
    return line instanceof Line.Serial serial ? serial.format() : null;
  }

  private @Nullable CharacterFormat format(Inquiry.@Nullable Form form) {
    return form == null || !(line instanceof Line.Serial) ? null : formatOf(form);
  }

  /** The same as a port is set to it. */
  public static CharacterFormat formatOf(Inquiry.Form form) {
    return new CharacterFormat(
        form.baud(),
        switch (form.parity()) {
          case 'E' -> Parity.EVEN;
          case 'O' -> Parity.ODD;
          default -> Parity.NONE;
        },
        form.stopBits());
  }

  /** What to send so that no late answer can be taken for its own; null if there is nothing. */
  @Nullable InquiryRun distinct(InquiryRun run, long now) {
    // Its answer says whose it is, or it begins with a question that no late answer fits.
    boolean named = run.wanted() instanceof Ask.AnyMeter || run.wanted() instanceof Ask.Telegrams;
    if (named || idsTell || !run.late().isOwed(run.wanted(), now)) {
      return run;
    }
    if (run.wanted() instanceof Ask.Registers(var want) && want.function() > 2) {
      BlockRead other = run.late().distinct(want, BlockRead.MAX_WORDS, now);
      return other == null || !other.covers(want) ? null : run.sending(new Ask.Registers(other));
    }
    return null;
  }

  /** Line time that the inquiry takes if nobody answers. */
  private long nanosInVain(InquiryRun run) {
    WireCost cost = WireCost.of(line, run.format(), 0);
    long switches = run.format() == null ? 0 : 2 * WireCost.gapNanos(run.format());
    return withinNanos(run) + quiet.lineNanos(0) + cost.gapNanos() + switches;
  }

  /** How long its answer is waited for, the time on the wire included. */
  private long withinNanos(InquiryRun run) {
    return run.inquiry().timeoutMillis() * 1_000_000L + wireNanos(run);
  }

  /** The time on the wire alone. */
  long wireNanos(InquiryRun run) {
    return WireCost.of(line, run.format(), 0).wireNanos(run.sent());
  }

  /** Somebody has answered: no time was lost. */
  void answered(long now) {
    lendNanos = Math.min(lendNanos, now);
  }

  /** What was sent in its place was refused, which says nothing of it: it is asked differently. */
  void again(InquiryRun run, long now) {
    refusedInstead(run);
    waiting = run.sending(run.wanted());
    sinceNanos = now;
  }

  /** A longer read around what is wanted was refused: the device's map ends there. */
  void refusedInstead(InquiryRun run) {
    if (run.sent() instanceof Ask.Registers(var sent)
        && run.wanted() instanceof Ask.Registers(var want)) {
      run.late().endsWithin(sent, want);
    }
  }

  /** When to look again whether there is time for what waits; never if nothing does. */
  long dueNanos(long now) {
    return waiting == null && inbox.size() == 0 ? Long.MAX_VALUE : now + LOOK_AGAIN_NANOS;
  }

  /** The line cannot ask anybody at present. */
  void refuse(Sentence why) {
    InquiryRun first = waiting;
    waiting = null;
    if (first != null) {
      first.notAsked(why);
    }
    for (Inquiry next = inbox.poll(); next != null; next = inbox.poll()) {
      next.answer().complete(new Answer.NotAsked(why));
    }
  }
}
