package io.lingtan.agent.audit.verify;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the documents add up to that a figure's text names, such as {@code 1250 L × 0.84 kg/L
 * (INV-7, Wang); 2 t (INV-8, Wang)}: kilograms of fuel, hydrogen or refrigerant, gigajoules of
 * heat. Each is rounded half-even to the millionth, as it was when it was told.
 */
final class DocumentSum {

  private static final int PLACES = 6;
  private static final String NUMBER = "([0-9]{1,40}(?:\\.[0-9]{1,40})?)";
  private static final String NAMED = " \\([^;()]{1,210}\\)";

  private static final Pattern MASS = Pattern.compile(NUMBER + " (kg|t|GJ)" + NAMED);
  private static final Pattern VOLUME =
      Pattern.compile(NUMBER + " (L|m3) × " + NUMBER + " kg/L" + NAMED);
  private static final Pattern STATED =
      Pattern.compile(NUMBER + " kg × " + NUMBER + " kg/kg" + NAMED);
  private static final Pattern LOST = Pattern.compile(NUMBER + " − " + NUMBER + " kg" + NAMED);
  private static final Pattern STEAM =
      Pattern.compile(NUMBER + " t × \\(" + NUMBER + " − " + NUMBER + "\\) kJ/kg" + NAMED);
  private static final Pattern WATER =
      Pattern.compile(
          NUMBER
              + " t × \\("
              + NUMBER
              + " − "
              + NUMBER
              + "\\) K × "
              + NUMBER
              + " kJ/\\(kg·K\\)"
              + NAMED);

  private DocumentSum() {}

  /** Null if the text names no documents, or not all of them. */
  static @Nullable BigDecimal of(@Nullable String text) {
    BigDecimal sum = BigDecimal.ZERO;
    for (String row : (text == null ? "" : text).split("; ")) {
      BigDecimal amount = amount(row);
      if (amount == null) {
        return null;
      }
      sum = sum.add(amount.setScale(PLACES, RoundingMode.HALF_EVEN));
    }
    return sum;
  }

  private static @Nullable BigDecimal amount(String row) {
    Matcher mass = MASS.matcher(row);
    if (mass.matches()) {
      return number(mass, 1).movePointRight(mass.group(2).equals("t") ? 3 : 0);
    }
    Matcher volume = VOLUME.matcher(row);
    if (volume.matches()) {
      return number(volume, 1)
          .multiply(number(volume, 3))
          .movePointRight(volume.group(2).equals("m3") ? 3 : 0);
    }
    Matcher stated = STATED.matcher(row);
    if (stated.matches()) {
      return number(stated, 1).multiply(number(stated, 2));
    }
    Matcher lost = LOST.matcher(row);
    if (lost.matches()) {
      return number(lost, 1).subtract(number(lost, 2));
    }
    Matcher steam = STEAM.matcher(row);
    if (steam.matches()) {
      return number(steam, 1)
          .multiply(number(steam, 2).subtract(number(steam, 3)))
          .movePointLeft(3);
    }
    Matcher water = WATER.matcher(row);
    return water.matches()
        ? number(water, 1)
            .multiply(number(water, 2).subtract(number(water, 3)))
            .multiply(number(water, 4))
            .movePointLeft(3)
        : null;
  }

  private static BigDecimal number(Matcher row, int group) {
    return new BigDecimal(row.group(group));
  }
}
