package io.lingtan.agent.site.read;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.NamedPoint;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.Yaml.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes a {@link DeviceProfile} of a profile file's keys. */
final class ProfileReader {

  private static final Duration LONGEST_TURNAROUND = Duration.ofSeconds(5);
  private static final Map<String, Kind> KINDS =
      Map.of(
          "meter", Kind.METER,
          "inverter", Kind.INVERTER,
          "battery", Kind.BATTERY,
          "fuel_cell", Kind.FUEL_CELL,
          "sensor", Kind.SENSOR);
  private static final Map<String, Protocol> PROTOCOLS =
      Map.of(
          "modbus", Protocol.MODBUS,
          "sunspec", Protocol.SUNSPEC,
          "dlt645", Protocol.DLT645,
          "cjt188", Protocol.CJT188,
          "mbus", Protocol.MBUS,
          "senml", Protocol.SENML,
          "pulses", Protocol.PULSES,
          "level", Protocol.LEVEL);
  static final Map<String, Coupling> COUPLINGS = Map.of("ac", Coupling.AC, "dc", Coupling.DC);
  private static final List<String> FOR_REGISTERS =
      List.of("defaults", "models", "identity", "max_words", "turnaround", "part_of", "coupling");

  /** So that a journal's dictionary and a retained description have room for them. */
  private static final int MOST_OWN = 200;

  /** What makers call points, without what says that a value is active or of all phases. */
  private static final Pattern OTHER_WORDS =
      Pattern.compile("(?:active_|total_){0,2}([a-z_]{1,32}?)(?:_total)?(_l[123]|_t[1-4]|)");

  private static final Map<String, String> USUAL =
      Map.of(
          "p", "power",
          "q", "reactive_power",
          "s", "apparent_power",
          "pf", "power_factor",
          "energy", "energy_import",
          "kwh", "energy_import",
          "import_energy", "energy_import",
          "export_energy", "energy_export",
          "freq", "frequency",
          "temp", "temperature");

  private static final List<String> FOR_NAMES = List.of("name", "pointer", "sum");
  private static final List<String> IDENTITY = List.of("serial", "model", "ct", "pt");

  private final Fields profile;
  private final Problems problems;

  /** Reads data items or records; null where the device has registers. */
  private OwnReader.@Nullable PointReader items;

  ProfileReader(Fields profile, Problems problems) {
    this.profile = profile;
    this.problems = problems;
  }

  /** The profile; to be used only if no error was told. */
  @Nullable DeviceProfile read(String name) {
    checkName(name);
    Kind kind = Kind.METER;
    if (profile.require("kind", "it decides what a positive power means")) {
      kind = profile.choice("kind", KINDS, kind);
    }
    Protocol protocol = profile.choice("protocol", PROTOCOLS, Protocol.MODBUS);
    boolean input = protocol == Protocol.PULSES || protocol == Protocol.LEVEL;
    if (protocol == Protocol.SENML) {
      return named(name, kind);
    }
    boolean sunspec = protocol == Protocol.SUNSPEC;
    Fields defaults = profile.group("defaults", Section.PROFILE_DEFAULTS);
    RegisterReader registers = new RegisterReader(defaults, sunspec, problems);
    boolean cjt188 = protocol == Protocol.CJT188;
    if (protocol == Protocol.DLT645 || cjt188) {
      items = new ItemReader(defaults, cjt188, problems);
    }
    if (protocol == Protocol.MBUS) {
      items = new RecordPointReader(defaults, problems);
      refuse("identity", "an M-Bus meter tells its identification itself");
    }
    int meterType = 0;
    if (cjt188) {
      profile.require("meter_type", "the kind of meter, which is in front of its address: 0x20");
      meterType = profile.whole("meter_type", 0x10, 0x49, 0x10);
    } else {
      refuse("meter_type", "only protocol cjt188 has one");
    }

    List<RegisterPoint> points = List.of();
    SequencedMap<Integer, List<RegisterPoint>> models = new LinkedHashMap<>();
    if (sunspec) {
      refuse("points", "a SunSpec device has models");
      profile.require("models", "the SunSpec models by number");
      for (Entry model : profile.entries("models")) {
        models(model, kind, registers, models);
      }
    } else if (input) {
      refuse("models", "only protocol sunspec discovers models");
      refuse("points", "the site file says what an input counts or tells");
    } else {
      refuse("models", "only protocol sunspec discovers models");
      if (!profile.isWritten("own")) {
        profile.require("points", "the device's values by point name");
      }
      Yaml at = profile.value("points");
      if (at != null) {
        points = points(at, kind, registers);
      }
    }
    if (protocol == Protocol.MODBUS || protocol == Protocol.MBUS || cjt188) {
      points = withOwn(points, registers);
    } else {
      refuse("own", "only protocols modbus, cjt188 and mbus have points of their own");
    }
    return new DeviceProfile(
        name,
        kind,
        protocol,
        profile.text("maker", ""),
        profile.text("document", ""),
        profile.text("source", ""),
        fits(),
        profile.flag("example", false),
        points,
        Collections.unmodifiableSequencedMap(models),
        List.of(),
        identity(registers),
        profile.whole("max_words", 1, 125, 125),
        profile.duration("turnaround", Duration.ZERO, LONGEST_TURNAROUND, Duration.ZERO),
        profile.choice("sleeps", Map.of("night", true), false),
        partOf(),
        coupling(kind),
        meterType);
  }

  private @Nullable Coupling coupling(Kind kind) {
    if (profile.isWritten("coupling") && kind != Kind.INVERTER && kind != Kind.BATTERY) {
      problems.error(
          profile.at("coupling"), "coupling is for kinds inverter and battery, which share DC");
    }
    return profile.<@Nullable Coupling>choice("coupling", COUPLINGS, null);
  }

  private List<String> fits() {
    return profile.words("fits").stream().map(Yaml.Text::text).toList();
  }

  private String partOf() {
    String word = profile.text("part_of", "");
    if (!word.isEmpty() && !Words.isId(word)) {
      problems.error(
          profile.valueAt("part_of"), "'" + word + "' is no word: 1 to 64 of A-Z a-z 0-9 _ -");
    }
    return word;
  }

  /** A device that names its values. */
  private DeviceProfile named(String name, Kind kind) {
    for (String key : FOR_REGISTERS) {
      refuse(key, "a device of protocol senml has no registers");
    }
    refuse("own", "only protocols modbus, cjt188 and mbus have points of their own");
    profile.require("points", "the device's values by point name");
    NamedPointReader reader = new NamedPointReader(problems);
    List<NamedPoint> named = new ArrayList<>();
    List<RegisterPoint> points = new ArrayList<>();
    Map<String, Entry> names = new LinkedHashMap<>();
    for (Entry entry : profile.entries("points")) {
      Point point = point(entry.key(), kind);
      Fields fields = Fields.of(Section.PROFILE_POINT, entry.value(), problems);
      NamedPoint value = point == null ? null : reader.read(fields, point);
      if (value == null) {
        continue;
      }
      refuseForeign(kind, value.point(), entry);
      Entry first = names.putIfAbsent(value.name() + (value.sum() ? " sum" : ""), entry);
      if (first != null) {
        problems.error(
            entry.key(),
            "the name '" + value.name() + "' is taken by the point in line " + first.key().line());
      }
      points.add(reader.register(fields, value, named.size()));
      named.add(value);
    }
    return new DeviceProfile(
        name,
        kind,
        Protocol.SENML,
        profile.text("maker", ""),
        profile.text("document", ""),
        profile.text("source", ""),
        fits(),
        profile.flag("example", false),
        points,
        Collections.unmodifiableSequencedMap(new LinkedHashMap<>()),
        named,
        Map.of(),
        125,
        Duration.ZERO,
        profile.choice("sleeps", Map.of("night", true), false),
        "",
        null,
        0);
  }

  private void refuseForeign(Kind kind, Point point, Entry entry) {
    if (isForeign(kind, point.quantity())) {
      problems.error(
          entry.key(),
          "a device of kind "
              + profile.text("kind")
              + " does not count "
              + point.name()
              + ": see the sign rule in config/README.md");
    }
  }

  private void checkName(String name) {
    if (profile.require("name", "the same as the file's name")
        && !name.equals(profile.text("name", name))) {
      problems.error(
          profile.valueAt("name"),
          "name is '" + profile.text("name") + "', but the file is called '" + name + ".yaml'");
    }
  }

  private void refuse(String key, String why) {
    if (profile.isWritten(key)) {
      problems.error(profile.at(key), key + " does not belong here: " + why);
    }
  }

  private void models(
      Entry model,
      Kind kind,
      RegisterReader registers,
      SequencedMap<Integer, List<RegisterPoint>> models) {
    Long id = Words.whole(model.key().text());
    if (id == null || id < 1 || id > 65_534) {
      problems.error(
          model.key(), "a SunSpec model is a number from 1 to 65534, not " + model.key().kind());
    } else {
      models.put(Math.toIntExact(id), points(model.value(), kind, registers));
    }
  }

  private List<RegisterPoint> points(Yaml at, Kind kind, RegisterReader registers) {
    if (!(at instanceof Yaml.Table table)) {
      problems.error(at, "here are points, such as power: {address: 0x34}, not " + at.kind());
      return List.of();
    }
    if (table.entries().isEmpty()) {
      problems.error(at, "there is no point here: nothing would be read");
    }
    List<RegisterPoint> points = new ArrayList<>();
    Map<RegisterPoint, Entry> places = new LinkedHashMap<>();
    for (Entry entry : Fields.unique(table.entries(), problems)) {
      Point point = point(entry.key(), kind);
      Fields fields = Fields.of(Section.PROFILE_POINT, entry.value(), problems);
      for (String key : FOR_NAMES) {
        if (fields.isWritten(key)) {
          problems.error(fields.at(key), key + " is for protocol senml, where values have names");
        }
      }
      RegisterPoint register = register(registers, fields, point);
      if (point != null) {
        refuseForeign(kind, point, entry);
      }
      if (register != null) {
        overlaps(register, entry, places);
        places.put(register, entry);
        points.add(register);
      }
    }
    return points;
  }

  /** The points and those of the profile's own, which follow them. */
  private List<RegisterPoint> withOwn(List<RegisterPoint> points, RegisterReader registers) {
    List<RegisterPoint> all = new ArrayList<>(points);
    OwnReader reader = new OwnReader(problems);
    List<Entry> entries = profile.entries("own");
    if (entries.size() > MOST_OWN) {
      problems.error(
          profile.at("own"),
          "a profile has at most " + MOST_OWN + " own points, not " + entries.size());
    }
    for (Entry entry : entries) {
      if (reader.isName(entry.key())) {
        Fields fields = Fields.of(Section.PROFILE_OWN, entry.value(), problems);
        OwnReader.PointReader dataItems = items;
        String name = entry.key().text();
        RegisterPoint register =
            dataItems == null
                ? readOwn(registers, fields, reader, name)
                : dataItems.readOwn(fields, reader, name);
        if (register != null) {
          all.add(register);
        }
      }
    }
    return all;
  }

  private @Nullable RegisterPoint register(
      RegisterReader registers, Fields fields, @Nullable Point point) {
    OwnReader.PointReader dataItems = items;
    if (dataItems != null) {
      return dataItems.read(fields, point);
    }
    refuseItemKeys(fields);
    return registers.read(fields, point);
  }

  private @Nullable RegisterPoint readOwn(
      RegisterReader registers, Fields fields, OwnReader reader, String name) {
    refuseItemKeys(fields);
    return registers.readOwn(fields, reader, name);
  }

  private void refuseItemKeys(Fields fields) {
    for (String key : ItemReader.KEYS) {
      if (fields.isWritten(key)) {
        problems.error(
            fields.at(key), key + " is for protocols dlt645 and cjt188; a register has an address");
      }
    }
    for (String key : RecordPointReader.KEYS) {
      if (fields.isWritten(key)) {
        problems.error(fields.at(key), key + " is for protocol mbus; a register has an address");
      }
    }
  }

  /** Energies that would turn the one sign rule round if a device of the kind had them. */
  private static boolean isForeign(Kind kind, Quantity quantity) {
    return switch (quantity) {
      case ENERGY_IMPORT, ENERGY_EXPORT -> kind.isSource();
      case ENERGY_GENERATED, ENERGY_ABSORBED -> kind == Kind.METER || kind == Kind.BATTERY;
      case ENERGY_CHARGED, ENERGY_DISCHARGED -> kind != Kind.BATTERY && kind != Kind.SENSOR;
      default -> false;
    };
  }

  private @Nullable Point point(Yaml.Text key, Kind kind) {
    Point point = Point.find(key.text());
    if (point == null) {
      problems.error(
          key,
          "no point is called '"
              + Words.shown(key.text())
              + "'"
              + instead(key.text(), kind)
              + "; what has no name here goes under own");
    }
    return point;
  }

  /**
   * Active beside reactive are alike in letters alone, so makers' words come before the nearest.
   */
  private static String instead(String word, Kind kind) {
    Matcher others = OTHER_WORDS.matcher(word);
    String usual =
        others.matches()
            ? USUAL.getOrDefault(others.group(1), others.group(1)) + others.group(2)
            : word;
    Point found = Point.find(usual);
    return found != null && !isForeign(kind, found.quantity())
        ? "; it is called '" + usual + "' here"
        : Words.instead(word, Point.all().stream().map(Point::name).toList());
  }

  private void overlaps(RegisterPoint register, Entry entry, Map<RegisterPoint, Entry> places) {
    places.forEach(
        (other, place) -> {
          if (register.overlaps(other)) {
            problems.error(
                entry.value(),
                entry.key().text()
                    + " takes registers that "
                    + place.key().text()
                    + " in line "
                    + place.key().line()
                    + " has");
          }
        });
  }

  private Map<String, RegisterPoint> identity(RegisterReader registers) {
    Map<String, RegisterPoint> identity = new LinkedHashMap<>();
    for (Entry entry : profile.entries("identity")) {
      String key = entry.key().text();
      Fields fields = Fields.of(Section.PROFILE_POINT, entry.value(), problems);
      if (!IDENTITY.contains(key)) {
        problems.error(
            entry.key(), "'" + key + "' is no part of identity" + Words.instead(key, IDENTITY));
        continue;
      }
      OwnReader.PointReader dataItems = items;
      RegisterPoint register =
          dataItems == null ? registers.readIdentity(fields) : dataItems.read(fields, null);
      boolean ratio = key.equals("ct") || key.equals("pt");
      if (register != null && ratio && register.type() == DeviceProfile.Type.STRING) {
        problems.error(fields.valueAt("type"), key + " is a number, not a string");
      }
      if (register != null) {
        identity.put(key, register);
      }
    }
    return identity;
  }
}
