package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.dlt645.Dlt645Reply;
import io.lingtan.agent.acquire.dlt645.ItemRead;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One value of a DL/T 645 meter: a data item, or its part of a block of them.
 *
 * <p>Of the values that the phases have, the standard's tables (DL/T 645-2007, annex A) make one
 * block, whose identifier has FFH in the place of the phase: A, B and C of voltage and current, the
 * total in front of them for the others.
 */
public final class DataItem implements Sought {

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

  @Override
  public Ratio ratio() {
    return source.ratio();
  }

  @Override
  public boolean isAccumulator() {
    return false;
  }

  @Override
  public @Nullable Reason putZero(Values.Builder values) {
    return Reason.CONFIG;
  }

  /** The read of this value alone. */
  ItemRead read() {
    return new ItemRead(source.address(), source.words());
  }

  /** The read of the block that it is in together with its other phases; null if there is none. */
  @Nullable ItemRead block() {
    int entries =
        switch (family()) {
          case VOLTAGE, CURRENT -> 3;
          case POWER, REACTIVE_POWER, APPARENT_POWER, POWER_FACTOR -> 4;
          default -> 0;
        };
    return entries == 0 || (source.address() & 0xFF) != 0
        ? null
        : new ItemRead((family() << 16) | ALL_PHASES, entries * source.words());
  }

  private int family() {
    return source.address() >>> 16;
  }

  /** Where its bytes begin in the value of {@code read}. */
  private int offsetIn(ItemRead read) {
    if (read.id() == source.address()) {
      return 0;
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
  public @Nullable Reason decode(Dlt645Reply.Item answer, Values.Builder values) {
    int bytes = source.type() == DeviceProfile.Type.DEMAND ? DEMAND_DIGITS : source.words();
    long raw = raw(answer.bytes(), offsetIn(answer.read()), bytes, source.type());
    if (raw == ABSENT) {
      return Reason.SENTINEL;
    }
    if (raw == NO_DIGITS) {
      return Reason.RANGE;
    }
    long micros = scaling.micros(raw, 0);
    if (micros == Scaling.DOES_NOT_FIT || micros < source.least() || micros > source.greatest()) {
      return Reason.RANGE;
    }
    values.put(point, micros);
    return null;
  }

  /** How {@link #decode} comes from bytes to a value, for a person. */
  public String chain(Dlt645Reply.Item answer) {
    int at = offsetIn(answer.read());
    int bytes = source.type() == DeviceProfile.Type.DEMAND ? DEMAND_DIGITS : source.words();
    long raw = raw(answer.bytes(), at, bytes, source.type());
    StringBuilder text = new StringBuilder();
    text.append(
            HexFormat.ofDelimiter(" ").withUpperCase().formatHex(answer.bytes(), at, at + bytes))
        .append(" → ")
        .append(source.type().name().toLowerCase(Locale.ROOT))
        .append(' ')
        .append(raw == ABSENT ? "none" : raw == NO_DIGITS ? "no digits" : Long.toString(raw));
    if (source.scale().compareTo(BigDecimal.ONE) != 0) {
      text.append(" → ×").append(source.scale().toPlainString());
    }
    return Register.ratioText(text, source.ratio(), ratio).toString();
  }

  /** All bytes are FFH: the meter has no such phase, or no value. */
  private static final long ABSENT = Long.MIN_VALUE;

  private static final long NO_DIGITS = Long.MIN_VALUE + 1;

  private static long raw(byte[] bytes, int at, int count, DeviceProfile.Type type) {
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
