package io.lingtan.agent.audit.verify;

import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What of a base interval is held against others: figures that longer ones add up, and what was in
 * the battery and the tanks at its end. In few bytes, because a year has many.
 */
final class BaseFigures {

  private static final List<String> KEPT =
      List.of(
          "co2.",
          "flow.",
          "h2.from_",
          "h2.storage_mass",
          "h2.stock_co2",
          "h2.dispensed_co2",
          "elec.grid.import",
          "elec.grid.export",
          "storage.pool_co2",
          "fuel.gas.normal",
          "heat.energy",
          "heat.own",
          // Of days.
          "fuel.mass.",
          "refrigerant.loss.",
          "heat.steam",
          "heat.hot_water",
          "h2.delivered",
          "h2.vented",
          "h2.boil_off");

  private final long line;
  private final long end;
  private final List<Factor> factors;
  private final List<String> names;
  private final long[] millionths;

  /** A factor as a record names it. */
  record Factor(String id, String value, String version) {

    static List<Factor> of(SealedRecord record) {
      JsonValue.Obj factors = record.json().object("factors");
      List<Factor> all = new ArrayList<>();
      for (String id : factors.members().keySet()) {
        JsonValue.Obj factor = factors.object(id);
        all.add(
            new Factor(
                id,
                factor.text("value") + " " + factor.text("u"),
                String.valueOf(factor.text("version"))));
      }
      return all;
    }

    /** Whether figures are the same by both, whatever the version of their table. */
    boolean isLike(Factor other) {
      return id.equals(other.id) && value.equals(other.value);
    }

    String words() {
      return id + " of " + version;
    }
  }

  private BaseFigures(
      SealedRecord record, List<Factor> factors, List<String> names, long[] millionths) {
    this.line = record.line();
    this.end = record.end();
    this.factors = factors;
    this.names = names;
    this.millionths = millionths;
  }

  /**
   * Takes them from a record.
   *
   * @param like another one, whose names are taken over where they are the same; null without one
   * @throws ArithmeticException if a number has more than six decimals
   */
  static BaseFigures of(SealedRecord record, JsonValue.Obj metrics, @Nullable BaseFigures like) {
    List<String> names = new ArrayList<>();
    List<Long> values = new ArrayList<>();
    for (String name : metrics.members().keySet()) {
      String value = metrics.object(name).number("v");
      if (value != null && KEPT.stream().anyMatch(name::startsWith)) {
        names.add(name);
        values.add(new BigDecimal(value).movePointRight(6).longValueExact());
      }
    }
    long[] millionths = values.stream().mapToLong(Long::longValue).toArray();
    List<Factor> factors = Factor.of(record);
    return new BaseFigures(
        record,
        like != null && like.factors.equals(factors) ? like.factors : factors,
        like != null && like.names.equals(names) ? like.names : names,
        millionths);
  }

  /** One figure alone. */
  static BaseFigures of(SealedRecord record, Map.Entry<String, BigDecimal> figure) {
    return new BaseFigures(
        record,
        List.of(),
        List.of(figure.getKey()),
        new long[] {figure.getValue().movePointRight(6).longValueExact()});
  }

  /** Of a record that nothing is held against. */
  static BaseFigures none(SealedRecord record) {
    return new BaseFigures(record, List.of(), List.of(), new long[0]);
  }

  /** Of the file, from 1. */
  long line() {
    return line;
  }

  /** What its carbon is worked out by. */
  List<Factor> factors() {
    return factors;
  }

  /** UTC ms. */
  long end() {
    return end;
  }

  /** Null if the record does not have it. */
  @Nullable BigDecimal value(String name) {
    int i = names.indexOf(name);
    return i < 0 ? null : BigDecimal.valueOf(millionths[i], 6);
  }
}
