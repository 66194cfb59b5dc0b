package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Everything that the node can tell, with an alias for each name that is told more than once. What
 * a record brings beside it (a device or a point that the site file had once) is added, and then
 * everything has to be born again.
 */
final class NodeMetrics {

  /** Figures and devices beyond the site file's that are added; more are passed over. */
  private static final int MOST_LEARNT = 256;

  private final SequencedMap<String, Figure> figures = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final SequencedMap<String, SortedSet<Point>> devices = new LinkedHashMap<>();
  private final Map<String, Long> aliases = new HashMap<>();
  private final Set<String> discovered = new HashSet<>();
  private int learnt;

  /**
   * A figure of intervals.
   *
   * @param name as hosts get it
   * @param unit as people write it, empty if there is none or nobody knows it
   */
  record Figure(String name, String unit) {}

  NodeMetrics(Site site, Birth birth) {
    alias(SparkplugTopics.BDSEQ);
    String base = site.metering().interval();
    for (String length : List.of(base, "1h", "1d", "1M", "1Y")) {
      for (Map.Entry<String, Indicator> metric : birth.metrics().entrySet()) {
        if (metric.getValue().isIn(length)) {
          add(figure(length, metric.getKey()), metric.getValue().symbol());
        }
      }
    }
    for (Device device : site.devices()) {
      boolean isDiscovered = device.profile().protocol() == DeviceProfile.Protocol.SUNSPEC;
      devices.put(device.id(), isDiscovered ? new TreeSet<>() : device.profile().pointsGiven());
      if (isDiscovered) {
        discovered.add(device.id());
      }
    }
  }

  /**
   * Whether only the device itself tells which of its profile's points it has: then it has those
   * that it gave a value for.
   */
  boolean isDiscovered(String device) {
    return discovered.contains(device);
  }

  /**
   * Hosts that make tags of metrics take no dot in a name (Ignition), so underscores stand for
   * them; where that, or a letter's case, would make two figures one, the later has a number.
   */
  private void add(String figure, String unit) {
    String plain = figure.replace('.', '_');
    String name = plain;
    for (int i = 2; !taken.add(name.toLowerCase(Locale.ROOT)); i++) {
      name = plain + "_" + i;
    }
    figures.put(figure, new Figure(name, unit));
  }

  /**
   * Length and name of an interval's figure. Lengths are words where a letter's case alone would
   * tell them apart (minute and month), since hosts need not look at it.
   */
  static String figure(String length, String metric) {
    String word =
        switch (length) {
          case "1h" -> "hour";
          case "1d" -> "day";
          case "1M" -> "month";
          case "1Y" -> "year";
          default -> length;
        };
    return word + "/" + metric;
  }

  /** What is known of each {@link #figure}. */
  SequencedMap<String, Figure> figures() {
    return figures;
  }

  List<String> devices() {
    return new ArrayList<>(devices.keySet());
  }

  SortedSet<Point> points(String device) {
    return devices.getOrDefault(device, new TreeSet<>());
  }

  /** The alias of a name of the node's own. */
  long alias(String name) {
    return aliases.computeIfAbsent(name, key -> (long) aliases.size() + 1);
  }

  /** The alias of a name of a device. */
  long alias(String device, String name) {
    return alias("\n" + device + "\n" + name);
  }

  boolean knows(String device) {
    return devices.containsKey(device);
  }

  /** Whether it was not known, and is now. */
  boolean learnFigure(String name) {
    if (figures.containsKey(name) || learnt >= MOST_LEARNT) {
      return false;
    }
    learnt++;
    add(name, "");
    return true;
  }

  /** Whether something was not known, and is now. */
  boolean learn(String device, Iterable<Point> points) {
    SortedSet<Point> known = devices.get(device);
    if (known == null) {
      if (learnt >= MOST_LEARNT) {
        return false;
      }
      learnt++;
      known = new TreeSet<>();
      devices.put(device, known);
    }
    boolean isNew = false;
    for (Point point : points) {
      // An own point that was scaled or named otherwise once has this name for what it is now.
      boolean isOther =
          point.isOwn()
              && known.stream()
                  .anyMatch(each -> each.name().equals(point.name()) && !each.equals(point));
      isNew |= !isOther && known.add(point);
    }
    return isNew;
  }
}
