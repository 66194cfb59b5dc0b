package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.line.BusyShare;
import io.lingtan.agent.acquire.line.LineHealth;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ScheduleSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.acquire.share.SharedLine;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.Channel.Trouble;
import io.lingtan.agent.acquire.wire.Connection;
import io.lingtan.agent.acquire.wire.Exchange;
import io.lingtan.agent.acquire.wire.Outcome;
import io.lingtan.agent.acquire.wire.Outcome.Broken;
import io.lingtan.agent.acquire.wire.Outcome.Pending;
import io.lingtan.agent.acquire.wire.Outcome.Silent;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the devices of one line that carries bytes, Modbus units and meters with addresses, earliest
 * deadline first: one request at a time, or where transaction ids tell the answers apart as many as
 * the site file allows, each to another device. Runs on the line's own thread, or by hand on
 * virtual time: it never blocks, and {@link #due} says when it has something to do.
 *
 * <p>Where devices have another speed or character form than the last one asked, the port is
 * switched between the requests, and the line left quiet until nobody can take the first character
 * for the end of what was before.
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

  private static final long SINGLE_CLIENT_PAUSE_NANOS = 1_000 * MILLI;
  private static final long SCHEDULE_NANOS = 1_000 * MILLI;

  /** Others are told of a second master on the line at most so often. */
  private static final long STRANGER_NANOS = 3_600_000 * MILLI;

  private static final int STRANGERS_TO_TELL = 2;
  private static final int ECHOES_TO_TELL = 3;

  /** A journal that cannot be read for longer is no reason to read no meters. */
  private static final long REMEMBER_NANOS = 3_000 * MILLI;

  /** One of the requests that may be under way at the same time, and its poll. */
  private static final class Slot {
    private @Nullable PollRun run;
    private @Nullable Question question;
    private @Nullable InquiryRun inquiry;
    private byte[] sent = {};
  }

  private final Line line;
  private final Framing framing;

  /** Whether transaction ids tell a late answer from the one that is waited for. */
  private final boolean idsTell;

  private final boolean renewAfterTimeout;
  private final long timeoutNanos;
  private final Channel channel;
  private final Connection connection;

  private final Exchange exchange;
  private final Outlet outlet;
  private final LineHealth health;
  private final Inquiries inquiries;
  private final @Nullable SharedLine shared;
  private final @Nullable SharedQuestions others;
  private @Nullable Future<Map<String, String>> kept;
  private long begunNanos;
  private final Slot[] slots;
  private @Nullable Roster roster;
  private @Nullable Answers answers;
  private @Nullable BusyShare busy;

  private @Nullable CharacterFormat format;
  private @Nullable LongConsumer parked;
  private long parkedUntilNanos;
  private long busyUntilNanos;
  private long strangers;
  private boolean echoTold;
  private long strangerToldNanos = Long.MIN_VALUE;
  private @Nullable ScheduleSnapshot schedule;
  private long scheduledNanos = Long.MIN_VALUE;
  private boolean broken;
  private MonotonicInstant last = new MonotonicInstant(0);
  private MonotonicInstant due = new MonotonicInstant(0);
  private volatile LineSnapshot snapshot;

  /**
   * Opens nothing yet.
   *
   * @param line a serial, Modbus TCP or RTU-over-TCP line
   * @param outlet where samples and events go
   */
  public PolledLineStep(Line line, Outlet outlet, Channel channel) {
    this(line, outlet, channel, CompletableFuture.completedFuture(Map.of()));
  }

  /**
   * The same with a memory.
   *
   * @param kept serial numbers that an earlier run has kept, by device, as soon as the journal can
   *     tell: meters that have one are not read before, or for 3 s
   */
  public PolledLineStep(
      Line line, Outlet outlet, Channel channel, Future<Map<String, String>> kept) {
    this.line = line;
    this.kept = kept;
    this.channel = channel;
    this.timeoutNanos = line.timeout().toNanos();
    boolean echo = false;
    boolean singleClient = false;
    boolean relabels = false;
    int parallel = 1;
    switch (line) {
      case Line.Serial serial -> {
        framing = Framing.RTU;
        renewAfterTimeout = false;
        echo = serial.echo();
      }
      case Line.ModbusTcp tcp -> {
        framing = Framing.TCP;
        renewAfterTimeout = tcp.reconnectAfterTimeout();
        singleClient = tcp.singleClient();
        parallel = tcp.parallel();
        relabels = tcp.relabels();
      }
      case Line.ModbusRtuTcp tcp -> {
        framing = Framing.RTU_OVER_TCP;
        renewAfterTimeout = tcp.reconnectAfterTimeout();
        singleClient = tcp.singleClient();
      }
      default -> throw new IllegalArgumentException("line " + line.id() + " does not carry Modbus");
    }
    this.idsTell = framing.hasTransactions() && !relabels;
    this.connection =
        new Connection(
            channel,
            Math.max(2 * timeoutNanos, LEAST_OPENING_NANOS),
            singleClient ? SINGLE_CLIENT_PAUSE_NANOS : 0);
    this.exchange = new Exchange(channel, framing, echo, timeoutNanos, parallel);
    this.slots = new Slot[parallel];
    for (int i = 0; i < parallel; i++) {
      slots[i] = new Slot();
    }
    this.outlet = outlet;
    this.health = new LineHealth(line.id(), channel::where, outlet);
    this.inquiries = new Inquiries(line, framing, idsTell);
    inquiries.inbox().onOffer(channel.waiter()::wake);
    SharedLine lent = line.share() == null ? null : new SharedLine(line);
    this.shared = lent;
    this.others = lent == null ? null : new SharedQuestions(lent, inquiries);
    if (lent != null) {
      lent.questions().onOffer(channel.waiter()::wake);
    }
    this.snapshot =
        new LineSnapshot(line.id(), kind(), channel.where(), null, 0, 0, 0, 0, 0, List.of());
  }

  private String kind() {
    return switch (framing) {
      case TCP -> "modbus-tcp";
      case RTU -> "serial";
      case RTU_OVER_TCP -> "modbus-rtu-tcp";
    };
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

  @Override
  public @Nullable SharedLine shared() {
    return shared;
  }

  @Override
  public Inbox<Inquiry> inquiries() {
    return inquiries.inbox();
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
      begunNanos = now;
      answers =
          new Answers(
              line, framing, idsTell, renewAfterTimeout, connection, exchange, devices, shared);
      busy = new BusyShare(now);
      publish(now);
    }
    outlet.flush();
    remember(devices, now);
    if (others != null) {
      others.settle(devices, now);
    }
    int done = advanceConnection(now);
    if (connection.isOpen()) {
      done += advanceExchange(now);
      if (connection.isOpen()) {
        done += askAll(now);
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

  /** Takes over what the journal knows of who is where, once it can tell. */
  private void remember(Roster devices, long now) {
    Future<Map<String, String>> memory = kept;
    if (memory != null && memory.isDone()) {
      kept = null;
      if (memory.state() == Future.State.SUCCESS) {
        devices.keep(memory.resultNow(), now);
      }
    }
  }

  /** Whether to wait a little for the journal: otherwise an exchanged meter would be believed. */
  private boolean isRemembering(long now) {
    return kept != null && now - begunNanos < REMEMBER_NANOS && roster().hasSerials();
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
    format = line instanceof Line.Serial serial ? serial.format() : null;
    if (others != null) {
      others.opened(now);
    }
    if (broken) {
      broken = false;
      roster().renewIdentities();
    }
    if (health.works(now)) {
      roster().probeAllNow(now);
    }
  }

  private void wentDown(long now) {
    broken = true;
    Trouble trouble = connection.trouble();
    if (trouble != null) {
      health.fails(trouble.words(), now);
    }
  }

  /** Leaves the connection, and what may still come over it, behind. */
  private void renew(long now) {
    answers().restart();
    exchange.restart();
    connection.renew(now);
    dropQuestions();
  }

  /** What was asked over the old connection is asked again over the next one. */
  private void dropQuestions() {
    parked = null;
    for (Slot slot : slots) {
      Question dropped = slot.question;
      slot.question = null;
      if (dropped != null && slot.run == null) {
        dropped.station().asked(false);
      }
      InquiryRun inquiry = slot.inquiry;
      slot.inquiry = null;
      if (inquiry != null) {
        if (others != null && others.isUnderWay(inquiry)) {
          others.dropped();
        }
        inquiry.notAsked(
            new Sentence(
                "the connection to " + channel.where() + " was left; ask again",
                "与 " + channel.where() + " 的连接换过了：请再试一次"));
      }
    }
  }

  private void broke(Trouble trouble, long now) {
    broken = true;
    exchange.restart();
    connection.broke(trouble, now);
    if (others != null) {
      others.broke(now);
    }
    dropQuestions();
    failRuns(trouble, now);
  }

  private int failRuns(Trouble trouble, long now) {
    int failed = 0;
    for (Slot slot : slots) {
      PollRun open = slot.run;
      if (open != null) {
        open.failed(trouble.reason(), trouble.words().english());
        finish(slot, open, now);
        failed++;
      }
    }
    return failed;
  }

  /** Without a line each poll that is due fails at once and costs nothing. */
  private int failWhatIsDue(long now) {
    Trouble trouble = connection.trouble();
    if (trouble == null || connection.isOpening(now, timeoutNanos)) {
      return 0;
    }
    refuse(trouble.words());
    return failRuns(trouble, now) + roster().failDue(trouble, timeoutNanos, now);
  }

  private void refuse(Sentence why) {
    inquiries.refuse(why);
    if (others != null) {
      others.refuse(why);
    }
  }

  // Asking.

  /** Asks until every slot is taken or nothing more is to be asked; returns how many things. */
  private int askAll(long now) {
    int done = 0;
    for (int i = 0; i < slots.length && connection.isOpen(); i++) {
      int place = exchange.freeSlot();
      if (place < 0) {
        break;
      }
      int asked = ask(place, now);
      if (asked == 0) {
        break;
      }
      done += asked;
    }
    return done;
  }

  private int ask(int place, long now) {
    LongConsumer ready = parked;
    if (ready != null) {
      if (now < parkedUntilNanos) {
        return 0;
      }
      parked = null;
      ready.accept(now);
      return 1;
    }
    if (now < answers().quietUntilNanos()) {
      return 0;
    }
    if (exchange.isWithinFrame()) {
      // Cut short: the next answer, perhaps another unit's, would be lost in the rest of it.
      renew(now);
      return 1;
    }
    Slot slot = slots[place];
    PollRun open = slot.run;
    if (open == null) {
      open = choose(place, now);
      if (open == null) {
        return slot.question != null || slot.inquiry != null ? 1 : 0;
      }
      slot.run = open;
      open.task().station().asked(true);
    }
    if (!open.isOver(now) && !askFor(place, open, now)) {
      open.leaveAlone();
    }
    if (slot.run == open && open.isOver(now)) {
      finish(slot, open, now);
    }
    return 1;
  }

  /** Begins a probe or an inquiry, or returns the poll to make; null if no poll is. */
  private @Nullable PollRun choose(int place, long now) {
    Station offline = roster().probeDue(now);
    if (offline != null) {
      Ask wanted = offline.probe();
      Ask safe = distinct(offline, wanted, now);
      if (safe != null) {
        offline.asked(true);
        send(place, new Question.Probe(offline, wanted, safe), now);
        return null;
      }
      roster().planProbe(offline, timeoutNanos, now);
    }
    Task task = isRemembering(now) ? null : roster().due(now);
    if (task == null) {
      InquiryRun inquiry = inquiries.next(roster(), now);
      if (inquiry == null && others != null) {
        inquiry = others.next(roster(), connection.isProved(), now);
      }
      if (inquiry != null) {
        send(place, inquiry, now);
      }
      return null;
    }
    inquiries.hold(roster(), now);
    task.station().refresh(now);
    return new PollRun(task, task.begin());
  }

  /** Asks for the next thing that the poll needs; false if nothing can be asked now. */
  private boolean askFor(int place, PollRun poll, long now) {
    Station station = poll.task().station();
    SunSpecChain chain = station.chain();
    if (chain != null) {
      BlockRead next = chain.next();
      Ask wanted = next == null ? null : new Ask.Registers(next);
      Ask safe = wanted == null ? null : distinct(station, wanted, now);
      if (wanted == null || safe == null) {
        return false;
      }
      send(place, new Question.Discovery(station, wanted, safe, poll, chain), now);
      return true;
    }
    Identity identity = station.identity();
    if (identity.isDue(now)) {
      Ask wanted = identity.next();
      Ask safe = distinct(station, wanted, now);
      if (safe == null) {
        return false;
      }
      send(place, new Question.Naming(station, wanted, safe, poll, identity), now);
      return true;
    }
    Block block = Objects.requireNonNull(poll.next(), "a poll that is over");
    Ask safe = distinct(station, block.ask(), now);
    if (safe == null) {
      return false;
    }
    send(place, new Question.BlockOf(station, safe, poll, block), now);
    return true;
  }

  /** What to send instead, so that a late reply cannot be mistaken; null if there is nothing. */
  private @Nullable Ask distinct(Station station, Ask wanted, long now) {
    return idsTell ? wanted : station.distinct(wanted, now);
  }

  private void send(int place, Question next, long now) {
    slots[place].question = next;
    Station station = next.station();
    long until = answers().repeatableUntilNanos(station.late(), next.sent(), station.cost());
    LongConsumer begin = at -> begin(place, next, at);
    switchThen(next.station().format(), at -> beginAfter(until, begin, at), now);
  }

  private void send(int place, InquiryRun inquiry, long now) {
    slots[place].inquiry = inquiry;
    WireCost cost = WireCost.of(line, inquiry.format(), 0);
    long until = answers().repeatableUntilNanos(inquiry.late(), inquiry.sent(), cost);
    LongConsumer begin = at -> begin(place, inquiry, at);
    switchThen(inquiry.format(), at -> beginAfter(until, begin, at), now);
  }

  private void beginAfter(long untilNanos, LongConsumer begin, long now) {
    if (now >= untilNanos) {
      begin.accept(now);
    } else {
      parked = begin;
      parkedUntilNanos = untilNanos;
    }
  }

  /** Begins at once, or once the port has been switched to what the device needs. */
  private void switchThen(@Nullable CharacterFormat needed, LongConsumer begin, long now) {
    CharacterFormat present = format;
    if (needed == null || needed.equals(present)) {
      begin.accept(now);
      return;
    }
    if (!channel.format(needed)) {
      Trouble trouble = channel.trouble();
      broke(
          trouble != null
              ? trouble
              : new Trouble(
                  Reason.CONFIG,
                  new Sentence(
                      channel.where() + " cannot be switched to " + needed.baud(),
                      channel.where() + " 切换不到 " + needed.baud() + " 波特")),
          now);
      return;
    }
    format = needed;
    parked = begin;
    parkedUntilNanos = now + switchNanos(needed, present);
  }

  /** Quiet time around a switch: as long as the slower of both needs to see a frame's end. */
  public static long switchNanos(CharacterFormat needed, @Nullable CharacterFormat present) {
    long gap = WireCost.gapNanos(needed);
    return present == null ? gap : Math.max(gap, WireCost.gapNanos(present));
  }

  private void begin(int place, Question next, long now) {
    Station station = next.station();
    long wireNanos = station.cost().wireNanos(next.sent());
    exchange.begin(place, station.device().unit(), station.address(), next.sent(), wireNanos, now);
    settle(exchange.advance(now), now);
  }

  private void begin(int place, InquiryRun run, long now) {
    exchange.begin(
        place,
        run.unit(),
        run.address(),
        run.sent(),
        inquiries.wireNanos(run),
        run.inquiry().timeoutMillis() * MILLI,
        true,
        now);
    slots[place].sent = exchange.request();
    settle(exchange.advance(now), now);
  }

  // What comes back.

  private int advanceExchange(long now) {
    int done = 0;
    while (exchange.busy() && settle(exchange.advance(now), now) > 0) {
      done++;
    }
    if (exchange.busy() || !connection.isOpen()) {
      return done;
    }
    Outcome idle = exchange.idle();
    hearStrangers(now);
    return done
        + switch (idle) {
          case Pending() -> 0;
          case Silent(var bytes) -> {
            answers().stranger(now);
            yield 1;
          }
          case Broken(var trouble) -> {
            broke(trouble, now);
            yield 1;
          }
          default -> {
            renew(now);
            yield 1;
          }
        };
  }

  /** Somebody else asks the line's devices: told at the second request within the hour. */
  private void hearStrangers(long now) {
    long heard = exchange.strangers();
    if (heard == strangers) {
      return;
    }
    strangers = heard;
    boolean told = strangerToldNanos != Long.MIN_VALUE && now - strangerToldNanos < STRANGER_NANOS;
    if (heard >= STRANGERS_TO_TELL && !told) {
      strangerToldNanos = now;
      outlet.notice(
          health
              .event("line.second_master", Severity.WARNING)
              .with("requests", heard)
              .with(
                  "problem",
                  "another master asks on this line; two on one RS-485 line garble each other:"
                      + " take one of them off"),
          now);
      log.warn("line {}: another master asks on {}", line.id(), channel.where());
    }
  }

  /** The port hears itself, which is taken off, and told so that somebody sets {@code echo}. */
  private void hearEcho(long now) {
    if (!echoTold && exchange.echoes() >= ECHOES_TO_TELL) {
      echoTold = true;
      outlet.notice(
          health
              .event("line.echo", Severity.WARNING)
              .with(
                  "problem",
                  "the port hears its own requests: set echo: true, or switch the adapter's"
                      + " receiver off while it sends"),
          now);
      log.warn("line {}: {} hears its own requests; set echo: true", line.id(), channel.where());
    }
  }

  private int settle(Outcome outcome, long now) {
    if (outcome instanceof Pending) {
      return 0;
    }
    Slot slot = slots[exchange.slot()];
    hearEcho(now);
    InquiryRun inquiry = slot.inquiry;
    if (inquiry != null) {
      settle(slot, inquiry, outcome, now);
      return 1;
    }
    Question asked = slot.question;
    if (asked == null) {
      throw new IllegalStateException("an answer without a question on line " + line.id());
    }
    slot.question = null;
    if (slot.run == null) {
      asked.station().asked(false);
    }
    Objects.requireNonNull(busy).add(Math.max(busyUntilNanos, exchange.sentNanos()), now);
    busyUntilNanos = now;
    switch (outcome) {
      case Pending() -> {}
      case Outcome.Here here ->
          throw new IllegalStateException("a poll asks no meter who it is: line " + line.id());
      case Outcome.Registers(var words) -> answers().words(asked, words, now);
      case Outcome.Item(var item) -> answers().item(asked, item, now);
      case Outcome.Telegrams telegrams -> answers().telegrams(asked, telegrams, now);
      case Outcome.Refused(int code) -> answers().refused(asked, code, now);
      case Outcome.Garbled(var flaw, var what) -> {
        if (answers().garbled(asked, flaw, what, now)) {
          renew(now);
        }
      }
      case Silent(var received) -> {
        if (answers().silent(asked, received, now)) {
          renew(now);
        }
      }
      case Broken(var trouble) -> broke(trouble, now);
    }
    PollRun open = slot.run;
    if (open != null && open.isOver(now)) {
      finish(slot, open, now);
    }
    return 1;
  }

  private void settle(Slot slot, InquiryRun inquiry, Outcome outcome, long now) {
    slot.inquiry = null;
    Objects.requireNonNull(busy).add(Math.max(busyUntilNanos, exchange.sentNanos()), now);
    busyUntilNanos = now;
    // Null where nobody but us has asked.
    SharedQuestions lent = others != null && others.isUnderWay(inquiry) ? others : null;
    boolean isInstead =
        outcome instanceof Outcome.Refused && !inquiry.sent().equals(inquiry.wanted());
    if (!isInstead) {
      inquiry.answer(outcome, slot.sent, exchange.received(outcome), now - exchange.sentNanos());
    }
    boolean leave = answers().inquired(inquiry, outcome, now);
    if (outcome instanceof Broken(var trouble)) {
      broke(trouble, now);
      return;
    }
    boolean isAnswered = !(outcome instanceof Silent || outcome instanceof Outcome.Garbled);
    if (lent != null) {
      // Another master has its answer, and pays with the time that it took.
      lent.over(isAnswered, Math.max(now, answers().quietUntilNanos()));
    } else if (isAnswered && !isInstead) {
      inquiries.answered(now);
    }
    if (isInstead && lent != null) {
      lent.again(inquiry);
    } else if (isInstead) {
      inquiries.again(inquiry, now);
    } else if (leave) {
      renew(now);
    }
  }

  private void finish(Slot slot, PollRun poll, long now) {
    if (slot.run == poll) {
      slot.run = null;
    }
    poll.task().station().asked(false);
    roster().finish(poll, answers().probeCost(poll.task().station(), now), now);
  }

  // For whoever calls and looks.

  private MonotonicInstant nextDue(long now) {
    long next = Math.min(connection.dueNanos(), roster().nextOfflineRecord());
    if (!connection.isOpen()) {
      next = Math.min(next, Math.max(roster().nextRelease(), now + 10 * MILLI));
    } else {
      next = Math.min(next, exchange.dueNanos());
      if (exchange.freeSlot() >= 0) {
        next = Math.min(next, nextAsk(now));
      }
    }
    if (outlet.isWaiting()) {
      next = Math.min(next, now + 100 * MILLI);
    }
    return new MonotonicInstant(Math.max(0, next));
  }

  /** When something can be asked in a slot that is free. */
  private long nextAsk(long now) {
    if (parked != null) {
      return parkedUntilNanos;
    }
    long quietUntil = answers().quietUntilNanos();
    for (int i = 0; i < slots.length; i++) {
      if (slots[i].run != null && !exchange.isBusy(i)) {
        return quietUntil;
      }
    }
    if (isRemembering(now)) {
      return now + 20 * MILLI;
    }
    long lent = others == null ? Long.MAX_VALUE : others.dueNanos(now);
    long inquiry = Math.max(quietUntil, Math.min(inquiries.dueNanos(now), lent));
    return Math.max(Math.min(roster().nextTurn(quietUntil), inquiry), now);
  }

  private void publish(long now) {
    Trouble trouble = connection.trouble();
    if (scheduledNanos == Long.MIN_VALUE || now - scheduledNanos >= SCHEDULE_NANOS) {
      scheduledNanos = now;
      schedule = roster().schedule();
    }
    snapshot =
        new LineSnapshot(
            line.id(),
            kind(),
            channel.where(),
            trouble == null ? null : trouble.words(),
            Objects.requireNonNull(busy).percent(now),
            roster().skipped(),
            outlet.refusedSamples(),
            outlet.droppedEvents(),
            exchange.foreign(),
            strangers,
            connection.attempts(),
            connection.failures(),
            schedule,
            null,
            null,
            roster().snapshots());
  }

  /** Records what was polled since the last record and closes the channel. */
  @Override
  public void close() {
    Roster devices = roster;
    if (devices != null) {
      devices.close(last.nanos());
    }
    outlet.close();
    dropQuestions();
    refuse(new Sentence("the agent is stopping", "网关程序正在停止"));
    channel.release();
  }
}
