package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Verification;
import io.lingtan.agent.audit.verify.VerifyReport;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Days of the demonstration site, with gas and heat beside it, as an auditor gets them: signed
 * records whose figures all follow from each other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RecomputedDayTest {

  private static final long START = Instant.parse("2026-06-09T16:00:00Z").toEpochMilli();
  private static final long HOUR = 3_600_000;
  private static final long STEP = 300_000;

  /** What is measured or told by people, or needs a setting that no record carries. */
  private static final Set<String> NOT_CHECKED =
      Set.of(
          "balance.residual",
          "bus.break_even_ci",
          "bus.kg_per_100km",
          "bus.kg_per_100km.{id}",
          "bus.km.{id}",
          "cert.applied",
          "cert.carry",
          "cert.matched_hourly",
          "chp.heat_share",
          "clean.matched",
          "clean.unmatched",
          "demand.month_max",
          "demand.month_max_sliding",
          "demand.sliding",
          "elec.battery.charge",
          "elec.battery.discharge",
          "elec.grid.export",
          "elec.grid.import",
          "elec.load.{id}",
          "elec.pv.generation",
          "fuel.gas.normal",
          "fuel.gas.volume",
          "heat.energy",
          "h2.dispensed",
          "h2.produced",
          "h2.storage_mass",
          "quality.completeness",
          "quality.estimated_share",
          "quality.late",
          "reactive.export",
          "reactive.import",
          "storage.efc",
          "storage.loss",
          "storage.pool_energy",
          "storage.soc",
          "storage.soh",
          "tce.intensity",
          "tce.intensity.{id}");

  private final List<String> lines = new ArrayList<>();
  private VerifyingKey key;

  @BeforeAll
  void days(@TempDir Path folder) throws IOException {
    Site site =
        SimulatedYearIT.demo(
            "metering:\n  interval: 15m\n  allocation: priority",
            """
              - id: pulses
                gpio: {chip: gpiochip0}
                devices:
                  - {id: gasmeter, profile: s0, offset: 17, per_pulse: 0.01, point: volume}
              - id: boiler
                modbus-tcp: {host: 127.0.0.1, port: 15029}
                devices:
                  - {id: hot, profile: eastron-sdm630, unit: 1, every: 1s}

            metering:
              interval: 15m
              allocation: priority
              tariff: jiangsu-2025
              tariff_extras: true\
            """,
            "    - {id: dispenser,",
            """
                - {id: gas, device: gasmeter, role: gas, gas_celsius: 20, max_rate: 100}
                - {id: heat, device: hot, role: heat, max_rate: 1000}
                - {id: dispenser,\
            """,
            "{factors: [cn-electricity], method: [location]}",
            "{factors: [cn-electricity, cn-fuels, cn-tce], method: [location, market],"
                + " hourly: true, fleet: {diesel_l_per_100km: 35}}");
    Signing signing = new KeyFile(folder.resolve("key"), "m").open(Randomness.seeded(3));
    key = signing.key().open();
    try (Journal journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                256L << 20,
                "m",
                Connector.sqlite(),
                folder.resolve("volatile"),
                signing),
            new VirtualTime(START),
            Randomness.seeded(4))) {
      play(site, journal);
      try (Outbox outbox = journal.outbox()) {
        List<JournalRecord> some = List.of();
        long next = 1;
        do {
          some =
              outbox.read(
                  journal.state().epoch(), EnumSet.allOf(JournalRecord.Kind.class), next, 100);
          for (JournalRecord record : some) {
            lines.add(RecordJson.of(record));
            next = record.seq() + 1;
          }
        } while (!some.isEmpty());
      }
    }
  }

  private static void play(Site site, Journal journal) {
    Fold fold = new Fold(site);
    fold.tell(Feeding.of("date,bus,km,kg\n2026-06-10,b1,250,10\n2026-06-10,b2,210,9\n"));
    fold.tell(Feeding.of("month,certificates,vintage,reference\n2026-06,20,2026-05,G-1\n"));
    Fold.Output output =
        new Fold.Output() {
          @Override
          public void interval(Interval interval) {
            var batch = journal.begin();
            batch.interval(interval);
            batch.commit(interval.endMillis(), null);
          }

          @Override
          public void event(Event event, long atNanos, long tsMillis) {}
        };
    WorldReadings readings = new WorldReadings(7, START - HOUR, 60_000);
    // Odd amounts, so that each is rounded.
    long gas = 0;
    long heat = 0;
    for (long at = START - 900_000; at <= START + 49 * HOUR; at += STEP) {
      readings.read(at, (sample, millis) -> fold.observe(sample, millis, output));
      gas += 123_457 + at / STEP % 7 * 10_007;
      heat += 1_234_567 + at / STEP % 11 * 100_003;
      observe(fold, output, at, "gasmeter", "volume", gas);
      observe(fold, output, at, "hot", "energy_import", heat);
    }
  }

  private static void observe(
      Fold fold, Fold.Output output, long at, String device, String point, long micros) {
    long nanos = (at - START + 1_000_000_000L) * 1_000_000;
    Values values = new Values.Builder().put(Point.of(point), micros).build();
    fold.observe(Sample.of(device, "boot", nanos, values), at, output);
  }

  private VerifyReport verify(List<String> records) {
    Verification verification = new Verification(key);
    records.forEach(verification::take);
    return verification.report(null);
  }

  @Test
  void everyRecordIsAccepted() {
    VerifyReport report = verify(lines);
    assertEquals(List.of(), report.flaws());
    assertTrue(report.records() > 240, report::text);
    assertTrue(report.figures() > 10_000, report::text);
  }

  @Test
  void whatCannotBeWorkedOutAgainIsNamed() {
    VerifyReport report = verify(lines);
    Set<String> beyond = new TreeSet<>(report.notChecked().keySet());
    beyond.removeAll(NOT_CHECKED);
    // The file begins in the midst: of its first intervals it does not hold all that went before.
    beyond.removeIf(name -> report.notChecked().getOrDefault(name, 0L) <= 10);
    assertEquals(Set.of(), beyond);
    assertTrue(report.text().contains("not checked: balance.residual ("), report::text);
  }

  /** Of each figure and length, a record in the midst that has it and not zero. */
  private Map<String, Integer> places() {
    Map<String, List<Integer>> all = new LinkedHashMap<>();
    Pattern figure = Pattern.compile("\"([a-z0-9_.]+)\":\\{\"v\":(-?[0-9.]+),");
    Pattern length = Pattern.compile("\"interval\":\"([0-9a-zA-Z]+)\"");
    for (int i = 0; i < lines.size(); i++) {
      Matcher found = length.matcher(lines.get(i));
      assertTrue(found.find());
      Matcher matcher = figure.matcher(lines.get(i));
      while (matcher.find()) {
        if (new BigDecimal(matcher.group(2)).signum() != 0) {
          String place = found.group(1) + " " + matcher.group(1);
          all.computeIfAbsent(place, name -> new ArrayList<>()).add(i);
        }
      }
    }
    Map<String, Integer> places = new LinkedHashMap<>();
    all.forEach((name, lines) -> places.put(name, lines.get(lines.size() / 2)));
    return places;
  }

  @Test
  void aDigitOfAnyFigureThatWasChangedIsNamed() {
    List<String> unseen = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (Map.Entry<String, Integer> place : places().entrySet()) {
      String length = place.getKey().substring(0, place.getKey().indexOf(' '));
      String name = place.getKey().substring(length.length() + 1);
      // A day needs all that is in it: of each figure only if no hour has it.
      if (NOT_CHECKED.contains(name)
          || NOT_CHECKED.contains(name.replaceFirst("[^.]*$", "{id}"))
          || (length.equals("1d") && seen.contains(name))) {
        continue;
      }
      seen.add(name);
      int before = length.equals("1d") ? 130 : 8;
      int at = place.getValue();
      List<String> records = new ArrayList<>(lines.subList(Math.max(0, at - before), at));
      records.add(changed(lines.get(at), name));
      boolean named =
          verify(records).flaws().stream()
              .anyMatch(
                  flaw ->
                      flaw.kind() == Flaw.Kind.CARBON
                          && flaw.line() == records.size()
                          && flaw.field().equals("metrics." + name + ".v"));
      if (!named) {
        unseen.add(place.getKey());
      }
    }
    assertEquals(List.of(), unseen);
    assertTrue(seen.size() > 50, seen::toString);
  }

  /** The same record with another last digit of one figure. */
  private static String changed(String record, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\":\\{\"v\":-?[0-9.]+,").matcher(record);
    assertTrue(matcher.find(), name);
    int last = matcher.end() - 2;
    char digit = record.charAt(last);
    return record.substring(0, last) + (digit == '5' ? '6' : '5') + record.substring(last + 1);
  }

  @Test
  void anEnergyThatWasChangedShowsInWhatFollowsFromIt() {
    for (String name :
        List.of(
            "elec.grid.import",
            "elec.grid.export",
            "elec.pv.generation",
            "elec.battery.charge",
            "elec.battery.discharge",
            "elec.load.ely",
            "elec.load.buildings",
            "fuel.gas.normal",
            "heat.energy",
            "h2.produced",
            "storage.pool_co2")) {
      Integer place = places().get("15m " + name);
      assertNotNull(place, name);
      List<String> records = new ArrayList<>(lines.subList(place - 8, place + 9));
      records.set(8, changed(records.get(8), name));
      assertTrue(
          verify(records).flaws().stream().anyMatch(flaw -> flaw.kind() == Flaw.Kind.CARBON), name);
    }
  }
}
