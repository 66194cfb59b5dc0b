package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.Agent;
import io.lingtan.agent.Host;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.device.measure.Measure;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.prove.memory.MemoryBroker;
import io.lingtan.simulator.prove.memory.MemoryChip;
import io.lingtan.simulator.prove.memory.MemoryLines;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import io.lingtan.simulator.world.World;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An hour of a meter's pulse output through the agent's real stages, with what goes wrong there.
 */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class PulsesOnVirtualTimeTest {

  private static final long MINUTE = 60_000L;
  private static final long SEED = 760;

  /** 100 imp/kWh, in mJ. */
  private static final long PER_PULSE = 36_000_000L;

  private static final String SITE =
      """
      gateway: pulses
      lines:
        - id: header
          gpio: {chip: auto}
          devices:
            - {id: house, profile: s0, offset: 17, per_pulse: 0.01, point: energy_import}
            - {id: nothing, profile: s0, offset: 4}
      metering: {meters: []}
      mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
      journal: {path: journal.db}
      status: {enabled: false}
      clock: {trust: [system]}
      """;

  @TempDir Path folder;

  private final List<String> payloads = new ArrayList<>();
  private final List<Map<String, Object>> records = new ArrayList<>();
  private final FaultPlan faults = new FaultPlan();

  private PulseOutput hour() throws Exception {
    Plant plant = Plant.demo(SEED);
    World world = new World(plant);
    VirtualTime time = new VirtualTime(plant.startMillis());
    WorldClock clock = WorldClock.realTime(time.now(), plant.startMillis());
    PulseOutput output =
        new PulseOutput(
            "house",
            world,
            faults,
            Point.of("energy_import"),
            Measure.MILLIJOULE,
            (of, millis) -> of.energyMillijoules(Wire.BUILDINGS, millis),
            PER_PULSE);
    long start = plant.startMillis();
    faults.add(new PulseFault.Bounce("house", start + 5 * MINUTE, start + 15 * MINUTE, 3));
    faults.add(new PulseFault.Hum("house", start + 10 * MINUTE, start + 25 * MINUTE, 100));
    faults.add(new PulseFault.LostEvents("house", start + 30 * MINUTE, start + 31 * MINUTE, 10));
    MemoryLines lines =
        new MemoryLines(List.of(), time, clock, null)
            .plug("header", new MemoryChip(Map.of(17, output), time, clock));
    try (Agent agent =
        Agent.assemble(
            site(),
            Host.real(),
            time,
            Randomness.seeded(SEED),
            lines,
            new MemoryBroker(this::collect))) {
      VirtualRun run = new VirtualRun(agent.steps(), time);
      run.until(MonotonicInstant.ofMillis(60 * MINUTE));
      run.close();
    }
    return output;
  }

  private Site site() throws Exception {
    Path file = Files.writeString(folder.resolve("site.yaml"), SITE);
    Loaded loaded = new SiteLoader().load(file);
    if (loaded.site() == null) {
      throw new AssertionError(loaded.problems().toString());
    }
    return loaded.site();
  }

  private void collect(Message message) {
    String topic = message.topic();
    if (topic.contains("/data/") || topic.endsWith("/event") || topic.endsWith("/batch")) {
      payloads.add(new String(message.payload(), StandardCharsets.UTF_8));
    }
  }

  private void parse() throws IOException {
    for (String payload : payloads) {
      Map<String, Object> record = Json.object(payload);
      if (record.get("records") instanceof List<?> batch) {
        for (Object each : batch) {
          @SuppressWarnings("unchecked")
          Map<String, Object> one = (Map<String, Object>) each;
          records.add(one);
        }
      } else {
        records.add(record);
      }
    }
  }

  private Stream<Map<String, Object>> of(String device, String member) {
    return records.stream()
        .filter(record -> device.equals(record.get("device")) && record.containsKey(member));
  }

  private static double number(Map<String, Object> record, String group, String member) {
    return ((Number) ((Map<?, ?>) record.get(group)).get(member)).doubleValue();
  }

  @Test
  void theTotalIsWhatTheOutputGaveWhateverGoesWrongAndLossesAreTold() throws Exception {
    PulseOutput output = hour();
    parse();
    assertTrue(output.given() > 1000, output.given() + " pulses");
    assertTrue(output.lost() > 3, output.lost() + " lost");

    Map<String, Object> last =
        of("house", "values")
            .filter(record -> !((Map<?, ?>) record.get("values")).isEmpty())
            .reduce((first, second) -> second)
            .orElseThrow();
    assertEquals((double) (output.given() - output.lost()), number(last, "values", "pulses"));
    assertEquals(
        (output.given() - output.lost()) / 100.0, number(last, "values", "energy_import"), 1e-9);

    // What the pulses of an hour count, and the mean of the power between them.
    double energy = output.given() / 100.0;
    double mean =
        of("house", "values")
            .filter(record -> ((Map<?, ?>) record.get("values")).containsKey("power"))
            .mapToDouble(record -> number(record, "values", "power") / 1000)
            .average()
            .orElseThrow();
    assertEquals(energy, mean, energy / 20, "kWh in an hour, and mean kW");

    double told =
        of("house", "event")
            .filter(record -> record.get("event").equals("meter.lost_pulses"))
            .mapToDouble(record -> number(record, "detail", "pulses_at_most"))
            .sum();
    assertEquals((double) output.lost(), told);
    assertTrue(
        of("house", "bad")
            .anyMatch(
                record ->
                    "lost_pulses".equals(((Map<?, ?>) record.get("bad")).get("energy_import"))),
        "no record says that pulses were lost");
    for (String kind : List.of("pulse_bounce", "pulse_hum", "pulse_lost_events")) {
      assertTrue(faults.injected().getOrDefault(kind, 0L) > 10 || kind.endsWith("events"), kind);
    }

    // The other device of the line has a reason, and no number.
    assertTrue(
        of("nothing", "values").allMatch(record -> ((Map<?, ?>) record.get("values")).isEmpty()));
    assertTrue(of("nothing", "bad").findAny().isPresent());
    System.out.println(
        "pulses given %d, lost %d, faults %s"
            .formatted(output.given(), output.lost(), faults.injected()));
  }
}
