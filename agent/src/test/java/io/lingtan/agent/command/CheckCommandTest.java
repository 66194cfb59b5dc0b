package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What {@code lingtan check} says of a site file that is good. */
final class CheckCommandTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "'', 1, false",
    "'', 2, true",
    "', transaction_ids: relabelled', 2, false",
    "', parallel: 4', 2, false"
  })
  void severalUnitsBehindOneAddressAreReasonToThinkOfTheConverter(
      String more, int units, boolean said) throws IOException {
    StringBuilder devices = new StringBuilder();
    for (int unit = 1; unit <= units; unit++) {
      devices.append(
          "      - {id: m%d, profile: eastron-sdm120, unit: %d}%n".formatted(unit, unit));
    }
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: check-test
            site: {region: CN-JS}
            lines:
              - id: roof
                modbus-tcp: {host: 127.0.0.1%s}
                devices:
            %smqtt: {servers: ["mqtt://127.0.0.1:1883"]}
            """
                .formatted(more, devices));
    StringWriter out = new StringWriter();
    int exit =
        new CommandLine(new CheckCommand())
            .setOut(new PrintWriter(out, true))
            .execute(site.toString());
    assertEquals(ExitCode.GOOD, exit, out::toString);
    assertEquals(said, out.toString().contains("transaction_ids: relabelled"), out::toString);
  }

  @Test
  void theEndOfATariffIsSaidBefore() throws IOException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: check-test
            site: {region: CN-JS}
            metering: {tariff: jiangsu-2025, tariff_extras: true}
            mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
            """);
    StringWriter out = new StringWriter();
    new CommandLine(new CheckCommand()).setOut(new PrintWriter(out, true)).execute(site.toString());
    assertTrue(
        out.toString().contains("tariff jiangsu-2025: tells periods up to 2026-12-31;"),
        out::toString);
  }

  @Test
  void aFormThatIsWrongIsRefusedWhereItIsWrong() throws IOException {
    Files.writeString(
        Files.createDirectory(folder.resolve("forms")).resolve("mine.yaml"),
        """
        name: mine
        title: Mine
        source: nobody
        columns: [{name: used, zh: 用, en: Used}]
        rows: [{usd: {elec.grid.import: 1}}]
        """);
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: check-test
            site: {region: CN-JS}
            reports: forms
            mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
            """);
    assertEquals(ExitCode.WRONG_USAGE, new CommandLine(new CheckCommand()).execute("" + site));
    String told = told(ExitCode.WRONG_USAGE, site);
    assertTrue(told.contains("'usd' is no column of this form"), told);
    assertTrue(told.contains("mine.yaml\",\"line\":5,\"column\":9"), told);
  }

  @Test
  void whoMayReadALineThroughUsIsShown() throws IOException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: check-test
            site: {region: CN-JS}
            lines:
              - id: roof
                modbus-tcp: {host: 127.0.0.1}
                share: {listen: "0.0.0.0:1502", allow: [192.168.1.0/24, "fd00::/8"]}
                devices:
                  - {id: m1, profile: eastron-sdm120, unit: 1}
            mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
            """);
    StringWriter out = new StringWriter();
    int exit =
        new CommandLine(new CheckCommand())
            .setOut(new PrintWriter(out, true))
            .execute(site.toString());
    assertEquals(ExitCode.GOOD, exit, out::toString);
    assertTrue(
        out.toString()
            .contains(
                "  shared: other masters may read it over Modbus TCP at 0.0.0.0:1502, those of"
                    + " 192.168.1.0/24, fd00:0:0:0:0:0:0:0/8; they cannot write"),
        out::toString);
    String json = told(ExitCode.GOOD, site);
    assertTrue(
        json.contains("\"share\":{\"listen\":\"0.0.0.0:1502\",\"allow\":[\"192.168.1.0/24\","),
        json);
  }

  @Test
  void aProgramIsToldTheSame() throws IOException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: check-test
            site: {region: CN-JS}
            lines:
              - id: roof
                modbus-tcp: {host: 127.0.0.1}
                devices:
                  - {id: m1, profile: eastron-sdm120, unit: 1}
            mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
            """);
    String good = told(ExitCode.GOOD, site);
    Map<String, Object> said = Json.object(good);
    assertEquals(true, said.get("good"), good);
    assertEquals("check-test", said.get("gateway"), good);
    assertTrue(good.contains("\"lines\":[{\"line\":\"roof\","), good);
    assertTrue(said.get("air_mb_per_month") instanceof BigDecimal air && air.signum() > 0, good);
    assertEquals(List.of(), said.get("air_without_lines"), good);
    assertTrue(said.get("card_mb_per_day") instanceof BigDecimal card && card.signum() > 0, good);
    assertTrue(said.get("days_offline") instanceof BigDecimal days && days.signum() > 0, good);
    assertEquals("max_size", said.get("days_offline_limit"), good);

    String polled = Files.readString(site);
    Files.writeString(
        site,
        polled.replace(
            "mqtt: {",
            """
              - id: pulses
                gpio: {chip: gpiochip0}
                devices:
                  - {id: water, profile: s0, offset: 17, per_pulse: 0.01, point: volume}
            mqtt: {\
            """));
    String pulses = told(ExitCode.GOOD, site);
    assertEquals(List.of("pulses"), Json.object(pulses).get("air_without_lines"), pulses);

    Files.writeString(site, polled.replace("\"]}", "\"], batch: 60s}"));
    String batches = told(ExitCode.GOOD, site);
    assertFalse(batches.contains("air_"), "nothing is foretold of batches: " + batches);
    Files.writeString(site, polled);

    Files.writeString(site, Files.readString(site).replace("unit: 1", "unit: 900"));
    String bad = told(ExitCode.WRONG_USAGE, site);
    assertEquals(false, Json.object(bad).get("good"), bad);
    assertTrue(bad.contains("\"severity\":\"error\""), bad);
    assertTrue(bad.contains("\"line\":7,"), bad);
  }

  @Test
  void whatCannotBeForetoldOfTheCardIsNot() throws IOException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: check-test
            site: {region: CN-JS}
            lines:
              - id: roof
                modbus-tcp: {host: 127.0.0.1}
                devices:
                  - {id: m1, profile: eastron-sdm120, unit: 1, deadband: {power: 10}}
            """);
    Map<String, Object> said = Json.object(told(ExitCode.GOOD, site));
    assertEquals(null, said.get("card_mb_per_day"));
    assertEquals(null, said.get("days_offline"));
    assertTrue(String.valueOf(said.get("card_not_foretold")).contains("deadband"), said::toString);
    StringWriter out = new StringWriter();
    new CommandLine(new CheckCommand()).setOut(new PrintWriter(out, true)).execute(site.toString());
    assertTrue(out.toString().contains("card and days offline: not foretold with deadband"));
  }

  private static String told(int exit, Path site) {
    StringWriter out = new StringWriter();
    CommandLine check = new CommandLine(new CheckCommand()).setOut(new PrintWriter(out, true));
    assertEquals(exit, check.execute("--json", site.toString()), out::toString);
    return out.toString();
  }
}
