package io.lingtan.agent.site;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.CoapSites;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which settings decide what a value is, and which only when it is read. */
final class SettingsTest {

  private static final String SITE =
      """
      gateway: gw-1
      site: {name: test, zone: Asia/Shanghai, region: CN-JS}
      lines:
        - id: hall
          serial: {port: /dev/ttyAMA0, baud: 9600, parity: none, stop_bits: 1}
          devices:
            - {id: gate, profile: acrel-dtsd1352, unit: 1, every: 1s, ct: 80, pt: 1}
            - {id: other, profile: eastron-sdm630, unit: 2, every: 1s}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 400}
      """;

  private static String hash(String text) {
    Loaded loaded = new SiteLoader().read(Path.of("site.yaml"), text.getBytes(UTF_8));
    Site site = Objects.requireNonNull(loaded.site(), () -> loaded.problems().toString());
    Line line = site.lines().getFirst();
    return Settings.hash(line, line.devices().getFirst());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ct: 80| ct: 60",
        "pt: 1}| pt: 10}",
        "unit: 1| unit: 3",
        "acrel-dtsd1352| eastron-sdm630",
        "baud: 9600| baud: 4800",
        "/dev/ttyAMA0| /dev/ttyAMA1",
        "parity: none| parity: even"
      })
  void whatDecidesTheValueMakesAnother(String before, String after) {
    assertNotEquals(hash(SITE), hash(SITE.replace(before, after)), after);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unit: 1, every: 1s| unit: 1, every: 5s",
        "ct: 80| ct: 80.0",
        "unit: 2| unit: 4",
        "name: test| name: other",
        "rated_kw: 400| rated_kw: 500"
      })
  void whatDoesNotIsTheSame(String before, String after) {
    assertEquals(hash(SITE), hash(SITE.replace(before, after)), after);
  }

  @Test
  void anotherKeyInTheSameFileIsTheSame() {
    Path file = Path.of("keys");
    Device node =
        CoapSites.device(
            "node1",
            CoapSites.builtIn("senml"),
            CoapSites.resource(false),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10));
    Set<String> hashes = new TreeSet<>();
    for (String sha256 : List.of("a", "b")) {
      Line.KeyFile keys = new Line.KeyFile(file, sha256);
      Line line =
          new Line.CoapServer("push", "127.0.0.1:5684", keys, Duration.ofSeconds(1), List.of(node));
      hashes.add(Settings.hash(line, node));
    }
    assertEquals(1, hashes.size());
  }

  /** Another process gives maps another order. */
  @Test
  void aMapsOrderIsNoSetting() throws Exception {
    Set<String> hashes = new TreeSet<>();
    for (int i = 0; i < 3; i++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  SettingsTest.class.getName())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      hashes.add(new String(process.getInputStream().readAllBytes(), UTF_8).strip());
      assertEquals(0, process.waitFor());
    }
    assertEquals(Set.of(hash(SITE)), hashes);
  }

  public static void main(String[] arguments) {
    System.out.println(hash(SITE));
  }
}
