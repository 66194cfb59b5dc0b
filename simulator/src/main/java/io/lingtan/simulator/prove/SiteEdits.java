package io.lingtan.simulator.prove;

import io.lingtan.simulator.fault.HostFault.SiteChanged.Change;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  private SiteEdits() {}

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
    Map<String, Object> site = group(new Load(LoadSettings.builder().build()).loadFromString(kept));
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
    return new Dump(DumpSettings.builder().build()).dumpToString(site);
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
