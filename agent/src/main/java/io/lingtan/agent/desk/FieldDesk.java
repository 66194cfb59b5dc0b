package io.lingtan.agent.desk;

import io.lingtan.agent.acquire.Lineup;
import io.lingtan.agent.acquire.hand.DeviceReport;
import io.lingtan.agent.acquire.hand.DisplayCheck;
import io.lingtan.agent.acquire.hand.InboxAccess;
import io.lingtan.agent.acquire.hand.LastPolls;
import io.lingtan.agent.acquire.hand.LineAccess;
import io.lingtan.agent.acquire.wire.FramesSnapshot;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Settings;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.status.Actions;
import io.lingtan.agent.status.Why;
import io.lingtan.agent.status.event.Lifecycle;
import io.lingtan.agent.status.event.Lifecycle.Standing;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does what people ask of the lines, in the thread that asks and one at a time: the lines' steps
 * only answer single questions. Everything that is begun is an event.
 */
public final class FieldDesk implements Actions {

  /** Nobody types so fast: a program that does is in a loop. */
  private static final int MOST_IN_A_MINUTE = 30;

  private static final long MINUTE_MILLIS = 60_000;

  /** No phone has another time than these: 2025-01-01 and 2100-01-01 UTC. */
  private static final long EARLIEST_MILLIS = 1_735_689_600_000L;

  private static final long LATEST_MILLIS = 4_102_444_800_000L;

  /** A clock that went on by itself meanwhile is off by less. */
  private static final Duration DAY = Duration.ofDays(1);

  /** Nobody sets up a gateway whose software is older, or that was off for longer. */
  private static final Duration LONGEST_IN_STORE = Duration.ofDays(3 * 365);

  private final Supplier<Lineup> lineup;
  private final Time time;
  private final Inbox<Arrival> arrivals;
  private final BiFunction<String, Long, @Nullable Standing> events;
  private final Runnable retry;
  private final Function<String, @Nullable FramesSnapshot> frames;
  private final @Nullable SiteDesk siteDesk;
  private final @Nullable FeedDesk feedDesk;
  private final Supplier<Instant> past;
  private @Nullable Profiles profiles;
  private final AtomicReference<@Nullable Running> running = new AtomicReference<>();
  private final AtomicInteger lately = new AtomicInteger();
  private final AtomicReference<MonotonicInstant> minute;

  /** It shows once it is kept. */
  private static final Done NOTED = new Done(202, "{\"noted\":true}");

  private static final class Running {
    private final Action what;
    private final String line;
    private final MonotonicInstant since;
    private @Nullable InboxAccess asking;
    private boolean abandoned;

    /** When it is over, as far as is known. */
    private volatile @Nullable MonotonicInstant end;

    Running(Action what, String line, MonotonicInstant since) {
      this.what = what;
      this.line = line;
      this.since = since;
    }

    /** What it asks by from now on. */
    synchronized InboxAccess by(InboxAccess next) {
      asking = next;
      if (abandoned) {
        next.end();
      }
      return next;
    }

    /** Nothing that it asks is answered any more. */
    synchronized void abandon() {
      abandoned = true;
      if (asking != null) {
        asking.end();
      }
    }
  }

  /**
   * @param lineup the site and its lines as they are when something is asked
   * @param arrivals where events go
   * @param events finds one that is kept by its epoch and seq
   * @param retry has the publisher try what the broker refuses
   * @param frames what a line of that id has seen; null if it carries no bytes
   * @param siteDesk changes the site file; null where nobody can
   * @param feedDesk takes what people tell; null where nobody can
   * @param past what is past by all that is known beside the clock
   */
  public FieldDesk(
      Supplier<Lineup> lineup,
      Time time,
      Inbox<Arrival> arrivals,
      BiFunction<String, Long, @Nullable Standing> events,
      Runnable retry,
      Function<String, @Nullable FramesSnapshot> frames,
      @Nullable SiteDesk siteDesk,
      @Nullable FeedDesk feedDesk,
      Supplier<Instant> past) {
    this.siteDesk = siteDesk;
    this.feedDesk = feedDesk;
    this.past = past;
    this.lineup = lineup;
    this.time = time;
    this.arrivals = arrivals;
    this.events = events;
    this.retry = retry;
    this.frames = frames;
    this.minute = new AtomicReference<>(time.now());
  }

  @Override
  public Result act(Action action, Map<String, String> wanted, Supplier<Consumer<String>> lines)
      throws InterruptedException {
    if (count()) {
      return new Refused(Why.MANY, "more than " + MOST_IN_A_MINUTE + " in a minute: wait a minute");
    }
    return switch (action) {
      case SCAN, READ, CHECK -> ask(action, wanted, lines);
      case ACKNOWLEDGE -> acknowledge(wanted);
      case PORTS -> SiteDesk.ports();
      case CLOCK -> setClock(wanted);
      case PROPOSE -> siteDesk == null ? notHere() : siteDesk.propose(wanted);
      case APPLY -> siteDesk == null ? notHere() : siteDesk.apply(wanted);
      case SETTINGS -> new Done(200, SettingsJson.of(lineup.get().site()));
      case KEEP -> siteDesk == null ? notHere() : siteDesk.keep(wanted);
      case PREVIEW ->
          siteDesk == null ? notHere() : preview(siteDesk.proposed(wanted.getOrDefault("id", "")));
      case FEED -> feedDesk == null ? notHere() : feedDesk.propose(wanted);
      case FEED_APPLY -> feedDesk == null ? notHere() : feedDesk.apply(wanted);
      case RETRY -> {
        retry.run();
        yield new Done(202, "{}");
      }
      case RECORD -> notHere();
    };
  }

  private static Refused notHere() {
    return new Refused(Why.NOT_HERE, "this agent does not do that");
  }

  private Result acknowledge(Map<String, String> wanted) {
    String epoch = wanted.getOrDefault("epoch", "");
    String seq = wanted.getOrDefault("seq", "");
    if (!seq.matches("\\d{1,13}") || epoch.isEmpty()) {
      String text = "say which event: its epoch and seq, as /api/events has them";
      return new Refused(Why.NOT_UNDERSTOOD, text, Map.of("why", text));
    }
    Standing standing = events.apply(epoch, Long.parseLong(seq));
    if (standing == null) {
      return new Refused(
          Why.NO_EVENT, "there is no such event among the newest; load the list again");
    }
    if (standing.acknowledgedMillis() != 0) {
      return NOTED;
    }
    Event noted =
        Event.of(Lifecycle.ACKNOWLEDGED, Severity.INFO)
            .with("epoch", epoch)
            .with("seq", standing.event().seq())
            .with("event", standing.event().event().name());
    return arrivals.offer(new Arrival.Noticed(noted, time.boot(), time.now().nanos()))
        ? NOTED
        : new Refused(Why.QUEUE_FULL, "the queue to the journal is full: try again in a minute");
  }

  /** Reads what would be another, as it would be decoded, and shows what would be sent of it. */
  private Result preview(@Nullable Site next) {
    if (next == null) {
      return SiteDesk.otherProposal();
    }
    Running now = new Running(Action.PREVIEW, "of the change", time.now());
    Running other = running.compareAndExchange(null, now);
    if (other != null) {
      return busyWith(other);
    }
    try {
      Lineup present = lineup.get();
      ChangePreview.Reading reading = (line, device) -> read(now, present, line, device);
      return new Done(200, new ChangePreview(present.site(), next, time).json(reading));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Refused(Why.STOPPING, "the agent is being stopped");
    } finally {
      running.set(null);
    }
  }

  private @Nullable DeviceReport read(Running now, Lineup present, Line line, Device device)
      throws InterruptedException {
    int place = place(present.site(), Map.of("line", line.id()));
    Inbox<Inquiry> inquiries = place < 0 ? null : present.steps().get(place).inquiries();
    if (inquiries == null) {
      return null;
    }
    notice(Action.PREVIEW, line);
    int timeout = Math.clamp(line.timeout().toMillis(), 10, 10_000);
    return DeviceReport.read(line, device, now.by(LineAccess.pressing(inquiries)), timeout, null);
  }

  private Result setClock(Map<String, String> wanted) {
    String text = wanted.getOrDefault("now", "");
    long now = text.matches("[0-9]{12,14}") ? Long.parseLong(text) : 0;
    if (now < EARLIEST_MILLIS || now > LATEST_MILLIS) {
      return new Refused(
          Why.CLOCK_FORM,
          "now is the phone's time in ms UTC, 2025 to 2099, was '" + text + "': set it first");
    }
    Instant known = past.get();
    boolean isDoubtful =
        now < known.minus(DAY).toEpochMilli()
            || (known.isAfter(Instant.EPOCH) && now > known.plus(LONGEST_IN_STORE).toEpochMilli());
    if (isDoubtful && !wanted.getOrDefault("sure", "").equals("true")) {
      return new Refused(
          Why.CLOCK_DOUBTFUL,
          "the phone says "
              + Instant.ofEpochMilli(now)
              + ", and readings or this software are of "
              + known
              + ": look at the phone, and say \"sure\": \"true\" if it is right",
          Map.of("known", known.toString()));
    }
    long by = now - time.wall().millisAt(time.now());
    return switch (time.tell(now)) {
      case NOT_TRUSTED ->
          new Refused(
              Why.CLOCK_NOT_TRUSTED,
              "the site file does not trust a phone: clock: {trust: [ntp, phone]}");
      case NOT_NEEDED ->
          new Refused(
              Why.CLOCK_NOT_NEEDED, "the clock is right already: the network vouches for it");
      case TAKEN -> {
        put(Event.of("clock.set", Severity.WARNING).with("source", "phone").with("by_ms", by));
        yield new Done(200, "{\"by_ms\":" + by + "}");
      }
    };
  }

  private Result ask(Action action, Map<String, String> wanted, Supplier<Consumer<String>> answer)
      throws InterruptedException {
    Lineup present = lineup.get();
    int place = place(present.site(), wanted);
    if (place < 0) {
      String names = names(present.site());
      return new Refused(
          Why.NO_LINE,
          "the site has no such line or device; it has lines " + names,
          Map.of("names", names));
    }
    Line line = present.line(place);
    Inbox<Inquiry> inquiries = present.steps().get(place).inquiries();
    if (inquiries == null) {
      return new Refused(
          Why.NOT_POLLED,
          "line "
              + line.id()
              + " cannot be asked by hand: nothing is polled there. Its last values are on the"
              + " status page",
          Map.of("line", line.id()));
    }
    FieldWork.Task task;
    Running now = new Running(action, line.id(), time.now());
    try {
      // A scan is hundreds of questions, most of them in vain: it takes what the polls leave.
      InboxAccess asking =
          action == Action.SCAN ? LineAccess.through(inquiries) : LineAccess.pressing(inquiries);
      FieldWork work =
          new FieldWork(line, now.by(asking), Catalogue.profiles(present.site().profiles()), time);
      task =
          switch (action) {
            case SCAN -> work.scan(wanted, left -> now.end = ahead(left));
            case CHECK -> work.check(wanted, (device, check) -> checked(line, device, check));
            default -> work.read(wanted);
          };
    } catch (IllegalArgumentException e) {
      return Misunderstood.refusal(e, Why.NOT_UNDERSTOOD);
    }
    Running other = running.compareAndExchange(null, now);
    if (other != null) {
      return busyWith(other);
    }
    try {
      if (!lineup.get().equals(present)) {
        return new Refused(Why.CHANGE_UNDER_WAY, "a change is being made: wait until it is over");
      }
      notice(action, line);
      task.run(answer.get());
      return new Streamed();
    } finally {
      running.set(null);
    }
  }

  /**
   * Lines have ended that somebody may be asking: nobody answers there any more. To be said before
   * and after the lineup is another.
   *
   * @param lines their ids
   */
  public void abandon(Set<String> lines) {
    Running one = running.get();
    if (one != null && (one.what == Action.PREVIEW || lines.contains(one.line))) {
      one.abandon();
    }
  }

  private Refused busyWith(Running other) {
    long seconds = time.now().millisSince(other.since) / 1000;
    return new Refused(
        Why.BUSY,
        "a %s of line %s has been running for %d s: wait for its end"
            .formatted(other.what.word(), other.line, seconds),
        Map.of("line", other.line, "seconds", Long.toString(seconds)));
  }

  private @Nullable MonotonicInstant ahead(long leftMillis) {
    return leftMillis < 0 ? null : time.now().plusMillis(leftMillis);
  }

  /** One at a time: the frames of a busy line are megabytes. */
  @Override
  public synchronized @Nullable String polled(String device) {
    Site site = lineup.get().site();
    for (Line line : site.lines()) {
      for (Device each : line.devices()) {
        FramesSnapshot seen = each.id().equals(device) ? frames.apply(line.id()) : null;
        if (seen != null) {
          return FieldJson.of(LastPolls.of(line, each, seen, time.now().nanos()));
        }
      }
    }
    return null;
  }

  /** Made once for each site file: it takes a hundred files. */
  @Override
  public synchronized String profiles() {
    Path own = lineup.get().site().profiles();
    Profiles known = profiles;
    if (known == null || !Objects.equals(own, known.own)) {
      known =
          new Profiles(own, FieldJson.profiles(FieldWork.all(Catalogue.profiles(own)).values()));
      profiles = known;
    }
    return known.json;
  }

  /** Those of a folder of the operator's, and the built-in ones. */
  private record Profiles(@Nullable Path own, String json) {}

  @Override
  public @Nullable String entrance(Action action, Map<String, String> wanted) {
    return siteDesk == null ? null : siteDesk.entrance(action, wanted);
  }

  @Override
  public @Nullable Change change() {
    return siteDesk == null ? null : siteDesk.change();
  }

  @Override
  public @Nullable Busy busy() {
    Running one = running.get();
    if (one == null) {
      return null;
    }
    MonotonicInstant now = time.now();
    MonotonicInstant end = one.end;
    return new Busy(
        one.what,
        one.line,
        now.millisSince(one.since),
        end == null ? -1 : Math.max(0, end.millisSince(now)));
  }

  /** Whether there were too many lately. */
  private boolean count() {
    MonotonicInstant now = time.now();
    MonotonicInstant since = minute.get();
    if (now.millisSince(since) >= MINUTE_MILLIS && minute.compareAndSet(since, now)) {
      lately.set(0);
    }
    return lately.incrementAndGet() > MOST_IN_A_MINUTE;
  }

  /** Which line is meant, by its id or by a device on it; -1 if none is. */
  private static int place(Site site, Map<String, String> wanted) {
    String id = wanted.get("line");
    String device = wanted.get("device");
    for (int i = 0; i < site.lines().size(); i++) {
      Line line = site.lines().get(i);
      boolean meant =
          id != null
              ? line.id().equals(id)
              : line.devices().stream().anyMatch(each -> each.id().equals(device));
      if (meant) {
        return i;
      }
    }
    return -1;
  }

  private static String names(Site site) {
    return String.join(" ", site.lines().stream().map(Line::id).toList());
  }

  private void notice(Action action, Line line) {
    put(
        Event.of(action == Action.SCAN ? "command.scan" : "command.read", Severity.INFO)
            .with("line", line.id()));
  }

  /** A value was compared with the display: what an acceptance record says of a meter. */
  private void checked(Line line, Device device, DisplayCheck check) {
    Event event =
        Event.of("command.checked", check.isGood() ? Severity.INFO : Severity.WARNING, device.id())
            .with("point", check.point().name())
            .with("kind", check.point().kind())
            .with("read", Micros.text(check.readMicros()))
            .with("shown", Micros.text(check.shownMicros()))
            .with("factor", String.format(Locale.ROOT, "%.4g", check.factor()))
            .with("settings", Settings.hash(line, device));
    put(
        check.is(DisplayCheck.Kind.SECONDARY)
            ? event.with("secondary", check.causes().getFirst().value())
            : event);
  }

  private void put(Event event) {
    // A full queue has more to lose than this.
    arrivals.offer(new Arrival.Noticed(event, time.boot(), time.now().nanos()));
  }
}
