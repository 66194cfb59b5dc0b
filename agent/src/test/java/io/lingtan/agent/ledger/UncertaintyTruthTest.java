package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.verify.Flaw;
import io.lingtan.agent.audit.verify.Recomputation;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Accuracy;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * From a site file that declares classes to records: whether the true energy lies within what they
 * say. Each play has other meters, as far off as their class allows, with registers of whole steps,
 * read at other moments than intervals end.
 */
final class UncertaintyTruthTest {

  private static final long START = Instant.parse("2025-06-01T00:00:00Z").toEpochMilli();
  private static final long READ_MILLIS = 150_000;
  private static final long STEP_MILLIS = 10_000;

  /** Readings are that much later than intervals end. */
  private static final long AFTER_MILLIS = 70_000;

  private static final int PLAYS = 100;
  private static final int HOURS = 25;

  /** Of all intervals of all plays: how often the truth was within, and how wide that was. */
  private static final class Score {
    private int within;
    private int all;
    private double errors;
    private double bounds;

    void take(long told, long truth, long pm) {
      all++;
      within += Math.abs(told - truth) <= pm ? 1 : 0;
      errors += Math.pow((double) (told - truth), 2);
      bounds += Math.pow((double) pm, 2);
    }

    void judge(String what) {
      assertTrue(within >= 0.95 * all, what + ": within " + within + " of " + all);
      double wide = Math.sqrt(bounds / errors);
      assertTrue(wide <= 3, what + ": the bound is " + wide + " times the spread");
    }
  }

  /** A meter that is wrong by the same share all its life. */
  private static final class Metered {
    private final double share;
    private final long step;
    private double kilowattHours;

    Metered(RandomGenerator random, double meter, double transformer, long stepMicros) {
      share =
          1
              + meter / 100 * (2 * random.nextDouble() - 1)
              + transformer / 100 * (2 * random.nextDouble() - 1);
      step = stepMicros;
      kilowattHours = 10_000 * random.nextDouble();
    }

    long reads() {
      return ((long) (kilowattHours * 1e6 / step)) * step;
    }

    void count(double energy) {
      kilowattHours += energy * share;
    }
  }

  @Test
  void theTruthLiesWithinNineteenTimesOfTwenty() {
    Site site = site(", class: 1, ct_class: 0.5", ", class: 0.5S, ct_class: 0.5");
    RandomGenerator random = Randomness.seeded(24);
    Score gate = new Score();
    Score rest = new Score();
    Score hour = new Score();
    for (int i = 0; i < PLAYS; i++) {
      play(site, random, gate, rest, hour);
    }
    assertEquals(PLAYS * HOURS * 4, gate.all);
    gate.judge("gate");
    rest.judge("what the load leaves over");
    hour.judge("hour");
  }

  private static void play(Site site, RandomGenerator random, Score gate, Score rest, Score hour) {
    Fold fold = new Fold(site);
    Collected out = new Collected();
    // One step of the profile's register, 0.01 kWh, at a ratio of 80.
    Metered grid = new Metered(random, 1, 0.5, 800_000);
    Metered hall = new Metered(random, 0.5, 0.5, 800_000);
    // True energy of both until each end of a quarter of an hour.
    List<double[]> truth = new ArrayList<>(List.of(new double[2]));
    double[] total = new double[2];
    for (long at = 0; at <= HOURS * 3_600_000L + 2 * READ_MILLIS; at += STEP_MILLIS) {
      if (at % 900_000 == 0 && at > 0) {
        truth.add(total.clone());
      }
      if (at % READ_MILLIS == AFTER_MILLIS || at == 0) {
        read(fold, "gate", grid.reads(), START + at, out);
        read(fold, "hall", hall.reads(), START + at, out);
      }
      double minute = at / 60_000.0 * 0.7;
      double load = (250 + 200 * Math.sin(minute / 300)) * STEP_MILLIS / 3_600_000;
      double other = (120 + 100 * Math.sin(minute / 77)) * STEP_MILLIS / 3_600_000;
      total[0] += load + other;
      total[1] += load;
      grid.count(load + other);
      hall.count(load);
    }
    for (Interval interval : out.newest("15m").values()) {
      int index = (int) ((interval.startMillis() - START) / 900_000);
      double[] from = truth.get(index);
      double[] to = truth.get(index + 1);
      take(gate, interval, "elec.grid.import", to[0] - from[0]);
      take(rest, interval, "balance.residual", to[0] - from[0] - to[1] + from[1]);
    }
    for (Interval interval : out.newest("1h").values()) {
      int index = (int) ((interval.startMillis() - START) / 900_000);
      take(hour, interval, "elec.load.total", truth.get(index + 4)[0] - truth.get(index)[0]);
    }
  }

  private static void take(Score score, Interval interval, String name, double truth) {
    Metric metric = Collected.metric(interval, name);
    Long told = metric.micros();
    Long pm = metric.pm();
    assertNotNull(pm, name + " of " + interval);
    score.take(Objects.requireNonNull(told), Math.round(truth * 1e6), pm);
  }

  @Test
  void recordsOfASiteThatDeclaresNothingAreAsTheyWere() {
    List<Interval> intervals = shortly(site("", "")).intervals;
    assertFalse(intervals.isEmpty());
    for (Interval interval : intervals) {
      assertTrue(interval.metrics().values().stream().allMatch(metric -> metric.pm() == null));
      assertTrue(!json(interval).contains("\"pm\""));
    }
  }

  @Test
  void aRecordHasItBesideTheEstimatedShare() {
    Interval interval = shortly(site(", class: B, ct_class: 0.5", "")).of("15m").getFirst();
    String json = json(interval);
    assertTrue(
        json.contains(
                "\"elec.grid.import\":{\"v\":25,\"u\":\"kW.h\",\"q\":\"measured\",\"cov\":100")
            && json.contains("\"est\":0,\"pm\":"),
        json);
    assertNull(Collected.metric(interval, "elec.load.hall").pm());
  }

  /** What follows from an energy and a factor is worked out again from the record. */
  @Test
  void verifyWorksOutWhatFollowsFromTheEnergyAndNamesWhatDoesNot() throws Exception {
    Collected out = shortly(site(", class: B, ct_class: 0.5", ", class: B, ct_class: 0.5"));
    List<Flaw> flaws = new ArrayList<>();
    Recomputation recomputation = new Recomputation(flaws::add);
    for (Interval interval : out.intervals) {
      recomputation.take(SealedRecord.of(1, JsonValue.object(json(interval))), true);
    }
    assertEquals(List.of(), flaws);
    assertTrue(recomputation.checked() > 0);
    Interval last = out.intervals.getLast();
    Long carbon = Collected.metric(last, "co2.scope2.location").pm();
    assertNotNull(carbon);
    String pm = "\"pm\":" + Micros.text(carbon) + ",\"of\":\"elec.grid.import\"";
    String wrong = json(last).replaceFirst(pm, pm.replaceFirst("[0-9]", "9"));
    recomputation.take(SealedRecord.of(2, JsonValue.object(wrong)), true);
    assertTrue(flaws.getFirst().field().endsWith("co2.scope2.location.pm"), flaws::toString);
    flaws.clear();
    // Whoever wrote the file may have written anything.
    String hostile =
        json(last)
            .replaceFirst(
                "\"factors\":\\{(\"[^\"]+\"):\\{", "\"factors\":{$1:{\"u95_pct\":\"1e999\",");
    recomputation.take(SealedRecord.of(3, JsonValue.object(hostile)), true);
    assertTrue(flaws.getFirst().what().contains("that is no percentage"), flaws::toString);
  }

  /** Of what was sold the least that it must be follows, too: 100 kWh ± 1 at 0.5 kg/kWh. */
  @Test
  void verifyBoundsWhatWasBoughtLessWhatWasSold() throws Exception {
    assertEquals(List.of(), flawsOfNet("0.5", "\"factor\":\"f\""));
    assertTrue(flawsOfNet("1", "\"factor\":\"f\"").getFirst().endsWith("co2.purchased_net.pm"));
    String several = "\"factors\":[\"f\",\"g\"]";
    assertTrue(flawsOfNet("0.5", several).getFirst().endsWith("co2.purchased_net.pm"));
  }

  private static List<String> flawsOfNet(String pm, String factor) throws Exception {
    String used = "{\"value\":\"0.5\",\"u\":\"kg/(kW.h)\",\"version\":\"1\"}";
    String counted = "\"u\":\"kW.h\",\"q\":\"measured\",\"cov\":100,\"est\":0";
    String metrics =
        "\"elec.grid.import\":{\"v\":0,%s,\"pm\":0},\"elec.grid.export\":{\"v\":100,%s,\"pm\":1},"
                .formatted(counted, counted)
            + "\"co2.purchased_net\":{\"v\":-50,\"u\":\"kg\",\"q\":\"measured\",\"cov\":100,\"est\":0,"
            + "\"pm\":%s,\"of\":\"elec.grid.import\",%s}".formatted(pm, factor);
    String whole = json(shortly(site("", "")).of("15m").getFirst());
    String record =
        whole.substring(0, whole.indexOf("\"metrics\":{"))
            + "\"metrics\":{%s},\"factors\":{\"f\":%s,\"g\":%s}}".formatted(metrics, used, used);
    List<Flaw> flaws = new ArrayList<>();
    new Recomputation(flaws::add).take(SealedRecord.of(1, JsonValue.object(record)), true);
    return flaws.stream().map(Flaw::field).toList();
  }

  /** So that days which are told again by another factor later have it, too. */
  @Test
  void classesAreKeptWithTheEnergies() {
    Site site = site(", class: 0.5S, ct_class: 0.2S", "");
    Layout layout = Layout.of(site, List.of());
    CheckpointWriter to = new CheckpointWriter();
    layout.write(to);
    layout.writeMore(to);
    layout.writeAccuracy(to);
    CheckpointReader from = new CheckpointReader(to.bytes());
    assertEquals(layout, Layout.read(from).readMore(from).readAccuracy(from));
    assertEquals(new Accuracy(0.5, 0.2), layout.meter(0).accuracy());
  }

  @Test
  void whoseHeatItIsIsKeptWithTheEnergies() {
    Meter made =
        Parts.meter("hot", "hot", Role.HEAT, 0, false, null, Double.NaN, Double.NaN, Double.NaN, 0)
            .ofOwnHeat();
    Layout layout = Layout.of(new Sites().meter(made, Kind.METER, List.of()).site(), List.of());
    CheckpointWriter to = new CheckpointWriter();
    layout.write(to);
    layout.writeOwn(to);
    CheckpointReader from = new CheckpointReader(to.bytes());
    assertEquals(layout, Layout.read(from).readOwn(from));
  }

  private static Collected shortly(Site site) {
    Fold fold = new Fold(site);
    Collected out = new Collected();
    for (int i = 0; i <= 62; i++) {
      read(fold, "gate", i * 25_000_000L / 15, START + i * 60_000L, out);
      read(fold, "hall", i * 20_000_000L / 15, START + i * 60_000L, out);
    }
    return out;
  }

  private static String json(Interval interval) {
    return RecordJson.interval("e", 1, 0, 0, interval, null);
  }

  private static void read(Fold fold, String device, long energy, long millis, Collected out) {
    fold.observe(
        Sample.of(
            device,
            "b",
            millis * 1_000_000L,
            new Values.Builder()
                .put(Point.of("energy_import"), energy)
                .put(Point.of("energy_export"), 0)
                .build()),
        millis,
        out);
  }

  private static Site site(String gate, String hall) {
    byte[] text =
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: a
            modbus-tcp: {host: 192.168.1.20}
            devices:
              - {id: gate, profile: acrel-dtsd1352, unit: 1, ct: 80}
              - {id: hall, profile: acrel-dtsd1352, unit: 2, ct: 80}
        metering:
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 2000%s}
            - {id: hall, device: hall, role: load, rated_kw: 2000%s}
        """
            .formatted(gate, hall)
            .getBytes(StandardCharsets.UTF_8);
    return Objects.requireNonNull(new SiteLoader().read(Path.of("site.yaml"), text).site());
  }
}
