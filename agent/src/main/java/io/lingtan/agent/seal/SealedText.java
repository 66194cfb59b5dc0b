package io.lingtan.agent.seal;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A document whose last line signs every byte before it: {@code lingtan-seal}, the key's {@code x}
 * and an Ed25519 signature, in the form that the document hides it in. Nothing of what is signed is
 * taken apart or put into another form, so that any program can check it: {@code head -n -1} is the
 * text. No such text begins as a record does, so neither signature can be taken for the other's.
 */
public final class SealedText {

  private static final Pattern SEAL =
      Pattern.compile(
          "(?:<!-- )?lingtan-seal[ ,]([A-Za-z0-9_-]{43})[ ,]([A-Za-z0-9_-]{86})(?: -->)?\\r?\\n");
  private static final String HTML_START = "<!doctype html>\n";
  private static final String CSV_START = "\ufeff";
  private static final String HTML = "<!-- lingtan-seal %s %s -->\n";
  private static final String CSV = "lingtan-seal,%s,%s\r\n";

  private SealedText() {}

  /** What came of a check. */
  public sealed interface Verdict {
    /** Every byte is as the key's owner signed it. */
    record Good(String text) implements Verdict {}

    /**
     * It is not.
     *
     * @param why for a person
     */
    record Bad(String why) implements Verdict {}
  }

  /**
   * The text with its seal.
   *
   * @param text HTML from its doctype on, or CSV from its byte order mark on, ending with a line
   * @throws IllegalArgumentException for another text
   */
  public static String of(String text, SigningKey key) {
    if (!text.endsWith("\n") || !(text.startsWith(HTML_START) || text.startsWith(CSV_START))) {
      throw new IllegalArgumentException("neither HTML nor CSV with a mark, or its end is no line");
    }
    return text + form(text).formatted(key.open().x(), key.sign(text));
  }

  private static String form(String text) {
    return text.startsWith(CSV_START) ? CSV : HTML;
  }

  /** Whether a file is such a document, sealed or not, and not a file of records. */
  public static boolean isOne(byte[] file) {
    String start = new String(file, 0, Math.min(16, file.length), StandardCharsets.UTF_8);
    return start.startsWith(HTML_START) || start.startsWith(CSV_START);
  }

  /**
   * Whether the file is as this key signed it.
   *
   * @param key known from elsewhere, never from the file
   */
  public static Verdict check(byte[] file, VerifyingKey key) {
    String whole;
    try {
      whole = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(file)).toString();
    } catch (CharacterCodingException e) {
      return new Verdict.Bad("it was changed: it holds bytes that are no UTF-8");
    }
    int start = whole.lastIndexOf('\n', whole.length() - 2) + 1;
    String text = whole.substring(0, start);
    Matcher seal = SEAL.matcher(whole.substring(start));
    if (!seal.matches()) {
      return new Verdict.Bad(
          "its last line is no seal: it is not as the gateway made it, or not to its end");
    }
    String sig = seal.group(2);
    // One seal has one form: of the same bits there are others, and of the same line.
    boolean isPlain =
        Digest.base64(Base64.getUrlDecoder().decode(sig)).equals(sig)
            && seal.group().equals(form(text).formatted(seal.group(1), sig));
    if (!seal.group(1).equals(key.x())) {
      return new Verdict.Bad(
          "it is sealed by another key (" + seal.group(1) + "), or its seal was changed");
    }
    return isPlain && key.signed(text, sig)
        ? new Verdict.Good(text)
        : new Verdict.Bad("it was changed after the gateway made it: the seal does not fit");
  }
}
