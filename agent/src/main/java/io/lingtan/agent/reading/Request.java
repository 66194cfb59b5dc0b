package io.lingtan.agent.reading;

/**
 * One thing to ask of a line beside its polls: a person looks for units or tries a read. Reads
 * only, as everything here.
 */
public sealed interface Request {

  /**
   * Registers or bits of a Modbus unit.
   *
   * @param unit unit id, 0..255
   * @param function 1 (coils), 2 (discrete inputs), 3 (holding) or 4 (input registers)
   * @param address first register on the wire, 0-based, 0..65535
   * @param count registers, 1..125, or bits, 1..2000
   */
  record Registers(int unit, int function, int address, int count) implements Request {
    public Registers {
      require(unit >= 0 && unit <= 255, "a unit is 0..255, was " + unit);
      require(function >= 1 && function <= 4, "a function is 1..4, was " + function);
      require(address >= 0 && address <= 65_535, "an address is 0..65535, was " + address);
      int most = function <= 2 ? 2000 : 125;
      require(count >= 1 && count <= most, "a count is 1..%d, was %d".formatted(most, count));
      require(address + count <= 65_536, "registers end at 65535, asked to " + (address + count));
    }

    @Override
    public String toString() {
      return "unit %d, function %d, %d register%s from %d"
          .formatted(unit, function, count, count == 1 ? "" : "s", address);
    }
  }

  /**
   * A data item of a DL/T 645 or CJ/T 188 meter.
   *
   * @param meter its address: up to twelve digits of DL/T 645; of CJ/T 188 sixteen, the kind of
   *     meter in front
   * @param id data identifier, low byte sent first, 0..0x7FFFFFFF
   * @param bytes length of its value, 1..196
   */
  record Item(String meter, int id, int bytes) implements Request {
    public Item {
      require(
          meter.matches("[0-9]{1,12}|[0-9]{16}"),
          "a meter's address is 1 to 12 digits (DL/T 645), or 16 with the kind of meter in front"
              + " (CJ/T 188), was "
              + meter);
      require(id >= 0, "an item is 0..7FFFFFFF, was " + Integer.toHexString(id));
      require(bytes >= 1 && bytes <= 196, "a value has 1..196 bytes, was " + bytes);
    }

    @Override
    public String toString() {
      return "meter %s, item %08X".formatted(meter, id);
    }
  }

  /**
   * All that an M-Bus meter tells.
   *
   * @param meter its address, {@code mbus-} in front
   */
  record Telegrams(String meter) implements Request {
    public Telegrams {
      require(
          meter.matches("mbus-[0-9A-F]{1,16}"),
          "an M-Bus address begins with mbus-, such as mbus-5 or mbus-12345678, was " + meter);
    }

    @Override
    public String toString() {
      return "meter %s, all records".formatted(meter);
    }
  }

  /** The address of whatever meter of the protocol hears the question. */
  record AnyMeter(MeterFamily family) implements Request {
    @Override
    public String toString() {
      return "the address of any " + family.title() + " meter";
    }
  }

  private static void require(boolean good, String otherwise) {
    if (!good) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
