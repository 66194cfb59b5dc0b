package io.lingtan.simulator.referee;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The two numbers that each unit has, 32 bits each, high word first, holding registers. */
enum Place {
  /** At address 0. */
  ENERGY(0),
  /**
   * At address 100: in another block, and as long, so that one reply could be taken for another.
   */
  POWER(100);

  private final int address;

  Place(int address) {
    this.address = address;
  }

  /** Its first register on the wire. */
  int address() {
    return address;
  }

  /** As in mapping files and topics. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Place::word).toList();
  }
}
