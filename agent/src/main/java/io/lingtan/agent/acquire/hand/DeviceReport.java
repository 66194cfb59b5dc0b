package io.lingtan.agent.acquire.hand;

import io.lingtan.agent.acquire.mbus.Telegrams;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Answer.Wire;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One read of one device, with everything between the wire and its points.
 *
 * @param address unit or meter, as a person writes it
 * @param steps requests in the order in which they were made
 * @param identity what the device says of itself: {@code serial model ct pt}
 * @param contradicted the site file's word on each ratio of which the device says another; points
 *     that such a ratio multiplies have no value, as when the agent runs
 * @param models SunSpec models that it has, in its order
 * @param bad why a point has no value
 * @param chains how each point was decoded, up to its value
 * @param problem what kept it from being read, with what to do; null if nothing did
 */
public record DeviceReport(
    String line,
    String device,
    String profile,
    String address,
    List<Step> steps,
    SortedMap<String, String> identity,
    SortedMap<String, String> contradicted,
    List<Integer> models,
    Values values,
    SortedMap<Point, Reason> bad,
    SortedMap<Point, String> chains,
    @Nullable Sentence problem) {

  private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();
  private static final Point STATE = Point.of(Quantity.STATE);
  private static final int WORDS_IN_ROW = 8;

  /**
   * @param what it was asked for: points, or {@code SunSpec}, {@code serial} and such
   */
  public record Step(Request request, String what, Answer answer) {}

  public DeviceReport {
    steps = List.copyOf(steps);
    identity = Collections.unmodifiableSortedMap(new TreeMap<>(identity));
    contradicted = Collections.unmodifiableSortedMap(new TreeMap<>(contradicted));
    models = List.copyOf(models);
    bad = Collections.unmodifiableSortedMap(new TreeMap<>(bad));
    chains = Collections.unmodifiableSortedMap(new TreeMap<>(chains));
  }

  /**
   * Reads a device once, waiting for each answer in this thread.
   *
   * @param line that it is on
   * @param timeoutMillis how long it has for each answer, 10..10000
   * @param form speed and character form, null for the device's own
   */
  public static DeviceReport read(
      Line line, Device device, LineAccess asking, int timeoutMillis, Inquiry.@Nullable Form form)
      throws InterruptedException {
    Line.CharacterFormat own = device.framing();
    Inquiry.Form used = form != null || own == null ? form : Survey.formOf(own);
    return new Visit(line, device, asking, timeoutMillis, used, Integer.MAX_VALUE).run();
  }

  /**
   * A device of which only the place and a profile are known.
   *
   * @param unit Modbus unit id, -1 of a DL/T 645 meter
   * @param meter DL/T 645 address, else null
   */
  public static Device stranger(DeviceProfile profile, int unit, @Nullable String meter) {
    return Fingerprint.device(profile, unit, meter);
  }

  /** Whether the device gave at least one value. */
  public boolean isAnswered() {
    return !values.isEmpty();
  }

  /** The value of a point with its unit, or null if there is none. */
  public @Nullable String value(Point point) {
    if (!values.has(point)) {
      return null;
    }
    if (point.equals(STATE)) {
      return values.state();
    }
    String symbol = point.symbol();
    return point.text(values.micros(point)) + (symbol.isEmpty() ? "" : " " + symbol);
  }

  /** All of it, for a person. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append("%s (%s) on line %s, %s%n".formatted(device, profile, line, address));
    for (Step step : steps) {
      append(text, step.request(), step.what(), step.answer());
    }
    if (!models.isEmpty()) {
      text.append("%nSunSpec models %s%n".formatted(models));
    }
    if (!identity.isEmpty()) {
      text.append("%nidentity%n".formatted());
      identity.forEach(
          (name, told) -> text.append("  %-24s %s%s%n".formatted(name, told, contradiction(name))));
    }
    TreeSet<Point> points = new TreeSet<>(chains.keySet());
    points.addAll(bad.keySet());
    if (!points.isEmpty()) {
      text.append("%npoints%n".formatted());
    }
    for (Point point : points) {
      String value = value(point);
      Reason why = bad.get(point);
      text.append(
          "  %-24s %s%s%n"
              .formatted(
                  point,
                  chains.containsKey(point) ? chains.get(point) + " = " : "",
                  value != null
                      ? (value.isEmpty() ? "none" : value) + "  good"
                      : "no value: " + why));
    }
    if (problem != null) {
      text.append("%n%s%n".formatted(problem));
    }
    return text.toString();
  }

  private String contradiction(String name) {
    String declared = contradicted.get(name);
    return declared == null
        ? ""
        : "  the site file says "
            + declared
            + ": what it multiplies is suspect until one of the two is set right";
  }

  /** One request and what became of it, for a person. */
  public static void append(StringBuilder text, Request request, String what, Answer answer) {
    text.append("%n%s%s%n".formatted(request, what.isEmpty() ? "" : "  (" + what + ")"));
    switch (answer) {
      case Answer.Value(var wire, var value) -> {
        frames(text, wire);
        registers(text, request, value);
      }
      case Answer.Refused(var wire, int code) -> {
        frames(text, wire);
        text.append("  refused: %s%n".formatted(refusal(request, code)));
      }
      case Answer.Here(var wire, var meter) -> {
        frames(text, wire);
        text.append("  meter %s%n".formatted(meter));
      }
      case Answer.Garbled(var wire, var seen) -> {
        frames(text, wire);
        text.append("  no answer to it: %s%n".formatted(seen));
      }
      case Answer.Silent(var wire) -> {
        frames(text, wire);
        text.append("  no answer%n".formatted());
      }
      case Answer.NotAsked(var why) -> text.append("  not asked: %s%n".formatted(why));
    }
  }

  private static void frames(StringBuilder text, Wire wire) {
    text.append("  → %s%n".formatted(HEX.formatHex(wire.sent())));
    String came = wire.received().length == 0 ? "nothing" : HEX.formatHex(wire.received());
    text.append("  ← %s  after %.1f ms%n".formatted(came, wire.micros() / 1000.0));
  }

  private static void registers(StringBuilder text, Request request, byte[] value) {
    if (request instanceof Request.Telegrams) {
      text.append(Telegrams.of(value).text());
      return;
    }
    if (!(request instanceof Request.Registers(int unit, int function, int address, int count))
        || function <= 2) {
      text.append("  value %s%n".formatted(HEX.formatHex(value)));
      return;
    }
    for (int row = 0; row < count; row += WORDS_IN_ROW) {
      text.append("  %5d".formatted(address + row));
      for (int i = row; i < Math.min(count, row + WORDS_IN_ROW); i++) {
        text.append("  %02X%02X".formatted(value[2 * i], value[2 * i + 1]));
      }
      text.append("%n".formatted());
    }
  }

  /** What an exception or error means (Modbus Application Protocol V1.1b3, 7; DL/T 645-2007). */
  static String refusal(Request request, int code) {
    if (request instanceof Request.Telegrams) {
      return "application error "
          + code
          + switch (code) {
            case 8 -> ": it is busy";
            case 9 -> ": it has been read too often";
            default -> "";
          };
    }
    if (request instanceof Request.Item) {
      return "error byte %02XH%s"
          .formatted(
              code,
              (code & 2) != 0
                  ? ": the meter has no such data"
                  : (code & 4) != 0 ? ": a password is needed" : "");
    }
    return "exception "
        + code
        + switch (code) {
          case 1 -> ": the unit does not know this function";
          case 2 -> ": it has no such registers";
          case 3 -> ": it does not give so many at once";
          case 4 -> ": it failed itself";
          case 6 -> ": it is busy";
          case 10 -> ": the gateway has no way to that unit";
          case 11 -> ": the unit does not answer the gateway";
          default -> "";
        };
  }
}
