package io.lingtan.agent.site;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.Yaml.Entry;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RegisterPoint} of one point's keys and the profile's defaults. */
final class RegisterReader {

  private static final Map<String, DeviceProfile.Type> TYPES =
      Stream.of(DeviceProfile.Type.values())
          .filter(type -> !type.isItem())
          .collect(Collectors.toMap(type -> type.name().toLowerCase(Locale.ROOT), type -> type));
  private static final Map<String, WordOrder> ORDERS =
      Map.of("big", WordOrder.BIG, "little", WordOrder.LITTLE);
  private static final Map<String, Ratio> RATIOS =
      Map.of("none", Ratio.NONE, "ct", Ratio.CT, "pt", Ratio.PT, "ct_pt", Ratio.CT_PT);
  private static final Duration LONGEST_UPDATE = Duration.ofHours(1);

  /** What is assumed of a register that does not say how often the device renews it. */
  private static final Duration USUAL_UPDATE = Duration.ofSeconds(60);

  private static final BigInteger LARGEST_RAW = BigInteger.TWO.pow(64);

  private final Problems problems;
  private final boolean sunspec;
  private final int function;
  private final int base;
  private final DeviceProfile.@Nullable Type type;
  private final WordOrder order;
  private final Duration update;
  private final Ratio ratio;

  RegisterReader(Fields defaults, boolean sunspec, Problems problems) {
    this.problems = problems;
    this.sunspec = sunspec;
    function = defaults.whole("function", 3, 4, 3);
    base = defaults.whole("base", 0, 1, 0);
    type = defaults.<DeviceProfile.@Nullable Type>choice("type", TYPES, null);
    order = defaults.choice("word_order", ORDERS, WordOrder.BIG);
    update = defaults.duration("update", Duration.ZERO, LONGEST_UPDATE, USUAL_UPDATE);
    ratio = defaults.choice("ratio", RATIOS, Ratio.NONE);
  }

  /** A register that gives a value of {@code point}; null if a problem was told. */
  @Nullable RegisterPoint read(Fields fields, @Nullable Point point) {
    int before = problems.errors();
    DeviceProfile.Type type = type(fields);
    Quantity quantity = point == null ? Quantity.STATE : point.quantity();
    BigDecimal scale = point == null ? BigDecimal.ONE : scale(fields, quantity);
    if (fields.flag("reverse", false)) {
      if (quantity.isRegister()) {
        problems.error(fields.at("reverse"), "a counter has no sign to reverse");
      }
      scale = scale.negate();
    }
    if (point != null) {
      checkType(fields, quantity, type);
    }
    long least = limit(fields, "min", Long.MIN_VALUE);
    long greatest = limit(fields, "max", Long.MAX_VALUE);
    if (least > greatest) {
      problems.error(fields.at("min"), "min is above max");
    }
    RegisterPoint register =
        register(
            fields,
            point,
            type,
            scale,
            modulus(fields, quantity, type),
            least,
            greatest,
            texts(fields, type));
    return problems.errors() > before ? null : register;
  }

  /** A register that names the device; null if a problem was told. */
  @Nullable RegisterPoint readIdentity(Fields fields) {
    int before = problems.errors();
    for (String key : List.of("unit", "reverse", "modulus", "min", "max", "ratio")) {
      if (fields.isWritten(key)) {
        problems.error(fields.at(key), key + " has no meaning for what names a device");
      }
    }
    BigDecimal scale = fields.decimal("scale", "0.000001", "1000000");
    RegisterPoint register =
        register(
            fields,
            null,
            type(fields),
            scale == null ? BigDecimal.ONE : scale,
            null,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            Map.of());
    return problems.errors() > before ? null : register;
  }

  private @Nullable RegisterPoint register(
      Fields fields,
      @Nullable Point point,
      DeviceProfile.Type type,
      BigDecimal scale,
      @Nullable BigDecimal modulus,
      long least,
      long greatest,
      Map<Long, String> texts) {
    int first = fields.whole("base", 0, 1, base);
    boolean placed = fields.require("address", "the first register, decimal or 0x hexadecimal");
    int address = fields.whole("address", first, 65_535 + first, first) - first;
    int words = words(fields, type);
    if (placed && address + words > 65_536) {
      problems.error(fields.valueAt("address"), "the value would end behind register 65535");
    }
    int scaleFrom = -1;
    if (fields.has("scale_from")) {
      if (!sunspec) {
        problems.error(fields.at("scale_from"), "only a SunSpec model has scale factor registers");
      }
      scaleFrom = fields.whole("scale_from", first, 65_535, first) - first;
    }
    int asked = fields.whole("function", 3, 4, function);
    if (sunspec && asked != 3) {
      problems.error(fields.valueAt("function"), "SunSpec registers are read with function 3");
    }
    List<Long> sentinels = sentinels(fields, type);
    Duration period = fields.duration("update", Duration.ZERO, LONGEST_UPDATE, update);
    WordOrder words32 = fields.choice("word_order", ORDERS, order);
    Ratio transformers = ratio(fields, point);
    if (!placed || words < 1 || address + words > 65_536) {
      return null;
    }
    return new RegisterPoint(
        point,
        asked,
        address,
        type,
        words,
        words32,
        scale,
        scaleFrom,
        transformers,
        sentinels,
        modulus,
        period,
        least,
        greatest,
        texts);
  }

  private DeviceProfile.Type type(Fields fields) {
    DeviceProfile.Type otherwise = type;
    if (otherwise == null && !fields.require("type", "how the value is coded; or in defaults")) {
      return DeviceProfile.Type.UINT16;
    }
    return fields.choice("type", TYPES, otherwise == null ? DeviceProfile.Type.UINT16 : otherwise);
  }

  private int words(Fields fields, DeviceProfile.Type type) {
    if (type == DeviceProfile.Type.STRING) {
      fields.require("words", "how many registers the text takes");
      return fields.whole("words", 1, 125, 1);
    }
    if (fields.whole("words", 1, 125, type.words()) != type.words()) {
      problems.error(
          fields.valueAt("words"),
          type.name().toLowerCase(Locale.ROOT)
              + " takes "
              + type.words()
              + " registers; words is for strings");
    }
    return type.words();
  }

  private BigDecimal scale(Fields fields, Quantity quantity) {
    BigDecimal written = fields.decimal("scale", "0.000000001", "1000000000");
    BigDecimal scale = written == null ? BigDecimal.ONE : written;
    String unit = fields.text("unit");
    if (unit == null) {
      if (!quantity.ucum().equals("1") && !fields.isWritten("unit")) {
        fields.require(
            "unit", "one of " + Units.offered(quantity) + ", with a step: 0.1" + quantity.symbol());
      }
      return scale;
    }
    BigDecimal factor = Units.factor(quantity, unit);
    if (factor == null) {
      problems.error(
          fields.valueAt("unit"),
          quantity.key()
              + " is not measured in '"
              + unit
              + "'; possible: "
              + Units.offered(quantity)
              + ", each with a step in front: 0.1"
              + quantity.symbol());
      return scale;
    }
    return scale.multiply(factor).stripTrailingZeros();
  }

  private void checkType(Fields fields, Quantity quantity, DeviceProfile.Type type) {
    boolean text = type == DeviceProfile.Type.STRING;
    boolean state = quantity == Quantity.STATE;
    if (text || state != (type == DeviceProfile.Type.ENUM16)) {
      problems.error(
          fields.valueAt("type"),
          state
              ? "state has type enum16"
              : quantity.key() + " is a number, not " + type.name().toLowerCase(Locale.ROOT));
    }
  }

  private Ratio ratio(Fields fields, @Nullable Point point) {
    Ratio chosen = fields.choice("ratio", RATIOS, ratio);
    if (point == null) {
      return Ratio.NONE;
    }
    if (fields.has("ratio")) {
      return chosen;
    }
    // The profile's default says that registers are secondary; each quantity takes its own part.
    return switch (point.quantity()) {
      case POWER,
          ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          REACTIVE_POWER,
          REACTIVE_ENERGY_IMPORT,
          REACTIVE_ENERGY_EXPORT,
          APPARENT_POWER,
          DEMAND,
          DEMAND_MAX ->
          chosen;
      case VOLTAGE -> chosen == Ratio.CT_PT ? Ratio.PT : chosen == Ratio.CT ? Ratio.NONE : chosen;
      case CURRENT -> chosen == Ratio.CT_PT ? Ratio.CT : chosen == Ratio.PT ? Ratio.NONE : chosen;
      default -> Ratio.NONE;
    };
  }

  private List<Long> sentinels(Fields fields, DeviceProfile.Type type) {
    List<Long> sentinels = new ArrayList<>();
    for (Yaml.Text word : fields.words("sentinels")) {
      Long raw = raw(word.text());
      int bits = 16 * type.words();
      if (raw == null || bits == 0 || !fits(raw, bits)) {
        problems.error(word, word.kind() + " is no raw value of " + bits + " bits");
      } else {
        sentinels.add(asTypeReads(raw, type, bits));
      }
    }
    return sentinels;
  }

  private static @Nullable Long raw(String text) {
    try {
      return text.matches("0x[0-9A-Fa-f]{1,16}")
          ? Long.valueOf(Long.parseUnsignedLong(text.substring(2), 16))
          : Words.whole(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static boolean fits(long raw, int bits) {
    return bits == 64 || (raw >= -(1L << (bits - 1)) && raw < (1L << bits));
  }

  /** 0x8000 of an int16 is -32768, of a uint16 32768; of a float it is the bit pattern. */
  private static long asTypeReads(long raw, DeviceProfile.Type type, int bits) {
    if (bits == 64) {
      return raw;
    }
    boolean signed = type == DeviceProfile.Type.INT16 || type == DeviceProfile.Type.INT32;
    return signed ? raw << (64 - bits) >> (64 - bits) : raw & ((1L << bits) - 1);
  }

  private @Nullable BigDecimal modulus(Fields fields, Quantity quantity, DeviceProfile.Type type) {
    String text = fields.text("modulus");
    if (text != null) {
      if (text.equals("none")) {
        return null;
      }
      boolean counts =
          quantity.isRegister()
              || quantity == Quantity.MASS
              || quantity == Quantity.VOLUME
              || quantity == Quantity.DISTANCE
              || quantity == Quantity.PULSES;
      if (!counts) {
        problems.error(fields.at("modulus"), quantity.key() + " does not count up");
      }
      BigDecimal modulus = Words.decimal(text);
      if (modulus == null
          || modulus.compareTo(BigDecimal.TEN) < 0
          || modulus.compareTo(new BigDecimal(LARGEST_RAW)) > 0) {
        problems.error(
            fields.valueAt("modulus"),
            "modulus is the raw value at which the counter starts again, from 10 to 2^64, or"
                + " none; not '"
                + text
                + "'");
      }
      return modulus;
    }
    if (!quantity.isRegister()) {
      return null;
    }
    return switch (type) {
      case UINT16, UINT32, UINT64, ACC32, ACC64 ->
          new BigDecimal(BigInteger.TWO.pow(16 * type.words()));
      default -> null;
    };
  }

  private long limit(Fields fields, String key, long otherwise) {
    BigDecimal limit = fields.decimal(key, "-1000000000000", "1000000000000");
    return limit == null ? otherwise : Micros.of(limit);
  }

  private Map<Long, String> texts(Fields fields, DeviceProfile.Type type) {
    Map<Long, String> texts = new LinkedHashMap<>();
    if (fields.isWritten("texts") && type != DeviceProfile.Type.ENUM16) {
      problems.error(fields.at("texts"), "only a value of type enum16 has texts");
    }
    for (Entry entry : fields.entries("texts")) {
      Long raw = Words.whole(entry.key().text());
      if (raw == null || raw < 0 || raw > 65_535) {
        problems.error(entry.key(), "the number of a text is from 0 to 65535");
      } else if (!(entry.value() instanceof Yaml.Text text) || !text.text().matches("[a-z0-9_]+")) {
        problems.error(entry.value(), "a state is a word of small letters, digits and _");
      } else {
        texts.put(raw, text.text());
      }
    }
    return texts;
  }
}
