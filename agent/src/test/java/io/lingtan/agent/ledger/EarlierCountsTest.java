package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.ledger.Played.Reading;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.meter.Mark;
import io.lingtan.agent.meter.MeterChannel;
import io.lingtan.agent.meter.Meters;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Sites;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A line knows again where an interval begins, and no better than it was told. */
final class EarlierCountsTest {

  private static final long MINUTE = 60_000L;
  private static final long QUARTER = 15 * MINUTE;
  private static final long DAY = Instant.parse("2025-02-21T21:00:00Z").toEpochMilli();
  private static final long KNOWN = DAY + 8 * QUARTER;
  private static final long END = KNOWN + 8 * QUARTER;

  private final Site site = Sites.microgrid().site();
  private final IntervalGrid grid = new IntervalGrid(site.place().zone(), "15m");
  private final Meters meters = new Meters(site, grid);
  private final MeterChannel hall =
      meters.channels().stream()
          .filter(channel -> channel.meter().id().equals("hall"))
          .findFirst()
          .orElseThrow();

  /** Where the base intervals begin that are kept. */
  private long keptFrom = DAY - QUARTER;

  /** What was counted since, as it was before the beginning was forgotten. */
  private @Nullable Long counted;

  /**
   * Counts for hours, tells each base interval, forgets the beginning and knows it again.
   *
   * @param told what becomes of the base interval that begins at {@code DAY + 30 min}
   * @return what was counted from {@code DAY} on
   */
  private Metric again(UnaryOperator<Metric> told) {
    Played played = new Played(Randomness.seeded(7), 5 * MINUTE, DAY - QUARTER - 5 * MINUTE);
    while (played.millis() < END) {
      for (Reading reading : played.step()) {
        Mark at = new Mark(1, reading.sample().atNanos(), reading.tsMillis());
        meters.observe(reading.sample(), at, event -> {});
      }
    }
    List<BaseRow> kept = new ArrayList<>();
    for (long start = keptFrom; start < KNOWN; start += QUARTER) {
      Metric amount = hall.between(start, start + QUARTER);
      Count count =
          new Count(
              hall.meter(),
              hall.figure(),
              start == DAY + 2 * QUARTER ? told.apply(amount) : amount);
      kept.add(new BaseRow(start, 0, List.of(count), null, null, null, 0));
    }
    counted = hall.between(Math.max(keptFrom, DAY), END).micros();
    meters.forget(KNOWN, List.of());
    EarlierCounts counts = new EarlierCounts(new TreeSet<>(List.of(DAY)), KNOWN);
    kept.forEach(base -> counts.add(base, QUARTER));
    counts.tell(hall);
    return hall.between(DAY, END);
  }

  @Test
  void whatWasMeasuredIs() {
    Metric all = again(amount -> amount);
    assertEquals(Quality.MEASURED, all.quality());
    assertEquals(100, all.coverage());
    assertEquals(0, all.estimated());
    assertEquals(counted, all.micros());
  }

  @Test
  void whatHoldsOneSuspectBaseIntervalIsSuspect() {
    Metric all = again(amount -> amount.of(Quality.SUSPECT));
    assertEquals(Quality.SUSPECT, all.quality());
    assertEquals(0, all.estimated());
    assertTrue(all.isWhole());
  }

  @Test
  void whatIsSuspectAndLacksSomethingLacksIt() {
    Times reset = Times.of(DAY + 2 * QUARTER, DAY + 2 * QUARTER + 5 * MINUTE);
    Metric all = again(amount -> amount.of(Quality.SUSPECT).lacking(reset));
    assertEquals(Quality.SUSPECT, all.quality());
    assertFalse(all.isWhole(), all.toString());
  }

  @ParameterizedTest
  @EnumSource(names = {"EST_LINEAR", "EST_PROFILE", "SUSPECT"})
  void whatIsNotKeptOfTheBeginningIsLackingAndWhatIsCountsInFull(Quality quality) {
    keptFrom = DAY + 2 * QUARTER;
    Metric all =
        again(
            amount ->
                new Metric(amount.micros(), amount.ucum(), quality, 0, 100, null, null, null));
    assertEquals(Quality.PARTIAL.worse(quality), all.quality());
    assertFalse(all.isWhole(), all.toString());
    assertEquals(counted, all.micros());
  }
}
