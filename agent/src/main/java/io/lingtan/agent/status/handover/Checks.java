package io.lingtan.agent.status.handover;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which meters were compared with their own displays, as the events say.
 *
 * @param latest the last comparison of each device
 * @param complete false if older events are kept that were not looked at
 */
public record Checks(Map<String, Check> latest, boolean complete) {

  public static final String EVENT = "command.checked";

  private static final String CHANGED = "config.changed";
  private static final int MOST = 500;

  /** After these a comparison of the device says nothing any more. */
  private static final Set<String> OTHER_METER = Set.of("meter.exchanged", "meter.rescaled");

  public Checks {
    latest = Map.copyOf(latest);
  }

  /**
   * A comparison.
   *
   * @param outdated whether the meter, or what the site file says of its line, is another since
   */
  public record Check(EventRecord event, boolean outdated) {
    public boolean isGood() {
      return event.event().severity() == Event.Severity.INFO;
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
   * @param lineOf on which line each device is
   */
  public static Checks in(History history, Map<String, String> lineOf) {
    History.Found<EventRecord> found = history.newestEvents(Checks::matters, MOST);
    return new Checks(latestOf(found.records(), lineOf), found.complete());
  }

  /**
   * The last comparison of each device.
   *
   * @param lineOf on which line each device is
   */
  public static Map<String, Check> latestOf(
      List<EventRecord> newestFirst, Map<String, String> lineOf) {
    Map<String, Check> latest = new HashMap<>();
    Set<String> changed = new HashSet<>();
    for (EventRecord record : newestFirst) {
      Event event = record.event();
      String device = event.device();
      if (event.name().equals(CHANGED)) {
        changed.addAll(lines(event));
      } else if (device != null && event.name().equals(EVENT)) {
        boolean outdated =
            changed.contains(device) || changed.contains(lineOf.getOrDefault(device, ""));
        latest.putIfAbsent(device, new Check(record, outdated));
      } else if (device != null) {
        changed.add(device);
      }
    }
    return latest;
  }

  private static boolean matters(Event event) {
    return event.name().equals(EVENT)
        || event.name().equals(CHANGED)
        || OTHER_METER.contains(event.name());
  }

  /** The lines that a change of the site file names. */
  private static List<String> lines(Event event) {
    List<String> words = new ArrayList<>();
    for (String part : String.valueOf(event.detail().get("what")).split(",", -1)) {
      String text = part.replaceFirst("^back:", "").strip();
      if (text.startsWith("lines ")) {
        words.addAll(Arrays.asList(text.substring("lines ".length()).split(" ", -1)));
      }
    }
    return words;
  }

  /** The last comparison of a device, null if none is known. */
  public @Nullable Check of(String device) {
    return latest.get(device);
  }
}
