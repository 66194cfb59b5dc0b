package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.MeterFamily;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked of a line by hand, beside its polls. */
final class InquiryTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final DeviceProfile PROFILE =
      Bench.profile(Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1"));

  private static Device device(String id, int unit) {
    return Bench.device(id, unit, PROFILE, SECOND, SECOND);
  }

  private static Inquiry ask(Bench bench, Request request, int timeoutMillis) {
    Inquiry inquiry = new Inquiry(request, timeoutMillis, null);
    assertTrue(bench.step.inquiries().offer(inquiry));
    return inquiry;
  }

  private static Answer answered(Bench bench, Request request, int timeoutMillis) {
    Inquiry inquiry = ask(bench, request, timeoutMillis);
    for (int i = 0; i < 6000 && !inquiry.answer().isDone(); i++) {
      bench.run(Duration.ofMillis(5));
    }
    return inquiry.answer().join();
  }

  @ParameterizedTest
  @EnumSource
  void registersAreReadWithTheirFrames(Framing framing) {
    Bench bench = new Bench(framing, device("gate", 1));
    bench.units.unit(1).set(0, 42);
    bench.units.unit(9).set(100, 0x1234, 0x5678);
    bench.run(Duration.ofSeconds(3));
    Answer answer = answered(bench, new Request.Registers(9, 3, 100, 2), 300);
    var value = assertInstanceOf(Answer.Value.class, answer);
    assertArrayEquals(HexFormat.of().parseHex("12345678"), value.value());
    String sent = HexFormat.of().formatHex(value.wire().sent());
    String received = HexFormat.of().formatHex(value.wire().received());
    assertTrue(sent.contains("090300640002"), sent);
    assertTrue(received.contains("09030412345678"), received);
    assertEquals(framing == Framing.TCP, sent.contains("0006090300640002"), sent);
    assertTrue(value.wire().micros() >= 10_000, () -> "took " + value.wire().micros());
  }

  @ParameterizedTest
  @EnumSource
  void whoIsNotThereIsSilentAndHarmsNobody(Framing framing) {
    Bench bench = new Bench(framing, device("gate", 1), device("pv", 2));
    bench.units.unit(1).set(0, 42);
    bench.units.unit(2).set(0, 43);
    bench.run(Duration.ofSeconds(3));
    for (int unit = 3; unit < 60; unit++) {
      var silent =
          assertInstanceOf(
              Answer.Silent.class, answered(bench, new Request.Registers(unit, 3, 0, 1), 200));
      assertTrue(silent.wire().sent().length >= 8);
      assertEquals(0, silent.wire().received().length);
    }
    bench.run(Duration.ofSeconds(2));
    assertEquals(0, bench.step.snapshot().skipped());
    assertEquals(1, bench.channel.openings, "the connection was never left");
    assertEquals(List.of(), bench.eventNames());
    for (Sample sample : bench.samples) {
      assertEquals(null, sample.failed(), sample::toString);
    }
    long seconds = bench.time.now().nanos() / 1_000_000_000L;
    for (String id : List.of("gate", "pv")) {
      assertTrue(bench.samplesOf(id).size() >= seconds - 1, () -> id + bench.samplesOf(id).size());
    }
  }

  @Test
  void aLineWithoutTimeSaysSoAndKeepsItsPolls() {
    Device[] devices = new Device[12];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = device("m" + i, i + 1);
    }
    Bench bench = new Bench(Framing.RTU, devices);
    for (int i = 0; i < devices.length; i++) {
      bench.units.unit(i + 1).set(0, 42).delayNanos = () -> 45_000_000L;
    }
    bench.run(Duration.ofSeconds(5));
    var why =
        assertInstanceOf(
            Answer.NotAsked.class, answered(bench, new Request.Registers(99, 3, 0, 1), 1000));
    assertTrue(why.why().english().contains("no time"), () -> why.why().english());
    assertTrue(
        why.why().english().matches(".*polls take [4-9][0-9] %.*"), () -> why.why().english());
    assertFalse(bench.units.asked.stream().anyMatch(asked -> asked.startsWith("99/")));
    assertEquals(0, bench.step.snapshot().skipped());
  }

  /** A line with so many units, each polled every second and answering after so many ms. */
  private static Bench polled(Framing framing, int units, long replyMillis) {
    Device[] devices = new Device[units];
    for (int i = 0; i < units; i++) {
      devices[i] = device("m" + i, i + 1);
    }
    Bench bench = new Bench(framing, devices);
    for (int i = 0; i < units; i++) {
      bench.units.unit(i + 1).set(0, 42, 77, 78).delayNanos = () -> replyMillis * 1_000_000L;
    }
    bench.run(Duration.ofSeconds(5));
    assertEquals(0, bench.step.snapshot().skipped());
    return bench;
  }

  private static Inquiry press(Bench bench, Request request, int timeoutMillis) {
    Inquiry inquiry = new Inquiry(request, timeoutMillis, null, true, new CompletableFuture<>());
    assertTrue(bench.step.inquiries().offer(inquiry));
    return inquiry;
  }

  /** Milliseconds until it is answered. */
  private static long pressed(Bench bench, Inquiry inquiry) {
    long begun = bench.time.now().nanos();
    for (int i = 0; i < 30_000 && !inquiry.answer().isDone(); i++) {
      bench.run(Duration.ofMillis(1));
    }
    assertTrue(inquiry.answer().isDone());
    return (bench.time.now().nanos() - begun) / 1_000_000L;
  }

  @ParameterizedTest
  @EnumSource
  void aUnitThatAnswersItsPollsIsReadByHandAtOnceAndNoPollIsLate(Framing framing) {
    Bench bench = polled(framing, 4, 20);
    for (int unit = 1; unit <= 4; unit++) {
      Inquiry asked = press(bench, new Request.Registers(unit, 3, 1, 2), 1000);
      long took = pressed(bench, asked);
      assertInstanceOf(Answer.Value.class, asked.answer().join());
      assertTrue(took < 500, () -> took + " ms, " + framing);
    }
    bench.run(Duration.ofSeconds(3));
    assertEquals(0, bench.step.snapshot().skipped());
  }

  @ParameterizedTest
  @EnumSource
  void aQuestionThatNobodyAnswersCostsEachMeterOnePollAtMost(Framing framing) {
    Bench bench = polled(framing, 4, 20);
    Inquiry asked = press(bench, new Request.Registers(99, 3, 0, 1), 1000);
    long took = pressed(bench, asked);
    assertInstanceOf(Answer.Silent.class, asked.answer().join());
    assertTrue(took < 3_500, () -> took + " ms, " + framing);
    bench.run(Duration.ofSeconds(10));
    LineSnapshot line = bench.step.snapshot();
    assertTrue(line.skipped() <= 4, line::toString);
    long seconds = bench.time.now().nanos() / 1_000_000_000L;
    for (LineSnapshot.DeviceSnapshot device : line.devices()) {
      assertTrue(Math.abs(seconds - device.polls()) <= 2, device::toString);
      assertFalse(device.offline());
    }
    // What was left out is counted: nothing is missing without being said.
    long polls = line.devices().stream().mapToLong(LineSnapshot.DeviceSnapshot::polls).sum();
    assertTrue(Math.abs(4 * seconds - polls - line.skipped()) <= 4, line::toString);
    assertEquals(List.of(), bench.eventNames());
  }

  @Test
  void aTightLineLendsASingleQuestionItsTurn() {
    Bench bench = polled(Framing.RTU, 12, 75);
    LineSnapshot.ScheduleSnapshot schedule = bench.step.snapshot().schedule();
    assertTrue(schedule != null && schedule.utilisationPercent() >= 90, () -> "is " + schedule);
    Inquiry known = press(bench, new Request.Registers(7, 3, 1, 2), 1000);
    long took = pressed(bench, known);
    assertInstanceOf(Answer.Value.class, known.answer().join());
    assertTrue(took < 3_000, () -> took + " ms");
    assertTrue(bench.step.snapshot().skipped() <= 1);
    Inquiry unknown = press(bench, new Request.Registers(99, 3, 0, 1), 1000);
    long vain = pressed(bench, unknown);
    assertInstanceOf(Answer.Silent.class, unknown.answer().join());
    assertTrue(vain < 5_000, () -> vain + " ms");
  }

  @Test
  void whoeverAsksADeadUnitAgainAndAgainCostsATenthOfTheLineAtMost() {
    Bench bench = polled(Framing.RTU, 4, 20);
    long begun = bench.time.now().nanos();
    long before = bench.samples.size();
    int silent = 0;
    while (bench.time.now().nanos() - begun < 300_000_000_000L) {
      Inquiry asked = press(bench, new Request.Registers(99, 3, 0, 1), 1000);
      long took = pressed(bench, asked);
      assertTrue(took <= 20_000, () -> took + " ms");
      silent += asked.answer().join() instanceof Answer.Silent ? 1 : 0;
    }
    long seconds = (bench.time.now().nanos() - begun) / 1_000_000_000L;
    assertTrue(silent >= seconds / 20, "each had its turn, " + silent + " in " + seconds + " s");
    long kept = bench.samples.size() - before;
    assertTrue(kept >= 4 * seconds * 88 / 100, kept + " of " + 4 * seconds + " samples");
  }

  @Test
  void aQuestionOfTenSecondsIsToldWhenItMayBeAskedAgain() {
    Bench bench = polled(Framing.RTU, 4, 20);
    Inquiry first = press(bench, new Request.Registers(99, 3, 0, 1), 10_000);
    pressed(bench, first);
    assertInstanceOf(Answer.Silent.class, first.answer().join());
    Inquiry second = press(bench, new Request.Registers(99, 3, 0, 1), 10_000);
    pressed(bench, second);
    var why = assertInstanceOf(Answer.NotAsked.class, second.answer().join());
    assertTrue(
        why.why().english().matches(".*nobody answered: ask again in [67][0-9] s.*"),
        () -> why.why().english());
    // Another meter's answer is not held up by it for longer.
    Inquiry other = press(bench, new Request.Registers(2, 3, 1, 1), 250);
    pressed(bench, other);
    assertInstanceOf(Answer.Value.class, other.answer().join());
  }

  @Test
  void aLineWhosePollsDoNotFitLendsNothing() {
    Device[] devices = new Device[12];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = device("m" + i, i + 1);
    }
    Bench bench = new Bench(Framing.RTU, devices);
    for (int i = 0; i < devices.length; i++) {
      bench.units.unit(i + 1).set(0, 42).delayNanos = () -> 90_000_000L;
    }
    bench.run(Duration.ofSeconds(60));
    Inquiry asked = press(bench, new Request.Registers(99, 3, 0, 1), 1000);
    pressed(bench, asked);
    var why = assertInstanceOf(Answer.NotAsked.class, asked.answer().join());
    assertTrue(
        why.why().english().matches(".*polls take 1[0-9][0-9] %.*"), () -> why.why().english());
    assertFalse(bench.units.asked.stream().anyMatch(each -> each.startsWith("99/")));
  }

  @Test
  void aShortQuestionFindsItsPlaceOnABusyLine() {
    Device[] devices = new Device[12];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = device("m" + i, i + 1);
    }
    Bench bench = new Bench(Framing.RTU, devices);
    for (int i = 0; i < devices.length; i++) {
      bench.units.unit(i + 1).set(0, 42).delayNanos = () -> 25_000_000L;
    }
    bench.run(Duration.ofSeconds(5));
    for (int unit = 50; unit < 80; unit++) {
      assertInstanceOf(
          Answer.Silent.class, answered(bench, new Request.Registers(unit, 3, 0, 1), 100));
    }
    assertEquals(0, bench.step.snapshot().skipped());
  }

  @Test
  void aLateAnswerToAnInquiryIsNeverTakenForAPoll() {
    Bench bench = new Bench(Framing.RTU, device("gate", 1));
    bench.units.unit(1).set(0, 42, 77, 77, 77);
    bench.run(Duration.ofSeconds(3));
    // The same shape of answer as the poll's, and later than the silence that follows it.
    bench.units.unit(1).delayNanos = () -> 700_000_000L;
    assertInstanceOf(Answer.Silent.class, answered(bench, new Request.Registers(1, 3, 1, 1), 100));
    bench.units.unit(1).delayNanos = () -> 10_000_000L;
    bench.run(Duration.ofSeconds(10));
    for (Sample sample : bench.samplesOf("gate")) {
      if (sample.failed() == null) {
        assertEquals(42_000_000L, sample.values().micros(0), sample::toString);
      }
    }
  }

  @Test
  void aLineThatIsDownSaysWhatIsWrong() {
    Bench bench = new Bench(Framing.TCP, device("gate", 1));
    bench.channel.refuse(true);
    bench.run(Duration.ofSeconds(3));
    var why =
        assertInstanceOf(
            Answer.NotAsked.class, answered(bench, new Request.Registers(1, 3, 0, 1), 100));
    assertTrue(why.why().english().contains("refused connection"), () -> why.why().english());
    Inquiry last = ask(bench, new Request.Registers(1, 3, 0, 1), 100);
    bench.step.close();
    assertInstanceOf(Answer.NotAsked.class, last.answer().join());
  }

  @Test
  void whoeverGivesUpIsNotAskedFor() {
    Bench bench = new Bench(Framing.TCP, device("gate", 1));
    bench.units.unit(1).set(0, 42);
    Inquiry given = ask(bench, new Request.Registers(9, 3, 0, 1), 100);
    given.answer().cancel(false);
    bench.run(Duration.ofSeconds(3));
    assertFalse(bench.units.asked.stream().anyMatch(asked -> asked.startsWith("9/")));
  }

  @Test
  void aFifthInquiryIsRefusedAtOnce() {
    Bench bench = new Bench(Framing.TCP, device("gate", 1));
    for (int i = 0; i < 4; i++) {
      ask(bench, new Request.Registers(9, 3, i, 1), 100);
    }
    assertFalse(
        bench.step.inquiries().offer(new Inquiry(new Request.Registers(9, 3, 9, 1), 100, null)));
    assertEquals(1, bench.step.inquiries().refused());
  }

  @Test
  void meterAndModbusUnitsAreAskedInTheirOwnCharacterForm() {
    FakeMeters meters = new FakeMeters();
    FakeUnits units = new FakeUnits(Framing.RTU);
    units.unit(1).set(0, 42);
    meters.others = units;
    meters.meter("000000000123").set(0x0001_0000, "78 56 34 12");
    Bench bench = new Bench(Bench.line(Framing.RTU, SECOND, device("gate", 1)), units, meters);
    bench.run(Duration.ofSeconds(2));
    Inquiry inquiry =
        new Inquiry(new Request.Item("123", 0x0001_0000, 4), 500, new Inquiry.Form(2400, 'E', 1));
    assertTrue(bench.step.inquiries().offer(inquiry));
    CharacterFormat seen = null;
    for (int i = 0; i < 2000 && !inquiry.answer().isDone(); i++) {
      bench.run(Duration.ofMillis(1));
      seen = bench.channel.format;
    }
    assertEquals(new CharacterFormat(2400, Parity.EVEN, 1), seen);
    var value = assertInstanceOf(Answer.Value.class, inquiry.answer().join());
    assertArrayEquals(HexFormat.of().parseHex("78563412"), value.value());
    bench.run(Duration.ofSeconds(2));
    assertEquals(new CharacterFormat(9600, Parity.NONE, 1), bench.channel.format);
    assertEquals(0, bench.step.snapshot().skipped());
  }

  @Test
  void aMeterTellsItsAddress() {
    FakeMeters meters = new FakeMeters();
    meters.meter("000012345678");
    Bench bench = new Bench(Bench.line(Framing.RTU, SECOND), new FakeUnits(Framing.RTU), meters);
    bench.run(Duration.ofMillis(50));
    var here =
        assertInstanceOf(
            Answer.Here.class, answered(bench, new Request.AnyMeter(MeterFamily.DLT645), 500));
    assertEquals("000012345678", here.meter());
  }

  @Test
  void modbusTcpHasNoPlaceForMeters() {
    Bench bench = new Bench(Framing.TCP, device("gate", 1));
    assertInstanceOf(
        Answer.NotAsked.class, answered(bench, new Request.AnyMeter(MeterFamily.DLT645), 500));
  }
}
