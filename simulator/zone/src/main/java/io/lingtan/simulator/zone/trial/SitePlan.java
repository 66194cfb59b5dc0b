package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.SigningKey;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A site of the zone and its true flows, which stay as they are: in mWh a second, so that a
 * register shows whole milliwatt-hours at each whole second and the straight line between two
 * readings is exact. (1 mWh a second is 3.6 W.)
 *
 * @param pvKilowatts installed, 0 for none
 * @param importing from the grid
 * @param exporting to the grid; one of the two is 0
 * @param generating of the PV roof
 * @param charging into the battery, 0 where there is none
 * @param silentFrom when the meters do not answer for {@link #SILENCE_MILLIS}, as ms from the first
 *     reading; negative for never
 */
record SitePlan(
    String gateway,
    Kind kind,
    SigningKey key,
    long pvKilowatts,
    long importing,
    long exporting,
    long generating,
    long charging,
    long silentFrom) {

  /** PV of the whole zone. */
  static final long ZONE_KILOWATTS = 160_000;

  /** Longer than an interval waits for its readings, and shorter than what is interpolated. */
  static final long SILENCE_MILLIS = 75_000;

  static final long BASE_MILLIS = 60_000;

  /** From one reading of a gateway to the next. */
  static final long PERIOD_MILLIS = 10_000;

  /** All meters of a site have been read by then. */
  static final long READ_MILLIS = 3 * PERIOD_MILLIS;

  /** Of CN-JS in config/factors/cn-electricity.yaml: 2023, the newest; kg/kWh, or mg/mWh. */
  private static final BigDecimal FACTOR = new BigDecimal("0.5827");

  private static final long MILLIWATTS_EACH = 3_600;

  enum Kind {
    ROOFTOP,
    STORAGE,
    BUS_DEPOT
  }

  /**
   * The sites of a zone: one bus depot, each eighth a storage site, and roofs, whose PV sums to
   * {@value #ZONE_KILOWATTS} kW exactly. The same arguments draw the same sites.
   *
   * @param gateways ≥ 1; of each kind there is one from three on, and a single one is a roof
   * @param span in which silences fall, ms; none where it is ≤ 0
   */
  static List<SitePlan> draw(int gateways, long span, RandomGenerator random) {
    return draw(gateways, span, random, 0, gateways);
  }

  /**
   * Some of them.
   *
   * @param from the first, counted from 0
   * @param to the one behind the last
   */
  static List<SitePlan> draw(int gateways, long span, RandomGenerator random, int from, int to) {
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < gateways; i++) {
      kinds.add(gateways > 1 && i == 0 ? Kind.BUS_DEPOT : i % 8 == 2 ? Kind.STORAGE : Kind.ROOFTOP);
    }
    long roofs = kinds.stream().filter(kind -> kind == Kind.ROOFTOP).count();
    List<SitePlan> plans = new ArrayList<>();
    long left = ZONE_KILOWATTS;
    for (int i = 0; i < gateways; i++) {
      Kind kind = kinds.get(i);
      long kilowatts = 0;
      if (kind == Kind.ROOFTOP) {
        kilowatts = left / roofs;
        left -= kilowatts;
        roofs--;
      }
      String id = String.format(Locale.ROOT, "zone-%05d", i + 1);
      long silent = i % 10 == 5 && span > 0 ? READ_MILLIS + random.nextLong(span) : -1;
      long seed = random.nextLong();
      if (i >= from && i < to) {
        plans.add(draw(id, kind, kilowatts, silent, Randomness.seeded(seed)));
      }
    }
    return plans;
  }

  private static SitePlan draw(
      String id, Kind kind, long kilowatts, long silent, RandomGenerator random) {
    SigningKey key = SigningKey.make(random);
    // What 1 kW counts in a second, to the next lower whole mWh.
    long pv = kilowatts * 1_000_000 / MILLIWATTS_EACH * (200 + random.nextInt(700)) / 1_000;
    long use = 1L + random.nextInt(100_000);
    return switch (kind) {
      case ROOFTOP -> {
        long load = Math.max(1, pv * (500 + random.nextInt(1_000)) / 1_000);
        yield new SitePlan(
            id,
            kind,
            key,
            kilowatts,
            Math.max(0, load - pv),
            Math.max(0, pv - load),
            pv,
            0,
            silent);
      }
      case STORAGE -> {
        long charge = 1L + random.nextInt(100_000);
        yield new SitePlan(id, kind, key, 0, use + charge, 0, 0, charge, silent);
      }
      case BUS_DEPOT -> new SitePlan(id, kind, key, 0, use, 0, 0, 0, silent);
    };
  }

  /** What its interval records have to add up to, by metric, for a time in whole seconds. */
  Map<String, Long> truth(long seconds) {
    Map<String, Long> amounts = new TreeMap<>();
    amounts.put("elec.grid.import", importing * seconds);
    amounts.put("elec.grid.export", exporting * seconds);
    amounts.put("elec.load.total", (importing + generating - exporting - charging) * seconds);
    amounts.put(
        "co2.scope2.location",
        BigDecimal.valueOf(importing * seconds)
            .multiply(FACTOR)
            .setScale(0, RoundingMode.HALF_EVEN)
            .longValueExact());
    if (kind == Kind.ROOFTOP) {
      amounts.put("elec.pv.generation", generating * seconds);
    }
    if (kind == Kind.STORAGE) {
      amounts.put("elec.battery.charge", charging * seconds);
      amounts.put("elec.battery.discharge", 0L);
    }
    return amounts;
  }

  /** What each base interval of the zone has to be, by start and metric, in mWh and mg. */
  static SortedMap<Long, SortedMap<String, Long>> truth(
      List<SitePlan> plans, long from, long until) {
    SortedMap<String, Long> each = new TreeMap<>();
    for (SitePlan plan : plans) {
      plan.truth(BASE_MILLIS / 1_000)
          .forEach((metric, amount) -> each.merge(metric, amount, Math::addExact));
    }
    SortedMap<Long, SortedMap<String, Long>> truth = new TreeMap<>();
    for (long start = from; start < until; start += BASE_MILLIS) {
      truth.put(start, each);
    }
    return truth;
  }

  /** The list of members, as {@code streams} wants it. */
  static List<String> members(List<SitePlan> plans) {
    return plans.stream().map(plan -> plan.gateway() + " " + plan.key().open().x()).toList();
  }

  /** How many meters it has: read in turn, so that it makes a record each period. */
  int meters() {
    return kind == Kind.BUS_DEPOT ? 1 : 2;
  }

  /** The agent's site file. */
  String siteFile(String brokerUrl, String journal) {
    long every = PERIOD_MILLIS / 1_000 * meters();
    String device = "      - {id: %s, profile: generic-modbus, unit: 2, every: %ds}\n";
    String second =
        switch (kind) {
          case ROOFTOP -> device.formatted("pv1", every);
          case STORAGE -> device.formatted("bat1", every);
          case BUS_DEPOT -> "";
        };
    String meter =
        switch (kind) {
          case ROOFTOP ->
              "    - {id: pv, device: pv1, role: pv, rated_kw: %d}\n".formatted(pvKilowatts);
          case STORAGE ->
              "    - {id: bat, device: bat1, role: battery, rated_kw: 1000, capacity_kwh: 2000}\n";
          case BUS_DEPOT -> "";
        };
    return """
    gateway: %s
    site: {name: Zone, zone: Asia/Shanghai, region: CN-JS}
    lines:
      - id: line
        modbus-tcp: {host: 127.0.0.1}
        devices:
          - {id: gate, profile: generic-modbus, unit: 1, every: %ds}
    %smetering:
      interval: 1m
      meters:
        - {id: grid, device: gate, role: grid, rated_kw: 200000}
    %scarbon: {factors: [cn-electricity], method: [location]}
    mqtt: {servers: ["%s"], require_app_ack: true}
    journal: {path: %s, max_size: 16MB, commit: 1s}
    status: {enabled: false}
    clock: {trust: [system]}
    """
        .formatted(gateway, every, second.indent(0), meter, brokerUrl, journal);
  }
}
