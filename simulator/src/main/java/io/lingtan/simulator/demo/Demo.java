package io.lingtan.simulator.demo;

import io.lingtan.agent.audit.AuditReport;
import io.lingtan.agent.audit.Completeness;
import io.lingtan.agent.audit.GatewayReport;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.beside.Apps;
import io.lingtan.simulator.beside.Child;
import io.lingtan.simulator.beside.Subscriber;
import io.lingtan.simulator.demo.Bill.Count;
import io.lingtan.simulator.demo.Comparison.Row;
import io.lingtan.simulator.demo.Picture.Dot;
import io.lingtan.simulator.demo.Picture.Panel;
import io.lingtan.simulator.demo.Picture.Span;
import io.lingtan.simulator.demo.Story.Scene;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.json.Json;
import io.lingtan.simulator.world.Wire;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The demo from first to last word, on one thread. Everything that others know reaches it through
 * their inboxes; it starts and ends the children, plays the sabotages and draws up the bill.
 */
final class Demo {

  private static final Duration START = Duration.ofSeconds(40);
  private static final Duration REST = Duration.ofSeconds(40);
  private static final Duration GOODBYE = Duration.ofSeconds(20);
  private static final long TICK_NANOS = 50_000_000L;
  private static final long LONGEST_MILLIS = 86_400_000L;
  private static final long LATE_REPLY_MILLIS = 1_400;

  /** A few records are always on their way. */
  private static final long HARDLY_ANY = 24;

  private static final String METER_DEAD = "pv1";
  private static final String METER_LATE = LiveSite.CHECK;
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final DemoOptions options;
  private final Path home;
  private final Path agentProgram;
  private final Path folder;
  private final Time time;
  private final Screen screen;
  private final Waiter waiter = Waiter.parking();
  private final ZoneId zone = ZoneId.systemDefault();
  private final Tally tally = new Tally();
  private final Witness witness = new Witness();
  private final Completeness completeness = new Completeness();
  private final List<Act> acts = new ArrayList<>();
  private final List<Span> spans = new ArrayList<>();
  private final Map<String, List<Dot>> delivered = new HashMap<>();
  private final Deque<Loop> loops = new ArrayDeque<>();
  private volatile boolean asked;

  private @Nullable Child broker;
  private @Nullable Child agent;
  private int brokerPort;
  private int pagePort;
  private long readyMillis;
  private long late;
  private long wrong;
  private long forgotten;
  private @Nullable String firstWrong;
  private @Nullable String trouble;

  Demo(DemoOptions options, Path home, Path agentProgram, Path folder, Time time, Screen screen) {
    this.options = options;
    this.home = home;
    this.agentProgram = agentProgram;
    this.folder = folder;
    this.time = time;
    this.screen = screen;
  }

  /** Ends the story early, as if it were over. Any thread. */
  void askToEnd() {
    asked = true;
    waiter.wake();
  }

  /**
   * Runs it.
   *
   * @return whether everything was as it should be
   * @throws IOException if something cannot be started or written; the message says what to do
   */
  boolean run() throws IOException {
    screen.say("Building the site: PV 160 kW, battery 500 kWh, electrolyser, tanks, five buses …");
    try (LiveSite site = LiveSite.start(options.seed(), "127.0.0.1", time);
        Keys keys = screen.isTerminal() ? Keys.open() : Keys.none()) {
      Scenes scenes = new Scenes(site);
      try {
        return scenes.play(keys);
      } finally {
        screen.clear();
        for (Loop loop : loops) {
          loop.stop(Duration.ofSeconds(5));
        }
        if (agent != null) {
          agent.close();
        }
        if (broker != null) {
          broker.close();
        }
      }
    }
  }

  private long now() {
    return time.wall().millisAt(time.now());
  }

  private String clock(long millis) {
    return CLOCK.format(Instant.ofEpochMilli(millis).atZone(zone));
  }

  @SuppressWarnings("AnnotateFormatMethod") // Its annotation is in no library that we ship.
  private static String format(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  /** What needs the site. */
  private final class Scenes {
    private final LiveSite site;
    private final Truth truth;
    private final Comparison comparison;
    private final Subscriber subscriber;
    private final AgentPage page;

    Scenes(LiveSite site) throws IOException {
      this.site = site;
      this.truth = new Truth(site.wallMinusWorld(), site.stepMillis());
      this.comparison = new Comparison(truth, site.stepMicros());
      brokerPort = Apps.freePort();
      pagePort = options.listenPort() == 0 ? Apps.freePort() : options.listenPort();
      String text = site.siteFile(brokerUrl(), folder.resolve("journal.db"), pagePort);
      String listen = "listen: \"" + options.listenHost() + ":" + pagePort + "\"";
      Files.writeString(siteFile(), text.replace("listen: \"127.0.0.1:" + pagePort + "\"", listen));
      this.subscriber =
          new Subscriber("lingtan-demo", brokerPort, "lingtan/v1/" + gateway(text) + "/#", time);
      this.page = new AgentPage(options.reachableHost(), pagePort);
    }

    private static String gateway(String siteFile) {
      return siteFile
          .lines()
          .filter(line -> line.startsWith("gateway:"))
          .map(line -> line.substring("gateway:".length()).strip())
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("the site file names no gateway"));
    }

    boolean play(Keys keys) throws IOException {
      if (!open(keys)) {
        return false;
      }
      boolean alone = options.seconds() > 0 || !keys.isOpen();
      Story story =
          alone
              ? Story.of(readyMillis, options.seconds() > 0 ? options.seconds() : 90)
              : Story.none(readyMillis + LONGEST_MILLIS);
      if (alone) {
        screen.say(
            "The story plays by itself until "
                + clock(story.endMillis())
                + ", when two minutes have ended.");
      }
      Deque<Scene> scenes = new ArrayDeque<>(story.scenes());
      long nextLine = 0;
      while (!asked && trouble == null && now() < story.endMillis()) {
        pump();
        long now = now();
        Scene next = scenes.peek();
        if (next != null && now >= next.atMillis()) {
          scenes.remove();
          begin(next.sabotage(), now);
        }
        key(keys.next(), now);
        acts(now);
        watch();
        if (now >= nextLine) {
          screen.now(line());
          nextLine = now + 1_000;
        }
        waiter.await(TICK_NANOS);
      }
      return close();
    }

    // ---- beginning

    private boolean open(Keys keys) throws IOException {
      screen.say("Starting the broker …");
      startBroker();
      loops.push(new Loop(subscriber, time).start());
      if (!until(subscriber::isConnected, START)) {
        return failed("The broker did not take a subscriber.", broker);
      }
      screen.say("Starting the agent …");
      startAgent();
      loops.push(new Loop(page, time).start());
      if (!until(() -> !delivered.isEmpty(), START)) {
        return failed("No value was delivered.", agent);
      }
      readyMillis = now();
      String address = "http://" + options.reachableHost() + ":" + pagePort + "/";
      screen.say("");
      Qr.lines(address).forEach(screen::say);
      screen.say("");
      screen.say("page    " + address);
      screen.say("PIN     " + pin() + "   for whoever scans, reads or changes something there");
      screen.say("audit   " + audit() + " audit --broker " + brokerUrl());
      screen.say("site    " + siteFile());
      if (keys.isOpen()) {
        screen.say(
            "keys    b broker away · k kill -9 the agent · m a meter dies · l late replies · q"
                + " end");
      }
      screen.say("");
      return true;
    }

    private String pin() throws IOException {
      try (Stream<String> lines = Files.lines(folder.resolve("secrets/pin"))) {
        return lines.findFirst().orElse("");
      }
    }

    private String audit() {
      Path here = Path.of("").toAbsolutePath();
      return agentProgram.startsWith(here)
          ? here.relativize(agentProgram).toString()
          : agentProgram.toString();
    }

    private boolean failed(String what, @Nullable Child child) {
      screen.say(asked ? "Ended before it began." : what);
      if (child != null && !asked) {
        screen.say(child.lastWords());
      }
      return false;
    }

    private void startBroker() throws IOException {
      broker =
          Child.start(
              "broker",
              Apps.broker(home, "127.0.0.1", brokerPort, folder.resolve("broker")),
              folder.resolve("broker.log"));
    }

    private void startAgent() throws IOException {
      agent =
          Child.start(
              "agent",
              List.of(agentProgram.toString(), "run", "--config", siteFile().toString()),
              folder.resolve("agent.log"));
    }

    private Path siteFile() {
      return folder.resolve("site.yaml");
    }

    private String brokerUrl() {
      return "mqtt://127.0.0.1:" + brokerPort;
    }

    // ---- what arrives

    private void pump() {
      site.steps().drain(truth::take, Integer.MAX_VALUE);
      site.replies().drain(witness::take, Integer.MAX_VALUE);
      subscriber
          .arrivals()
          .drain(
              message -> {
                completeness.take(
                    message.topic(), message.payload(), message.retained(), message.atMillis());
                tally.take(message.topic(), message.payload(), message.atMillis(), this::read);
              },
              Integer.MAX_VALUE);
    }

    private void read(Reading reading) {
      late += reading.isLate() ? 1 : 0;
      reading.values().forEach((name, value) -> judge(reading, name, value));
      BigDecimal power = reading.values().get("power");
      if (power != null) {
        delivered
            .computeIfAbsent(reading.device(), device -> new ArrayList<>())
            .add(new Dot(reading.tsMillis(), power.doubleValue() / 1_000, reading.isLate()));
      }
    }

    private void judge(Reading reading, String name, BigDecimal value) {
      Point point = Point.find(name);
      Long served =
          point == null
              ? null
              : witness.servedMillis(reading.device(), point, value, reading.tsMillis());
      if (served != null) {
        comparison.read(reading.device() + "/" + name, reading.tsMillis(), served);
      } else if (point != null
          && witness.judge(reading.device(), point, value, reading.tsMillis())
              == Witness.Finding.FORGOTTEN) {
        forgotten++;
      } else {
        wrong++;
        if (firstWrong == null) {
          firstWrong =
              format("%s %s = %s at %s", reading.device(), name, value, clock(reading.tsMillis()));
        }
      }
    }

    private boolean until(BooleanSupplier holds, Duration atMost) {
      long end = now() + atMost.toMillis();
      while (!holds.getAsBoolean()) {
        if (now() >= end || trouble != null || (asked && readyMillis == 0)) {
          return false;
        }
        pump();
        watch();
        waiter.await(TICK_NANOS);
      }
      return true;
    }

    /** A child that ended without being told to ends the demo. */
    private void watch() {
      if (trouble != null) {
        return;
      }
      if (agent != null && !agent.isAlive() && !isOn(Sabotage.KILL)) {
        trouble = "The agent ended by itself. " + agent.lastWords();
      } else if (broker != null && !broker.isAlive() && !isOn(Sabotage.BROKER)) {
        trouble = "The broker ended by itself. " + broker.lastWords();
      }
    }

    // ---- sabotage

    private void key(int key, long now) throws IOException {
      if (key == 'q' || key == 'Q') {
        asked = true;
        return;
      }
      Sabotage sabotage = Sabotage.of(key);
      if (sabotage != null && isOn(sabotage)) {
        screen.say(sabotage.title() + " is still going on.");
      } else if (sabotage != null) {
        begin(sabotage, now);
      }
    }

    private boolean isOn(Sabotage sabotage) {
      return acts.stream().anyMatch(act -> act.sabotage() == sabotage);
    }

    private void begin(Sabotage sabotage, long now) {
      if (isOn(sabotage)) {
        return;
      }
      screen.say(clock(now) + "  " + sabotage.expectation());
      acts.add(new Act(sabotage, now, numbers(sabotage)));
      long world = now - site.wallMinusWorld();
      switch (sabotage) {
        case BROKER -> {
          if (broker != null) {
            broker.hangUp();
          }
        }
        case KILL -> {
          if (agent != null) {
            agent.kill();
          }
        }
        case METER ->
            site.faults().add(new WireFault.Silence(METER_DEAD, world, world + sabotage.millis()));
        case LATE ->
            site.faults()
                .add(
                    new WireFault.LateReplies(
                        METER_LATE, world, world + sabotage.millis(), 2, LATE_REPLY_MILLIS));
      }
    }

    private Act.Numbers numbers(Sabotage sabotage) {
      return new Act.Numbers(
          late,
          tally.absent(sabotage == Sabotage.METER ? METER_DEAD : METER_LATE),
          site.faults().injected().getOrDefault("late_reply", 0L),
          wrong);
    }

    private void acts(long now) throws IOException {
      AgentPage.View view = page.view();
      for (Act act : List.copyOf(acts)) {
        if (act.isToBeUndone(now)) {
          undo(act, now);
        }
        if (act.isUndone()) {
          boolean back =
              switch (act.sabotage()) {
                case BROKER ->
                    subscriber.isConnected()
                        && view != null
                        && view.linked()
                        && view.waiting() <= HARDLY_ANY;
                case KILL -> view != null && startOf(act) != null;
                case METER, LATE -> true;
              };
          if (back) {
            act.back(now);
          }
        }
        if (view != null) {
          act.waiting(view.waiting());
        }
        if (act.isOver(now)) {
          conclude(act, now);
        }
      }
    }

    private void undo(Act act, long now) throws IOException {
      switch (act.sabotage()) {
        case BROKER -> {
          if (broker != null) {
            broker.ends(Duration.ofSeconds(3));
          }
          startBroker();
        }
        case KILL -> startAgent();
        case METER, LATE -> {
          // These faults end by the world's own clock.
        }
      }
      act.undone(now);
    }

    private void conclude(Act act, long now) {
      acts.remove(act);
      spans.add(new Span(act.sabotage().title(), act.beganMillis(), act.untilMillis(now)));
      Act.Numbers after = numbers(act.sabotage());
      Act.Numbers before = act.before();
      double seconds = (act.untilMillis(now) - act.beganMillis()) / 1_000.0;
      screen.say(
          clock(now)
              + "  → "
              + switch (act.sabotage()) {
                case BROKER ->
                    format(
                        "The broker was away for %.1f s: up to %,d records waited, %,d readings"
                            + " came late, %d are missing.",
                        seconds, act.mostWaiting(), after.late() - before.late(), missing());
                case KILL ->
                    format(
                        "The agent was back after %.1f s. %s %d are missing, %d came twice.",
                        seconds, start(act), missing(), tally.twice());
                case METER ->
                    format(
                        "%d polls of %s said that they failed; it delivered %d values meanwhile;"
                            + " the other meters went on.",
                        after.absent() - before.absent(), METER_DEAD, valuesWhile(act, now));
                case LATE ->
                    format(
                        "%d replies came late, %d polls of %s said so, %d wrong values were"
                            + " delivered.",
                        after.lateReplies() - before.lateReplies(),
                        after.absent() - before.absent(),
                        METER_LATE,
                        after.wrong() - before.wrong());
              });
    }

    private long valuesWhile(Act act, long now) {
      // What was on the wire when it began still counts as before.
      long from = act.beganMillis() + 100;
      long until = Math.min(now, act.beganMillis() + act.sabotage().millis());
      return delivered.getOrDefault(METER_DEAD, List.of()).stream()
          .filter(dot -> dot.atMillis() >= from && dot.atMillis() < until)
          .count();
    }

    private String start(Act act) {
      Json start = startOf(act);
      if (start == null) {
        return "No agent.start came yet.";
      }
      long since = start.object("detail").number("since", 0);
      return since == 0
          ? "Its agent.start came."
          : format(
              "agent.start says that nobody read for %.1f s.",
              (start.number("ts", 0) - since) / 1_000.0);
    }

    /** The first word of the agent after it was killed. */
    private @Nullable Json startOf(Act act) {
      Json start = tally.lastStart();
      return start == null || start.number("ts", 0) < act.beganMillis() ? null : start;
    }

    private long missing() {
      return completeness.report(now()).gateways().stream().mapToLong(GatewayReport::missing).sum();
    }

    // ---- the present

    private String line() {
      AgentPage.View view = page.view();
      return format(
          "%s  read %,d  delivered %,d  waiting %s | kW  PV %s  grid %s  battery %s  load %s"
              + "  electrolyser %s",
          clock(now()),
          witness.values(),
          tally.values(),
          view == null ? "?" : format("%,d", view.waiting()),
          kilowatts(view, "pv1"),
          kilowatts(view, LiveSite.CHECK),
          kilowatts(view, "bat1"),
          kilowatts(view, "house", "comp", "ely1"),
          kilowatts(view, "ely1"));
    }

    private String kilowatts(AgentPage.@Nullable View view, String... devices) {
      if (view == null) {
        return "–";
      }
      BigDecimal sum = BigDecimal.ZERO;
      for (String device : devices) {
        BigDecimal watts = view.watts().get(device);
        if (watts == null) {
          return "–";
        }
        sum = sum.add(watts);
      }
      return format("%.1f", sum.doubleValue() / 1_000);
    }

    // ---- end

    private boolean close() throws IOException {
      screen.clear();
      if (trouble != null) {
        screen.say(trouble);
        return false;
      }
      screen.say("");
      screen.say("Letting the rest be delivered …");
      site.faults().endAll();
      for (Act act : acts) {
        if (!act.isUndone()) {
          undo(act, now());
        }
      }
      boolean rested =
          until(
              () -> {
                settle();
                AgentPage.View view = page.view();
                return acts.isEmpty()
                    && subscriber.isConnected()
                    && view != null
                    && view.linked()
                    && view.waiting() <= HARDLY_ANY;
              },
              REST);
      screen.say("Stopping the agent …");
      boolean stopped = agent != null && agent.terminate(GOODBYE);
      agent = null;
      until(() -> inTransit() == 0, Duration.ofSeconds(5));
      pump();
      AuditReport report = completeness.report(now());
      long missing = 0;
      long contradicted = 0;
      long gaps = 0;
      long garbage = tally.unreadable();
      for (GatewayReport gateway : report.gateways()) {
        missing += gateway.missing();
        contradicted += gateway.contradicted();
        gaps += gateway.unexplained();
        garbage += gateway.garbage().values().stream().mapToLong(Long::longValue).sum();
      }
      List<Row> rows = comparison.rows(tally.intervals());
      List<Count> counts =
          List.of(
              new Count("missing", missing, "records called delivered that never came"),
              new Count("not delivered", inTransit(), "records left when the agent stopped"),
              new Count("undeclared", gaps, "unexplained times without readings"),
              new Count("twice", tally.twice(), "things that came under two keys"),
              new Count("contradicted", contradicted, "keys under which two contents came"),
              new Count("wrong but good", wrong, "values that no meter served then"),
              new Count("unreadable", garbage, "messages"),
              new Count(
                  "not listened",
                  subscriber.sessionsLost()
                      + subscriber.arrivals().refused()
                      + site.steps().refused()
                      + site.replies().refused(),
                  "times this side lost something"),
              new Count("did not end", (stopped ? 0 : 1) + (rested ? 0 : 1), "in time"));
      Bill bill = new Bill(rows, counts, !asked, notes());
      screen.say("");
      bill.lines().forEach(screen::say);
      Files.writeString(options.svg(), picture(rows).svg(), StandardCharsets.UTF_8);
      screen.say("picture " + options.svg());
      if (firstWrong != null) {
        screen.say("first wrong value: " + firstWrong);
      }
      if (!bill.isGood() && missing + gaps + contradicted > 0) {
        screen.say(report.text());
      }
      screen.say("");
      screen.say(bill.isGood() ? "Everything agrees." : "NOT everything agrees: see the ✗ above.");
      return bill.isGood();
    }

    private void settle() {
      long now = now();
      try {
        acts(now);
      } catch (IOException e) {
        trouble = e.getMessage();
      }
    }

    private long inTransit() {
      pump();
      return completeness.report(now()).gateways().stream()
          .mapToLong(GatewayReport::inTransit)
          .sum();
    }

    private List<String> notes() {
      List<String> notes = new ArrayList<>();
      notes.add(
          format(
              "%,d values served, %,d delivered in %,d records (%,d of them came again).",
              witness.values(), tally.values(), tally.records(), tally.again()));
      if (forgotten > 0) {
        notes.add(format("%,d values came too late to be checked against the meters.", forgotten));
      }
      notes.add(
          "allowed = one step of each register the figure rests on, and what lies between the");
      notes.add("readings on either side of the span's two ends; boundaries inside cancel out.");
      return notes;
    }

    private Picture picture(List<Row> rows) {
      long from = Math.max(truth.firstMillis(), readyMillis - 3_000);
      long until = Math.max(from + 1_000, truth.lastMillis());
      List<Panel> panels =
          List.of(
              panel(
                  "PV generation, kW",
                  "pv1",
                  "#e69f00",
                  note(rows, Figure.PV),
                  from,
                  until,
                  Wire.PV,
                  null),
              panel(
                  "Grid, kW (from grid +, to grid −)",
                  LiveSite.CHECK,
                  "#0072b2",
                  note(rows, Figure.GRID_IMPORT) + " · " + note(rows, Figure.GRID_EXPORT),
                  from,
                  until,
                  Wire.GRID_IMPORT,
                  Wire.GRID_EXPORT),
              panel(
                  "Battery, kW (discharging +, charging −)",
                  "bat1",
                  "#009e73",
                  note(rows, Figure.BATTERY_CHARGE) + " · " + note(rows, Figure.BATTERY_DISCHARGE),
                  from,
                  until,
                  Wire.BATTERY_DISCHARGE,
                  Wire.BATTERY_CHARGE));
      return new Picture(
          "Truth against delivered",
          format(
              "%,d records through %d sabotage%s: %d missing, %d twice, %d wrong but good",
              tally.records(),
              spans.size(),
              spans.size() == 1 ? "" : "s",
              missing(),
              tally.twice(),
              wrong),
          from,
          until,
          panels,
          spans);
    }

    private String note(List<Row> rows, Figure figure) {
      for (Row row : rows) {
        if (row.figure() == figure) {
          return row.intervals() == 0
              ? ""
              : format(
                  "%s: truth %s, delivered %s kWh",
                  figure.title(),
                  Bill.decimal(row.truth(), false),
                  Bill.decimal(row.delivered(), false));
        }
      }
      return "";
    }

    private Panel panel(
        String name,
        String device,
        String colour,
        String note,
        long from,
        long until,
        Wire plus,
        @Nullable Wire minus) {
      List<Dot> curve = new ArrayList<>();
      // Drawn as the steps it goes in, so that each reading lies on it.
      long first = from + Math.floorMod(truth.firstMillis() - from, (long) site.stepMillis());
      for (long at = first; at + site.stepMillis() <= until; at += site.stepMillis()) {
        if (truth.knows(at)) {
          int watts = truth.watts(plus, at) - (minus == null ? 0 : truth.watts(minus, at));
          curve.add(new Dot(at, watts / 1_000.0, false));
          curve.add(new Dot(at + site.stepMillis(), watts / 1_000.0, false));
        }
      }
      List<Dot> dots =
          delivered.getOrDefault(device, List.of()).stream()
              .filter(dot -> dot.atMillis() >= from && dot.atMillis() <= until)
              .sorted(Comparator.comparingLong(Dot::atMillis))
              .toList();
      return new Panel(name, note, colour, curve, dots);
    }
  }
}
