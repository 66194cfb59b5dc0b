package io.lingtan.agent.acquire.line;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Bench;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecorderTest {

  private static final Point POWER = Point.of("power");
  private static final Point ENERGY = Point.of("energy_import");
  private static final Point FREQUENCY = Point.of("frequency");
  private static final Point VOLTAGE = Point.of("voltage_l1");
  private static final long SECOND = 1_000_000_000L;

  private static Device device(int record, Map<Point, Long> deadband) {
    return device(record, deadband, List.of());
  }

  private static Device device(int record, Map<Point, Long> deadband, List<Device.Group> groups) {
    return Parts.device(
        "gate",
        Bench.profile(),
        1,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(record),
        BigDecimal.ONE,
        BigDecimal.ONE,
        deadband,
        Duration.ofSeconds(30),
        groups,
        null,
        null,
        null);
  }

  private static @Nullable Sample answer(Recorder recorder, int second, long power) {
    Values values = new Values.Builder().put(POWER, power).put(VOLTAGE, 230 + second).build();
    return only(
        recorder.answered(
            second * SECOND,
            second * SECOND + 7,
            false,
            values,
            new TreeMap<>(),
            (second + 1) * SECOND));
  }

  private static @Nullable Sample only(List<Sample> samples) {
    assertTrue(samples.size() <= 1, samples::toString);
    return samples.isEmpty() ? null : samples.getFirst();
  }

  @Test
  void anAlarmThatIsOverBeforeThePeriodEndsIsTold() {
    Point alarms = Point.own("alarms", new Form.Bits(0xF), null, Map.of());
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    List<Long> told = new ArrayList<>();
    for (int second = 0; second <= 15; second++) {
      Values values =
          new Values.Builder().put(alarms, second == 7 ? 5 : second == 8 ? 2 : 0).build();
      long at = second * SECOND;
      recorder
          .answered(at, at + 7, false, values, new TreeMap<>(), at + SECOND)
          .forEach(sample -> told.add(sample.values().micros(alarms)));
    }
    assertEquals(List.of(0L, 0L, 7L, 0L), told);
  }

  @Test
  void anAlarmThatIsOverIsToldAlsoIfTheLastPollHasNoWordOfAlarms() {
    Point alarms = Point.own("alarms", new Form.Bits(0xF), null, Map.of());
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    List<Sample> told = new ArrayList<>();
    for (int second = 0; second <= 14; second++) {
      boolean absent = second >= 8;
      long at = second * SECOND;
      told.addAll(
          recorder.answered(
              at,
              at + 7,
              false,
              absent ? one(POWER, 1) : one(alarms, second == 7 ? 5 : 0),
              absent ? new TreeMap<>(Map.of(alarms, Reason.TIMEOUT)) : new TreeMap<>(),
              at + SECOND));
    }
    assertEquals(4, told.size());
    assertEquals(5, told.get(2).values().micros(alarms));
    assertEquals(1, told.get(2).values().micros(POWER));
    assertEquals(Map.of(), told.get(2).bad(), "both good and bad");
    // In a period without the word it is not made up.
    assertFalse(told.get(3).values().has(alarms));
    assertEquals(Map.of(alarms, Reason.TIMEOUT), told.get(3).bad());
  }

  @Test
  void anAlarmOfAGroupThatIsOverBeforeThePeriodEndsIsTold() {
    Point alarms = Point.own("alarms", new Form.Bits(0xF), null, Map.of());
    var recorder = withGroups();
    answer(recorder, 0, 1);
    List<Long> told = new ArrayList<>();
    for (int second = 1; second < 20; second++) {
      long word = second == 4 ? 5 : second == 5 ? 2 : 0;
      recorder.answeredGroup(1, second * SECOND, false, one(alarms, word), new TreeMap<>());
      Sample sample = answer(recorder, second, 1);
      if (sample != null) {
        told.add(sample.values().micros(alarms));
      }
    }
    assertEquals(List.of(7L, 0L), told);
  }

  @Test
  void aPeriodGivesItsLastValuesAndThePowersExtremes() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    assertNotNull(answer(recorder, 0, 10));
    List<Sample> samples = new ArrayList<>();
    for (int second = 1; second < 10; second++) {
      Sample sample = answer(recorder, second, second % 2 == 0 ? 10 : 31);
      if (sample != null) {
        samples.add(sample);
      }
    }
    assertEquals(2, samples.size());
    Sample first = samples.getFirst();
    assertEquals(4 * SECOND + 7, first.atNanos());
    assertEquals(234, first.values().micros(VOLTAGE));
    // 31, 10, 31, 10: the very first poll is a record of its own.
    assertEquals(Map.of(POWER, new Stat(10, 20, 31)), first.stats());
    // 31, 10, 31, 10, 31
    assertEquals(Map.of(POWER, new Stat(10, 22, 31)), samples.getLast().stats());
  }

  @Test
  void theFirstPollCountsInOneRecordOnly() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    assertNotNull(answer(recorder, 0, 500));
    Sample next = null;
    for (int second = 1; next == null; second++) {
      next = answer(recorder, second, second);
    }
    assertEquals(Map.of(POWER, new Stat(1, 2, 4)), next.stats());
  }

  @Test
  void aSinglePollHasNoStatistics() {
    var recorder = new Recorder(device(1, Map.of()), "boot", 0);
    for (int second = 0; second < 5; second++) {
      Sample sample = answer(recorder, second, second);
      assertNotNull(sample);
      assertTrue(sample.stats().isEmpty());
    }
  }

  @Test
  void aFailedLastPollLeavesTheLastGoodValuesWithTheirOwnTime() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    answer(recorder, 1, 1);
    answer(recorder, 2, 2);
    assertNull(only(recorder.failed(3 * SECOND, 3 * SECOND, Reason.TIMEOUT, 4 * SECOND)));
    Sample sample = only(recorder.failed(4 * SECOND, 4 * SECOND, Reason.TIMEOUT, 5 * SECOND));
    assertNotNull(sample);
    assertNull(sample.failed());
    assertEquals(2 * SECOND + 7, sample.atNanos());
  }

  @Test
  void valuesOfAPollWithoutItsEnergyBlockCarryThatPollsTime() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    recorder.answered(
        SECOND,
        SECOND + 7,
        true,
        new Values.Builder().put(POWER, 1).put(ENERGY, 100).build(),
        new TreeMap<>(),
        2 * SECOND);
    var bad = new TreeMap<>(Map.of(ENERGY, Reason.TIMEOUT));
    Sample sample =
        only(
            recorder.answered(
                4 * SECOND,
                4 * SECOND + 9,
                false,
                new Values.Builder().put(POWER, 4).build(),
                bad,
                5 * SECOND));
    assertNotNull(sample);
    assertEquals(4, sample.values().micros(POWER));
    assertFalse(sample.values().has(ENERGY));
    assertEquals(bad, sample.bad());
    assertEquals(4 * SECOND + 9, sample.atNanos());
  }

  private static Recorder withGroups() {
    return new Recorder(
        device(
            10,
            Map.of(),
            List.of(
                new Device.Group(List.of(ENERGY), Duration.ofSeconds(5)),
                new Device.Group(List.of(FREQUENCY), Duration.ofSeconds(5)))),
        "boot",
        0);
  }

  private static Values one(Point point, long micros) {
    return new Values.Builder().put(point, micros).build();
  }

  @Test
  void aGroupsValuesAreStampedWithTheTimeTheyWereReadAt() {
    var recorder = withGroups();
    answer(recorder, 0, 1);
    recorder.answeredGroup(0, 5 * SECOND, true, one(ENERGY, 100), new TreeMap<>());
    recorder.answeredGroup(1, 9 * SECOND, false, one(FREQUENCY, 50), new TreeMap<>());
    answer(recorder, 8, 1);
    List<Sample> samples =
        recorder.answered(
            9 * SECOND, 9 * SECOND + 7, false, one(POWER, 9), new TreeMap<>(), 10 * SECOND);
    assertEquals(2, samples.size());
    assertEquals(5 * SECOND, samples.getFirst().atNanos());
    assertEquals(one(ENERGY, 100), samples.getFirst().values());
    assertTrue(samples.getFirst().stats().isEmpty());
    // Read at the same time, as well as one can tell: one sample.
    assertEquals(9 * SECOND + 7, samples.getLast().atNanos());
    assertEquals(9, samples.getLast().values().micros(POWER));
    assertEquals(50, samples.getLast().values().micros(FREQUENCY));
    assertEquals(Map.of(POWER, new Stat(1, 5, 9)), samples.getLast().stats());
  }

  @Test
  void energyGivesTheInstantOfWhatWasReadTogether() {
    var recorder = withGroups();
    answer(recorder, 0, 1);
    recorder.answeredGroup(0, 9 * SECOND, true, one(ENERGY, 100), new TreeMap<>());
    Sample sample = answer(recorder, 9, 9);
    assertNotNull(sample);
    assertEquals(9 * SECOND, sample.atNanos());
    assertEquals(100, sample.values().micros(ENERGY));
    assertEquals(9, sample.values().micros(POWER));
  }

  @Test
  void aGroupsValuesAreNotLostWhenTheDevicesOwnPollsFail() {
    var recorder = withGroups();
    answer(recorder, 0, 1);
    recorder.failed(4 * SECOND, 4 * SECOND, Reason.TIMEOUT, 5 * SECOND);
    recorder.answeredGroup(0, 5 * SECOND, true, one(ENERGY, 100), new TreeMap<>());
    List<Sample> samples = recorder.failed(9 * SECOND, 9 * SECOND, Reason.CRC, 10 * SECOND);
    assertEquals(2, samples.size());
    assertEquals(5 * SECOND, samples.getFirst().atNanos());
    assertEquals(one(ENERGY, 100), samples.getFirst().values());
    assertEquals(Reason.CRC, samples.getLast().failed());
    assertEquals(9 * SECOND, samples.getLast().atNanos());
  }

  @Test
  void aGroupsFailedPollNeverMakesAPointBothGoodAndBad() {
    var recorder = withGroups();
    var bad = new TreeMap<>(Map.of(ENERGY, Reason.TIMEOUT));
    answer(recorder, 0, 1);
    recorder.answeredGroup(0, 5 * SECOND, true, one(ENERGY, 100), new TreeMap<>());
    recorder.failedGroup(0, 9 * SECOND, bad);
    List<Sample> samples =
        recorder.answered(
            9 * SECOND, 9 * SECOND + 7, false, one(POWER, 9), new TreeMap<>(), 10 * SECOND);
    assertEquals(one(ENERGY, 100), samples.getFirst().values());
    assertTrue(samples.stream().allMatch(sample -> sample.bad().isEmpty()), samples::toString);
    recorder.failedGroup(0, 19 * SECOND, bad);
    Sample next = answer(recorder, 19, 1);
    assertNotNull(next);
    assertEquals(bad, next.bad());
  }

  @Test
  void aPeriodWithoutAnAnswerIsAFailedSample() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    for (int second = 1; second < 9; second++) {
      recorder.failed(second * SECOND, second * SECOND, Reason.TIMEOUT, (second + 1) * SECOND);
    }
    Sample sample = only(recorder.failed(9 * SECOND, 9 * SECOND, Reason.CRC, 10 * SECOND));
    assertNotNull(sample);
    assertEquals(Reason.CRC, sample.failed());
    assertTrue(sample.values().isEmpty());
  }

  @Test
  void theFirstSampleIsNotRecordedTwiceWhenThePeriodThenFails() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    assertNotNull(answer(recorder, 0, 1));
    for (int second = 1; second < 4; second++) {
      recorder.failed(second * SECOND, second * SECOND, Reason.TIMEOUT, (second + 1) * SECOND);
    }
    Sample sample = only(recorder.failed(4 * SECOND, 4 * SECOND, Reason.TIMEOUT, 5 * SECOND));
    assertNotNull(sample);
    assertEquals(Reason.TIMEOUT, sample.failed());
  }

  @Test
  void pollsThatWereLeftOutEndThePeriodAllTheSame() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    answer(recorder, 1, 1);
    assertNull(only(recorder.due(4 * SECOND)));
    Sample sample = only(recorder.due(12 * SECOND));
    assertNotNull(sample);
    assertEquals(SECOND + 7, sample.atNanos());
    assertNull(only(recorder.due(20 * SECOND)));
  }

  @Test
  void aValueWithinItsDeadbandIsHeldBackButNotForEver() {
    var recorder = new Recorder(device(1, Map.of(POWER, 100L)), "boot", 0);
    int recorded = 0;
    for (int second = 0; second < 61; second++) {
      Sample sample = answer(recorder, second, second % 2 == 0 ? 1000 : 1099);
      assertNotNull(sample);
      assertTrue(sample.values().has(VOLTAGE));
      recorded += sample.values().has(POWER) ? 1 : 0;
    }
    assertEquals(3, recorded);
    Sample changed = answer(recorder, 61, 1100);
    assertNotNull(changed);
    assertTrue(changed.values().has(POWER));
    Sample held = answer(recorder, 62, 1001);
    assertNotNull(held);
    assertFalse(held.values().has(POWER));
  }

  @Test
  void anOfflineDeviceIsRecordedOnceAMinute() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    answer(recorder, 1, 1);
    Sample rest = only(recorder.end(2 * SECOND));
    assertNotNull(rest);
    assertNull(rest.failed());
    int minutes = 0;
    for (int second = 3; second < 303; second++) {
      Sample sample = recorder.stillOffline(second * SECOND);
      if (sample != null) {
        assertEquals(Reason.OFFLINE, sample.failed());
        minutes++;
      }
    }
    assertEquals(5, minutes);
    assertNotNull(answer(recorder, 303, 1), "the first answer is recorded at once");
  }
}
