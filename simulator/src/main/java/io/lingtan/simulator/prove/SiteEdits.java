package io.lingtan.simulator.prove;

import io.lingtan.agent.site.yaml.Words;
import io.lingtan.simulator.fault.HostFault.SiteChanged.Change;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A site file as somebody changes it: what stands in the one that is kept, without its comments,
 * and some of it otherwise.
 */
final class SiteEdits {

  private static final BigDecimal TWO = BigDecimal.valueOf(2);

  private static final String USUAL_RECORD = "10s";
  private static final Duration USUAL = Duration.ofSeconds(10);

  /** Keys that name files or folders, by the group that they stand in. */
  private static final Map<String, List<String>> PATHS =
      Map.of(
          "", List.of("profiles", "factors"),
          "carbon", List.of("certificates", "feeds"),
          "mqtt", List.of("password_file"),
          "tls", List.of("ca", "cert", "key"),
          "coap", List.of("key_file"),
          "coap-server", List.of("keys"));

  private SiteEdits() {}

  /**
   * A kept file as a proof runs it: intervals of a quarter of an hour, and no recording more often
   * than every ten seconds, as a gateway in the field has them; a broker, a journal and a page of
   * its own. What it names by relative paths is what the kept file names.
   *
   * @param home where relative paths in the kept file begin; null where it lies in no folder
   */
  static String proved(String kept, @Nullable Path home, Path journal) {
    Map<String, Object> site = parsed(kept);
    if (home != null) {
      resolve("", site, home);
    }
    groupOf(site, "metering").put("interval", "15m");
    groupOf(site, "mqtt").put("servers", List.of("mqtt://127.0.0.1:1883"));
    groupOf(site, "journal").put("path", journal.toString());
    groupOf(site, "journal").remove("key_file");
    groupOf(site, "status").put("listen", "127.0.0.1:0");
    groupOf(site, "status").remove("pin_file");
    for (Map<String, Object> line : groups(site, "lines")) {
      for (Map<String, Object> device : groups(line, "devices")) {
        device.computeIfPresent("record", (key, period) -> isShort(period) ? USUAL_RECORD : period);
      }
    }
    return dumped(site);
  }

  private static boolean isShort(Object period) {
    Duration duration = Words.duration(period.toString());
    return duration != null && duration.compareTo(USUAL) < 0;
  }

  /** Makes relative paths absolute, in this group and those within it. */
  private static void resolve(String name, Map<String, Object> group, Path home) {
    for (Map.Entry<String, Object> entry : group.entrySet()) {
      boolean path = PATHS.getOrDefault(name, List.of()).contains(entry.getKey());
      entry.setValue(resolved(entry.getKey(), entry.getValue(), path, home));
    }
  }

  private static Object resolved(String key, Object value, boolean path, Path home) {
    return switch (value) {
      case String text when path -> home.resolve(text).toString();
      case List<?> items ->
          // Taken out of later.
          items.stream()
              .<Object>map(item -> resolved(key, item, path, home))
              .collect(Collectors.toCollection(ArrayList::new));
      case Map<?, ?> inner -> {
        Map<String, Object> group = group(inner);
        resolve(key, group, home);
        yield group;
      }
      default -> value;
    };
  }

  private static Map<String, Object> parsed(String text) {
    return group(new Load(LoadSettings.builder().build()).loadFromString(text));
  }

  private static String dumped(Map<String, Object> site) {
    return new Dump(DumpSettings.builder().build()).dumpToString(site);
  }

  private static Map<String, Object> groupOf(Map<String, Object> site, String key) {
    return group(site.computeIfAbsent(key, none -> new LinkedHashMap<String, Object>()));
  }

  /** The id of a device while it has another. */
  static String renamed(String device) {
    return device + "-new";
  }

  /**
   * The text of a changed file.
   *
   * @param kept text of the one that is kept
   * @param changes by device, as that one calls it
   */
  static String edited(String kept, Map<String, Set<Change>> changes) {
    Map<String, Object> site = parsed(kept);
    List<Map<String, Object>> lines = groups(site, "lines");
    List<Map<String, Object>> meters = groups(group(site.get("metering")), "meters");
    changes.forEach(
        (device, own) -> {
          if (own.contains(Change.TAKEN_OUT) || own.contains(Change.METER_OUT)) {
            unmeter(meters, device);
          }
          for (Map<String, Object> line : lines) {
            List<Map<String, Object>> devices = groups(line, "devices");
            if (own.contains(Change.TAKEN_OUT)) {
              devices.removeIf(one -> device.equals(one.get("id")));
            }
            devices.stream()
                .filter(one -> device.equals(one.get("id")))
                .forEach(one -> own.forEach(change -> change(one, change)));
          }
          if (own.contains(Change.RENAMED)) {
            meters.stream()
                .filter(meter -> device.equals(meter.get("device")))
                .forEach(meter -> meter.put("device", renamed(device)));
          }
        });
    lines.removeIf(line -> groups(line, "devices").isEmpty());
    return dumped(site);
  }

  private static void unmeter(List<Map<String, Object>> meters, String device) {
    List<Object> gone =
        meters.stream()
            .filter(meter -> device.equals(meter.get("device")))
            .map(meter -> meter.get("id"))
            .toList();
    meters.removeIf(meter -> gone.contains(meter.get("id")));
    meters.removeIf(meter -> gone.contains(meter.get("parent")));
  }

  private static void change(Map<String, Object> device, Change change) {
    switch (change) {
      case TAKEN_OUT, METER_OUT -> {}
      case RENAMED -> device.put("id", renamed(String.valueOf(device.get("id"))));
      case RATIO_HALVED -> {
        if (device.get("ct") instanceof Number ct) {
          device.put("ct", new BigDecimal(ct.toString()).divide(TWO).toString());
        }
      }
      case PERIOD_CHANGED -> {
        device.computeIfPresent("every", (key, period) -> twice(period));
        device.put("record", twice(device.getOrDefault("record", USUAL_RECORD)));
      }
    }
  }

  /** Of a duration such as 10s. */
  private static String twice(Object duration) {
    String text = duration.toString();
    int unit = 0;
    while (Character.isDigit(text.charAt(unit))) {
      unit++;
    }
    return 2 * Long.parseLong(text.substring(0, unit)) + text.substring(unit);
  }

  /** What of a file that a site was loaded from has keys; they are texts. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> group(@Nullable Object value) {
    return (Map<String, Object>) Objects.requireNonNull(value);
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> groups(Map<String, Object> of, String key) {
    return (List<Map<String, Object>>) Objects.requireNonNull(of.get(key));
  }
}
