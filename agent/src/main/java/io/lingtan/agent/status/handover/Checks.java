package io.lingtan.agent.status.handover;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Point;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Which meters were compared with their own displays, as the events say.
 *
 * @param latest the newest comparisons of each device, newest first: down to the one that shows its
 *     transformer ratios, one of each point
 * @param complete false if older events are kept that were not looked at
 */
public record Checks(Map<String, List<Check>> latest, boolean complete) {

  public static final String EVENT = "command.checked";

  private static final int MOST = 500;

  /** More comparisons of one device nobody reads. */
  private static final int MOST_OF_ONE = 4;

  /** After these a comparison of the device says nothing any more. */
  private static final Set<String> OTHER_METER =
      Set.of("meter.exchange", "meter.exchanged", "meter.rescaled");

  public Checks {
    latest = Map.copyOf(latest);
  }

  /**
   * A comparison.
   *
   * @param outdated whether the meter is another since, or what the site file says of it or of its
   *     line
   */
  public record Check(EventRecord event, boolean outdated) {
    public boolean isGood() {
      return event.event().severity() == Event.Severity.INFO;
    }

    /** Whether what was compared shows that the transformer ratios are right. */
    public boolean isOfRatios() {
      Point point = Point.find(detail("point"));
      return point != null && point.isOfRatios();
    }

    /** A detail of the event, empty if it has none such. */
    public String detail(String name) {
      Object value = event.event().detail().get(name);
      return value == null ? "" : value.toString();
    }
  }

  /**
   * Looks for them.
   *
   * @param settings the hash of each device's present {@link io.lingtan.agent.site.Settings}
   */
  public static Checks in(History history, Map<String, String> settings) {
    History.Found<EventRecord> found = history.newestEvents(Checks::matters, MOST);
    return new Checks(latestOf(found.records(), settings), found.complete());
  }

  /**
   * The newest comparisons of each device.
   *
   * @param settings the hash of each device's present settings
   */
  public static Map<String, List<Check>> latestOf(
      List<EventRecord> newestFirst, Map<String, String> settings) {
    Map<String, List<Check>> latest = new HashMap<>();
    Set<String> other = new HashSet<>();
    for (EventRecord record : newestFirst) {
      Event event = record.event();
      String device = event.device();
      if (device == null) {
        continue;
      }
      if (!event.name().equals(EVENT)) {
        other.add(device);
        continue;
      }
      Object checked = event.detail().get("settings");
      boolean outdated = other.contains(device) || !Objects.equals(settings.get(device), checked);
      add(latest.computeIfAbsent(device, any -> new ArrayList<>()), new Check(record, outdated));
    }
    return latest;
  }

  private static void add(List<Check> newer, Check check) {
    boolean over = newer.size() >= MOST_OF_ONE;
    for (Check each : newer) {
      over |= each.isOfRatios() || each.detail("point").equals(check.detail("point"));
    }
    if (!over) {
      newer.add(check);
    }
  }

  private static boolean matters(Event event) {
    return event.name().equals(EVENT) || OTHER_METER.contains(event.name());
  }

  /** The newest comparisons of a device; empty if none is known. */
  public List<Check> of(String device) {
    return latest.getOrDefault(device, List.of());
  }

  /**
   * Whether a device agrees with its own display: open while nothing that still counts says so.
   *
   * @param electric whether it has transformer ratios, which not every point can prove
   */
  public HandoverSheet.Mark mark(String device, boolean electric) {
    boolean proved = false;
    for (Check check : of(device)) {
      if (!check.outdated() && !check.isGood()) {
        return HandoverSheet.Mark.BAD;
      }
      proved |= !check.outdated() && (check.isOfRatios() || !electric);
    }
    return proved ? HandoverSheet.Mark.GOOD : HandoverSheet.Mark.OPEN;
  }
}
