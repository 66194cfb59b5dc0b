package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.item.ItemReply;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.reply.InReply;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One value of a DL/T 645 meter: a data item, or its part of a block of them. Of a CJ/T 188 meter:
 * a part of its item, which has them all, each with the unit that the meter is set to.
 *
 * <p>Of the values that the phases have, the standard's tables (DL/T 645-2007, annex A) make one
 * block, whose identifier has FFH in the place of the phase: A, B and C of voltage and current, the
 * total in front of them for the others.
 */
public final class DataItem implements WireValue {

  private static final int VOLTAGE = 0x0201;
  private static final int CURRENT = 0x0202;
  private static final int POWER = 0x0203;
  private static final int REACTIVE_POWER = 0x0204;
  private static final int APPARENT_POWER = 0x0205;
  private static final int POWER_FACTOR = 0x0206;
  private static final int ALL_PHASES = 0xFF00;
  private static final int DEMAND_DIGITS = 3;

  private final RegisterPoint source;
  private final Point point;
  private final Scaling scaling;
  private final BigDecimal ratio;
  private int toldCode = -1;
  private @Nullable Scaling toldScaling;

  /**
   * @param ratio transformer ratio that the value is multiplied by
   */
  public DataItem(RegisterPoint source, Point point, BigDecimal ratio) {
    this.source = source;
    this.point = point;
    this.ratio = ratio;
    this.scaling = Scaling.of(point, source.scale().multiply(ratio));
  }

  @Override
  public Point point() {
    return point;
  }

  /** Whether it comes in one item with others, and never alone. */
  boolean isPart() {
    return source.place() != null;
  }

  private InReply.@Nullable Part part() {
    return source.place() instanceof InReply.Part part ? part : null;
  }

  /** The read of this value, alone where that can be. */
  ItemRead read() {
    InReply.Part part = part();
    return new ItemRead(source.address(), part == null ? source.words() : part.of());
  }

  /** The read of the block that it is in together with its other phases; null if there is none. */
  @Nullable ItemRead block() {
    int entries =
        switch (family()) {
          case VOLTAGE, CURRENT -> 3;
          case POWER, REACTIVE_POWER, APPARENT_POWER, POWER_FACTOR -> 4;
          default -> 0;
        };
    return entries == 0 || source.place() != null || (source.address() & 0xFF) != 0
        ? null
        : new ItemRead((family() << 16) | ALL_PHASES, entries * source.words());
  }

  private int family() {
    return source.address() >>> 16;
  }

  /** Where its bytes begin in the value of {@code read}. */
  private int offsetIn(ItemRead read) {
    if (read.id() == source.address()) {
      InReply.Part part = part();
      return part == null ? 0 : part.at();
    }
    int phase = (source.address() >>> 8) & 0xFF;
    boolean withoutTotal = family() == VOLTAGE || family() == CURRENT;
    return (withoutTotal ? phase - 1 : phase) * source.words();
  }

  /**
   * Decodes the value and puts it into {@code values}.
   *
   * @return null, or why there is no value
   */
  public @Nullable Reason decode(ItemReply.Item answer, Values.Builder values) {
    int at = offsetIn(answer.read());
    long raw = raw(answer.bytes(), at);
    if (raw == ABSENT) {
      return Reason.SENTINEL;
    }
    if (raw == NO_DIGITS) {
      return Reason.RANGE;
    }
    Scaling told = source.type().hasUnit() ? scaling(unitCode(answer.bytes(), at)) : scaling;
    if (told == null) {
      return Reason.RANGE;
    }
    long micros = told.micros(raw, 0);
    if (micros == Scaling.DOES_NOT_FIT || micros < source.least() || micros > source.greatest()) {
      return Reason.RANGE;
    }
    values.put(point, micros);
    return null;
  }

  /** How {@link #decode} comes from bytes to a value, for a person. */
  public String chain(ItemReply.Item answer) {
    int at = offsetIn(answer.read());
    int bytes = source.type() == DeviceProfile.Type.DEMAND ? DEMAND_DIGITS : source.words();
    long raw = raw(answer.bytes(), at);
    StringBuilder text = new StringBuilder();
    text.append(
            HexFormat.ofDelimiter(" ").withUpperCase().formatHex(answer.bytes(), at, at + bytes))
        .append(" → ")
        .append(source.type().name().toLowerCase(Locale.ROOT))
        .append(' ')
        .append(raw == ABSENT ? "none" : raw == NO_DIGITS ? "no digits" : Long.toString(raw));
    if (source.type().hasUnit()) {
      int code = unitCode(answer.bytes(), at);
      BigDecimal factor = UnitCode.factor(code, point.ucum());
      text.append(" → unit %02XH ".formatted(code));
      text.append(factor == null ? "is none of " + point.ucum() : "×" + factor.toPlainString());
    }
    if (source.scale().compareTo(BigDecimal.ONE) != 0) {
      text.append(" → ×").append(source.scale().toPlainString());
    }
    return Register.ratioText(text, source.ratio(), ratio).toString();
  }

  /** All bytes are FFH: the meter has no such phase, or no value. */
  private static final long ABSENT = Long.MIN_VALUE;

  private static final long NO_DIGITS = Long.MIN_VALUE + 1;

  /** The value's own bytes, the unit beside them left out. */
  private long raw(byte[] bytes, int at) {
    return switch (source.type()) {
      case DEMAND -> digits(bytes, at, DEMAND_DIGITS, source.type());
      case DIGITS_UNIT -> digits(bytes, at, source.words() - 1, source.type());
      case UNIT_DIGITS -> digits(bytes, at + 1, source.words() - 1, source.type());
      case WORD -> word(bytes, at);
      default -> digits(bytes, at, source.words(), source.type());
    };
  }

  private long word(byte[] bytes, int at) {
    long raw = 0;
    for (int i = at + source.words() - 1; i >= at; i--) {
      raw = raw << 8 | (bytes[i] & 0xFF);
    }
    return raw;
  }

  private int unitCode(byte[] bytes, int at) {
    boolean behind = source.type() == DeviceProfile.Type.DIGITS_UNIT;
    return bytes[behind ? at + source.words() - 1 : at] & 0xFF;
  }

  /** How a value comes from digits of the coded unit; null if that is none of the point's. */
  private @Nullable Scaling scaling(int code) {
    if (code != toldCode) {
      BigDecimal factor = UnitCode.factor(code, point.ucum());
      toldScaling =
          factor == null
              ? null
              : Scaling.of(point, source.scale().multiply(ratio).multiply(factor));
      toldCode = code;
    }
    return toldScaling;
  }

  private static long digits(byte[] bytes, int at, int count, DeviceProfile.Type type) {
    boolean signed = type == DeviceProfile.Type.SIGNED_DIGITS;
    boolean absent = true;
    boolean negative = false;
    long raw = 0;
    for (int i = at + count - 1; i >= at; i--) {
      int pair = bytes[i] & 0xFF;
      absent &= pair == 0xFF;
      if (signed && i == at + count - 1) {
        negative = (pair & 0x80) != 0;
        pair &= 0x7F;
      }
      if (pair >>> 4 > 9 || (pair & 0xF) > 9) {
        raw = NO_DIGITS;
      } else if (raw != NO_DIGITS) {
        raw = raw * 100 + ((pair >>> 4) * 10L + (pair & 0xF));
      }
    }
    if (absent) {
      return ABSENT;
    }
    return negative && raw != NO_DIGITS ? -raw : raw;
  }
}
