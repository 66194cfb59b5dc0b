package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.GpioInput.Bias;
import io.lingtan.agent.site.GpioInput.Pin;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a device of a GPIO line says of its input. */
final class GpioInputReader {

  /** Keys that only devices of a GPIO line have. */
  static final List<String> KEYS =
      List.of(
          "offset", "per_pulse", "point", "debounce", "bias", "active_low", "active", "inactive");

  /** Keys of other devices. */
  static final List<String> NOT_FOR_GPIO =
      List.of(
          "unit",
          "address",
          "path",
          "deadband",
          "max_interval",
          "groups",
          "framing",
          "observe",
          "format",
          "pointer",
          "value_unit");

  private static final List<String> OF_PULSES = List.of("per_pulse", "point", "ct", "pt");
  private static final List<String> OF_LEVELS = List.of("active", "inactive");

  private static final Map<String, Bias> BIASES =
      Map.of(
          "as-is", Bias.AS_IS,
          "pull-up", Bias.PULL_UP,
          "pull-down", Bias.PULL_DOWN,
          "none", Bias.NONE);

  private static final Duration USUAL_DEBOUNCE = Duration.ofMillis(20);
  private static final Duration MOST_DEBOUNCE = Duration.ofSeconds(10);

  /** Shortest pulse and shortest pause of an S0 output (IEC 62053-31, 4.1.3.3). */
  private static final Duration S0_SHORTEST = Duration.ofMillis(30);

  private final Fields fields;
  private final Problems problems;

  GpioInputReader(Fields fields, Problems problems) {
    this.fields = fields;
    this.problems = problems;
  }

  /**
   * The input, null if there is none to speak of.
   *
   * @param profile null if it is not known
   * @param offsets those taken on this line, with their places
   */
  @Nullable GpioInput read(@Nullable DeviceProfile profile, Map<Integer, Yaml> offsets) {
    fields.require("offset", "number of the line within its chip; on a Raspberry Pi the GPIO's");
    int offset = fields.whole("offset", 0, 1023, 0);
    Yaml first =
        fields.has("offset") ? offsets.putIfAbsent(offset, fields.valueAt("offset")) : null;
    if (first != null) {
      problems.error(
          fields.valueAt("offset"),
          "offset " + offset + " is taken on this line by the device in line " + first.line());
    }
    Pin pin =
        new Pin(
            offset,
            fields.choice("bias", BIASES, Bias.AS_IS),
            fields.flag("active_low", false),
            fields.duration("debounce", Duration.ZERO, MOST_DEBOUNCE, USUAL_DEBOUNCE));
    if (profile == null) {
      return null;
    }
    return switch (profile.protocol()) {
      case PULSES -> pulses(pin, profile);
      case LEVEL -> level(pin, profile);
      case MODBUS, SUNSPEC, DLT645, CJT188, MBUS, SENML -> {
        problems.error(
            fields.valueAt("profile"),
            "profile "
                + profile.name()
                + " is not for an input of a GPIO chip: s0 counts pulses, contact tells a level");
        yield null;
      }
    };
  }

  private GpioInput pulses(Pin pin, DeviceProfile profile) {
    refuse(OF_LEVELS, profile);
    if (profile.name().equals("s0") && pin.debounce().compareTo(S0_SHORTEST) >= 0) {
      problems.error(
          fields.valueAt("debounce"),
          "an S0 pulse may be as short as 30 ms: debounce must be below, 10ms to 25ms");
    }
    Point point = point();
    BigDecimal perPulse = fields.decimal("per_pulse", "0.000000001", "1000000");
    if (point == null && fields.isWritten("per_pulse")) {
      fields.require("point", "what the pulses count, such as energy_import or volume");
    }
    if (point != null) {
      fields.require(
          "per_pulse",
          "what one pulse is worth in "
              + point.quantity().symbol()
              + (point.quantity().isRegister() ? "; 1600 imp/kWh is 0.000625" : ""));
    }
    return new GpioInput.Pulses(pin, perPulse == null ? BigDecimal.ONE : perPulse, point);
  }

  private @Nullable Point point() {
    String name = fields.text("point");
    if (name == null) {
      return null;
    }
    Point point = Point.find(name);
    List<String> countable =
        Point.all().stream().filter(GpioInputReader::isCounted).map(Point::name).toList();
    if (point == null || !isCounted(point)) {
      problems.error(
          fields.valueAt("point"),
          "pulses cannot count '" + name + "'" + Words.instead(name, countable));
      return null;
    }
    return point;
  }

  /** Only the whole of a quantity: a phase or tariff has no output of its own. */
  private static boolean isCounted(Point point) {
    Quantity quantity = point.quantity();
    if (!point.name().equals(quantity.key())) {
      return false;
    }
    return quantity.isRegister()
        || quantity == Quantity.VOLUME
        || quantity == Quantity.MASS
        || quantity == Quantity.DISTANCE;
  }

  private GpioInput level(Pin pin, DeviceProfile profile) {
    refuse(OF_PULSES, profile);
    String active = fields.text("active", "active");
    String inactive = fields.text("inactive", "inactive");
    if (active.equals(inactive)) {
      problems.error(fields.at("active"), "active and inactive are two states and need two words");
    }
    return new GpioInput.Level(pin, active, inactive);
  }

  private void refuse(List<String> keys, DeviceProfile profile) {
    for (String key : keys) {
      if (fields.isWritten(key)) {
        problems.error(
            fields.at(key), key + " does not belong to a device of profile " + profile.name());
      }
    }
  }
}
