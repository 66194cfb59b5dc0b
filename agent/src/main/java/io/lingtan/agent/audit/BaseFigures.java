package io.lingtan.agent.audit;

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
          "elec.grid.import.",
          "storage.pool_co2",
          "fuel.gas.normal",
          "heat.energy");

  private final long end;
  private final List<String> names;
  private final long[] millionths;

  private BaseFigures(long end, List<String> names, long[] millionths) {
    this.end = end;
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
    boolean same = like != null && like.names.equals(names);
    return new BaseFigures(record.end(), same ? like.names : names, millionths);
  }

  /** One figure alone. */
  static BaseFigures of(SealedRecord record, Map.Entry<String, BigDecimal> figure) {
    return new BaseFigures(
        record.end(),
        List.of(figure.getKey()),
        new long[] {figure.getValue().movePointRight(6).longValueExact()});
  }

  /** Of a record that nothing is held against. */
  static BaseFigures none(SealedRecord record) {
    return new BaseFigures(record.end(), List.of(), new long[0]);
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
