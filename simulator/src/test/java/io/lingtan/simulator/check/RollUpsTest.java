package io.lingtan.simulator.check;

import static io.lingtan.simulator.check.Bench.HOUR;
import static io.lingtan.simulator.check.Bench.MINUTE;
import static io.lingtan.simulator.check.Bench.START;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.simulator.check.record.Received;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** An hour is the sum of its quarters, as good as the worst of them, and seen as they were. */
class RollUpsTest {

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
  private static final long BASE = 15 * MINUTE;

  private final Findings findings = new Findings();
  private final RollUps rollUps = new RollUps(ZONE, BASE, findings);
  private boolean isMeasurable;
  private boolean isByAnother;
  private final NavigableMap<Long, Received.Interval> parts = new TreeMap<>();

  private static Received.Interval told(String length, long start, long end, String metrics) {
    return (Received.Interval)
        Bench.read(
            """
            {"epoch":"e","seq":1,"after":0,"ts":%d,"interval":"%s","start":%d,"end":%d,"rev":0,\
            "metrics":{%s}}\
            """
                .formatted(end, length, start, end, metrics));
  }

  private static String pv(double value, String quality, int coverage) {
    return "\"elec.pv.generation\":{\"v\":%s,\"u\":\"kW.h\",\"q\":\"%s\",\"cov\":%d,\"est\":0}"
        .formatted(value, quality, coverage);
  }

  private void part(long start, String metrics) {
    parts.put(start, told("15m", start, start + BASE, metrics));
  }

  /** Four quarters of 1 kWh, of which the last is as is said. */
  private Map<Verdict, Long> hour(String last, String hour) {
    for (int i = 0; i < 3; i++) {
      part(START + i * BASE, pv(1, "measured", 100));
    }
    part(START + 3 * BASE, last);
    rollUps.take(told("1h", START, START + HOUR, hour));
    rollUps.finish(
        START,
        START + HOUR,
        parts,
        (start, end) -> false,
        interval -> isByAnother,
        (name, start, end) -> isMeasurable);
    return findings.counts();
  }

  @Test
  void anHourThatFollowsFromItsQuartersPasses() {
    assertEquals(Map.of(), hour(pv(1, "est_linear", 60), pv(4, "est_linear", 90)));
  }

  @Test
  void anHourIsNoOtherSum() {
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L), hour(pv(1, "measured", 100), pv(5, "measured", 100)));
  }

  @Test
  void anHourIsNoBetterThanItsWorstQuarter() {
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L), hour(pv(1, "est_linear", 60), pv(4, "measured", 90)));
  }

  @Test
  void anHourWhoseOwnRegistersWereReadIsMeasured() {
    isMeasurable = true;
    assertEquals(Map.of(), hour(pv(1, "est_linear", 60), pv(4, "measured", 90)));
  }

  @Test
  void anHourWhoseOwnRegistersWereReadKnowsWhatAQuarterSaysInPart() {
    isMeasurable = true;
    assertEquals(Map.of(), hour(pv(0.5, "partial", 60), pv(4, "measured", 90)));
  }

  @Test
  void anHourWithASuspectQuarterIsSuspectThoughItsOwnRegistersWereRead() {
    isMeasurable = true;
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L), hour(pv(1, "suspect", 60), pv(4, "measured", 90)));
  }

  @Test
  void aLoadThatWasImpossibleInAQuarterMayBeMeasuredOverTheHour() {
    assertEquals(
        Map.of(), hour(balance("suspect") + "," + pv(1, "measured", 100), both("measured")));
  }

  @Test
  void aLoadIsSuspectWhereAMeterOfTheHourIs() {
    isMeasurable = true;
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L),
        hour(balance("suspect") + "," + pv(1, "suspect", 100), both("suspect")));
  }

  /** The load of the last quarter alone: that of the others is not told. */
  private static String balance(String quality) {
    return "\"elec.load.total\":{\"v\":1,\"u\":\"kW.h\",\"q\":\"%s\",\"cov\":100,\"est\":0}"
        .formatted(quality);
  }

  /** A measured load of an hour of 4 kWh. */
  private static String both(String pv) {
    return balance("measured") + "," + pv(4, pv, 100);
  }

  @Test
  void anHourIsNoWorseThanItsWorstQuarter() {
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L), hour(pv(1, "est_linear", 60), pv(4, "partial", 90)));
  }

  @Test
  void anHourOfWhichAQuarterIsUnknownIsPartial() {
    assertEquals(Map.of(Verdict.INCONSISTENT, 1L), hour("", pv(3, "measured", 75)));
  }

  @Test
  void anHourWasSeenAsFarAsItsQuartersWere() {
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L), hour(pv(1, "measured", 60), pv(4, "measured", 100)));
  }

  @Test
  void aFigureThatTheFirstQuarterLacksIsAskedForToo() {
    assertEquals(
        Map.of(Verdict.INCONSISTENT, 1L),
        hour(
            pv(1, "measured", 100) + "," + pv(1, "measured", 100).replace("pv", "grid"),
            pv(4, "measured", 100)));
  }

  @Test
  void anHourThatWasToldAgainByAnotherSiteFileLacksWhatThatDoesNotName() {
    isByAnother = true;
    assertEquals(Map.of(), hour(pv(1, "measured", 100), ""));
  }

  @Test
  void monthsAndYearsAreAskedFor() {
    long from = ZonedDateTime.of(2024, 12, 31, 0, 0, 0, 0, ZONE).toInstant().toEpochMilli();
    long until = ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZONE).toInstant().toEpochMilli();
    for (long start = from; start < until; start += BASE) {
      part(start, "");
    }
    rollUps.finish(
        from, until, parts, (start, end) -> false, interval -> false, (name, start, end) -> false);
    assertEquals(Map.of(Verdict.MISSING, 366L * 24 + 366 + 12 + 1), findings.counts());
  }
}
