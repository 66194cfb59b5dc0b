package io.lingtan.simulator.bench;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.bench.Measure.Outcome;
import io.lingtan.simulator.beside.Child;
import io.lingtan.simulator.beside.LocalBroker;
import io.lingtan.simulator.beside.Subscriber;
import io.lingtan.simulator.beside.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One candidate alone between its meters and a broker. Every wait is bounded. */
final class Trial implements AutoCloseable {

  private static final List<String> TRUST = List.of("system");
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration LONGEST_DRAIN = Duration.ofMinutes(15);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

  /** One that keeps what it has read may have to find the broker again first. */
  private static final Duration LAST_KEPT = Duration.ofSeconds(60);

  private static final Duration LAST = Duration.ofSeconds(3);
  private static final int LONGEST_WARM_UP_SECONDS = 10;
  private static final long LOOK_MILLIS = 20;

  /** More than a busy machine keeps a meter's thread from its turn. */
  private static final int PATIENT_SECONDS = 3;

  private final Candidate candidate;
  private final Plan plan;
  private final Path output;
  private final Time time = new SystemTime(TRUST);
  private final Readings readings = new Readings();
  private final Sink sink = new Sink(readings);
  private final WideMeters meters;
  private final LocalBroker broker;
  private final Subscriber subscriber;
  private final Loop listening;
  private final List<String> command;
  private final long startedMillis;
  private Child child;
  private Load gone = Load.NONE;
  private Load base = Load.NONE;
  private long firstHalfMillis;

  private Trial(
      Candidate candidate, Plan plan, Path folder, PackedAgent agent, List<String> options)
      throws IOException, InterruptedException {
    this.candidate = candidate;
    this.plan = plan;
    this.output = folder.resolve("candidate.log");
    this.meters = new WideMeters(readings, () -> time.wall().millisAt(time.now()));
    this.broker = LocalBroker.start(Files.createDirectory(folder.resolve("broker")), 0);
    this.subscriber = new Subscriber("lingtan-bench", broker.port(), "#", time);
    this.listening = new Loop(subscriber, time).start();
    int timeout = PATIENT_SECONDS;
    if (plan.course() == Course.DEAD_UNIT) {
      meters.mute(1);
      timeout = 1;
    }
    try {
      this.command =
          candidate.command(
              new Candidate.Place(
                  folder, meters.port(), broker.port(), plan.meters(), timeout, agent, options));
      if (plan.course() == Course.DRAIN) {
        fill(folder.resolve("site.yaml"));
      }
      await("the subscriber is connected", LONGEST_START, subscriber::isConnected);
      this.startedMillis = millis();
      this.child = Child.start(candidate.word(), command, output);
    } catch (IOException | InterruptedException | RuntimeException e) {
      closeBeside();
      throw e;
    }
  }

  /**
   * Starts the candidate.
   *
   * @param folder an empty one
   * @param agent the agent
   * @param options of the agent's JVM
   */
  static Trial start(
      Candidate candidate, Plan plan, Path folder, PackedAgent agent, List<String> options)
      throws IOException, InterruptedException {
    return new Trial(candidate, plan, folder, agent, options);
  }

  long pid() {
    return child.pid();
  }

  private void fill(Path site) {
    int perSecond = plan.meters() * WideMeters.WIDTH;
    Backlog.fill(
        site,
        (plan.backlog() + perSecond - 1) / perSecond,
        (device, then) -> {
          readings.kept(device + 1, then.wall().millisAt(then.now()));
          return WideMeters.sample("m" + (device + 1), device + 1, then);
        });
  }

  /**
   * Runs to the end.
   *
   * @throws IOException if the candidate ends, or delivers nothing; with its last words
   */
  Outcome run() throws IOException, InterruptedException {
    await("the first value", LONGEST_START, () -> sink.firstMillis() >= 0);
    double startSeconds = (sink.firstMillis() - startedMillis) / 1e3;
    if (plan.course() != Course.DRAIN) {
      pass(Math.min(LONGEST_WARM_UP_SECONDS, plan.seconds() / 2.0));
    }
    readings.since(millis());
    Sink.Count before = sink.count();
    base = Load.of(child.pid());
    Machine machine = Machine.now();
    long oursBefore = ours();
    MonotonicInstant began = time.now();
    follow();
    double seconds = time.now().nanosSince(began) / 1e9;
    Load used = used();
    Sink.Count count = sink.count().since(before);
    Machine meanwhile = Machine.now().since(machine);
    long others = meanwhile.busyMillis() - used.cpuMillis() - (ours() - oursBefore);
    readings.until(millis());
    waitFor(candidate.keeps() ? LAST_KEPT : LAST, () -> readings.missing() == 0);
    return new Outcome(
        used,
        seconds,
        startSeconds,
        count,
        readings.account(),
        firstHalfMillis,
        meanwhile,
        Math.max(0, others));
  }

  private void follow() throws IOException, InterruptedException {
    double whole = plan.seconds();
    switch (plan.course()) {
      case STEADY, DEAD_UNIT -> {
        pass(whole / 2);
        firstHalfMillis = used().cpuMillis();
        pass(whole / 2);
      }
      case OUTAGE -> {
        pass(whole / 6);
        broker.stop();
        pass(whole / 2);
        broker.restart();
        pass(whole / 3);
      }
      case CRASH -> {
        pass(whole / 6);
        broker.stop();
        pass(whole / 4);
        killAndStart();
        pass(whole / 4);
        broker.restart();
        pass(whole / 3);
      }
      case DRAIN -> await("the backlog is delivered", LONGEST_DRAIN, () -> readings.waiting() == 0);
    }
  }

  private void killAndStart() throws IOException {
    gone = used();
    child.close();
    base = Load.NONE;
    child = Child.start(candidate.word(), command, output);
  }

  private Load used() throws IOException {
    return gone.then(Load.of(child.pid()).since(base));
  }

  private long ours() {
    return Usage.of(ProcessHandle.current().pid()).cpuMillis() + Usage.of(broker.pid()).cpuMillis();
  }

  private long millis() {
    return time.wall().millisAt(time.now());
  }

  private void await(String what, Duration atMost, BooleanSupplier condition)
      throws IOException, InterruptedException {
    if (!waitFor(atMost, condition)) {
      throw new IOException(
          "waited %d s until %s. %s".formatted(atMost.toSeconds(), what, child.lastWords()));
    }
  }

  private boolean waitFor(Duration atMost, BooleanSupplier condition)
      throws IOException, InterruptedException {
    MonotonicInstant end = time.now().plus(atMost);
    while (!condition.getAsBoolean()) {
      if (!time.now().isBefore(end)) {
        return false;
      }
      look();
    }
    return true;
  }

  private void pass(double seconds) throws IOException, InterruptedException {
    MonotonicInstant end = time.now().plusNanos((long) (seconds * 1e9));
    while (time.now().isBefore(end)) {
      look();
    }
  }

  private void look() throws IOException, InterruptedException {
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    subscriber.arrivals().drain(sink::take, Integer.MAX_VALUE);
    if (subscriber.arrivals().refused() > 0) {
      throw new IOException("more messages than this machine can count: measure fewer meters");
    }
    if (child != null && !child.isAlive()) {
      throw new IOException(child.lastWords());
    }
  }

  @Override
  public void close() throws IOException {
    child.terminate(LONGEST_STOP);
    closeBeside();
  }

  private void closeBeside() throws IOException {
    listening.stop(LONGEST_STOP);
    broker.close();
    meters.close();
  }
}
