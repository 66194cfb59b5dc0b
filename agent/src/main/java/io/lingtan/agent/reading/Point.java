package io.lingtan.agent.reading;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One measured value of a device: a quantity, of the whole, of one phase, on the DC side, of one DC
 * input, or in one of the meter's own tariffs. There is one instance of each of these. Beside them
 * a profile has points of its own ({@link Quantity#OWN}), which are the same if name and {@link
 * Form} are; what people call them is no part of that.
 */
public final class Point implements Comparable<Point> {

  private static final List<String> SUFFIXES =
      List.of(
          "", "_l1", "_l2", "_l3", "_dc", "_dc1", "_dc2", "_dc3", "_dc4", "_t1", "_t2", "_t3",
          "_t4");

  /** How own points are called. */
  public static final String OWN_NAME = "[a-z][a-z0-9_]{0,63}";

  private static final List<Point> ALL = new ArrayList<>();
  private static final Map<String, Point> BY_NAME = new HashMap<>();

  static {
    for (Quantity quantity : Quantity.values()) {
      for (String suffix : quantity == Quantity.OWN ? List.<String>of() : SUFFIXES) {
        Point point =
            new Point(quantity, quantity.key() + suffix, ALL.size(), null, null, Map.of());
        ALL.add(point);
        BY_NAME.put(point.name, point);
      }
    }
  }

  private final Quantity quantity;
  private final String name;
  private final int index;
  private final @Nullable Form form;
  private final String code;
  private final @Nullable Caption label;
  private final Map<Integer, Caption> bits;

  private Point(
      Quantity quantity,
      String name,
      int index,
      @Nullable Form form,
      @Nullable Caption label,
      Map<Integer, Caption> bits) {
    this.quantity = quantity;
    this.name = name;
    this.index = index;
    this.form = form;
    this.code = form == null ? name : name + "/" + form.code();
    this.label = label;
    this.bits = Map.copyOf(bits);
  }

  /**
   * A point of a profile's own.
   *
   * @param name {@code [a-z][a-z0-9_]*}, at most 64 characters, and no built-in point's
   * @param label what people call it; null if nobody said
   * @param bits what people call the bits of a {@link Form.Bits}
   */
  public static Point own(
      String name, Form form, @Nullable Caption label, Map<Integer, Caption> bits) {
    if (!name.matches(OWN_NAME) || BY_NAME.containsKey(name)) {
      throw new IllegalArgumentException("no own point can be called " + name);
    }
    return new Point(Quantity.OWN, name, ALL.size(), form, label, bits);
  }

  /**
   * The point that {@link #code} names.
   *
   * @throws IllegalArgumentException if it names none
   */
  public static Point ofCode(String code) {
    int slash = code.indexOf('/');
    return slash < 0
        ? of(code)
        : own(code.substring(0, slash), Form.of(code.substring(slash + 1)), null, Map.of());
  }

  /** What tells it from any other point and says what its numbers mean: the name, or more. */
  public String code() {
    return code;
  }

  /** The built-in point called {@code name}, such as {@code voltage_l1}; null if there is none. */
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

  /** Every built-in point, in the order in which records list them; own ones come behind. */
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

  /** What its numbers mean, of an own point; null of a built-in one: millionths of its unit. */
  public @Nullable Form form() {
    return form;
  }

  public boolean isOwn() {
    return form != null;
  }

  /** Whether it is told as a number. */
  public boolean isNumber() {
    return form == null ? quantity != Quantity.STATE : form.isNumber();
  }

  /** The unit's UCUM code. */
  public String ucum() {
    return form == null ? quantity.ucum() : form.ucum();
  }

  /** The unit as people write it. */
  public String symbol() {
    return form == null
        ? quantity.symbol()
        : form.ucum().equals("1")
            ? ""
            : form.ucum()
                .replace("Cel", "°C")
                .replaceAll("(?<=m)2", "²")
                .replaceAll("(?<=m)3", "³");
  }

  /** What people call it in English. */
  public String english() {
    return label == null ? name.replace('_', ' ') : label.english();
  }

  /** What people call it, or its quantity, in Chinese: the {@link #suffix} is another matter. */
  public String chinese() {
    return form == null ? quantity.chinese() : label == null ? english() : label.chinese();
  }

  /** What stands behind its quantity's name, such as {@code _l1}; empty if it is the whole. */
  public String suffix() {
    return form == null ? name.substring(quantity.key().length()) : "";
  }

  /** The same with the phase, the input or the tariff, such as 电压 A相. */
  public String chineseInFull() {
    return chinese()
        + switch (suffix()) {
          case "_l1" -> " A相";
          case "_l2" -> " B相";
          case "_l3" -> " C相";
          case "_dc" -> " 直流侧";
          case "_dc1" -> " 直流输入1";
          case "_dc2" -> " 直流输入2";
          case "_dc3" -> " 直流输入3";
          case "_dc4" -> " 直流输入4";
          case "_t1" -> " 费率1";
          case "_t2" -> " 费率2";
          case "_t3" -> " 费率3";
          case "_t4" -> " 费率4";
          default -> "";
        };
  }

  /** What people call the bits of a word of alarms, by bit. */
  public Map<Integer, Caption> bits() {
    return bits;
  }

  /** The number that is held as {@code held}. */
  public double number(long held) {
    return form == null ? held / 1e6 : form.decimal(held).doubleValue();
  }

  /** How far two values are apart, in millionths of the unit. */
  public long distanceMicros(long held, long other) {
    return form == null
        ? Math.abs(held - other)
        : (long) (Math.abs(number(held) - number(other)) * 1e6);
  }

  /** A value as people read it. */
  public String text(long held) {
    return form == null ? Micros.text(held) : form.text(held);
  }

  /** Whether both have one name, so that no record has both. */
  boolean isNamedAs(Point other) {
    return equals(other) || (index == other.index && name.equals(other.name));
  }

  @Override
  public int compareTo(Point other) {
    int order = Integer.compare(index, other.index);
    return order != 0 || this == other ? order : code.compareTo(other.code);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other || (form != null && other instanceof Point that && code.equals(that.code));
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  @Override
  public String toString() {
    return name;
  }
}
