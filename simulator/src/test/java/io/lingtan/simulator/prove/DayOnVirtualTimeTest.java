package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A day of the demo site through the agent's real stages, in one thread. */
class DayOnVirtualTimeTest {

  @TempDir Path folder;

  @Test
  void theSameSeedGivesTheSameBytesInAnotherProcess() throws Exception {
    VirtualDay first = VirtualDay.run(7, Files.createDirectory(folder.resolve("a")));
    assertTrue(first.data() >= 1000, first.data() + " data records");
    assertEquals(96, first.intervals(), "15-minute intervals");
    assertTrue(first.events() >= 1, first.events() + " events");
    // Hash tables with a salt of the process must not show in the bytes: hence another process.
    Launched again =
        Launched.run(
            Map.of(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            VirtualDay.class.getName(),
            "7",
            Files.createDirectory(folder.resolve("b")).toString());
    assertEquals(0, again.exit(), again.err());
    assertEquals(first.toString(), again.out().strip());
    System.out.println("24 h: " + first);
  }

  @Test
  void anotherSeedGivesOtherValues() throws Exception {
    VirtualDay one = VirtualDay.hour(7, Files.createDirectory(folder.resolve("a")));
    VirtualDay other = VirtualDay.hour(8, Files.createDirectory(folder.resolve("b")));
    // The epoch is drawn from the seed and stands in each record: it must not be the difference.
    assertNotEquals(one.sha256WithoutEpoch(), other.sha256WithoutEpoch());
  }
}
