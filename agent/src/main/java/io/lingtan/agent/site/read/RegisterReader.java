package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.read.CodingReader.Coding;
import io.lingtan.agent.site.read.ScaleReader.Scale;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RegisterPoint} of one point's keys and the profile's defaults. */
final class RegisterReader {

  private static final Duration LONGEST_UPDATE = Duration.ofHours(1);

  /** What is assumed of a register that does not say how often the device renews it. */
  private static final Duration USUAL_UPDATE = Duration.ofSeconds(60);

  private static final List<String> NOT_OF_IDENTITY =
      List.of("unit", "offset", "reverse", "modulus", "max_rate", "min", "max", "ratio");

  private final Problems problems;
  private final boolean sunspec;
  private final CodingReader codings;
  private final ScaleReader scales;
  private final int function;
  private final int base;
  private final Duration update;

  RegisterReader(Fields defaults, boolean sunspec, Problems problems) {
    this.problems = problems;
    this.sunspec = sunspec;
    codings = new CodingReader(defaults, problems);
    scales = new ScaleReader(defaults, problems);
    function = defaults.whole("function", 1, 4, 3);
    base = defaults.whole("base", 0, 1, 0);
    update = defaults.duration("update", Duration.ZERO, LONGEST_UPDATE, USUAL_UPDATE);
  }

  /** A register that gives a value of {@code point}; null if a problem was told. */
  @Nullable RegisterPoint read(Fields fields, @Nullable Point point) {
    int before = problems.errors();
    int asked = function(fields);
    Coding coding = codings.read(fields, asked, point);
    Scale scale = point == null ? Scale.PLAIN : scales.read(fields, point, coding);
    RegisterPoint register = register(fields, point, asked, coding, scale);
    return problems.errors() > before ? null : register;
  }

  /** A register that gives a value of the profile's own; null if a problem was told. */
  @Nullable RegisterPoint readOwn(Fields fields, OwnReader own, String name) {
    int before = problems.errors();
    int asked = function(fields);
    Coding coding = codings.read(fields, asked, null);
    OwnReader.Own read = own.read(fields, name, coding);
    RegisterPoint register =
        read == null ? null : register(fields, read.point(), asked, coding, read.scale());
    return problems.errors() > before ? null : register;
  }

  /** A register that names the device; null if a problem was told. */
  @Nullable RegisterPoint readIdentity(Fields fields) {
    int before = problems.errors();
    for (String key : NOT_OF_IDENTITY) {
      if (fields.isWritten(key)) {
        problems.error(fields.at(key), key + " has no meaning for what names a device");
      }
    }
    BigDecimal written = fields.decimal("scale", "0.000001", "1000000");
    int asked = function(fields);
    Coding coding = codings.read(fields, asked, null);
    Scale plain = Scale.PLAIN;
    Scale scale =
        new Scale(
            written == null ? plain.factor() : written,
            plain.offset(),
            plain.ratio(),
            null,
            plain.least(),
            plain.greatest(),
            plain.mostPerHour());
    RegisterPoint register = register(fields, null, asked, coding, scale);
    return problems.errors() > before ? null : register;
  }

  private int function(Fields fields) {
    int asked = fields.whole("function", 1, 4, function);
    if (sunspec && asked != 3) {
      problems.error(fields.valueAt("function"), "SunSpec registers are read with function 3");
    }
    return asked;
  }

  private @Nullable RegisterPoint register(
      Fields fields, @Nullable Point point, int asked, Coding coding, Scale scale) {
    int first = fields.whole("base", 0, 1, base);
    boolean placed = fields.require("address", "the first register, decimal or 0x hexadecimal");
    int address = fields.whole("address", first, 65_535 + first, first) - first;
    int reference = asked == 3 ? 40_000 : 30_000; // such documents put a 4 or a 3 before the number
    if (first == 1 && asked >= 3 && address >= reference && address < reference + 9_999) {
      int written = address + 1 - reference;
      problems.warning(
          fields.valueAt("address"),
          "%d, counted from one, goes over the wire as %d: if the document's first register is %d, write %d"
              .formatted(address + 1, address, reference + 1, written));
    }
    int words = coding.words();
    if (placed && address + words > 65_536) {
      problems.error(fields.valueAt("address"), "the value would end behind register 65535");
    }
    int scaleFrom = -1;
    if (fields.allows("scale_from") && fields.has("scale_from")) {
      if (!sunspec) {
        problems.error(fields.at("scale_from"), "only a SunSpec model has scale factor registers");
      }
      scaleFrom = fields.whole("scale_from", first, 65_535, first) - first;
    }
    Duration period = fields.duration("update", Duration.ZERO, LONGEST_UPDATE, update);
    if (!placed || words < 1 || address + words > 65_536) {
      return null;
    }
    return new RegisterPoint(
        point,
        asked,
        address,
        coding.type(),
        words,
        coding.order(),
        scale.factor(),
        scaleFrom,
        scale.ratio(),
        coding.sentinels(),
        scale.modulus(),
        period,
        scale.least(),
        scale.greatest(),
        coding.texts(),
        scale.offset(),
        coding.bit(),
        coding.bits(),
        scale.mostPerHour(),
        null);
  }
}
