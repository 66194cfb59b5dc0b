package io.lingtan.agent.status.report;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A form with fixed columns that somebody outside asks for, as a file under {@code config/reports}
 * lays it out.
 *
 * @param each null for one row as written; else there is one for each certificate of the time
 * @param rows one cell for each column
 */
record ReportForm(
    String name,
    Said title,
    String source,
    @Nullable Each each,
    List<Column> columns,
    List<List<Cell>> rows) {

  ReportForm {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
  }

  /** What the rows are repeated for. */
  enum Each {
    CERTIFICATES
  }

  /** What stands in a column: what rows say, or what is known of their figures. */
  enum Of {
    ROWS,
    QUALITY,
    FACTORS
  }

  /** A text in both languages, with places such as {@code {period}}. */
  record Said(String chinese, String english) {
    String in(Language language) {
      return language.of(chinese, english);
    }
  }

  /**
   * A column.
   *
   * @param digits of the fraction, rounded half-up; -1 for all there are
   */
  record Column(String name, Said heading, int digits, Of of) {}

  /** What stands in one row and column. */
  sealed interface Cell {
    /** Left for people. */
    record Empty() implements Cell {}

    /** As written. */
    record Words(Said said) implements Cell {}

    /** Figures, each times a factor, added up. */
    record Sum(List<Term> terms) implements Cell {
      public Sum {
        terms = List.copyOf(terms);
      }
    }
  }

  /**
   * A part of a sum.
   *
   * @param optional whether the rest stands without it where a site has no such figure
   */
  record Term(String figure, BigDecimal factor, boolean optional) {}
}
