package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.simulator.scenario.Draw;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The messages that {@code config/schema/README.md} shows are those that the real agent publishes
 * for a simulated site with one meter; commands and their answers are the agent's own golden ones.
 */
final class SchemaReadmeTest {

  private static final Path FOLDER = Path.of("..", "config", "schema");
  private static final String HEAD = "## One real message of each kind";
  private static final long SEED = 1;

  /** The file that is hashed names a folder of this run. */
  private static final Pattern CONFIGURATION = Pattern.compile("(?<=\"configuration\":\")\\w{64}");

  private static final String SOME_HASH =
      "750f33a24c391f660bb4916304ecdca6d098da2ac3a60d7fd1ebacd0837d9e83";

  /** It is another one, or none, where the agent does not come as a jar. */
  private static final Pattern VERSION =
      Pattern.compile("(?<=\"name\":\"lingtan\",\"version\":\")[^\"]+");

  private static final String SOME_VERSION = "0.1.0";

  /** An hour without a broker for a minute, and a start without a clock. */
  private static final String SCENARIO =
      """
      site: src/test/resources/readme-site/one-meter.yaml
      lasts: 1h
      faults:
        - {kind: broker_down, at: 20m, for: 30s}
        - {kind: clock_absent, at: 40m, for: 19m}
        - {kind: killed, at: 40m10s, for: 10s}
      """;

  private static final List<String> PUBLISHED =
      List.of(
          "status",
          "meta",
          "meta-device",
          "store",
          "data",
          "interval",
          "event",
          "batch",
          "undated",
          "state");

  /** Golden payloads of commands, and of the answers to them. */
  private static final Map<String, String> COMMANDS =
      Map.of(
          "cmd/ack", "cmd-ack",
          "cmd/feed", "cmd-feed",
          "cmd/replay", "cmd-replay",
          "reply/feed", "reply-feed",
          "reply/replay", "reply-replay",
          "reply/NAME, refused", "refused");

  /** Of these the longest that went out, of others the shortest. */
  private static final List<String> AT_LENGTH = List.of("store", "interval", "event");

  /** One of each kind, by kind: topic and payload. */
  private static Map<String, String[]> examples() {
    var loaded =
        ScenarioReader.read(Path.of("hour.yaml"), SCENARIO.getBytes(StandardCharsets.UTF_8));
    Scenario hour = loaded.scenario();
    assertNotNull(hour, () -> loaded.problems().toString());
    Map<String, String[]> found = new TreeMap<>();
    Rehearsal.of(
        hour,
        SEED,
        Draw.of(hour, SEED, ProvedSite.of(hour.site(), SEED).targets()),
        message -> {
          String text = withoutThisRun(new String(message.payload(), StandardCharsets.UTF_8));
          String kind = MessageSchemas.nameOf(message.topic());
          String[] before = found.get(kind);
          boolean isShorter = before == null || text.length() < before[1].length();
          boolean isLonger = before == null || text.length() > before[1].length();
          if (AT_LENGTH.contains(kind) ? isLonger : isShorter) {
            found.put(kind, new String[] {message.topic(), text});
          }
          return List.of(message);
        });
    return found;
  }

  private static String withoutThisRun(String payload) {
    String text = CONFIGURATION.matcher(payload).replaceFirst(SOME_HASH);
    return VERSION.matcher(text).replaceFirst(SOME_VERSION);
  }

  private static String golden(String name) throws IOException {
    String path = "/io/lingtan/agent/publish/" + name + ".json";
    try (var in = SchemaReadmeTest.class.getResourceAsStream(path)) {
      return new String(Objects.requireNonNull(in, path).readAllBytes(), StandardCharsets.UTF_8)
          .strip();
    }
  }

  @Test
  void theReadmeShowsWhatIsPublished() throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(HEAD);
    lines.add("");
    Map<String, String[]> examples = examples();
    MessageSchemas schemas = MessageSchemas.of(FOLDER);
    for (String kind : PUBLISHED) {
      String[] message = examples.get(kind);
      assertNotNull(message, "no message of the kind " + kind);
      assertEquals(
          List.of(),
          schemas.problems(message[0], message[1].getBytes(StandardCharsets.UTF_8)),
          message[0]);
      show(lines, message[0], message[1]);
    }
    for (String topic : new TreeMap<>(COMMANDS).keySet()) {
      show(
          lines,
          "lingtan/v1/wx-gate-001/" + topic,
          golden(Objects.requireNonNull(COMMANDS.get(topic))));
    }
    List<String> written =
        Files.readAllLines(FOLDER.resolve("README.md")).stream()
            .dropWhile(line -> !line.equals(HEAD))
            .toList();
    lines.removeLast();
    assertEquals(
        String.join("\n", lines),
        String.join("\n", written),
        () -> "the end of config/schema/README.md ought to be\n" + String.join("\n", lines));
  }

  private static void show(List<String> lines, String topic, String payload) {
    lines.addAll(List.of("`" + topic + "`:", "", "```json", payload, "```", ""));
  }
}
