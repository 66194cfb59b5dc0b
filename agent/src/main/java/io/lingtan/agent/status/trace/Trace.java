package io.lingtan.agent.status.trace;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number and what it is made of.
 *
 * @param kind what it is
 * @param name such as {@code elec.grid.import}, a factor's id, {@code grid/energy_import}
 * @param value as it is told, null for what is missing
 * @param unit for a person; empty where there is none
 * @param rule how the value follows from {@code from}
 * @param minus whether it is taken off where it is part of a sum
 * @param note what else is to be known: quality, source, time
 * @param from what it is made of
 */
public record Trace(
    Kind kind,
    String name,
    @Nullable BigDecimal value,
    String unit,
    Rule rule,
    boolean minus,
    String note,
    List<Trace> from) {

  private static final int PLACES = 6;

  /** What a number is. */
  public enum Kind {
    FIGURE,
    INTERVAL,
    FACTOR,
    CONSTANT,
    METER,
    REGISTER,
    SAMPLE
  }

  /** How a number follows from others. */
  public enum Rule {
    /** It was read, or is written in a table. */
    GIVEN("", ""),
    /** The parts added up, those with minus taken off. */
    SUM("+", "−"),
    /** One times the other. */
    PRODUCT("×", "×"),
    /** The first by the second. */
    RATIO("÷", "÷"),
    /** By a rule that is more than arithmetic on these numbers; the note names it. */
    SHOWN("·", "·");

    private final String plus;
    private final String minus;

    Rule(String plus, String minus) {
      this.plus = plus;
      this.minus = minus;
    }

    String sign(boolean taken) {
      return taken ? minus : plus;
    }
  }

  public Trace {
    from = List.copyOf(from);
  }

  static Trace given(Kind kind, String name, @Nullable BigDecimal value, String unit, String note) {
    return new Trace(kind, name, value, unit, Rule.GIVEN, false, note, List.of());
  }

  /** The same, to be taken off. */
  Trace taken() {
    return new Trace(kind, name, value, unit, rule, true, note, from);
  }

  Trace noted(String more) {
    String both = note.isEmpty() ? more : note + "; " + more;
    return new Trace(kind, name, value, unit, rule, minus, both, from);
  }

  /** The same made of something. One that does not follow is shown beside it, and says so. */
  Trace of(Rule how, List<Trace> parts) {
    Trace made = new Trace(kind, name, value, unit, how, minus, note, parts);
    if (value == null || made.follows()) {
      return made;
    }
    return new Trace(kind, name, value, unit, Rule.SHOWN, minus, note, parts)
        .noted("does not follow from these alone");
  }

  /** Whether the value is what its rule makes of its parts, to the last place that is told. */
  public boolean follows() {
    if (rule == Rule.GIVEN || rule == Rule.SHOWN) {
      return true;
    }
    BigDecimal worked = worked();
    return value != null && worked != null && value.compareTo(worked) == 0;
  }

  /** What the rule makes of the parts, rounded half-even; null if a part is missing. */
  public @Nullable BigDecimal worked() {
    List<BigDecimal> values = new ArrayList<>();
    for (Trace part : from) {
      if (part.value == null) {
        return null;
      }
      values.add(rule == Rule.SUM && part.minus ? part.value.negate() : part.value);
    }
    if (values.isEmpty()) {
      return null;
    }
    Iterator<BigDecimal> each = values.iterator();
    BigDecimal result = each.next();
    while (each.hasNext()) {
      BigDecimal next = each.next();
      switch (rule) {
        case SUM -> result = result.add(next);
        case PRODUCT -> result = result.multiply(next);
        case RATIO -> {
          if (next.signum() == 0) {
            return null;
          }
          result = result.divide(next, PLACES, RoundingMode.HALF_EVEN);
        }
        case GIVEN, SHOWN -> {}
      }
    }
    return result.setScale(PLACES, RoundingMode.HALF_EVEN);
  }
}
