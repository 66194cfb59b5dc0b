package io.lingtan.agent.site.read;

import io.lingtan.agent.site.yaml.Yaml;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the site file's meters are rated at, by device, looked up before the lines are read. What is
 * wrong with them is told where meters are read.
 */
final class Ratings {

  private Ratings() {}

  /** Kilowatts by device, all its meters together. */
  static Map<String, Double> of(Yaml root) {
    Map<String, Double> ratings = new HashMap<>();
    if (under(under(root, "metering"), "meters") instanceof Yaml.Items meters) {
      for (Yaml meter : meters.items()) {
        if (under(meter, "device") instanceof Yaml.Text device
            && under(meter, "rated_kw") instanceof Yaml.Text rated) {
          ratings.merge(device.text(), number(rated.text()), Double::sum);
        }
      }
    }
    return ratings;
  }

  private static @Nullable Yaml under(@Nullable Yaml table, String key) {
    List<Yaml.Entry> entries = table instanceof Yaml.Table keys ? keys.entries() : List.of();
    for (Yaml.Entry entry : entries) {
      if (entry.key().text().equals(key)) {
        return entry.value();
      }
    }
    return null;
  }

  private static double number(String text) {
    try {
      return Math.max(0, new BigDecimal(text).doubleValue());
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
