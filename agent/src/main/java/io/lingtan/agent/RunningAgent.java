package io.lingtan.agent;

import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.desk.FieldDesk;
import io.lingtan.agent.desk.SiteChange;
import io.lingtan.agent.desk.SiteDesk;
import io.lingtan.agent.ledger.Takeover;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.sparkplug.SparkplugStep;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Heap;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Release;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.status.SiteView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent whose steps each have a thread, with its page. */
public final class RunningAgent {

  private static final Logger log = LoggerFactory.getLogger(RunningAgent.class);

  /**
   * How long the end of all the lines together may take, of the ledger, and of what sends: each
   * longer than the slowest clean one, and all of them shorter than {@link #LONGEST_STOP}. After
   * days away, or a clock set forward, one step of the ledger signs hundreds of intervals.
   */
  private static final Duration LONGEST_END_OF_LINES = Duration.ofSeconds(8);

  private static final Duration LONGEST_END_OF_SHARES = Duration.ofSeconds(2);
  private static final Duration LONGEST_END_OF_LEDGER = Duration.ofSeconds(20);
  private static final Duration LONGEST_END_OF_SENDERS = Duration.ofSeconds(6);

  /** After all of those, which they are asked to end before. */
  private static final Duration LONGEST_END_BESIDE = Duration.ofSeconds(2);

  /**
   * How long {@link #stop} may take, whatever hangs: shorter than the patience of whoever asks for
   * it (the unit's {@code TimeoutStopSec} is 45 s).
   */
  public static final Duration LONGEST_STOP = Duration.ofSeconds(40);

  /**
   * How long a site file waits for a journal that cannot be written, which is tried again every 30
   * s at least.
   */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

  private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

  private static final Sentence STOPPING = new Sentence("the agent is being stopped", "网关程序正在停止");

  /** Of a site file that is refused, so many problems are told. */
  private static final int MOST_PROBLEMS = 5;

  private final Agent agent;
  private final Time time;
  private final Duration patience;
  private final LastGood lastGood;
  private final Map<Step, Loop> loops = new ConcurrentHashMap<>();
  private final SiteDesk siteDesk;
  private final FieldDesk fieldDesk;
  private final PageKeeper page;
  private volatile @Nullable Sentence refused;

  /** Whether {@link #refused} says what passes. Under the lock of {@link #reload}. */
  private boolean passing;

  /** Why no site file can be taken any more, until a new start; null while one can. */
  private @Nullable Sentence stuck;

  private volatile boolean stopping;
  private final Watchdog watchdog;
  private final @Nullable Loop watching;
  private final ExecutorService heap = Heap.lookAfter();

  /** Of what obeys the fleet's centre, from the first site file on that names one. */
  private volatile @Nullable Loop fleet;

  /**
   * Of what puts secrets on the card that could not be put there at the start; null if all were.
   */
  private final @Nullable Loop secrets;

  /** Of what closes months, from the first site file on that has a broker. */
  private volatile @Nullable Loop closing;

  /** Of what renews our certificate, from the first site file on that says where. */
  private volatile @Nullable Loop renewal;

  private RunningAgent(
      Agent agent,
      Time time,
      RandomGenerator random,
      Supervisor supervisor,
      Duration patience,
      LastGood lastGood,
      @Nullable Sentence refused) {
    this.agent = agent;
    this.time = time;
    this.patience = patience;
    this.lastGood = lastGood;
    this.siteDesk = new SiteDesk(agent::site, this::reload);
    this.fieldDesk = agent.actions(siteDesk);
    for (Step step : agent.steps()) {
      loops.put(step, new Loop(step, time));
    }
    agent.steps().forEach(this::start);
    if (refused == null) {
      lastGood.keep(agent.site());
    } else {
      refuse(refused);
    }
    this.page = new PageKeeper(agent, this::view, fieldDesk, time, random);
    this.watchdog = new Watchdog(supervisor, this::view, time);
    this.watching = supervisor.isThere() ? new Loop(watchdog, time).start() : null;
    UnkeptSecrets unkept = new UnkeptSecrets(agent, page);
    this.secrets =
        unkept.isNone()
            ? null
            : new Loop(new Retry("secrets", unkept::keep, time.now()), time).start();
    beginWhatTheSiteNames();
  }

  private synchronized void beginWhatTheSiteNames() {
    if (closing == null && agent.site().mqtt().isConfigured()) {
      closing = new Loop(agent.closing(), time).start();
    }
    if (renewal == null && agent.site().mqtt().est() != null) {
      renewal = new Loop(agent.renewal(), time).start();
    }
    if (fleet == null && agent.site().fleet() != null) {
      fleet = new Loop(agent.fleet(siteDesk, this::view), time).start();
    }
  }

  private void start(Step step) {
    loops.computeIfAbsent(step, fresh -> new Loop(fresh, time)).start();
  }

  /**
   * Starts everything, with nobody to tell of it.
   *
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be opened
   */
  public static RunningAgent start(Site site, Time time, RandomGenerator random) {
    return start(site, time, random, Supervisor.of(Map.of()), LONGEST_WAIT, FieldPorts.real());
  }

  /**
   * Starts everything.
   *
   * @param supervisor is told how it is
   * @param lastGood keeps each site file that is taken into use
   * @param refused why the file is not the one that runs; null if it is
   * @throws io.lingtan.agent.journal.file.JournalUnavailable if the journal cannot be opened
   */
  public static RunningAgent start(
      Site site,
      Time time,
      RandomGenerator random,
      Supervisor supervisor,
      LastGood lastGood,
      @Nullable Sentence refused) {
    return new RunningAgent(
        assemble(site, time, random, FieldPorts.real()),
        time,
        random,
        supervisor,
        LONGEST_WAIT,
        lastGood,
        refused);
  }

  /**
   * The same, where a changed site file waits another time for a journal, and devices are reached
   * otherwise.
   */
  public static RunningAgent start(
      Site site,
      Time time,
      RandomGenerator random,
      Supervisor supervisor,
      Duration patience,
      FieldPorts ports) {
    return new RunningAgent(
        assemble(site, time, random, ports),
        time,
        random,
        supervisor,
        patience,
        LastGood.of(Map.of()),
        null);
  }

  private static Agent assemble(Site site, Time time, RandomGenerator random, FieldPorts ports) {
    return Agent.assemble(
        site,
        time,
        random,
        ports,
        PahoBroker::new,
        (of, view) ->
            PahoBroker.forView(of.mqtt().over(view.link()), SparkplugStep.clientId(of.gateway())));
  }

  private SiteView view() {
    return agent.view(health(), refused);
  }

  private List<Loop.Health> health() {
    return Stream.concat(of(agent.steps()), beside()).map(Loop::health).toList();
  }

  private Stream<Loop> of(List<? extends Step> steps) {
    return steps.stream().map(loops::get).filter(Objects::nonNull);
  }

  /** Of what runs beside the flow, as far as it has begun. */
  private Stream<Loop> beside() {
    return Arrays.<@Nullable Loop>asList(fleet, renewal, closing, secrets).stream()
        .filter(Objects::nonNull);
  }

  /** One line for whoever started it. */
  public String greeting() {
    Site site = agent.site();
    return "lingtan %s: gateway %s, %d lines, %s"
        .formatted(Release.version(), site.gateway(), site.lines().size(), page.greeting());
  }

  /**
   * Reads the site file again and goes on by it: lines that are as before lose no reading, others
   * end and begin. A file that has problems, or that changes what only a start can change, is
   * refused as a whole, and the one before goes on. One at a time, in the thread that asks.
   */
  public synchronized SiteDesk.Reloaded reload() {
    if (stopping) {
      return new SiteDesk.Reloaded(STOPPING, true);
    }
    if (stuck != null) {
      log.warn("the site file is not read: {}", stuck);
      return new SiteDesk.Reloaded(stuck, false);
    }
    watchdog.reloading();
    refused = null;
    passing = false;
    try {
      Site from = agent.site();
      Loaded loaded = new SiteLoader().load(from.file());
      Site next = loaded.site();
      if (next == null) {
        refuse(problems(loaded));
      } else {
        take(from, next, SiteChange.between(from, next));
        page.goOn();
        beginWhatTheSiteNames();
      }
    } catch (RuntimeException e) {
      log.error("the site file could not be read again", e);
      refuse(new Sentence(e.toString(), "网关程序出错，请把诊断包发给开发者：" + e));
    } finally {
      watchdog.reloaded();
    }
    return new SiteDesk.Reloaded(refused, stopping, passing);
  }

  /** Why a site file is refused, in a sentence. */
  public static Sentence problems(Loaded loaded) {
    List<Problem> errors =
        loaded.problems().stream()
            .filter(problem -> problem.severity() == Problem.Severity.ERROR)
            .toList();
    String more =
        errors.size() > MOST_PROBLEMS
            ? "; and %d more".formatted(errors.size() - MOST_PROBLEMS)
            : "";
    List<Problem> told = errors.stream().limit(MOST_PROBLEMS).toList();
    return new Sentence(
        told.stream().map(Problem::toString).collect(Collectors.joining("; ")) + more,
        told.stream().map(each -> each.said().chinese()).collect(Collectors.joining("；"))
            + (more.isEmpty() ? "" : "；另有 " + (errors.size() - MOST_PROBLEMS) + " 处"));
  }

  private void refuse(Sentence why) {
    if (stopping) {
      return; // nobody goes on by either
    }
    refused = why;
    log.warn("the site file is refused, the one before goes on: {}", why);
    agent.notice(Event.of("config.refused", Severity.WARNING).with("why", why.english()));
  }

  /** The same, where it may be taken a little later. */
  private void refuseForNow(Sentence why) {
    passing = true;
    refuse(why);
  }

  private void stick(Sentence why) {
    stuck = why;
    refuse(why);
  }

  private void take(Site from, Site next, SiteChange change) {
    if (!change.refused().isEmpty()) {
      String what = String.join("; ", change.refused());
      refuse(
          new Sentence(
              what + ": only a new start of lingtan changes that",
              "gateway、journal、clock 的改动要重新启动 lingtan 才生效：" + what));
      return;
    }
    if (change.isNothing() && from.sha256().equals(next.sha256())) {
      log.info("{} is as it was", next.file());
      lastGood.keep(next);
      return;
    }
    if (!change.page()) {
      takeOver(from, next, change);
      return;
    }
    try (PageKeeper.Next shown = page.prepare(next.status())) {
      if (takeOver(from, next, change)) {
        shown.take();
      }
    } catch (IOException e) {
      refuse(
          new Sentence(
              String.valueOf(e.getMessage()),
              "状态页打不开，检查 status.listen 和 status.tls：" + e.getMessage()));
    }
  }

  /**
   * Hands another site file to the ledger, closes what ends once that can write, and begins what is
   * new; or, if it cannot be taken then, what has ended, as it was.
   *
   * @return whether it is in use
   */
  private boolean takeOver(Site from, Site next, SiteChange change) {
    Takeover asked =
        new Takeover(
            next,
            Event.of("config.changed", Severity.INFO)
                .with("before", from.sha256())
                .with("after", next.sha256())
                .with("what", change.text()));
    if (!agent.ask(asked)) {
      refuseForNow(
          new Sentence(
              "the ledger has not taken the changes before: have it read again later",
              "上一次改动还没处理完：请稍后再试"));
      return false;
    }
    if (await(asked.ready(), "as soon as the journal can be written") == null) {
      asked.closed().cancel(false);
      refuseForNow(
          new Sentence(
              "the journal cannot be written: have it read again once it can",
              "本地存储写不进去：恢复后请再试一次"));
      return false;
    }
    Map<Step, Loop> ended = new HashMap<>();
    String hanging = end(agent.leaving(change), ended);
    fieldDesk.abandon(change.ending());
    if (hanging != null) {
      asked.closed().cancel(false);
      loops.putAll(ended); // so that whoever looks sees that they do not run any more
      stick(
          new Sentence(
              hanging + " does not end: only a new start of lingtan helps",
              hanging + " 停不下来：只能重新启动 lingtan"));
      return false;
    }
    asked.closed().complete(true);
    Takeover.Taken taken = await(asked.taken(), "once the ledger has found its state again");
    if (taken == null) {
      loops.putAll(ended);
      stick(
          new Sentence(
              "the ledger does not answer: only a new start of lingtan helps",
              "计量环节没有应答：只能重新启动 lingtan"));
    } else if (taken.refused() != null) {
      agent.goOn(from, SiteChange.between(next, from), taken).forEach(this::start);
      passing = taken.passing();
      refuse(new Sentence("it cannot be taken: " + taken.refused(), "不能采用：" + taken.refused()));
    } else {
      agent.goOn(next, change, taken).forEach(this::start);
      log.info("{} is in use: {}", next.file(), change.text());
      lastGood.keep(next);
    }
    fieldDesk.abandon(change.ending());
    return taken != null && taken.refused() == null;
  }

  /**
   * What the ledger answers; null if it does not in time, or if the agent is stopped before.
   *
   * @param when what is said if it takes more than a second
   */
  private <T> @Nullable T await(Future<T> answer, String when) {
    MonotonicInstant until = time.now().plus(patience);
    boolean waits = false;
    while (!stopping && time.now().isBefore(until)) {
      try {
        return answer.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (!waits) {
          log.warn("the site file is taken {}", when);
        }
        waits = true;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      } catch (ExecutionException e) {
        throw new IllegalStateException(e); // the ledger answers in words
      }
    }
    return null;
  }

  /**
   * Closes steps that another site file has not, all at once.
   *
   * @param ended gets them, with their loops
   * @return the names of those that do not end, null if they all have
   */
  private @Nullable String end(List<Step> leaving, Map<Step, Loop> ended) {
    for (Step step : leaving) {
      Loop loop = loops.remove(step);
      if (loop != null) {
        ended.put(step, loop);
      }
    }
    List<String> hanging = end(ended.values(), LONGEST_END_OF_LEDGER, () -> stopping);
    return hanging.isEmpty() ? null : String.join(", ", hanging);
  }

  /**
   * Asks loops to end, and waits for all of them together.
   *
   * @param givesUp asked about each second: whether nobody waits any more
   * @return the names of those that have not ended
   */
  private List<String> end(Collection<Loop> loops, Duration atMost, BooleanSupplier givesUp) {
    loops.forEach(Loop::askToStop);
    MonotonicInstant until = time.now().plus(atMost);
    List<String> hanging = new ArrayList<>();
    for (Loop loop : loops) {
      long left;
      boolean ended;
      do {
        left = Math.max(0, until.nanosSince(time.now()));
        ended = loop.stop(Duration.ofNanos(Math.min(left, LONGEST_LOOK.toNanos())));
      } while (!ended && left > 0 && !givesUp.getAsBoolean());
      if (!ended) {
        hanging.add(loop.health().name());
      }
    }
    return hanging;
  }

  /**
   * Stops in flow order: what the lines still hold reaches the journal before it is closed. Lines
   * that hang share one patience, so that the ledger has its own; a journal whose writer does not
   * end is left as a crash would leave it, which it is made for. Takes {@link #LONGEST_STOP} at
   * most, unless the journal's own end hangs.
   *
   * @return whether everything ended and everything read is on the card
   */
  public boolean stop() {
    stopping = true;
    watchdog.stopping();
    return end();
  }

  private synchronized boolean end() {
    beside().forEach(Loop::askToStop);
    page.close();
    boolean all = haveEnded(of(agent.shares()), LONGEST_END_OF_SHARES);
    all &= haveEnded(of(agent.lines()), LONGEST_END_OF_LINES);
    boolean written = haveEnded(of(List.of(agent.ledger())), LONGEST_END_OF_LEDGER);
    boolean sent = haveEnded(of(agent.senders()), LONGEST_END_OF_SENDERS);
    // Before what they use: the desk and the stores.
    boolean besideEnded = haveEnded(beside(), LONGEST_END_BESIDE);
    siteDesk.close();
    heap.shutdownNow();
    if (watching != null) {
      watching.askToStop();
    }
    if (!written || !sent || !besideEnded) {
      return false;
    }
    boolean kept = view().ledger().uncommitted() == 0;
    agent.close();
    return all && kept;
  }

  private boolean haveEnded(Stream<Loop> ending, Duration atMost) {
    List<String> hanging = end(ending.toList(), atMost, () -> false);
    if (!hanging.isEmpty()) {
      log.warn("{} did not end within {} s", String.join(", ", hanging), atMost.toSeconds());
    }
    return hanging.isEmpty();
  }
}
