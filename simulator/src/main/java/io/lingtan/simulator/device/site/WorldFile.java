package io.lingtan.simulator.device.site;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.yaml.Fields;
import io.lingtan.agent.site.yaml.Keys;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.TankGroup;
import java.math.BigDecimal;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The world behind a site, as {@code config/sites/NAME.world.yaml} describes it: what there is, how
 * big, and which wire or vessel each device of the site file sees. Everything that is wrong with it
 * is told in one go.
 */
public final class WorldFile {

  private static final List<String> COUNTERS =
      Point.all().stream()
          .filter(
              point ->
                  point.quantity().isRegister()
                      || point.name().equals("mass")
                      || point.name().equals("volume"))
          .map(Point::name)
          .toList();

  private static final Keys FILE = keys("world file", List.of("world", "devices"));

  private static final Keys WORLD =
      keys(
          "world",
          List.of(
              "start",
              "cloud_cover",
              "pv_kw",
              "battery_kwh",
              "battery_kw",
              "electrolyser_kw",
              "tank_m3",
              "tanks",
              "buses",
              "charger_kw",
              "buildings_percent"));

  private static final Keys TANKS = keys("tanks[]", List.of("m3", "mpa"));

  private static final Keys DEVICE = keys("devices", concatenated(List.of("sees"), COUNTERS));

  /** Every key of the group that describes the world. */
  public static List<String> worldKeys() {
    return WORLD.keys();
  }

  private final Site site;
  private final long seed;
  private final Problems problems;

  private WorldFile(Site site, long seed, Problems problems) {
    this.site = site;
    this.seed = seed;
    this.problems = problems;
  }

  /** What a world file says. */
  record Read(Plant plant, List<Installed> devices) {
    Read {
      devices = List.copyOf(devices);
    }
  }

  private static List<String> concatenated(List<String> first, List<String> second) {
    List<String> all = new ArrayList<>(first);
    all.addAll(second);
    return List.copyOf(all);
  }

  private static Keys keys(String title, List<String> names) {
    return new Keys() {
      @Override
      public String title() {
        return title;
      }

      @Override
      public List<String> keys() {
        return names;
      }
    };
  }

  /**
   * Reads a world file.
   *
   * @param problems of the file; gets all that is wrong
   * @return null if anything is
   */
  static @Nullable Read read(byte[] bytes, Site site, long seed, Problems problems) {
    Yaml root = YamlReader.read(bytes, problems);
    if (root == null) {
      return null;
    }
    Fields fields = Fields.of(FILE, root, problems);
    WorldFile file = new WorldFile(site, seed, problems);
    Plant plant = file.plant(fields.group("world", WORLD));
    int groups = plant == null ? Plant.MOST_TANKS : plant.tanks().size();
    List<Installed> devices = file.devices(fields, groups);
    return problems.errors() > 0 || plant == null ? null : new Read(plant, devices);
  }

  private @Nullable Plant plant(Fields world) {
    ZoneId zone = site.place().zone();
    double lat = site.place().lat();
    double lon = site.place().lon();
    if (Double.isNaN(lat) || Double.isNaN(lon)) {
      problems.error(world.at(), "the site file needs lat and lon: the sun shines by them");
      return null;
    }
    Plant usual = Plant.demo(seed);
    return new Plant(
        seed,
        start(world, zone),
        zone,
        lat,
        lon,
        usual.stepMillis(),
        number(world, "cloud_cover", "0.95", "0.45").doubleValue(),
        watts(world, "pv_kw"),
        number(world, "battery_kwh", "100000", "1")
            .max(BigDecimal.ONE)
            .multiply(BigDecimal.valueOf(Plant.MILLIJOULES_PER_KWH))
            .longValue(),
        watts(world, "battery_kw"),
        watts(world, "electrolyser_kw"),
        tanks(world),
        world.whole("buses", 0, 20, 0),
        world.whole("buildings_percent", 0, 10_000, 100),
        Math.min(2_000_000, watts(world, "charger_kw")));
  }

  private List<TankGroup> tanks(Fields world) {
    if (!world.has("tanks")) {
      return List.of(group(number(world, "tank_m3", "1000", "0"), TankGroup.USUAL_MPA));
    }
    if (world.has("tank_m3")) {
      problems.error(world.at("tank_m3"), "tanks says the volume of each group: delete this key");
    }
    List<TankGroup> groups = new ArrayList<>();
    for (Fields group : world.groups("tanks", TANKS)) {
      group.require("m3", "geometric volume of the group");
      BigDecimal mpa = group.decimal("mpa", "1", "100");
      groups.add(
          group(
              number(group, "m3", "1000", "0"),
              mpa == null ? TankGroup.USUAL_MPA : mpa.doubleValue()));
    }
    if (groups.isEmpty() || groups.size() > Plant.MOST_TANKS) {
      problems.error(world.valueAt("tanks"), "tanks has 1 to 3 groups, not " + groups.size());
      return List.of(group(BigDecimal.ZERO, TankGroup.USUAL_MPA));
    }
    return groups;
  }

  private static TankGroup group(BigDecimal cubicMetres, double mpa) {
    return new TankGroup(Math.max(1, cubicMetres.movePointRight(6).longValue()), mpa);
  }

  private long start(Fields world, ZoneId zone) {
    String text = world.text("start", "2026-06-17T10:30");
    try {
      return LocalDateTime.parse(text).atZone(zone).toInstant().toEpochMilli();
    } catch (DateTimeParseException e) {
      problems.error(
          world.valueAt("start"),
          "start is a local time such as 2026-06-17T10:30, not '" + text + "'");
      return 0;
    }
  }

  private static BigDecimal number(Fields world, String key, String most, String otherwise) {
    BigDecimal number = world.decimal(key, "0", most);
    return number == null ? new BigDecimal(otherwise) : number;
  }

  private static int watts(Fields world, String key) {
    return number(world, key, "100000", "0").movePointRight(3).intValue();
  }

  private List<Installed> devices(Fields fields, int groups) {
    Yaml value = fields.value("devices");
    Map<String, Device> known = new LinkedHashMap<>();
    site.devices().forEach(device -> known.put(device.id(), device));
    List<Installed> installed = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    if (!(value instanceof Yaml.Table table)) {
      problems.error(fields.at("devices"), "devices has a key for each device of the site file");
      return installed;
    }
    for (Yaml.Entry entry : table.entries()) {
      String id = entry.key().text();
      Device device = known.get(id);
      if (device == null) {
        problems.error(
            entry.key(), "the site file has no device " + id + Words.instead(id, known.keySet()));
      } else if (!seen.add(id)) {
        problems.error(entry.key(), "'" + id + "' is here for the second time");
      } else {
        Installed one = device(device, groups, Fields.of(DEVICE, entry.value(), problems));
        if (one != null) {
          installed.add(one);
        }
      }
    }
    for (String id : known.keySet()) {
      if (!seen.contains(id)) {
        problems.error(value, "device " + id + " of the site file is missing: what does it see?");
      }
    }
    return installed;
  }

  private @Nullable Installed device(Device device, int groups, Fields fields) {
    fields.require(
        "sees", "the wire or vessel, one of " + String.join(" ", View.byWord().keySet()));
    View view = fields.<@Nullable View>choice("sees", View.byWord(), null);
    if (view != null && view.tankGroup() >= groups) {
      problems.error(
          fields.valueAt("sees"), "the world has only " + groups + " group(s) of tanks; see tanks");
    }
    Map<Point, BigDecimal> counted = new HashMap<>();
    for (String name : COUNTERS) {
      BigDecimal number = fields.decimal(name, "0", "100000000");
      if (number != null) {
        counted.put(Point.of(name), number);
      }
    }
    return view == null ? null : new Installed(device, view, counted);
  }
}
