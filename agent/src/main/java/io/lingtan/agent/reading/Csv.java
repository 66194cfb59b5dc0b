package io.lingtan.agent.reading;

/** Cells of the tables that people open in a spreadsheet (RFC 4180). */
public final class Csv {

  /** Spreadsheets of China and Japan take the wide forms of the signs for the signs. */
  private static final String FORMULA = "(?s)[=+@\\t\\r\uFF1D\uFF0B\uFF0D\uFF20-].*";

  private Csv() {}

  /** Quoted where it must be; and what a spreadsheet would take for a formula is made a text. */
  public static String cell(String text) {
    return quoted(text.matches(FORMULA) ? "'" + text : text);
  }

  /**
   * The same of a cell that may be a number, which stays one.
   *
   * @param cell a number as this program writes it, or a text
   */
  public static String numberOrText(String cell) {
    return cell.matches("-?\\d+(\\.\\d+)?") ? cell : cell(cell);
  }

  private static String quoted(String safe) {
    return safe.matches("(?s).*[\",\\r\\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
