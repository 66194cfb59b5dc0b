package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.Units;
import io.lingtan.agent.site.read.CodingReader.Coding;
import io.lingtan.agent.site.read.ScaleReader.Scale;
import io.lingtan.agent.site.reply.InReply.RecordKey;
import io.lingtan.agent.site.reply.RecordQuantity;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RegisterPoint} of a data record's keys: what an M-Bus meter tells. */
final class RecordPointReader implements OwnReader.PointReader {

  /** Keys that only a data record has. */
  static final List<String> KEYS = List.of("value", "storage", "tariff", "subunit", "vife", "nth");

  private static final List<String> OF_OTHERS =
      List.of(
          "address",
          "base",
          "item",
          "item_bytes",
          "at",
          "bytes",
          "type",
          "words",
          "word_order",
          "bit",
          "scale_from",
          "offset",
          "sentinels",
          "modulus",
          "texts");

  private static final Map<String, RecordQuantity> QUANTITIES =
      Arrays.stream(RecordQuantity.values())
          .collect(Collectors.toMap(RecordQuantity::key, Function.identity()));
  private static final Map<String, RecordKey.Function> FUNCTIONS =
      Arrays.stream(RecordKey.Function.values())
          .collect(Collectors.toMap(RecordKey.Function::key, Function.identity()));

  /** How many of an own point's unit are one of a record's, by both. */
  private static final Map<String, String> CONVERSIONS =
      Map.ofEntries(
          Map.entry("W.h kW.h", "1e-3"),
          Map.entry("W.h MW.h", "1e-6"),
          Map.entry("W kW", "1e-3"),
          Map.entry("m3 L", "1e3"),
          Map.entry("m3/h L/h", "1e3"),
          Map.entry("bar MPa", "0.1"),
          Map.entry("bar kPa", "100"));

  private static final Map<String, Integer> SECONDS =
      Map.of("s", 1, "min", 60, "h", 3600, "d", 86_400);

  private static final int MOST_STORAGE = 1_000_000;
  private static final int MOST_TARIFF = 1_048_575;
  private static final int MOST_SUBUNIT = 1023;
  private static final int MOST_NTH = 100;

  /** Error flags have up to 32 bits. */
  private static final int WORDS = 2;

  private static final Duration LONGEST_UPDATE = Duration.ofHours(1);

  private static final Coding CODING =
      new Coding(DeviceProfile.Type.RECORD, WORDS, WordOrder.LITTLE, 0, 0, List.of(), Map.of());

  private final ScaleReader scales;
  private final Duration update;
  private final Problems problems;

  /**
   * @param defaults what holds for records that do not say otherwise
   */
  RecordPointReader(Fields defaults, Problems problems) {
    this.scales = new ScaleReader(defaults, problems);
    this.update =
        defaults.duration("update", Duration.ZERO, LONGEST_UPDATE, Duration.ofSeconds(60));
    this.problems = problems;
  }

  @Override
  public @Nullable RegisterPoint read(Fields fields, @Nullable Point point) {
    int before = problems.errors();
    refuse(fields, "bits");
    RecordKey key = key(fields);
    if (point == null || problems.errors() > before) {
      return null;
    }
    RecordQuantity quantity = key.quantity();
    BigDecimal factor =
        point.quantity() == Quantity.STATE ? null : Units.factor(point.quantity(), quantity.ucum());
    if (factor == null || quantity == RecordQuantity.TEMPERATURE_DIFFERENCE) {
      problems.error(
          fields.valueAt("value"),
          point.name()
              + " is not what "
              + quantity.key()
              + " is; what has no point goes under own");
      return null;
    }
    Scale scale = scales.read(fields, point, CODING);
    return problems.errors() > before
        ? null
        : register(fields, point, key, scale, scale.factor().multiply(factor));
  }

  @Override
  public @Nullable RegisterPoint readOwn(Fields fields, OwnReader own, String name) {
    int before = problems.errors();
    refuse(fields, "scale");
    RecordKey key = key(fields);
    OwnReader.Own read = own.read(fields, name, CODING);
    if (read == null || problems.errors() > before) {
      return null;
    }
    BigDecimal factor =
        read.point().isNumber()
            ? factor(key.quantity().ucum(), read.point().ucum())
            : BigDecimal.ONE;
    if (factor == null || key.quantity().isBits() == read.point().isNumber()) {
      problems.error(
          fields.valueAt("value"),
          key.quantity().isBits()
              ? key.quantity().key() + " is a word: it needs bits or text"
              : key.quantity().key()
                  + " is told in "
                  + key.quantity().ucum()
                  + ", which unit must be, or one like it");
      return null;
    }
    boolean reversed = read.scale().factor().signum() < 0;
    return register(fields, read.point(), key, read.scale(), reversed ? factor.negate() : factor);
  }

  private static @Nullable BigDecimal factor(String from, String to) {
    if (from.equals(to)) {
      return BigDecimal.ONE;
    }
    Integer seconds = SECONDS.get(to);
    if (from.equals("s") && seconds != null) {
      return BigDecimal.ONE.divide(BigDecimal.valueOf(seconds), MathContext.DECIMAL64);
    }
    String factor = CONVERSIONS.get(from + " " + to);
    return factor == null ? null : new BigDecimal(factor);
  }

  private void refuse(Fields fields, String key) {
    if (fields.allows(key) && fields.isWritten(key)) {
      problems.error(fields.at(key), key + " is not for protocol mbus: the meter tells it itself");
    }
  }

  private RecordKey key(Fields fields) {
    OF_OTHERS.forEach(key -> refuse(fields, key));
    fields.require("value", "what the record measures: " + offered());
    String vife = fields.text("vife", "").toUpperCase(java.util.Locale.ROOT);
    if (!vife.matches("([0-9A-F]{2}( [0-9A-F]{2}){0,9})?")) {
      problems.error(
          fields.valueAt("vife"),
          "vife are bytes behind the VIF as hexadecimal digits: \"FF 81 00\"");
    }
    return new RecordKey(
        fields.choice("value", QUANTITIES, RecordQuantity.ENERGY),
        fields.choice("function", FUNCTIONS, RecordKey.Function.NOW),
        fields.whole("storage", 0, MOST_STORAGE, 0),
        fields.whole("tariff", 0, MOST_TARIFF, 0),
        fields.whole("subunit", 0, MOST_SUBUNIT, 0),
        vife,
        fields.whole("nth", 0, MOST_NTH, 0));
  }

  private static String offered() {
    return String.join(
        " ", Arrays.stream(RecordQuantity.values()).map(RecordQuantity::key).toList());
  }

  private RegisterPoint register(
      Fields fields, Point point, RecordKey key, Scale scale, BigDecimal factor) {
    return new RegisterPoint(
        point,
        RegisterPoint.ITEM,
        0,
        DeviceProfile.Type.RECORD,
        WORDS,
        WordOrder.LITTLE,
        factor,
        -1,
        scale.ratio(),
        List.of(),
        null,
        fields.duration("update", Duration.ZERO, LONGEST_UPDATE, update),
        scale.least(),
        scale.greatest(),
        Map.of(),
        BigDecimal.ZERO,
        0,
        0,
        scale.mostPerHour(),
        key);
  }
}
