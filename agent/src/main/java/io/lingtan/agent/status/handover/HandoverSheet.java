package io.lingtan.agent.status.handover;

import java.util.List;
import java.util.stream.Stream;

/**
 * A record for people, before it is given a form.
 *
 * @param title what it is
 * @param subject of whom
 * @param sections in their order
 * @param foot what it shows and how it is checked
 */
public record HandoverSheet(
    String title, String subject, List<Section> sections, List<String> foot) {

  public HandoverSheet {
    sections = List.copyOf(sections);
    foot = List.copyOf(foot);
  }

  /** How far something is checked; shape and word say it, colour only helps. */
  public enum Mark {
    /** Nothing to judge. */
    PLAIN(""),
    GOOD("● "),
    /** Nobody has checked it. */
    OPEN("○ "),
    BAD("✖ ");

    private final String sign;

    Mark(String sign) {
      this.sign = sign;
    }
  }

  /** A text with how far it is checked. */
  public record Cell(Mark mark, String text) {
    public static Cell of(String text) {
      return new Cell(Mark.PLAIN, text);
    }

    /** With the mark's sign. */
    String shown() {
      return mark.sign + text;
    }
  }

  /** Something with its name. */
  public record Fact(String name, Cell cell) {}

  /**
   * Facts, and a table below them.
   *
   * @param head of the table; empty for none
   */
  public record Section(String title, List<Fact> facts, List<String> head, List<List<Cell>> rows) {
    public Section {
      facts = List.copyOf(facts);
      head = List.copyOf(head);
      rows = List.copyOf(rows);
      for (List<Cell> row : rows) {
        if (row.size() != head.size()) {
          throw new IllegalArgumentException(row + " does not fit below " + head);
        }
      }
    }
  }

  /** How many of its texts are marked so. */
  public long count(Mark mark) {
    return sections.stream()
        .flatMap(
            section ->
                Stream.concat(
                    section.facts.stream().map(Fact::cell),
                    section.rows.stream().flatMap(List::stream)))
        .filter(cell -> cell.mark == mark)
        .count();
  }
}
