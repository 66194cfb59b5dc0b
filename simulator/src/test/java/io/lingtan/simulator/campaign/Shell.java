package io.lingtan.simulator.campaign;

import io.lingtan.testing.Launched;
import java.io.IOException;
import java.util.Map;

/** Runs tools of the machine that must succeed. */
final class Shell {

  private Shell() {}

  static String run(String... command) throws IOException, InterruptedException {
    Launched done = Launched.run(Map.of(), command);
    if (done.exit() != 0) {
      throw new IOException(
          String.join(" ", command) + " ended with " + done.exit() + ": " + done.err());
    }
    return done.out();
  }

  /** The same where it does not matter whether there was anything to do. */
  static void attempt(String... command) throws IOException, InterruptedException {
    Launched.run(Map.of(), command);
  }
}
