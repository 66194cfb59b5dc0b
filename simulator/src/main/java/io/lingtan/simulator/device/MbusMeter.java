package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.world.World;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A heat, water or electricity meter on wired M-Bus, by the simulator's own hand (EN 13757-2 and
 * -3): it acknowledges SND_NKE and its selection with E5H and tells its values in telegrams of
 * variable data structure, energies and volumes in eight digits, the others in 32 bits. Where it
 * has more than {@value #IN_ONE} values the rest is in a second telegram. What the world has
 * nothing for says "not available".
 */
public final class MbusMeter extends ItemMeter {

  private static final int IN_ONE = 4;

  private static final int RESET_LINK = 0x40;
  private static final int ASK_DATA = 0x5B;
  private static final int COUNT_BIT = 0x20;
  private static final int SELECTED = 0xFD;
  private static final int ANYBODY = 0xFE;
  private static final int SHORT = 5;
  private static final int SELECTION = 17;
  private static final int LONGEST = 261;
  private static final byte[] ACKNOWLEDGED = {(byte) 0xE5};
  private static final byte[] MAKER = {0x24, 0x40, 0x01};

  /**
   * How it tells a quantity.
   *
   * @param perCount how much of the point's unit one count is
   */
  private record Coded(String head, int bytes, boolean digits, String perCount) {}

  private static final Map<String, Coded> CODED =
      Map.of(
          "energy_import", new Coded("0C04", 4, true, "0.01"),
          "volume", new Coded("0C13", 4, true, "0.001"),
          "power", new Coded("042B", 4, false, "1"),
          "flow", new Coded("043B", 4, false, "0.001"),
          "supply_temperature", new Coded("025A", 2, false, "0.1"),
          "return_temperature", new Coded("025E", 2, false, "0.1"),
          "working_hours", new Coded("0422", 4, false, "1"));

  private final int primary;
  private final byte[] identification;
  private final int medium;
  private final List<String> told = new ArrayList<>();
  private boolean selected;
  private int lastCount = -1;
  private int next;
  private int access;
  private byte[] last = {};

  private MbusMeter(Meter meter, Installed installed, String digits) {
    super(meter, digits, installed.device().framing());
    String name = digits.substring("mbus-".length());
    this.primary = name.length() > 3 ? 0 : Integer.parseInt(name);
    this.identification =
        HexFormat.of()
            .parseHex(name.length() > 3 ? name.substring(0, 8) : "%08d".formatted(primary));
    for (RegisterPoint each : installed.device().profile().points()) {
      String point = Objects.requireNonNull(each.point()).name();
      if (CODED.containsKey(point)) {
        told.add(point);
      }
    }
    this.medium = told.contains("energy_import") ? 0x04 : 0x07;
  }

  /**
   * @throws IllegalArgumentException if the device has no address
   */
  public static MbusMeter of(Installed installed) {
    String digits = address(installed);
    Meter.Builder builder = Meter.named(installed.id(), installed.device().profile().name());
    Map<Point, Long> absent = new HashMap<>();
    int item = 0;
    for (RegisterPoint each : installed.device().profile().points()) {
      Point point = Objects.requireNonNull(each.point());
      Coded coded = CODED.get(point.name());
      Instrument instrument = point.isOwn() ? null : Instrument.of(installed, point);
      if (coded != null && instrument != null) {
        builder.live(field(point, item, coded, instrument));
        absent.put(point, Dlt645Meter.ABSENT);
      }
      item += coded == null ? 0 : 1;
    }
    return new MbusMeter(builder.build().withSentinels(absent), installed, digits);
  }

  private static Field field(Point point, int item, Coded coded, Instrument instrument) {
    return Field.item(
        point,
        item,
        coded.digits ? Coding.UINT32 : Coding.INT32,
        new BigDecimal(coded.perCount),
        instrument,
        coded.digits ? 100_000_000 : 0);
  }

  @Override
  int unknownBytes() {
    return LONGEST;
  }

  @Override
  int requestLength(byte[] bytes, int from, int available) {
    return available == 0
        ? 0
        : switch (bytes[from]) {
          case 0x10 -> SHORT;
          case 0x68 -> SELECTION;
          default -> -1;
        };
  }

  @Override
  boolean isRequest(byte[] bytes, int length) {
    int first = length == SHORT ? 1 : 4;
    boolean framed =
        length == SHORT
            ? bytes[0] == 0x10
            : length == SELECTION
                && HexFormat.of().formatHex(bytes, 0, 7).matches("680b0b68[57]3fd52");
    return framed
        && bytes[length - 1] == 0x16
        && bytes[length - 2] == sum(bytes, first, length - 2);
  }

  private static byte sum(byte[] bytes, int from, int to) {
    byte sum = 0;
    for (int i = from; i < to; i++) {
      sum += bytes[i];
    }
    return sum;
  }

  /** A selection ends that of whoever is not meant. */
  @Override
  void hear(byte[] bytes, int length) {
    if (length == SELECTION) {
      selected = isSelection(bytes);
      lastCount = -1;
      next = 0;
    }
  }

  private boolean isSelection(byte[] bytes) {
    byte[] own = Arrays.copyOf(reversed(identification), 8);
    System.arraycopy(MAKER, 0, own, 4, MAKER.length);
    own[7] = (byte) medium;
    for (int i = 0; i < own.length; i++) {
      int wanted = bytes[7 + i] & 0xFF;
      boolean low = (wanted & 0x0F) == 0x0F || (wanted & 0x0F) == (own[i] & 0x0F);
      boolean high = (wanted & 0xF0) == 0xF0 || (wanted & 0xF0) == (own[i] & 0xF0);
      if (i < 4 ? !low || !high : wanted != 0xFF && (byte) wanted != own[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] turned = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      turned[i] = bytes[bytes.length - 1 - i];
    }
    return turned;
  }

  @Override
  boolean isMeant(byte[] bytes, int length) {
    if (!isRequest(bytes, length)) {
      return false;
    }
    if (length == SELECTION) {
      return selected;
    }
    int to = bytes[2] & 0xFF;
    return to == primary || to == ANYBODY || (to == SELECTED && selected);
  }

  @Override
  byte @Nullable [] answer(
      byte[] bytes, int length, boolean refuses, boolean foreign, World world, long at, Log log) {
    if (length == SELECTION) {
      return ACKNOWLEDGED.clone();
    }
    int control = bytes[1] & 0xFF;
    if (control == RESET_LINK) {
      lastCount = -1;
      next = 0;
      return ACKNOWLEDGED.clone();
    }
    if ((control & ~COUNT_BIT) != ASK_DATA) {
      return null;
    }
    if (refuses) {
      return frame(foreign, new byte[] {0x70, 0x08});
    }
    int count = control & COUNT_BIT;
    if (count != lastCount || last.length == 0) {
      lastCount = count;
      last = telegram(foreign, world, at, log);
    }
    return last.clone();
  }

  private byte[] telegram(boolean foreign, World world, long at, Log log) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    byte[] named = reversed(identification);
    if (foreign) {
      named[0] ^= 0x01;
    }
    data.write(0x72);
    data.writeBytes(named);
    data.writeBytes(MAKER);
    data.write(medium);
    data.write(access++ & 0xFF);
    data.writeBytes(new byte[3]);
    int from = next;
    int to = Math.min(told.size(), from + IN_ONE);
    for (int item = from; item < to; item++) {
      put(data, item, world, at, log);
    }
    boolean more = to < told.size();
    next = more ? to : 0;
    if (more) {
      data.write(0x1F);
    }
    return frame(foreign, data.toByteArray());
  }

  private void put(ByteArrayOutputStream data, int item, World world, long at, Log log) {
    Coded coded = Objects.requireNonNull(CODED.get(told.get(item)));
    data.writeBytes(HexFormat.of().parseHex(coded.head));
    long raw = Dlt645Meter.ABSENT;
    if (meter.has(Dlt645Meter.ITEM, item)) {
      raw = meter.raw(Dlt645Meter.ITEM, item, world, at);
      log.served(item, raw);
    }
    if (raw == Dlt645Meter.ABSENT) {
      byte[] none = new byte[coded.bytes];
      Arrays.fill(none, coded.digits ? (byte) 0xFF : 0);
      none[coded.bytes - 1] = coded.digits ? (byte) 0xFF : (byte) 0x80;
      data.writeBytes(none);
      return;
    }
    long rest = raw;
    if (coded.digits) {
      rest = Long.parseLong(Long.toString(raw), 16);
    }
    for (int i = 0; i < coded.bytes; i++) {
      data.write((int) (rest >>> (8 * i)) & 0xFF);
    }
  }

  private byte[] frame(boolean foreign, byte[] data) {
    byte[] frame = new byte[data.length + 8];
    frame[0] = 0x68;
    frame[1] = (byte) (data.length + 2);
    frame[2] = frame[1];
    frame[3] = 0x68;
    frame[4] = 0x08;
    frame[5] = (byte) (foreign ? primary ^ 1 : primary);
    System.arraycopy(data, 0, frame, 6, data.length);
    frame[frame.length - 2] = sum(frame, 4, frame.length - 2);
    frame[frame.length - 1] = 0x16;
    return frame;
  }
}
