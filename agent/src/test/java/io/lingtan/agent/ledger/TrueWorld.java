package io.lingtan.agent.ledger;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * Loads, panels, a battery, fuels: what really flowed. Every flow is constant within a step, so
 * that what passed until any instant is known exactly. Times are ms since the world began; amounts
 * are millionths of a kWh, of a m³ or of a kg.
 */
final class TrueWorld {

  static final String IMPORT = "import";
  static final String EXPORT = "export";

  /** One direction of a flow, as its sum. */
  static final class Flow {
    private final long stepMillis;
    private final double[] sums;

    private Flow(long stepMillis, int steps) {
      this.stepMillis = stepMillis;
      this.sums = new double[steps + 1];
    }

    /** What passed until then; the flow goes on before the beginning and after the end. */
    double at(long millis) {
      double step = millis / (double) stepMillis;
      int whole = (int) Math.min(sums.length - 2, Math.max(0, Math.floor(step)));
      return sums[whole] + (step - whole) * (sums[whole + 1] - sums[whole]);
    }

    double between(long from, long to) {
      return at(to) - at(from);
    }

    /** In millionths an hour, at an instant. */
    double rate(long millis) {
      int whole = (int) Math.min(sums.length - 2, Math.max(0, millis / stepMillis));
      return (sums[whole + 1] - sums[whole]) * 3_600_000 / stepMillis;
    }

    /** The fastest that it ever was, millionths an hour. */
    double fastest() {
      double most = 0;
      for (int i = 1; i < sums.length; i++) {
        most = Math.max(most, sums[i] - sums[i - 1]);
      }
      return most * 3_600_000 / stepMillis;
    }

    /** Both together. */
    Flow and(Flow other) {
      Flow both = new Flow(stepMillis, sums.length - 1);
      for (int i = 0; i < sums.length; i++) {
        both.sums[i] = sums[i] + other.sums[i];
      }
      return both;
    }

    /** This without the other: what a register shows that runs backwards. */
    Flow less(Flow other) {
      Flow left = new Flow(stepMillis, sums.length - 1);
      for (int i = 0; i < sums.length; i++) {
        left.sums[i] = sums[i] - other.sums[i];
      }
      return left;
    }

    private void add(int step, double perHour) {
      sums[step + 1] = sums[step] + perHour * 1e6 * stepMillis / 3_600_000;
    }
  }

  /** What is in the site, kW; 0 is not there. */
  record Shape(
      int loads,
      double pvKw,
      double batteryKw,
      double batteryKwh,
      double hybridPvKw,
      double hybridBatteryKw,
      double chpKw,
      boolean hasTwoRoofs,
      boolean isRestless) {
    boolean hasSource() {
      return pvKw + batteryKw + hybridPvKw + hybridBatteryKw + chpKw > 0;
    }
  }

  static final double EFFICIENCY = 0.95;

  final long stepMillis;
  final int steps;
  private final Map<String, Flow> flows = new LinkedHashMap<>();

  /**
   * @param startHour local hour of the day, with its fraction
   */
  TrueWorld(RandomGenerator random, Shape shape, long stepMillis, int steps, double startHour) {
    this.stepMillis = stepMillis;
    this.steps = steps;
    Wave[] loads = new Wave[shape.loads];
    for (int i = 0; i < loads.length; i++) {
      double kw = Math.pow(10, 0.3 + 1.7 * random.nextDouble());
      loads[i] = new Wave(random, kw, shape.isRestless, random.nextInt(3) == 0);
    }
    Wave clouds = new Wave(random, 1, shape.isRestless, false);
    Wave heat = new Wave(random, 1, false, true);
    Store store = new Store(random, shape.batteryKw, shape.batteryKwh);
    Store behind = new Store(random, shape.hybridBatteryKw, shape.batteryKwh);
    double hours = stepMillis / 3_600_000.0;
    for (int i = 0; i < steps; i++) {
      double hour = (startHour + i * hours) % 24;
      double sun = Math.max(0, Math.sin(Math.PI * (hour - 6) / 12)) * clouds.next(hours);
      double net = 0;
      double used0 = 0;
      for (int load = 0; load < loads.length; load++) {
        double kw = loads[load].next(hours);
        flow("load" + load).add(i, kw);
        used0 = load == 0 ? kw : used0;
        net += kw;
      }
      double warm = heat.next(hours);
      double chp = shape.chpKw * warm;
      double stored = store.next(hours);
      double hybridPv = shape.hybridPvKw * sun;
      double hybridStored = behind.next(hours);
      double surplus = hybridPv - hybridStored;
      flow("pv").add(i, shape.pvKw * sun);
      flow("chp").add(i, chp);
      flow("charge").add(i, Math.max(0, stored));
      flow("discharge").add(i, Math.max(0, -stored));
      flow("hybrid.pv").add(i, hybridPv);
      flow("hybrid.charge").add(i, Math.max(0, hybridStored));
      flow("hybrid.discharge").add(i, Math.max(0, -hybridStored));
      flow("hybrid.output").add(i, Math.max(0, surplus) * EFFICIENCY);
      flow("hybrid.input").add(i, Math.max(0, -surplus) / EFFICIENCY);
      flow("used").add(i, net);
      net += stored - shape.pvKw * sun - chp;
      net -= surplus > 0 ? surplus * EFFICIENCY : surplus / EFFICIENCY;
      double pv2 = shape.hasTwoRoofs ? shape.pvKw * sun / 3 : 0;
      flow("pv2").add(i, pv2);
      net -= pv2;
      flow(IMPORT).add(i, Math.max(0, net));
      flow(EXPORT).add(i, Math.max(0, -net));
      flow("gas").add(i, 12 * warm);
      flow("heat").add(i, 90 * warm);
      flow("hydrogen").add(i, loads.length == 0 ? 0 : used0 / 53);
      flow("dispensed").add(i, warm > 0.5 ? 40 * warm : 0);
      flow("nothing").add(i, 0);
    }
  }

  private Flow flow(String name) {
    return flows.computeIfAbsent(name, fresh -> new Flow(stepMillis, steps));
  }

  Flow of(String name) {
    return Objects.requireNonNull(flows.get(name), name);
  }

  long endMillis() {
    return stepMillis * steps;
  }

  /** A power that keeps a level for a while, then takes another one. */
  private static final class Wave {
    private final RandomGenerator random;
    private final double most;
    private final boolean restless;
    private final boolean switched;
    private double level;
    private double left;

    Wave(RandomGenerator random, double most, boolean restless, boolean switched) {
      this.random = random;
      this.most = most;
      this.restless = restless;
      this.switched = switched;
    }

    double next(double hours) {
      left -= hours;
      if (left <= 0) {
        left = 0.05 + random.nextDouble();
        level = switched && random.nextBoolean() ? 0 : 0.15 + 0.8 * random.nextDouble();
      }
      return most * level * (restless ? 0.6 + 0.4 * random.nextDouble() : 1);
    }
  }

  /** A battery; what it does is above 0 while it is charged. */
  private static final class Store {
    private final RandomGenerator random;
    private final double mostKw;
    private final double capacity;
    private double held;
    private double kw;
    private double left;

    Store(RandomGenerator random, double mostKw, double capacity) {
      this.random = random;
      this.mostKw = mostKw;
      this.capacity = capacity;
      this.held = capacity / 2;
    }

    double next(double hours) {
      left -= hours;
      if (left <= 0) {
        left = 0.1 + random.nextDouble();
        kw = random.nextInt(4) == 0 ? 0 : mostKw * (2 * random.nextDouble() - 1);
      }
      double gained = kw > 0 ? kw * hours * EFFICIENCY : kw * hours;
      if (held + gained > capacity || held + gained < 0) {
        return 0;
      }
      held += gained;
      return kw;
    }
  }
}
