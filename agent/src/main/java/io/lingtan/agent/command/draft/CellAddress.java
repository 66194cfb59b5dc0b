package io.lingtan.agent.command.draft;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a value is, as a cell says.
 *
 * @param number as it stands there
 * @param words registers, if a range is given; else 0
 * @param hexadecimal whether it was written so
 * @param function that the number itself names, such as {@code 4x0001}; else 0
 */
record CellAddress(int number, int words, boolean hexadecimal, int function) {

  /** How the numbers of a table count registers. */
  enum Counting {
    /** As on the wire: the first register is 0. */
    WIRE,
    /** The first register is 1. */
    ONE,
    /** 30001 is the first input register, 40001 the first holding register. */
    REFERENCE
  }

  private static final Pattern HEXADECIMAL =
      Pattern.compile("(?:0x|\\$|h'?)([0-9a-f]{1,4})|([0-9a-f]{1,5})h");
  private static final Pattern TYPED = Pattern.compile("([0134])x\\s*([0-9]{1,5})");
  private static final int LONGEST_RANGE = 125;

  /** Numbers of a table below which it can hardly begin, if they are no references. */
  private static final int FIRST_REFERENCES = 1000;

  /** Null if the cell holds no address. */
  static @Nullable CellAddress of(String cell, boolean hexadecimal) {
    String text = cell.toLowerCase(Locale.ROOT).replaceAll("\\(.*\\)|\\s*[,、].*", "").strip();
    String[] ends = text.split("\\s*(?:-|~|–|—|\\.\\.+|…|至|到|\\bto\\b)\\s*", -1);
    if (ends.length > 2) {
      return null;
    }
    CellAddress first = one(ends[0], hexadecimal);
    if (first == null || ends.length == 1) {
      return first;
    }
    CellAddress last = one(ends[1], hexadecimal || first.hexadecimal);
    if (last == null || last.number < first.number || last.number - first.number >= LONGEST_RANGE) {
      return null;
    }
    return new CellAddress(
        first.number, last.number - first.number + 1, first.hexadecimal, first.function);
  }

  private static @Nullable CellAddress one(String text, boolean hexadecimal) {
    Matcher typed = TYPED.matcher(text);
    if (typed.matches()) {
      int function =
          switch (typed.group(1)) {
            case "0" -> 1;
            case "1" -> 2;
            case "3" -> 4;
            default -> 3;
          };
      // 0x0006 is hexadecimal, not the coil 6, of which nobody has a table of values.
      if (function > 1) {
        return new CellAddress(Integer.parseInt(typed.group(2)), 0, false, function);
      }
    }
    Matcher hex = HEXADECIMAL.matcher(text);
    if (hex.matches()) {
      String digits = hex.group(1) != null ? hex.group(1) : hex.group(2);
      return new CellAddress(Integer.parseInt(digits, 16), 0, true, 0);
    }
    if (hexadecimal && text.matches("[0-9a-f]{1,4}")) {
      return new CellAddress(Integer.parseInt(text, 16), 0, true, 0);
    }
    return text.matches("[0-9]{1,6}") ? new CellAddress(Integer.parseInt(text), 0, false, 0) : null;
  }

  /** Whether it may be a reference such as 40001 or 400001. */
  boolean isReference() {
    return !hexadecimal && referenced() > 0;
  }

  private int referenced() {
    int thousands = number >= 100_000 ? 100_000 : 10_000;
    int leading = number / thousands;
    int rest = number % thousands;
    return (leading == 3 || leading == 4) && rest <= 65_536 ? rest : 0;
  }

  /** Function by which a reference is read. */
  int referenceFunction() {
    return number / (number >= 100_000 ? 100_000 : 10_000) == 3 ? 4 : 3;
  }

  /** Its register on the wire; -1 if there is none. */
  int wire(Counting counting) {
    int from =
        function > 0 || counting == Counting.ONE
            ? number - 1
            : counting == Counting.REFERENCE && isReference() ? referenced() - 1 : number;
    return from >= 0 && from <= 65_535 ? from : -1;
  }

  /** How a table counts, by its numbers alone. */
  static Counting counting(List<CellAddress> all) {
    boolean references = !all.isEmpty() && all.stream().allMatch(CellAddress::isReference);
    boolean begins = all.stream().anyMatch(place -> place.referenced() <= FIRST_REFERENCES);
    return references && begins ? Counting.REFERENCE : Counting.WIRE;
  }
}
