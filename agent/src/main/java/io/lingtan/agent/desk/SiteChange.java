package io.lingtan.agent.desk;

import io.lingtan.agent.site.FeedFile;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What another site file takes, beside the one that runs.
 *
 * @param refused what only a new start can change, each in a sentence; empty if there is none
 * @param ending ids of lines whose steps have to end: changed, or not there any more
 * @param beginning ids of lines that begin: changed, or new
 * @param figures whether metering, carbon or the place are others
 * @param uplink whether the broker, the way to it, or what is taken from it is another
 * @param views whether others are shown the same in another form
 * @param page whether the page is to be shown otherwise
 * @param pin whether the page's PIN is in another file
 */
public record SiteChange(
    List<String> refused,
    Set<String> ending,
    Set<String> beginning,
    boolean figures,
    boolean uplink,
    boolean views,
    boolean page,
    boolean pin) {

  public SiteChange {
    refused = List.copyOf(refused);
    ending = new TreeSet<>(ending);
    beginning = new TreeSet<>(beginning);
  }

  /** From the site that runs to another. */
  public static SiteChange between(Site from, Site to) {
    List<String> refused = new ArrayList<>();
    if (!from.gateway().equals(to.gateway())) {
      refused.add("gateway is " + from.gateway() + " and would be " + to.gateway());
    }
    if (!from.journal().equals(to.journal())) {
      refused.add("journal is another, or kept otherwise");
    }
    if (!from.clock().equals(to.clock())) {
      refused.add("clock is another");
    }
    Map<String, Line> before = byId(from);
    Map<String, Line> after = byId(to);
    Set<String> ending = new TreeSet<>(before.keySet());
    ending.removeIf(id -> isSame(before.get(id), after.get(id)));
    Set<String> beginning = new TreeSet<>(after.keySet());
    beginning.removeIf(id -> isSame(before.get(id), after.get(id)));
    return new SiteChange(
        refused,
        ending,
        beginning,
        !from.metering().equals(to.metering())
            || !from.place().equals(to.place())
            || !reckonedBy(from.carbon()).equals(reckonedBy(to.carbon())),
        !from.mqtt().withoutSparkplug().equals(to.mqtt().withoutSparkplug())
            || !Objects.equals(from.fleet(), to.fleet()),
        !from.mqtt().views().equals(to.mqtt().views()),
        !from.status().equals(to.status()),
        !Objects.equals(from.status().pinFile(), to.status().pinFile()));
  }

  /** Whether two lines are read and told alike; equal points may be called otherwise. */
  private static boolean isSame(@Nullable Line one, @Nullable Line other) {
    return Objects.equals(one, other)
        && (one == null || other == null || names(one).equals(names(other)));
  }

  private static List<Object> names(Line line) {
    return line.devices().stream()
        .flatMap(device -> device.profile().pointsGiven().stream())
        .<Object>map(point -> List.of(point.english(), point.chinese(), point.bits()))
        .toList();
  }

  private static Map<String, Line> byId(Site site) {
    Map<String, Line> lines = new HashMap<>();
    site.lines().forEach(line -> lines.put(line.id(), line));
    return lines;
  }

  /** All that figures rest on; files of feeds by their content. */
  private static List<Object> reckonedBy(Site.Carbon carbon) {
    return List.of(
        carbon.methods(),
        carbon.tables(),
        carbon.accepted(),
        carbon.certificates(),
        carbon.feeds().stream().map(FeedFile::sha256).toList(),
        carbon.green(),
        String.valueOf(carbon.dieselLitresPer100Km()));
  }

  /** Whether everything is as it is. */
  public boolean isNothing() {
    return refused.isEmpty()
        && ending.isEmpty()
        && beginning.isEmpty()
        && !figures
        && !uplink
        && !views
        && !page;
  }

  /** In words: {@code lines roof, figures}. */
  public String text() {
    Set<String> lines = new TreeSet<>(ending);
    lines.addAll(beginning);
    List<String> parts = new ArrayList<>();
    if (!lines.isEmpty()) {
      parts.add("lines " + String.join(" ", lines));
    }
    if (figures) {
      parts.add("figures");
    }
    if (uplink) {
      parts.add("mqtt");
    }
    if (views) {
      parts.add("views");
    }
    if (page) {
      parts.add(pin ? "status pin_file" : "status");
    }
    return String.join(", ", parts);
  }
}
