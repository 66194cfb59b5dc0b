package io.lingtan.agent.acquire.hand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.FakeUnits;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.agent.site.read.Catalogue;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What a person sees of a CJ/T 188 meter: the scan, one reading, and where the last values came
 * from. The meter's frames are those that ioBroker.sanext has published of a SANEXT MONO CU.
 */
final class Cjt188HandTest {

  private static final String ADDRESS = "2000740012064713";
  private static final String REPLY =
      "fefe6820134706120074008"
          + "12e1f9000"
          + "0000000005"
          + "0000000005"
          + "0000000017"
          + "0000000035"
          + "000000002c"
          + "022300"
          + "112300"
          + "345800"
          + "09491205092320"
          + "0008"
          + "f016";

  private static final DeviceProfile PROFILE =
      Objects.requireNonNull(Catalogue.profiles(null).load("sanext-mono-cu").value());

  private static Line line(Device... devices) {
    return new Line.Serial(
        "l",
        "/dev/ttyAMA0",
        new CharacterFormat(2400, Parity.EVEN, 1),
        "auto",
        false,
        Duration.ofSeconds(1),
        List.of(devices),
        null);
  }

  /** Answers as the meter that was heard. */
  private static Bench bench(Device... devices) {
    return new Bench(
        line(devices),
        new FakeUnits(Framing.RTU),
        (channel, frame) -> {
          switch (HexFormat.of().formatHex(frame)) {
            case "fefefefe6820134706120074000103" + "1f9000" + "2116" ->
                channel.deliver(20_000_000, HexFormat.of().parseHex(REPLY));
            case "fefefefe68aaaaaaaaaaaaaaaa0303" + "0a8100" + "4916" ->
                channel.deliver(
                    20_000_000,
                    HexFormat.of().parseHex("682013470612007400" + "8303" + "0a8100" + "7f16"));
            default -> {}
          }
        });
  }

  private static LineAccess asking(Bench bench) {
    return (request, timeoutMillis, form) -> {
      Inquiry inquiry = new Inquiry(request, timeoutMillis, form);
      assertTrue(bench.step.inquiries().offer(inquiry));
      for (int i = 0; i < 100_000 && !inquiry.answer().isDone(); i++) {
        bench.run(Duration.ofMillis(1));
      }
      return inquiry.answer().join();
    };
  }

  @Test
  void aScanFindsItByItsAddressAndReadsItByTheProfilesOfItsKind() throws InterruptedException {
    Bench bench = bench();
    Catalogue<DeviceProfile> catalogue = Catalogue.profiles(null);
    List<DeviceProfile> profiles =
        catalogue.names().stream()
            .map(name -> Objects.requireNonNull(catalogue.load(name).value()))
            .toList();
    Survey.Wanted meters = new Survey.Wanted(1, 0, true, false, 200, List.of());
    Survey.Result result =
        new Survey(bench.line, asking(bench), profiles, meters, bench.time, told -> {}).run();
    assertEquals(1, result.finds().size(), result::toString);
    Find find = result.finds().getFirst();
    assertEquals("meter " + ADDRESS, find.who());
    // Both read it: which of them it is nobody can tell but by its plate. Its units are behind.
    assertEquals(
        List.of("cjt188-heat 95", "sanext-mono-cu 95", "cjt188-heat-unit-first 20"),
        find.guesses().stream().map(guess -> guess.profile() + " " + guess.percent()).toList());
    String yaml =
        LineYaml.of(
            bench.line,
            result.finds(),
            Map.of(
                PROFILE.name(),
                PROFILE,
                "cjt188-heat",
                profiles.stream()
                    .filter(each -> each.name().equals("cjt188-heat"))
                    .findFirst()
                    .orElseThrow()));
    assertTrue(yaml.contains("profile: cjt188-heat, address: \"" + ADDRESS + "\""), yaml);
  }

  @Test
  void aReadingAndTheLastPollTellTheSameOfTheSameFrame() throws InterruptedException {
    Device heat = Fingerprint.device(PROFILE, -1, ADDRESS);
    DeviceReport report = DeviceReport.read(line(), heat, asking(bench()), 1000, null);
    assertNull(report.problem(), () -> "" + report.problem());
    assertEquals("0 kWh", report.value(Point.of("energy_import")));
    Point supply = Objects.requireNonNull(PROFILE.find("supply_temperature"));
    assertEquals("23.02 °C", report.value(supply));
    String chain = String.valueOf(report.chains().get(supply));
    assertTrue(chain.startsWith("02 23 00 → digits 2302"), chain);
    assertTrue(
        String.valueOf(report.chains().get(Point.of("power"))).contains("unit 17H ×1000"),
        () -> report.chains().toString());

    Bench polled = bench(heat);
    polled.run(Duration.ofSeconds(90));
    LastPolls last =
        LastPolls.of(polled.line, heat, polled.log.snapshot(), polled.time.now().nanos());
    assertEquals("23.02 °C", last.report().value(supply));
    assertEquals(REPLY, HexFormat.of().formatHex(Objects.requireNonNull(last.newest()).received()));
  }
}
