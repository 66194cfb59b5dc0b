package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.Main;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import io.lingtan.testing.Launched;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent against the demonstration site with everything that can go wrong. */
class ProveIT {

  @TempDir private Path folder;

  private static Scenario everything() {
    return scenario("everything");
  }

  private static Scenario scenario(String name) {
    return loaded(Path.of("..", "config", "scenarios", name + ".yaml"));
  }

  private static Scenario loaded(Path file) {
    ScenarioReader.Loaded loaded = ScenarioReader.load(file);
    Scenario scenario = loaded.scenario();
    assertNotNull(scenario, () -> loaded.problems().toString());
    return scenario;
  }

  @Test
  void aDayIsProvedAndIsTheSameBytesInAnotherProcess() throws Exception {
    Proof proof = Rehearsal.of(everything(), 7, Rehearsal.Watch.nobody());
    System.out.println(ProofText.of(proof));
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(proof.account().values() > 500_000, () -> proof.account().values() + " values");
    assertEquals(0, proof.account().unjudged());
    // Hash tables with a salt of the process must not show in the bytes: hence another process.
    Launched again =
        Launched.within(
            Duration.ofMinutes(10),
            Map.of(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Main.class.getName(),
            "prove",
            "--scenario",
            Path.of("..", "config", "scenarios", "everything.yaml").toString(),
            "--seed",
            "7",
            "--report",
            folder.toString());
    assertEquals(0, again.exit(), again.err());
    assertEquals(ProofText.of(proof), Files.readString(folder.resolve("seed-7.txt")));
    assertEquals(ProofPicture.of(proof), Files.readString(folder.resolve("seed-7.svg")));
  }

  @Test
  void whatAFullJournalDropsIsDeclaredAndNothingElseIsMissing() {
    Proof proof = Rehearsal.of(scenario("small-journal"), 7, Rehearsal.Watch.nobody());
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertTrue(
        proof.account().events().getOrDefault("journal.dropped", 0) > 1, () -> ProofText.of(proof));
  }

  /** A run begins in the morning, so that a day of it holds no whole calendar day. */
  @Test
  @Tag("campaign")
  void aWholeCalendarDayIsComparedWithItsQuarters() {
    Scenario twoDays = loaded(Path.of("src", "test", "resources", "two-days.yaml"));
    Proof proof = Rehearsal.of(twoDays, 11, Rehearsal.Watch.nobody());
    assertTrue(proof.isGood(), () -> ProofText.of(proof));
    assertEquals(1, proof.account().longer().get("1d"), () -> ProofText.of(proof));
  }

  @Test
  @Tag("campaign")
  void twentySeedsPassAndEveryKindOfFaultOfTheScenarioStrikes() throws Exception {
    Scenario scenario = everything();
    Set<String> struck = new TreeSet<>();
    List<String> failed = new ArrayList<>();
    new Campaign(scenario, Runtime.getRuntime().availableProcessors())
        .run(
            1,
            20,
            proof -> {
              struck.addAll(proof.strikes().keySet());
              if (!proof.isGood()) {
                failed.add(ProofText.of(proof));
              }
            });
    assertEquals(List.of(), failed);
    Set<String> planned = new TreeSet<>();
    scenario.rules().forEach(rule -> planned.add(rule.kind().name()));
    planned.removeAll(struck);
    assertEquals(Set.of(), planned, "never struck");
  }
}
