package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The app folder as it is shipped. */
final class LauncherIT {
  @Test
  void withoutACommandItTellsTheUsageAndExits2() throws Exception {
    var launched = Launched.run(Map.of(), "target/lingtan-sim/bin/lingtan-sim");
    assertEquals(2, launched.exit(), launched::toString);
    assertTrue(launched.err().contains("lingtan-sim"), launched::toString);
  }
}
