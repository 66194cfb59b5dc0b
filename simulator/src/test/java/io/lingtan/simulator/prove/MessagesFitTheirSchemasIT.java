package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.simulator.scenario.Draw;
import io.lingtan.simulator.scenario.Scenario;
import io.lingtan.simulator.scenario.ScenarioReader;
import io.lingtan.testing.Json;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Everything that a gateway publishes on a bad day is described in {@code config/schema}. */
class MessagesFitTheirSchemasIT {

  private static final Path CONFIG = Path.of("..", "config");

  /** One message of each kind that went out, and all that did not fit. */
  private static void run(Map<String, String> examples, List<String> problems) throws IOException {
    Scenario scenario =
        ScenarioReader.load(CONFIG.resolve("scenarios").resolve("everything.yaml")).scenario();
    assertNotNull(scenario);
    Scenario hours = scenario.lasting(3 * 3_600_000L);
    MessageSchemas schemas = MessageSchemas.of(CONFIG.resolve("schema"));
    Rehearsal.of(
        hours,
        SEED,
        Draw.of(hours, SEED, ProvedSite.of(hours.site(), SEED).targets()),
        message -> {
          check(message, schemas, examples, problems);
          return List.of(message);
        });
  }

  /** One with a boot that has no clock, and with a time without a broker. */
  private static final long SEED = 3;

  private static void check(
      Message message,
      MessageSchemas schemas,
      Map<String, String> examples,
      List<String> problems) {
    if (message.payload().length == 0) {
      return;
    }
    String text = new String(message.payload(), StandardCharsets.UTF_8);
    examples.putIfAbsent(MessageSchemas.nameOf(message.topic()), text);
    try {
      List<String> found = schemas.problems(message.topic(), message.payload());
      if (!found.isEmpty() && problems.size() < 10) {
        problems.add(message.topic() + " " + found + " " + text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyMessageFitsAndNoMemberMayBeMissing() throws IOException {
    Map<String, String> examples = new TreeMap<>();
    List<String> problems = new ArrayList<>();
    run(examples, problems);
    assertEquals(List.of(), problems);
    assertEquals(
        Set.of("batch", "data", "event", "interval", "meta", "meta-device", "status", "store"),
        examples.keySet());
    MessageSchemas schemas = MessageSchemas.of(CONFIG.resolve("schema"));
    examples.remove("status");
    for (Map.Entry<String, String> example : examples.entrySet()) {
      Map<String, Object> whole = Json.object(example.getValue());
      Set<String> told = new TreeSet<>();
      for (String member : whole.keySet()) {
        Map<String, Object> less = new LinkedHashMap<>(whole);
        less.remove(member);
        if (!schemas.problems(example.getKey(), Json.text(less)).isEmpty()) {
          told.add(member);
        }
      }
      assertTrue(told.size() >= 4 || told.size() == whole.size(), example.getKey() + " " + told);
      Map<String, Object> more = new LinkedHashMap<>(whole);
      more.put("surprise", true);
      assertFalse(schemas.problems(example.getKey(), Json.text(more)).isEmpty(), example.getKey());
    }
  }
}
