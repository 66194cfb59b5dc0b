package io.lingtan.agent.reading.foreign;

import java.util.regex.Pattern;

/**
 * Text that others wrote, in a form in which it can stand on a terminal: nothing in it moves the
 * cursor, begins a line, turns the direction of reading or hides what follows.
 *
 * <p>What could is shown as a backslash, {@code u} and four hexadecimal digits: controls (C0, DEL
 * and C1), controls of direction, separators of lines and paragraphs, and halves of a letter.
 */
public final class ForeignText {

  /** Of a line. The longest of a report lists some hundred holes. */
  private static final int LONGEST_LINE = 16_000;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:/+-]+");

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private ForeignText() {}

  /** One line, without its end. */
  public static String line(String text) {
    return text(text, LONGEST_LINE);
  }

  /**
   * A part of a line.
   *
   * @param longest in characters; what is beyond is left out, and three dots stand for it
   */
  public static String text(String text, int longest) {
    return shown(text, longest);
  }

  /** A line of JSON, which says the same with it, and is not shortened. */
  public static String json(String json) {
    return shown(json, Integer.MAX_VALUE);
  }

  /** Whether nothing in it has to be escaped. */
  public static boolean isPlain(String text) {
    return text.codePoints().allMatch(ForeignText::isPlain);
  }

  /** Whether it has the form of what programs name: an epoch, a length, an event, a figure. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Whether it has the form of a gateway's id. */
  public static boolean isGateway(String text) {
    return ID.matcher(text).matches();
  }

  private static String shown(String text, int longest) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), longest) + 16);
    int at = 0;
    while (at < text.length()) {
      int letter = text.codePointAt(at);
      if (shown.length() >= longest) {
        return shown.append("...").toString();
      }
      if (isPlain(letter)) {
        shown.appendCodePoint(letter);
      } else {
        shown.append("\\u%04x".formatted(letter));
      }
      at += Character.charCount(letter);
    }
    return shown.toString();
  }

  private static boolean isPlain(int letter) {
    return !Character.isISOControl(letter)
        && letter != 0x061C
        && letter != 0x200E
        && letter != 0x200F
        && !(letter >= 0x2028 && letter <= 0x202E)
        && !(letter >= 0x2066 && letter <= 0x2069)
        && !(letter >= Character.MIN_SURROGATE && letter <= Character.MAX_SURROGATE);
  }
}
