package io.lingtan.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assertions;

/** Packages of npm, for tests that read with what nobody here wrote. */
public final class Npm {

  /** A registry that does not answer is asked again, and not waited for. */
  private static final int ATTEMPTS = 3;

  private static final Duration LONGEST = Duration.ofSeconds(100);

  private Npm() {}

  /** Installs a package and what it needs, but runs none of their scripts. */
  public static void install(Path folder, String what) throws IOException, InterruptedException {
    Launched last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      last =
          Launched.within(
              LONGEST,
              Map.of(),
              "npm",
              "install",
              "--no-audit",
              "--no-fund",
              "--ignore-scripts",
              "--fetch-timeout=20000",
              "--prefix",
              folder.toString(),
              what);
      if (last.exit() == 0) {
        return;
      }
    }
    Assertions.fail("npm install " + what + ", tried " + ATTEMPTS + " times: " + last);
  }
}
