package io.lingtan.agent.desk;

import io.lingtan.agent.acquire.hand.DeviceReport;
import io.lingtan.agent.acquire.hand.DisplayCheck;
import io.lingtan.agent.acquire.hand.LineAccess;
import io.lingtan.agent.acquire.hand.LineYaml;
import io.lingtan.agent.acquire.hand.Survey;
import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.reading.Answer;
import io.lingtan.agent.reading.Inquiry.Form;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Request;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Settings;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.status.Why;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A scan or a read of one line, told as lines of JSON: the same whether the agent does it between
 * its polls or a command on a line that is its own.
 */
public final class FieldWork {

  /** What sweeps try, the commonest first; then only speeds, as parity differs least often. */
  public static final String USUAL_FORMS =
      "9600N1 9600E1 19200N1 19200E1 4800N1 4800E1 2400E1 2400N1 38400N1 115200N1 57600N1 1200E1";

  private static final int SERIAL_TIMEOUT_MILLIS = 300;
  private static final int TCP_TIMEOUT_MILLIS = 500;

  private final Line line;
  private final LineAccess asking;
  private final Catalogue<DeviceProfile> catalogue;
  private final Time time;

  public FieldWork(Line line, LineAccess asking, Catalogue<DeviceProfile> catalogue, Time time) {
    this.line = line;
    this.asking = asking;
    this.catalogue = catalogue;
    this.time = time;
  }

  /**
   * Looks who answers.
   *
   * @param wanted {@code from to meters thorough timeout_ms sweep}, see {@link Survey.Wanted}
   * @param left told from time to time how long it still takes, ms, -1 if not known
   * @return a task that does it
   * @throws IllegalArgumentException if it is not understood; the message says what
   */
  public Task scan(Map<String, String> wanted, LongConsumer left) {
    Survey.Wanted plan =
        new Survey.Wanted(
            number(wanted, "from", 1),
            number(wanted, "to", 247),
            !"false".equals(wanted.get("meters")),
            "true".equals(wanted.get("thorough")),
            timeout(wanted),
            forms(wanted.getOrDefault("sweep", "")));
    if (wanted.containsKey("settings")) {
      requireSame(wanted, Settings.hash(all(catalogue).values()), () -> "of the profiles");
    }
    return out -> {
      Map<String, DeviceProfile> profiles = profiles();
      Survey survey =
          new Survey(
              line,
              asking,
              List.copyOf(profiles.values()),
              plan,
              time,
              news -> {
                if (news instanceof Survey.News.Progress progress) {
                  left.accept(progress.leftMillis());
                }
                out.accept(FieldJson.of(news));
              });
      Survey.Result result = survey.run();
      out.accept(
          FieldJson.done(
              result.finds().size(),
              result.problem(),
              LineYaml.of(line, result.finds(), profiles)));
      return result.problem() == null;
    };
  }

  /** What was checked before, and is done when it is called. */
  public interface Task {
    /** Returns whether it went well. */
    boolean run(Consumer<String> out) throws InterruptedException;
  }

  /**
   * Reads one device, or registers.
   *
   * @param wanted as {@link io.lingtan.agent.status.Actions.Action#READ} has it
   * @throws IllegalArgumentException if it is not understood; the message says what
   */
  public Task read(Map<String, String> wanted) {
    Form form = wanted.containsKey("form") ? form(wanted.getOrDefault("form", "")) : null;
    int timeout = wanted.containsKey("timeout_ms") ? timeout(wanted) : slow();
    String id = wanted.get("device");
    if (id != null) {
      for (Device device : line.devices()) {
        if (device.id().equals(id)) {
          requireSame(wanted, Settings.hash(device), () -> "of " + id + " (" + place(device) + ")");
          return device(device, timeout, form);
        }
      }
      throw new IllegalArgumentException("line " + line.id() + " has no device " + id);
    }
    String profile = wanted.get("profile");
    String meter = wanted.get("meter");
    if (profile != null) {
      requireSame(
          wanted,
          Settings.hash(profile(line, catalogue, profile)),
          () -> "of the profile " + profile);
      return device(stranger(profile, number(wanted, "unit", 1), meter), timeout, form);
    }
    Request request =
        meter != null && meter.startsWith("mbus-")
            ? new Request.Telegrams(Address.of(meter).toString())
            : meter != null
                ? new Request.Item(meter, item(wanted), number(wanted, "bytes", 4))
                : new Request.Registers(
                    number(wanted, "unit", 1),
                    number(wanted, "function", 3),
                    number(wanted, "address", -1),
                    number(wanted, "count", 1));
    return out -> {
      Answer answer = asking.ask(request, timeout, form);
      out.accept(FieldJson.of(request, answer));
      return answer instanceof Answer.Value;
    };
  }

  /** Who asked may have another site file or other profiles than this line is read by. */
  private static void requireSame(
      Map<String, String> wanted, String settings, Supplier<String> what) {
    if (!settings.equals(wanted.getOrDefault("settings", settings))) {
      throw new IllegalArgumentException(
          "the site file that this agent runs by says otherwise "
              + what.get()
              + " than what you named, so that the answer would be of something else: name the"
              + " agent's own file, let it take up yours (reload), or stop it");
    }
  }

  private static String place(Device device) {
    String address = device.address();
    return (address == null ? "unit " + device.unit() : "meter " + address)
        + ", profile "
        + device.profile().name();
  }

  private Task device(Device device, int timeout, @Nullable Form form) {
    return out -> {
      DeviceReport report = DeviceReport.read(line, device, asking, timeout, form);
      out.accept(FieldJson.of(report));
      return report.isAnswered();
    };
  }

  /**
   * Reads a device and compares one of its values with what its display shows.
   *
   * @param wanted {@code device point shown}, and {@code display}, {@code primary} or {@code
   *     secondary}, where whoever reads it knows; see {@link
   *     io.lingtan.agent.status.Actions.Action#CHECK}
   * @param checked told what came of it, where the point was read
   * @throws IllegalArgumentException if it is not understood; the message says what
   */
  Task check(Map<String, String> wanted, BiConsumer<Device, DisplayCheck> checked) {
    Point point = Point.find(wanted.getOrDefault("point", ""));
    if (point == null) {
      throw new IllegalArgumentException("point is one of the device's values, such as power");
    }
    long shown = shown(wanted.getOrDefault("shown", ""));
    DisplayCheck.Display display =
        switch (wanted.getOrDefault("display", "")) {
          case "" -> DisplayCheck.Display.UNKNOWN;
          case "primary" -> DisplayCheck.Display.PRIMARY;
          case "secondary" -> DisplayCheck.Display.SECONDARY;
          default -> throw new IllegalArgumentException("display is primary or secondary");
        };
    String id = wanted.getOrDefault("device", "");
    Device device =
        line.devices().stream()
            .filter(each -> each.id().equals(id))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "line " + line.id() + " has no device '" + id + "'"));
    if (!device.profile().pointsGiven().contains(point)) {
      throw new IllegalArgumentException(id + " has no value " + point);
    }
    try {
      DisplayCheck.requireTelling(shown);
    } catch (IllegalArgumentException e) {
      throw new Misunderstood(Why.NOTHING_SHOWN, String.valueOf(e.getMessage()), Map.of());
    }
    return out -> {
      DeviceReport report = DeviceReport.read(line, device, asking, slow(), null);
      DisplayCheck check = DisplayCheck.of(device, report, point, shown, display);
      out.accept(FieldJson.of(report, point, check));
      // What still has to be asked is no comparison yet.
      if (check != null && !check.is(DisplayCheck.Kind.WHICH)) {
        checked.accept(device, check);
      }
      return check != null;
    };
  }

  /** A number of the point's unit as millionths; a decimal comma is one, too. */
  private static long shown(String text) {
    String plain = text.strip().replace(',', '.').replace('−', '-');
    if (!plain.matches("[-+]?[0-9]{1,12}([.][0-9]{0,6})?")) {
      throw new Misunderstood(
          Why.SHOWN_FORM,
          "shown is the number on the display, up to 12 digits and 6 decimals, was '" + text + "'",
          Map.of("shown", text));
    }
    return Micros.of(new BigDecimal(plain));
  }

  private Device stranger(String name, int unit, @Nullable String meter) {
    DeviceProfile profile = profile(line, catalogue, name);
    boolean typed = profile.protocol() == DeviceProfile.Protocol.CJT188;
    boolean item =
        switch (profile.protocol()) {
          case DLT645, CJT188, MBUS -> true;
          default -> false;
        };
    if (item != (meter != null)) {
      throw new IllegalArgumentException(
          name + (item ? " is read by the meter's address" : " is read by a unit id"));
    }
    String whole =
        typed && meter != null && meter.matches("[0-9]{14}")
            ? "%02X%s".formatted(profile.meterType(), meter)
            : meter;
    return DeviceReport.stranger(profile, meter == null ? unit : -1, whole);
  }

  /**
   * The profile of that name: a device's of the line, or one that is known.
   *
   * @throws IllegalArgumentException if there is none; the message says what is wrong
   */
  public static DeviceProfile profile(Line line, Catalogue<DeviceProfile> catalogue, String name) {
    for (Device device : line.devices()) {
      if (device.profile().name().equals(name)) {
        return device.profile();
      }
    }
    Catalogue.Loaded<DeviceProfile> loaded = catalogue.load(name);
    DeviceProfile profile = loaded.value();
    if (profile == null) {
      throw new IllegalArgumentException(loaded.problems().getFirst().message());
    }
    return profile;
  }

  /** Built-in profiles and the operator's, by name. */
  public static SortedMap<String, DeviceProfile> all(Catalogue<DeviceProfile> catalogue) {
    SortedMap<String, DeviceProfile> profiles = new TreeMap<>();
    for (String name : catalogue.names()) {
      DeviceProfile profile = catalogue.load(name).value();
      if (profile != null) {
        profiles.put(name, profile);
      }
    }
    return profiles;
  }

  /** All that a device may be: built-in ones, the operator's, and those of the line's devices. */
  private Map<String, DeviceProfile> profiles() {
    SortedMap<String, DeviceProfile> profiles = all(catalogue);
    for (Device device : line.devices()) {
      profiles.put(device.profile().name(), device.profile());
    }
    return profiles;
  }

  private int slow() {
    return Math.clamp(line.timeout().toMillis(), 10, 10_000);
  }

  private int timeout(Map<String, String> wanted) {
    boolean network = line instanceof Line.ModbusTcp || line instanceof Line.ModbusRtuTcp;
    int millis = number(wanted, "timeout_ms", network ? TCP_TIMEOUT_MILLIS : SERIAL_TIMEOUT_MILLIS);
    if (millis < 10 || millis > 10_000) {
      throw new IllegalArgumentException("a timeout is 10..10000 ms, was " + millis);
    }
    return millis;
  }

  /** A number as decimal, or hexadecimal behind 0x. */
  private static int number(Map<String, String> wanted, String name, int otherwise) {
    String text = wanted.get(name);
    try {
      return text == null ? otherwise : Integer.decode(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " must be a number, was '" + text + "'", e);
    }
  }

  private static int item(Map<String, String> wanted) {
    String text = wanted.get("item");
    if (text == null || !text.matches("(0x)?[0-9A-Fa-f]{1,8}")) {
      throw new IllegalArgumentException(
          "an item is up to eight hexadecimal digits, such as 00010000, was '" + text + "'");
    }
    return (int) Long.parseLong(text.replace("0x", ""), 16);
  }

  private static List<Form> forms(String text) {
    List<Form> forms = new ArrayList<>();
    for (String each : text.strip().split("[ ,]+")) {
      if (!each.isEmpty()) {
        forms.add(form(each));
      }
    }
    return forms;
  }

  /** {@code 9600N1} or {@code 9600-8E1}. */
  static Form form(String text) {
    var parts =
        java.util.regex.Pattern.compile("([0-9]{3,6})[ -]?8?([NEOneo])([12])").matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("a form is written 9600N1 or 2400E1, was '" + text + "'");
    }
    return new Form(
        Integer.parseInt(parts.group(1)),
        Character.toUpperCase(parts.group(2).charAt(0)),
        Integer.parseInt(parts.group(3)));
  }
}
