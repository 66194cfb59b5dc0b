package io.lingtan.agent.command.draft;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row as it goes into the draft.
 *
 * @param point that it becomes; null for one of the profile's own
 * @param own name that it has otherwise
 * @param label what the table calls it
 * @param scale as a number is written; null for none
 * @param step in front of the unit; null for none
 * @param ucum code of the unit, {@code 1} for none
 * @param order of words or bytes; null if the table says nothing
 * @param unsure what somebody has to look at, each in a few words
 */
record DraftPoint(
    int line,
    @Nullable String point,
    String own,
    String label,
    int function,
    int address,
    boolean hexadecimal,
    String type,
    int words,
    @Nullable String scale,
    @Nullable String step,
    String ucum,
    @Nullable String order,
    List<String> unsure) {

  private static final int LONGEST_LABEL = 60;

  DraftPoint {
    unsure = List.copyOf(unsure);
  }

  static String label(String cell) {
    String name = cell.replaceAll("\\s+", " ");
    return name.length() > LONGEST_LABEL ? name.substring(0, LONGEST_LABEL) : name;
  }

  boolean isText() {
    return type.equals("string");
  }

  /** The same as a point of the profile's own. */
  DraftPoint asOwn(String why) {
    List<String> more = new ArrayList<>(unsure);
    more.add(why);
    return new DraftPoint(
        line,
        null,
        own,
        label,
        function,
        address,
        hexadecimal,
        type,
        words,
        scale,
        step,
        ucum,
        order,
        more);
  }

  /**
   * Its line of YAML.
   *
   * @param unit as it is written, null for none
   * @param usualFunction not written
   * @param usualType not written
   */
  String yaml(String key, @Nullable String unit, int usualFunction, String usualType) {
    List<String> keys = new ArrayList<>();
    keys.add("address: " + (hexadecimal ? "0x%02X".formatted(address) : String.valueOf(address)));
    if (function != usualFunction) {
      keys.add("function: " + function);
    }
    if (function > 2 && !type.equals(usualType)) {
      keys.add("type: " + type);
    }
    if (type.equals("string") || type.equals("bcd")) {
      keys.add("words: " + words);
    }
    if (order != null) {
      keys.add("word_order: " + order);
    }
    if (scale != null) {
      keys.add("scale: " + scale);
    }
    if (unit != null) {
      keys.add("unit: " + (unit.matches("[A-Za-z0-9][A-Za-z0-9./%]*") ? unit : "\"" + unit + "\""));
    }
    if (point == null && !isText()) {
      keys.add("name: " + quoted(label));
    }
    String doubts = unsure.isEmpty() ? "" : "  # ? " + String.join("; ", unsure);
    String what = point == null ? "" : "  # " + label;
    return "  %s: {%s}%s%s".formatted(key, String.join(", ", keys), what, doubts);
  }

  static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
