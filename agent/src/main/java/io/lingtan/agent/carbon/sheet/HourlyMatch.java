package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.Metric;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much of what loads take is covered by clean energy of the same hour. What is more than an
 * hour needs is not carried to another one, but by a battery: that takes clean energy out of the
 * hour in which it is charged, and gives it, less its losses, in the hour in which it is
 * discharged. Of what it gives is clean what was clean of all it was charged with in the window;
 * where it gives more than that, the rest was charged before, from nobody knows where, and is not
 * clean.
 *
 * @param matched of each hour, millionths of a kWh
 * @param clean what there was in all hours, after the battery
 */
public record HourlyMatch(List<Long> matched, long clean) {

  /**
   * Energies of one hour, millionths of a kWh, none negative.
   *
   * @param load without what charges the battery
   * @param clean generated
   * @param cleanCharge what of that charged the battery
   * @param otherCharge what else did
   * @param discharge what it gave
   */
  public record Hour(long load, long clean, long cleanCharge, long otherCharge, long discharge) {

    public static final Hour NOTHING = new Hour(0, 0, 0, 0, 0);

    /** What flowed in an interval; null where that is not known. */
    public static @Nullable Hour of(Map<String, Metric> figures) {
      if (!figures.containsKey("flow.grid_to_load")
          || figures.entrySet().stream()
              .anyMatch(
                  each -> each.getKey().startsWith("flow.") && each.getValue().micros() == null)) {
        return null;
      }
      long stored = flow(figures, "pv_to_battery");
      return new Hour(
          flow(figures, "grid_to_load")
              + flow(figures, "pv_to_load")
              + flow(figures, "chp_to_load")
              + flow(figures, "battery_to_load"),
          flow(figures, "pv_to_load") + flow(figures, "pv_to_grid") + stored,
          stored,
          flow(figures, "grid_to_battery") + flow(figures, "chp_to_battery"),
          flow(figures, "battery_to_load") + flow(figures, "battery_to_grid"));
    }

    /** What of the flows in an interval came from the grid, a battery's charge among it. */
    public static long bought(Map<String, Metric> figures) {
      return flow(figures, "grid_to_load") + flow(figures, "grid_to_battery");
    }

    private static long flow(Map<String, Metric> figures, String name) {
      Metric metric = figures.get("flow." + name);
      return metric == null ? 0 : Combining.value(metric);
    }

    /** Both together. */
    public Hour plus(Hour other, int sign) {
      return new Hour(
          load + sign * other.load,
          clean + sign * other.clean,
          cleanCharge + sign * other.cleanCharge,
          otherCharge + sign * other.otherCharge,
          discharge + sign * other.discharge);
    }
  }

  public HourlyMatch {
    matched = List.copyOf(matched);
  }

  /** Of a window of hours. */
  public static HourlyMatch of(Collection<Hour> window) {
    Hour all = window.stream().reduce(Hour.NOTHING, (one, other) -> one.plus(other, 1));
    long from = Math.max(all.cleanCharge + all.otherCharge, all.discharge);
    List<Long> matched = new ArrayList<>();
    long clean = 0;
    for (Hour hour : window) {
      long given = from == 0 ? 0 : Rounding.share(hour.discharge, all.cleanCharge, from);
      long there = Math.max(0, hour.clean - hour.cleanCharge) + given;
      matched.add(Math.min(hour.load, there));
      clean += there;
    }
    return new HourlyMatch(matched, clean);
  }

  /** What was covered in all hours. */
  public long covered() {
    return matched.stream().mapToLong(Long::longValue).sum();
  }

  /** What no load of its hour took. */
  public long unmatched() {
    return clean - covered();
  }
}
