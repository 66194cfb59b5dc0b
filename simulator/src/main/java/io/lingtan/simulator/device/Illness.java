package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.world.World;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a meter, between what is and what its registers say. As long as nothing ever
 * was, a register shows its gauge. Once a fault has touched what is counted, the meter adds up by
 * itself from reading to reading, as the faults let it: whoever counted wrong does not find back to
 * the truth when the fault ends.
 */
final class Illness {

  /** cos(120° + 14°), cos(-120° + 14°) and cos 14°, in thousandths of cos 14°. */
  private static final int[] SWAPPED_SHARE = {-717, -283, 1_000};

  private final String device;
  private final Field[] fields;
  private final Map<Point, Long> sentinels;
  private final FaultPlan plan;
  private final long[] counted;
  private final long[] last;
  private final long[] readings;
  private final boolean[] spiked;
  private final Map<MeterFault, Long> stuck = new HashMap<>();
  private final Set<MeterFault> done = new HashSet<>();
  private List<Fault> now = List.of();
  private boolean counting;
  private int exchanges;

  /**
   * @param sentinels what "not available" looks like, by point
   */
  Illness(String device, Field[] fields, Map<Point, Long> sentinels, FaultPlan plan) {
    this.device = device;
    this.sentinels = sentinels;
    this.fields = fields;
    this.plan = plan;
    this.counted = new long[fields.length];
    this.last = new long[fields.length];
    this.readings = new long[fields.length];
    this.spiked = new boolean[fields.length];
  }

  /** Brings what is counted up to {@code millis}. Before registers are looked at. */
  void advance(World world, long millis) {
    now = plan.at(device, millis);
    if (!counting) {
      if (now.isEmpty() || now.stream().noneMatch(Illness::isOfCounting)) {
        return;
      }
      counting = true;
      for (int i = 0; i < fields.length; i++) {
        last[i] = fields[i].gauge().at(world, millis);
        counted[i] = last[i];
      }
    }
    count(world, millis);
    for (Fault fault : now) {
      if (fault instanceof MeterFault meter && isOfCounting(meter)) {
        begin(meter, millis);
      }
    }
  }

  private static boolean isOfCounting(Fault fault) {
    return fault instanceof MeterFault.CounterReset
        || fault instanceof MeterFault.Rollover
        || fault instanceof MeterFault.Exchange
        || fault instanceof MeterFault.ReversedCt
        || fault instanceof MeterFault.RatioTwice
        || fault instanceof MeterFault.SwappedPhase
        || fault instanceof MeterFault.UncountedPhases;
  }

  private void count(World world, long millis) {
    long[] grown = new long[fields.length];
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].isCounter()) {
        long value = fields[i].gauge().at(world, millis);
        grown[i] = value - last[i];
        last[i] = value;
      }
    }
    for (int i = 0; i < fields.length; i++) {
      if (fields[i].isCounter()) {
        counted[i] += asCounted(i, grown);
      }
    }
  }

  private long asCounted(int field, long[] grown) {
    long growth = grown[field];
    for (Fault fault : now) {
      growth =
          switch (fault) {
            case MeterFault.ReversedCt reversed -> {
              int other = otherDirection(fields[field].point());
              // Without a register for the other direction nothing is counted.
              yield other < 0 ? 0 : grown[other];
            }
            case MeterFault.RatioTwice twice -> growth * twice.ratio();
            case MeterFault.SwappedPhase swapped -> 0;
            case MeterFault.UncountedPhases part -> isEnergy(fields[field]) ? growth / 3 : growth;
            default -> growth;
          };
    }
    return growth;
  }

  private int otherDirection(@Nullable Point point) {
    Quantity other =
        point == null
            ? null
            : switch (point.quantity()) {
              case ENERGY_IMPORT -> Quantity.ENERGY_EXPORT;
              case ENERGY_EXPORT -> Quantity.ENERGY_IMPORT;
              case ENERGY_CHARGED -> Quantity.ENERGY_DISCHARGED;
              case ENERGY_DISCHARGED -> Quantity.ENERGY_CHARGED;
              case REACTIVE_ENERGY_IMPORT -> Quantity.REACTIVE_ENERGY_EXPORT;
              case REACTIVE_ENERGY_EXPORT -> Quantity.REACTIVE_ENERGY_IMPORT;
              default -> null;
            };
    return other == null ? -1 : indexOf(Point.of(other));
  }

  private int indexOf(Point point) {
    for (int i = 0; i < fields.length; i++) {
      if (point.equals(fields[i].point())) {
        return i;
      }
    }
    return -1;
  }

  /** What happens once, when a fault begins. */
  private void begin(MeterFault fault, long millis) {
    switch (fault) {
      case MeterFault.CounterReset reset when done.add(reset) -> {
        counted[counter(reset.point())] = 0;
        plan.count(reset, millis);
      }
      case MeterFault.Rollover rollover when done.add(rollover) -> {
        int i = counter(rollover.point());
        Field field = fields[i];
        if (!field.isRound()) {
          throw new IllegalArgumentException(
              device + " " + rollover.point() + " is a register that never rolls over");
        }
        counted[i] = field.ofCounts(field.turn() - rollover.counts());
        plan.count(rollover, millis);
      }
      case MeterFault.Exchange exchange when done.add(exchange) -> {
        exchanges++;
        for (int i = 0; i < fields.length; i++) {
          if (fields[i].isCounter()) {
            counted[i] = fields[i].ofCounts(exchange.counts());
          }
        }
        plan.count(exchange, millis);
      }
      case MeterFault.ReversedCt reversed -> plan.count(reversed, millis);
      case MeterFault.RatioTwice twice -> plan.count(twice, millis);
      case MeterFault.SwappedPhase swapped -> plan.count(swapped, millis);
      case MeterFault.UncountedPhases part -> plan.count(part, millis);
      default -> {}
    }
  }

  private int counter(Point point) {
    int i = indexOf(point);
    if (i < 0 || !fields[i].isCounter()) {
      throw new IllegalArgumentException(device + " does not count " + point);
    }
    return i;
  }

  /** How many meters have stood here before this one. */
  int exchanges() {
    return exchanges;
  }

  /** Period in which registers are renewed; 0 for at each read. */
  long updateMillis(long millis) {
    for (Fault fault : now) {
      if (fault instanceof MeterFault.SlowUpdate slow) {
        plan.count(slow, millis);
        return slow.periodMillis();
      }
    }
    return 0;
  }

  /** Whether the device does not answer because what it measures gives it no power. */
  boolean isAsleep(World world, long millis) {
    for (Fault fault : now) {
      if (fault instanceof MeterFault.Asleep asleep && power(world, millis) <= 0) {
        plan.count(asleep, millis);
        return true;
      }
    }
    return false;
  }

  private long power(World world, long millis) {
    int i = indexOf(Point.of(Quantity.POWER));
    return i < 0 ? 1 : fields[i].gauge().at(world, millis);
  }

  /** What the register would show, in its measure's unit. */
  long value(int i, World world, long millis) {
    Field field = fields[i];
    if (counting && field.isCounter()) {
      return counted[i];
    }
    long value = field.gauge().at(world, millis);
    for (Fault fault : now) {
      value =
          switch (fault) {
            case MeterFault.ReversedCt reversed -> isSigned(field) ? -value : value;
            case MeterFault.RatioTwice twice -> isScaled(field) ? value * twice.ratio() : value;
            case MeterFault.SwappedPhase swapped -> swapped(field.point(), value);
            default -> value;
          };
    }
    return value;
  }

  private static boolean isEnergy(Field field) {
    Quantity quantity = quantity(field);
    return quantity != null && quantity.isRegister();
  }

  private static boolean isSigned(Field field) {
    return switch (quantity(field)) {
      case POWER, REACTIVE_POWER, POWER_FACTOR -> true;
      case null, default -> false;
    };
  }

  private static boolean isScaled(Field field) {
    return switch (quantity(field)) {
      case POWER, REACTIVE_POWER, APPARENT_POWER, CURRENT -> true;
      case null, default -> false;
    };
  }

  private static @Nullable Quantity quantity(Field field) {
    return field.point() == null ? null : field.point().quantity();
  }

  private static long swapped(@Nullable Point point, long value) {
    return switch (point == null ? "" : point.name()) {
      case "power", "power_factor", "reactive_power" -> 0;
      case "power_l1" -> value * SWAPPED_SHARE[0] / 1_000;
      case "power_l2" -> value * SWAPPED_SHARE[1] / 1_000;
      case "power_l3" -> value * SWAPPED_SHARE[2] / 1_000;
      default -> value;
    };
  }

  /** Says that a register is about to be read once more. */
  void read(int i) {
    readings[i]++;
  }

  /** Whether a register of this point was last asked for in a spike. */
  boolean isSpiked(Point point) {
    for (int i = 0; i < fields.length; i++) {
      if (spiked[i] && point.equals(fields[i].point())) {
        return true;
      }
    }
    return false;
  }

  /** The register's bits. */
  long raw(int i, World world, long millis) {
    Field field = fields[i];
    long raw = field.raw(value(i, world, millis));
    spiked[i] = false;
    for (Fault fault : now) {
      if (fault instanceof MeterFault meter && field.point() != null) {
        raw = distorted(meter, i, raw, millis);
      }
    }
    return raw;
  }

  private long distorted(MeterFault fault, int i, long raw, long millis) {
    Field field = fields[i];
    return switch (fault) {
      case MeterFault.Sentinel sentinel when sentinel.point().equals(field.point()) -> {
        Long absent = sentinels.get(sentinel.point());
        if (absent == null) {
          yield raw;
        }
        plan.count(sentinel, millis);
        yield absent;
      }
      case MeterFault.Stuck still when still.point().equals(field.point()) -> {
        plan.count(still, millis);
        yield stuck.computeIfAbsent(still, first -> raw);
      }
      case MeterFault.Spike spike
          when spike.point().equals(field.point()) && readings[i] % spike.every() == 0 -> {
        plan.count(spike, millis);
        spiked[i] = true;
        yield field.spiked(raw, spike.counts());
      }
      default -> raw;
    };
  }
}
