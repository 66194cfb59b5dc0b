package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.agent.site.share.Share;
import io.lingtan.agent.site.share.ShareReader;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code lines}: how the devices are reached. */
final class LinesReader {

  private static final Map<String, Section> KINDS =
      Map.of(
          "serial", Section.SERIAL,
          "modbus-tcp", Section.TCP,
          "modbus-rtu-tcp", Section.RTU_TCP,
          "coap", Section.COAP,
          "coap-server", Section.COAP_SERVER,
          "gpio", Section.GPIO);
  static final CharacterFormat USUAL_FORMAT = new CharacterFormat(9600, Parity.NONE, 1);

  private static final List<Integer> BAUDS =
      List.of(
          300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800,
          921_600);
  private static final Map<String, Parity> PARITIES =
      Map.of("none", Parity.NONE, "even", Parity.EVEN, "odd", Parity.ODD);
  private static final Map<String, String> RS485 =
      Map.of("auto", "auto", "rts", "rts", "rts-low", "rts-low");
  private static final Pattern COAP_URI =
      Pattern.compile("coaps?://([A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.%a-z]+])(:[0-9]{1,5})?/?");
  private static final Pattern LISTEN =
      Pattern.compile("([A-Za-z0-9_.-]{1,253}|\\[[0-9A-Fa-f:.]+]):([0-9]{1,5})");
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final int MOST_PARALLEL = 16;
  private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(1);

  private final SiteFiles files;
  private final Problems problems;
  private final DeviceReader devices;
  private final ShareReader shares;
  private final Map<String, Yaml> lineIds = new LinkedHashMap<>();
  private final Map<String, Yaml> endpoints = new LinkedHashMap<>();

  LinesReader(
      Catalogue<DeviceProfile> profiles,
      SiteFiles files,
      Map<String, Double> ratings,
      Problems problems) {
    this.files = files;
    this.problems = problems;
    devices = new DeviceReader(profiles, ratings, problems);
    shares = new ShareReader(problems);
  }

  /** Every device of the file by id, also those that this version cannot read. */
  Map<String, DeviceReader.Declared> declared() {
    return devices.declared();
  }

  /** How the lines are lent to other masters. */
  ShareReader shares() {
    return shares;
  }

  /** The lines that this version can read. */
  List<Line> read(Fields site) {
    List<Line> lines = new ArrayList<>();
    if (!site.isWritten("lines") || (site.has("lines") && site.items("lines").isEmpty())) {
      problems.warning(
          site.at("lines"),
          "no lines: nothing is read yet; lingtan scan --port DEV or --host IP writes some");
    }
    for (Fields line : site.groups("lines", Section.LINE)) {
      Line read = line(line);
      if (read != null) {
        lines.add(read);
      }
    }
    return lines;
  }

  private @Nullable Line line(Fields line) {
    String id = id(line);
    List<String> kinds = KINDS.keySet().stream().filter(line::isWritten).sorted().toList();
    if (kinds.size() != 1) {
      String all = String.join(" ", KINDS.keySet().stream().sorted().toList());
      problems.error(
          kinds.isEmpty() ? line.at() : line.at(kinds.get(1)),
          kinds.isEmpty()
              ? "line %s does not say what it is: one of %s (M-Bus, DL/T 645 and CJ/T 188 meters are on serial, or modbus-rtu-tcp)"
                  .formatted(id, all)
              : "line " + id + " is both " + kinds.get(0) + " and " + kinds.get(1));
      devices.readNothing(line);
      return null;
    }
    String kind = kinds.getFirst();
    Fields fields = line.group(kind, KINDS.getOrDefault(kind, Section.SERIAL));
    Duration timeout =
        fields.duration("timeout", Duration.ofMillis(10), Duration.ofMinutes(1), USUAL_TIMEOUT);
    Share share = shares.read(line, id, kind);
    boolean none = line.has("devices") && line.items("devices").isEmpty();
    if (none || !line.isWritten("devices")) {
      problems.warning(line.at(), "line " + id + " has no devices");
    }
    return switch (kind) {
      case "serial" -> serial(id, line, fields, timeout, share);
      case "modbus-tcp", "modbus-rtu-tcp" -> tcp(id, kind, line, fields, timeout, share);
      case "gpio" -> gpio(id, line, fields, timeout);
      case "coap" -> coap(id, line, fields, timeout);
      case "coap-server" -> coapServer(id, line, fields, timeout);
      default -> throw new IllegalStateException("a kind of line without a reader: " + kind);
    };
  }

  private String id(Fields line) {
    line.require("id", "the line's name, such as rs485-1");
    String id = line.text("id", "?");
    if (!line.has("id")) {
      return id;
    }
    if (!Words.isId(id)) {
      problems.error(
          line.valueAt("id"),
          new Sentence(
              "'" + id + "' is no id: 1 to 64 of A-Z a-z 0-9 _ -",
              id + " 不能作名称：1 到 64 个英文字母、数字、_ 或 -"));
    }
    Yaml first = lineIds.putIfAbsent(id, line.at());
    if (first != null) {
      problems.error(
          line.valueAt("id"),
          new Sentence(
              "line "
                  + id
                  + " is here for the second time; the first is in line "
                  + first.line()
                  + " of the file",
              "线路 " + id + " 已有了，在第 " + first.line() + " 行"));
    }
    return id;
  }

  private Line serial(
      String id, Fields line, Fields fields, Duration timeout, @Nullable Share share) {
    fields.require("port", "such as /dev/ttyAMA0 or /dev/serial/by-path/...");
    String port = fields.text("port", "/dev/null");
    if (!port.startsWith("/")) {
      problems.error(
          fields.valueAt("port"),
          new Sentence(
              "a port is a full path such as /dev/ttyAMA0, not '" + port + "'",
              "串口要写全路径，如 /dev/ttyAMA0，不能是 " + port));
    } else if (port.matches("/dev/tty(USB|ACM)[0-9]+")) {
      problems.warning(
          fields.valueAt("port"),
          port
              + " can be another adapter after the next start; take its name under"
              + " /dev/serial/by-path");
    }
    once(port, id, fields.valueAt("port"));
    return new Line.Serial(
        id,
        port,
        format(fields, USUAL_FORMAT, problems),
        fields.choice("rs485", RS485, "auto"),
        fields.flag("echo", false),
        timeout,
        devices.read(line, DeviceReader.On.SERIAL),
        share);
  }

  /** Speed and character form as they are written, or as {@code usual} has them. */
  static CharacterFormat format(Fields fields, CharacterFormat usual, Problems problems) {
    int baud = fields.whole("baud", 300, 921_600, usual.baud());
    if (!BAUDS.contains(baud)) {
      String known = String.join(" ", BAUDS.stream().map(String::valueOf).toList());
      problems.error(fields.valueAt("baud"), baud + " is no usual speed; known: " + known);
    }
    return new CharacterFormat(
        baud,
        fields.choice("parity", PARITIES, usual.parity()),
        fields.whole("stop_bits", 1, 2, usual.stopBits()));
  }

  private Line tcp(
      String id, String kind, Fields line, Fields fields, Duration timeout, @Nullable Share share) {
    fields.require("host", "address or name of the device or serial server");
    String host = fields.text("host", "localhost");
    if (!host.matches("[A-Za-z0-9_.:-]{1,253}|\\[[0-9A-Fa-f:.%a-z]+]")) {
      problems.error(
          fields.valueAt("host"),
          new Sentence(
              "'" + host + "' is no address such as 192.168.1.20", host + " 不是地址（如 192.168.1.20）"));
    }
    int port = fields.whole("port", 1, 65_535, 502);
    boolean reconnect =
        fields.choice("after_timeout", Map.of("reconnect", true, "wait", false), false);
    boolean single = fields.flag("single_client", false);
    String here = host.matches("(?i)localhost|::1|\\[::1]") ? "127.0.0.1" : host;
    once(here.toLowerCase(Locale.ROOT) + ":" + port, id, fields.valueAt("host"));
    if (kind.equals("modbus-tcp")) {
      int parallel = fields.whole("parallel", 1, MOST_PARALLEL, 1);
      boolean relabels =
          fields.choice("transaction_ids", Map.of("kept", false, "relabelled", true), false);
      if (relabels && parallel > 1) {
        problems.error(
            fields.valueAt("parallel"),
            "parallel: answers whose transaction ids are relabelled cannot be told apart: write 1");
        parallel = 1;
      }
      List<Device> asked = devices.read(line, DeviceReader.On.TCP);
      return new Line.ModbusTcp(
          id, host, port, reconnect, single, parallel, relabels, timeout, asked, share);
    }
    List<Device> asked = devices.read(line, DeviceReader.On.SERIAL);
    return new Line.ModbusRtuTcp(id, host, port, reconnect, single, timeout, asked, share);
  }

  private Line gpio(String id, Fields line, Fields fields, Duration timeout) {
    String chip = fields.text("chip", "auto");
    if (!chip.matches("[A-Za-z0-9_./:@-]{1,64}")) {
      problems.error(
          fields.valueAt("chip"),
          "chip is auto, a label such as pinctrl-bcm2711, a name such as gpiochip0 or a path such"
              + " as /dev/gpiochip0, not '"
              + chip
              + "'");
    }
    once("gpio chip " + chip.replaceFirst("^/dev/", ""), id, fields.valueAt("chip"));
    return new Line.Gpio(id, chip, timeout, devices.readGpio(line, id));
  }

  /** Two threads on one port would take each other's replies. */
  private void once(String endpoint, String id, Yaml at) {
    Yaml first = endpoints.putIfAbsent(endpoint, at);
    if (first != null) {
      problems.error(
          at,
          "line "
              + id
              + " uses "
              + endpoint
              + " as the line in line "
              + first.line()
              + " of the file does: put the devices on one");
    }
  }

  private Line coap(String id, Fields line, Fields fields, Duration timeout) {
    fields.require("uri", "such as coap://192.168.1.31");
    String uri = fields.text("uri", "coap://localhost");
    if (!COAP_URI.matcher(uri).matches()) {
      problems.error(
          fields.valueAt("uri"), "'" + uri + "' is not coap://HOST or coaps://HOST, with :PORT");
      uri = "coap://localhost";
    }
    String plain = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    boolean secure = plain.startsWith("coaps:");
    if (secure) {
      fields.require("identity", "what we are called by the key that both sides know");
      fields.require("key_file", "the file with that key");
    } else {
      for (String key : List.of("identity", "key_file")) {
        if (fields.isWritten(key)) {
          problems.error(
              fields.at(key), key + " is for coaps://: without DTLS there is nothing to keep");
        }
      }
    }
    String identity = fields.text("identity");
    if (identity != null && !Words.isIdentity(identity)) {
      problems.error(
          fields.valueAt("identity"), "an identity has 1 to 64 printable characters, no blanks");
    }
    once(plain, id, fields.valueAt("uri"));
    return new Line.Coap(
        id,
        plain,
        identity,
        keys(fields, "key_file"),
        timeout,
        devices.read(line, DeviceReader.On.COAP));
  }

  private Line.@Nullable KeyFile keys(Fields fields, String key) {
    Path file = files.secret(fields, key);
    return file == null ? null : Line.KeyFile.of(file);
  }

  private Line coapServer(String id, Fields line, Fields fields, Duration timeout) {
    fields.require("listen", "such as 0.0.0.0:5684");
    String listen = fields.text("listen", "127.0.0.1:5684");
    Matcher parts = LISTEN.matcher(listen);
    if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65_535) {
      problems.error(
          fields.valueAt("listen"),
          "listen is ADDRESS:PORT such as 0.0.0.0:5684, not '" + listen + "'");
      listen = "127.0.0.1:5684";
    } else if (!fields.has("keys") && !LOOPBACK.contains(parts.group(1))) {
      problems.error(
          line.at("coap-server"),
          "coap-server needs keys, the file of the nodes' keys: else everybody who reaches the port"
              + " could push values; only a loopback address may go without");
    }
    once(listen, id, fields.valueAt("listen"));
    return new Line.CoapServer(
        id, listen, keys(fields, "keys"), timeout, devices.read(line, DeviceReader.On.COAP_SERVER));
  }
}
