package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.math.BigDecimal;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One value of one device, at its place on the wire, prepared for decoding: where the profile's
 * table and the site file's ratios have become one exact factor.
 */
public final class Register implements WireValue {

  /** An accumulator of 0: absent, unless a sibling counts. The poll decides at its end. */
  public static final Reason ZERO_ACCUMULATOR = new Reason("sentinel_zero");

  private static final Point STATE = Point.of(Quantity.STATE);
  private static final int SCALE_SENTINEL = -32_768;
  private static final int MOST_SCALE = 10;

  private final RegisterPoint source;
  private final Point point;
  private final int address;
  private final int scaleAddress;
  private final Scaling scaling;
  private final BigDecimal ratio;
  private final boolean sunspec;
  private final long[] sentinels;
  private final long offsetMicros;
  private final @Nullable Form form;

  /**
   * @param point the source's point
   * @param base what the source's addresses count from: 0, or where a SunSpec model begins
   * @param ratio transformer ratio that the register is multiplied by
   * @param sunspec whether the type's own values for "not available" hold
   */
  public Register(RegisterPoint source, Point point, int base, BigDecimal ratio, boolean sunspec) {
    this.source = source;
    this.point = point;
    this.address = base + source.address();
    this.scaleAddress = source.scaleFrom() < 0 ? -1 : base + source.scaleFrom();
    this.form = point.form();
    this.scaling = Scaling.of(point, source.scale().multiply(ratio));
    this.ratio = ratio;
    this.sunspec = sunspec;
    this.sentinels = source.sentinels().stream().mapToLong(Long::longValue).toArray();
    this.offsetMicros = Micros.of(Scaling.inMillionths(point, source.offset()));
  }

  @Override
  public Point point() {
    return point;
  }

  int function() {
    return source.function();
  }

  /** First register that must be read together with this value, its scale factor included. */
  int start() {
    return scaleAddress >= 0 ? Math.min(address, scaleAddress) : address;
  }

  /** The register behind the last such one. */
  int end() {
    return Math.max(address + source.words(), scaleAddress + 1);
  }

  @Override
  public boolean isAccumulator() {
    return switch (source.type()) {
      case ACC32, ACC64 -> true;
      default -> false;
    };
  }

  boolean isState() {
    return point.equals(STATE);
  }

  /**
   * Decodes the value out of a block that contains it and puts it into {@code values}.
   *
   * @return null, or why there is no value
   */
  public @Nullable Reason decode(Words block, Values.Builder values) {
    int first = address - block.read().address();
    long raw = raw(block, first);
    if (isSentinel(raw)) {
      return Reason.SENTINEL;
    }
    if (form instanceof Form.Bits(long listed)) {
      values.put(point, raw & listed);
      return null;
    }
    int shift = 0;
    if (scaleAddress >= 0) {
      shift = (short) block.word(scaleAddress - block.read().address());
      if (shift == SCALE_SENTINEL) {
        return Reason.SENTINEL;
      }
      if (shift < -MOST_SCALE || shift > MOST_SCALE) {
        return Reason.RANGE;
      }
    }
    return switch (source.type()) {
      case INT16, UINT16, INT32, UINT32, INT64 -> put(scaling.micros(raw, shift), values);
      case UINT64 -> put(scaling.microsUnsigned(raw, shift), values);
      case ACC32, ACC64 ->
          raw == 0 ? ZERO_ACCUMULATOR : put(scaling.microsUnsigned(raw, shift), values);
      case FLOAT32 -> {
        float number = Float.intBitsToFloat((int) raw);
        yield !Float.isFinite(number)
            ? Reason.SENTINEL
            : form == null
                ? put(ShortestDecimal.micros(number, scaling, shift), values)
                : putBinary(form, Float.toString(number), values);
      }
      case FLOAT64 -> {
        double number = Double.longBitsToDouble(raw);
        yield !Double.isFinite(number)
            ? Reason.SENTINEL
            : form == null
                ? put(ShortestDecimal.micros(number, scaling, shift), values)
                : putBinary(form, Double.toString(number), values);
      }
      case BCD -> {
        long digits = digits(raw);
        yield digits < 0 ? Reason.RANGE : put(scaling.micros(digits, shift), values);
      }
      case ENUM16, ENUM32, BIT, BITS -> putText(raw, shift, values);
      case STRING, DIGITS, SIGNED_DIGITS, DEMAND, DIGITS_UNIT, UNIT_DIGITS, WORD, RECORD ->
          Reason.CONFIG;
    };
  }

  /**
   * How {@link #decode} comes from registers to a value, for a person: {@code 4366 4000 → float32
   * ABCD 230.25 → ×0.1 → ct ×80}.
   */
  public String chain(Words block) {
    int first = address - block.read().address();
    StringBuilder text = new StringBuilder();
    boolean bits = source.function() <= 2;
    for (int i = 0; i < source.words(); i++) {
      text.append(i == 0 ? "" : " ")
          .append((bits ? "%d" : "%04X").formatted(block.word(first + i)));
    }
    long raw = raw(block, first);
    text.append(" → ").append(source.type().name().toLowerCase(Locale.ROOT));
    if (source.words() > 1) {
      text.append(' ').append(orderText());
    }
    text.append(' ')
        .append(
            switch (source.type()) {
              case FLOAT32 -> Float.toString(Float.intBitsToFloat((int) raw));
              case FLOAT64 -> Double.toString(Double.longBitsToDouble(raw));
              case UINT64, ACC32, ACC64 -> Long.toUnsignedString(raw);
              case BCD -> digits(raw) < 0 ? "no digits" : Long.toString(digits(raw));
              default -> Long.toString(raw);
            });
    if (source.scale().compareTo(BigDecimal.ONE) != 0) {
      text.append(" → ×").append(source.scale().toPlainString());
    }
    if (scaleAddress >= 0) {
      int power = (short) block.word(scaleAddress - block.read().address());
      text.append(" → ×10^")
          .append(power == SCALE_SENTINEL ? "(absent)" : power)
          .append(" (register ")
          .append(scaleAddress)
          .append(')');
    }
    return ratioText(text, source.ratio(), ratio)
        .append(source.offset().signum() == 0 ? "" : " → + " + source.offset().toPlainString())
        .toString();
  }

  /** Adds the transformer ratio that a value is multiplied by, where there is one. */
  static StringBuilder ratioText(StringBuilder text, Ratio kind, BigDecimal ratio) {
    return kind == Ratio.NONE
        ? text
        : text.append(" → ")
            .append(kind.name().toLowerCase(Locale.ROOT).replace('_', '·'))
            .append(" ×")
            .append(ratio.toPlainString());
  }

  private String orderText() {
    return switch (source.order()) {
      case BIG -> "ABCD";
      case LITTLE -> "CDAB";
      case BIG_SWAPPED -> "BADC";
      case LITTLE_SWAPPED -> "DCBA";
    };
  }

  @Override
  public @Nullable Reason putZero(Values.Builder values) {
    return put(0, values);
  }

  private @Nullable Reason put(long scaled, Values.Builder values) {
    long micros = scaled + offsetMicros;
    boolean fits =
        scaled != Scaling.DOES_NOT_FIT && ((scaled ^ micros) & (offsetMicros ^ micros)) >= 0;
    if (!fits || micros < source.least() || micros > source.greatest()) {
      return Reason.RANGE;
    }
    values.put(point, micros);
    return null;
  }

  /** A floating-point number of an own point, of which no digit is lost. */
  private @Nullable Reason putBinary(Form form, String number, Values.Builder values) {
    try {
      BigDecimal scaled = new BigDecimal(number).multiply(source.scale()).multiply(ratio);
      long held = form.held(scaled.add(source.offset()));
      if (held < source.least() || held > source.greatest()) {
        return Reason.RANGE;
      }
      values.put(point, held);
      return null;
    } catch (ArithmeticException beyondDouble) {
      return Reason.RANGE;
    }
  }

  private @Nullable Reason putText(long raw, int shift, Values.Builder values) {
    if (!isState()) {
      return put(scaling.micros(raw, shift), values);
    }
    String text = source.texts().get(raw);
    values.state(text != null ? text : Long.toString(raw));
    return null;
  }

  /** The registers as one number, sign-extended where the type has a sign. */
  private long raw(Words block, int first) {
    int words = Math.min(source.words(), 4);
    long raw = 0;
    boolean little = source.order().isLowWordFirst();
    boolean swapped = source.order().isLowByteFirst();
    for (int i = 0; i < words; i++) {
      int word = block.word(little ? first + words - 1 - i : first + i);
      raw = raw << 16 | (swapped ? (word & 0xFF) << 8 | word >>> 8 : word);
    }
    return switch (source.type()) {
      case INT16 -> (short) raw;
      case INT32 -> (int) raw;
      case BIT -> raw >>> source.bit() & 1;
      case BITS -> raw >>> source.bit() & (1L << source.bits()) - 1;
      default -> raw;
    };
  }

  /** The number that packed decimal digits spell; -1 if one of them is no digit. */
  private static long digits(long packed) {
    long number = 0;
    for (int shift = 60; shift >= 0; shift -= 4) {
      long digit = packed >>> shift & 0xF;
      if (digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /**
   * The text of a register of type {@code STRING}, up to its first NUL, without blanks around it.
   *
   * @return empty if there is none
   */
  String text(Words block) {
    int first = address - block.read().address();
    StringBuilder text = new StringBuilder();
    boolean swapped = source.order().isLowByteFirst();
    for (int i = 0; i < source.words(); i++) {
      int word = block.word(first + i);
      char early = (char) (swapped ? word & 0xFF : word >>> 8);
      char late = (char) (swapped ? word >>> 8 : word & 0xFF);
      if (early == 0) {
        break;
      }
      text.append(early);
      if (late == 0) {
        break;
      }
      text.append(late);
    }
    return text.toString().strip();
  }

  private boolean isSentinel(long raw) {
    for (long sentinel : sentinels) {
      if (raw == sentinel) {
        return true;
      }
    }
    // SunSpec Device Information Model: "unimplemented" values by type; floats are NaN and caught
    // where they are decoded, accumulators are 0.
    return sunspec
        && switch (source.type()) {
          case INT16 -> raw == Short.MIN_VALUE;
          case UINT16, ENUM16 -> raw == 0xFFFFL;
          case INT32 -> raw == Integer.MIN_VALUE;
          case UINT32, ENUM32 -> raw == 0xFFFF_FFFFL;
          case INT64 -> raw == Long.MIN_VALUE;
          case UINT64 -> raw == -1L;
          case FLOAT32,
              FLOAT64,
              ACC32,
              ACC64,
              BCD,
              BIT,
              BITS,
              STRING,
              DIGITS,
              SIGNED_DIGITS,
              DEMAND,
              DIGITS_UNIT,
              UNIT_DIGITS,
              WORD,
              RECORD ->
              false;
        };
  }
}
