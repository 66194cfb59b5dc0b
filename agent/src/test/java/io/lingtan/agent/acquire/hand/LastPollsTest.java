package io.lingtan.agent.acquire.hand;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.wire.FramesSnapshot;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Frame;
import io.lingtan.agent.acquire.wire.FramesSnapshot.Kind;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.testing.Parts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the page shows of a value's way from the wire, from frames that real polls made. */
final class LastPollsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Point POWER = Point.of("power");

  private static final DeviceProfile PROFILE =
      Bench.profile(
          Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1"),
          Bench.register("voltage", 3, 1, DeviceProfile.Type.UINT16, "0.1"));

  private static Device device(String id, int unit) {
    return Bench.device(id, unit, PROFILE, SECOND, SECOND);
  }

  private static LastPolls of(Bench bench, Device device) {
    return LastPolls.of(bench.line, device, bench.log.snapshot(), bench.time.now().nanos());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @ParameterizedTest
  @EnumSource
  void eachDeviceHasTheFramesOfItsOwnPollsAndWhatTheyMean(Framing framing) {
    Device gate = device("gate", 1);
    Device pv = device("pv", 2);
    Bench bench = new Bench(framing, gate, pv);
    bench.units.unit(1).set(0, 42, 2301);
    bench.units.unit(2).set(0, 7, 2310);
    bench.run(Duration.ofSeconds(5));
    LastPolls last = of(bench, gate);
    assertNull(last.report().problem(), () -> "" + last.report().problem());
    assertEquals("42 W", last.report().value(POWER));
    assertEquals("7 W", of(bench, pv).report().value(POWER));
    assertEquals("230.1 V", last.report().value(Point.of("voltage")));
    String chain = String.valueOf(last.report().chains().get(POWER));
    assertTrue(chain.contains("42"), chain);
    assertEquals(1, last.report().steps().size(), "both registers came in one read");
    Answer.Wire wire = ((Answer.Value) last.report().steps().getFirst().answer()).wire();
    assertTrue(hex(wire.sent()).contains("010300000002"), hex(wire.sent()));
    assertTrue(hex(wire.received()).contains("010304002a08fd"), hex(wire.received()));
    assertTrue(wire.micros() >= 10_000, () -> "the unit takes 10 ms: " + wire.micros());
    assertTrue(last.ageMillis() >= 0 && last.ageMillis() <= 1100, () -> "" + last.ageMillis());
  }

  @ParameterizedTest
  @EnumSource
  void ofAMeterThatHasDiedTheLastAnswerIsShownWithItsAgeAndTheSilenceBesideIt(Framing framing) {
    Device gate = device("gate", 1);
    Bench bench = new Bench(framing, gate);
    bench.units.unit(1).set(0, 42, 2301);
    bench.run(Duration.ofSeconds(5));
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofSeconds(20));
    LastPolls last = of(bench, gate);
    assertEquals("42 W", last.report().value(POWER));
    assertTrue(last.ageMillis() > 15_000, () -> "" + last.ageMillis());
    assertNotNull(last.newest());
    assertEquals("", hex(last.newest().received()));
    assertTrue(hex(last.newest().sent()).contains("0103"), hex(last.newest().sent()));
  }

  /** The page said that a meter was read an hour ago whose values were a second old. */
  @Test
  void whatAMeterSaysOfItselfOnceAnHourDoesNotMakeItsPollsOld() {
    DeviceProfile named =
        Parts.profile(
            "test",
            DeviceProfile.Kind.METER,
            DeviceProfile.Protocol.MODBUS,
            "",
            "",
            "",
            true,
            PROFILE.points(),
            new LinkedHashMap<>(),
            Map.of("serial", Bench.register("power", 3, 9, DeviceProfile.Type.UINT16, "1")),
            125,
            Duration.ZERO,
            false);
    Device gate = Bench.device("gate", 1, named, SECOND, SECOND);
    Bench bench = new Bench(Framing.TCP, gate);
    bench.units.unit(1).set(0, 42, 2301, 0, 0, 0, 0, 0, 0, 0, 77);
    bench.run(Duration.ofSeconds(60));
    LastPolls last = of(bench, gate);
    assertEquals("77", last.report().identity().get("serial"));
    assertEquals("42 W", last.report().value(POWER));
    assertTrue(last.ageMillis() >= 0 && last.ageMillis() <= 1100, () -> "" + last.ageMillis());
  }

  @Test
  void aMeterThatWasNeverAskedHasNoFrames() {
    Bench bench = new Bench(Framing.RTU, device("gate", 1));
    bench.units.unit(1).set(0, 42, 2301);
    bench.run(Duration.ofSeconds(3));
    LastPolls last = of(bench, device("other", 9));
    assertNull(last.newest());
    assertEquals(-1, last.ageMillis());
    assertNotNull(last.report().problem());
    assertTrue(last.report().values().isEmpty());
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RTU_OVER_TCP")
  void whatCameWhenNobodyWaitedForItAnyMoreIsNoAnswer(Framing framing) {
    Device gate = device("gate", 1);
    Bench bench = new Bench(framing, gate);
    bench.units.unit(1).set(0, 42, 2301).delayNanos = () -> 1_300_000_000L;
    bench.run(Duration.ofSeconds(20));
    assertTrue(bench.samples.stream().allMatch(sample -> sample.values().isEmpty()));
    assertTrue(
        bench.log.snapshot().frames().stream().anyMatch(each -> each.kind() == Kind.RECEIVED),
        "late replies were seen");
    LastPolls last = of(bench, gate);
    assertTrue(last.report().values().isEmpty(), () -> "" + last.report().values());
    assertEquals(-1, last.ageMillis());
  }

  @Test
  void aReplyOfAnotherTransactionIsNobodysAndAnEchoIsTakenOff() {
    Device gate = device("gate", 1);
    byte[] request = HexFormat.of().parseHex("000100000006010300000002");
    byte[] foreign = HexFormat.of().parseHex("0007000000070103040001" + "0002");
    byte[] own = HexFormat.of().parseHex("000100000007010304002a08fd");
    List<Frame> frames = new ArrayList<>();
    frames.add(new Frame(1_000_000_000L, Kind.SENT, request));
    frames.add(new Frame(1_010_000_000L, Kind.RECEIVED, foreign));
    frames.add(new Frame(1_020_000_000L, Kind.RECEIVED, Arrays.copyOf(own, 5)));
    frames.add(new Frame(1_030_000_000L, Kind.RECEIVED, Arrays.copyOfRange(own, 5, own.length)));
    LastPolls last =
        LastPolls.of(
            Bench.line(Framing.TCP, SECOND, gate),
            gate,
            new FramesSnapshot("test", "x", 2, 0, 0, frames),
            3_000_000_000L);
    assertEquals("42 W", last.report().value(POWER));
    assertEquals(2000, last.ageMillis());

    byte[] sent = HexFormat.of().parseHex("010300000002c40b");
    byte[] heard = HexFormat.of().parseHex("010300000002c40b" + "010304002a08fd");
    FramesSnapshot serial =
        new FramesSnapshot(
            "test",
            "x",
            0,
            0,
            0,
            List.of(
                new Frame(1_000_000_000L, Kind.SENT, sent),
                new Frame(1_010_000_000L, Kind.RECEIVED, heard)));
    LastPolls cut =
        LastPolls.of(Bench.line(Framing.RTU, SECOND, gate), gate, serial, 3_000_000_000L);
    assertEquals(
        "010304002a08fd",
        hex(Objects.requireNonNull(cut.newest()).received()),
        "without its check sum no answer");
    assertTrue(cut.report().values().isEmpty());
  }
}
