package io.lingtan.agent.command.draft;

import io.lingtan.agent.command.draft.CsvText.Cells;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A maker's table: its rows, each cell under what its column tells.
 *
 * @param encoding for a person
 * @param hexadecimal whether addresses without a sign of it are hexadecimal
 * @param others headings that say nothing to us
 */
record RegisterTable(
    String encoding,
    char separator,
    int headingLine,
    boolean hexadecimal,
    List<String> others,
    List<Row> rows) {

  private static final int LATEST_HEADING = 60;

  /** Whether any row says by which function it is read. */
  boolean tellsFunctions() {
    return rows.stream().anyMatch(row -> !row.get(Column.FUNCTION).isEmpty());
  }

  /** A row of the table. */
  record Row(int line, Map<Column, String> cells) {
    String get(Column column) {
      return cells.getOrDefault(column, "");
    }
  }

  private record Headings(char separator, int at, Map<Column, Integer> places, List<Cells> all) {
    int found() {
      return places.size();
    }
  }

  static RegisterTable of(byte[] bytes) throws Unusable {
    CsvText text = CsvText.of(bytes);
    Headings best = null;
    Cells first = null;
    for (char separator : CsvText.SEPARATORS) {
      List<Cells> all = text.records(separator);
      for (int i = 0; i < Math.min(all.size(), LATEST_HEADING); i++) {
        if (first == null || first.cells().size() < all.get(i).cells().size()) {
          first = all.get(i);
        }
        Headings here = new Headings(separator, i, places(all.get(i).cells()), all);
        boolean usable =
            here.places.containsKey(Column.ADDRESS) && here.places.containsKey(Column.NAME);
        if (usable && (best == null || here.found() > best.found())) {
          best = here;
        }
      }
    }
    if (best == null) {
      throw new Unusable(
          first == null ? 0 : first.line(),
          "no line heads a column 'address' (地址) and one 'name' (名称); the widest one has: "
              + (first == null ? "nothing" : String.join(" | ", first.cells()))
              + ": put such headings above the columns");
    }
    return read(text, best);
  }

  private static Map<Column, Integer> places(List<String> headings) {
    Map<Column, Integer> places = new EnumMap<>(Column.class);
    for (int i = 0; i < headings.size(); i++) {
      Column column = Column.of(headings.get(i));
      if (column == null) {
        continue;
      }
      Integer before = places.get(column);
      boolean better =
          before != null
              && (isHexadecimal(headings.get(before)) || isLonger(headings, before, i, column));
      if (before == null || better) {
        places.put(column, i);
      }
      if (before != null && column == Column.NAME) {
        places.putIfAbsent(Column.NOTE, better ? before : i);
      }
    }
    return places;
  }

  /** Where both are there, what a thing is called comes before what is said about it. */
  private static boolean isLonger(List<String> headings, int before, int next, Column column) {
    return column == Column.NAME
        && Column.plain(headings.get(before)).matches(".*(descr|描述|含义|内容|data).*")
        && Column.plain(headings.get(next)).matches(".*(name|名称|parameter|参数).*");
  }

  private static boolean isHexadecimal(String heading) {
    String plain = Normalizer.normalize(heading, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
    return plain.contains("hex") || plain.contains("16进制") || plain.contains("十六进制");
  }

  /** Full-width signs as plain ones, and nothing that no person sees. */
  private static String plain(String cell) {
    return Normalizer.normalize(cell, Normalizer.Form.NFKC)
        .replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Cn}\\p{Co}\\p{Cs}]", " ")
        .strip();
  }

  private static RegisterTable read(CsvText text, Headings headings) {
    List<String> titles = headings.all.get(headings.at).cells();
    List<String> others = new ArrayList<>();
    for (int i = 0; i < titles.size(); i++) {
      if (!headings.places.containsValue(i) && !titles.get(i).isBlank()) {
        others.add(titles.get(i));
      }
    }
    List<Row> rows = new ArrayList<>();
    for (Cells record : headings.all.subList(headings.at + 1, headings.all.size())) {
      Map<Column, String> cells = new EnumMap<>(Column.class);
      headings.places.forEach(
          (column, place) -> {
            if (place < record.cells().size() && !record.cells().get(place).isBlank()) {
              cells.put(column, plain(record.cells().get(place)));
            }
          });
      boolean again = Column.of(cells.getOrDefault(Column.ADDRESS, "")) == Column.ADDRESS;
      if (!cells.isEmpty() && !again) {
        rows.add(new Row(record.line(), cells));
      }
    }
    @Nullable Integer address = headings.places.get(Column.ADDRESS);
    boolean hexadecimal =
        (address != null && isHexadecimal(titles.get(address)))
            || rows.stream()
                .anyMatch(
                    row ->
                        row.get(Column.ADDRESS)
                            .matches("[0-9]*[A-Fa-f][0-9A-Fa-f]*|[0-9]+[A-Fa-f]+[0-9]*"));
    return new RegisterTable(
        text.encoding(),
        headings.separator,
        headings.all.get(headings.at).line(),
        hexadecimal,
        others,
        rows);
  }
}
