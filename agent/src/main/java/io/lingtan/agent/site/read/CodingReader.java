package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.Yaml.Entry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads how a value lies in its registers: type, order, bits, and what is no value at all. */
final class CodingReader {

  private static final Map<String, DeviceProfile.Type> TYPES =
      Stream.of(DeviceProfile.Type.values())
          .filter(type -> !type.isItem())
          .collect(Collectors.toMap(CodingReader::word, type -> type));
  private static final Map<String, WordOrder> ORDERS =
      Map.of(
          "big", WordOrder.BIG,
          "little", WordOrder.LITTLE,
          "ABCD", WordOrder.BIG,
          "CDAB", WordOrder.LITTLE,
          "BADC", WordOrder.BIG_SWAPPED,
          "DCBA", WordOrder.LITTLE_SWAPPED);
  private static final Point STATE = Point.of(Quantity.STATE);
  private static final int MOST_NUMBER_WORDS = 4;
  private static final int MOST_BITS = 63;

  private final Problems problems;
  private final DeviceProfile.@Nullable Type type;
  private final WordOrder order;

  /**
   * How one value is coded.
   *
   * @param words registers that it takes; 0 if that could not be told
   */
  record Coding(
      DeviceProfile.Type type,
      int words,
      WordOrder order,
      int bit,
      int bits,
      List<Long> sentinels,
      Map<Long, String> texts) {}

  CodingReader(Fields defaults, Problems problems) {
    this.problems = problems;
    type = defaults.<DeviceProfile.@Nullable Type>choice("type", TYPES, null);
    order = defaults.choice("word_order", ORDERS, WordOrder.BIG);
  }

  private static String word(DeviceProfile.Type type) {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /**
   * How a value is coded.
   *
   * @param function that reads it, 1..4
   * @param point that it becomes, null for what names a device
   */
  Coding read(Fields fields, int function, @Nullable Point point) {
    DeviceProfile.Type type = type(fields, function);
    if (point != null) {
      checkType(fields, point.quantity(), type);
    }
    int words = words(fields, type);
    int bit = 0;
    int bits = 0;
    boolean register = function > 2;
    if (register && (type == DeviceProfile.Type.BIT || type == DeviceProfile.Type.BITS)) {
      fields.require("bit", "the lowest bit, 0 being the least significant");
      bit = fields.whole("bit", 0, 16 * Math.max(1, words) - 1, 0);
    } else {
      refuse(fields, "bit", "is for types bit and bits of registers");
    }
    if (register && type == DeviceProfile.Type.BITS) {
      fields.require("bits", "how many bits the number has");
      bits = fields.whole("bits", 1, Math.min(MOST_BITS, 16 * Math.max(1, words) - bit), 1);
    } else if (!(fields.value("bits") instanceof Yaml.Table && fields.allows("text"))) {
      refuse(
          fields,
          "bits",
          fields.value("bits") instanceof Yaml.Table
              ? "is for type bits; a word of alarms, with what each bit means, belongs under own"
              : "is for type bits");
    }
    return new Coding(
        type,
        words,
        fields.choice("word_order", ORDERS, order),
        bit,
        bits,
        sentinels(fields, type, words, bits),
        texts(fields, type, point));
  }

  private void refuse(Fields fields, String key, String why) {
    if (fields.isWritten(key)) {
      problems.error(fields.at(key), key + " " + why);
    }
  }

  private DeviceProfile.Type type(Fields fields, int function) {
    DeviceProfile.Type otherwise = type;
    if (function <= 2) {
      DeviceProfile.Type written = fields.choice("type", TYPES, DeviceProfile.Type.BIT);
      if (written != DeviceProfile.Type.BIT) {
        problems.error(
            fields.valueAt("type"), "function " + function + " reads single bits: type is bit");
      }
      return DeviceProfile.Type.BIT;
    }
    if (otherwise == null && !fields.require("type", "how the value is coded; or in defaults")) {
      return DeviceProfile.Type.UINT16;
    }
    return fields.choice("type", TYPES, otherwise == null ? DeviceProfile.Type.UINT16 : otherwise);
  }

  private int words(Fields fields, DeviceProfile.Type type) {
    return switch (type) {
      case STRING -> {
        fields.require("words", "how many registers the text takes");
        yield fields.whole("words", 1, 125, 1);
      }
      case BCD -> {
        fields.require("words", "how many registers the digits take, four in each");
        yield fields.whole("words", 1, MOST_NUMBER_WORDS, 1);
      }
      case BITS -> fields.whole("words", 1, MOST_NUMBER_WORDS, 1);
      default -> {
        if (fields.whole("words", 1, 125, type.words()) != type.words()) {
          problems.error(
              fields.valueAt("words"),
              word(type)
                  + " takes "
                  + type.words()
                  + (type.words() == 1 ? " register" : " registers")
                  + "; words is for string, bcd and bits");
        }
        yield type.words();
      }
    };
  }

  private void checkType(Fields fields, Quantity quantity, DeviceProfile.Type type) {
    boolean fits =
        switch (type) {
          case STRING -> false;
          case ENUM16, ENUM32, BIT -> quantity == Quantity.STATE;
          case BITS -> true;
          default -> quantity != Quantity.STATE;
        };
    if (!fits) {
      problems.error(
          fields.valueAt("type"),
          quantity == Quantity.STATE
              ? "state has type enum16, enum32, bit or bits"
              : quantity.key() + " is a number, not " + word(type));
    }
  }

  private List<Long> sentinels(Fields fields, DeviceProfile.Type type, int words, int bits) {
    List<Long> sentinels = new ArrayList<>();
    int width =
        switch (type) {
          case STRING -> 0;
          case BIT -> 1;
          case BITS -> bits;
          default -> 16 * words;
        };
    for (Yaml.Text word : fields.words("sentinels")) {
      Long raw = raw(word.text());
      if (raw == null || width == 0 || !fits(raw, width)) {
        problems.error(word, word.kind() + " is no raw value of " + width + " bits");
      } else {
        sentinels.add(asTypeReads(raw, type, width));
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

  /** 0x8000 of an int16 is -32768, of a uint16 32768; of float and bcd it is the bit pattern. */
  private static long asTypeReads(long raw, DeviceProfile.Type type, int bits) {
    if (bits == 64) {
      return raw;
    }
    boolean signed = type == DeviceProfile.Type.INT16 || type == DeviceProfile.Type.INT32;
    return signed ? raw << (64 - bits) >> (64 - bits) : raw & ((1L << bits) - 1);
  }

  private Map<Long, String> texts(Fields fields, DeviceProfile.Type type, @Nullable Point point) {
    Map<Long, String> texts = new LinkedHashMap<>();
    if (!fields.allows("texts")) {
      return texts;
    }
    long most =
        switch (type) {
          case BIT -> 1;
          case ENUM32 -> 0xFFFF_FFFFL;
          default -> 0xFFFF;
        };
    boolean named =
        switch (type) {
          case ENUM16, ENUM32, BIT, BITS -> true;
          default -> false;
        };
    if (fields.isWritten("texts") && !named) {
      problems.error(fields.at("texts"), "only types enum16, enum32, bit and bits have texts");
    }
    if (fields.isWritten("texts") && named && point != null && !point.equals(STATE)) {
      problems.error(
          fields.at("texts"),
          "only the point state has texts, which tells what the whole device does; "
              + point.name()
              + " is told by its number");
    }
    for (Entry entry : fields.entries("texts")) {
      Long raw = Words.whole(entry.key().text());
      if (raw == null || raw < 0 || raw > most) {
        problems.error(entry.key(), "the number of a text is from 0 to " + most);
      } else if (!(entry.value() instanceof Yaml.Text text) || !text.text().matches("[a-z0-9_]+")) {
        problems.error(entry.value(), "a state is a word of small letters, digits and _");
      } else {
        texts.put(raw, text.text());
      }
    }
    return texts;
  }
}
