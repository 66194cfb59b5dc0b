package io.lingtan.simulator.beside;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the agent's launcher is looked for. */
final class AppsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {"agent/target/lingtan/bin/lingtan", "simulator/target/lingtan/bin/lingtan"})
  void itLiesInTheBuildOrBesideTheSimulator(String place) throws Exception {
    Path agent = program(place);
    assertEquals(agent, Apps.agent(folder.resolve("simulator/target/lingtan-sim"), Map.of()));
  }

  @Test
  void aNamedOneThatIsNoProgramIsRefused() throws Exception {
    program("agent/target/lingtan/bin/lingtan");
    Map<String, String> named = Map.of("LINGTAN_AGENT", folder.resolve("none").toString());
    Path home = folder.resolve("simulator/target/lingtan-sim");
    assertThrows(IOException.class, () -> Apps.agent(home, named));
  }

  private Path program(String place) throws IOException {
    Path program = folder.resolve(place);
    Files.createDirectories(program.getParent());
    Files.createFile(program).toFile().setExecutable(true);
    return program;
  }
}
