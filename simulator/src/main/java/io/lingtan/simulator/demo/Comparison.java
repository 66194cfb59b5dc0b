package io.lingtan.simulator.demo;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.simulator.json.Json;
import io.lingtan.simulator.world.Pipe;
import io.lingtan.simulator.world.Wire;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Sets what was delivered against the truth, over the delivered intervals that are whole.
 *
 * <p>The rule: the sums may differ by one step of each register that the figure rests on, plus what
 * no reader can know at the two ends of the span: between the readings before and after a boundary
 * energy is taken to grow evenly, and a reading is stamped when it arrives, a little after it was
 * made. Both are worked out from the truth and the meters' own log, and count at the ends only:
 * boundaries in between cancel out, whatever happened there. A stamp more than {@value
 * #MOST_LAG_MILLIS} ms late is not excused beyond that. One thread.
 */
final class Comparison {

  /** From 2025 No. 47 of 31 Dec 2025: Jiangsu, year of data 2023, kg/kWh. */
  private static final BigDecimal JIANGSU_2023 = new BigDecimal("0.5827");

  private static final long MOST_LAG_MILLIS = 250;
  private static final long MILLIJOULES_PER_MICRO = 3_600;

  private final Truth truth;
  private final Map<String, Long> stepMicros;

  /** By register: time stamps of readings that the meter served, and when it served them. */
  private final Map<String, NavigableMap<Long, Long>> readings = new HashMap<>();

  /**
   * @param stepMicros by {@code device/point}: one step of the register, millionths of its unit
   */
  Comparison(Truth truth, Map<String, Long> stepMicros) {
    this.truth = truth;
    this.stepMicros = Map.copyOf(stepMicros);
  }

  /** A register was read at {@code tsMillis}, and had been served at {@code servedMillis}. */
  void read(String register, long tsMillis, long servedMillis) {
    if (stepMicros.containsKey(register)) {
      readings.computeIfAbsent(register, name -> new TreeMap<>()).put(tsMillis, servedMillis);
    }
  }

  /**
   * A line of the bill, in millionths of the unit.
   *
   * @param intervals how many intervals it covers; with none there is nothing to compare
   */
  record Row(Figure figure, int intervals, long truth, long delivered, long allowed) {
    long difference() {
      return delivered - truth;
    }

    boolean isGood() {
      return intervals > 0 && Math.abs(difference()) <= allowed;
    }
  }

  /**
   * One row for each figure.
   *
   * @param intervals latest revision of each interval, by start
   */
  List<Row> rows(NavigableMap<Long, Json> intervals) {
    List<Row> rows = new ArrayList<>();
    for (Figure figure : Figure.values()) {
      rows.add(row(figure, intervals));
    }
    return rows;
  }

  private Row row(Figure figure, NavigableMap<Long, Json> intervals) {
    int count = 0;
    long trueSum = 0;
    long delivered = 0;
    long allowed = 0;
    long runEnd = Long.MIN_VALUE;
    for (Json interval : intervals.values()) {
      long start = interval.number("start", -1);
      long end = interval.number("end", -1);
      Json metric = interval.object("metrics").object(figure.metric());
      BigDecimal value = metric.decimal("v");
      if (value == null || !isWhole(metric) || !truth.knows(start) || !truth.knows(end)) {
        continue;
      }
      count++;
      delivered += Micros.of(value);
      trueSum += micros(figure, end) - micros(figure, start);
      if (start != runEnd) {
        allowed += steps(figure) + unknown(figure, start);
      } else {
        // The run goes on: what was allowed for its end so far was for a boundary inside.
        allowed -= unknown(figure, start);
      }
      allowed += unknown(figure, end);
      runEnd = end;
    }
    return new Row(figure, count, trueSum, delivered, allowed);
  }

  private static boolean isWhole(Json metric) {
    String quality = metric.text("q");
    return quality != null
        && (quality.equals("measured") || quality.equals("derived") || quality.startsWith("est_"));
  }

  private long micros(Figure figure, long wallMillis) {
    return switch (figure) {
      case HYDROGEN -> truth.milligrams(Pipe.PRODUCED, wallMillis);
      case CO2 -> carbon(energy(figure, wallMillis));
      default -> energy(figure, wallMillis);
    };
  }

  private long energy(Figure figure, long wallMillis) {
    long millijoules = 0;
    for (Wire wire : figure.wires()) {
      millijoules += truth.millijoules(wire, wallMillis);
    }
    return millijoules / MILLIJOULES_PER_MICRO;
  }

  private static long carbon(long kilowattHourMicros) {
    return Micros.of(JIANGSU_2023.multiply(BigDecimal.valueOf(kilowattHourMicros, 6)));
  }

  private long steps(Figure figure) {
    long steps = 0;
    for (String register : figure.registers()) {
      // And one millionth at each end, where a boundary value is rounded.
      steps += stepMicros.getOrDefault(register, 0L) + 2;
    }
    return figure == Figure.CO2 ? carbon(steps) + 1 : steps;
  }

  private long unknown(Figure figure, long boundary) {
    long unknown = 0;
    for (String register : figure.registers()) {
      unknown += unknown(register, boundary);
    }
    return figure == Figure.CO2 ? carbon(unknown) : unknown;
  }

  /** How far the best guess from the two readings around the boundary is from the truth. */
  private long unknown(String register, long boundary) {
    NavigableMap<Long, Long> read = readings.getOrDefault(register, new TreeMap<>());
    Map.Entry<Long, Long> before = read.floorEntry(boundary);
    Map.Entry<Long, Long> after = read.ceilingEntry(boundary);
    if (before == null || after == null) {
      return 0;
    }
    long low = shown(register, before);
    if (after.getKey().equals(before.getKey())) {
      return Math.abs(low - register(register, boundary));
    }
    long high = shown(register, after);
    double share =
        (double) (boundary - before.getKey()) / (double) (after.getKey() - before.getKey());
    long guess = low + Math.round((high - low) * share);
    return Math.abs(guess - register(register, boundary));
  }

  private long shown(String register, Map.Entry<Long, Long> reading) {
    long ts = reading.getKey();
    long served = Math.clamp(reading.getValue(), ts - MOST_LAG_MILLIS, ts + MOST_LAG_MILLIS);
    return truth.knows(served) ? register(register, served) : register(register, ts);
  }

  private long register(String register, long wallMillis) {
    Wire wire = WIRES.get(register);
    return wire == null
        ? truth.milligrams(Pipe.PRODUCED, wallMillis)
        : truth.millijoules(wire, wallMillis) / MILLIJOULES_PER_MICRO;
  }

  /** What each energy register counts. */
  private static final Map<String, Wire> WIRES = wires();

  private static Map<String, Wire> wires() {
    Map<Figure, Wire> single = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      if (figure.wires().size() == 1 && figure.registers().size() == 1) {
        single.put(figure, figure.wires().getFirst());
      }
    }
    Map<String, Wire> wires = new HashMap<>();
    single.forEach((figure, wire) -> wires.put(figure.registers().getFirst(), wire));
    return Map.copyOf(wires);
  }

  /** The point of a register's name. */
  static Point point(String register) {
    return Point.of(register.substring(register.indexOf('/') + 1));
  }

  /** The device of a register's name. */
  static String device(String register) {
    return register.substring(0, register.indexOf('/'));
  }
}
