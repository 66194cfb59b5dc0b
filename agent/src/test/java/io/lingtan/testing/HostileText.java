package io.lingtan.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Texts that would do something to a terminal, in every place of a JSON text that has one. */
public final class HostileText {

  /** Begins a line where a line was broken. */
  private static final String FORGED = "FORGED";

  private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final int LONGEST_LINE = 16_100;

  private HostileText() {}

  /** Some 50 characters, as a text. */
  public static String of(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      text.append(random.nextBoolean() ? "a" : "\u7535")
          .append(
              switch (random.nextInt(8)) {
                case 0 -> '\n';
                case 1 -> '\r';
                case 2 -> (char) random.nextInt(0x20);
                case 3 -> (char) random.nextInt(0x7F, 0xA0);
                case 4 -> (char) random.nextInt(0x2028, 0x202F);
                case 5 -> (char) random.nextInt(0x2066, 0x206A);
                case 6 -> "\u061C\u200E\u200F".charAt(random.nextInt(3));
                default -> (char) random.nextInt(0xD800, 0xE000);
              })
          .append(FORGED);
    }
    return text.toString();
  }

  /** Gives {@code json} with another text in the place of each one, of names and of values. */
  public static void inEachPlace(String json, RandomGenerator random, Consumer<String> taker) {
    List<int[]> places = new ArrayList<>();
    Matcher matcher = STRING.matcher(json);
    while (matcher.find()) {
      places.add(new int[] {matcher.start(), matcher.end()});
    }
    assertTrue(places.size() > 3, json);
    for (int[] place : places) {
      taker.accept(json.substring(0, place[0]) + quoted(of(random)) + json.substring(place[1]));
    }
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars().forEach(each -> quoted.append("\\u%04x".formatted(each)));
    return quoted.append('"').toString();
  }

  /** Fails where {@code shown} has done something to a terminal but to begin lines of its own. */
  public static void assertPlain(String shown) {
    for (String line : shown.split("\n", -1)) {
      assertFalse(line.startsWith(FORGED), "a line that others wrote: " + shown);
      assertTrue(line.length() <= LONGEST_LINE, "a line of " + line.length());
      line.codePoints()
          .forEach(
              each ->
                  assertFalse(isHostile(each), () -> "U+%04X in: ".formatted(each) + line.strip()));
    }
  }

  private static boolean isHostile(int letter) {
    return switch (Character.getType(letter)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default ->
          switch (Character.getDirectionality(letter)) {
            case Character.DIRECTIONALITY_LEFT_TO_RIGHT_EMBEDDING,
                Character.DIRECTIONALITY_LEFT_TO_RIGHT_OVERRIDE,
                Character.DIRECTIONALITY_RIGHT_TO_LEFT_EMBEDDING,
                Character.DIRECTIONALITY_RIGHT_TO_LEFT_OVERRIDE,
                Character.DIRECTIONALITY_POP_DIRECTIONAL_FORMAT,
                Character.DIRECTIONALITY_LEFT_TO_RIGHT_ISOLATE,
                Character.DIRECTIONALITY_RIGHT_TO_LEFT_ISOLATE,
                Character.DIRECTIONALITY_FIRST_STRONG_ISOLATE,
                Character.DIRECTIONALITY_POP_DIRECTIONAL_ISOLATE ->
                true;
            default -> letter == 0x061C || letter == 0x200E || letter == 0x200F;
          };
    };
  }
}
