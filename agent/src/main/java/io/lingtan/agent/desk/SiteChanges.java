package io.lingtan.agent.desk;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.site.read.SiteEdit;
import io.lingtan.agent.status.Why;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What somebody at the page wants of the site file, understood: only what is listed here, in words
 * that cannot be anything but one value of YAML.
 */
final class SiteChanges {

  private static final String ID = "[A-Za-z0-9_-]{1,64}";
  private static final String NUMBER = "[0-9]{1,6}([.][0-9]{1,4})?";
  private static final String ADDRESS =
      "[0-9]{1,14}|[0-9]{16}|(mbus-)?([0-9]{1,3}|[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16})";
  private static final String PERIOD = "[0-9]{1,5}(ms|s|m|h)";
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.:-]{0,252})");
  private static final Pattern PORT = Pattern.compile("/dev/[A-Za-z0-9/._:@+-]{1,200}");
  private static final String PROFILE = "[a-z0-9][a-z0-9-]{0,63}";
  private static final Map<String, String> OF_DEVICE =
      Map.of(
          "unit",
          "[0-9]{1,3}",
          "ct",
          NUMBER,
          "pt",
          NUMBER,
          "every",
          PERIOD,
          "profile",
          PROFILE,
          "address",
          ADDRESS);
  private static final String SERVER = "mqtts?://[A-Za-z0-9.:\\[\\]-]{1,260}";
  private static final Pattern SERVERS = Pattern.compile(SERVER + "([ ,]+" + SERVER + "){0,7}");
  private static final String NAME = "[a-z0-9][a-z0-9-]{0,63}";
  private static final Pattern NAMES = Pattern.compile(NAME + "([ ,]+" + NAME + "){0,15}");
  private static final Pattern USER = Pattern.compile("[^\"\\\\\\p{Cntrl}]{1,128}");
  private static final List<String> OF_POINT = List.of("rated_kw", "volume_m3", "gas_celsius");

  private final Map<String, String> wanted;

  private SiteChanges(Map<String, String> wanted) {
    this.wanted = wanted;
  }

  /**
   * The edits that make it, in order.
   *
   * @param wanted {@code edit} and what belongs to it, see config/README.md
   * @throws IllegalArgumentException if it is not understood; the message says what
   */
  static List<SiteEdit> of(Map<String, String> wanted) {
    return new SiteChanges(wanted).edits();
  }

  private List<SiteEdit> edits() {
    return switch (wanted.getOrDefault("edit", "")) {
      case "device" -> {
        String key = needed("key", "[a-z]{1,10}");
        String form = OF_DEVICE.get(key);
        if (form == null) {
          throw new IllegalArgumentException(
              "key is unit, address, ct, pt, every or profile, was " + key);
        }
        yield List.of(
            new SiteEdit.OfDevice(needed("device", ID), key, written(key, needed("value", form))));
      }
      case "settings" -> settings();
      case "remove_device" -> List.of(new SiteEdit.NoDevice(needed("device", ID)));
      case "line" -> way();
      case "meter" ->
          List.of(
              new SiteEdit.OfMeter(needed("meter", ID), "reverse", needed("value", "true|false")));
      case "add_device" -> newDevice();
      case "add_line" -> List.of(new SiteEdit.NewLine(line()));
      case "broker" ->
          edits(
              list("servers", SERVERS, "mqtt"),
              quoted("user", USER, "mqtt"),
              kept("password_file", "password", "mqtt"),
              kept("ca", "ca", "mqtt", "tls"),
              kept("cert", "cert", "mqtt", "tls"),
              kept("key", "key", "mqtt", "tls"));
      case "page" ->
          edits(
              kept("pin_file", "pin", "status"),
              word("view", "open|pin", "status"),
              kept("cert", "cert", "status", "tls"),
              kept("key", "key", "status", "tls"));
      case "carbon" ->
          edits(
              word("region", "[A-Z]{2}(-[A-Z0-9]{1,12})*", "site"),
              list("factors", NAMES, "carbon"),
              list("accept", NAMES, "carbon"),
              list("method", NAMES, "carbon"));
      case "tariff" -> edits(list("tariff", NAMES, "metering"));
      default ->
          throw new IllegalArgumentException(
              "edit is device, settings, meter, line, add_device, remove_device, add_line, broker,"
                  + " page, carbon, tariff or revert");
    };
  }

  /** What is written for a value: an address is no number, because that would lose its zeros. */
  private static String written(String key, String value) {
    return key.equals("address") ? '"' + value + '"' : value;
  }

  /** Those that are wanted. */
  private static List<SiteEdit> edits(@Nullable SiteEdit... each) {
    List<SiteEdit> edits = Arrays.stream(each).filter(Objects::nonNull).toList();
    if (edits.isEmpty()) {
      throw new IllegalArgumentException("nothing is to be another");
    }
    return edits;
  }

  private @Nullable SiteEdit word(String key, String form, String... path) {
    String value = given(key, form);
    return value == null ? null : new SiteEdit.OfGroup(List.of(path), key, value);
  }

  private @Nullable SiteEdit quoted(String key, Pattern form, String... path) {
    String value = wanted.getOrDefault(key, "").isBlank() ? null : needed(key, form);
    return value == null ? null : new SiteEdit.OfGroup(List.of(path), key, '"' + value + '"');
  }

  /**
   * A file that was kept at the page as one of its kind: by another name the agent would read, and
   * a broker be sent, whatever its user may read.
   */
  private @Nullable SiteEdit kept(String key, String kind, String... path) {
    return quoted(key, SiteSecrets.names(kind), path);
  }

  private @Nullable SiteEdit list(String key, Pattern form, String... path) {
    if (!wanted.containsKey(key)) {
      return null;
    }
    boolean isAddress = form == SERVERS;
    String flow =
        Arrays.stream(needed(key, form).split("[ ,]+"))
            .map(each -> isAddress ? '"' + each + '"' : each)
            .collect(Collectors.joining(", ", "[", "]"));
    return new SiteEdit.OfGroup(List.of(path), key, flow);
  }

  /** Several settings of a device and of its metering point. */
  private List<SiteEdit> settings() {
    String device = needed("device", ID);
    List<SiteEdit> edits = new ArrayList<>();
    for (String key : List.of("profile", "unit", "address", "every", "ct", "pt")) {
      String value = given(key, OF_DEVICE.getOrDefault(key, ""));
      if (value != null) {
        edits.add(new SiteEdit.OfDevice(device, key, written(key, value)));
      }
    }
    for (String key : OF_POINT) {
      String value = given(key, NUMBER);
      if (value != null) {
        edits.add(new SiteEdit.OfMeter(needed("meter", ID), key, value));
      }
    }
    String reverse = given("reverse", "true|false");
    if (reverse != null) {
      edits.add(new SiteEdit.OfMeter(needed("meter", ID), "reverse", reverse));
    }
    if (edits.isEmpty()) {
      throw new IllegalArgumentException("nothing is to be another");
    }
    return edits;
  }

  /** How a line is reached. */
  private List<SiteEdit> way() {
    String line = needed("line", ID);
    List<SiteEdit> edits = new ArrayList<>();
    String host = wanted.getOrDefault("host", "");
    if (!host.isBlank()) {
      edits.add(new SiteEdit.OfLine(line, "host", '"' + needed("host", HOST) + '"'));
    }
    String port = wanted.getOrDefault("port", "").strip();
    if (!port.isEmpty()) {
      boolean isNumber = port.matches("[0-9]{1,5}");
      edits.add(
          new SiteEdit.OfLine(line, "port", isNumber ? port : '"' + needed("port", PORT) + '"'));
    }
    String baud = given("baud", "[0-9]{3,6}");
    if (baud != null) {
      edits.add(new SiteEdit.OfLine(line, "baud", baud));
    }
    String parity = given("parity", "none|even|odd");
    if (parity != null) {
      edits.add(new SiteEdit.OfLine(line, "parity", parity));
    }
    if (edits.isEmpty()) {
      throw new IllegalArgumentException("nothing is to be another");
    }
    return edits;
  }

  private List<SiteEdit> newDevice() {
    String id = needed("id", ID);
    List<String> parts = new ArrayList<>(List.of("id: " + id));
    parts.add("profile: " + needed("profile", PROFILE));
    String address = given("address", ADDRESS);
    if (address == null) {
      parts.add("unit: " + needed("unit", "[0-9]{1,3}"));
    } else {
      parts.add("address: \"" + address + '"');
    }
    parts.add("every: " + needed("every", PERIOD));
    String framing = given("framing", "[0-9]{3,6} (none|even|odd)");
    if (framing != null) {
      String[] form = framing.split(" ");
      parts.add("framing: {baud: %s, parity: %s}".formatted(form[0], form[1]));
    }
    for (String ratio : List.of("ct", "pt")) {
      String value = given(ratio, NUMBER);
      if (value != null && new BigDecimal(value).compareTo(BigDecimal.ONE) != 0) {
        parts.add(ratio + ": " + value);
      }
    }
    List<SiteEdit> edits = new ArrayList<>();
    edits.add(new SiteEdit.NewDevice(needed("line", ID), flow(parts)));
    String role = given("role", "[a-z0-9_]{1,20}");
    if (role != null) {
      List<String> meter = new ArrayList<>(List.of("id: " + id, "device: " + id, "role: " + role));
      for (String size : OF_POINT) {
        String value = given(size, NUMBER);
        if (value != null) {
          meter.add(size + ": " + value);
        }
      }
      edits.add(new SiteEdit.NewMeter(flow(meter)));
    }
    return edits;
  }

  private String line() {
    String id = needed("id", ID);
    String kind = needed("kind", "serial|dlt645|modbus-tcp|modbus-rtu-tcp");
    // DL/T 645 meters and Modbus ones share a port: only where its usual form is chosen differs.
    boolean isSerial = kind.equals("serial") || kind.equals("dlt645");
    String way =
        isSerial
            ? "port: \"%s\", baud: %s, parity: %s"
                .formatted(
                    needed("port", PORT),
                    needed("baud", "[0-9]{3,6}"),
                    needed("parity", "none|even|odd"))
            : "host: \"%s\", port: %s"
                .formatted(needed("host", HOST), needed("port", "[0-9]{1,5}"));
    return "{id: %s, %s: {%s}, devices: []}".formatted(id, isSerial ? "serial" : kind, way);
  }

  private static String flow(List<String> parts) {
    return "{" + String.join(", ", parts) + "}";
  }

  private String needed(String name, String form) {
    return needed(name, Pattern.compile(form));
  }

  private String needed(String name, Pattern form) {
    String value = wanted.getOrDefault(name, "").strip();
    if (!form.matcher(value).matches()) {
      String shown = value.length() > 40 ? value.substring(0, 40) + "…" : value;
      throw new Misunderstood(
          Why.VALUE,
          String.format(Locale.ROOT, "%s cannot be '%s'", name, shown),
          Map.of("name", name, "value", shown));
    }
    return value;
  }

  private @Nullable String given(String name, String form) {
    return wanted.getOrDefault(name, "").isBlank() ? null : needed(name, form);
  }

  /** The text with all of them. */
  static String in(String text, List<SiteEdit> edits) {
    String changed = text;
    for (SiteEdit edit : edits) {
      changed = edit.in(changed);
    }
    if (changed.getBytes(UTF_8).length > 1_000_000) {
      throw new IllegalArgumentException("the site file would be too large");
    }
    return changed;
  }
}
