package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What once failed, shrunk, or is too rare to be met: {@code NAME-SEED.yaml} in resources. */
class FixedCasesTest {

  static Stream<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src", "test", "resources", "prove"))) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void whatOnceFailedPasses(Path file) {
    String name = file.getFileName().toString().replace(".yaml", "");
    ScenarioReader.Loaded loaded = ScenarioReader.load(file);
    Scenario scenario = loaded.scenario();
    assertNotNull(scenario, () -> loaded.problems().toString());
    long seed = Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
    Proof proof = Rehearsal.of(scenario, seed, Rehearsal.Watch.nobody());
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
  }
}
