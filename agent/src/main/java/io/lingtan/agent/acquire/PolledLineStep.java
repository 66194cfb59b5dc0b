package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.Channel.Trouble;
import io.lingtan.agent.acquire.Outcome.Broken;
import io.lingtan.agent.acquire.Outcome.Pending;
import io.lingtan.agent.acquire.Outcome.Replied;
import io.lingtan.agent.acquire.Outcome.Silent;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
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
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the devices of one line that carries bytes, earliest deadline first, one request at a time.
 * Runs on the line's own thread, or by hand on virtual time: it never blocks, and {@link #due} says
 * when it has something to do.
 *
 * <p>After a request without a valid answer the line is left quiet for the unit's longest answer
 * time, so that a late reply falls into the silence. What comes later still is kept from being
 * taken for something else by its transaction id (TCP), or by asking that unit, which is left alone
 * for twice the timeout, for another number of words (RTU).
 */
public final class PolledLineStep implements LineStep {

  private static final Logger log = LoggerFactory.getLogger(PolledLineStep.class);

  private static final long MILLI = 1_000_000L;
  private static final long LEAST_OPENING_NANOS = 3_000 * MILLI;

  private final Line line;
  private final Framing framing;
  private final boolean renewAfterTimeout;
  private final long timeoutNanos;
  private final Channel channel;
  private final Connection connection;
  private final Exchange exchange;
  private final Outlet outlet;
  private @Nullable Roster roster;
  private @Nullable Answers answers;
  private @Nullable BusyShare busy;

  private @Nullable PollRun run;
  private @Nullable Question question;
  private boolean down;
  private long downSinceNanos;
  private MonotonicInstant last = new MonotonicInstant(0);
  private MonotonicInstant due = new MonotonicInstant(0);
  private volatile LineSnapshot snapshot;

  /**
   * Opens nothing yet.
   *
   * @param line a serial, Modbus TCP or RTU-over-TCP line
   * @param inbox where samples and events go
   */
  public PolledLineStep(Line line, Time time, Inbox<Arrival> inbox, Channel channel) {
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

  @Override
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
      answers = new Answers(line, framing, renewAfterTimeout, connection, exchange, devices);
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

  private Answers answers() {
    return Objects.requireNonNull(answers, "not begun");
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
    answers().restart();
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
    answers().restart();
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
    question = null;
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
    if (now < answers().quietUntilNanos()) {
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
    if (!open.isOver() && !askFor(open, now)) {
      open.failed(Reason.TIMEOUT, "left alone until no late reply can be mistaken any more");
    }
    if (run == open && open.isOver()) {
      finish(open, now);
    }
    return 1;
  }

  /** Begins a probe, or returns the poll to make; null if nothing is due. */
  private @Nullable PollRun choose(long now) {
    Station offline = roster().probeDue(now);
    if (offline != null) {
      BlockRead wanted = offline.probe();
      BlockRead safe = distinct(offline, wanted, now);
      if (safe != null) {
        send(new Question.Probe(offline, wanted, safe), now);
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

  /** Asks for the next thing that the poll needs; false if nothing can be asked now. */
  private boolean askFor(PollRun poll, long now) {
    Station station = poll.task().station();
    SunSpecChain chain = station.chain();
    if (chain != null) {
      BlockRead wanted = chain.next();
      BlockRead safe = wanted == null ? null : distinct(station, wanted, now);
      if (wanted == null || safe == null) {
        return false;
      }
      send(new Question.Discovery(station, wanted, safe, poll, chain), now);
      return true;
    }
    Block block = Objects.requireNonNull(poll.next(), "a poll that is over");
    BlockRead safe = distinct(station, block.read(), now);
    if (safe == null) {
      return false;
    }
    send(new Question.BlockOf(station, safe, poll, block), now);
    return true;
  }

  /** What to send instead, so that a late reply cannot be mistaken; null if there is nothing. */
  private @Nullable BlockRead distinct(Station station, BlockRead wanted, long now) {
    if (framing.hasTransactions()) {
      return wanted;
    }
    BlockRead distinct =
        station.late().distinct(wanted, station.device().profile().maxWords(), now);
    if (distinct == null) {
      station.leaveAloneUntil(station.late().freeAtNanos());
    }
    return distinct;
  }

  private void send(Question next, long now) {
    question = next;
    Station station = next.station();
    long wireNanos = station.cost().wireNanos(next.sent());
    exchange.begin(station.device().unit(), next.sent(), wireNanos, now);
    settle(exchange.advance(now), now);
  }

  // What comes back.

  private int advanceExchange(long now) {
    if (exchange.busy()) {
      return settle(exchange.advance(now), now);
    }
    return switch (exchange.idle()) {
      case Pending() -> 0;
      case Silent(var bytes) -> {
        answers().stranger(now);
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
    Question asked = question;
    if (asked == null) {
      throw new IllegalStateException("an answer without a question on line " + line.id());
    }
    Objects.requireNonNull(busy).add(exchange.sentNanos(), now);
    switch (outcome) {
      case Pending() -> {}
      case Replied(Words words) -> answers().words(asked, words, now);
      case Replied(Refused refused) -> answers().refused(asked, refused, now);
      case Replied(Rejected rejected) -> {
        if (answers().garbled(asked, rejected, now)) {
          renew(now);
        }
      }
      case Replied(NeedMore()) -> {}
      case Silent(var received) -> {
        if (answers().silent(asked, received, now)) {
          renew(now);
        }
      }
      case Broken(var trouble) -> broke(trouble, now);
    }
    PollRun open = run;
    if (open != null && open.isOver()) {
      finish(open, now);
    }
    return 1;
  }

  private void finish(PollRun poll, long now) {
    if (run == poll) {
      run = null;
    }
    roster().finish(poll, answers().probeCost(poll.task().station(), now), now);
  }

  // For whoever calls and looks.

  private MonotonicInstant nextDue(long now) {
    long next = connection.dueNanos();
    if (exchange.busy()) {
      next = Math.min(next, exchange.dueNanos());
    } else if (run != null && connection.isOpen()) {
      next = Math.min(next, answers().quietUntilNanos());
    }
    if (!connection.isOpen()) {
      next = Math.min(next, Math.max(roster().nextRelease(), now + 10 * MILLI));
    } else if (!exchange.busy() && run == null) {
      next = Math.min(next, Math.max(roster().nextTurn(answers().quietUntilNanos()), now));
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
