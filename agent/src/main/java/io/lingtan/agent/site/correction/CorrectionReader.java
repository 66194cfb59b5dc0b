package io.lingtan.agent.site.correction;

import io.lingtan.agent.reading.Correction;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.site.correction.Substitution.Ratio;
import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of corrections: CSV with the line {@value #HEADER} at its head. One wrong line
 * spoils the file: nothing of it is taken.
 */
public final class CorrectionReader {

  static final String HEADER =
      "id,meter,figure,from,to,value,factor,reason,document,proposed,approved";

  private static final List<String> NAMES = List.of(HEADER.split(","));
  private static final int MOST_LINES = 2_000;

  /** Each record names those of its time: a year's all of them. */
  private static final int MOST_IDS = 100;

  private static final int LONGEST = 200;
  private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000_000);
  private static final BigDecimal MOST_RATIO = BigDecimal.valueOf(10_000);

  /** Where a problem goes. */
  public interface Sink {

    /**
     * @param line from 1
     * @param column from 1
     */
    void problem(int line, int column, String message);
  }

  /**
   * What a site has to be corrected.
   *
   * @param base its base interval, minutes
   * @param meters ids
   * @param figures names of what meters count
   */
  public record Grounds(
      ZoneId zone, int base, Collection<String> meters, Collection<String> figures) {}

  private final Grounds grounds;

  /** Whether the text was taken before: of meters that may be gone, and another base interval. */
  private final boolean isTaken;

  private final Sink sink;
  private final Map<String, Substitution> byId = new HashMap<>();
  private final List<Substitution> all = new ArrayList<>();
  private boolean spoilt;

  private CorrectionReader(Grounds grounds, boolean isTaken, Sink sink) {
    this.grounds = grounds;
    this.isTaken = isTaken;
    this.sink = sink;
  }

  /** What the text says; null if a problem was told. */
  public static @Nullable Corrections read(String file, String text, Grounds grounds, Sink sink) {
    CorrectionReader reader = new CorrectionReader(grounds, false, sink);
    reader.read(text);
    return reader.spoilt ? null : new Corrections(file, text, reader.all);
  }

  /** What a text says that was taken before, whatever meters the site has by now. */
  public static @Nullable Corrections taken(String text, Grounds grounds) {
    CorrectionReader reader = new CorrectionReader(grounds, true, (line, column, message) -> {});
    reader.read(text);
    return reader.spoilt ? null : new Corrections("", text, reader.all);
  }

  private void read(String text) {
    List<String> lines = text.lines().toList();
    String header = lines.isEmpty() ? "" : lines.getFirst().replace(" ", "").replace("\uFEFF", "");
    if (!header.equals(HEADER)) {
      problem(1, 1, "the first line is " + HEADER);
    } else if (lines.size() > MOST_LINES) {
      problem(MOST_LINES + 1, 1, "a file has at most " + MOST_LINES + " lines");
    } else {
      for (int i = 1; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          take(new Row(lines.get(i), i + 1));
        }
      }
    }
  }

  private void problem(int line, int column, String message) {
    spoilt = true;
    sink.problem(line, column, message);
  }

  /** The cells of a line. */
  private final class Row {
    private final String[] cells;
    private final int line;

    Row(String text, int line) {
      this.cells = text.split(",", -1);
      this.line = line;
    }

    boolean isWhole() {
      if (cells.length != NAMES.size()) {
        problem(
            line,
            1,
            "has %d cells, not %d (%s): no cell holds a comma"
                .formatted(cells.length, NAMES.size(), HEADER));
      }
      return cells.length == NAMES.size();
    }

    String cell(String name) {
      return cells[NAMES.indexOf(name)].strip();
    }

    void wrong(String name, String message) {
      int column = 1;
      for (int i = 0; i < NAMES.indexOf(name); i++) {
        column += cells[i].length() + 1;
      }
      problem(line, column, message);
    }

    String words(String name, String what) {
      String words = cell(name);
      if (words.isEmpty() || words.length() > LONGEST) {
        wrong(name, "%s is %s, 1 to %d characters".formatted(name, what, LONGEST));
      }
      return words;
    }

    String known(String name, Collection<String> known) {
      String word = cell(name);
      if (!isTaken && !known.contains(word)) {
        wrong(name, "no %s is called '%s'%s".formatted(name, word, Words.instead(word, known)));
      }
      return word;
    }

    /** An instant on the grid of base intervals; null if it is none. */
    @Nullable Long instant(String name) {
      OffsetDateTime at = dated(cell(name));
      if (at == null) {
        wrong(
            name,
            "'%s' is no local time such as 2026-06-01T10:15, or one with its offset such as"
                    .formatted(cell(name))
                + " 2026-06-01T10:15+08:00; that is needed where a clock is put back or forward");
        return null;
      }
      LocalDateTime local = at.atZoneSameInstant(grounds.zone).toLocalDateTime();
      boolean begins =
          local.getMinute() % grounds.base == 0 && local.getSecond() + local.getNano() == 0;
      if (!isTaken && !begins) {
        wrong(
            name,
            "%s is where no interval begins: they are of %d minutes"
                .formatted(cell(name), grounds.base));
        return null;
      }
      return at.toInstant().toEpochMilli();
    }

    private @Nullable OffsetDateTime dated(String text) {
      try {
        if (text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")) {
          return OffsetDateTime.parse(text);
        }
        LocalDateTime local = LocalDateTime.parse(text);
        List<ZoneOffset> offsets = grounds.zone.getRules().getValidOffsets(local);
        return offsets.size() == 1 ? local.atOffset(offsets.getFirst()) : null;
      } catch (DateTimeException e) {
        return null;
      }
    }
  }

  private void take(Row row) {
    if (!row.isWhole()) {
      return;
    }
    String id = row.cell("id");
    if (!Words.isId(id)) {
      row.wrong("id", "'" + id + "' is no id: 1 to 64 of A-Z a-z 0-9 _ -");
    }
    String meter = row.known("meter", grounds.meters);
    String figure = row.known("figure", grounds.figures);
    Long micros = row.cell("value").isEmpty() ? null : value(row);
    Ratio factor = row.cell("factor").isEmpty() ? null : factor(row);
    if (row.cell("value").isEmpty() == row.cell("factor").isEmpty()) {
      row.wrong("value", "a line has either a value or a factor");
    }
    Long start = row.instant("from");
    Long end = end(row, start);
    String reason = row.words("reason", "why");
    String document = row.words("document", "what shows it");
    String proposed = row.words("proposed", "who proposed it");
    String approved = row.words("approved", "who approved it");
    if (!proposed.isEmpty() && Correction.isSame(proposed, approved)) {
      row.wrong("approved", "nobody approves the own proposal: " + proposed + " did both");
    }
    if (spoilt || start == null || end == null) {
      return;
    }
    add(
        row,
        new Substitution(
            new Correction(id, reason, document, proposed, approved),
            meter,
            figure,
            start,
            end,
            micros,
            factor,
            row.line));
  }

  private @Nullable Long value(Row row) {
    BigDecimal number = Words.decimal(row.cell("value"));
    if (number == null
        || number.signum() < 0
        || number.compareTo(MOST) > 0
        || number.stripTrailingZeros().scale() > 6) {
      row.wrong(
          "value",
          "'%s' is no amount from 0 to %s with at most 6 decimals"
              .formatted(row.cell("value"), MOST));
      return null;
    }
    return Micros.of(number);
  }

  private @Nullable Ratio factor(Row row) {
    String[] parts = row.cell("factor").split("/", -1);
    BigDecimal right = Words.decimal(parts[0].strip());
    BigDecimal configured = parts.length == 2 ? Words.decimal(parts[1].strip()) : BigDecimal.ONE;
    if (parts.length > 2 || !isRatio(right) || !isRatio(configured)) {
      row.wrong(
          "factor",
          "'%s' is no factor such as 60/40, what is right by what was configured, or 1.5"
              .formatted(row.cell("factor")));
      return null;
    }
    return new Ratio(Objects.requireNonNull(right), Objects.requireNonNull(configured));
  }

  private static boolean isRatio(@Nullable BigDecimal number) {
    return number != null && number.signum() > 0 && number.compareTo(MOST_RATIO) <= 0;
  }

  private @Nullable Long end(Row row, @Nullable Long start) {
    boolean isValue = row.cell("factor").isEmpty();
    long next = start == null ? 0 : start + grounds.base * 60_000L;
    if (row.cell("to").isEmpty()) {
      return isValue ? next : Long.valueOf(Long.MAX_VALUE);
    }
    Long end = row.instant("to");
    if (start != null && end != null && (isValue ? end != next : end <= start)) {
      row.wrong(
          "to",
          isValue
              ? "a value is of one interval of %d minutes: write a line for each, with nothing here"
                  .formatted(grounds.base)
              : "it ends after it begins");
      return null;
    }
    return end;
  }

  private void add(Row row, Substitution one) {
    Substitution first = byId.putIfAbsent(one.by().id(), one);
    if (first != null && !first.by().equals(one.by())) {
      row.wrong(
          "id",
          "%s has another reason, document or person in line %d: give this one an id of its own"
              .formatted(one.by().id(), first.line()));
    } else if (byId.size() > MOST_IDS) {
      row.wrong("id", "a file has at most " + MOST_IDS + " corrections");
    }
    for (Substitution other : all) {
      if (other.meter().equals(one.meter())
          && other.figure().equals(one.figure())
          && other.isDuring(one.startMillis(), one.endMillis())) {
        row.wrong(
            "from",
            (other.isLike(one)
                    ? "stands in line %d already"
                    : "contradicts line %d, of the same time")
                .formatted(other.line()));
        return;
      }
    }
    all.add(one);
  }
}
