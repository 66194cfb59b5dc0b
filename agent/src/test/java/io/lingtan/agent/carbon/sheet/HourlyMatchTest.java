package io.lingtan.agent.carbon.sheet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.carbon.sheet.HourlyMatch.Hour;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a battery gives of clean energy, beside the published cases. */
final class HourlyMatchTest {

  private static final long KWH = 1_000_000;

  /** 0.1 kWh of PV went in, and 10 kWh came out that the grid had charged the day before. */
  @Test
  void aBatteryGivesNoMoreCleanEnergyThanItWasChargedWith() {
    Hour noon = new Hour(0, KWH / 10, KWH / 10, 0, 0);
    Hour evening = new Hour(6 * KWH, 0, 0, 0, 4 * KWH);
    Hour night = new Hour(6 * KWH, 0, 0, 0, 6 * KWH);
    HourlyMatch match = HourlyMatch.of(List.of(noon, evening, night));
    assertEquals(List.of(0L, 40_000L, 60_000L), match.matched());
    assertEquals(KWH / 10, match.clean());
  }

  @Test
  void whatItLosesIsLostOfCleanEnergyToo() {
    Hour noon = new Hour(0, 6 * KWH, 6 * KWH, 4 * KWH, 0);
    Hour night = new Hour(9 * KWH, 0, 0, 0, 8 * KWH);
    assertEquals(4_800_000, HourlyMatch.of(List.of(noon, night)).covered());
  }
}
