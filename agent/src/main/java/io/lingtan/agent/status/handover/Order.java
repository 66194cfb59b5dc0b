package io.lingtan.agent.status.handover;

import io.lingtan.agent.status.report.Language;
import java.util.Locale;
import java.util.Map;

/**
 * Who wants a record.
 *
 * @param technician who answers for it, 1..64 characters: who gave a PIN of his own, else as typed
 * @param typed another name than that one's that was typed; empty if there is none
 * @param note what else is to stand there, up to 500 characters
 */
public record Order(String technician, String typed, String note, Language language) {

  /** What somebody types. */
  public enum Field {
    TECHNICIAN,
    NOTE;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Something typed cannot stand in a record; the message says what may. */
  public static final class Misspelt extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final Field field;

    Misspelt(Field field, String why) {
      super(field.word() + why);
      this.field = field;
    }

    public Field field() {
      return field;
    }
  }

  private static final int LONGEST_NAME = 64;
  private static final int LONGEST_NOTE = 500;

  /**
   * @param wanted {@code technician note lang}
   * @param who gave a PIN of his own; empty if it was the label's
   * @throws Misspelt if it is not understood
   */
  public static Order of(Map<String, String> wanted, String who) {
    String typed = text(wanted, Field.TECHNICIAN, LONGEST_NAME);
    if (typed.isEmpty() && who.isEmpty()) {
      throw new Misspelt(Field.TECHNICIAN, " is the name of who answers for the record");
    }
    return new Order(
        who.isEmpty() ? typed : who,
        who.isEmpty() || typed.equals(who) ? "" : typed,
        text(wanted, Field.NOTE, LONGEST_NOTE),
        Language.of(wanted.getOrDefault("lang", "zh")));
  }

  private static String text(Map<String, String> wanted, Field field, int longest) {
    String text = wanted.getOrDefault(field.word(), "").strip();
    if (text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
      throw new Misspelt(field, " is one line of at most " + longest + " characters");
    }
    return text;
  }
}
