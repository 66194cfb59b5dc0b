package io.lingtan.agent.reading;

import java.text.Normalizer;
import java.util.Locale;

/**
 * Another value in place of what a meter counted, for which two people answer.
 *
 * @param id names it, in the file of corrections and in records
 * @param reason why
 * @param document that shows it, such as a protocol or a photograph
 * @param proposed who proposed it
 * @param approved who approved it: somebody else
 */
public record Correction(
    String id, String reason, String document, String proposed, String approved) {

  public Correction {
    if (isSame(proposed, approved)) {
      throw new IllegalArgumentException(
          "nobody approves the own proposal: " + proposed + " in correction " + id);
    }
  }

  /** Whether two names are of one person, however they are written. */
  public static boolean isSame(String one, String other) {
    return plain(one).equals(plain(other));
  }

  private static String plain(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFKC)
        .replaceAll("[\\s\\p{Z}\\p{C}]+", "")
        .toLowerCase(Locale.ROOT);
  }
}
