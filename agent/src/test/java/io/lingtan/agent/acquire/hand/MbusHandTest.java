package io.lingtan.agent.acquire.hand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.FakeUnits;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.agent.site.read.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/**
 * What a person sees of an M-Bus meter: the scan, one reading with and without a profile, and where
 * the last values came from. The meter is the Kamstrup MULTICAL 601 whose telegram libmbus has
 * published.
 */
final class MbusHandTest {

  private static final String NAME = "kamstrup-multical-mbus";

  private static final DeviceProfile PROFILE =
      Objects.requireNonNull(Catalogue.profiles(null).load(NAME).value());

  private static byte[] telegram() {
    try {
      for (String line : Files.readAllLines(Path.of("src/test/resources/mbus/libmbus.txt"))) {
        if (line.startsWith("frame kamstrup_multical_601 ")) {
          return HexFormat.of().parseHex(line.split(" ")[2]);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    throw new IllegalStateException("no such frame");
  }

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

  /**
   * A line with the meter on it.
   *
   * @param others whether a second meter answers what is asked of everybody
   */
  private static Bench bench(boolean others, Device... devices) {
    byte[] telegram = telegram();
    byte[] mixed = telegram.clone();
    mixed[20] ^= (byte) (others ? 0x55 : 0);
    byte[] acknowledged = {(byte) 0xE5};
    Map<String, byte[]> answers =
        Map.of(
            "1040115116", acknowledged,
            "1040fe3e16", acknowledged,
            "680b0b6853fd5217588506ffffffff9816", acknowledged,
            "107b118c16", telegram,
            "107bfd7816", telegram,
            "107bfe7916", mixed);
    return new Bench(
        line(devices),
        new FakeUnits(Framing.RTU),
        (channel, frame) -> {
          byte[] answer = answers.get(HexFormat.of().formatHex(frame));
          if (answer != null) {
            channel.deliver(20_000_000, answer);
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

  private static List<DeviceProfile> profiles() {
    Catalogue<DeviceProfile> catalogue = Catalogue.profiles(null);
    return catalogue.names().stream()
        .map(name -> Objects.requireNonNull(catalogue.load(name).value()))
        .filter(profile -> profile.protocol() == DeviceProfile.Protocol.MBUS)
        .toList();
  }

  private static Survey.Result scan(Bench bench) throws InterruptedException {
    Survey.Wanted meters = new Survey.Wanted(1, 0, true, false, 200, List.of());
    return new Survey(bench.line, asking(bench), profiles(), meters, bench.time, told -> {}).run();
  }

  @Test
  void aScanFindsTheOnlyMeterByOneQuestionToEverybody() throws InterruptedException {
    Bench bench = bench(false);
    Survey.Result result = scan(bench);
    assertEquals(1, result.finds().size(), result::toString);
    Find find = result.finds().getFirst();
    assertEquals("meter mbus-17", find.who());
    assertEquals("06855817", find.identity().get("serial"));
    // Nobody can tell the makers apart by their records alone: those that read all they have.
    List<String> guesses = find.guesses().stream().map(Guess::profile).toList();
    assertTrue(guesses.contains(NAME), guesses::toString);
    assertEquals(95, find.guesses().getFirst().percent());
    String yaml = LineYaml.of(bench.line, result.finds(), Map.of(NAME, PROFILE));
    assertTrue(yaml.contains("meter mbus-17"), yaml);
  }

  @Test
  void whereSeveralAnswerAtOnceEachPrimaryAddressIsAsked() throws InterruptedException {
    Survey.Result result = scan(bench(true));
    assertEquals(
        List.of("meter mbus-17"),
        result.finds().stream().map(Find::who).toList(),
        result::toString);
  }

  @Test
  void aReadingAndTheLastPollTellTheSameOfTheSameTelegram() throws InterruptedException {
    for (String address : List.of("mbus-17", "mbus-06855817")) {
      Device heat = Fingerprint.device(PROFILE, -1, address);
      DeviceReport report = DeviceReport.read(line(), heat, asking(bench(false)), 1000, null);
      assertNull(report.problem(), () -> "" + report.problem());
      assertEquals("37351 kWh", report.value(Point.of("energy_import")));
      Point supply = Objects.requireNonNull(PROFILE.find("supply_temperature"));
      assertEquals("101.69 °C", report.value(supply));
      assertEquals("06855817", report.identity().get("serial"));
      String chain = String.valueOf(report.chains().get(Point.of("energy_import")));
      assertEquals("04 06 → energy 37351000 W.h → ×0.001", chain);

      Bench polled = bench(false, heat);
      polled.run(Duration.ofSeconds(30));
      LastPolls last =
          LastPolls.of(polled.line, heat, polled.log.snapshot(), polled.time.now().nanos());
      assertEquals("101.69 °C", last.report().value(supply));
    }
  }

  /** Without a profile every record is told, with its unit. */
  @Test
  void aTechnicianWithoutAProfileSeesEveryRecord() throws InterruptedException {
    Request request = new Request.Telegrams("mbus-17");
    Answer answer = asking(bench(false)).ask(request, 1000, null);
    assertInstanceOf(Answer.Value.class, answer);
    StringBuilder text = new StringBuilder();
    DeviceReport.append(text, request, "", answer);
    for (String line :
        List.of(
            "address 17, identification 06855817 KAM, secondary address 068558172D2C0804",
            "04 06          energy 37351000 W.h",
            "04 59          flow temperature 101.69 Cel",
            "44 06          energy 33361000 W.h, storage 1",
            "14 2D          power 44800 W, max",
            "84 40 14       volume 0 m3, subunit 1",
            "0F             maker's data 00 00")) {
      assertTrue(text.toString().contains(line), () -> line + " is not in\n" + text);
    }
  }
}
