package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.KeptRecords;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A running gateway whose site file is changed again and again while pulses come. */
@Tag("campaign")
@Execution(ExecutionMode.CONCURRENT)
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class ReloadedPulsesIT {

  private static final int RELOADS = 100;

  /** Both the reading of a clock and its offset are in whole milliseconds. */
  private static final long ROUNDED_MILLIS = 2;

  @TempDir Path folder;
  private final Time time = new SystemTime(List.of("system"));
  private final OpenInputs inputs = new OpenInputs(time);

  /**
   * What somebody may write there.
   *
   * @param perPulse of the input that is changed
   * @param every of the same
   * @param hasSecond whether there is another input beside it
   * @param hasLine whether there is another line, with a meter that never answers
   */
  private record Written(int perPulse, int every, boolean hasSecond, boolean hasLine, int kw) {

    Written changed(Random random, int number) {
      return switch (random.nextInt(5)) {
        case 0 -> new Written(1 + number, every, hasSecond, hasLine, kw);
        case 1 -> new Written(perPulse, every % 5 + 1, hasSecond, hasLine, kw);
        case 2 -> new Written(perPulse, every, !hasSecond, hasLine, kw);
        case 3 -> new Written(perPulse, every, hasSecond, !hasLine, kw);
        default -> new Written(perPulse, every, hasSecond, hasLine, 1 + number);
      };
    }

    Written withSecond() {
      return new Written(perPulse, every, true, hasLine, kw);
    }

    String text() {
      return """
      gateway: reloaded
      site: {name: Reloaded, zone: Asia/Shanghai, region: CN-JS}
      status: {enabled: false}
      clock: {trust: [system]}
      journal: {path: journal.db}
      lines:
        - id: still
          gpio: {chip: one}
          devices:
            - {id: kept, profile: s0, offset: 1, debounce: 0s, per_pulse: 0.001, point: energy_import, every: 1s, record: 1s}
        - id: changing
          gpio: {chip: two}
          devices:
            - {id: other, profile: s0, offset: 1, debounce: 0s, per_pulse: 0.%04d, point: energy_import, every: %ds, record: %ds}
      %s%s
      metering:
        meters:
          - {id: grid, device: kept, role: grid, rated_kw: 4000}
          - {id: hall, device: other, role: load, rated_kw: %d000}
      """
          .formatted(
              perPulse,
              every,
              every,
              hasSecond ? "      - {id: second, profile: s0, offset: 2, debounce: 0s}\n" : "",
              hasLine
                  ? """
                    - id: roof
                      modbus-tcp: {host: 127.0.0.1, port: 1, timeout: 100ms}
                      devices:
                        - {id: silent, profile: eastron-sdm630, unit: 1}
                  """
                  : "",
              kw);
    }
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("site.yaml"), text);
  }

  /** Pulses on all inputs, each at its own random times, until told to end. */
  private Thread pulses(Random random, AtomicBoolean end) {
    List<OpenInputs.Input> all =
        List.of(inputs.input("one", 1), inputs.input("two", 1), inputs.input("two", 2));
    return Thread.ofPlatform()
        .start(
            () -> {
              while (!end.get()) {
                all.get(random.nextInt(all.size())).pulse();
                LockSupport.parkNanos(random.nextInt(4_000_000));
              }
            });
  }

  @Test
  @Timeout(180)
  void aHundredReloadsKeepEachTotalAndTellWhenNobodyCounted() throws Exception {
    long seed = Long.getLong("lingtan.seed", new Random().nextLong());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    Written written = new Written(1, 1, true, true, 1);
    Site site = new SiteLoader().load(write(written.text())).site();
    RunningAgent agent =
        RunningAgent.start(
            site,
            time,
            Randomness.seeded(seed),
            Supervisor.of(Map.of()),
            Duration.ofSeconds(20),
            inputs);
    while (!inputs.input("one", 1).isTaken()) {
      Thread.sleep(10);
    }
    AtomicBoolean end = new AtomicBoolean();
    Thread pulses = pulses(new Random(seed + 1), end);
    int refused = 0;
    int changed = 0;
    for (int i = 1; i <= RELOADS; i++) {
      Thread.sleep(random.nextInt(250));
      Written next = written.changed(random, i);
      if (random.nextInt(6) == 0) {
        write(next.text().replace("profile: s0", "profile: s1")); // which there is not
        refused++;
      } else {
        write(next.text());
        written = next;
        changed++;
      }
      agent.reload();
    }
    if (!written.hasSecond()) {
      // Who is not there in the end tells nothing.
      write(written.withSecond().text());
      changed++;
      agent.reload();
    }
    Thread.sleep(1500);
    end.set(true);
    pulses.join();
    assertTrue(agent.stop());

    KeptRecords kept = new KeptRecords(folder.resolve("journal.db"));
    assertEquals(changed, kept.events("config.changed").size());
    assertEquals(refused, kept.events("config.refused").size());
    for (int i = 0; i < kept.records().size(); i++) {
      assertEquals(i + 1, kept.records().get(i).seq());
    }
    OpenInputs.Input still = inputs.input("one", 1);
    assertEquals(List.of(), still.missed());
    assertEquals(List.of(), kept.events("meter.lost_pulses"));
    assertTold(kept, "kept", still);
    assertTold(kept, "other", inputs.input("two", 1));
    assertTold(kept, "second", inputs.input("two", 2));
    System.out.printf(
        "%d changes, %d refused; given %d, %d, %d; missed, and told: 0, %d, %d%n",
        changed,
        refused,
        still.given(),
        inputs.input("two", 1).given(),
        inputs.input("two", 2).given(),
        inputs.input("two", 1).missed().size(),
        inputs.input("two", 2).missed().size());
  }

  /**
   * The total is what the input's holder was told of, and what was not is in a span that is told.
   */
  private void assertTold(KeptRecords kept, String device, OpenInputs.Input input) {
    PulseTotal total = kept.totals().get(device);
    assertEquals(input.handed(), total.pulses(), device);
    assertEquals(input.given(), input.handed() + input.missed().size(), device);
    List<long[]> spans = spans(kept, device);
    long offset = time.wall().offsetMillis();
    for (long at : input.missed()) {
      long millis = at / 1_000_000 + offset;
      assertTrue(
          spans.stream()
              .anyMatch(
                  span -> span[0] - ROUNDED_MILLIS <= millis && millis <= span[1] + ROUNDED_MILLIS),
          () ->
              "%s missed a pulse at %d that is in none of what it tells: %s"
                  .formatted(device, millis, spans.stream().map(Arrays::toString).toList()));
    }
  }

  /** When nobody counted, by what is told, UTC ms. */
  private static List<long[]> spans(KeptRecords kept, String device) {
    List<long[]> spans = new ArrayList<>();
    for (JournalRecord record : kept.records()) {
      if (record instanceof EventRecord told && device.equals(told.event().device())) {
        switch (told.event().name()) {
          // Before it was counted at all.
          case "meter.counting" -> spans.add(new long[] {0, told.tsMillis()});
          case "meter.uncounted" ->
              spans.add(
                  new long[] {
                    new BigDecimal(String.valueOf(told.event().detail().get("since")))
                        .longValueExact(),
                    told.tsMillis()
                  });
          default -> {}
        }
      }
    }
    assertFalse(spans.isEmpty(), device);
    return spans;
  }
}
