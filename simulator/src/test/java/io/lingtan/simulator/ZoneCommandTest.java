package io.lingtan.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the zone's program is looked for. */
final class ZoneCommandTest {
  @TempDir private Path folder;

  @Test
  void itLiesBesideTheSimulatorInTheFolderOfTheBuild() throws Exception {
    Path home = folder.resolve("simulator/target/lingtan-sim");
    Path program = folder.resolve("simulator/zone/target/lingtan-zone/bin/lingtan-zone");
    Files.createDirectories(home);
    Files.createDirectories(program.getParent());
    Files.createFile(program).toFile().setExecutable(true);
    assertEquals(program, ZoneCommand.program(home, Map.of()));
  }

  @Test
  void withoutOneItSaysWhatToDo() {
    IOException said = assertThrows(IOException.class, () -> ZoneCommand.program(folder, Map.of()));
    assertTrue(String.valueOf(said.getMessage()).contains("mvn -DskipTests package"));
    assertThrows(
        IOException.class,
        () ->
            ZoneCommand.program(folder, Map.of("LINGTAN_ZONE", folder.resolve("none").toString())));
  }
}
