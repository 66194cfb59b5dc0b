package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The demonstration site twice: with its factors, and with others that are half as large again and
 * for demonstration only. Whatever comes out differently must bear the mark.
 */
final class MarkedFactorsTest {

  private static final long FROM = Instant.parse("2026-12-30T15:00:00Z").toEpochMilli();
  private static final long UNTIL = Instant.parse("2026-12-31T16:30:00Z").toEpochMilli();

  /** Rest on factors and do not change with all of them alike: ratios, words, classes. */
  private static final Set<String> ALIKE =
      Set.of("h2.ci_boundary", "h2.class", "h2.class_lower_bound", "tce.nonfossil_share");

  private static Site site() throws IOException {
    return SimulatedYearIT.demo(
        "{factors: [cn-electricity], method: [location]}",
        "{factors: [cn-electricity, cn-fuels, cn-tce], method: [location, market],"
            + " fleet: {diesel_l_per_100km: 35}}");
  }

  private static Site withDemoFactors(Site site) {
    List<FactorTable> tables =
        site.carbon().tables().stream()
            .map(
                table ->
                    new FactorTable(
                        table.name(),
                        table.version(),
                        table.factors().stream().map(MarkedFactorsTest::demo).toList(),
                        null))
            .toList();
    Site.Carbon carbon = site.carbon();
    return new Site(
        site.gateway(),
        site.place(),
        site.lines(),
        site.metering(),
        new Site.Carbon(
            carbon.factors(),
            carbon.methods(),
            tables,
            Set.of(Standing.DEMO),
            carbon.certificates(),
            carbon.feeds(),
            carbon.dieselLitresPer100Km(),
            Site.Green.NOTHING),
        site.mqtt(),
        site.journal(),
        site.status(),
        site.clock(),
        site.file(),
        site.sha256(),
        null,
        null,
        null,
        null);
  }

  private static Factor demo(Factor factor) {
    return new Factor(
        factor.id(),
        factor.carrier(),
        factor.region(),
        factor.basis(),
        factor.gas(),
        new BigDecimal(factor.value()).multiply(new BigDecimal("1.5")).toPlainString(),
        factor.ucum(),
        factor.dataYear(),
        factor.validFrom(),
        factor.validTo(),
        factor.document(),
        factor.url(),
        "demo",
        null);
  }

  /** The newest revision of each interval, by its length and start. */
  private static Map<String, Interval> play(Site site) {
    Fold[] fold = {new Fold(site)};
    fold[0].tell(Feeding.of("date,bus,km,kg\n2026-12-31,b1,250,10\n"));
    fold[0].tell(
        Feeding.of("month,output_cny,denominator,price_basis\n2026-12,1000000,revenue,current\n"));
    Map<String, Interval> told = new TreeMap<>();
    WorldReadings readings = new WorldReadings(7, FROM - 3_600_000, 60_000);
    Fold.Output output =
        new Fold.Output() {
          @Override
          public void interval(Interval interval) {
            told.put(interval.length() + " " + interval.startMillis(), interval);
          }

          @Override
          public void event(Event event, long atNanos, long tsMillis) {}
        };
    for (long at = FROM; at <= UNTIL; at += 300_000) {
      readings.read(at, (sample, millis) -> fold[0].observe(sample, millis, output));
      if ((at - FROM) % 3_600_000 == 0) {
        // What the sums bear must outlast a restart.
        fold[0] = Fold.from(site, fold[0].checkpoint());
      }
    }
    return told;
  }

  @Test
  void whateverADemoFactorChangesBearsItsMark() throws IOException {
    Site official = site();
    Map<String, Interval> with = play(official);
    Map<String, Interval> demo = play(withDemoFactors(official));
    assertEquals(with.keySet(), demo.keySet());
    Set<String> changed = new TreeSet<>();
    Set<String> marked = new TreeSet<>();
    with.forEach(
        (when, one) -> {
          Interval other = demo.get(when);
          assertNotNull(other);
          assertEquals(one.metrics().keySet(), other.metrics().keySet());
          one.metrics()
              .forEach(
                  (name, metric) -> {
                    Metric doubtful = other.metrics().get(name);
                    assertNotNull(doubtful);
                    assertEquals(Standing.OFFICIAL, metric.standing(), name);
                    boolean differs = !java.util.Objects.equals(metric.micros(), doubtful.micros());
                    boolean bears = doubtful.standing() == Standing.DEMO;
                    assertTrue(bears || !differs, () -> when + " " + name + " is not marked");
                    Long micros = metric.micros();
                    // Nothing times another factor is still nothing.
                    boolean nothing = name.startsWith("co2.") && micros != null && micros == 0;
                    if (differs || nothing) {
                      changed.add(name);
                    }
                    if (bears) {
                      marked.add(name);
                    }
                  });
          for (FactorUsed used : other.factors().values()) {
            assertEquals(Standing.DEMO, used.standing());
          }
        });
    changed.addAll(ALIKE);
    assertEquals(changed, marked);
    assertTrue(marked.size() > 25, marked::toString);
  }
}
