package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.read.CodingReader.Coding;
import io.lingtan.agent.site.read.ScaleReader.Scale;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RegisterPoint} of a data item's keys: what a DL/T 645 meter has. */
final class ItemReader {

  /** Keys that only a data item has. */
  static final List<String> KEYS = List.of("item", "bytes");

  /** Keys that only a register has. */
  private static final List<String> OF_REGISTERS =
      List.of(
          "address",
          "function",
          "base",
          "words",
          "word_order",
          "scale_from",
          "sentinels",
          "modulus",
          "texts",
          "bit",
          "bits",
          "offset");

  private static final Map<String, DeviceProfile.Type> TYPES =
      Map.of(
          "digits", DeviceProfile.Type.DIGITS,
          "signed_digits", DeviceProfile.Type.SIGNED_DIGITS,
          "demand", DeviceProfile.Type.DEMAND,
          "string", DeviceProfile.Type.STRING);

  private static final int MOST_BYTES = 196;

  /** Digits that a value can be worked out from in 64 bits. */
  private static final int MOST_DIGIT_BYTES = 8;

  private static final Duration LONGEST_UPDATE = Duration.ofHours(1);
  private static final Duration USUAL_UPDATE = Duration.ofSeconds(1);

  private final ScaleReader scales;
  private final Duration update;
  private final Problems problems;

  /**
   * @param defaults what holds for items that do not say otherwise
   */
  ItemReader(Fields defaults, Problems problems) {
    this.scales = new ScaleReader(defaults, problems);
    this.update = defaults.duration("update", Duration.ZERO, LONGEST_UPDATE, USUAL_UPDATE);
    this.problems = problems;
  }

  /**
   * A data item.
   *
   * @param point what it becomes; null if it names the device
   * @return null if a problem was told
   */
  @Nullable RegisterPoint read(Fields fields, @Nullable Point point) {
    int before = problems.errors();
    for (String key : OF_REGISTERS) {
      if (fields.isWritten(key)) {
        problems.error(fields.at(key), key + " is for registers; a data item has no such thing");
      }
    }
    fields.require("item", "the data identifier, DI3 to DI0, such as 0x00010000");
    int item = fields.whole("item", 0, Integer.MAX_VALUE, 0);
    DeviceProfile.Type type = fields.choice("type", TYPES, DeviceProfile.Type.DIGITS);
    int bytes = bytes(fields, type);
    if (point != null
        && (type == DeviceProfile.Type.STRING || point.quantity() == Quantity.STATE)) {
      problems.error(fields.valueAt("type"), point.name() + " is no number of digits");
    }
    Coding coding = new Coding(type, bytes, WordOrder.LITTLE, 0, 0, List.of(), Map.of());
    Scale scale = point == null ? Scale.PLAIN : scales.read(fields, point, coding);
    RegisterPoint read =
        new RegisterPoint(
            point,
            RegisterPoint.ITEM,
            item,
            type,
            bytes,
            WordOrder.LITTLE,
            scale.factor(),
            -1,
            scale.ratio(),
            List.of(),
            scale.modulus(),
            fields.duration("update", Duration.ZERO, LONGEST_UPDATE, update),
            scale.least(),
            scale.greatest(),
            Map.of(),
            BigDecimal.ZERO,
            0,
            0,
            scale.mostPerHour());
    return problems.errors() > before ? null : read;
  }

  private int bytes(Fields fields, DeviceProfile.Type type) {
    if (type == DeviceProfile.Type.DEMAND) {
      if (fields.isWritten("bytes")) {
        problems.error(fields.at("bytes"), "a demand has 3 bytes of digits and 5 of time");
      }
      return type.words();
    }
    fields.require("bytes", "how many bytes the value has");
    return fields.whole(
        "bytes", 1, type == DeviceProfile.Type.STRING ? MOST_BYTES : MOST_DIGIT_BYTES, 1);
  }
}
