package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.world.World;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A multi-function meter that speaks DL/T 645-2007: the items of annex A, tables A.1 (energies,
 * XXXXXX.XX kWh) and A.2 (momentary values), secondary where it stands behind transformers. An item
 * that it has not is answered with an error.
 */
public final class Dlt645Meter extends ItemMeter {

  /** Function of fields that are data items and no registers. */
  static final int ITEM = 0;

  /** What "not available", which is every digit F on the wire, is within: no count of digits. */
  static final long ABSENT = 0x8000_0000L;

  private static final int SERIAL = 0x0400_0402;
  private static final int MODEL = 0x0400_040B;
  private static final int MODEL_BYTES = 10;

  /**
   * One item.
   *
   * @param count how much of the point's unit one count is
   */
  private record Item(int id, String point, int bytes, boolean signed, String count) {}

  private static final List<Item> ITEMS =
      List.of(
          new Item(0x0001_0000, "energy_import", 4, false, "0.01"),
          new Item(0x0002_0000, "energy_export", 4, false, "0.01"),
          new Item(0x0003_0000, "reactive_energy_import", 4, true, "0.01"),
          new Item(0x0004_0000, "reactive_energy_export", 4, true, "0.01"),
          new Item(0x0201_0100, "voltage_l1", 2, false, "0.1"),
          new Item(0x0201_0200, "voltage_l2", 2, false, "0.1"),
          new Item(0x0201_0300, "voltage_l3", 2, false, "0.1"),
          new Item(0x0202_0100, "current_l1", 3, true, "0.001"),
          new Item(0x0202_0200, "current_l2", 3, true, "0.001"),
          new Item(0x0202_0300, "current_l3", 3, true, "0.001"),
          new Item(0x0203_0000, "power", 3, true, "0.1"),
          new Item(0x0203_0100, "power_l1", 3, true, "0.1"),
          new Item(0x0203_0200, "power_l2", 3, true, "0.1"),
          new Item(0x0203_0300, "power_l3", 3, true, "0.1"),
          new Item(0x0204_0000, "reactive_power", 3, true, "0.1"),
          new Item(0x0206_0000, "power_factor", 2, true, "0.001"),
          new Item(0x0280_0002, "frequency", 2, false, "0.01"));

  /** Items that are answered together: the block's id ends in FF00. */
  private static final Map<Integer, List<Integer>> BLOCKS =
      Map.of(
          0x0201_FF00, List.of(0x0201_0100, 0x0201_0200, 0x0201_0300),
          0x0202_FF00, List.of(0x0202_0100, 0x0202_0200, 0x0202_0300),
          0x0203_FF00, List.of(0x0203_0000, 0x0203_0100, 0x0203_0200, 0x0203_0300));

  private final byte[] address;

  private Dlt645Meter(Meter meter, String digits, @Nullable CharacterFormat format) {
    super(meter, digits, format);
    this.address = Dlt645.address(digits);
  }

  /**
   * @throws IllegalArgumentException if the device has no address of twelve digits
   */
  public static Dlt645Meter of(Installed installed) {
    String digits = address(installed);
    Meter.Builder builder = Meter.named(installed.id(), installed.device().profile().name());
    for (Item item : ITEMS) {
      Point point = Point.of(item.point);
      Instrument instrument = Instrument.of(installed, point);
      if (instrument != null) {
        builder.live(field(installed, item, point, instrument));
      }
    }
    Map<Point, Long> absent = new HashMap<>();
    ITEMS.forEach(item -> absent.put(Point.of(item.point), ABSENT));
    Meter meter = builder.build().withSentinels(absent);
    return new Dlt645Meter(meter, digits, installed.device().framing());
  }

  private static Field field(Installed installed, Item item, Point point, Instrument instrument) {
    return Field.item(
        point,
        item.id,
        item.signed ? Coding.INT32 : Coding.UINT32,
        new BigDecimal(item.count).multiply(ratio(installed, item.point)),
        instrument,
        item.signed ? 0 : (long) Math.pow(10, 2 * item.bytes));
  }

  private static BigDecimal ratio(Installed installed, String point) {
    BigDecimal ct = installed.device().ct();
    BigDecimal pt = installed.device().pt();
    if (point.startsWith("voltage")) {
      return pt;
    }
    if (point.startsWith("current")) {
      return ct;
    }
    return point.equals("frequency") || point.equals("power_factor")
        ? BigDecimal.ONE
        : ct.multiply(pt);
  }

  @Override
  int requestLength(byte[] bytes, int from, int available) {
    return Dlt645.requestLength(bytes, from, available);
  }

  @Override
  boolean isRequest(byte[] bytes, int length) {
    return Dlt645.parse(bytes, length) != null;
  }

  @Override
  boolean isMeant(byte[] bytes, int length) {
    Dlt645.Request request = Dlt645.parse(bytes, length);
    return request != null && request.means(address);
  }

  @Override
  byte @Nullable [] answer(
      byte[] bytes, int length, boolean refuses, boolean foreign, World world, long at, Log log) {
    Dlt645.Request request = Objects.requireNonNull(Dlt645.parse(bytes, length));
    byte[] data = refuses ? new byte[] {Dlt645.NO_SUCH_ITEM} : data(request, world, at, log);
    if (data == null) {
      return null;
    }
    boolean error = request.control() == Dlt645.READ && data.length == 1;
    byte[] named = address.clone();
    if (foreign) {
      named[0] ^= 0x01;
    }
    return Dlt645.frame(named, request.control() | 0x80 | (error ? 0x40 : 0), data);
  }

  /** Data of the reply; one byte is an error. Null for no answer. */
  private byte @Nullable [] data(Dlt645.Request request, World world, long at, Log log) {
    if (request.control() == Dlt645.READ_ADDRESS) {
      return address.clone();
    }
    if (request.control() != Dlt645.READ || request.item() == -1) {
      return null;
    }
    byte[] values = read(request.item(), world, at, log);
    if (values == null) {
      return new byte[] {Dlt645.NO_SUCH_ITEM};
    }
    byte[] data = Arrays.copyOf(request.data(), 4 + values.length);
    System.arraycopy(values, 0, data, 4, values.length);
    return data;
  }

  /** The items that are read by one id. */
  private static List<Integer> items(int id) {
    return BLOCKS.getOrDefault(id, List.of(id));
  }

  /** The bytes of an item as they stand in a frame, or null if the meter has it not. */
  byte @Nullable [] read(int id, World world, long millis, Log log) {
    if (id == SERIAL) {
      long number = Long.parseLong(digits) + meter.exchanges();
      return Dlt645.digits(number, Dlt645.ADDRESS_BYTES, false);
    }
    if (id == MODEL) {
      return reversed("SIM-DTZ645");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int one : items(id)) {
      Item item = item(one);
      if (item == null || !meter.has(ITEM, one)) {
        return null;
      }
      long raw = shown(item, meter.raw(ITEM, one, world, millis));
      log.served(one, raw);
      out.writeBytes(
          raw == ABSENT
              ? absent(item.bytes)
              : Dlt645.digits(count(item, raw), item.bytes, item.signed));
    }
    return out.toByteArray();
  }

  /** The bits of what its digits can show: what does not fit stays at the end of the scale. */
  private static long shown(Item item, long raw) {
    if (raw == ABSENT) {
      return raw;
    }
    long scale = (long) Math.pow(10, 2 * item.bytes);
    long most = (item.signed ? scale / 10 * 8 : scale) - 1;
    return Math.clamp(count(item, raw), item.signed ? -most : 0, most) & 0xFFFF_FFFFL;
  }

  private static long count(Item item, long raw) {
    return item.signed ? (int) raw : raw;
  }

  private static byte[] absent(int bytes) {
    byte[] all = new byte[bytes];
    Arrays.fill(all, (byte) 0xFF);
    return all;
  }

  /** Text is sent last character first, as everything is. */
  private static byte[] reversed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    byte[] turned = new byte[MODEL_BYTES];
    for (int i = 0; i < bytes.length; i++) {
      turned[bytes.length - 1 - i] = bytes[i];
    }
    return turned;
  }

  private static @Nullable Item item(int id) {
    for (Item item : ITEMS) {
      if (item.id == id) {
        return item;
      }
    }
    return null;
  }
}
