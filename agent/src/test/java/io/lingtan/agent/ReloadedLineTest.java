package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.desk.SiteChange;
import io.lingtan.agent.ledger.Takeover;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.KeptRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A line that ends and begins anew, on virtual time. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class ReloadedLineTest {

  @TempDir Path folder;
  private final VirtualTime time = new VirtualTime(1_764_060_000_000L);

  private Site site(int debounceMillis) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: reloaded
            site: {name: Reloaded, zone: Asia/Shanghai, region: CN-JS}
            status: {enabled: false}
            clock: {trust: [system]}
            journal: {path: journal.db}
            lines:
              - id: pulses
                gpio: {chip: one}
                devices:
                  - {id: water, profile: s0, offset: 1, debounce: %dms, per_pulse: 0.01, point: volume, every: 1s, record: 1s}
            """
                .formatted(debounceMillis));
    return new SiteLoader().load(file).site();
  }

  private void run(List<Step> steps, long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    while (time.now().isBefore(end)) {
      steps.forEach(step -> step.step(time.now()));
      time.advanceMillis(100);
    }
  }

  /**
   * Ends the line and begins another.
   *
   * @param millis for which nobody reads
   */
  private void reload(Agent agent, int debounceMillis, long millis) throws IOException {
    Site next = site(debounceMillis);
    SiteChange change = SiteChange.between(agent.site(), next);
    Takeover asked = new Takeover(next, Event.of("config.changed", Severity.INFO));
    assertTrue(agent.ask(asked));
    run(List.of(agent.ledger()), 200);
    assertTrue(asked.ready().isDone());
    assertEquals(1, agent.leaving(change).size());
    agent.leaving(change).forEach(Step::close);
    asked.closed().complete(true);
    time.advanceMillis(millis);
    run(List.of(agent.ledger()), 100);
    agent.goOn(next, change, asked.taken().getNow(null));
  }

  private KeptRecords reloaded(long... millis) throws IOException {
    try (Agent agent =
        Agent.assemble(
            site(10),
            time,
            Randomness.seeded(1),
            new OpenInputs(time),
            _ -> {
              throw new AssertionError("no broker");
            },
            (_, _) -> {
              throw new AssertionError("no view");
            })) {
      run(agent.steps(), 5_000);
      for (int i = 0; i < millis.length; i++) {
        reload(agent, 11 + i, millis[i]);
      }
      run(agent.steps(), 5_000);
      agent.steps().forEach(Step::close);
    }
    return new KeptRecords(folder.resolve("journal.db"));
  }

  /** The device's only stretch without a record for more than two periods, UTC ms. */
  private static Map<String, Object> gap(KeptRecords kept) {
    List<Long> at =
        kept.records().stream()
            .filter(DataRecord.class::isInstance)
            .map(record -> ((DataRecord) record).tsMillis())
            .toList();
    for (int i = 1; i < at.size(); i++) {
      if (at.get(i) - at.get(i - 1) > 2_000) {
        return Map.of("from", at.get(i - 1), "to", at.get(i));
      }
    }
    throw new AssertionError("no gap in " + at);
  }

  private static void assertTold(KeptRecords kept) {
    List<Event> told = kept.events("poll.late");
    assertEquals(1, told.size(), told::toString);
    Map<String, Object> gap = gap(kept);
    assertEquals(gap.get("from"), told.getFirst().detail().get("from"));
    assertEquals(gap.get("to"), told.getFirst().detail().get("to"));
  }

  @Test
  void whatLiesBetweenTheLastSampleBeforeAndTheFirstAfterIsTold() throws Exception {
    assertTold(reloaded(1_900));
  }

  @Test
  void aLineThatEndsBeforeItsFirstSampleLeavesItToTheNext() throws Exception {
    assertTold(reloaded(700, 700, 700));
  }

  @Test
  void aLineThatBeginsAtOnceTellsNothing() throws Exception {
    assertEquals(List.of(), reloaded(0).events("poll.late"));
  }
}
