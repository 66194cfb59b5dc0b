package io.lingtan.agent.site.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is changed, and what stays: everything else, comments included. */
final class SiteEditTest {

  private static final String SITE =
      """
      gateway: gw-1          # 站名牌
      lines:
        - id: roof
          modbus-tcp: {host: 127.0.0.1}
          devices:
            - {id: pv1, profile: sunspec, unit: 1, every: 1s}   # 逆变器
            - id: gate # the meter
              profile: acrel-dtsd1352
              unit: "2"
        - {id: empty, modbus-tcp: {host: 127.0.0.2}, devices: []}
        - id: none
          modbus-tcp: {host: 127.0.0.3}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 400}
      # the end
      """;

  private static void changes(SiteEdit edit, String old, String fresh) {
    assertTrue(SITE.contains(old), old);
    assertEquals(SITE.replace(old, fresh), edit.in(SITE));
  }

  @Test
  void aValueIsReplacedWhereItStands() {
    changes(new SiteEdit.OfDevice("pv1", "unit", "7"), "unit: 1, every", "unit: 7, every");
    changes(new SiteEdit.OfDevice("gate", "unit", "7"), "unit: \"2\"", "unit: 7");
  }

  @Test
  void aKeyThatWasNotThereComesBehindTheFirst() {
    changes(
        new SiteEdit.OfMeter("grid", "reverse", "true"), "{id: grid,", "{id: grid, reverse: true,");
    changes(
        new SiteEdit.OfDevice("gate", "ct", "80"),
        "id: gate # the meter\n",
        "id: gate # the meter\n        ct: 80\n");
  }

  @Test
  void aDeviceComesLastWhateverTheListLooksLike() {
    String device = "{id: x, profile: s, unit: 3}";
    changes(
        new SiteEdit.NewDevice("roof", device),
        "        unit: \"2\"\n",
        "        unit: \"2\"\n      - " + device + "\n");
    changes(new SiteEdit.NewDevice("empty", device), "devices: []", "devices: [" + device + "]");
    changes(
        new SiteEdit.NewDevice("none", device),
        "  - id: none\n",
        "  - id: none\n    devices:\n      - " + device + "\n");
  }

  @Test
  void aLineAndAMeterComeLast() {
    changes(
        new SiteEdit.NewLine("{id: l2}"),
        "    modbus-tcp: {host: 127.0.0.3}\n",
        "    modbus-tcp: {host: 127.0.0.3}\n  - {id: l2}\n");
    changes(
        new SiteEdit.NewMeter("{id: m}"), "rated_kw: 400}\n", "rated_kw: 400}\n    - {id: m}\n");
    assertEquals(
        "gateway: g\nlines:\n  - {id: l}\n", new SiteEdit.NewLine("{id: l}").in("gateway: g"));
    assertEquals(
        "gateway: g\nlines:\n  - {id: l}\n",
        new SiteEdit.NewLine("{id: l}").in("gateway: g\nlines:\n"));
    assertEquals(
        "gateway: g\nlines: [{id: l}]\n",
        new SiteEdit.NewLine("{id: l}").in("gateway: g\nlines: []\n"));
  }

  private static SiteEdit group(String key, String value, String... path) {
    return new SiteEdit.OfGroup(List.of(path), key, value);
  }

  @Test
  void aKeyOfAGroupIsReplacedOrAddedWhateverTheGroupLooksLike() {
    String text =
        """
        mqtt: {servers: ["mqtt://a", "mqtt://b"], tls: {ca: x}} # ours
        metering:
          meters:
            - {id: m}
        carbon:
          method: [location] # by place
        """;
    assertEquals(
        text.replace("[\"mqtt://a\", \"mqtt://b\"]", "[c]"),
        group("servers", "[c]", "mqtt").in(text));
    assertEquals(text.replace("{ca: x}", "{ca: y}"), group("ca", "y", "mqtt", "tls").in(text));
    assertEquals(
        text.replace("{ca: x}", "{ca: x, key: k}"), group("key", "k", "mqtt", "tls").in(text));
    assertEquals(
        text.replace("\"mqtt://b\"],", "\"mqtt://b\"], user: u,"),
        group("user", "u", "mqtt").in(text));
    assertEquals(
        text.replace("  meters:\n", "  tariff: [t]\n  meters:\n"),
        group("tariff", "[t]", "metering").in(text));
    assertEquals(
        text.replace("# by place\n", "# by place\n  accept: [demo]\n"),
        group("accept", "[demo]", "carbon").in(text));
    assertEquals(text + "status: {view: pin}\n", group("view", "pin", "status").in(text));
    assertEquals(text + "status: {tls: {cert: c}}\n", group("cert", "c", "status", "tls").in(text));
    for (String value : List.of("\n  - mqtt://a", "\n    - a", " *x")) {
      String other = "mqtt:\n  servers:" + value + "\n";
      assertThrows(
          IllegalArgumentException.class, () -> group("servers", "[c]", "mqtt").in(other), value);
    }
  }

  @Test
  void aDeviceGoesWithItsMeteringPointsWhateverTheListLooksLike() {
    String without = new SiteEdit.NoDevice("gate").in(SITE);
    assertFalse(without.contains("id: gate") || without.contains("unit: \"2\""), without);
    assertTrue(without.contains("id: pv1") && without.endsWith("# the end\n"), without);
    assertTrue(without.contains("meters:\n    []\n"), without);
    String flow =
        """
        lines: [{id: l, devices: [{id: a, x: "}"}, {id: b}, {id: c}]}]
        metering:
          meters:
            - {id: m1, device: b}
            # stays
            - id: m2
              device: a
            - id: m3
              device: b
              parent: m2
        """;
    assertEquals(
        """
        lines: [{id: l, devices: [{id: a, x: "}"}, {id: c}]}]
        metering:
          meters:
            # stays
            - id: m2
              device: a
        """,
        new SiteEdit.NoDevice("b").in(flow));
    String last = new SiteEdit.NoDevice("c").in(new SiteEdit.NoDevice("b").in(flow));
    assertTrue(last.startsWith("lines: [{id: l, devices: [{id: a, x: \"}\"}]}]\n"), last);
    assertTrue(new SiteEdit.NoDevice("a").in(last).contains("devices: []"), last);
    assertThrows(IllegalArgumentException.class, () -> new SiteEdit.NoDevice("none").in(SITE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Owner's gate, unit: 1}",
        "Owner's gate, unit: 1} # don't",
        "3\" pipe, unit: 1}",
        "'}', unit: 1}",
        "\"\\\"}\", unit: {}}",
        "x, unit: [{}, 1, ] # }\n        , }",
        "x, unit: , }",
        "x, unit}"
      })
  void oneDeviceGoesWhateverMarksAreInItsWords(String rest) {
    String text =
        """
        lines:
          - id: l
            devices:
              - {id: first, unit: 7}
              - {id: gate, label: %s
              - {id: roof, label: Owner's roof, unit: 2}
        """
            .formatted(rest);
    assertEquals(
        text.lines().filter(line -> !line.contains("gate") && !line.contains(", }")).toList(),
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> new SiteEdit.NoDevice("gate").in(text).lines().toList()));
  }

  @Test
  void aDeviceWhoseEndIsNotSeenIsLeftToAPerson() {
    for (String last : List.of("y: *x", "y: one\n two", "y: &z 1")) {
      String text =
          "x: &x {a: 1}\nlines: [{id: l, devices: [{id: gate, %s}, {id: b}]}]\n".formatted(last);
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class, () -> new SiteEdit.NoDevice("gate").in(text), last);
      assertTrue(String.valueOf(refused.getMessage()).endsWith("do it by hand"), last);
    }
  }

  @Test
  void aLineIsReachedOtherwise() {
    changes(new SiteEdit.OfLine("none", "host", "\"10.0.0.3\""), "127.0.0.3", "\"10.0.0.3\"");
    changes(
        new SiteEdit.OfLine("empty", "port", "1502"),
        "{host: 127.0.0.2}",
        "{host: 127.0.0.2, port: 1502}");
    String labelled =
        """
        lines:
          - id: rs485-1
            label: {zh: 一号线, en: line 1}
            serial: {port: /dev/ttyAMA0, baud: 9600}
        """;
    assertEquals(
        labelled.replace("9600", "19200"),
        new SiteEdit.OfLine("rs485-1", "baud", "19200").in(labelled));
  }

  @Test
  void whatIsNotThereOrNoScalarIsLeftToAPerson() {
    assertThrows(
        IllegalArgumentException.class, () -> new SiteEdit.OfDevice("none", "ct", "1").in(SITE));
    assertThrows(IllegalArgumentException.class, () -> new SiteEdit.NewDevice("no", "{}").in(SITE));
    assertThrows(
        IllegalArgumentException.class, () -> new SiteEdit.NewDevice("roof", "{}").in("a: ["));
    assertThrows(IllegalArgumentException.class, () -> new SiteEdit.NewLine("{}").in("text"));
  }

  static Stream<Path> sites() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../config/sites"))) {
      return files.filter(file -> !file.toString().endsWith("world.yaml")).toList().stream();
    }
  }

  /** Every site file that is shipped takes a device on each Modbus line and a line, and is good. */
  @ParameterizedTest
  @MethodSource("sites")
  void everyShippedSiteTakesAChange(Path file) throws IOException {
    String text = Files.readString(file);
    Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
    for (Line line : site.lines()) {
      if (line instanceof Line.ModbusTcp) {
        String id = "new-" + line.id();
        text =
            new SiteEdit.NewDevice(
                    line.id(), "{id: " + id + ", profile: eastron-sdm630, unit: 99, every: 10s}")
                .in(text);
      }
    }
    text = new SiteEdit.NewLine("{id: new-line, modbus-tcp: {host: \"10.0.0.9\"}}").in(text);
    Loaded loaded = new SiteLoader().read(file, text.getBytes(StandardCharsets.UTF_8));
    Site changed = Objects.requireNonNull(loaded.site(), () -> loaded.problems().toString());
    assertEquals(site.lines().size() + 1, changed.lines().size());
    long tcp = site.lines().stream().filter(line -> line instanceof Line.ModbusTcp).count();
    assertEquals(site.devices().size() + tcp, changed.devices().size());
  }
}
