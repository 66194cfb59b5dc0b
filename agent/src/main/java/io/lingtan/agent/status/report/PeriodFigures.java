package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.Site;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a month or a year, as far as forms need it.
 *
 * @param span {@code 2026-06} or {@code 2026}
 * @param figures those whose sum lacks a closed day or month have no value
 * @param over whether the time is
 * @param complete whether nothing of it is missing, partial or suspect
 */
record PeriodFigures(
    Site site,
    String span,
    SequencedMap<String, Metric> figures,
    SequencedMap<String, FactorUsed> factors,
    boolean over,
    boolean complete) {

  private static final String BILL = "bill.total";
  private static final String COUNT = "certificate.count";
  private static final String KWH = "certificate.kwh";
  private static final String EQUIVALENT = "certificate.tce";
  private static final String EQUAL = "certificate.tce_equal_value";

  /** What there is beside figures: yuan of the electricity bill. */
  static final List<String> ALWAYS = List.of(BILL);

  /** And where each row is of a certificate. */
  static final List<String> OF_CERTIFICATE = List.of(COUNT, KWH, EQUIVALENT, EQUAL);

  /**
   * @param fen what electricity cost, null where not known
   */
  PeriodFigures billing(@Nullable Long fen, Quality quality) {
    SequencedMap<String, Metric> with = new LinkedHashMap<>(figures);
    with.put(
        BILL,
        fen == null
            ? Metric.missing("{CNY}", "there is no total")
            : new Metric(fen * 10_000, "{CNY}", quality, 100, 0));
    return new PeriodFigures(site, span, with, factors, over, complete);
  }

  /** Whether all of it can be relied upon. */
  String state(Language language) {
    if (!over) {
      return language.of("期间尚未结束，为已有数据之和：见月报或年报", "not over yet; the sum so far: see the report");
    }
    return complete
        ? language.of("数据完整", "complete")
        : language.of("数据不完整：见月报或年报", "incomplete: see the report");
  }

  /** Certificates of its months. */
  List<Applied> certificates() {
    return site.carbon().certificates().applied().stream()
        .filter(one -> one.month().toString().startsWith(span))
        .toList();
  }

  /** The same with what one certificate entry comes to. */
  PeriodFigures of(Applied one) {
    SequencedMap<String, Metric> with = new LinkedHashMap<>(figures);
    BigDecimal kwh = BigDecimal.valueOf(one.count() * 1000);
    put(with, COUNT, "1", BigDecimal.valueOf(one.count()));
    put(with, KWH, "kW.h", kwh);
    put(with, EQUIVALENT, "t{ce}", coal(kwh, "tce.by_carrier.electricity"));
    put(with, EQUAL, "t{ce}", coal(kwh, "tce.equal_value"));
    return new PeriodFigures(site, span, with, factors, over, complete);
  }

  /**
   * By the coefficient that the time's own electricity was reckoned by; null where there is none.
   */
  private @Nullable BigDecimal coal(BigDecimal kwh, String like) {
    Metric metric = figures.get(like);
    FactorUsed used =
        metric == null || metric.factor() == null ? null : factors.get(metric.factor());
    return used == null ? null : kwh.multiply(new BigDecimal(used.value())).movePointLeft(3);
  }

  private static void put(
      Map<String, Metric> to, String name, String ucum, @Nullable BigDecimal value) {
    if (value != null) {
      long micros = io.lingtan.agent.reading.Micros.of(value);
      to.put(name, new Metric(micros, ucum, Quality.MEASURED, 100, 0));
    }
  }
}
