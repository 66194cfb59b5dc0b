package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.MonotonicInstant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The gateways of a trial, {@value #MOST_EACH} in a process at most, and fewer where the machine
 * lets a process have few files. One thread.
 */
final class GatewayProcesses implements AutoCloseable {

  /** Where a process writes how its gateways are. */
  static final String STATE = "state";

  private static final int MOST_EACH = 1_250;

  /** A journal with its readers, and a connection. */
  private static final int FILES_EACH = 9;

  private static final int FILES_BESIDE = 500;
  private static final int HEAP_MEGABYTES = 160;
  private static final double MEGABYTES_EACH = 0.6;
  private static final Duration LONGEST_END = Duration.ofSeconds(20);

  private final TrialOptions options;
  private final QuickTime time;
  private final List<Part> processes = new ArrayList<>();
  private final List<Path> states = new ArrayList<>();
  private final List<Integer> starts = new ArrayList<>();

  private GatewayProcesses(TrialOptions options, QuickTime time) {
    this.options = options;
    this.time = time;
  }

  /** Starts them; nothing is read yet. */
  static GatewayProcesses start(TrialOptions options, String brokerUrl, Path folder, QuickTime time)
      throws IOException {
    GatewayProcesses made = new GatewayProcesses(options, time);
    try {
      made.begin(brokerUrl, folder);
    } catch (IOException e) {
      made.close();
      throw e;
    }
    return made;
  }

  private void begin(String brokerUrl, Path folder) throws IOException {
    int all = options.gateways();
    int most = mostEach(Files.readAllLines(Path.of("/proc/self/limits")), all);
    int count = Math.ceilDiv(all, most);
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) all * i / count);
      int to = (int) ((long) all * (i + 1) / count);
      Path own = Files.createDirectories(folder.resolve("gateways-" + (i + 1)));
      starts.add(from);
      states.add(own.resolve(STATE));
      processes.add(
          Part.start(
              "gateways-" + (i + 1),
              Programs.zone(
                  "-Xmx" + (HEAP_MEGABYTES + (int) (MEGABYTES_EACH * (to - from))) + "m",
                  "gateways",
                  "--of=" + all,
                  "--seed=" + options.seed(),
                  "--span=" + options.silencesMillis(),
                  "--from=" + from,
                  "--to=" + to,
                  "--speed=" + options.speed(),
                  "--began=" + time.beginning(),
                  "--broker=" + brokerUrl,
                  "--dir=" + own),
              folder));
    }
  }

  /**
   * How many gateways a process may have.
   *
   * @param limits of {@code /proc/self/limits}
   * @throws IOException if the MQTT broker itself may not have as many connections; with what to do
   */
  static int mostEach(List<String> limits, int gateways) throws IOException {
    long files =
        limits.stream()
            .filter(line -> line.startsWith("Max open files"))
            .map(line -> line.split("\\s+")[4])
            .mapToLong(hard -> hard.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(hard))
            .findFirst()
            .orElse(Long.MAX_VALUE);
    if (files < gateways + FILES_BESIDE || files < FILES_BESIDE + FILES_EACH) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "a process may have %,d files open here, and the MQTT broker needs %,d: raise the"
                  + " limit (ulimit -n), or take fewer gateways",
              files,
              gateways + FILES_BESIDE));
    }
    return (int) Math.min(MOST_EACH, (files - FILES_BESIDE) / FILES_EACH);
  }

  List<Part> parts() {
    return List.copyOf(processes);
  }

  /**
   * How they are, a fifth of a second ago.
   *
   * @throws IOException if one of the processes has ended
   */
  GatewaysState state() throws IOException {
    GatewaysState sum = null;
    for (int i = 0; i < processes.size(); i++) {
      Part process = processes.get(i);
      if (!process.isAlive()) {
        throw new IOException(process.lastWords());
      }
      GatewaysState one =
          Files.exists(states.get(i))
              ? GatewaysState.read(Files.readString(states.get(i)))
              : GatewaysState.UNKNOWN;
      sum = sum == null ? one : sum.and(one);
    }
    return sum == null ? GatewaysState.UNKNOWN : sum;
  }

  boolean areConnected() throws IOException {
    return state().connected() == options.gateways();
  }

  /**
   * Reads their meters, spread over the period as so many cabinets are, so that all have been read
   * when the next base interval begins for which there is time enough.
   */
  void read() throws IOException {
    long before = 2 * SitePlan.PERIOD_MILLIS + SitePlan.PERIOD_MILLIS / 2;
    long millis = time.wall().millisAt(time.now());
    long next = Math.ceilDiv(millis + before, SitePlan.BASE_MILLIS) * SitePlan.BASE_MILLIS - before;
    MonotonicInstant from = time.now().plusMillis(next - millis);
    long each = Duration.ofMillis(SitePlan.PERIOD_MILLIS).toNanos() / options.gateways();
    for (int i = 0; i < processes.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1) : options.gateways();
      processes
          .get(i)
          .say(
              "read %d %d"
                  .formatted(
                      from.plusNanos(each * starts.get(i)).nanos(), each * (end - starts.get(i))));
    }
  }

  void stopReading() throws IOException {
    for (Part process : processes) {
      process.say("stop");
    }
  }

  /** No more records are made, once {@link GatewaysState#isPaused} says so. */
  void pause() throws IOException {
    for (Part process : processes) {
      process.say("pause");
    }
  }

  @Override
  public void close() {
    processes.parallelStream().forEach(process -> process.hangUp(LONGEST_END));
  }
}
