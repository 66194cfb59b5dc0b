package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.acquire.coap.SenmlValue.NoNumber;
import io.lingtan.agent.acquire.coap.SenmlValue.Opaque;
import io.lingtan.agent.acquire.coap.SenmlValue.Text;
import io.lingtan.agent.acquire.coap.SenmlValue.Truth;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.NamedPoint;
import io.lingtan.agent.site.SenmlUnits;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes values of a device's payloads. Of each point the newest value counts. A sample has one
 * instant: that of its energy register, or else of its newest value; what was measured at another
 * time is {@code stale} beside it and never stamped anew.
 */
public final class PayloadDecoder {

  /** Larger payloads are refused unread. */
  public static final int LONGEST_PAYLOAD = 64 * 1024;

  /** No content format was given. */
  public static final int UNKNOWN_FORMAT = -1;

  /** A content format: see the IANA registry "CoAP Content-Formats". */
  public static final int TEXT_PLAIN = 0;

  /** A content format: see the IANA registry "CoAP Content-Formats". */
  public static final int JSON = 50;

  private static final int CBOR = 60;

  /** A content format: see the IANA registry "CoAP Content-Formats". */
  public static final int SENML_JSON = 110;

  private static final int SENSML_JSON = 111;

  /** A content format: see the IANA registry "CoAP Content-Formats". */
  public static final int SENML_CBOR = 112;

  private static final int SENSML_CBOR = 113;

  /** RFC 8428, section 4.5.3: smaller times count from now. */
  private static final BigDecimal FIRST_ABSOLUTE = BigDecimal.valueOf(1L << 28);

  private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** Two clocks differ by so much without anybody being wrong. */
  private static final long CLOCKS_DIFFER_NANOS = 5 * SECOND_NANOS;

  private static final long LEAST_FRESH_NANOS = 60 * SECOND_NANOS;
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][-+]?[0-9]{1,3})?");
  private static final Pattern STATE = Pattern.compile("[a-z0-9_]{1,32}");

  private final String profile;
  private final CoapResource resource;
  private final Map<String, NamedPoint> values = new HashMap<>();
  private final Map<String, NamedPoint> sums = new HashMap<>();
  private final Map<String, NamedPoint> pointers = new HashMap<>();
  private final @Nullable NamedPoint only;
  private final SenderClock senderClock = new SenderClock();
  private final long everyNanos;
  private final long freshNanos;

  /** One value of a payload that is a point of the device. */
  private record Found(NamedPoint named, String name, String unit, SenmlValue value, long age) {}

  /**
   * @param device one whose values are on a CoAP line
   */
  public PayloadDecoder(Device device) {
    CoapResource where = device.coap();
    if (where == null) {
      throw new IllegalArgumentException("device " + device.id() + " is on no CoAP line");
    }
    this.resource = where;
    this.profile = device.profile().name();
    this.everyNanos = device.every().toNanos();
    this.freshNanos = Math.max(LEAST_FRESH_NANOS, 3 * everyNanos);
    NamedPoint one = null;
    for (NamedPoint named : device.profile().named()) {
      (named.sum() ? sums : values).put(named.name(), named);
      if (named.point().equals(where.point())) {
        one = withUnit(named, where.valueUnit());
      }
      if (named.pointer() != null) {
        pointers.put(named.pointer(), named);
      }
    }
    if (where.pointer() != null && one != null) {
      pointers.clear();
      pointers.put(where.pointer(), one);
    }
    this.only = one;
  }

  private static NamedPoint withUnit(NamedPoint named, @Nullable String unit) {
    return unit == null
        ? named
        : new NamedPoint(
            named.point(),
            named.name(),
            named.pointer(),
            unit,
            false,
            named.reverse(),
            named.least(),
            named.greatest());
  }

  /**
   * What a payload says. Never throws for what stands in it.
   *
   * @param contentFormat as in the CoAP option, or {@link #UNKNOWN_FORMAT}
   * @param now its arrival
   * @param wall how to understand times that it gives by the calendar; where it is not trusted they
   *     only tell what was measured before what
   */
  public Decoded decode(byte[] payload, int contentFormat, long now, Time.Wall wall) {
    if (payload.length > LONGEST_PAYLOAD) {
      return new Decoded.Refused(
          Reason.CRC,
          "%d bytes at once; at most %d are read".formatted(payload.length, LONGEST_PAYLOAD));
    }
    try {
      return content(found(payload, contentFormat, now, wall), now);
    } catch (MalformedPayload e) {
      return new Decoded.Refused(e.reason(), String.valueOf(e.getMessage()));
    }
  }

  private List<Found> found(byte[] payload, int contentFormat, long now, Time.Wall wall)
      throws MalformedPayload {
    return switch (format(payload, contentFormat)) {
      case SENML_JSON -> senml(SenmlJson.read(payload), now, wall);
      case SENML_CBOR -> senml(SenmlCbor.read(payload), now, wall);
      case JSON -> json(payload);
      case TEXT -> List.of(text(payload));
      case AUTO -> throw new IllegalStateException("a format has been chosen");
    };
  }

  private Format format(byte[] payload, int contentFormat) throws MalformedPayload {
    if (resource.format() != Format.AUTO) {
      return resource.format();
    }
    return switch (contentFormat) {
      case SENML_JSON, SENSML_JSON -> Format.SENML_JSON;
      case SENML_CBOR, SENSML_CBOR, CBOR -> Format.SENML_CBOR;
      case JSON -> pointers.isEmpty() ? Format.SENML_JSON : Format.JSON;
      case TEXT_PLAIN, UNKNOWN_FORMAT -> guessed(payload);
      default ->
          throw new MalformedPayload(
              Reason.CONFIG,
              "content format "
                  + contentFormat
                  + " is not read here; SenML is 110 (JSON) or 112 (CBOR); format: in the site file"
                  + " says what it is instead");
    };
  }

  /** Senders often leave out what it is. */
  private Format guessed(byte[] payload) {
    int first = payload.length == 0 ? ' ' : payload[0] & 0xFF;
    if (first == '[') {
      return Format.SENML_JSON;
    }
    if (first >= 0x80 && first <= 0x9F) {
      return Format.SENML_CBOR;
    }
    return first == '{' && !pointers.isEmpty() ? Format.JSON : Format.TEXT;
  }

  // What there is.

  private List<Found> senml(List<SenmlRecord> records, long now, Time.Wall wall) {
    List<Found> found = new ArrayList<>();
    records.stream()
        .map(SenmlRecord::time)
        .filter(PayloadDecoder::isByTheCalendar)
        .max(Comparator.naturalOrder())
        .ifPresent(newest -> senderClock.heard(newest, now));
    for (SenmlRecord record : records) {
      add(found, values, record, record.value(), now, wall);
      add(found, sums, record, record.sum(), now, wall);
    }
    return found;
  }

  private void add(
      List<Found> found,
      Map<String, NamedPoint> names,
      SenmlRecord record,
      @Nullable SenmlValue value,
      long now,
      Time.Wall wall) {
    if (value == null) {
      return;
    }
    NamedPoint named = names.get(record.name());
    if (named == null) {
      named = names.get(lastPart(record.name()));
    }
    if (named != null) {
      found.add(
          new Found(named, record.name(), record.unit(), value, age(record.time(), now, wall)));
    }
  }

  private static String lastPart(String name) {
    int at =
        Math.max(name.lastIndexOf('/'), Math.max(name.lastIndexOf(':'), name.lastIndexOf('.')));
    return name.substring(at + 1);
  }

  /** How long ago it was measured; negative in the future. */
  private long age(@Nullable BigDecimal time, long now, Time.Wall wall) {
    if (time == null) {
      return 0;
    }
    if (!isByTheCalendar(time)) {
      return nanos(time.negate());
    }
    if (!wall.trusted()) {
      return senderClock.ageNanos(time, now);
    }
    BigDecimal known =
        BigDecimal.valueOf(wall.millisAt(new MonotonicInstant(now))).movePointLeft(3);
    return nanos(known.subtract(time));
  }

  private static boolean isByTheCalendar(@Nullable BigDecimal time) {
    return time != null && time.compareTo(FIRST_ABSOLUTE) >= 0;
  }

  private static long nanos(BigDecimal seconds) {
    BigDecimal nanos = seconds.multiply(NANOS);
    BigDecimal most = BigDecimal.valueOf(Long.MAX_VALUE / 4);
    return nanos.min(most).max(most.negate()).longValue();
  }

  private List<Found> json(byte[] payload) throws MalformedPayload {
    Map<String, SenmlValue> there = PlainJson.at(payload, Set.copyOf(pointers.keySet()));
    List<Found> found = new ArrayList<>();
    for (Map.Entry<String, NamedPoint> entry : pointers.entrySet()) {
      SenmlValue value = there.get(entry.getKey());
      if (value instanceof Text(var text) && NUMBER.matcher(text.strip()).matches()) {
        value = SenmlValue.number(text.strip());
      }
      found.add(
          new Found(entry.getValue(), entry.getKey(), "", value == null ? new Opaque() : value, 0));
    }
    return found;
  }

  private Found text(byte[] payload) throws MalformedPayload {
    NamedPoint named = only;
    if (named == null) {
      throw new MalformedPayload(
          Reason.CONFIG,
          "a plain text; point: in the site file says what its number is, format: that it is none");
    }
    String text = new String(payload, StandardCharsets.UTF_8).strip();
    boolean state = named.point().quantity() == Quantity.STATE;
    SenmlValue value;
    if (NUMBER.matcher(text).matches()) {
      value = SenmlValue.number(text);
    } else if (state) {
      value = new Text(text);
    } else if (text.equalsIgnoreCase("nan") || text.isEmpty()) {
      value = new NoNumber(true);
    } else {
      throw new MalformedPayload("'" + SenmlPack.shortened(text) + "' is no number");
    }
    return new Found(named, named.name(), "", value, 0);
  }

  // What it comes to.

  private Decoded content(List<Found> found, long now) throws MalformedPayload {
    Map<Point, Found> newest = new TreeMap<>();
    TreeMap<Point, Reason> bad = new TreeMap<>();
    for (Found each : found) {
      Found before = newest.put(each.named.point(), each);
      if (before != null && !before.name.equals(each.name)) {
        throw new MalformedPayload(
            Reason.CONFIG,
            "both %s and %s would be %s; a profile of your own can tell them apart"
                .formatted(before.name, each.name, each.named.point()));
      }
    }
    if (newest.isEmpty()) {
      throw new MalformedPayload(
          Reason.CONFIG, "nothing in it is called like a point of profile " + profile);
    }
    long age = stamp(newest.values());
    Values.Builder good = new Values.Builder();
    boolean counters = false;
    for (Found each : newest.values()) {
      Point point = each.named.point();
      Reason reason = wrongTime(each, age);
      if (reason == null) {
        reason = put(good, each);
      }
      if (reason == null) {
        counters |= point.quantity().isRegister();
      } else {
        bad.put(point, reason);
      }
    }
    return new Decoded.Content(now - age, counters, good.build(), bad);
  }

  /** Age of the reading as a whole. */
  private long stamp(Iterable<Found> newest) {
    long age = Long.MAX_VALUE;
    long counters = Long.MAX_VALUE;
    for (Found each : newest) {
      if (each.age >= -CLOCKS_DIFFER_NANOS && each.age <= freshNanos) {
        age = Math.min(age, each.age);
        if (each.named.point().quantity().isRegister()) {
          counters = Math.min(counters, each.age);
        }
      }
    }
    long chosen = counters != Long.MAX_VALUE ? counters : age;
    return chosen == Long.MAX_VALUE ? 0 : Math.max(0, chosen);
  }

  private @Nullable Reason wrongTime(Found each, long age) {
    if (each.age < -CLOCKS_DIFFER_NANOS) {
      return Reason.RANGE;
    }
    boolean register = each.named.point().quantity().isRegister();
    long apart = Math.abs(Math.max(0, each.age) - age);
    return each.age > freshNanos
            || apart > (register ? SECOND_NANOS : Math.max(SECOND_NANOS, everyNanos))
        ? Reason.STALE
        : null;
  }

  /** Puts the value in, or says why not. */
  private static @Nullable Reason put(Values.Builder good, Found each) {
    NamedPoint named = each.named;
    if (named.point().quantity() == Quantity.STATE) {
      return state(good, each.value);
    }
    return switch (each.value) {
      case NoNumber(boolean absent) -> absent ? Reason.SENTINEL : Reason.RANGE;
      case Text text -> Reason.CONFIG;
      case Truth truth -> Reason.CONFIG;
      case Opaque opaque -> Reason.CONFIG;
      case SenmlValue.Decimal(BigDecimal exact) -> {
        String unit = each.unit.isEmpty() ? named.unit() : each.unit;
        Quantity quantity = named.point().quantity();
        SenmlUnits units =
            named.sum() ? SenmlUnits.ofSum(quantity, unit) : SenmlUnits.of(quantity, unit);
        if (units == null) {
          yield Reason.CONFIG;
        }
        Long micros = units.micros(named.reverse() ? exact.negate() : exact);
        if (micros == null || micros < named.least() || micros > named.greatest()) {
          yield Reason.RANGE;
        }
        good.put(named.point(), micros);
        yield null;
      }
    };
  }

  private static @Nullable Reason state(Values.Builder good, SenmlValue value) {
    String text =
        switch (value) {
          case Text(var given) -> given;
          case Truth(var truth) -> Boolean.toString(truth);
          case SenmlValue.Decimal(var exact) -> exact.toPlainString();
          case NoNumber none -> "";
          case Opaque opaque -> "";
        };
    if (text.isEmpty()) {
      return Reason.SENTINEL;
    }
    if (!STATE.matcher(text).matches()) {
      return Reason.RANGE;
    }
    good.state(text);
    return null;
  }
}
