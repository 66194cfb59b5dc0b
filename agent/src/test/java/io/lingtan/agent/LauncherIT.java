package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The app folder as it is shipped. */
final class LauncherIT {
  private static final Path LAUNCHER = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void withoutACommandItTellsTheUsageAndExits2() throws Exception {
    var launched = Launched.run(Map.of(), LAUNCHER.toString());
    assertEquals(2, launched.exit(), launched::toString);
    assertTrue(launched.err().contains("lingtan"), launched::toString);
  }

  @Test
  void itFindsItsFolderThroughASymbolicLink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("lingtan"), LAUNCHER);
    assertEquals(2, Launched.run(Map.of(), link.toString()).exit());
  }

  @Test
  void anOldJavaIsRefusedWithAWordOnWhatToDo() throws Exception {
    Path java = Files.createDirectories(folder.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho an old Java was started\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"17.0.2\"\n");

    var launched = Launched.run(Map.of("LINGTAN_JAVA", java.toString()), LAUNCHER.toString());
    assertEquals(2, launched.exit(), launched::toString);
    assertTrue(launched.err().contains("LINGTAN_JAVA"), launched::toString);
    assertEquals("", launched.out());
  }
}
