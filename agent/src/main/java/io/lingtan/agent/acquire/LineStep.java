package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.Channel.Trouble;
import io.lingtan.agent.acquire.Outcome.Broken;
import io.lingtan.agent.acquire.Outcome.Pending;
import io.lingtan.agent.acquire.Outcome.Replied;
import io.lingtan.agent.acquire.Outcome.Silent;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.modbus.Reply.Flaw;
import io.lingtan.agent.acquire.modbus.Reply.NeedMore;
import io.lingtan.agent.acquire.modbus.Reply.Refused;
import io.lingtan.agent.acquire.modbus.Reply.Rejected;
import io.lingtan.agent.acquire.modbus.Reply.Words;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the devices of one Modbus line, earliest deadline first, one request at a time. Runs on the
 * line's own thread, or by hand on virtual time: it never blocks, and {@link #due} says when it has
 * something to do.
 *
 * <p>After a request without a valid answer the line is left quiet for the unit's longest answer
 * time, so that a late reply falls into the silence. What comes later still is kept from being
 * taken for something else by its transaction id (TCP), or by asking that unit, which is left alone
 * for twice the timeout, for another number of words (RTU).
 */
public final class LineStep implements Step {

  private static final Logger log = LoggerFactory.getLogger(LineStep.class);

  private static final long MILLI = 1_000_000L;
  private static final long LEAST_OPENING_NANOS = 3_000 * MILLI;

  private static final int TIMEOUTS_BEFORE_RENEWAL = 3;
  private static final int ILLEGAL_ADDRESS = 2;
  private static final int ILLEGAL_VALUE = 3;
  private static final int NO_PATH = 10;
  private static final int TARGET_SILENT = 11;

  /** What the present request is for. */
  private enum Purpose {
    BLOCK,
    DISCOVERY,
    PROBE
  }

  private final Line line;
  private final Framing framing;
  private final boolean renewAfterTimeout;
  private final long timeoutNanos;
  private final Channel channel;
  private final Connection connection;
  private final Exchange exchange;
  private final Outlet outlet;
  private final Reason[] exceptionReasons = new Reason[256];
  private final Quiet quiet;
  private @Nullable Roster roster;
  private @Nullable BusyShare busy;

  private @Nullable PollRun run;
  private @Nullable Station asked;
  private Purpose purpose = Purpose.BLOCK;
  private BlockRead wanted = new BlockRead(3, 0, 1);
  private BlockRead request = new BlockRead(3, 0, 1);
  private long quietUntilNanos;
  private int timeoutsInARow;
  private boolean down;
  private long downSinceNanos;
  private MonotonicInstant last = new MonotonicInstant(0);
  private MonotonicInstant due = new MonotonicInstant(0);
  private final Set<String> loggedFlaws = new HashSet<>();
  private volatile LineSnapshot snapshot;

  /**
   * Opens nothing yet.
   *
   * @param line a serial, Modbus TCP or RTU-over-TCP line
   * @param inbox where samples and events go
   */
  public LineStep(Line line, Time time, Inbox<Arrival> inbox, Channel channel) {
    this.line = line;
    this.channel = channel;
    this.timeoutNanos = line.timeout().toNanos();
    boolean echo = false;
    switch (line) {
      case Line.Serial serial -> {
        framing = Framing.RTU;
        renewAfterTimeout = false;
        echo = serial.echo();
      }
      case Line.ModbusTcp tcp -> {
        framing = Framing.TCP;
        renewAfterTimeout = tcp.reconnectAfterTimeout();
      }
      case Line.ModbusRtuTcp tcp -> {
        framing = Framing.RTU_OVER_TCP;
        renewAfterTimeout = tcp.reconnectAfterTimeout();
      }
      default -> throw new IllegalArgumentException("line " + line.id() + " does not carry Modbus");
    }
    this.connection = new Connection(channel, Math.max(2 * timeoutNanos, LEAST_OPENING_NANOS));
    this.exchange = new Exchange(channel, framing, echo, timeoutNanos);
    this.quiet = new Quiet(framing, timeoutNanos);
    this.outlet = new Outlet(inbox, time);
    this.snapshot =
        new LineSnapshot(line.id(), kind(), channel.where(), null, 0, 0, 0, 0, List.of());
  }

  private String kind() {
    return switch (framing) {
      case TCP -> "modbus-tcp";
      case RTU -> "serial";
      case RTU_OVER_TCP -> "modbus-rtu-tcp";
    };
  }

  @Override
  public String name() {
    return "line " + line.id();
  }

  @Override
  public Waiter waiter() {
    return channel.waiter();
  }

  @Override
  public MonotonicInstant due() {
    return due.min(channel.arrival());
  }

  /** The line and its devices as they are now. Any thread. */
  public LineSnapshot snapshot() {
    return snapshot;
  }

  /** Runs on the line's thread. Returns how many things happened, 0 when idle. */
  @Override
  public int step(MonotonicInstant instant) {
    last = instant;
    long now = instant.nanos();
    Roster devices = roster;
    if (devices == null) {
      devices = new Roster(line, outlet, now);
      roster = devices;
      busy = new BusyShare(now);
      publish(now);
    }
    outlet.flush();
    int done = advanceConnection(now);
    if (connection.isOpen()) {
      done += advanceExchange(now);
      if (connection.isOpen() && !exchange.busy()) {
        done += ask(now);
      }
    }
    if (!connection.isOpen()) {
      done += failWhatIsDue(now);
    }
    done += devices.recordOffline(now);
    if (done > 0) {
      publish(now);
    }
    due = nextDue(now);
    return done;
  }

  private Roster roster() {
    return Objects.requireNonNull(roster, "not begun");
  }

  // The connection.

  private int advanceConnection(long now) {
    boolean wasOpen = connection.isOpen();
    if (!connection.step(now)) {
      return 0;
    }
    if (connection.isOpen() && !wasOpen) {
      opened(now);
    } else {
      wentDown(now);
    }
    return 1;
  }

  private void opened(long now) {
    exchange.restart();
    timeoutsInARow = 0;
    if (down) {
      down = false;
      outlet.notice(
          lineEvent("line.up", Severity.INFO)
              .with("down_s", (now - downSinceNanos) / 1_000_000_000L),
          now);
      log.info("line {} works again: {}", line.id(), channel.where());
      roster().probeAllNow(now);
    }
  }

  private void wentDown(long now) {
    Trouble trouble = connection.trouble();
    if (!down && trouble != null) {
      down = true;
      downSinceNanos = now;
      outlet.notice(lineEvent("line.down", Severity.ALARM).with("problem", trouble.words()), now);
      log.warn("line {}: {}", line.id(), trouble.words());
    }
  }

  private Event lineEvent(String name, Severity severity) {
    return Event.of(name, severity).with("line", line.id()).with("where", channel.where());
  }

  /** Leaves the connection, and what may still come over it, behind. */
  private void renew(long now) {
    timeoutsInARow = 0;
    exchange.restart();
    connection.renew(now);
  }

  private void broke(Trouble trouble, long now) {
    exchange.restart();
    connection.broke(trouble, now);
    PollRun open = run;
    if (open != null) {
      open.failed(trouble.reason(), trouble.words());
      finish(open, now);
    }
    asked = null;
  }

  /** Without a line each poll that is due fails at once and costs nothing. */
  private int failWhatIsDue(long now) {
    Trouble trouble = connection.trouble();
    if (trouble == null || connection.isOpening(now, timeoutNanos)) {
      return 0;
    }
    int failed = 0;
    PollRun open = run;
    if (open != null) {
      open.failed(trouble.reason(), trouble.words());
      finish(open, now);
      failed++;
    }
    return failed + roster().failDue(trouble, timeoutNanos, now);
  }

  // Asking.

  private int ask(long now) {
    if (now < quietUntilNanos) {
      return 0;
    }
    PollRun open = run;
    if (open == null) {
      open = choose(now);
      if (open == null) {
        return exchange.busy() ? 1 : 0;
      }
      run = open;
    }
    Station station = open.task().station();
    SunSpecChain chain = station.chain();
    BlockRead wanted = null;
    if (chain != null) {
      wanted = chain.next();
      purpose = Purpose.DISCOVERY;
    } else {
      Block block = open.next();
      if (block != null) {
        wanted = block.read();
        purpose = Purpose.BLOCK;
      }
    }
    if (wanted != null && !send(station, wanted, now)) {
      open.failed(Reason.TIMEOUT, "left alone until no late reply can be mistaken any more");
    }
    if (run == open && chain == null && open.next() == null) {
      finish(open, now);
    }
    return 1;
  }

  /** Begins a probe, or returns the poll to make; null if nothing is due. */
  private @Nullable PollRun choose(long now) {
    Station offline = roster().probeDue(now);
    if (offline != null) {
      purpose = Purpose.PROBE;
      if (send(offline, offline.probe(), now)) {
        return null;
      }
      roster().planProbe(offline, timeoutNanos, now);
    }
    Task task = roster().due(now);
    if (task == null) {
      return null;
    }
    task.station().refresh(now);
    return new PollRun(task, task.begin());
  }

  /** Returns false if nothing can be asked now that a late reply could not be mistaken for. */
  private boolean send(Station station, BlockRead wanted, long now) {
    BlockRead safe = wanted;
    if (!framing.hasTransactions()) {
      BlockRead distinct =
          station.late().distinct(wanted, station.device().profile().maxWords(), now);
      if (distinct == null) {
        station.leaveAloneUntil(station.late().freeAtNanos());
        return false;
      }
      safe = distinct;
    }
    asked = station;
    this.wanted = wanted;
    request = safe;
    exchange.begin(station.device().unit(), safe, station.cost().wireNanos(safe), now);
    settle(exchange.advance(now), now);
    return true;
  }

  // What comes back.

  private int advanceExchange(long now) {
    if (exchange.busy()) {
      return settle(exchange.advance(now), now);
    }
    return switch (exchange.idle()) {
      case Pending() -> 0;
      case Silent(var bytes) -> {
        // Somebody talks: wait for the end of it before talking oneself.
        quietUntilNanos = Math.max(quietUntilNanos, now + quiet.strangerNanos());
        yield 1;
      }
      case Replied(var reply) -> {
        renew(now);
        yield 1;
      }
      case Broken(var trouble) -> {
        broke(trouble, now);
        yield 1;
      }
    };
  }

  private int settle(Outcome outcome, long now) {
    if (outcome instanceof Pending) {
      return 0;
    }
    Station station = asked;
    if (station == null) {
      throw new IllegalStateException("an answer without a question on line " + line.id());
    }
    Objects.requireNonNull(busy).add(exchange.sentNanos(), now);
    switch (outcome) {
      case Pending() -> {}
      case Replied(Words words) -> words(station, words, now);
      case Replied(Refused(var code)) -> refused(station, code, now);
      case Replied(Rejected(var flaw, var what)) -> garbled(station, flaw, what, now);
      case Replied(NeedMore()) -> {}
      case Silent(var received) -> silent(station, received, now);
      case Broken(var trouble) -> broke(trouble, now);
    }
    PollRun open = run;
    if (open != null && open.task().station().chain() == null && open.next() == null) {
      finish(open, now);
    }
    return 1;
  }

  /** Something valid came from the unit. */
  private void heard(Station station, long now) {
    connection.proved();
    timeoutsInARow = 0;
    quietUntilNanos = now + station.cost().gapNanos();
    PollRun open = run;
    if (open != null) {
      open.hear();
    }
    roster().heard(station, now);
  }

  private void words(Station station, Words words, long now) {
    heard(station, now);
    station.replied(now - exchange.sentNanos(), station.cost().wireNanos(request));
    if (!framing.hasTransactions()) {
      if (!words.read().covers(wanted)) {
        station.late().settled();
      }
      if (exchange.surplus()) {
        // Two answers to one question, or noise: what else is under way must not look like the
        // next.
        station.late().unanswered(request, now);
        keepQuiet(station, now);
      }
    }
    PollRun open = run;
    SunSpecChain chain = station.chain();
    if (purpose == Purpose.PROBE || open == null) {
      return;
    }
    if (purpose == Purpose.DISCOVERY && chain != null) {
      if (words.read().covers(wanted)) {
        chain.read(words);
        discovered(station, open, chain, now);
      }
      return;
    }
    Block block = open.next();
    if (block != null && words.read().covers(block.read())) {
      open.answered(words, now);
    }
  }

  private void discovered(Station station, PollRun open, SunSpecChain chain, long now) {
    if (chain.next() != null) {
      return;
    }
    if (station.adopt(chain)) {
      open.load();
      return;
    }
    open.failed(
        Reason.CONFIG,
        chain.isFound()
            ? "SunSpec models " + chain.models().keySet() + ", none of which the profile knows"
            : "no SunSpec map at 40000, 50000 or 0; is SunSpec switched on, and is unit "
                + station.device().unit()
                + " right?");
    finish(open, now);
  }

  private void refused(Station station, int code, long now) {
    station.countException();
    boolean certain = framing.hasTransactions() || station.late().isEmpty(now);
    if (!framing.hasTransactions()) {
      station.late().refused(request, now);
    }
    String what = "exception " + code + " to " + request;
    Reason reason = exception(code);
    PollRun open = run;
    if (code == NO_PATH || code == TARGET_SILENT) {
      // A gateway speaks for a unit that does not.
      connection.proved();
      timeoutsInARow = 0;
      unanswered(station, reason, what + " from the gateway", true, now);
      return;
    }
    heard(station, now);
    SunSpecChain chain = station.chain();
    if (purpose == Purpose.PROBE || open == null) {
      return;
    }
    if (purpose == Purpose.DISCOVERY && chain != null) {
      if (certain) {
        chain.refused();
        discovered(station, open, chain, now);
      } else if (!open.retry()) {
        open.failed(reason, what);
        station.rediscover();
        finish(open, now);
      }
      return;
    }
    Block block = open.next();
    if (block == null) {
      return;
    }
    boolean illegal = code == ILLEGAL_ADDRESS || code == ILLEGAL_VALUE;
    if (!request.equals(block.read())) {
      if (illegal && request.covers(block.read())) {
        station.late().endsWithin(request, block.read());
      }
      if (!open.retry()) {
        open.refused(reason, what, List.of(), now);
      }
      return;
    }
    Planner planner = open.task().planner();
    if (illegal && certain && planner != null) {
      station.learned(now);
      open.refused(reason, what, planner.refuse(block, reason), now);
    } else {
      open.refused(reason, what, List.of(), now);
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

  private void garbled(Station station, Flaw flaw, String what, long now) {
    station.countGarbled();
    logOnce(station, flaw, what);
    if (!framing.hasTransactions()) {
      station.late().unanswered(request, now);
    }
    keepQuiet(station, now);
    PollRun open = run;
    if (purpose == Purpose.PROBE) {
      roster().planProbe(station, probeCost(station, now), now);
    } else if (open != null) {
      if (purpose == Purpose.DISCOVERY) {
        open.failed(Reason.CRC, what);
        station.rediscover();
        finish(open, now);
      } else {
        open.garbled(what);
      }
    }
    if (flaw == Flaw.FRAMING) {
      renew(now);
    }
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

  private void silent(Station station, int received, long now) {
    timeoutsInARow++;
    if (!framing.hasTransactions()) {
      station.late().unanswered(request, now);
      station.leaveAloneUntil(now + quiet.unitNanos());
    }
    keepQuiet(station, now);
    String what =
        received == 0
            ? "no answer to " + request + " within " + timeoutNanos / MILLI + " ms"
            : "only " + received + " bytes of the answer to " + request + " came";
    unanswered(station, Reason.TIMEOUT, what, !framing.hasTransactions(), now);
    if (framing != Framing.RTU
        && (renewAfterTimeout || timeoutsInARow >= TIMEOUTS_BEFORE_RENEWAL)) {
      renew(now);
    }
  }

  private void unanswered(Station station, Reason reason, String what, boolean last, long now) {
    station.countTimeout();
    PollRun open = run;
    if (purpose == Purpose.PROBE) {
      roster().planProbe(station, probeCost(station, now), now);
    } else if (open != null) {
      if (purpose == Purpose.DISCOVERY) {
        open.failed(reason, what);
        station.rediscover();
        finish(open, now);
      } else {
        open.silent(reason, what, last);
      }
    }
  }

  private void keepQuiet(Station station, long now) {
    quietUntilNanos = Math.max(quietUntilNanos, now + quiet.lineNanos(station.longestReplyNanos()));
  }

  /** Line time that asking this unit in vain takes: as long as it just took, and the silence. */
  private long probeCost(Station station, long now) {
    return Math.clamp(now - exchange.sentNanos(), 0, 2 * timeoutNanos)
        + quiet.lineNanos(station.longestReplyNanos());
  }

  private void finish(PollRun poll, long now) {
    if (run == poll) {
      run = null;
    }
    roster().finish(poll, probeCost(poll.task().station(), now), now);
  }

  // For whoever calls and looks.

  private MonotonicInstant nextDue(long now) {
    long next = connection.dueNanos();
    if (exchange.busy()) {
      next = Math.min(next, exchange.dueNanos());
    } else if (run != null && connection.isOpen()) {
      next = Math.min(next, quietUntilNanos);
    }
    if (!connection.isOpen()) {
      next = Math.min(next, Math.max(roster().nextRelease(), now + 10 * MILLI));
    } else if (!exchange.busy() && run == null) {
      next = Math.min(next, Math.max(roster().nextTurn(quietUntilNanos), now));
    }
    next = Math.min(next, roster().nextOfflineRecord());
    if (outlet.isWaiting()) {
      next = Math.min(next, now + 100 * MILLI);
    }
    return new MonotonicInstant(Math.max(0, next));
  }

  private void publish(long now) {
    Trouble trouble = connection.trouble();
    snapshot =
        new LineSnapshot(
            line.id(),
            kind(),
            channel.where(),
            trouble == null ? null : trouble.words(),
            Objects.requireNonNull(busy).percent(now),
            roster().skipped(),
            outlet.refusedSamples(),
            exchange.foreign(),
            roster().snapshots());
  }

  /** Records what was polled since the last record and closes the channel. */
  @Override
  public void close() {
    Roster devices = roster;
    if (devices != null) {
      devices.close(last.nanos());
    }
    channel.release();
  }
}
