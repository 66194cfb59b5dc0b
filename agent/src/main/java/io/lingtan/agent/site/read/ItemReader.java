package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.read.CodingReader.Coding;
import io.lingtan.agent.site.read.ScaleReader.Scale;
import io.lingtan.agent.site.reply.InReply;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a {@link RegisterPoint} of a data item's keys: what a DL/T 645 or CJ/T 188 meter has. */
final class ItemReader implements OwnReader.PointReader {

  /** Keys that only a data item has. */
  static final List<String> KEYS = List.of("item", "bytes", "at", "item_bytes");

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
          "offset");

  private static final Map<String, DeviceProfile.Type> TYPES =
      Map.of(
          "digits", DeviceProfile.Type.DIGITS,
          "signed_digits", DeviceProfile.Type.SIGNED_DIGITS,
          "demand", DeviceProfile.Type.DEMAND,
          "string", DeviceProfile.Type.STRING);

  /** Those of CJ/T 188, whose items have several values, most of them with their unit. */
  private static final Map<String, DeviceProfile.Type> TYPES_OF_GROUPS =
      Map.of(
          "digits", DeviceProfile.Type.DIGITS,
          "digits_unit", DeviceProfile.Type.DIGITS_UNIT,
          "unit_digits", DeviceProfile.Type.UNIT_DIGITS,
          "word", DeviceProfile.Type.WORD);

  private static final int MOST_BYTES = 196;

  /** Digits that a value can be worked out from in 64 bits. */
  private static final int MOST_DIGIT_BYTES = 8;

  private static final int MOST_WORD_BYTES = 4;

  private static final Duration LONGEST_UPDATE = Duration.ofHours(1);
  private static final Duration USUAL_UPDATE = Duration.ofSeconds(1);

  private final ScaleReader scales;
  private final Duration update;
  private final boolean groups;
  private final int usualItem;
  private final int usualOf;
  private final Problems problems;

  /**
   * @param defaults what holds for items that do not say otherwise
   * @param groups whether an item has several values, as those of CJ/T 188
   */
  ItemReader(Fields defaults, boolean groups, Problems problems) {
    this.scales = new ScaleReader(defaults, problems);
    this.update = defaults.duration("update", Duration.ZERO, LONGEST_UPDATE, USUAL_UPDATE);
    this.groups = groups;
    this.usualItem = defaults.whole("item", 0, mostItem(groups), -1);
    this.usualOf = defaults.whole("item_bytes", 1, MOST_BYTES, -1);
    this.problems = problems;
  }

  private static int mostItem(boolean groups) {
    return groups ? 0xFFFF : Integer.MAX_VALUE;
  }

  @Override
  public @Nullable RegisterPoint read(Fields fields, @Nullable Point point) {
    int before = problems.errors();
    refuse(fields, "bits");
    Coding coding = coding(fields);
    if (point != null
        && (coding.type() == DeviceProfile.Type.STRING || point.quantity() == Quantity.STATE)) {
      problems.error(fields.valueAt("type"), point.name() + " is no number of digits");
    }
    Scale scale = point == null ? Scale.PLAIN : scales.read(fields, point, coding);
    RegisterPoint read = register(fields, point, coding, scale);
    return problems.errors() > before ? null : read;
  }

  @Override
  public @Nullable RegisterPoint readOwn(Fields fields, OwnReader own, String name) {
    int before = problems.errors();
    Coding coding = coding(fields);
    OwnReader.Own read = own.read(fields, name, coding);
    RegisterPoint register =
        read == null ? null : register(fields, read.point(), coding, read.scale());
    return problems.errors() > before ? null : register;
  }

  private void refuse(Fields fields, String key) {
    if (fields.allows(key) && fields.isWritten(key)) {
      problems.error(fields.at(key), key + " is for registers; a data item has no such thing");
    }
  }

  private Coding coding(Fields fields) {
    for (String key : RecordPointReader.KEYS) {
      if (fields.isWritten(key)) {
        problems.error(fields.at(key), key + " is for protocol mbus, where records are told");
      }
    }
    OF_REGISTERS.forEach(key -> refuse(fields, key));
    if (usualItem < 0) {
      fields.require(
          "item",
          groups
              ? "the data identifier, DI0 and DI1, such as 0x901F"
              : "the data identifier, DI3 to DI0, such as 0x00010000");
    }
    DeviceProfile.Type type =
        fields.choice("type", groups ? TYPES_OF_GROUPS : TYPES, DeviceProfile.Type.DIGITS);
    return new Coding(type, bytes(fields, type), WordOrder.LITTLE, 0, 0, List.of(), Map.of());
  }

  private RegisterPoint register(Fields fields, @Nullable Point point, Coding coding, Scale scale) {
    return new RegisterPoint(
        point,
        RegisterPoint.ITEM,
        fields.whole("item", 0, mostItem(groups), Math.max(0, usualItem)),
        coding.type(),
        coding.words(),
        WordOrder.LITTLE,
        scale.factor(),
        -1,
        scale.ratio(),
        List.of(),
        coding.type().hasUnit() ? null : scale.modulus(),
        fields.duration("update", Duration.ZERO, LONGEST_UPDATE, update),
        scale.least(),
        scale.greatest(),
        Map.of(),
        BigDecimal.ZERO,
        0,
        0,
        scale.mostPerHour(),
        groups ? place(fields, coding.words()) : null);
  }

  private InReply place(Fields fields, int bytes) {
    fields.require("at", "the value's first byte in the item, from 0");
    if (usualOf < 0) {
      fields.require("item_bytes", "how many bytes the item has in all; or in defaults");
    }
    int of = fields.whole("item_bytes", 1, MOST_BYTES, Math.max(1, usualOf));
    int at = fields.whole("at", 0, MOST_BYTES - 1, 0);
    if (at + bytes > of) {
      problems.error(
          fields.valueAt("at"),
          "bytes %d to %d are beyond the item, which has %d".formatted(at, at + bytes - 1, of));
    }
    return new InReply.Part(at, of);
  }

  private int bytes(Fields fields, DeviceProfile.Type type) {
    if (type == DeviceProfile.Type.DEMAND) {
      if (fields.isWritten("bytes")) {
        problems.error(fields.at("bytes"), "a demand has 3 bytes of digits and 5 of time");
      }
      return type.words();
    }
    fields.require("bytes", "how many bytes the value has");
    int most =
        switch (type) {
          case STRING -> MOST_BYTES;
          case WORD -> MOST_WORD_BYTES;
          default -> MOST_DIGIT_BYTES;
        };
    return fields.whole("bytes", type.hasUnit() ? 2 : 1, most, 1);
  }
}
