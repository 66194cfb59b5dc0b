package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.Agent;
import io.lingtan.agent.publish.Message;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Loaded;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.SiteLoader;
import io.lingtan.simulator.device.DemoMicrogrid;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.world.Scenario;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A day of the demo site through the agent's real stages, in one thread. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
class DayOnVirtualTimeTest {

  private static final long DAY_MILLIS = 24 * 3_600_000L;

  @TempDir Path folder;

  /** Everything that one run published as records, in order. */
  private record Day(List<String> records, String sha256, int data, int intervals, int events) {}

  @Test
  void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws Exception {
    Day first = run(7, "a");
    Day again = run(7, "b");
    assertTrue(first.data() >= 1000, first.data() + " data records");
    assertEquals(96, first.intervals(), "15-minute intervals");
    assertTrue(first.events() >= 1, first.events() + " events");
    assertEquals(first.records().size(), again.records().size());
    assertEquals(first.sha256(), again.sha256());
    Day other = run(8, "c");
    assertNotEquals(first.sha256(), other.sha256());
    System.out.printf(
        "24 h: %d data, %d intervals of 15m, %d events, SHA-256 %s%n",
        first.data(), first.intervals(), first.events(), first.sha256());
  }

  private Day run(long seed, String name) throws Exception {
    Path home = Files.createDirectory(folder.resolve(name));
    // edges.
    Scenario scenario = Scenario.demo(seed);
    DemoMicrogrid microgrid = new DemoMicrogrid(scenario, 20);
    VirtualTime time = new VirtualTime(scenario.startMillis());
    WorldClock clock = WorldClock.realTime(time.now(), scenario.startMillis());
    List<String> records = new ArrayList<>();
    MemoryBroker broker = new MemoryBroker(message -> collect(message, records));
    try (Agent agent =
        Agent.assemble(
            site(home),
            time,
            Randomness.seeded(seed),
            new MemoryLines(microgrid.endpoints(), time, clock),
            broker)) {
      VirtualRun run = new VirtualRun(agent.steps(), time);
      run.until(MonotonicInstant.ofMillis(DAY_MILLIS + 60_000));
      run.close();
    }
    return day(records);
  }

  private static Site site(Path home) throws IOException {
    String text =
        DemoMicrogrid.siteFile(
                List.of(1, 2, 3, 4), "mqtt://127.0.0.1:1883", home.resolve("journal.db"), 0)
            .replace("interval: 1m", "interval: 15m")
            .replace("record: 1s", "record: 10s");
    Path file = home.resolve("site.yaml");
    Files.writeString(file, text);
    Loaded loaded = new SiteLoader().load(file);
    Site site = loaded.site();
    if (site == null) {
      throw new AssertionError(loaded.problems().toString());
    }
    return site;
  }

  private static void collect(Message message, List<String> records) {
    String topic = message.topic();
    String below = topic.substring(topic.indexOf('/', "lingtan/v1/".length()) + 1);
    if (below.startsWith("data/")
        || below.startsWith("interval/")
        || below.equals("event")
        || below.equals("batch")) {
      records.add(new String(message.payload(), StandardCharsets.UTF_8));
    }
  }

  private static Day day(List<String> records) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    int data = 0;
    int intervals = 0;
    int events = 0;
    for (String text : records) {
      digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
      Map<String, Object> record = Json.object(text);
      if (record.containsKey("records")) {
        data += ((List<?>) record.get("records")).size();
      } else if (record.containsKey("device") && record.containsKey("values")) {
        data++;
      } else if ("15m".equals(record.get("interval"))) {
        intervals++;
      } else if (record.containsKey("event")) {
        events++;
      }
    }
    return new Day(records, HexFormat.of().formatHex(digest.digest()), data, intervals, events);
  }
}
