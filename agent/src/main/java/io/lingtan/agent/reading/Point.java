package io.lingtan.agent.reading;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One measured value of a device: a quantity, of the whole, of one phase, on the DC side, of one DC
 * input, or in one of the meter's own tariffs. There is one instance of each point, so {@code ==}
 * compares.
 */
public final class Point implements Comparable<Point> {

  private static final List<String> SUFFIXES =
      List.of(
          "", "_l1", "_l2", "_l3", "_dc", "_dc1", "_dc2", "_dc3", "_dc4", "_t1", "_t2", "_t3",
          "_t4");
  private static final List<Point> ALL = new ArrayList<>();
  private static final Map<String, Point> BY_NAME = new HashMap<>();

  static {
    for (Quantity quantity : Quantity.values()) {
      for (String suffix : SUFFIXES) {
        Point point = new Point(quantity, quantity.key() + suffix, ALL.size());
        ALL.add(point);
        BY_NAME.put(point.name, point);
      }
    }
  }

  private final Quantity quantity;
  private final String name;
  private final int index;

  private Point(Quantity quantity, String name, int index) {
    this.quantity = quantity;
    this.name = name;
    this.index = index;
  }

  /** The point called {@code name}, such as {@code voltage_l1}; null if there is none. */
  public static @Nullable Point find(String name) {
    return BY_NAME.get(name);
  }

  /**
   * The point called {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Point of(String name) {
    Point point = BY_NAME.get(name);
    if (point == null) {
      throw new IllegalArgumentException("no point is called " + name);
    }
    return point;
  }

  public static Point of(Quantity quantity) {
    return of(quantity.key());
  }

  /** The point with this {@link #index()}. */
  public static Point at(int index) {
    return ALL.get(index);
  }

  /** Every point there is, in the order in which records list them. */
  public static List<Point> all() {
    return List.copyOf(ALL);
  }

  public Quantity quantity() {
    return quantity;
  }

  public String name() {
    return name;
  }

  /**
   * What kind of value it is for whoever compares it with a display: {@code energy power
   * phase_power}, else its quantity's name.
   */
  public String kind() {
    if (!quantity.isWithRatios()) {
      return quantity.key();
    }
    return quantity.isRegister() ? "energy" : name.matches(".*_l[123]") ? "phase_power" : "power";
  }

  /**
   * Whether it is right only if voltage and current are: what agrees with the display in it has
   * both transformer ratios right. One phase's power says nothing of the other two.
   */
  public boolean isOfRatios() {
    return quantity.isWithRatios() && !name.matches(".*_l[123]");
  }

  /** Position in {@link #all()}. Stable within one version of the software only. */
  public int index() {
    return index;
  }

  @Override
  public int compareTo(Point other) {
    return Integer.compare(index, other.index);
  }

  @Override
  public String toString() {
    return name;
  }
}
