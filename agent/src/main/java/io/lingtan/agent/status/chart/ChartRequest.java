package io.lingtan.agent.status.chart;

import io.lingtan.agent.journal.HistoryChart.Wanted;
import io.lingtan.agent.journal.HistoryCoverage;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a request asks for, checked.
 *
 * @param wanted 1 to {@value #MOST_SERIES} points
 * @param fromMillis UTC ms, inclusive
 * @param toMillis UTC ms, exclusive
 * @param parts how many equal parts the time is cut into
 */
record ChartRequest(List<Wanted> wanted, long fromMillis, long toMillis, int parts) {

  static final int MOST_SERIES = 8;

  private static final int USUAL_PARTS = 240;
  private static final int MOST_PARTS = 1440;
  private static final long MOST_DAYS = 31;
  private static final long DAY_MILLIS = 86_400_000;
  private static final Map<String, Long> SPANS =
      Map.of("1h", 3_600_000L, "6h", 21_600_000L, "24h", DAY_MILLIS, "7d", 7 * DAY_MILLIS);

  ChartRequest {
    wanted = List.copyOf(wanted);
  }

  /**
   * Understands a query.
   *
   * @param nowMillis UTC ms
   * @throws IllegalArgumentException if it makes no sense; the message says what, and what to ask
   */
  static ChartRequest of(Map<String, String> query, Site site, long nowMillis) {
    long parts = number(query, "parts", USUAL_PARTS);
    require(
        parts >= 1 && parts <= MOST_PARTS,
        "parts is 1 to " + MOST_PARTS + ", was " + parts + ": ask for fewer");
    String span = query.getOrDefault("span", "24h");
    Long length = SPANS.get(span);
    require(
        length != null || query.containsKey("from"),
        "span is 1h, 6h, 24h or 7d, not " + shown(span) + "; or give from and to in ms UTC");
    long to = number(query, "to", nowMillis);
    long from = number(query, "from", to - (length == null ? DAY_MILLIS : length));
    require(from < to, "from must be before to, was " + from + " and " + to);
    require(
        to - from <= MOST_DAYS * DAY_MILLIS,
        "that are "
            + (to - from) / DAY_MILLIS
            + " days; a chart shows at most "
            + MOST_DAYS
            + ": ask for a shorter time, or for the months at /report/");
    return new ChartRequest(series(query.getOrDefault("series", ""), site), from, to, (int) parts);
  }

  private static List<Wanted> series(String text, Site site) {
    require(
        !text.isEmpty(),
        "give series=DEVICE/POINT, several with commas, such as series=gate/power");
    String[] names = text.split(",", MOST_SERIES + 1);
    require(
        names.length <= MOST_SERIES,
        "at most " + MOST_SERIES + " series at once: ask for the others by themselves");
    List<Wanted> wanted = new ArrayList<>();
    for (String name : names) {
      int slash = name.indexOf('/');
      Device device = slash < 0 ? null : device(site, name.substring(0, slash));
      Point point = device == null ? null : device.profile().find(name.substring(slash + 1));
      if (device == null || point == null || !point.isNumber()) {
        throw new IllegalArgumentException(
            "a series is DEVICE/POINT with a point that is a number, such as gate/power, not "
                + shown(name));
      }
      wanted.add(new Wanted(device.id(), point, period(device, point).toMillis()));
    }
    return wanted;
  }

  private static Device device(Site site, String id) {
    for (Line line : site.lines()) {
      for (Device device : line.devices()) {
        if (device.id().equals(id)) {
          return device;
        }
      }
    }
    throw new IllegalArgumentException(
        "the site has no device "
            + shown(id)
            + "; it has "
            + site.lines().stream()
                .flatMap(line -> line.devices().stream())
                .limit(50)
                .map(Device::id)
                .collect(Collectors.joining(" ")));
  }

  /** How far apart a point's readings are at most while all is well. */
  private static Duration period(Device device, Point point) {
    Duration period = device.record();
    for (Device.Group group : device.groups()) {
      if (group.points().contains(point) && group.every().compareTo(period) > 0) {
        period = group.every();
      }
    }
    return device.deadband().containsKey(point) ? held(device, period) : period;
  }

  private static Duration held(Device device, Duration period) {
    Duration longest = device.maxInterval();
    return longest != null && longest.compareTo(period) > 0 ? longest : period;
  }

  /** Every device of a site, with how far apart its records are at most. */
  static List<HistoryCoverage.Wanted> devices(Site site) {
    List<HistoryCoverage.Wanted> all = new ArrayList<>();
    for (Line line : site.lines()) {
      for (Device device : line.devices()) {
        Duration period =
            device.deadband().isEmpty() ? device.record() : held(device, device.record());
        all.add(new HistoryCoverage.Wanted(device.id(), period.toMillis()));
      }
    }
    return all;
  }

  private static long number(Map<String, String> query, String key, long otherwise) {
    String text = query.get(key);
    if (text == null) {
      return otherwise;
    }
    require(text.matches("\\d{1,14}"), key + " is a whole number, not " + shown(text));
    return Long.parseLong(text);
  }

  private static String shown(String text) {
    return text.length() <= 40 ? "\"" + text + "\"" : "\"" + text.substring(0, 40) + "…\"";
  }

  private static void require(boolean good, String otherwise) {
    if (!good) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
