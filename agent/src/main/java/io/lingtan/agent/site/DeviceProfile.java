package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.reply.InReply;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A kind of meter as a table: where its values are, how they are coded and what they mean, beside
 * its maker's document. A new meter is one YAML file under {@code config/profiles} and one golden
 * test.
 *
 * @param name as the site file calls it, such as {@code eastron-sdm630}
 * @param kind decides what a positive power means
 * @param document the maker's document with its edition
 * @param source where the document or a reviewed copy can be seen
 * @param fits models that it was written for, as on their plates; a device of another name may fit
 * @param example true for a made-up device: never a default, always said
 * @param points fixed registers; empty where {@code models} are discovered
 * @param models SunSpec models by id, whose addresses are offsets from the model's id register
 * @param named values of a device that names them; each is in {@code points} too, counted there in
 *     millionths of its unit
 * @param identity registers that name the device: {@code serial model ct pt}; of a SunSpec device
 *     offsets in model 1
 * @param maxWords most registers in one request, 1..125
 * @param turnaround quiet time that the device needs after a frame before the next request
 * @param sleepsAtNight the device is silent when the sun is down
 * @param partOf what the device is a part of: profiles of one such word may share a unit id, as a
 *     hybrid inverter answers for its panels, its battery and its meter under one; empty if it has
 *     its unit for itself
 * @param coupling on which side its energies are counted: {@code DC} for a hybrid inverter whose AC
 *     is not the panels', and for the battery behind one; null if the profile does not say
 * @param meterType of a CJ/T 188 meter what stands in front of its address, 0x10..0x49; else 0
 */
public record DeviceProfile(
    String name,
    Kind kind,
    Protocol protocol,
    String maker,
    String document,
    String source,
    List<String> fits,
    boolean example,
    List<RegisterPoint> points,
    SequencedMap<Integer, List<RegisterPoint>> models,
    List<NamedPoint> named,
    Map<String, RegisterPoint> identity,
    int maxWords,
    Duration turnaround,
    boolean sleepsAtNight,
    String partOf,
    @Nullable Coupling coupling,
    int meterType) {

  public DeviceProfile {
    fits = List.copyOf(fits);
    points = List.copyOf(points);
    named = List.copyOf(named);
    identity = Map.copyOf(identity);
  }

  /** Whether {@code other} may answer under the same unit id. */
  public boolean shares(DeviceProfile other) {
    return !partOf.isEmpty() && partOf.equals(other.partOf) && !name.equals(other.name);
  }

  /** The same kind of device with these registers as its points. */
  public DeviceProfile with(List<RegisterPoint> registers) {
    return new DeviceProfile(
        name,
        kind,
        protocol,
        maker,
        document,
        source,
        fits,
        example,
        registers,
        models,
        named,
        identity,
        maxWords,
        turnaround,
        sleepsAtNight,
        partOf,
        coupling,
        meterType);
  }

  /** Whether its power is measured, and not worked out from what it counts. */
  public boolean measuresPower() {
    return protocol != Protocol.PULSES;
  }

  /** Every register of the profile that gives a point, discovered models included. */
  public List<RegisterPoint> allPoints() {
    return Stream.concat(points.stream(), models.values().stream().flatMap(List::stream)).toList();
  }

  /** The points that such a device may give. */
  public SortedSet<Point> pointsGiven() {
    SortedSet<Point> given = new TreeSet<>();
    for (RegisterPoint register : allPoints()) {
      if (register.point() != null) {
        given.add(register.point());
      }
    }
    return given;
  }

  /** The point called so: a built-in one, or one of the profile's own; null if there is none. */
  public @Nullable Point find(String point) {
    Point builtIn = Point.find(point);
    return builtIn != null
        ? builtIn
        : pointsGiven().stream().filter(own -> own.name().equals(point)).findFirst().orElse(null);
  }

  /** What the device is, for the meaning of plus. */
  public enum Kind {
    METER,
    INVERTER,
    BATTERY,
    FUEL_CELL,
    SENSOR;

    /** What a positive power means, for a person. */
    public String plus() {
      return switch (this) {
        case METER -> "into what is behind the meter, while energy_import counts";
        case INVERTER, BATTERY, FUEL_CELL -> "delivered by the device";
        case SENSOR -> "as the sensor gives it";
      };
    }

    /** Whether positive power means delivering. */
    public boolean isSource() {
      return this == INVERTER || this == BATTERY || this == FUEL_CELL;
    }
  }

  /** How the device is asked. */
  public enum Protocol {
    MODBUS,
    SUNSPEC,
    DLT645,
    CJT188,
    /** Wired M-Bus, EN 13757. */
    MBUS,
    SENML,
    /** An input whose pulses are counted; the site file says what one is worth. */
    PULSES,
    /** An input whose level is a state. */
    LEVEL
  }

  /** How a value is coded in 16-bit registers. */
  public enum Type {
    INT16(1),
    UINT16(1),
    INT32(2),
    UINT32(2),
    INT64(4),
    UINT64(4),
    FLOAT32(2),
    FLOAT64(4),
    /** SunSpec accumulator, 32 bits: 0 means "not available". */
    ACC32(2),
    /** SunSpec accumulator, 64 bits: 0 means "not available". */
    ACC64(4),
    /** One value of a list of texts. */
    ENUM16(1),
    /** The same in two registers. */
    ENUM32(2),
    /** Packed decimal digits, four in each of {@code words} registers. */
    BCD(0),
    /** One bit of a register, or a coil or discrete input. */
    BIT(1),
    /** Neighbouring bits of {@code words} registers as a number without sign. */
    BITS(0),
    /** Text of {@code words} registers, two characters each. */
    STRING(0),
    /** DL/T 645: two decimal digits to a byte, low byte first. */
    DIGITS(0),
    /** DL/T 645: digits whose topmost bit says that the value is negative. */
    SIGNED_DIGITS(0),
    /** DL/T 645: three bytes of digits, and five that say when it was. */
    DEMAND(8),
    /** CJ/T 188: digits as of {@link #DIGITS}, and one byte behind them that tells the unit. */
    DIGITS_UNIT(0),
    /** The same with the unit in front, which is not by the standard but by some makers. */
    UNIT_DIGITS(0),
    /** CJ/T 188: a number without sign, low byte first, of which the bits are told. */
    WORD(0),
    /** M-Bus: a data record, which tells itself how it is coded. */
    RECORD(2);

    private final int words;

    Type(int words) {
      this.words = words;
    }

    /** Whether it is how a data item is coded, and never a register. */
    public boolean isItem() {
      return switch (this) {
        case DIGITS, SIGNED_DIGITS, DEMAND, DIGITS_UNIT, UNIT_DIGITS, WORD, RECORD -> true;
        default -> false;
      };
    }

    /** Whether the value tells its unit itself. */
    public boolean hasUnit() {
      return this == DIGITS_UNIT || this == UNIT_DIGITS || this == RECORD;
    }

    /** Registers that a value takes; 0 where the profile says so itself. */
    public int words() {
      return words;
    }
  }

  /**
   * Order in which the bytes of one value come, A being the most significant of four. The Modbus
   * specification has only {@code ABCD}; makers have all four.
   */
  public enum WordOrder {
    /** ABCD: most significant register first, in each the high byte first. */
    BIG,
    /** CDAB: least significant register first. */
    LITTLE,
    /** BADC: most significant register first, but in each the low byte first. */
    BIG_SWAPPED,
    /** DCBA: least significant byte first throughout. */
    LITTLE_SWAPPED;

    public boolean isLowWordFirst() {
      return this == LITTLE || this == LITTLE_SWAPPED;
    }

    public boolean isLowByteFirst() {
      return this == BIG_SWAPPED || this == LITTLE_SWAPPED;
    }
  }

  /** Which transformer ratios turn the register's secondary value into a primary one. */
  public enum Ratio {
    NONE,
    CT,
    PT,
    CT_PT
  }

  /**
   * One value in the device's registers.
   *
   * @param point what it becomes; for identity registers a placeholder is never read, so null
   * @param function 1 (coils), 2 (discrete inputs), 3 (holding) or 4 (input registers); {@link
   *     #ITEM} for a data item
   * @param address first register on the wire, 0-based; in a SunSpec model the offset from the
   *     model's id register; of a data item its identifier
   * @param words registers it takes, or 1 bit for functions 1 and 2; of a data item its bytes
   * @param scale raw × scale = value in the point's unit (unit conversion and sign included),
   *     before transformer ratios
   * @param scaleFrom SunSpec: offset of the {@code sunssf} register, else -1
   * @param sentinels raw values that mean "not available", beside the type's own; as the type reads
   *     them (0x8000 of an {@code INT16} is -32768), of a float its bit pattern
   * @param modulus raw value at which the register starts again from 0; null if it never does
   * @param updatePeriod how often the device renews the register
   * @param least smallest believable value in millionths of the point's unit, {@link
   *     Long#MIN_VALUE} if none is given
   * @param greatest greatest believable value, {@link Long#MAX_VALUE} if none is given
   * @param texts texts of an {@code ENUM16}, {@code ENUM32}, {@code BIT} or {@code BITS} by value
   * @param offset added behind scale and ratios, in the point's unit
   * @param bit of {@code BIT} and {@code BITS} the lowest, 0 being the least significant of the
   *     value
   * @param bits how many bits {@code BITS} takes, 1..63; of the other types 0
   * @param mostPerHour of a counter the most that it can count in an hour, in millionths of the
   *     point's unit; 0 if the profile does not say
   * @param place where the value is among several that are told at once; null where it is told
   *     alone
   */
  public record RegisterPoint(
      @Nullable Point point,
      int function,
      int address,
      Type type,
      int words,
      WordOrder order,
      BigDecimal scale,
      int scaleFrom,
      Ratio ratio,
      List<Long> sentinels,
      @Nullable BigDecimal modulus,
      Duration updatePeriod,
      long least,
      long greatest,
      Map<Long, String> texts,
      BigDecimal offset,
      int bit,
      int bits,
      long mostPerHour,
      @Nullable InReply place) {

    /**
     * Whether its value can tell a direction from the other: its type has a sign and {@code least}
     * leaves room below 0.
     */
    public boolean isSigned() {
      return least < 0
          && switch (type) {
            case INT16, INT32, INT64, FLOAT32, FLOAT64, SIGNED_DIGITS, RECORD -> true;
            case UINT16, UINT32, UINT64, ACC32, ACC64, ENUM16, ENUM32 -> false;
            case BCD, BIT, BITS, STRING, DIGITS, DEMAND, DIGITS_UNIT, UNIT_DIGITS, WORD -> false;
          };
    }

    /** The function of what is no register, but a data item. */
    public static final int ITEM = 0;

    public RegisterPoint {
      if (function < 0 || function > 4) {
        throw new IllegalArgumentException("function is 1..4, or 0 of an item; was " + function);
      }
      boolean item = function == ITEM;
      if (address < 0 || (address > 65_535 && !item) || words < 1 || words > (item ? 196 : 125)) {
        throw new IllegalArgumentException(
            "address is 0..65535 and words 1..125, were " + address + " and " + words);
      }
      if (bit < 0 || bits < 0 || bits > 63 || bit + bits > 16 * words) {
        throw new IllegalArgumentException(
            "bits are within the value's %d registers, were %d from %d"
                .formatted(words, bits, bit));
      }
      if (mostPerHour < 0) {
        throw new IllegalArgumentException("mostPerHour is >= 0, was " + mostPerHour);
      }
      sentinels = List.copyOf(sentinels);
      texts = Map.copyOf(texts);
    }

    /** Whether both take the same bits of the same registers, at least in part. */
    public boolean overlaps(RegisterPoint other) {
      if (place instanceof InReply.Part own && other.place instanceof InReply.Part others) {
        return address == other.address
            && own.at() < others.at() + other.words
            && others.at() < own.at() + words;
      }
      if (place instanceof InReply.RecordKey key) {
        return key.equals(other.place);
      }
      boolean apart =
          function != other.function
              || address >= other.address + other.words
              || other.address >= address + words;
      if (apart) {
        return false;
      }
      boolean sameRegisters = address == other.address && words == other.words;
      return !sameRegisters || (mask() & other.mask()) != 0;
    }

    private long mask() {
      return switch (type) {
        case BIT -> 1L << bit;
        case BITS -> ((1L << bits) - 1) << bit;
        default -> -1L;
      };
    }
  }
}
