package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.share.SharedLine;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.share.Share;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A line that is lent to other masters, and what its polls have of that. */
final class LentLineTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Share SHARE = new Share("127.0.0.1", 1502, List.of());

  /** Two blocks: a hole of 300 registers is not read along. */
  private static final DeviceProfile PROFILE =
      Bench.profile(
          Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1"),
          Bench.register("energy_import", 3, 1, DeviceProfile.Type.UINT32, "1"),
          Bench.register("voltage_l1", 3, 300, DeviceProfile.Type.UINT16, "1"));

  private static Device device(String id, int unit) {
    return Bench.device(id, unit, PROFILE, SECOND, SECOND);
  }

  private static Line line(Framing framing, Device... devices) {
    List<Device> all = List.of(devices);
    return switch (framing) {
      case TCP ->
          new Line.ModbusTcp("test", "127.0.0.1", 502, false, false, 1, false, SECOND, all, SHARE);
      case RTU_OVER_TCP ->
          new Line.ModbusRtuTcp("test", "127.0.0.1", 502, false, false, SECOND, all, SHARE);
      case RTU ->
          new Line.Serial(
              "test",
              "/dev/ttyTEST",
              new Line.CharacterFormat(9600, Line.Parity.NONE, 1),
              "auto",
              false,
              SECOND,
              all,
              SHARE);
    };
  }

  private static Bench bench(Framing framing, Device... devices) {
    FakeUnits units = new FakeUnits(framing);
    for (Device device : devices) {
      units.unit(device.unit()).set(0, 42, 1, 2).set(300, 230).fill(500, 40);
      units.unit(device.unit()).set(510, 7);
    }
    return new Bench(line(framing, devices), units, units);
  }

  private static SharedLine shared(Bench bench) {
    return Objects.requireNonNull(bench.step.shared());
  }

  private static Inquiry ask(Bench bench, int unit, int function, int address, int count) {
    Inquiry asked = new Inquiry(new Request.Registers(unit, function, address, count), 1000, null);
    assertTrue(shared(bench).questions().offer(asked));
    return asked;
  }

  private static Answer answer(Bench bench, Inquiry asked) {
    for (int i = 0; i < 2000 && !asked.answer().isDone(); i++) {
      bench.run(Duration.ofMillis(5));
    }
    return asked.answer().join();
  }

  private static void assertValue(String hex, Answer answer) {
    assertEquals(
        hex, HexFormat.of().formatHex(assertInstanceOf(Answer.Value.class, answer).value()));
  }

  @ParameterizedTest
  @EnumSource
  void whatWasJustReadIsGivenFromMemoryForThePeriodAndNoLonger(Framing framing) {
    Bench bench = bench(framing, device("gate", 1));
    bench.run(Duration.ofSeconds(3));
    long now = bench.time.now().nanos();
    BlockRead energy = new BlockRead(3, 1, 2);
    assertArrayEquals(new byte[] {0, 1, 0, 2}, shared(bench).recent(1, energy, now));
    assertNull(shared(bench).recent(2, energy, now), "another unit");
    assertNull(shared(bench).recent(1, new BlockRead(4, 1, 2), now), "another function");
    assertNull(shared(bench).recent(1, new BlockRead(3, 2, 2), now), "a register more");
    bench.units.unit(1).silent = true;
    BlockRead voltage = new BlockRead(3, 300, 1);
    long last =
        bench.units.served.reversed().stream()
            .filter(served -> served.read().equals(voltage))
            .findFirst()
            .orElseThrow()
            .sentNanos();
    assertNotNull(shared(bench).recent(1, voltage, last + 1_000_000_000L));
    assertNull(shared(bench).recent(1, voltage, last + 1_000_000_001L));
  }

  /** A counter of two registers, each in a reply of its own: together they may be of no moment. */
  @Test
  void registersOfTwoRepliesAreNeverPutTogether() {
    DeviceProfile words =
        Bench.profile(
            Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1"),
            Bench.register("voltage_l1", 3, 300, DeviceProfile.Type.UINT16, "1"));
    Bench bench = bench(Framing.TCP, Bench.device("gate", 1, words, SECOND, SECOND));
    bench.units.unit(1).fill(299, 3);
    bench.run(Duration.ofSeconds(3));
    Inquiry low = ask(bench, 1, 3, 301, 1);
    assertValue("0000", answer(bench, low));
    long now = bench.time.now().nanos();
    assertNotNull(shared(bench).recent(1, new BlockRead(3, 300, 1), now));
    assertNotNull(shared(bench).recent(1, new BlockRead(3, 301, 1), now));
    assertNull(shared(bench).recent(1, new BlockRead(3, 300, 2), now));
    Inquiry both = ask(bench, 1, 3, 300, 2);
    assertValue("00e60000", answer(bench, both));
    assertTrue(bench.units.asked.contains("1/3/300/2"), bench.units.asked::toString);
  }

  @ParameterizedTest
  @EnumSource
  void theRestIsAskedBetweenPolls(Framing framing) {
    Bench bench = bench(framing, device("gate", 1), device("pv", 2));
    for (int bit = 0; bit < 2000; bit++) {
      bench.units.unit(2).set(1000 + bit, bit % 3 == 0 ? 1 : 0);
    }
    bench.units.unit(2).maxWords = 2000;
    bench.run(Duration.ofSeconds(3));
    assertValue("0007", answer(bench, ask(bench, 2, 3, 510, 1)));
    assertValue("0007", answer(bench, ask(bench, 2, 4, 510, 1)));
    assertValue("4902", answer(bench, ask(bench, 2, 1, 1000, 10)));
    byte[] bits =
        assertInstanceOf(Answer.Value.class, answer(bench, ask(bench, 2, 2, 1000, 2000))).value();
    assertEquals(250, bits.length);
    assertEquals(0x49, bits[249] & 0x49, "the last eight: 1992, 1995, 1998 of three are set");
    // What it told once more within its period costs the line nothing.
    long asked = bench.units.asked.size();
    assertValue("02", answer(bench, ask(bench, 2, 1, 1002, 2)));
    assertEquals(asked + polls(bench, asked), bench.units.asked.size());
    assertInstanceOf(Answer.Refused.class, answer(bench, ask(bench, 2, 3, 5000, 1)));
    assertEquals(0, bench.step.snapshot().skipped());
  }

  /** Requests since then that are polls. */
  private static long polls(Bench bench, long since) {
    return bench.units.asked.stream()
        .skip(since)
        .filter(asked -> asked.endsWith("/3/0/3") || asked.endsWith("/3/300/1"))
        .count();
  }

  /**
   * Keeps so many questions waiting for a while; returns what became of those that were answered.
   */
  private static List<Answer> flood(Bench bench, Duration length, Request.Registers... of) {
    List<Inquiry> open = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    long end = bench.time.now().nanos() + length.toNanos();
    int next = 0;
    while (bench.time.now().nanos() < end) {
      while (open.size() < 16) {
        Inquiry asked = new Inquiry(of[next++ % of.length], 1000, null);
        if (!shared(bench).questions().offer(asked)) {
          break;
        }
        open.add(asked);
      }
      bench.run(Duration.ofMillis(20));
      open.removeIf(
          asked -> {
            if (asked.answer().isDone()) {
              answers.add(asked.answer().join());
            }
            return asked.answer().isDone();
          });
    }
    return answers;
  }

  private static Request.Registers read(int unit, int address, int count) {
    return new Request.Registers(unit, 3, address, count);
  }

  private static long good(Bench bench, String device) {
    return bench.samplesOf(device).stream().filter(sample -> sample.failed() == null).count();
  }

  @ParameterizedTest
  @EnumSource
  void whoeverAsksWithoutEndHasAQuarterOfTheLineAndNoPollIsLateForIt(Framing framing) {
    Bench bench = bench(framing, device("gate", 1), device("pv", 2));
    bench.units.unit(1).delayNanos = () -> 60_000_000L;
    bench.units.unit(2).delayNanos = () -> 60_000_000L;
    bench.run(Duration.ofSeconds(5));
    // Each another one, so that none is told from memory.
    Request.Registers[] questions = new Request.Registers[39];
    for (int i = 0; i < questions.length; i++) {
      questions[i] = read(1 + i % 2, 500 + i, 1);
    }
    bench.units.asked.clear();
    List<Answer> answers = flood(bench, Duration.ofSeconds(60), questions);
    long lent = bench.units.asked.size() - polls(bench, 0);
    assertTrue(lent > 60, () -> "only " + lent + " were asked");
    answers.forEach(answer -> assertInstanceOf(Answer.Value.class, answer));
    long spent = spentMillis(bench);
    assertTrue(spent > 60 * 60 && spent <= 15_500, () -> spent + " ms of 60 s");
    assertEquals(0, bench.step.snapshot().skipped());
    assertTrue(good(bench, "gate") >= 63 && good(bench, "pv") >= 63, bench.samples::toString);
    assertEquals(List.of(), bench.eventNames());
  }

  private static long spentMillis(Bench bench) {
    return shared(bench).lineNanos() / 1_000_000L;
  }

  @ParameterizedTest
  @EnumSource
  void whatNobodyAnswersCostsATenthOfTheLine(Framing framing) {
    Bench bench = bench(framing, device("gate", 1), device("pv", 2));
    bench.units.deafTo = "2/3/520/1";
    bench.run(Duration.ofSeconds(5));
    long before = good(bench, "gate");
    List<Answer> answers = flood(bench, Duration.ofMinutes(5), read(2, 520, 1));
    assertTrue(answers.size() >= 10, answers::toString);
    // Where replies have no id it is asked in another way at times, which is answered.
    long silent = answers.stream().filter(Answer.Silent.class::isInstance).count();
    assertTrue(silent >= (framing == Framing.TCP ? answers.size() : 3), answers::toString);
    long spent = spentMillis(bench);
    assertTrue(spent <= 32_000, () -> spent + " ms of 300 s");
    long got = good(bench, "gate") - before;
    assertTrue(got >= 270, () -> got + " of 300");
    assertTrue(
        bench.allEventNames().stream().noneMatch(name -> name.startsWith("meter.")),
        bench.allEventNames()::toString);
  }

  /** An inverter that takes one connection, and hangs up where it is asked for coils. */
  private static Bench hangingUp() {
    Line line =
        new Line.ModbusTcp(
            "test",
            "127.0.0.1",
            502,
            false,
            true,
            1,
            false,
            SECOND,
            List.of(
                Bench.device("gate", 1, PROFILE, Duration.ofSeconds(10), Duration.ofSeconds(10))),
            SHARE);
    FakeUnits units = new FakeUnits(Framing.TCP);
    units.unit(1).set(0, 42, 1, 2).set(300, 230);
    return new Bench(
        line,
        units,
        (channel, frame) -> {
          if (frame[7] == 1) {
            channel.breakOff(5_000_000L);
          } else {
            units.request(channel, frame);
          }
        });
  }

  @Test
  void whatMakesADeviceHangUpCostsATenthOfTheLineAndNoPoll() {
    Bench bench = hangingUp();
    bench.run(Duration.ofSeconds(15));
    long before = good(bench, "gate");
    int openings = bench.channel.openings;
    Request.Registers[] coils = new Request.Registers[500];
    for (int i = 0; i < coils.length; i++) {
      coils[i] = new Request.Registers(1, 1, i, 1); // each another one, so that none is barred
    }
    flood(bench, Duration.ofMinutes(5), coils);
    int opened = bench.channel.openings - openings;
    assertTrue(opened >= 10 && opened <= 31, () -> opened + " connections");
    long spent = spentMillis(bench);
    assertTrue(spent >= 10_000 && spent <= 32_000, () -> spent + " ms of 300 s");
    long got = good(bench, "gate") - before;
    assertTrue(got >= 29, () -> got + " of 30");
    assertEquals(0, bench.samples.stream().filter(sample -> sample.failed() != null).count());
    assertEquals(List.of(), bench.eventNames());
  }

  @Test
  void whatHasMadeADeviceHangUpTwiceIsNotAskedForAnHour() {
    Bench bench = hangingUp();
    bench.run(Duration.ofSeconds(15));
    int openings = bench.channel.openings;
    for (int i = 0; i < 2; i++) {
      Inquiry asked = ask(bench, 1, 1, 7, 1);
      bench.run(Duration.ofSeconds(30));
      assertInstanceOf(Answer.NotAsked.class, asked.answer().join());
    }
    for (int i = 0; i < 60; i++) {
      assertInstanceOf(Answer.Silent.class, answer(bench, ask(bench, 1, 1, 7, 1)));
    }
    assertEquals(openings + 2, bench.channel.openings);
    assertValue("00e6", answer(bench, ask(bench, 1, 3, 300, 1)));
    bench.run(Duration.ofHours(1));
    Inquiry later = ask(bench, 1, 1, 7, 1);
    bench.run(Duration.ofSeconds(30));
    assertInstanceOf(Answer.NotAsked.class, later.answer().join());
    assertEquals(openings + 3, bench.channel.openings);
  }

  /** A longer read is sent where a late reply could be taken for the answer. */
  @Test
  void aQuestionIsNotLostWhereTheOneBeforeItIsAskedDifferently() {
    Bench bench = bench(Framing.RTU, device("gate", 1));
    bench.units.unit(1).set(600, 6);
    bench.units.deafTo = "1/3/520/1";
    bench.run(Duration.ofSeconds(3));
    assertInstanceOf(Answer.Silent.class, answer(bench, ask(bench, 1, 3, 520, 1)));
    Inquiry first = ask(bench, 1, 3, 600, 1);
    Inquiry second = ask(bench, 1, 3, 510, 2);
    bench.run(Duration.ofMinutes(1));
    assertTrue(bench.units.asked.contains("1/3/600/5"), bench.units.asked::toString);
    assertValue("0006", first.answer().join());
    assertTrue(second.answer().isDone(), "lost: " + bench.units.asked);
    assertValue("00070000", second.answer().join());
  }

  @ParameterizedTest
  @EnumSource
  void aUnitThatIsOfflineIsNotAskedForOthers(Framing framing) {
    Bench bench = bench(framing, device("gate", 1), device("dead", 2));
    bench.units.unit(2).silent = true;
    bench.run(Duration.ofSeconds(20));
    bench.units.asked.clear();
    for (int i = 0; i < 50; i++) {
      assertInstanceOf(Answer.Silent.class, answer(bench, ask(bench, 2, 3, 510, 1)));
    }
    assertEquals(0, spentMillis(bench));
    assertTrue(
        bench.units.asked.stream().noneMatch(asked -> asked.endsWith("/510/1")),
        bench.units.asked::toString);
  }

  @Test
  void aQuestionThatWaitsIsAnsweredByThePollThatComesFirst() {
    Bench bench = bench(Framing.RTU, device("gate", 1));
    bench.run(Duration.ofSeconds(3));
    bench.units.unit(1).delayNanos = () -> 300_000_000L;
    BlockRead first = new BlockRead(3, 0, 3);
    for (int i = 0; shared(bench).recent(1, first, bench.time.now().nanos()) != null; i++) {
      assertTrue(i < 2000, "never older than its period");
      bench.run(Duration.ofMillis(1));
    }
    bench.units.asked.clear();
    assertValue("002a00010002", answer(bench, ask(bench, 1, 3, 0, 3)));
    assertTrue(bench.units.asked.size() <= 2, bench.units.asked::toString);
    assertEquals(0, spentMillis(bench));
  }

  /** Behind a serial server a copy of an answer is there at once, and fits the next question. */
  @ParameterizedTest
  @EnumSource(names = {"TCP", "RTU_OVER_TCP"})
  void aCopyOfWhatOthersWereToldIsNotTakenForThePollThatFollows(Framing framing) {
    for (int before = 4; before < 40; before++) {
      FakeUnits units = new FakeUnits(framing);
      units.unit(1).set(0, 42, 0, 99).set(300, 230).fill(500, 9);
      FakeChannel.Peer twice =
          (channel, frame) -> {
            units.request(channel, frame);
            if (units.asked.getLast().equals("1/3/500/3")) {
              units.unit(1).delayNanos = () -> 16_000_000L;
              units.request(channel, frame);
              units.unit(1).delayNanos = () -> 10_000_000L;
            }
          };
      Bench bench = new Bench(line(framing, device("gate", 1)), units, twice);
      bench.run(Duration.ofSeconds(3));
      long poll = lastPoll(units) + 1_000_000_000L;
      bench.run(Duration.ofNanos(poll - bench.time.now().nanos() - before * 1_000_000L));
      ask(bench, 1, 3, 500, 3);
      bench.run(Duration.ofSeconds(3));
      assertTrue(units.asked.contains("1/3/500/3"), units.asked::toString);
      Point power = Point.of("power");
      for (Sample sample : bench.samples) {
        if (sample.values().has(power)) {
          assertEquals(42_000_000L, sample.values().micros(power), sample::toString);
        }
      }
      assertTrue(good(bench, "gate") >= 4, bench.samples::toString);
    }
  }

  private static long lastPoll(FakeUnits units) {
    BlockRead first = new BlockRead(3, 0, 3);
    return units.served.reversed().stream()
        .filter(served -> served.read().equals(first))
        .findFirst()
        .orElseThrow()
        .sentNanos();
  }

  @Test
  void aLineThatIsDownSaysSo() {
    Bench bench = bench(Framing.TCP, device("gate", 1));
    bench.run(Duration.ofSeconds(2));
    bench.close();
    Inquiry asked = new Inquiry(read(1, 510, 1), 1000, null);
    assertTrue(shared(bench).questions().offer(asked));
    bench.step.close();
    assertInstanceOf(Answer.NotAsked.class, asked.answer().join());
  }
}
