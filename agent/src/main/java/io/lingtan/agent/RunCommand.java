package io.lingtan.agent;

import io.lingtan.agent.journal.JournalUnavailable;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.site.Site;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** {@code lingtan run}: the agent until it is told to stop. */
final class RunCommand {

  private static final String USAGE =
      "usage: lingtan run --config site.yaml   (lingtan run --help tells more)";

  private RunCommand() {}

  static int run(List<String> words) {
    Path config = config(words, System.err);
    if (config == null) {
      return Main.WRONG_USAGE;
    }
    Site site = SiteFile.load(config, System.err);
    if (site == null) {
      return Main.WRONG_USAGE;
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    try (RunningAgent agent =
        RunningAgent.start(site, new SystemTime(site.clock().trust()), Randomness.system())) {
      Threads.atShutdown(
          "stop",
          () -> {
            stop.countDown();
            awaitQuietly(stopped);
            // Asked to stop and stopped: that is success, not 143.
            Runtime.getRuntime().halt(Main.GOOD);
          });
      System.out.println(agent.greeting());
      awaitQuietly(stop);
    } catch (JournalUnavailable e) {
      System.err.println("lingtan: " + e.getMessage());
      return Main.FAILED;
    } finally {
      stopped.countDown();
    }
    return Main.GOOD;
  }

  private static @Nullable Path config(List<String> words, PrintStream errors) {
    if (words.size() == 2 && words.getFirst().equals("--config")) {
      return Path.of(words.getLast());
    }
    if (words.size() == 1 && words.getFirst().startsWith("--config=")) {
      return Path.of(words.getFirst().substring("--config=".length()));
    }
    errors.println(USAGE);
    return null;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
