package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Figures;
import io.lingtan.agent.ledger.Played.Reading;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.testing.Sites;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From what is kept of base intervals the longer ones can be worked out again. */
final class KeptRowsTest {

  private static final long MINUTE = 60_000L;
  private static final long QUARTER = 15 * MINUTE;

  /** What was kept, as bytes, the newest of each interval. */
  private static final class Shelf implements RowSink {
    private final Site site;
    private final TreeMap<Long, byte[]> bases = new TreeMap<>();
    private final TreeMap<Long, byte[]> days = new TreeMap<>();
    private @Nullable Layout layout;
    private long bytes;
    private long written;

    Shelf(Site site) {
      this.site = site;
    }

    @Override
    public void keep(BaseRow base) {
      layout = Layout.of(site, base.counts());
      byte[] row = base.bytes(1);
      bytes += row.length;
      written++;
      bases.put(base.startMillis(), row);
    }

    @Override
    public void keep(RollUpRow longer) {
      assertNotNull(layout);
      if (longer.rollUp().length().equals("1d")) {
        days.put(longer.rollUp().start(), longer.bytes(1, layout));
      }
    }

    Layout layout() {
      assertNotNull(layout);
      return layout;
    }

    List<BaseRow> bases(long from, long to) {
      return bases.subMap(from, to).entrySet().stream()
          .map(row -> BaseRow.read(row.getKey(), row.getValue(), layout()))
          .toList();
    }

    RollUpRow day(long start) {
      byte[] row = days.get(start);
      assertNotNull(row, "day " + start);
      return RollUpRow.read(row, layout());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 20_261_127L})
  void keptEnergiesMakeTheSameDayToTheMilliwattHour(long seed) {
    System.out.println("KeptRowsTest seed " + seed);
    RandomGenerator random = Randomness.seeded(seed);
    Site site =
        Sites.microgrid()
            .meter("tank", Role.H2_STORAGE, Kind.SENSOR, 0, "mass")
            .allocation(random.nextBoolean() ? Allocation.PRIORITY : Allocation.PROPORTIONAL)
            .site();
    Shelf shelf = new Shelf(site);
    Collected out = new Collected();
    Fold fold = new Fold(site);
    fold.keepIn(shelf);
    for (Reading reading : FoldTest.withGaps(random, 4 * 24 * 60, 60_000)) {
      fold.observe(reading.sample(), reading.tsMillis(), out);
      if (reading.sample().device().equals("nozzle-dev")) {
        fold.observe(tank(reading.sample(), random), reading.tsMillis(), out);
      }
      if (random.nextInt(500) == 0) {
        fold = Fold.from(site, fold.checkpoint());
        fold.keepIn(shelf);
      }
    }
    SiteFigures figures = new SiteFigures(shelf.layout().on(site));
    int compared = 0;
    for (Interval day : out.newest("1d").values()) {
      RollUpRow kept = shelf.day(day.startMillis());
      assertEquals(day.rev(), kept.rollUp().published().rev());
      assertTrue(kept.rollUp().isKept());
      RollUp again = new RollUp("1d", day.startMillis(), day.endMillis());
      var pool = kept.rollUp().pool();
      Map<String, Long> counted = new LinkedHashMap<>();
      for (BaseRow base : shelf.bases(day.startMillis(), day.endMillis())) {
        Figures worked =
            figures.base(
                new io.lingtan.agent.carbon.sheet.Counted(
                    "15m", base.startMillis(), base.counts(), base.levels(shelf.layout().meters())),
                pool);
        again.add(base.startMillis(), Part.of(worked, QUARTER), pool);
        pool = worked.carried();
        for (int i = 0; i < base.rev(); i++) {
          again.late();
        }
        for (Count count : base.counts()) {
          Long micros = count.amount().micros();
          counted.merge(
              count.meter().id() + count.figure(), micros == null ? 0 : micros, Long::sum);
        }
      }
      Figures worked =
          figures.rollUp(
              kept.counted(Feeds.NONE), again.sums(site.place().zone()), again.factors());
      assertEquals(text(day.metrics()), text(worked.metrics()), "seed " + seed + " " + day);
      assertEquals(day.factors(), worked.factors());
      assertEquals(day.registers(), kept.registers());
      for (Count count : kept.counts()) {
        Metric amount = count.amount();
        if (amount.micros() != null && day.startMillis() > Played.START) {
          assertEquals(
              amount.micros(), counted.get(count.meter().id() + count.figure()), count.toString());
          compared++;
        }
      }
    }
    assertTrue(compared > 10, "compared " + compared);
  }

  /** The tank beside the nozzle, which holds 40 to 60 kg, and is silent now and then. */
  private static Sample tank(Sample nozzle, RandomGenerator random) {
    return random.nextInt(40) == 0
        ? Sample.failed("tank-dev", nozzle.boot(), nozzle.atNanos(), Reason.TIMEOUT)
        : Sample.of(
            "tank-dev",
            nozzle.boot(),
            nozzle.atNanos(),
            new Values.Builder()
                .put(Point.of("mass"), random.nextLong(40_000_000, 60_000_000))
                .build());
  }

  private static Map<String, String> text(Map<String, Metric> metrics) {
    Map<String, String> text = new TreeMap<>();
    metrics.forEach((name, metric) -> text.put(name, metric.toString()));
    return text;
  }

  @Test
  void anIntervalOfNineCountersTakesFiftyBytes() {
    Site site = Sites.microgrid().site();
    Shelf shelf = new Shelf(site);
    Fold fold = new Fold(site);
    fold.keepIn(shelf);
    Played world = new Played(Randomness.seeded(5), 10_000);
    while (world.millis() < Played.START + 26 * 60 * MINUTE) {
      world.step().forEach(r -> fold.observe(r.sample(), r.tsMillis(), new Collected()));
    }
    double each = (double) shelf.bytes / shelf.written;
    int day = shelf.days.firstEntry().getValue().length;
    System.out.printf(
        "%d base intervals of %d counters: %.1f bytes each; a day %d bytes%n",
        shelf.written, shelf.layout().columns().size(), each, day);
    assertTrue(each < 50, "bytes " + each);
    assertTrue(day < 1000, "bytes " + day);
  }
}
