package io.lingtan.simulator.referee;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.beside.LocalBroker;
import io.lingtan.simulator.beside.Subscriber;
import io.lingtan.simulator.beside.Subscriber.Arrival;
import io.lingtan.simulator.referee.CourseReader.Course;
import io.lingtan.simulator.referee.Phase.Upset;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One trial, on the thread that calls {@link #run}. Every wait is bounded. */
final class Referee implements AutoCloseable {

  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(5);
  private static final long LOOK_MILLIS = 20;

  /** With nothing of the course coming for so long, nothing more is expected of a publisher. */
  private static final Duration QUIET = Duration.ofSeconds(8);

  private static final long SETTLE_LOOK_MILLIS = 200;

  /** So that all units are read and delivered before anything counts. */
  private static final Duration WARM = Duration.ofSeconds(3);

  private final Mapping mapping;
  private final Course course;
  private final Path folder;
  private final Time time;
  private final PrintStream out;
  private final Truth truth;
  private final Units units;
  private final LocalBroker broker;
  private final Subscriber subscriber;
  private final Loop listening;
  private @Nullable Publisher publisher;
  private int phase;

  /**
   * How the publisher comes to it.
   *
   * @param modbusPort of the units, 0 for a free one
   * @param brokerPort 0 for a free one
   * @param attach whether the publisher is started by somebody else: then it cannot be killed
   */
  record Ports(int modbusPort, int brokerPort, boolean attach) {}

  private final Ports ports;

  private Referee(
      Mapping mapping, Course course, Ports ports, Path folder, Time time, PrintStream out)
      throws IOException {
    this.mapping = mapping;
    this.course = course;
    this.ports = ports;
    this.folder = folder;
    this.time = time;
    this.out = out;
    this.truth = new Truth(course.phases().size());
    this.units = Units.serve(course.units(), course.framing(), ports.modbusPort(), time);
    try {
      Path brokerFolder = Files.createDirectories(folder.resolve("broker"));
      this.broker = LocalBroker.start(brokerFolder, ports.brokerPort());
    } catch (IOException e) {
      units.close();
      throw e;
    }
    this.subscriber = new Subscriber("lingtan-referee", broker.port(), "#", time);
    this.listening = new Loop(subscriber, time).start();
  }

  /**
   * Opens the ports and starts the broker.
   *
   * @param folder an empty one, for the publisher and for logs
   * @throws IOException if a port is in use or no broker can be started; with what to do
   */
  static Referee open(
      Mapping mapping, Course course, Ports ports, Path folder, Time time, PrintStream out)
      throws IOException {
    return new Referee(mapping, course, ports, folder, time, out);
  }

  /**
   * Runs the course.
   *
   * @throws IOException if the publisher does not start or nothing of it arrives; with what to do
   */
  RefereeReport run() throws IOException, InterruptedException {
    waitUntil(LONGEST_START, subscriber::isConnected);
    startPublisher();
    if (!waitUntil(LONGEST_START, this::isOnItsWay) || !truth.hasDelivered()) {
      throw new IOException(
          "nothing that the units served has arrived from "
              + mapping.publisher()
              + ": check its topics and points against the mapping. "
              + lastWords());
    }
    pass(WARM.toMillis());
    drain();
    truth.begin();
    for (phase = 0; phase < course.phases().size(); phase++) {
      run(course.phases().get(phase));
    }
    phase = course.phases().size() - 1;
    units.enter(-1, new Upset.None(), 1);
    settle();
    return new RefereeReport(
        mapping.publisher(),
        mapping.settings(),
        truth.counts(course.phases()),
        truth.unusableMessages(),
        subscriber.arrivals().refused() + units.served().refused());
  }

  /** Until everything is there, or nothing that counts has come for a while. */
  private void settle() throws InterruptedException {
    MonotonicInstant end = time.now().plusMillis(course.settleMillis());
    long outstanding = truth.outstanding();
    MonotonicInstant quietSince = time.now();
    while (time.now().isBefore(end) && time.now().millisSince(quietSince) < QUIET.toMillis()) {
      pass(SETTLE_LOOK_MILLIS);
      long now = truth.outstanding();
      if (now != outstanding) {
        outstanding = now;
        quietSince = time.now();
      }
    }
  }

  private boolean isOnItsWay() throws IOException {
    Publisher started = publisher;
    if (started != null && !started.isAlive()) {
      throw new IOException(
          mapping.publisher() + " ended at once: see what it says. " + started.lastWords());
    }
    return truth.hasDelivered();
  }

  private String lastWords() {
    Publisher started = publisher;
    return started == null ? "" : started.lastWords();
  }

  private void startPublisher() throws IOException {
    List<String> start = mapping.start();
    if (ports.attach() || start == null) {
      out.printf(
          "waiting for %s: units 1..%d on 127.0.0.1:%d, broker on 127.0.0.1:%d%n",
          mapping.publisher(), course.units(), units.port(), broker.port());
      return;
    }
    publisher =
        Publisher.start(
            mapping,
            start,
            folder,
            Map.of(
                "dir",
                folder.toString(),
                "framing",
                mapping.framings().getOrDefault(course.framing(), ""),
                "modbus_port",
                String.valueOf(units.port()),
                "broker_port",
                String.valueOf(broker.port())));
  }

  private void run(Phase now) throws IOException, InterruptedException {
    units.enter(phase, now.upset(), now.lastsMillis());
    out.printf("%s, %d s%n", now.name(), now.lastsMillis() / 1_000);
    switch (now.upset()) {
      case Upset.None _,
          Upset.UnitDead _,
          Upset.LateReplies _,
          Upset.Damaged _,
          Upset.NotAvailable _ ->
          pass(now.lastsMillis());
      case Upset.BrokerAway _ -> {
        broker.stop();
        pass(now.lastsMillis());
        broker.restart();
      }
      case Upset.PublisherKilled(long awayMillis) -> {
        Publisher running = publisher;
        if (running == null) {
          out.println("  it was started by somebody else, and is not killed");
          pass(now.lastsMillis());
        } else {
          running.kill();
          pass(awayMillis);
          running.start();
          pass(Math.max(0, now.lastsMillis() - awayMillis));
        }
      }
    }
  }

  private void pass(long millis) throws InterruptedException {
    MonotonicInstant end = time.now().plusMillis(millis);
    while (time.now().isBefore(end)) {
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      drain();
    }
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private boolean waitUntil(Duration atMost, Condition condition)
      throws IOException, InterruptedException {
    MonotonicInstant end = time.now().plus(atMost);
    while (!condition.holds()) {
      if (!time.now().isBefore(end)) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      drain();
    }
    return true;
  }

  /**
   * Messages are taken out before replies: whatever a message can tell of was served before it, and
   * so is known when the message is judged.
   */
  private void drain() {
    List<Arrival> arrived = new ArrayList<>();
    subscriber.arrivals().drain(arrived::add, subscriber.arrivals().capacity());
    units.served().drain(truth::served, units.served().capacity());
    for (Arrival message : arrived) {
      if (message.retained()) {
        continue; // said before this began
      }
      try {
        for (Delivered value : mapping.read(message)) {
          truth.delivered(value, Math.clamp(phase, 0, course.phases().size() - 1));
        }
      } catch (IOException e) {
        truth.unusable();
      }
    }
  }

  @Override
  public void close() {
    if (publisher != null) {
      publisher.close();
    }
    listening.stop(LONGEST_STOP);
    broker.close();
    units.close();
  }
}
