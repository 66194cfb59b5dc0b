package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Threads;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Some of the gateways of a trial as a process of their own, because one process may not have as
 * many files open as thousands of journals need. It obeys lines on its standard input, {@code read
 * NANOS SPREAD}, {@code stop} and {@code pause}, ends with it, and writes how its gateways are into
 * a file.
 */
@Command(name = "gateways", hidden = true)
public final class GatewaysCommand implements Callable<Integer> {

  private static final Duration TELL_EVERY = Duration.ofMillis(200);
  private static final Logger PUBLISHERS = Logger.getLogger("io.lingtan.agent.publish");

  @Option(names = "--of", required = true)
  private int all;

  @Option(names = "--seed", required = true)
  private long seed;

  @Option(names = "--span", required = true)
  private long span;

  @Option(names = "--from", required = true)
  private int from;

  @Option(names = "--to", required = true)
  private int to;

  @Option(names = "--speed", required = true)
  private long speed;

  @Option(names = "--began", required = true, split = ",")
  private List<Long> began = List.of();

  @Option(names = "--broker", required = true)
  private String broker = "";

  @Option(names = "--dir", required = true)
  private Path dir = Path.of(".");

  @Override
  public Integer call() throws IOException {
    PUBLISHERS.setLevel(Level.SEVERE);
    List<SitePlan> plans = SitePlan.draw(all, span, Randomness.seeded(seed), from, to);
    QuickTime time = new QuickTime(speed, began.getFirst(), began.getLast());
    try (Gateways gateways = Gateways.start(plans, broker, dir, time)) {
      var telling = Threads.every(TELL_EVERY, "state", () -> tell(gateways));
      obey(gateways);
      telling.shutdownNow();
    }
    return 0;
  }

  private void tell(Gateways gateways) {
    try {
      Path next = dir.resolve("state.next");
      Files.writeString(next, gateways.state().line());
      Files.move(next, dir.resolve(GatewayProcesses.STATE), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void obey(Gateways gateways) throws IOException {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "read" ->
              gateways.read(
                  new MonotonicInstant(Long.parseLong(words[1])), Long.parseLong(words[2]));
          case "stop" -> gateways.stopReading();
          case "pause" -> gateways.pause();
          default -> throw new IOException("no such word: " + line);
        }
      }
    }
  }
}
