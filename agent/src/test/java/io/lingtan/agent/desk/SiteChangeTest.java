package io.lingtan.agent.desk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What another site file takes. */
final class SiteChangeTest {

  private static final Path SITES = Path.of("../config/sites");
  private static final Path MICROGRID = SITES.resolve("microgrid.yaml");

  static List<Path> sites() throws IOException {
    try (Stream<Path> files = Files.list(SITES)) {
      return files.filter(file -> !file.toString().endsWith(".world.yaml")).sorted().toList();
    }
  }

  private static Site read(Path file, String text) {
    return Objects.requireNonNull(
        new SiteLoader().read(file, text.getBytes(StandardCharsets.UTF_8)).site());
  }

  @ParameterizedTest
  @MethodSource("sites")
  void theSameFileReadTwiceChangesNothing(Path file) throws IOException {
    String text = Files.readString(file);
    SiteChange change = SiteChange.between(read(file, text), read(file, text + "# and a word\n"));
    assertTrue(change.isNothing(), change::toString);
  }

  @ParameterizedTest
  @CsvSource({
    "device: gate, device: gate, ''",
    "'rated_kw: 400', 'rated_kw: 401', 'lines rs485-1, figures'",
    "'interval: 15m', 'interval: 5m', figures",
    "'region: CN-JS', 'region: CN-ZJ', figures",
    "'baud: 9600', 'baud: 19200', lines rs485-1",
    "'- id: rs485-1', '- id: rs485-9', lines rs485-1 rs485-9",
    "1883\"], '1883\"], views: [{kind: sparkplug, group: wuxi}]', views",
    "1883\"], '1883\"], views: [{kind: homeassistant}]', 'mqtt, views'",
    "1883, 1884, mqtt",
    "'journal: {', 'carbon: {hourly: true}\njournal: {', figures",
  })
  void onlyWhatIsOtherIsNamed(String from, String to, String what) {
    String text = ALL;
    assertTrue(text.contains(from), from);
    SiteChange change =
        SiteChange.between(read(MICROGRID, text), read(MICROGRID, text.replace(from, to)));
    assertEquals(what, change.text());
    assertEquals(List.of(), change.refused());
  }

  @Test
  void aNameThatAProfileGivesIsAChangeOfTheLine(@TempDir Path folder) throws IOException {
    String own =
        """
        name: own-meter
        kind: meter
        protocol: modbus
        points:
          power: {address: 1, type: int16, unit: W}
        own:
          alarms: {address: 2, type: uint16, bits: {9: {zh: 门开, en: door open}}}
        """;
    Path file = folder.resolve("site.yaml");
    Path profile = Files.createDirectory(folder.resolve("profiles")).resolve("own-meter.yaml");
    String text =
        ALL.replace("lines:", "profiles: profiles\nlines:").replace("eastron-sdm630", "own-meter");
    Files.writeString(profile, own);
    Site before = read(file, text);
    Files.writeString(profile, own + "# a word\n");
    assertTrue(SiteChange.between(before, read(file, text)).isNothing());
    Files.writeString(profile, own.replace("door open", "cabinet door"));
    assertEquals("lines rs485-1", SiteChange.between(before, read(file, text)).text());
  }

  @ParameterizedTest
  @CsvSource({
    "'coap-server: {listen: \"127.0.0.1:5684\", keys: keys}'",
    "'coap: {uri: \"coaps://127.0.0.1\", identity: gw, key_file: keys}'",
  })
  void aKeyThatIsTakenAwayIsAChangeOfTheLine(String way, @TempDir Path folder) throws IOException {
    Path file = folder.resolve("site.yaml");
    Path keys = Files.writeString(folder.resolve("keys"), "node1 one-secret\nnode2 another\n");
    String text = ALL.replace("lines:\n", "lines:\n  - id: push\n    " + way + "\n");
    Site before = read(file, text);
    assertTrue(SiteChange.between(before, read(file, text)).isNothing());
    Files.writeString(keys, "node1 one-secret\n");
    Site after = read(file, text);
    assertEquals("lines push", SiteChange.between(before, after).text());
    Files.delete(keys);
    assertEquals("lines push", SiteChange.between(after, read(file, text)).text());
  }

  private static final String ALL =
      """
      gateway: change
      site: {name: Change, zone: Asia/Shanghai, region: CN-JS}
      lines:
        - id: rs485-1
          serial: {port: /dev/ttyAMA0, baud: 9600}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
        - id: roof
          modbus-tcp: {host: 127.0.0.1}
          devices:
            - {id: pv1, profile: sunspec, unit: 1}
      metering:
        interval: 15m
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 400}
          - {id: pv, device: pv1, role: pv, rated_kw: 100}
      mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
      journal: {max_size: 64MB}
      """;

  @Test
  void theNameTheJournalAndTheClockNeedANewStart() {
    Site from = read(MICROGRID, ALL);
    assertEquals(
        List.of("gateway is change and would be other"),
        SiteChange.between(from, read(MICROGRID, ALL.replace("gateway: change", "gateway: other")))
            .refused());
    assertEquals(
        1, SiteChange.between(from, read(MICROGRID, ALL.replace("64MB", "65MB"))).refused().size());
    assertEquals(
        1,
        SiteChange.between(from, read(MICROGRID, ALL + "clock: {trust: [system]}\n"))
            .refused()
            .size());
  }
}
