package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Ucum;
import io.lingtan.agent.site.read.CodingReader.Coding;
import io.lingtan.agent.site.read.ScaleReader.Scale;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Labels;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.Yaml.Entry;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a profile's own points are: a number with a unit, words by number, or a word of
 * alarms.
 */
final class OwnReader {

  private static final Pattern STEP_AND_UNIT =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,15})?)\\s*([^0-9.\\s].*)");
  private static final int MOST_PLACES = 18;

  /** What the journal's dictionary takes in one piece. */
  private static final int LONGEST_TEXTS = 3000;

  /** An own point and what its raw number stands for. */
  record Own(Point point, Scale scale) {}

  /** Reads the values of a device that has no registers. */
  interface PointReader {

    /**
     * A value.
     *
     * @param point what it becomes; null if it names the device
     * @return null if a problem was told
     */
    @Nullable RegisterPoint read(Fields fields, @Nullable Point point);

    /** A point of the profile's own; null if a problem was told. */
    @Nullable RegisterPoint readOwn(Fields fields, OwnReader own, String name);
  }

  private final Problems problems;

  OwnReader(Problems problems) {
    this.problems = problems;
  }

  /** Whether an own point can be called so; else it is told why not. */
  boolean isName(Yaml.Text key) {
    String name = key.text();
    if (Point.find(name) != null) {
      problems.error(key, "'" + name + "' is a built-in point: it belongs under points");
      return false;
    }
    if (!name.matches(Point.OWN_NAME)) {
      problems.error(
          key,
          "'"
              + Words.shown(name)
              + "' is no name of a point: 1 to 64 of a-z 0-9 _, a letter first; what people call it"
              + " belongs under name");
      return false;
    }
    return true;
  }

  /** Null if a problem was told. */
  @Nullable Own read(Fields fields, String name, Coding coding) {
    int before = problems.errors();
    boolean isFloat =
        coding.type() == DeviceProfile.Type.FLOAT32 || coding.type() == DeviceProfile.Type.FLOAT64;
    if (coding.type() == DeviceProfile.Type.STRING) {
      problems.error(fields.valueAt("type"), "an own point is a number, not a string");
    }
    boolean isAlarms = fields.value("bits") instanceof Yaml.Table;
    boolean isText = fields.isWritten("text");
    if (isAlarms || isText) {
      for (String key : List.of("unit", "scale", "offset", "reverse", "ratio", "min", "max")) {
        if (fields.isWritten(key)) {
          problems.error(fields.at(key), key + " is for numbers; this point has words");
        }
      }
      if (isAlarms && isText) {
        problems.error(fields.at("text"), "a point has either text or a table of bits");
      }
      if (isFloat) {
        problems.error(fields.valueAt("type"), "words and bits are of whole numbers");
      }
    }
    Map<Integer, Caption> bits = isAlarms ? bits(fields, coding) : Map.of();
    Caption label = fields.isWritten("name") ? Labels.read(fields.valueAt("name"), problems) : null;
    Scale scale = Scale.PLAIN;
    Form form;
    if (isAlarms) {
      form =
          new Form.Bits(
              bits.keySet().stream().mapToLong(bit -> 1L << bit).reduce(0, (a, b) -> a | b));
    } else if (isText) {
      form = new Form.Texts(texts(fields));
    } else {
      BigDecimal offset = fields.decimal("offset", "-1000000", "1000000");
      BigDecimal added = offset == null ? BigDecimal.ZERO : offset;
      Unit unit = unit(fields);
      BigDecimal written = fields.decimal("scale", "0.000000000000001", "1000000000000000");
      BigDecimal factor = written == null ? unit.step() : unit.step().multiply(written);
      factor = fields.flag("reverse", false) ? factor.negate() : factor;
      int places = Math.max(places(factor), places(added));
      if (places > MOST_PLACES && !isFloat) {
        problems.error(
            fields.valueAt("scale"), "a step has at most " + MOST_PLACES + " decimal places");
      }
      form =
          isFloat
              ? new Form.Binary(unit.ucum())
              : new Form.Decimals(Math.min(places, MOST_PLACES), unit.ucum());
      Ratio ratio = fields.choice("ratio", ScaleReader.RATIOS, Ratio.NONE);
      long least = limit(fields, "min", form, Long.MIN_VALUE);
      long greatest = limit(fields, "max", form, Long.MAX_VALUE);
      if (least > greatest) {
        problems.error(fields.at("min"), "min is above max");
      }
      scale = new Scale(factor, added, ratio, null, least, greatest, 0);
    }
    return problems.errors() > before ? null : new Own(Point.own(name, form, label, bits), scale);
  }

  private static int places(BigDecimal number) {
    return Math.max(0, number.stripTrailingZeros().scale());
  }

  private record Unit(BigDecimal step, String ucum) {}

  private Unit unit(Fields fields) {
    fields.require("unit", "its UCUM code, such as W/m2, Cel or 1, with a step: 0.1W/m2");
    String unit = fields.text("unit", "1");
    Matcher stepped = STEP_AND_UNIT.matcher(Words.shown(unit));
    if (unit.equals("C") || (stepped.matches() && stepped.group(2).equals("C"))) {
      problems.warning(fields.valueAt("unit"), "C is coulomb; degrees Celsius are Cel");
    }
    if (Ucum.isUnit(unit)) {
      return new Unit(BigDecimal.ONE, unit);
    }
    if (stepped.matches() && Ucum.isUnit(stepped.group(2))) {
      BigDecimal step = new BigDecimal(stepped.group(1));
      if (step.signum() > 0) {
        return new Unit(step, stepped.group(2));
      }
    }
    String instead = Ucum.instead(unit);
    problems.error(
        fields.valueAt("unit"),
        "'"
            + Words.shown(unit)
            + "' is no UCUM unit"
            + (instead == null
                ? ", such as W/m2 Cel m/s kOhm %; without a unit it is 1"
                : "; did you mean '" + instead + "'?"));
    return new Unit(BigDecimal.ONE, "1");
  }

  private static long limit(Fields fields, String key, Form form, long otherwise) {
    BigDecimal limit = fields.decimal(key, "-1000000000000", "1000000000000");
    try {
      return limit == null ? otherwise : form.held(limit);
    } catch (ArithmeticException beyondAll) {
      return otherwise;
    }
  }

  private SortedMap<Long, String> texts(Fields fields) {
    SortedMap<Long, String> texts = new TreeMap<>();
    for (Entry entry : fields.entries("text")) {
      Long raw = Words.whole(entry.key().text());
      if (raw == null) {
        problems.error(entry.key(), "a text has a whole number, such as 0: stop");
      } else if (!(entry.value() instanceof Yaml.Text text)
          || !text.text().matches("[a-z0-9_]{1,64}")) {
        problems.error(entry.value(), "a text is a word of small letters, digits and _");
      } else {
        texts.put(raw, text.text());
      }
    }
    int length = texts.values().stream().mapToInt(text -> text.length() + 8).sum();
    if (texts.isEmpty() || length > LONGEST_TEXTS) {
      problems.error(
          fields.at("text"),
          texts.isEmpty() ? "text has no word" : "these words are too many for one point");
    }
    return texts;
  }

  private Map<Integer, Caption> bits(Fields fields, Coding coding) {
    Map<Integer, Caption> bits = new LinkedHashMap<>();
    int width =
        coding.type() == DeviceProfile.Type.BIT
            ? 1
            : Math.min(16 * Math.max(1, coding.words()), Long.SIZE);
    // What names a value of M-Bus has no registers.
    if (coding.words() > 1 && !fields.isWritten("type") && !fields.isWritten("value")) {
      problems.warning(
          fields.at("bits"),
          "takes its type from defaults, %d registers, of which bit 0 is the lowest: for one register"
                  .formatted(coding.words())
              + " write type: uint16");
    }
    for (Entry entry : fields.entries("bits")) {
      Long bit = Words.whole(entry.key().text());
      if (bit == null || bit < 0 || bit >= width) {
        problems.error(
            entry.key(),
            "a bit of this value is 0 to " + (width - 1) + ", not " + entry.key().kind());
        continue;
      }
      Caption label = Labels.read(entry.value(), problems);
      if (label != null) {
        bits.put(bit.intValue(), label);
      }
    }
    if (bits.isEmpty()) {
      problems.error(fields.at("bits"), "bits has no bit: 3: {zh: 风机故障, en: fan}");
    }
    return bits;
  }
}
