package io.lingtan.agent.site.yaml;

import java.math.BigDecimal;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How single values are written in our files. */
public final class Words {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,9})(B|kB|MB|GB)");
  private static final Pattern WHOLE = Pattern.compile("-?(0x[0-9A-Fa-f]{1,16}|[0-9]{1,20})");
  private static final Pattern UNSEEN = Pattern.compile("[\\p{Cf}\\p{Z}\\s]+|^0+(?=[0-9]+$)");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?");

  /** Paths, pointers and prefixes; CoAP takes no more in a part of a path. */
  private static final int LONGEST = 255;

  /** Characters of a list of names that a person still reads. */
  private static final int LONGEST_LIST = 400;

  /** Characters of a name that is compared with others and shown. */
  private static final int MOST_COMPARED = 64;

  private Words() {}

  public static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  /**
   * The number of a document or a registration as it is compared with others: without blanks, what
   * nobody sees and zeros that a spreadsheet leaves out, in one case, width and kind of dash.
   */
  public static String number(String written) {
    String plain = Normalizer.normalize(written, Normalizer.Form.NFKC).replaceAll("\\p{Pd}", "-");
    String seen = UNSEEN.matcher(plain).replaceAll("");
    return UNSEEN.matcher(seen.toLowerCase(Locale.ROOT)).replaceAll("");
  }

  /** Whether it can stand for a key in a file of keys, and go into a DTLS handshake. */
  public static boolean isIdentity(String text) {
    return text.matches("[!-~]{1,64}");
  }

  /** {@code 500ms 1s 15m 2h 1d}; null if it is not written so. */
  public static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }

  /** The shortest way to write a duration of whole milliseconds. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds > 0 && seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    if (seconds > 0 && seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds > 0 && seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  /** Bytes of {@code 64MB 2GB}, 1 kB = 1000 bytes; -1 if it is not written so. */
  public static long size(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return -1;
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "B" -> number;
      case "kB" -> number * 1000L;
      case "MB" -> number * 1_000_000L;
      default -> number * 1_000_000_000L;
    };
  }

  /** A whole number, decimal or {@code 0x} hexadecimal; null if it is not one or too large. */
  public static @Nullable Long whole(String text) {
    if (!WHOLE.matcher(text).matches()) {
      return null;
    }
    try {
      return Long.decode(decimalOrHex(text));
    } catch (NumberFormatException tooLarge) {
      return null;
    }
  }

  /** {@link Long#decode} would read 010 as eight. */
  private static String decimalOrHex(String text) {
    return text.contains("x") ? text : text.replaceFirst("^(-?)0+(?=[0-9])", "$1");
  }

  /**
   * Whether a text is of this form and has at most {@value #LONGEST} characters. Where a group
   * repeats, Java's matcher takes as much stack as the text is long.
   */
  public static boolean fits(String text, String form) {
    return text.length() <= LONGEST && text.matches(form);
  }

  /** A decimal number; null if it is not one. */
  public static @Nullable BigDecimal decimal(String text) {
    return DECIMAL.matcher(text).matches() ? new BigDecimal(text) : null;
  }

  /** {@code ; did you mean 'x'?}, or what there is: where that is long, the three nearest. */
  public static String instead(String seen, Collection<String> known) {
    String nearest = nearest(seen, known);
    if (nearest != null) {
      return "; did you mean '" + nearest + "'?";
    }
    String all = known.stream().sorted().collect(Collectors.joining(" "));
    if (all.length() > LONGEST_LIST) {
      String begun = seen.substring(0, Math.min(seen.length(), MOST_COMPARED));
      return "; the nearest of "
          + known.size()
          + " are: "
          + ranked(begun, known, LONGEST)
              .limit(3)
              .map(Ranked::word)
              .collect(Collectors.joining(" "));
    }
    return all.isEmpty() ? "" : "; known: " + all;
  }

  /** A text for a message: what is longer than a name is cut. */
  public static String shown(String text) {
    return text.length() <= MOST_COMPARED ? text : text.substring(0, MOST_COMPARED) + "…";
  }

  /** What a person most likely meant; null if nothing is near. */
  static @Nullable public String nearest(String seen, Collection<String> known) {
    int most = Math.min(4, (seen.length() + 1) / 3);
    return ranked(seen.toLowerCase(Locale.ROOT), known, most)
        .map(Ranked::word)
        .findFirst()
        .orElse(null);
  }

  /** A known word, and how far what was written is from it. */
  private record Ranked(String word, int distance) {}

  /** The words that are at most so far from a text, the nearest first. */
  private static Stream<Ranked> ranked(String text, Collection<String> known, int most) {
    return known.stream()
        .map(word -> new Ranked(word, distance(text, word.toLowerCase(Locale.ROOT), most)))
        .filter(ranked -> ranked.distance <= most)
        .sorted(Comparator.comparingInt(Ranked::distance).thenComparing(Ranked::word));
  }

  /**
   * Letters to insert, delete, replace or swap with their neighbour; {@code most + 1} if it must be
   * more.
   */
  private static int distance(String from, String to, int most) {
    if (Math.abs(from.length() - to.length()) > most) {
      return most + 1;
    }
    int[] before = new int[to.length() + 1];
    int[] last = new int[to.length() + 1];
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int cost = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      int[] oldest = before;
      before = last;
      last = row;
      row = oldest;
    }
    return Math.min(last[to.length()], most + 1);
  }
}
