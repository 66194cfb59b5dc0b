package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.NamedPoint;
import io.lingtan.agent.site.SenmlUnits;
import io.lingtan.agent.site.Units;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a {@link NamedPoint} of one point's keys in a profile that names its values. */
final class NamedPointReader {

  private static final List<String> FOR_REGISTERS =
      List.of(
          "address",
          "bit",
          "bits",
          "offset",
          "function",
          "base",
          "type",
          "words",
          "word_order",
          "scale",
          "scale_from",
          "ratio",
          "sentinels",
          "texts");

  private static final BigDecimal MILLIONTH = new BigDecimal("0.000001");

  private final Problems problems;

  NamedPointReader(Problems problems) {
    this.problems = problems;
  }

  /** The value called so; null if a problem was told. */
  @Nullable NamedPoint read(Fields fields, Point point) {
    int before = problems.errors();
    for (String key : FOR_REGISTERS) {
      if (fields.isWritten(key)) {
        problems.error(fields.at(key), key + " is for registers; here values have names");
      }
    }
    Quantity quantity = point.quantity();
    String name = fields.text("name", point.name());
    if (!name.matches("[A-Za-z0-9:./_-]{1,128}")) {
      problems.error(
          fields.valueAt("name"), "'" + name + "' is no SenML name: A-Z a-z 0-9 and : . / _ -");
    }
    String pointer = fields.text("pointer");
    if (pointer != null && !isPointer(pointer)) {
      problems.error(
          fields.valueAt("pointer"),
          "a JSON pointer (RFC 6901) begins with / such as /tank/0/pressure, not '"
              + pointer
              + "'");
    }
    boolean sum = fields.flag("sum", false);
    String unit = fields.text("unit", quantity.ucum());
    if (fields.has("unit") && !isUnit(quantity, unit, sum)) {
      problems.error(
          fields.valueAt("unit"),
          quantity.key()
              + " is not measured in '"
              + unit
              + "'; possible: the SenML units (RFC 8428, RFC 8798) and "
              + Units.offered(quantity));
    }
    boolean reverse = fields.flag("reverse", false);
    if (reverse && quantity.isRegister()) {
      problems.error(fields.at("reverse"), "a counter has no sign to reverse");
    }
    long least = limit(fields, "min", Long.MIN_VALUE);
    long greatest = limit(fields, "max", Long.MAX_VALUE);
    if (least > greatest) {
      problems.error(fields.at("min"), "min is above max");
    }
    return problems.errors() > before
        ? null
        : new NamedPoint(point, name, pointer, unit, sum, reverse, least, greatest);
  }

  /**
   * The same value as those stages see it that count and list: whole millionths of its unit.
   *
   * @param number of the value in its profile, which stands for a place
   */
  RegisterPoint register(Fields fields, NamedPoint named, int number) {
    return new RegisterPoint(
        named.point(),
        RegisterPoint.ITEM,
        number,
        DeviceProfile.Type.INT64,
        8,
        DeviceProfile.WordOrder.BIG,
        MILLIONTH,
        -1,
        DeviceProfile.Ratio.NONE,
        List.of(),
        modulus(fields, named),
        fields.duration("update", Duration.ZERO, Duration.ofHours(1), Duration.ofSeconds(60)),
        named.least(),
        named.greatest(),
        Map.of(),
        BigDecimal.ZERO,
        0,
        0,
        ScaleReader.mostPerHour(fields, named.point().quantity(), problems),
        null);
  }

  private @Nullable BigDecimal modulus(Fields fields, NamedPoint named) {
    if (!fields.isWritten("modulus")) {
      return null;
    }
    Quantity quantity = named.point().quantity();
    BigDecimal modulus = fields.decimal("modulus", "1", "1000000000000");
    SenmlUnits unit = SenmlUnits.of(quantity, named.unit());
    if (!quantity.isRegister() || unit == null) {
      problems.error(fields.at("modulus"), named.name() + " does not count up in " + named.unit());
      return null;
    }
    Long micros = modulus == null ? null : unit.micros(modulus);
    return micros == null ? null : BigDecimal.valueOf(micros);
  }

  static boolean isPointer(String text) {
    return Words.fits(text, "(/([^~/]|~[01])*)+");
  }

  static boolean isUnit(Quantity quantity, String unit, boolean sum) {
    return (sum ? SenmlUnits.ofSum(quantity, unit) : SenmlUnits.of(quantity, unit)) != null;
  }

  private static long limit(Fields fields, String key, long otherwise) {
    BigDecimal limit = fields.decimal(key, "-1000000000000", "1000000000000");
    return limit == null ? otherwise : Micros.of(limit);
  }
}
