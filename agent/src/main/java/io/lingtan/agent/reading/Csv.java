package io.lingtan.agent.reading;

/** Cells of the tables that people open in a spreadsheet (RFC 4180). */
public final class Csv {

  private Csv() {}

  /** Quoted where it must be; and what a spreadsheet would take for a formula is made a text. */
  public static String cell(String text) {
    String safe = text.matches("(?s)[=+@\\t\\r-].*") ? "'" + text : text;
    return safe.matches("(?s).*[\",\\r\\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
