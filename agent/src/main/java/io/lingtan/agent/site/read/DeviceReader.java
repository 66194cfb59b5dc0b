package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.Yaml.Entry;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the {@code devices} of a line. */
final class DeviceReader {

  /** DL/T 645-2007, 5.2.1, and CJ/T 188: what a meter has when it leaves the works. */
  private static final CharacterFormat USUAL_METER = new CharacterFormat(2400, Line.Parity.EVEN, 1);

  private static final List<String> FOR_COAP =
      List.of("path", "observe", "format", "pointer", "value_unit");
  private static final Duration USUAL_EVERY = Duration.ofSeconds(1);
  private static final Duration USUAL_RECORD = Duration.ofSeconds(10);
  private static final Duration LEAST_EVERY = Duration.ofMillis(50);
  private static final Duration MOST_EVERY = Duration.ofHours(1);

  /** What a device hangs on, for its unit ids. */
  enum On {
    SERIAL,
    TCP,
    COAP,
    COAP_SERVER
  }

  /**
   * A device of the file.
   *
   * @param device null if a problem was told
   * @param line where its line is
   */
  record Declared(@Nullable Device device, Yaml at, Yaml line) {

    /** Whether both answer under one unit id, as the parts of a hybrid inverter do. */
    boolean isOneUnitWith(Declared other) {
      Device theirs = other.device;
      return device != null
          && theirs != null
          && line.line() == other.line.line()
          && device.unit() == theirs.unit()
          && device.profile().shares(theirs.profile());
    }
  }

  /** A unit id with the profile of the device that has it, null if that is not known. */
  private record Taken(@Nullable DeviceProfile profile, Yaml at) {}

  private final Catalogue<DeviceProfile> profiles;
  private final Map<String, Double> ratings;
  private final Problems problems;
  private final Map<String, Yaml> addresses = new HashMap<>();
  private final Map<String, Declared> declared = new LinkedHashMap<>();
  private final Map<String, Optional<DeviceProfile>> loaded = new HashMap<>();

  DeviceReader(Catalogue<DeviceProfile> profiles, Map<String, Double> ratings, Problems problems) {
    this.profiles = profiles;
    this.ratings = ratings;
    this.problems = problems;
  }

  Map<String, Declared> declared() {
    return Collections.unmodifiableMap(declared);
  }

  /** The devices of a line. */
  List<Device> read(Fields line, On on) {
    List<Device> devices = new ArrayList<>();
    Map<Integer, List<Taken>> units = new HashMap<>();
    addresses.clear();
    for (Fields fields : line.groups("devices", Section.DEVICE)) {
      int before = problems.errors();
      String id = id(fields);
      Device device = device(fields, id, on, units);
      boolean good = problems.errors() == before;
      declared.putIfAbsent(id, new Declared(good ? device : null, fields.at(), line.at()));
      if (device != null && good) {
        devices.add(device);
        checkShared(fields, device, devices.getFirst());
      }
    }
    return devices;
  }

  /** The wires of M-Bus carry 36 V: nothing else can hang on them. */
  private void checkShared(Fields fields, Device device, Device first) {
    boolean mbus = device.profile().protocol() == Protocol.MBUS;
    if (mbus != (first.profile().protocol() == Protocol.MBUS)) {
      problems.error(
          fields.at(),
          new Sentence(
              "M-Bus meters have a line of their own: "
                  + device.id()
                  + " and "
                  + first.id()
                  + " cannot share one",
              "M-Bus 仪表要单独一条线路：" + device.id() + " 和 " + first.id() + " 不能共用"));
    }
  }

  /** The devices of a GPIO line. */
  List<Device> readGpio(Fields line, String lineId) {
    List<Device> devices = new ArrayList<>();
    Map<Integer, Yaml> offsets = new HashMap<>();
    for (Fields fields : line.groups("devices", Section.DEVICE)) {
      int before = problems.errors();
      String id = id(fields);
      Device device = gpioDevice(fields, id, lineId, offsets);
      boolean good = problems.errors() == before;
      declared.putIfAbsent(id, new Declared(good ? device : null, fields.at(), line.at()));
      if (device != null && good) {
        devices.add(device);
      }
    }
    return devices;
  }

  private @Nullable Device gpioDevice(
      Fields fields, String id, String lineId, Map<Integer, Yaml> offsets) {
    for (String key : GpioInputReader.NOT_FOR_GPIO) {
      refuse(fields, key, "is not for gpio devices, and line " + lineId + " is gpio");
    }
    DeviceProfile profile = profile(fields);
    Duration every = period(fields, "every");
    Duration record = record(fields, every);
    GpioInput input = new GpioInputReader(fields, problems).read(profile, offsets);
    if (profile == null || input == null) {
      return null;
    }
    return new Device(
        id,
        profile.with(input.registers()),
        -1,
        null,
        every,
        record,
        ratio(fields, "ct"),
        ratio(fields, "pt"),
        Map.of(),
        null,
        List.of(),
        null,
        input,
        null,
        0);
  }

  /** Takes note of the devices of a line that is wrong and not read. */
  void readNothing(Fields line) {
    for (Fields fields : line.groups("devices", Section.DEVICE)) {
      String id = id(fields);
      period(fields, "every");
      declared.putIfAbsent(id, new Declared(null, fields.at(), line.at()));
    }
  }

  private String id(Fields fields) {
    fields.require("id", "the device's name in topics and records");
    String id = fields.text("id", "?");
    if (!fields.has("id")) {
      return id;
    }
    if (!Words.isId(id)) {
      problems.error(
          fields.valueAt("id"),
          new Sentence(
              "'" + id + "' is no id: 1 to 64 of A-Z a-z 0-9 _ -",
              id + " 不能作名称：1 到 64 个英文字母、数字、_ 或 -"));
    }
    Declared first = declared.get(id);
    if (first != null) {
      problems.error(
          fields.valueAt("id"),
          new Sentence(
              "device "
                  + id
                  + " is here for the second time; the first is in line "
                  + first.at().line(),
              "仪表 " + id + " 已有了，在第 " + first.at().line() + " 行"));
    }
    return id;
  }

  private @Nullable Device device(
      Fields fields, String id, On on, Map<Integer, List<Taken>> units) {
    if (on == On.COAP || on == On.COAP_SERVER) {
      return coapDevice(fields, id, on);
    }
    for (String key : GpioInputReader.KEYS) {
      refuse(fields, key, "is for gpio devices");
    }
    for (String key : FOR_COAP) {
      refuse(fields, key, "is for coap devices");
    }
    DeviceProfile profile = profile(fields);
    if (profile != null && profile.protocol() == Protocol.SENML) {
      problems.error(
          fields.valueAt("profile"), "profile " + profile.name() + " is for coap devices");
    }
    boolean addressed =
        profile != null
            && switch (profile.protocol()) {
              case DLT645, CJT188, MBUS -> true;
              default -> false;
            };
    int unit = -1;
    String address = null;
    if (profile != null && addressed) {
      refuse(fields, "unit", "is a Modbus device's; other meters have an address");
      address = address(fields, on, profile);
    } else {
      refuse(
          fields,
          "address",
          "is for profiles of protocols dlt645, cjt188 and mbus; a Modbus device has a unit");
      unit = unit(fields, on, profile, units);
    }
    CharacterFormat framing = framing(fields, on, addressed);
    Duration every = period(fields, "every");
    Duration record = record(fields, every);
    BigDecimal ct = ratio(fields, "ct");
    BigDecimal pt = ratio(fields, "pt");
    if (profile == null) {
      return null;
    }
    checkRatios(fields, profile);
    return new Device(
        id,
        profile,
        unit,
        address,
        every,
        record,
        ct,
        pt,
        deadband(fields, profile),
        fields.duration("max_interval", record, Duration.ofDays(1)),
        groups(fields, profile),
        framing,
        null,
        null,
        ratings.getOrDefault(id, 0.0));
  }

  private @Nullable Device coapDevice(Fields fields, String id, On on) {
    for (String key : GpioInputReader.KEYS) {
      if (key.equals("point")) {
        continue;
      }
      refuse(fields, key, "is for gpio devices");
    }
    for (String key : List.of("unit", "address", "ct", "pt", "groups", "framing")) {
      refuse(fields, key, "is for devices with registers");
    }
    DeviceProfile profile = profile(fields);
    Duration every = period(fields, "every");
    Duration record = record(fields, every);
    if (profile == null) {
      return null;
    }
    if (profile.protocol() != Protocol.SENML) {
      problems.error(
          fields.valueAt("profile"),
          "profile " + profile.name() + " has registers; a coap device has one of protocol senml");
      return null;
    }
    CoapResource resource = new CoapReader(problems).read(fields, id, on == On.COAP, profile);
    return new Device(
        id,
        profile,
        -1,
        null,
        every,
        record,
        BigDecimal.ONE,
        BigDecimal.ONE,
        deadband(fields, profile),
        fields.duration("max_interval", record, Duration.ofDays(1)),
        List.of(),
        null,
        null,
        resource,
        ratings.getOrDefault(id, 0.0));
  }

  private void refuse(Fields fields, String key, String why) {
    if (fields.isWritten(key)) {
      problems.error(fields.at(key), key + " " + why);
    }
  }

  private @Nullable DeviceProfile profile(Fields fields) {
    if (!fields.require("profile", "the kind of meter; 'lingtan profiles' lists them")) {
      return null;
    }
    String name = fields.text("profile");
    if (name == null) {
      return null;
    }
    Optional<DeviceProfile> known = loaded.get(name);
    if (known != null) {
      return known.orElse(null);
    }
    DeviceProfile profile = null;
    if (!profiles.names().contains(name)) {
      String nearest = Words.nearest(name, profiles.names());
      problems.error(
          fields.valueAt("profile"),
          new Sentence(
              "no profile is called '"
                  + name
                  + (nearest == null
                      ? "'; 'lingtan profiles' lists them"
                      : "'; did you mean '" + nearest + "'?"),
              "没有叫 " + name + " 的仪表型号文件" + (nearest == null ? "" : "，是不是 " + nearest + "？")));
    } else {
      Catalogue.Loaded<DeviceProfile> read = profiles.load(name);
      profile = read.value();
      if (profile == null) {
        problems.error(fields.valueAt("profile"), "profile " + name + " has errors of its own");
      }
      problems.addAll(read.problems());
    }
    loaded.put(name, Optional.ofNullable(profile));
    return profile;
  }

  /** Two devices under one unit would each take the other's registers for its own. */
  private int unit(
      Fields fields, On on, @Nullable DeviceProfile profile, Map<Integer, List<Taken>> units) {
    int before = problems.errors();
    int unit;
    if (on == On.SERIAL) {
      fields.require("unit", "the unit id that is set in the meter, 1 to 247");
      unit = fields.whole("unit", 1, 247, 1);
    } else {
      unit = fields.whole("unit", 0, 255, 1);
    }
    if (problems.errors() > before || (on == On.SERIAL && !fields.has("unit"))) {
      return unit;
    }
    List<Taken> taken = units.computeIfAbsent(unit, any -> new ArrayList<>());
    for (Taken other : taken) {
      DeviceProfile theirs = other.profile();
      if (profile != null && theirs != null && !profile.shares(theirs)) {
        problems.error(
            fields.valueAt("unit"),
            new Sentence(
                "unit "
                    + unit
                    + " is taken on this line by the device in line "
                    + other.at().line(),
                "站号 " + unit + " 在这条线路上已被第 " + other.at().line() + " 行的仪表占用"));
        break;
      }
    }
    taken.add(new Taken(profile, fields.valueAt("unit")));
    return unit;
  }

  /**
   * The twelve digits of a DL/T 645 meter, the kind and the fourteen digits of a CJ/T 188 meter;
   * null if a problem was told.
   */
  private @Nullable String address(Fields fields, On on, DeviceProfile profile) {
    boolean typed = profile.protocol() == Protocol.CJT188;
    int digits = typed ? 14 : 12;
    if (on == On.TCP) {
      problems.error(
          fields.valueAt("profile"),
          new Sentence(
              "a DL/T 645, CJ/T 188 or M-Bus meter hangs on a serial line or, through a serial"
                  + " server, on a modbus-rtu-tcp line; Modbus TCP cannot carry it",
              "DL/T 645、CJ/T 188、M-Bus 仪表要接在串口线路或串口服务器（modbus-rtu-tcp）上，Modbus TCP 接不了"));
      return null;
    }
    boolean mbus = profile.protocol() == Protocol.MBUS;
    fields.require(
        "address",
        mbus
            ? "0 to 250 that the meter is set to, or the eight digits of its plate in quotes"
            : "the digits that are printed on the meter, in quotes");
    String written = fields.text("address");
    if (written == null) {
      return null;
    }
    if (mbus) {
      return mbusAddress(fields, written);
    }
    if (!written.matches("[0-9]{1," + digits + "}" + (typed ? "|[0-9]{16}" : ""))) {
      problems.error(
          fields.valueAt("address"),
          new Sentence(
              "'"
                  + written
                  + "' is no address: up to "
                  + (typed ? "fourteen" : "twelve")
                  + " digits as printed on the meter, in quotes"
                  + (typed ? "; sixteen with another kind of meter in front" : ""),
              written + " 不是表号：照铭牌写最多" + (typed ? "十四位数字（前面可加两位表类型）" : "十二位数字") + "，加引号"));
      return null;
    }
    String padded = "0".repeat(Math.max(0, digits - written.length())) + written;
    boolean complete = !typed || padded.length() == 16;
    return unique(fields, complete ? padded : "%02X%s".formatted(profile.meterType(), padded));
  }

  private @Nullable String mbusAddress(Fields fields, String written) {
    // As a scan writes it, too.
    String plain = written.toUpperCase(Locale.ROOT).replaceFirst("^MBUS-", "");
    boolean primary = plain.matches("[0-9]{1,3}");
    if (primary ? Integer.parseInt(plain) > 250 : !plain.matches("[0-9A-F]{8}([0-9A-F]{8})?")) {
      problems.error(
          fields.valueAt("address"),
          new Sentence(
              "'"
                  + written
                  + "' is no M-Bus address: 0 to 250 that the meter is set to, or the eight digits"
                  + " of its plate in quotes, sixteen with manufacturer, version and medium behind"
                  + " them",
              written + " 不是 M-Bus 地址：写表内设的 0 到 250，或铭牌上八位编号加引号（后面可加厂商、版本、介质共十六位）"));
      return null;
    }
    return unique(fields, "mbus-" + (primary ? Integer.toString(Integer.parseInt(plain)) : plain));
  }

  private String unique(Fields fields, String address) {
    Yaml first = addresses.putIfAbsent(address, fields.valueAt("address"));
    if (first != null) {
      problems.error(
          fields.valueAt("address"),
          new Sentence(
              "address " + address + " is taken by the device in line " + first.line(),
              "表号 " + address + " 已被第 " + first.line() + " 行的仪表占用"));
    }
    return address;
  }

  /** The device's own character form; null where it is the line's. */
  private @Nullable CharacterFormat framing(Fields fields, On on, boolean addressed) {
    if (!fields.isWritten("framing")) {
      return addressed ? USUAL_METER : null;
    }
    Fields framing = fields.group("framing", Section.FRAMING);
    if (on == On.TCP) {
      problems.error(fields.at("framing"), "framing is for devices of serial lines");
    }
    return LinesReader.format(
        framing, addressed ? USUAL_METER : LinesReader.USUAL_FORMAT, problems);
  }

  private static Duration period(Fields fields, String key) {
    return fields.duration(key, LEAST_EVERY, MOST_EVERY, USUAL_EVERY);
  }

  private Duration record(Fields fields, Duration every) {
    Duration usual = every.compareTo(USUAL_RECORD) > 0 ? every : USUAL_RECORD;
    Duration record = fields.duration("record", LEAST_EVERY, MOST_EVERY, usual);
    if (record.compareTo(every) < 0) {
      problems.error(
          fields.valueAt("record"),
          "record "
              + Words.text(record)
              + " is shorter than every "
              + Words.text(every)
              + ": there would be nothing new to record");
      return every;
    }
    return record;
  }

  private static BigDecimal ratio(Fields fields, String key) {
    BigDecimal ratio = fields.decimal(key, "0.001", "100000");
    return ratio == null ? BigDecimal.ONE : ratio;
  }

  /** A ratio applied twice is the commonest field error. */
  private void checkRatios(Fields fields, DeviceProfile profile) {
    Set<Ratio> used =
        profile.allPoints().stream().map(RegisterPoint::ratio).collect(Collectors.toSet());
    boolean anyCt = used.contains(Ratio.CT) || used.contains(Ratio.CT_PT);
    boolean anyPt = used.contains(Ratio.PT) || used.contains(Ratio.CT_PT);
    unused(fields, "ct", anyCt, profile);
    unused(fields, "pt", anyPt, profile);
  }

  private void unused(Fields fields, String key, boolean used, DeviceProfile profile) {
    if (!used && fields.has(key)) {
      problems.warning(
          fields.at(key),
          key + " is not used: the registers of " + profile.name() + " are primary already");
    }
  }

  private List<Device.Group> groups(Fields fields, DeviceProfile profile) {
    List<Device.Group> groups = new ArrayList<>();
    Map<Point, Yaml> taken = new HashMap<>();
    for (Fields group : fields.groups("groups", Section.GROUP)) {
      group.require("points", "the points that are polled together");
      group.require("every", "their period");
      List<Point> points = new ArrayList<>();
      for (Yaml.Text word : group.words("points")) {
        Point point = point(word, profile);
        Yaml first = point == null ? null : taken.putIfAbsent(point, word);
        if (first != null) {
          problems.error(
              word, word.text() + " is in the group in line " + first.line() + " already");
        } else if (point != null) {
          points.add(point);
        }
      }
      groups.add(new Device.Group(points, period(group, "every")));
    }
    return groups;
  }

  private Map<Point, Long> deadband(Fields fields, DeviceProfile profile) {
    Map<Point, Long> deadband = new HashMap<>();
    for (Entry entry : fields.entries("deadband")) {
      Point point = point(entry.key(), profile);
      BigDecimal size = entry.value() instanceof Yaml.Text text ? Words.decimal(text.text()) : null;
      if (size == null || size.signum() <= 0 || size.precision() - size.scale() > 12) {
        problems.error(
            entry.value(),
            "a deadband is a number above 0 in the point's unit, not " + entry.value().kind());
      } else if (point != null && point.quantity().isRegister()) {
        problems.error(entry.key(), "energy registers are always recorded: no deadband");
      } else if (point != null && point.isOwn() && !point.isNumber()) {
        problems.error(entry.key(), point.name() + " is no number: no deadband");
      } else if (point != null) {
        deadband.put(point, Micros.of(size));
      }
    }
    return deadband;
  }

  private @Nullable Point point(Yaml.Text word, DeviceProfile profile) {
    List<String> points =
        profile.allPoints().stream()
            .map(RegisterPoint::point)
            .filter(point -> point != null)
            .map(Point::name)
            .distinct()
            .toList();
    if (!points.contains(word.text())) {
      problems.error(
          word,
          "profile "
              + profile.name()
              + " has no point '"
              + word.text()
              + "'"
              + Words.instead(word.text(), points));
      return null;
    }
    return profile.find(word.text());
  }
}
