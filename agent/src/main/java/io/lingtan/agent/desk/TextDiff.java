package io.lingtan.agent.desk;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What is another between two texts, line by line, with a little around it, for a person. */
final class TextDiff {

  private static final int AROUND = 2;
  private static final int MOST_CELLS = 4_000_000;

  /** What stands before the host in an address is nobody's business. */
  private static final Pattern CREDENTIALS = Pattern.compile("(://)[^/@\\s\"']+@");

  private TextDiff() {}

  /**
   * A line.
   *
   * @param mark {@code + - } or a blank; {@code .} where lines are left out
   * @param number in the text after, or of a line that goes in the text before
   */
  record Row(char mark, int number, String text) {}

  static List<Row> of(String before, String after) {
    List<String> old = before.lines().toList();
    List<String> fresh = after.lines().toList();
    int head = 0;
    while (head < Math.min(old.size(), fresh.size()) && old.get(head).equals(fresh.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < Math.min(old.size(), fresh.size()) - head
        && old.get(old.size() - 1 - tail).equals(fresh.get(fresh.size() - 1 - tail))) {
      tail++;
    }
    List<Row> rows = new ArrayList<>();
    for (int i = Math.max(0, head - AROUND); i < head; i++) {
      rows.add(row(' ', i, fresh.get(i)));
    }
    middle(
        old.subList(head, old.size() - tail), fresh.subList(head, fresh.size() - tail), head, rows);
    for (int i = fresh.size() - tail;
        i < Math.min(fresh.size(), fresh.size() - tail + AROUND);
        i++) {
      rows.add(row(' ', i, fresh.get(i)));
    }
    return shortened(rows);
  }

  private static Row row(char mark, int place, String text) {
    return new Row(mark, place + 1, CREDENTIALS.matcher(text).replaceAll("$1"));
  }

  /** The longest common lines stay; where the texts are too long for that, all of it goes. */
  private static void middle(List<String> old, List<String> fresh, int from, List<Row> rows) {
    int[][] common = new int[old.size() + 1][];
    boolean fits = (long) (old.size() + 1) * (fresh.size() + 1) <= MOST_CELLS;
    for (int i = old.size(); i >= 0; i--) {
      common[i] = new int[fits ? fresh.size() + 1 : 1];
      for (int j = fresh.size() - 1; fits && i < old.size() && j >= 0; j--) {
        common[i][j] =
            old.get(i).equals(fresh.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < old.size() || j < fresh.size()) {
      boolean both = i < old.size() && j < fresh.size();
      if (fits && both && old.get(i).equals(fresh.get(j))) {
        rows.add(row(' ', from + j, fresh.get(j)));
        i++;
        j++;
      } else if (i < old.size() && (!both || !fits || common[i + 1][j] >= common[i][j + 1])) {
        rows.add(row('-', from + i, old.get(i)));
        i++;
      } else {
        rows.add(row('+', from + j, fresh.get(j)));
        j++;
      }
    }
  }

  /** Long stretches that are the same are left out. */
  private static List<Row> shortened(List<Row> rows) {
    List<Row> kept = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      boolean near = false;
      for (int j = Math.max(0, i - AROUND); j <= Math.min(rows.size() - 1, i + AROUND); j++) {
        near |= rows.get(j).mark() != ' ';
      }
      if (near) {
        kept.add(rows.get(i));
      } else if (!kept.isEmpty() && kept.getLast().mark() != '.') {
        kept.add(new Row('.', rows.get(i).number(), ""));
      }
    }
    if (!kept.isEmpty() && kept.getLast().mark() == '.') {
      kept.removeLast();
    }
    return kept;
  }
}
