package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.SenmlValue.Decimal;
import io.lingtan.agent.acquire.coap.SenmlValue.NoNumber;
import io.lingtan.agent.acquire.coap.SenmlValue.Opaque;
import io.lingtan.agent.acquire.coap.SenmlValue.Text;
import io.lingtan.agent.acquire.coap.SenmlValue.Truth;
import io.lingtan.agent.reading.Reason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Resolves the records of a SenML pack as they are read (RFC 8428, section 4). Base fields hold
 * from their record on. Of one name, time never goes back: a pack in which it does is refused, as
 * nobody can say which value is the last.
 */
final class SenmlPack {

  /** A gateway's node with more values at once is not what this is for. */
  static final int MOST_RECORDS = 1024;

  private static final int LONGEST_NAME = 256;

  /** RFC 8428, section 4.5.1. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9:./_-]*");

  /** What this understands: RFC 8428 (section 4.4). */
  private static final int VERSION = 10;

  /** The same with secondary units (RFC 9100, feature 4). */
  private static final int VERSION_WITH_SECONDARY_UNITS = 26;

  private final List<SenmlRecord> records = new ArrayList<>();
  private final Map<String, BigDecimal> times = new HashMap<>();
  private String baseName = "";
  private String baseUnit = "";
  private @Nullable Decimal baseTime;
  private @Nullable SenmlValue baseValue;
  private @Nullable SenmlValue baseSum;
  private int read;

  private @Nullable String name;
  private @Nullable String unit;
  private @Nullable SenmlValue value;
  private @Nullable SenmlValue sum;
  private @Nullable Decimal time;
  private final Set<Label> seen = EnumSet.noneOf(Label.class);
  private boolean hasOwn;

  /** The labels of a record: their JSON name, and their number in CBOR (RFC 8428, table 4). */
  enum Label {
    BVER(-1),
    BN(-2),
    BT(-3),
    BU(-4),
    BV(-5),
    BS(-6),
    N(0),
    U(1),
    V(2),
    VS(3),
    VB(4),
    S(5),
    T(6),
    UT(7),
    VD(8);

    private static final Label[] ALL = values();
    private final int number;
    private final String key = name().toLowerCase(Locale.ROOT);

    Label(int number) {
      this.number = number;
    }

    /** The label of this name; null if it may be skipped. */
    static @Nullable Label of(String name) throws MalformedPayload {
      for (Label label : ALL) {
        if (label.key.equals(name)) {
          return label;
        }
      }
      if (name.endsWith("_")) {
        throw new MalformedPayload(
            Reason.CONFIG,
            "the pack has '"
                + shortened(name)
                + "', which nobody may pass over who does not know it, and this agent does not");
      }
      return null;
    }

    /** The label of this number; null if it may be skipped. */
    static @Nullable Label of(long number) {
      for (Label label : ALL) {
        if (label.number == number) {
          return label;
        }
      }
      return null;
    }
  }

  /** Begins the next record. */
  void begin() throws MalformedPayload {
    if (++read > MOST_RECORDS) {
      throw new MalformedPayload("more than " + MOST_RECORDS + " records in one pack");
    }
    name = null;
    unit = null;
    value = null;
    sum = null;
    time = null;
    seen.clear();
    hasOwn = false;
  }

  /** Takes one field of the record. */
  void field(Label label, SenmlValue given) throws MalformedPayload {
    if (!seen.add(label)) {
      throw new MalformedPayload("record " + read + " has " + shown(label) + " twice");
    }
    switch (label) {
      case BVER -> version(given);
      case BN -> baseName = text(label, given);
      case BT -> baseTime = number(label, given);
      case BU -> baseUnit = text(label, given);
      case BV -> baseValue = numeric(label, given);
      case BS -> baseSum = numeric(label, given);
      case N -> name = text(label, given);
      case U -> unit = text(label, given);
      case V -> value(numeric(label, given));
      case VS -> value(new Text(text(label, given)));
      case VB -> {
        if (!(given instanceof Truth)) {
          throw wrong(label, "true or false");
        }
        value(given);
      }
      case VD -> value(new Opaque());
      case S -> sum = numeric(label, given);
      case T -> time = number(label, given);
      case UT -> number(label, given);
    }
    hasOwn |= label.number >= 0;
  }

  private void value(SenmlValue given) throws MalformedPayload {
    if (value != null) {
      throw new MalformedPayload("record " + read + " has more than one value");
    }
    value = given;
  }

  private void version(SenmlValue given) throws MalformedPayload {
    BigDecimal version = number(Label.BVER, given).exact();
    boolean known =
        version.compareTo(BigDecimal.valueOf(VERSION)) <= 0
            || version.compareTo(BigDecimal.valueOf(VERSION_WITH_SECONDARY_UNITS)) == 0;
    if (!known) {
      throw new MalformedPayload(
          Reason.CONFIG, "SenML version " + version.toPlainString() + " is not known here");
    }
  }

  private String text(Label label, SenmlValue given) throws MalformedPayload {
    if (given instanceof Text(var text)) {
      return text;
    }
    throw wrong(label, "a text");
  }

  private SenmlValue numeric(Label label, SenmlValue given) throws MalformedPayload {
    if (given instanceof Decimal || given instanceof NoNumber) {
      return given;
    }
    throw wrong(label, "a number");
  }

  private Decimal number(Label label, SenmlValue given) throws MalformedPayload {
    if (given instanceof Decimal number) {
      return number;
    }
    throw wrong(label, "a number that can be");
  }

  private MalformedPayload wrong(Label label, String what) {
    return new MalformedPayload("record " + read + ": " + shown(label) + " is not " + what);
  }

  private static String shown(Label label) {
    return label.key;
  }

  /** Ends the record. */
  void end() throws MalformedPayload {
    if (value == null && sum == null) {
      if (hasOwn) {
        throw new MalformedPayload("record " + read + " has neither a value nor a sum");
      }
      return; // only sets the base for those that follow
    }
    String whole = baseName + (name == null ? "" : name);
    if (whole.length() > LONGEST_NAME || !NAME.matcher(whole).matches()) {
      throw new MalformedPayload("'" + shortened(whole) + "' is no SenML name");
    }
    BigDecimal when = when();
    BigDecimal order = when == null ? BigDecimal.ZERO : when;
    BigDecimal before = times.put(whole, order);
    if (before != null && order.compareTo(before) < 0) {
      throw new MalformedPayload("the time of " + shortened(whole) + " goes back within the pack");
    }
    SenmlValue own = value;
    SenmlValue base = baseValue;
    if (base != null && (own instanceof Decimal || own instanceof NoNumber)) {
      own = own.plus(base);
    }
    SenmlValue total = sum;
    SenmlValue sums = baseSum;
    if (total != null && sums != null) {
      total = total.plus(sums);
    }
    records.add(new SenmlRecord(whole, unit == null ? baseUnit : unit, own, total, when));
  }

  private @Nullable BigDecimal when() {
    Decimal base = baseTime;
    Decimal own = time;
    if (base == null || own == null) {
      return base != null ? base.exact() : own != null ? own.exact() : null;
    }
    return base.exact().add(own.exact());
  }

  /** What the pack says, in the order in which it says it. */
  List<SenmlRecord> records() {
    return records;
  }

  static String shortened(String text) {
    String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return shown.replaceAll("[^ -~]", "?");
  }
}
