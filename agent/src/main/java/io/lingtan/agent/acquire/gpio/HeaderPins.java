package io.lingtan.agent.acquire.gpio;

import java.util.List;
import java.util.Map;

/**
 * The 40-pin header of a Raspberry Pi: which chip its inputs belong to, and which pin an offset is
 * (Raspberry Pi documentation, "GPIO and the 40-pin header"). The pins are the same on every model;
 * the number of the chip is not: a Raspberry Pi 5 has given the header's one as gpiochip4 and as
 * gpiochip0, so that only the label is to be relied on.
 */
final class HeaderPins {

  /** Labels of the chips that the header belongs to, by the model's chip. */
  static final List<String> LABELS =
      List.of("pinctrl-bcm2835", "pinctrl-bcm2837", "pinctrl-bcm2711", "pinctrl-rp1");

  private static final Map<Integer, Integer> PINS =
      Map.ofEntries(
          Map.entry(0, 27),
          Map.entry(1, 28),
          Map.entry(2, 3),
          Map.entry(3, 5),
          Map.entry(4, 7),
          Map.entry(5, 29),
          Map.entry(6, 31),
          Map.entry(7, 26),
          Map.entry(8, 24),
          Map.entry(9, 21),
          Map.entry(10, 19),
          Map.entry(11, 23),
          Map.entry(12, 32),
          Map.entry(13, 33),
          Map.entry(14, 8),
          Map.entry(15, 10),
          Map.entry(16, 36),
          Map.entry(17, 11),
          Map.entry(18, 12),
          Map.entry(19, 35),
          Map.entry(20, 38),
          Map.entry(21, 40),
          Map.entry(22, 15),
          Map.entry(23, 16),
          Map.entry(24, 18),
          Map.entry(25, 22),
          Map.entry(26, 37),
          Map.entry(27, 13));

  private HeaderPins() {}

  /**
   * {@code GPIO17 (pin 11)} where the chip is a header's and the offset is on it, else the number.
   */
  public static String name(String label, int offset) {
    Integer pin = LABELS.contains(label) ? PINS.get(offset) : null;
    return pin == null ? "offset " + offset : "GPIO" + offset + " (pin " + pin + ")";
  }
}
