package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.reply.InReply;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A heat, water or gas meter that speaks CJ/T 188: the values of its one item are where its profile
 * says, in kWh, kW, m³/h and m³. What the world has nothing for says "not available": all digits
 * are F.
 */
public final class Cjt188Meter extends ItemMeter {

  /**
   * A unit that it tells.
   *
   * @param times what one of it is in the point's unit
   */
  private record Unit(int code, String times) {}

  private static final Map<String, Unit> UNITS =
      Map.of(
          "kW.h", new Unit(0x05, "1"),
          "W", new Unit(0x17, "1000"),
          "m3/h", new Unit(0x35, "1"),
          "m3", new Unit(0x2C, "1"));

  private final byte[] address;
  private final SequencedMap<Integer, RegisterPoint> parts;
  private final int item;
  private final int itemBytes;

  private Cjt188Meter(Meter meter, Installed installed, String digits) {
    super(meter, digits, installed.device().framing());
    this.address = Cjt188.address(digits);
    this.parts = new LinkedHashMap<>();
    List<RegisterPoint> points = installed.device().profile().points();
    points.forEach(each -> parts.put(place(each).at(), each));
    this.item = points.getFirst().address();
    this.itemBytes = place(points.getFirst()).of();
  }

  private static InReply.Part place(RegisterPoint point) {
    return (InReply.Part)
        Objects.requireNonNull(point.place(), "a value of CJ/T 188 is somewhere in its item");
  }

  /**
   * @throws IllegalArgumentException if the device has no address
   */
  public static Cjt188Meter of(Installed installed) {
    String digits = address(installed);
    DeviceProfile profile = installed.device().profile();
    Meter.Builder builder = Meter.named(installed.id(), profile.name());
    Map<Point, Long> absent = new HashMap<>();
    for (RegisterPoint each : profile.points()) {
      Point point = each.point();
      Instrument instrument =
          point == null || point.isOwn() ? null : Instrument.of(installed, point);
      Unit unit = point == null ? null : UNITS.get(point.ucum());
      if (instrument != null && unit != null) {
        builder.live(field(each, Objects.requireNonNull(point), instrument, unit));
        absent.put(point, Dlt645Meter.ABSENT);
      }
    }
    return new Cjt188Meter(builder.build().withSentinels(absent), installed, digits);
  }

  private static Field field(RegisterPoint source, Point point, Instrument instrument, Unit unit) {
    return Field.item(
        point,
        place(source).at(),
        Coding.UINT32,
        source.scale().multiply(new BigDecimal(unit.times)),
        instrument,
        (long) Math.pow(10, 2 * (source.words() - 1)));
  }

  @Override
  int requestLength(byte[] bytes, int from, int available) {
    return Cjt188.requestLength(bytes, from, available);
  }

  @Override
  boolean isRequest(byte[] bytes, int length) {
    return Cjt188.parse(bytes, length) != null;
  }

  @Override
  boolean isMeant(byte[] bytes, int length) {
    Cjt188.Request request = Cjt188.parse(bytes, length);
    return request != null && request.means(address);
  }

  @Override
  byte @Nullable [] answer(
      byte[] bytes, int length, boolean refuses, boolean foreign, World world, long at, Log log) {
    Cjt188.Request request = Objects.requireNonNull(Cjt188.parse(bytes, length));
    byte[] named = address.clone();
    if (foreign) {
      named[1] ^= 0x01;
    }
    int control = request.control() | 0x80;
    if (request.control() == Cjt188.READ_ADDRESS) {
      return Cjt188.frame(named, control, request.data());
    }
    if (request.control() != Cjt188.READ) {
      return null;
    }
    if (refuses || request.item() != item) {
      return Cjt188.frame(named, control | 0x40, new byte[] {request.data()[2], 0, 0});
    }
    byte[] data = Arrays.copyOf(request.data(), 3 + itemBytes);
    parts.forEach((where, source) -> put(data, 3 + where, source, world, at, log));
    return Cjt188.frame(named, control, data);
  }

  private void put(byte[] data, int at, RegisterPoint source, World world, long millis, Log log) {
    if (source.type() == DeviceProfile.Type.WORD) {
      return; // a status of no alarms
    }
    int digitBytes = source.words() - (source.type().hasUnit() ? 1 : 0);
    int digitsAt = source.type() == DeviceProfile.Type.UNIT_DIGITS ? at + 1 : at;
    Arrays.fill(data, digitsAt, digitsAt + digitBytes, (byte) 0xFF);
    Point point = Objects.requireNonNull(source.point());
    Unit unit = UNITS.get(point.ucum());
    if (source.type().hasUnit() && unit != null) {
      boolean behind = source.type() == DeviceProfile.Type.DIGITS_UNIT;
      data[behind ? at + digitBytes : at] = (byte) unit.code;
    }
    int where = place(source).at();
    if (!meter.has(Dlt645Meter.ITEM, where)) {
      return;
    }
    long raw = meter.raw(Dlt645Meter.ITEM, where, world, millis);
    log.served(where, raw);
    if (raw != Dlt645Meter.ABSENT) {
      byte[] digits = Dlt645.digits(raw, digitBytes, false);
      System.arraycopy(digits, 0, data, digitsAt, digitBytes);
    }
  }
}
