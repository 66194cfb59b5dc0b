package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
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
  private static final Point VOLTAGE = Point.of("voltage_l1");
  private static final long SECOND = 1_000_000_000L;

  private static Device device(int record, Map<Point, Long> deadband) {
    return new Device(
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
        List.of(),
        null,
        null,
        false);
  }

  private static @Nullable Sample answer(Recorder recorder, int second, long power) {
    Values values = new Values.Builder().put(POWER, power).put(VOLTAGE, 230 + second).build();
    return recorder.answered(
        second * SECOND,
        second * SECOND + 7,
        false,
        values,
        new TreeMap<>(),
        (second + 1) * SECOND);
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
    // 10, 31, 10, 31, 10
    assertEquals(Map.of(POWER, new Stat(10, 18, 31)), first.stats());
    // 31, 10, 31, 10, 31
    assertEquals(Map.of(POWER, new Stat(10, 22, 31)), samples.getLast().stats());
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
    assertNull(recorder.failed(3 * SECOND, 3 * SECOND, Reason.TIMEOUT, 4 * SECOND));
    Sample sample = recorder.failed(4 * SECOND, 4 * SECOND, Reason.TIMEOUT, 5 * SECOND);
    assertNotNull(sample);
    assertNull(sample.failed());
    assertEquals(2 * SECOND + 7, sample.atNanos());
  }

  @Test
  void aPeriodWithoutAnAnswerIsAFailedSample() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    for (int second = 1; second < 9; second++) {
      recorder.failed(second * SECOND, second * SECOND, Reason.TIMEOUT, (second + 1) * SECOND);
    }
    Sample sample = recorder.failed(9 * SECOND, 9 * SECOND, Reason.CRC, 10 * SECOND);
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
    Sample sample = recorder.failed(4 * SECOND, 4 * SECOND, Reason.TIMEOUT, 5 * SECOND);
    assertNotNull(sample);
    assertEquals(Reason.TIMEOUT, sample.failed());
  }

  @Test
  void pollsThatWereLeftOutEndThePeriodAllTheSame() {
    var recorder = new Recorder(device(5, Map.of()), "boot", 0);
    answer(recorder, 0, 1);
    answer(recorder, 1, 1);
    assertNull(recorder.due(4 * SECOND));
    Sample sample = recorder.due(12 * SECOND);
    assertNotNull(sample);
    assertEquals(SECOND + 7, sample.atNanos());
    assertNull(recorder.due(20 * SECOND));
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
    Sample rest = recorder.offline(2 * SECOND);
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
