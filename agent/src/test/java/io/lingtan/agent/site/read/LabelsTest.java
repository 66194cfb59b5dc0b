package io.lingtan.agent.site.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.Site;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What people call devices, lines and metering points. */
final class LabelsTest {

  private static final String SITE =
      """
      gateway: g1
      site: {region: CN-JS}
      lines:
        - id: room
          label: {zh: 配电间, en: Switch room}
          modbus-tcp: {host: 127.0.0.1}
          devices:
            - {id: gate, label: 关口表 1#, profile: eastron-sdm630, unit: 1}
            - {id: spare, profile: eastron-sdm630, unit: 2}
      metering:
        meters:
          - {id: grid, label: {zh: 关口, en: Gate}, device: gate, role: grid, rated_kw: 60}
      mqtt: {servers: ["mqtt://localhost:1883"]}
      """;

  private static Loaded read(String text) {
    return new SiteLoader().read(Path.of("site.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theyAreKeptByIdAndWrittenWhereThereAreAny() {
    Site site = Objects.requireNonNull(read(SITE).site());
    assertEquals(
        Map.of(
            "gate", new Caption("关口表 1#", "关口表 1#"),
            "line:room", new Caption("Switch room", "配电间"),
            "meter:grid", new Caption("Gate", "关口")),
        site.place().labels());
    assertEquals(
        "{\"labels\":{\"gate\":{\"zh\":\"关口表 1#\",\"en\":\"关口表 1#\"},"
            + "\"line:room\":{\"zh\":\"配电间\",\"en\":\"Switch room\"},"
            + "\"meter:grid\":{\"zh\":\"关口\",\"en\":\"Gate\"}}}",
        Json.object(json -> Json.labels(json, site.place().labels())));
    assertEquals("{}", Json.object(json -> Json.labels(json, Map.of())));
  }

  @Test
  void oneThatIsNoLineOfTextIsToldWhere() {
    String told = read(SITE.replace("关口表 1#", "\"\"")).problems().toString();
    assertTrue(told.contains("site.yaml:8:27: error: a name is one line of 1 to"), told);
    told = read(SITE.replace("en: Switch room", "fr: Salle")).problems().toString();
    assertTrue(told.contains("'fr' is no key of"), told);
  }
}
