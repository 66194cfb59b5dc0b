package io.lingtan.agent.status.report;

import io.lingtan.agent.reading.Csv;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.status.report.ReportForm.Cell;
import io.lingtan.agent.status.report.ReportForm.Column;
import io.lingtan.agent.status.report.ReportForm.Term;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A form that is filled in. A cell whose figures are not all known stays empty: what is absent is
 * never zero.
 *
 * @param state whether all of it can be relied upon
 */
record FormTable(
    String title, String subject, String state, List<String> head, List<List<Entry>> rows) {

  FormTable {
    head = List.copyOf(head);
    rows = List.copyOf(rows);
  }

  /**
   * What stands in a cell.
   *
   * @param number whether it is one, and not a text that looks so
   */
  record Entry(String shown, boolean number) {}

  static FormTable of(ReportForm form, PeriodFigures told, Language language) {
    List<List<Entry>> rows = new ArrayList<>();
    if (form.each() == null) {
      form.rows().forEach(row -> rows.add(row(form, row, told, null, language)));
    } else {
      for (Applied one : told.certificates()) {
        form.rows().forEach(row -> rows.add(row(form, row, told.of(one), one, language)));
      }
    }
    return new FormTable(
        form.title().in(language),
        "%s · %s · %s".formatted(told.site().place().name(), told.site().gateway(), told.span()),
        told.state(language),
        form.columns().stream().map(one -> one.heading().in(language)).toList(),
        rows);
  }

  private static List<Entry> row(
      ReportForm form,
      List<Cell> row,
      PeriodFigures told,
      @Nullable Applied of,
      Language language) {
    Set<Metric> used = new LinkedHashSet<>();
    for (Cell cell : row) {
      if (cell instanceof Cell.Sum sum) {
        sum.terms().stream()
            .map(term -> told.figures().get(term.figure()))
            .filter(Objects::nonNull)
            .forEach(used::add);
      }
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Column column = form.columns().get(i);
      entries.add(
          switch (column.of()) {
            case QUALITY -> new Entry(quality(used, language), false);
            case FACTORS -> new Entry(factors(used, told), false);
            case ROWS -> entry(row.get(i), column, told, of, language);
          });
    }
    return entries;
  }

  private static Entry entry(
      Cell cell, Column column, PeriodFigures told, @Nullable Applied of, Language language) {
    return switch (cell) {
      case Cell.Empty() -> new Entry("", false);
      case Cell.Words(ReportForm.Said said) ->
          new Entry(filled(said.in(language), told, of), false);
      case Cell.Sum(List<Term> terms) -> {
        BigDecimal sum = sum(terms, told);
        yield new Entry(sum == null ? "" : shown(sum, column.digits()), sum != null);
      }
    };
  }

  private static String filled(String text, PeriodFigures told, @Nullable Applied of) {
    String filled =
        text.replace("{period}", told.span())
            .replace("{site}", told.site().place().name())
            .replace("{gateway}", told.site().gateway());
    return of == null
        ? filled
        : filled
            .replace("{month}", of.month().toString())
            .replace("{vintage}", of.vintage().toString())
            .replace("{reference}", of.reference());
  }

  private static @Nullable BigDecimal sum(List<Term> terms, PeriodFigures told) {
    BigDecimal sum = null;
    for (Term term : terms) {
      Metric metric = told.figures().get(term.figure());
      if (metric == null && term.optional()) {
        continue;
      }
      if (metric == null || metric.micros() == null) {
        return null;
      }
      BigDecimal part = BigDecimal.valueOf(metric.micros(), 6).multiply(term.factor());
      sum = sum == null ? part : sum.add(part);
    }
    return sum;
  }

  private static String shown(BigDecimal number, int digits) {
    BigDecimal shown =
        digits < 0 ? number.stripTrailingZeros() : number.setScale(digits, RoundingMode.HALF_UP);
    return (shown.scale() < 0 ? shown.setScale(0) : shown).toPlainString();
  }

  private static String quality(Set<Metric> used, Language language) {
    return used.stream()
        .map(Metric::quality)
        .reduce(Quality::worse)
        .map(worst -> language.quality(worst))
        .orElse("");
  }

  private static String factors(Set<Metric> used, PeriodFigures told) {
    return used.stream()
        .flatMap(metric -> metric.allFactors().stream())
        .distinct()
        .map(told.factors()::get)
        .filter(Objects::nonNull)
        .map(FormTable::factor)
        .distinct()
        .collect(Collectors.joining("; "));
  }

  private static String factor(FactorUsed used) {
    return used.value() + " " + FigureNames.symbol(used.ucum());
  }

  /** RFC 4180, with the mark that spreadsheets ask for; the last line has the state. */
  String csv() {
    Stream<String> last =
        IntStream.range(0, head.size()).mapToObj(i -> i == 0 ? Csv.cell(state) : "");
    Stream<String> lines =
        Stream.of(
                Stream.of(head.stream().map(Csv::cell)),
                rows.stream().map(row -> row.stream().map(FormTable::csv)),
                Stream.of(last))
            .flatMap(each -> each)
            .map(cells -> cells.collect(Collectors.joining(",")) + "\r\n");
    return "\ufeff" + lines.collect(Collectors.joining());
  }

  private static String csv(Entry entry) {
    return entry.number() ? entry.shown() : Csv.cell(entry.shown());
  }
}
