package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.item.ItemReply.Item;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.Planning;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.acquire.share.SharedLine;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.Connection;
import io.lingtan.agent.acquire.wire.Exchange;
import io.lingtan.agent.acquire.wire.LateReplies;
import io.lingtan.agent.acquire.wire.Outcome;
import io.lingtan.agent.acquire.wire.Outcome.Flaw;
import io.lingtan.agent.acquire.wire.Quiet;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.site.Line;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an answer, or none, means: to the poll that asked, to the unit, and to the line, which is
 * left quiet for a while after everything that was not a valid answer. Sends nothing itself.
 */
final class Answers {

  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private static final long MILLI = 1_000_000L;
  private static final int TIMEOUTS_BEFORE_RENEWAL = 3;
  private static final int ILLEGAL_ADDRESS = 2;
  private static final int ILLEGAL_VALUE = 3;

  /** Bit of the error byte of DL/T 645. */
  private static final int NO_SUCH_ITEM = 2;

  private static final long ALONE_NANOS = 50 * MILLI;

  private static final int NO_PATH = 10;
  private static final int TARGET_SILENT = 11;

  private final Line line;
  private final Framing framing;
  private final boolean idsTell;
  private final boolean renewAfterTimeout;
  private final long timeoutNanos;
  private final Quiet quiet;
  private final Connection connection;
  private final Exchange exchange;
  private final Roster roster;
  private final Reason[] exceptionReasons = new Reason[256];
  private final Set<String> loggedFlaws = new HashSet<>();
  private long quietUntilNanos;
  private int timeoutsInARow;
  private final @Nullable SharedLine shared;

  /** What the last answer was to, and what its unit may still answer. */
  private @Nullable Ask lastSent;

  private @Nullable LateReplies lastLate;
  private boolean lastIsRefusal;
  private long lastNanos;

  /**
   * @param idsTell whether transaction ids tell a late answer from the one that is waited for
   * @param renewAfterTimeout whether one timeout is enough to leave a TCP connection
   * @param shared gets each reply as it came; null if the line is lent to nobody
   */
  Answers(
      Line line,
      Framing framing,
      boolean idsTell,
      boolean renewAfterTimeout,
      Connection connection,
      Exchange exchange,
      Roster roster,
      @Nullable SharedLine shared) {
    this.line = line;
    this.framing = framing;
    this.idsTell = idsTell;
    this.renewAfterTimeout = renewAfterTimeout;
    this.timeoutNanos = line.timeout().toNanos();
    this.quiet = new Quiet(idsTell, timeoutNanos);
    this.connection = connection;
    this.exchange = exchange;
    this.roster = roster;
    this.shared = shared;
  }

  /** Nothing is to be sent before. */
  long quietUntilNanos() {
    return quietUntilNanos;
  }

  /**
   * Until when the last answer could come again and be taken for this question's.
   *
   * <p>RTU names no request, and behind a serial server a frame is there at once and whole, however
   * long the wire took: a copy right behind an answer comes when the next request has been sent. So
   * the same unit is asked for as many words again only when such a copy would have been there. A
   * refusal does not even say of what, on any serial line and in DL/T 645 too: a copy of it would
   * have the next question refused for an hour.
   */
  long repeatableUntilNanos(LateReplies late, Ask next, WireCost cost) {
    Ask before = lastSent;
    if (idsTell || before == null || lastLate != late) {
      return Long.MIN_VALUE;
    }
    boolean isAlike = framing == Framing.RTU_OVER_TCP && LateReplies.isAlike(before, next);
    if (!isAlike && !lastIsRefusal) {
      return Long.MIN_VALUE;
    }
    long frame = before.replyBytes(framing) * cost.characterNanos();
    return lastNanos + 2 * cost.gapNanos() + frame + quiet.strangerNanos();
  }

  private void answered(LateReplies late, Ask sent, boolean refusal, long now) {
    lastSent = sent;
    lastLate = late;
    lastIsRefusal = refusal;
    lastNanos = now;
  }

  /** A new connection: timeouts are counted anew. */
  void restart() {
    timeoutsInARow = 0;
  }

  /** Somebody else talks: waits for the end of it before the line is used. */
  void stranger(long now) {
    quietUntilNanos = Math.max(quietUntilNanos, now + quiet.strangerNanos());
  }

  /** Line time that asking this unit in vain takes: as long as it just took, and the silence. */
  long probeCost(Station station, long now) {
    return Math.clamp(now - exchange.sentNanos(), 0, 2 * timeoutNanos)
        + quiet.lineNanos(station.longestReplyNanos());
  }

  /** Something valid came from the unit. */
  private void heard(Station station, long now) {
    connection.proved();
    timeoutsInARow = 0;
    quietUntilNanos = now + station.cost().gapNanos();
    roster.heard(station, now);
  }

  /** The registers asked for came. */
  void words(Question question, Words words, long now) {
    boolean useful = took(question, now);
    share(question.station().device().unit(), words);
    if (!useful) {
      return;
    }
    switch (question) {
      case Question.Probe probe -> {}
      case Question.Discovery discovery -> {
        discovery.chain().read(words);
        discovered(discovery);
      }
      case Question.Naming naming -> named(naming, naming.identity().read(words, now), now);
      case Question.BlockOf block -> block.poll().answered(words, now);
    }
  }

  /** The data item asked for came. */
  void item(Question question, Item item, long now) {
    if (!took(question, now)) {
      return;
    }
    switch (question) {
      case Question.Probe probe -> {}
      case Question.Discovery discovery -> {}
      case Question.Naming naming -> named(naming, naming.identity().read(item, now), now);
      case Question.BlockOf block -> block.poll().answered(item, now);
    }
  }

  /** All that a meter has came. */
  void telegrams(Question question, Outcome.Telegrams telegrams, long now) {
    if (!took(question, now)) {
      return;
    }
    switch (question) {
      case Question.Probe probe -> {}
      case Question.Discovery discovery -> {}
      case Question.Naming naming ->
          named(naming, naming.identity().read(telegrams.told(), now), now);
      case Question.BlockOf block -> block.poll().answered(telegrams);
    }
  }

  /** A valid answer came; returns whether it tells what was wanted. */
  private boolean took(Question question, long now) {
    Station station = question.station();
    hear(question);
    heard(station, now);
    answered(station.late(), question.sent(), false, now);
    station.replied(now - exchange.sentNanos(), station.cost().wireNanos(question.sent()));
    boolean useful = question.isUseful();
    if (!idsTell) {
      if (!useful) {
        station.late().settled();
      }
      if (exchange.surplus()) {
        // Two answers to one question, or noise: what else is under way must not look like the
        // next. A data item is named in its answer, and its next one is asked after the silence.
        if (question.sent() instanceof Ask.Registers) {
          station.late().unanswered(question.sent(), now);
        }
        keepQuiet(station, now);
      }
    }
    return useful;
  }

  /** Others may have what a unit told, unless more came than one answer. */
  private void share(int unit, Words words) {
    SharedLine callers = shared;
    if (callers != null && (idsTell || !exchange.surplus())) {
      callers.keep(unit, words, exchange.sentNanos());
    }
  }

  private static void hear(Question question) {
    switch (question) {
      case Question.Probe probe -> {}
      case Question.Discovery discovery -> discovery.poll().hear();
      case Question.Naming naming -> naming.poll().hear();
      case Question.BlockOf block -> block.poll().hear();
    }
  }

  private void named(Question.Naming naming, Identity.@Nullable Change change, long now) {
    if (change != null) {
      roster.named(naming.station(), change, now);
    }
  }

  private void discovered(Question.Discovery discovery) {
    SunSpecChain chain = discovery.chain();
    if (chain.next() != null) {
      return;
    }
    if (discovery.station().adopt(chain)) {
      discovery.poll().load();
      return;
    }
    discovery
        .poll()
        .failed(
            Reason.CONFIG,
            chain.isFound()
                ? "SunSpec models " + chain.models().keySet() + ", none of which the profile knows"
                : "no SunSpec map at 40000, 50000 or 0; is SunSpec switched on, and is unit "
                    + discovery.station().device().unit()
                    + " right?");
  }

  /** The unit, or a gateway in its place, answered with an exception. */
  void refused(Question question, int code, long now) {
    Station station = question.station();
    station.countException();
    answered(station.late(), question.sent(), true, now);
    boolean certain = idsTell || station.late().isEmpty(now);
    if (!idsTell) {
      station.late().refused(question.sent(), now);
    }
    String what = "exception " + code + " to " + question.sent();
    Reason reason = exception(code);
    boolean item = !(question.sent() instanceof Ask.Registers);
    if (!item && (code == NO_PATH || code == TARGET_SILENT)) {
      // A gateway speaks for a unit that does not.
      if (code == TARGET_SILENT && !idsTell) {
        // It waited for less than the unit may take: what comes still looks like the next answer.
        station.late().unanswered(question.sent(), now);
        station.leaveAloneUntil(now + quiet.unitNanos());
        keepQuiet(station, now);
      }
      connection.proved();
      timeoutsInARow = 0;
      unanswered(question, reason, what + " from the gateway", true, now);
      return;
    }
    hear(question);
    heard(station, now);
    switch (question) {
      case Question.Probe probe -> {}
      case Question.Discovery discovery -> {
        if (certain && isLacking(code, item)) {
          discovery.chain().refused();
          discovered(discovery);
        } else if (!discovery.poll().retry()) {
          discovery.poll().failed(reason, what);
          station.rediscover();
        }
      }
      case Question.Naming naming -> {
        noteEnd(question, code);
        if (certain && isLacking(code, item) && question.sent().equals(question.wanted())) {
          named(naming, naming.identity().refused(now), now);
        } else if (!naming.poll().retry()) {
          naming.identity().silent(now);
        }
      }
      case Question.BlockOf block -> {
        noteEnd(question, code);
        boolean illegal =
            item ? (code & NO_SUCH_ITEM) != 0 : code == ILLEGAL_ADDRESS || code == ILLEGAL_VALUE;
        refused(block, illegal, certain, reason, what, now);
      }
    }
  }

  /** Whether a device says so of what it has not, and not of what it cannot tell at present. */
  private static boolean isLacking(int code, boolean item) {
    return item ? (code & NO_SUCH_ITEM) != 0 : code <= ILLEGAL_VALUE;
  }

  /** A longer read around what is wanted was refused: the device's map ends there. */
  private static void noteEnd(Question question, int code) {
    boolean illegal = code == ILLEGAL_ADDRESS || code == ILLEGAL_VALUE;
    if (illegal
        && question.sent() instanceof Ask.Registers(var sent)
        && question.wanted() instanceof Ask.Registers(var wanted)
        && !sent.equals(wanted)
        && sent.covers(wanted)) {
      question.station().late().endsWithin(sent, wanted);
    }
  }

  private static void refused(
      Question.BlockOf asked,
      boolean illegal,
      boolean certain,
      Reason reason,
      String what,
      long now) {
    Station station = asked.station();
    PollRun poll = asked.poll();
    Block block = asked.block();
    if (!asked.sent().equals(block.ask())) {
      if (!poll.retry()) {
        poll.refused(reason, what, List.of(), now);
      }
      return;
    }
    Planning planner = poll.task().planner();
    if (illegal && certain && planner != null) {
      station.learned(now);
      poll.refused(reason, what, planner.refuse(block, reason), now);
    } else {
      poll.refused(reason, what, List.of(), now);
    }
  }

  private Reason exception(int code) {
    Reason reason = exceptionReasons[code];
    if (reason == null) {
      reason = Reason.exception(code);
      exceptionReasons[code] = reason;
    }
    return reason;
  }

  /** What came is no answer to the question; returns whether the connection must be left. */
  boolean garbled(Question question, Flaw flaw, String what, long now) {
    Station station = question.station();
    station.countGarbled();
    logOnce(station, flaw, what);
    if (!idsTell) {
      station.late().unanswered(question.sent(), now);
    }
    keepQuiet(station, now);
    switch (question) {
      case Question.Probe probe -> roster.planProbe(station, probeCost(station, now), now);
      case Question.Discovery discovery -> {
        discovery.poll().failed(Reason.CRC, what);
        station.rediscover();
      }
      case Question.Naming naming -> naming.identity().silent(now);
      case Question.BlockOf block -> {
        Planning planner = block.poll().task().planner();
        boolean whole = block.block().values().size() > 1 && question.isUseful();
        if (flaw == Flaw.LENGTH && whole && planner != null) {
          // A meter with fewer phases has a shorter block of them.
          station.learned(now);
          block.poll().refused(Reason.CRC, what, planner.refuse(block.block(), Reason.CRC), now);
        } else {
          block.poll().garbled(what);
        }
      }
    }
    return flaw == Flaw.FRAMING;
  }

  private void logOnce(Station station, Flaw flaw, String what) {
    if (loggedFlaws.add(station.device().id() + " " + flaw)) {
      log.warn(
          "line {}, device {}: a reply was thrown away: {}",
          line.id(),
          station.device().id(),
          what);
    }
  }

  /**
   * The unit did not answer in time.
   *
   * @param received bytes of an answer that came all the same
   * @return whether the connection must be left
   */
  boolean silent(Question question, int received, long now) {
    Station station = question.station();
    timeoutsInARow++;
    if (!idsTell) {
      station.late().unanswered(question.sent(), now);
      station.leaveAloneUntil(now + quiet.unitNanos());
    }
    keepQuiet(station, now);
    String what =
        received == 0
            ? "no answer to " + question.sent() + " within " + timeoutNanos / MILLI + " ms"
            : "only " + received + " bytes of the answer to " + question.sent() + " came";
    unanswered(question, Reason.TIMEOUT, what, !idsTell, now);
    return framing != Framing.RTU
        && (renewAfterTimeout || timeoutsInARow >= TIMEOUTS_BEFORE_RENEWAL);
  }

  private void unanswered(Question question, Reason reason, String what, boolean last, long now) {
    Station station = question.station();
    station.countTimeout();
    switch (question) {
      case Question.Probe probe -> roster.planProbe(station, probeCost(station, now), now);
      case Question.Discovery discovery -> {
        discovery.poll().failed(reason, what);
        station.rediscover();
      }
      case Question.Naming naming -> {
        naming.identity().silent(now);
        if (last) {
          naming.poll().failed(reason, what);
        }
      }
      case Question.BlockOf block -> block.poll().silent(reason, what, last);
    }
  }

  /**
   * An inquiry is over. What it came to says nothing of the line's own devices, and a unit that is
   * not there is no reason to leave a connection.
   *
   * @return whether the connection must be left
   */
  boolean inquired(InquiryRun run, Outcome outcome, long now) {
    boolean serial = !idsTell;
    switch (outcome) {
      case Outcome.Registers(var words) -> {
        valid(now);
        answered(run.late(), run.sent(), false, now);
        share(run.unit(), words);
      }
      case Outcome.Item item -> valid(now);
      case Outcome.Telegrams telegrams -> valid(now);
      case Outcome.Here here -> valid(now);
      case Outcome.Refused refused -> {
        valid(now);
        answered(run.late(), run.sent(), true, now);
        if (serial) {
          run.late().refused(run.sent(), now);
        }
      }
      case Outcome.Garbled(var flaw, var what) -> {
        unusable(run, quiet.lineNanos(0), now);
        return flaw == Flaw.FRAMING;
      }
      case Outcome.Silent silent ->
          // Where nothing is polled, a reply that comes late disturbs another search alone, which
          // knows it by its unit.
          unusable(run, roster.isEmpty() ? ALONE_NANOS : quiet.lineNanos(0), now);
      case Outcome.Broken broken -> {}
      case Outcome.Pending pending -> {}
    }
    if (serial && exchange.surplus()) {
      unusable(run, quiet.lineNanos(0), now);
    }
    return false;
  }

  private void valid(long now) {
    connection.proved();
    timeoutsInARow = 0;
    quietUntilNanos = Math.max(quietUntilNanos, now + WireCost.of(line, null, 0).gapNanos());
  }

  private void unusable(InquiryRun run, long quietNanos, long now) {
    if (!idsTell) {
      run.late().unanswered(run.sent(), now);
    }
    quietUntilNanos = Math.max(quietUntilNanos, now + quietNanos);
  }

  private void keepQuiet(Station station, long now) {
    quietUntilNanos = Math.max(quietUntilNanos, now + quiet.lineNanos(station.longestReplyNanos()));
  }
}
