package io.lingtan.agent.acquire.poll;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.acquire.FakeUnits;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.testing.Parts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PolledLineStepTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
  private static final Point POWER = Point.of("power");
  private static final Point IMPORT = Point.of("energy_import");

  private static final DeviceProfile PROFILE =
      Bench.profile(
          Bench.register("power", 4, 0x34, DeviceProfile.Type.FLOAT32, "1"),
          Bench.register("energy_import", 4, 0x48, DeviceProfile.Type.FLOAT32, "1"));

  private static Device device(String id, int unit, int recordSeconds) {
    return Bench.device(id, unit, PROFILE, SECOND, Duration.ofSeconds(recordSeconds));
  }

  private static void serve(Bench bench, int unit, float power, float energy) {
    bench.units.unit(unit).fill(0, 0x60).setFloat(0x34, power).setFloat(0x48, energy);
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aMeterIsReadEachSecondAndRecordedEachTen(Framing framing) {
    var bench = new Bench(framing, device("gate", 1, 10));
    serve(bench, 1, 1234.5f, 12345.678f);
    bench.run(Duration.ofSeconds(60));
    List<Sample> samples = bench.samplesOf("gate");
    // The first poll at once, then one for each period of ten seconds.
    assertEquals(1 + 6, samples.size());
    for (Sample sample : samples) {
      assertEquals(1_234_500_000L, sample.values().micros(POWER));
      assertEquals(12_345_678_000L, sample.values().micros(IMPORT));
    }
    assertEquals(0, bench.step.snapshot().skipped());
    assertEquals(60, bench.step.snapshot().devices().getFirst().polls());
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aDeadUnitLeavesTheOthersTheirSamples(Framing framing) {
    var bench =
        new Bench(
            framing, device("a", 1, 1), device("dead", 2, 1), device("b", 3, 1), device("c", 4, 1));
    for (int unit : new int[] {1, 3, 4}) {
      serve(bench, unit, 1000 * unit, unit);
    }
    bench.run(Duration.ofMinutes(10));
    for (String id : List.of("a", "b", "c")) {
      long good = bench.samplesOf(id).stream().filter(s -> s.failed() == null).count();
      assertTrue(good >= 570, id + " kept " + good + " of 600 samples, " + framing);
    }
    List<Sample> dead = bench.samplesOf("dead");
    assertEquals(Reason.TIMEOUT, dead.getFirst().failed());
    assertEquals(Reason.OFFLINE, dead.getLast().failed());
    assertTrue(dead.size() >= 10 && dead.size() <= 12, "one a minute, were " + dead.size());
    assertEquals(List.of("meter.offline"), bench.eventNames());
    assertTrue(bench.step.snapshot().devices().get(1).offline());
  }

  @Test
  void aRefusedRegisterIsBadAndTheOthersGoOnInTheSamePoll() {
    var profile =
        Bench.profile(
            Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1"),
            Bench.register("voltage_l2", 3, 1, DeviceProfile.Type.UINT16, "0.1"),
            Bench.register("voltage_l3", 3, 5, DeviceProfile.Type.UINT16, "0.1"),
            Bench.register("current_l1", 3, 6, DeviceProfile.Type.UINT16, "0.01"));
    for (Framing framing : Framing.values()) {
      var bench = new Bench(framing, Bench.device("gate", 1, profile, SECOND, SECOND));
      bench.units.unit(1).set(0, 2301, 2302).set(6, 512);
      bench.run(Duration.ofSeconds(30));
      List<Sample> samples = bench.samplesOf("gate");
      assertTrue(samples.size() >= 29, () -> framing + ": " + samples);
      for (Sample sample : samples) {
        assertEquals(3, sample.values().size(), sample::toString);
        assertEquals(
            Map.of(Point.of("voltage_l3"), Reason.exception(2)), sample.bad(), sample::toString);
      }
      // What was refused is remembered: two requests each second, beside the search in the first.
      assertTrue(bench.channel.requests <= 2 * 30 + 5, "requests: " + bench.channel.requests);
      assertFalse(bench.step.snapshot().devices().getFirst().offline());
    }
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void whatIsRefusedLastDoesNotMakeTheOthersYounger(Framing framing) {
    RegisterPoint answered = Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1");
    RegisterPoint refused = Bench.register("voltage_l2", 3, 500, DeviceProfile.Type.UINT16, "0.1");
    Sample alone = firstOf(framing, Bench.profile(answered));
    Sample beside = firstOf(framing, Bench.profile(answered, refused));
    assertEquals(Map.of(Point.of("voltage_l2"), Reason.exception(2)), beside.bad());
    assertEquals(alone.values(), beside.values());
    assertEquals(alone.atNanos(), beside.atNanos());
  }

  private static Sample firstOf(Framing framing, DeviceProfile profile) {
    var bench = new Bench(framing, Bench.device("gate", 1, profile, SECOND, SECOND));
    bench.units.unit(1).set(0, 2301);
    bench.run(SECOND);
    return bench.samplesOf("gate").getFirst();
  }

  @Test
  void aDeviceThatRefusesLongRequestsIsReadInShorterOnes() {
    var bench = new Bench(Framing.TCP, device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    bench.units.unit(1).maxWords = 10;
    bench.run(Duration.ofSeconds(5));
    assertTrue(bench.samplesOf("gate").size() >= 4, bench.samplesOf("gate")::toString);
    for (Sample sample : bench.samplesOf("gate")) {
      assertEquals(2, sample.values().size());
      assertTrue(sample.bad().isEmpty());
    }
  }

  /** Its map is one register, so that no other request could be told from the one that is owed. */
  @ParameterizedTest
  @EnumSource(
      value = Framing.class,
      names = {"RTU", "RTU_OVER_TCP"})
  void aUnitThatIsLeftAloneForALateReplySaysSoInEveryPeriodAndIsNotOffline(Framing framing) {
    var profile =
        Bench.profile(Bench.register("voltage_l1", 3, 0, DeviceProfile.Type.UINT16, "0.1"));
    var bench =
        new Bench(
            framing,
            Bench.device("one", 1, profile, SECOND, SECOND),
            Bench.device("other", 2, profile, SECOND, SECOND));
    bench.units.unit(1).set(0, 2301);
    bench.units.unit(2).set(0, 2302);
    bench.run(Duration.ofSeconds(10));
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofMillis(1_500));
    bench.units.unit(1).silent = false;
    int before = bench.samplesOf("one").size();
    bench.run(Duration.ofSeconds(25));
    List<Sample> alone = bench.samplesOf("one").subList(before, bench.samplesOf("one").size());
    assertTrue(alone.size() >= 20, "records: " + alone.size());
    alone.subList(3, alone.size()).forEach(sample -> assertEquals(Reason.TIMEOUT, sample.failed()));
    assertEquals(List.of(), bench.eventNames());
    bench.run(Duration.ofSeconds(20));
    assertEquals(1, bench.samplesOf("one").getLast().values().size());
    assertEquals(1, bench.samplesOf("other").getLast().values().size());
  }

  @Test
  void aBusyDeviceIsBadButNotOffline() {
    var bench = new Bench(Framing.TCP, device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(5));
    bench.units.unit(1).exception = 6;
    bench.run(Duration.ofSeconds(10));
    Sample last = bench.samplesOf("gate").getLast();
    assertEquals(Map.of(POWER, Reason.exception(6), IMPORT, Reason.exception(6)), last.bad());
    assertTrue(last.values().isEmpty());
    assertNull(last.failed());
    bench.units.unit(1).exception = 0;
    bench.run(Duration.ofSeconds(2));
    assertEquals(2, bench.samplesOf("gate").getLast().values().size());
    assertEquals(List.of(), bench.eventNames());
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void eachExceptionCodeIsAReasonAndACounterAndNeverANumber(Framing framing) {
    for (int code = 1; code <= 11; code++) {
      var bench = new Bench(framing, device("gate", 1, 1));
      serve(bench, 1, 100, 200);
      bench.run(Duration.ofSeconds(5));
      bench.units.unit(1).exception = code;
      bench.run(SECOND);
      int before = bench.samplesOf("gate").size();
      bench.run(Duration.ofSeconds(2));
      List<Sample> refused =
          bench.samplesOf("gate").subList(before, bench.samplesOf("gate").size());
      assertFalse(refused.isEmpty(), "code " + code);
      for (Sample sample : refused) {
        assertTrue(sample.values().isEmpty(), sample::toString);
        Reason reason = sample.failed() == null ? sample.bad().get(POWER) : sample.failed();
        assertEquals(Reason.exception(code), reason, sample::toString);
      }
      assertTrue(bench.step.snapshot().devices().getFirst().exceptions() > 0);
    }
  }

  @Test
  void aGatewayThatSpeaksForADeadUnitIsNoAnswer() {
    var bench = new Bench(Framing.TCP, device("gate", 1, 1));
    bench.units.unit(1).exception = 11;
    bench.run(Duration.ofSeconds(5));
    assertEquals(Reason.exception(11), bench.samplesOf("gate").getFirst().failed());
    assertEquals(List.of("meter.offline"), bench.eventNames());
    bench.units.unit(1).exception = 0;
    serve(bench, 1, 1, 2);
    bench.run(Duration.ofSeconds(40));
    assertEquals(List.of("meter.offline", "meter.online"), bench.eventNames());
    assertNull(bench.samplesOf("gate").getLast().failed());
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aKnownUnitIsOfflineAfterThreeFailedPollsAndBackAtItsFirstAnswer(Framing framing) {
    var bench = new Bench(framing, device("gate", 1, 1), device("other", 2, 1));
    serve(bench, 1, 100, 200);
    serve(bench, 2, 100, 200);
    bench.run(Duration.ofSeconds(10));
    int before = bench.samplesOf("gate").size();
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofMinutes(5));
    List<Sample> since = bench.samplesOf("gate").subList(before, bench.samplesOf("gate").size());
    assertEquals(
        3,
        since.stream().filter(s -> Reason.TIMEOUT.equals(s.failed())).count(),
        framing::toString);
    long minutes = since.stream().filter(s -> Reason.OFFLINE.equals(s.failed())).count();
    assertTrue(minutes == 4 || minutes == 5, "offline each minute, was " + minutes);
    bench.units.unit(1).silent = false;
    bench.run(Duration.ofSeconds(80));
    assertEquals(List.of("meter.offline", "meter.online"), bench.eventNames());
    assertEquals(2, bench.samplesOf("gate").getLast().values().size());
    assertEquals(0, bench.samplesOf("other").stream().filter(s -> s.failed() != null).count());
  }

  @Test
  void probesOfDeadUnitsTakeAtMostAFiftiethOfTheLine() {
    Device[] devices = new Device[8];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = device("m" + i, i + 1, 10);
    }
    var bench = new Bench(Framing.RTU, devices);
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofMinutes(1));
    bench.units.asked.clear();
    bench.run(Duration.ofHours(1));
    long probes = bench.units.asked.stream().filter(asked -> !asked.startsWith("1/")).count();
    assertTrue(probes > 0, "dead units are still looked for");
    // Each costs the timeout, the frame's time and the silence after it: at least 1.3 s.
    assertTrue(probes * 1.3 <= 3600 * 0.02 * 1.05, "probes: " + probes);
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void aUnitAloneOnItsLineIsSeenWithinSixSecondsOfItsReturn(Framing framing) {
    var bench = new Bench(framing, device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(5));
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofMinutes(2));
    assertTrue(bench.step.snapshot().devices().getFirst().offline());
    // It returns at the worst moment: when the line has just looked for it in vain.
    int asked = bench.units.asked.size();
    for (int i = 0; i < 1_000 && bench.units.asked.size() == asked; i++) {
      bench.run(Duration.ofMillis(10));
    }
    assertEquals(asked + 1, bench.units.asked.size());
    long returned = bench.time.now().nanos();
    bench.units.unit(1).silent = false;
    bench.run(Duration.ofSeconds(15));
    Sample seen =
        bench.samplesOf("gate").stream()
            .filter(sample -> sample.atNanos() >= returned && sample.failed() == null)
            .findFirst()
            .orElseThrow();
    assertEquals(2, seen.values().size());
    long afterMillis = (seen.atNanos() - returned) / 1_000_000L;
    assertTrue(afterMillis <= 6_000, framing + ": seen " + afterMillis + " ms after its return");
  }

  @Test
  void theLastUnitsToWakeAfterAPowerCutAreNotForgottenForMinutes() {
    Device[] devices = new Device[8];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = device("m" + i, i + 1, 10);
    }
    var bench = new Bench(Framing.RTU, devices);
    bench.run(Duration.ofSeconds(20));
    for (int i = 0; i < devices.length; i++) {
      serve(bench, i + 1, 100, 200);
    }
    bench.run(Duration.ofSeconds(40));
    for (Device device : devices) {
      assertNull(bench.samplesOf(device.id()).getLast().failed(), device.id());
    }
  }

  @Test
  void aBrokenLineIsSaidOnceAndMendedByItself() {
    var bench = new Bench(Framing.TCP, device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(10));
    bench.channel.refuse(true);
    bench.run(Duration.ofMinutes(3));
    assertEquals(List.of("line.down", "meter.offline"), bench.eventNames());
    String problem = String.valueOf(bench.step.snapshot().problem());
    assertTrue(problem.contains("host refused connection"), problem);
    int openings = bench.channel.openings;
    assertTrue(openings >= 8 && openings <= 15, "attempts with growing pauses: " + openings);
    bench.channel.refuse(false);
    bench.run(Duration.ofSeconds(35));
    assertEquals(
        List.of("line.down", "meter.offline", "line.up", "meter.online"), bench.eventNames());
    assertNull(bench.samplesOf("gate").getLast().failed());
    assertNull(bench.step.snapshot().problem());
  }

  @Test
  void threeTimeoutsInARowOverAllUnitsMakeANewConnection() {
    var bench = new Bench(Framing.TCP, device("a", 1, 1), device("b", 2, 1));
    serve(bench, 1, 100, 200);
    serve(bench, 2, 100, 200);
    bench.run(Duration.ofSeconds(10));
    assertEquals(1, bench.channel.openings);
    bench.units.unit(1).silent = true;
    bench.run(Duration.ofSeconds(20));
    assertEquals(1, bench.channel.openings, "the other still answers in between");
    bench.units.unit(2).silent = true;
    bench.run(Duration.ofSeconds(10));
    assertTrue(bench.channel.openings > 1);
  }

  @Test
  void pollsThatDoNotFitAreSkippedAndCountedNotQueued() {
    var bench = new Bench(Framing.RTU, device("a", 1, 1), device("b", 2, 1));
    serve(bench, 1, 100, 200);
    serve(bench, 2, 100, 200);
    bench.units.unit(1).delayNanos = () -> 800_000_000L;
    bench.units.unit(2).delayNanos = () -> 800_000_000L;
    bench.run(Duration.ofMinutes(5));
    long polls = bench.samples.size();
    long skipped = bench.step.snapshot().skipped();
    // Two requests of 0.8 s until the delay has been measured, then one that reads the hole along.
    assertTrue(polls >= 300 && polls <= 349, "polls " + polls);
    assertTrue(polls + skipped >= 590 && polls + skipped <= 602, polls + " + " + skipped);
    assertTrue(bench.step.snapshot().busyPercent() >= 90);
    long a = bench.samplesOf("a").size();
    assertTrue(Math.abs(2 * a - polls) <= 10, "both have their share, a has " + a + " of " + polls);
  }

  @Test
  void aFullQueueIsToldWhenItGoesThroughAgain() {
    var bench = new Bench(Framing.TCP, 4, Duration.ofSeconds(1), device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    // Nobody takes: the line steps by hand.
    for (int i = 0; i < 200 && bench.step.snapshot().refusedSamples() < 6; i++) {
      if (bench.step.step(bench.time.now()) == 0) {
        bench.time.advanceTo(bench.step.due());
      }
    }
    assertEquals(6, bench.step.snapshot().refusedSamples());
    bench.run(Duration.ofSeconds(3));
    assertEquals(List.of("poll.skipped"), bench.eventNames());
    var detail = bench.events.getFirst().detail();
    assertEquals(6L, detail.get("count"));
    assertEquals(5_000L, millis(detail, "to") - millis(detail, "from"));
  }

  @ParameterizedTest
  @EnumSource(Framing.class)
  void noiseInFrontOfAReplyCostsThatReplyAndNoMore(Framing framing) {
    var bench = new Bench(framing, device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(5));
    int[] left = {1};
    var unit = bench.units.unit(1);
    unit.delayNanos =
        () -> {
          if (left[0]-- > 0) {
            bench.channel.deliver(1_000_000L, new byte[] {(byte) 0xFF, 0, 0x55, 1, 3, 9, 9});
          }
          return 10_000_000L;
        };
    bench.run(Duration.ofSeconds(10));
    long bad =
        bench.samplesOf("gate").stream()
            .filter(s -> s.failed() != null || !s.bad().isEmpty())
            .count();
    assertEquals(1, bad, framing::toString);
    assertEquals(List.of(), bench.eventNames());
    assertEquals(1, bench.step.snapshot().devices().getFirst().crcErrors());
  }

  @Test
  void aSecondCopyOfAReplyIsThrownAway() {
    var bench = new Bench(Framing.RTU, device("gate", 1, 1));
    serve(bench, 1, 100, 200);
    bench.units.twice = true;
    bench.run(Duration.ofSeconds(20));
    for (Sample sample : bench.samplesOf("gate")) {
      assertEquals(2, sample.values().size());
    }
    assertTrue(bench.step.snapshot().foreign() > 0);
  }

  @Test
  void thePhasesOfDevicesAreSpreadOverTheSecond() {
    var bench = new Bench(Framing.TCP, device("a", 1, 1), device("b", 2, 1));
    serve(bench, 1, 100, 200);
    serve(bench, 2, 100, 200);
    bench.run(Duration.ofSeconds(3));
    assertEquals(10_000_000L, bench.samplesOf("a").getFirst().atNanos());
    assertEquals(510_000_000L, bench.samplesOf("b").getFirst().atNanos());
  }

  @Test
  void tenDevicesOfTenSecondsAreEachAskedWhenNoOtherIsDue() {
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 10; unit++) {
      devices.add(Bench.device("m" + unit, unit, PROFILE, TEN_SECONDS, TEN_SECONDS));
    }
    var bench = new Bench(Framing.RTU, devices.toArray(new Device[0]));
    for (int unit = 1; unit <= 10; unit++) {
      serve(bench, unit, 100, 200);
      // With two requests each, all ten take four of the ten seconds.
      bench.units.unit(unit).delayNanos = () -> 200_000_000L;
    }
    bench.run(Duration.ofMinutes(2));
    // Nobody waits a period for its first values.
    for (Device device : devices) {
      assertTrue(bench.samplesOf(device.id()).getFirst().atNanos() < 5_000_000_000L, device.id());
      assertEquals(12, bench.samplesOf(device.id()).size(), 1.0, device.id());
    }
    List<FakeUnits.Served> later =
        bench.units.served.stream().filter(one -> one.sentNanos() >= 10_000_000_000L).toList();
    assertTrue(later.size() >= 110, () -> later.size() + " requests");
    for (int i = 1; i < later.size(); i++) {
      FakeUnits.Served before = later.get(i - 1);
      FakeUnits.Served next = later.get(i);
      if (next.unit() != before.unit()) {
        // It was not due before its own second, when the line had long been idle.
        assertEquals(next.unit() - 1L, next.sentNanos() / 1_000_000_000L % 10, next::toString);
        assertTrue(before.arrivesNanos() < next.sentNanos() - 400_000_000L, next::toString);
      }
    }
  }

  @Test
  void fortyDevicesOfASecondAreAskedInFourGoes() {
    Device[] devices = new Device[40];
    for (int unit = 1; unit <= devices.length; unit++) {
      devices[unit - 1] = device("m" + unit, unit, 1);
    }
    var bench = new Bench(Framing.TCP, devices);
    for (int unit = 1; unit <= devices.length; unit++) {
      serve(bench, unit, 100, 200);
      bench.units.unit(unit).delayNanos = () -> 1_000_000L;
    }
    bench.run(Duration.ofSeconds(12));
    List<Long> begun =
        bench.units.served.stream()
            .map(FakeUnits.Served::sentNanos)
            .filter(nanos -> nanos >= 1_500_000_000L && nanos < 11_500_000_000L)
            .toList();
    long goes =
        IntStream.range(1, begun.size())
            .filter(i -> begun.get(i) - begun.get(i - 1) > 100_000_000L)
            .count();
    assertTrue(Math.abs(goes - 40) <= 1, () -> goes + " goes in ten seconds");
    assertTrue(begun.size() >= 400, begun::toString);
  }

  @Test
  void groupsOfManyDevicesAreSpreadOverTheirOwnPeriodAndStayWithTheirDevicesPolls() {
    List<Device> devices = new ArrayList<>();
    for (int unit = 1; unit <= 6; unit++) {
      devices.add(grouped("m" + unit, unit, Duration.ofSeconds(60)));
    }
    var bench = new Bench(Framing.TCP, devices.toArray(new Device[0]));
    for (int unit = 1; unit <= 6; unit++) {
      serve(bench, unit, 100, 200);
    }
    bench.run(Duration.ofMinutes(3));
    for (Device device : devices) {
      int place = Integer.parseInt(device.id().substring(1)) - 1;
      List<Long> seconds =
          bench.samplesOf(device.id()).stream()
              .filter(sample -> sample.values().has(IMPORT))
              .peek(sample -> assertTrue(sample.values().has(POWER), sample::toString))
              .map(sample -> sample.atNanos() / 1_000_000_000L)
              .filter(second -> second >= 60)
              .toList();
      assertEquals(List.of(60L + 10L * place, 120L + 10L * place), seconds, device.id());
    }
  }

  private static Device grouped(String id, int unit, Duration every) {
    Device plain = device(id, unit, 1);
    return Parts.device(
        id,
        PROFILE,
        unit,
        null,
        SECOND,
        SECOND,
        plain.ct(),
        plain.pt(),
        Map.of(),
        null,
        List.of(new Device.Group(List.of(IMPORT), every)),
        null,
        null,
        null);
  }

  @Test
  void aPointGroupHasItsOwnPeriodAndTravelsWithTheDevicesSamples() {
    Device grouped = grouped("gate", 1, Duration.ofSeconds(5));
    var bench = new Bench(Framing.TCP, grouped);
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(20));
    long withEnergy = bench.samplesOf("gate").stream().filter(s -> s.values().has(IMPORT)).count();
    long withPower = bench.samplesOf("gate").stream().filter(s -> s.values().has(POWER)).count();
    assertEquals(20, withPower);
    assertEquals(4, withEnergy);
    assertTrue(bench.samplesOf("gate").stream().allMatch(s -> s.bad().isEmpty()));
  }

  @Test
  void aGroupThatFailsLeavesItsOldValueWithReasonAndAgeWhileTheOthersAreGood() {
    var bench = new Bench(Framing.TCP, grouped("gate", 1, Duration.ofSeconds(5)));
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(8));
    long lastEnergy =
        bench.samplesOf("gate").stream()
            .filter(s -> s.values().has(IMPORT))
            .toList()
            .getLast()
            .atNanos();
    bench.units.deafTo = "1/4/72/2";
    bench.run(Duration.ofSeconds(8));
    // A poll of the device's own points was answered after the group's last one failed.
    DeviceSnapshot device = bench.step.snapshot().devices().getFirst();
    ReadSnapshot energy =
        device.reads().stream().filter(read -> read.values().has(IMPORT)).findFirst().orElseThrow();
    ReadSnapshot power =
        device.reads().stream().filter(read -> read.values().has(POWER)).findFirst().orElseThrow();
    long now = bench.time.now().nanos();
    assertEquals(lastEnergy, energy.atNanos());
    assertEquals(Reason.TIMEOUT, device.why(energy, IMPORT, now));
    assertNull(device.why(power, POWER, now));
    assertEquals(Reason.TIMEOUT, device.failure(), "and the device is not wholly well");
    bench.units.deafTo = "";
    bench.run(Duration.ofSeconds(5));
    device = bench.step.snapshot().devices().getFirst();
    assertEquals(Map.of(), device.bad());
    assertNull(device.failure());
  }

  @Test
  void aGroupThatIsNotPolledForLongIsStaleThoughTheDeviceAnswers() {
    var bench = new Bench(Framing.TCP, grouped("gate", 1, Duration.ofSeconds(60)));
    serve(bench, 1, 100, 200);
    bench.run(Duration.ofSeconds(5));
    DeviceSnapshot device = bench.step.snapshot().devices().getFirst();
    ReadSnapshot energy =
        device.reads().stream().filter(read -> read.values().has(IMPORT)).findFirst().orElseThrow();
    assertNull(device.why(energy, IMPORT, energy.atNanos() + 180_000_000_000L));
    assertEquals(Reason.STALE, device.why(energy, IMPORT, energy.atNanos() + 180_000_000_001L));
  }

  @Test
  void thePlanShowsWhatTheLineIsAskedAndHowFullItIs() {
    ReadPlan plan =
        ReadPlan.of(Bench.line(Framing.RTU, SECOND, device("a", 1, 1), device("b", 2, 1)));
    assertEquals(2, plan.rounds().size());
    assertEquals(List.of(POWER), plan.rounds().getFirst().requests().getFirst().points());
    // Two requests of two registers a device and second, 17 characters and 3.5 more, 20 ms each.
    assertEquals(16.5, plan.utilisationPercent(), 0.1);
  }

  private static long millis(Map<String, Object> detail, String key) {
    return (Long) Objects.requireNonNull(detail.get(key), key);
  }
}
