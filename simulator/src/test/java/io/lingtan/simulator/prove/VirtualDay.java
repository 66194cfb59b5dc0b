package io.lingtan.simulator.prove;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What the agent published of a simulated time.
 *
 * @param sha256 of all records in the order of publishing
 * @param sha256WithoutEpoch the same with every epoch blanked out
 */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
record VirtualDay(int data, int intervals, int events, String sha256, String sha256WithoutEpoch) {

  private static final long HOUR_MILLIS = 3_600_000L;

  /** A day and a minute, so that the last quarter of an hour is closed. */
  static VirtualDay run(long seed, Path home) throws Exception {
    return run(seed, home, 24 * HOUR_MILLIS + 60_000);
  }

  static VirtualDay hour(long seed, Path home) throws Exception {
    return run(seed, home, HOUR_MILLIS);
  }

  /** Prints the day of a seed: {@code SEED FOLDER}. */
  public static void main(String[] args) throws Exception {
    System.out.println(run(Long.parseLong(args[0]), Path.of(args[1])));
  }

  private static VirtualDay run(long seed, Path home, long millis) throws Exception {
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
      run.until(MonotonicInstant.ofMillis(millis));
      run.close();
    }
    return of(records);
  }

  private static Site site(Path home) throws Exception {
    String text =
        DemoMicrogrid.siteFile(
                List.of(1, 2, 3, 4), "mqtt://127.0.0.1:1883", home.resolve("journal.db"), 0)
            .replace("interval: 1m", "interval: 15m")
            .replace("record: 1s", "record: 10s");
    Path file = home.resolve("site.yaml");
    Files.writeString(file, text);
    Loaded loaded = new SiteLoader().load(file);
    if (loaded.site() == null) {
      throw new AssertionError(loaded.problems().toString());
    }
    return loaded.site();
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

  private static VirtualDay of(List<String> records) throws Exception {
    MessageDigest whole = MessageDigest.getInstance("SHA-256");
    MessageDigest withoutEpoch = MessageDigest.getInstance("SHA-256");
    int data = 0;
    int intervals = 0;
    int events = 0;
    for (String text : records) {
      whole.update((text + "\n").getBytes(StandardCharsets.UTF_8));
      String blanked = text.replaceAll("\"epoch\":\"[0-9a-f]+\"", "");
      withoutEpoch.update((blanked + "\n").getBytes(StandardCharsets.UTF_8));
      Map<String, Object> record = Json.object(text);
      if (record.containsKey("records")) {
        data += ((List<?>) record.get("records")).size();
      } else if (record.containsKey("values")) {
        data++;
      } else if ("15m".equals(record.get("interval"))) {
        intervals++;
      } else if (record.containsKey("event")) {
        events++;
      }
    }
    HexFormat hex = HexFormat.of();
    return new VirtualDay(
        data,
        intervals,
        events,
        hex.formatHex(whole.digest()),
        hex.formatHex(withoutEpoch.digest()));
  }
}
