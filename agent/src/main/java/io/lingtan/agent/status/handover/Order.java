package io.lingtan.agent.status.handover;

import io.lingtan.agent.status.report.Language;
import java.util.Map;

/**
 * Who wants a record.
 *
 * @param technician who answers for it, 1..64 characters
 * @param note what else is to stand there, up to 500 characters
 */
public record Order(String technician, String note, Language language) {

  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_NOTE = 500;

  /**
   * @param wanted {@code technician note lang}
   * @throws IllegalArgumentException if it is not understood; the message says what
   */
  public static Order of(Map<String, String> wanted) {
    String technician = text(wanted, "technician", LONGEST_NAME);
    if (technician.isEmpty()) {
      throw new IllegalArgumentException("technician is the name of who answers for the record");
    }
    return new Order(
        technician,
        text(wanted, "note", LONGEST_NOTE),
        Language.of(wanted.getOrDefault("lang", "zh")));
  }

  private static String text(Map<String, String> wanted, String name, int longest) {
    String text = wanted.getOrDefault(name, "").strip();
    if (text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          name + " is one line of at most " + longest + " characters");
    }
    return text;
  }
}
