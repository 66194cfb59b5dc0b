package io.lingtan.agent.status.event;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which events tell of a state that goes on until another event, and which of just a moment. Active
 * and cleared are not kept: they follow from the events themselves, so that a restart, another
 * reader or a later version comes to the same.
 *
 * <p>An event that somebody acknowledged is named by an event {@value #ACKNOWLEDGED}; so
 * acknowledgements are kept, delivered and dropped like any other event.
 */
public final class Lifecycle {

  public static final String ACKNOWLEDGED = "command.event_acknowledged";

  private static final String RUN = "agent.start";

  /** Some steps begin anew with a changed site file: {@code what} names them. */
  private static final String CHANGED = "config.changed";

  /** In the detail of an event that is its own end. */
  private static final String OVER = "over";

  /** The same of a device's own alarm, which says so the other way round. */
  private static final String RAISED = "raised";

  /**
   * How an event ends.
   *
   * @param by the event that ends it, null if it is its own end, with {@value #OVER} or not {@value
   *     #RAISED}
   * @param same details that both have in common, {@code device} among them
   * @param withRun whether a step that begins anew knows nothing of it, and tells it again if it
   *     goes on
   */
  record Ending(@Nullable String by, List<String> same, boolean withRun) {}

  /** What goes on, and how it ends. */
  static final Map<String, Ending> GOING_ON =
      Map.ofEntries(
          Map.entry("line.down", new Ending("line.up", List.of("line"), true)),
          Map.entry("meter.offline", new Ending("meter.online", List.of("device"), true)),
          Map.entry("meter.ratio", new Ending("meter.ratio_good", List.of("device"), true)),
          Map.entry(
              "meter.against_role", new Ending(null, List.of("device", "meter", "point"), false)),
          Map.entry(
              "meter.power_disagrees",
              new Ending(null, List.of("device", "meter", "point"), false)),
          Map.entry(
              "meter.tariffs_disagree",
              new Ending(null, List.of("device", "meter", "point"), false)),
          Map.entry("uplink.down", new Ending("uplink.up", List.of(), true)),
          Map.entry("uplink.view_down", new Ending("uplink.view_up", List.of("view"), true)),
          Map.entry("uplink.renewal_failed", new Ending("uplink.renewed", List.of(), true)),
          Map.entry("uplink.renewal_unusable", new Ending("uplink.renewed", List.of(), true)),
          Map.entry("meter.residual", new Ending(null, List.of("start"), false)),
          Map.entry("meter.hydrogen_residual", new Ending(null, List.of("start"), false)),
          Map.entry("meter.export_without_source", new Ending(null, List.of("start"), false)),
          Map.entry("meter.hybrid_gain", new Ending(null, List.of("start"), false)),
          Map.entry("meter.round_trip", new Ending(null, List.of("start"), false)),
          Map.entry("demand.near_limit", new Ending(null, List.of("start"), false)),
          Map.entry("supply.share_missed", new Ending(null, List.of("start"), false)),
          Map.entry("config.tariff_ends", new Ending(null, List.of("start"), false)),
          Map.entry("device.alarm", new Ending(null, List.of("device", "point", "bit"), false)),
          Map.entry("agent.month_not_closed", new Ending(null, List.of("month"), true)),
          Map.entry("agent.figures_failed", new Ending(null, List.of("start", "figures"), false)));

  /** Whether what an event tells goes on. */
  public enum State {
    ACTIVE,
    CLEARED,
    MOMENT
  }

  /**
   * An event with what became of it.
   *
   * @param clearedMillis UTC ms at which it ended, {@link JournalRecord#UNDATED} if it did without
   *     a clock; 0 if it did not, or was but a moment
   * @param acknowledgedMillis the same of its being acknowledged; 0 if nobody did
   */
  public record Standing(
      EventRecord event, State state, long clearedMillis, long acknowledgedMillis) {

    /** Whether somebody should still look at it. */
    public boolean isOpen() {
      return acknowledgedMillis == 0 && event.event().severity() != Event.Severity.INFO;
    }

    private int rank() {
      int severity =
          switch (event.event().severity()) {
            case ALARM -> 0;
            case WARNING -> 1;
            case INFO -> 2;
          };
      int group = state == State.ACTIVE ? (isOpen() ? 0 : 1) : isOpen() ? 2 : 3;
      return group == 3 ? 9 : group * 3 + severity;
    }
  }

  private static final Set<String> BEARING =
      Stream.of(
              GOING_ON.keySet().stream(),
              GOING_ON.values().stream().map(Ending::by).filter(Objects::nonNull),
              Stream.of(RUN, CHANGED, ACKNOWLEDGED))
          .flatMap(each -> each)
          .collect(Collectors.toUnmodifiableSet());

  private Lifecycle() {}

  /** Whether an event has a say in what goes on. */
  static boolean isBearing(Event event) {
    return BEARING.contains(event.name());
  }

  /**
   * What became of events, in the order given.
   *
   * @param newestFirst all events since some moment; what ended before is not missed
   * @param lineOf on which line each device is
   */
  public static List<Standing> of(List<EventRecord> newestFirst, Map<String, String> lineOf) {
    // By their place: an event of a boot without a clock has one, and no time.
    Map<String, Integer> ends = new HashMap<>();
    Map<String, Integer> acknowledged = new HashMap<>();
    Map<String, Integer> begun = new HashMap<>();
    List<Standing> standings = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      int place = i;
      EventRecord record = newestFirst.get(i);
      Event event = record.event();
      long noted = millis(newestFirst, acknowledged.get(record.epoch() + "/" + record.seq()));
      if (event.name().equals(ACKNOWLEDGED)) {
        acknowledged.putIfAbsent(
            event.detail().get("epoch") + "/" + event.detail().get("seq"), place);
      }
      anew(event).forEach(step -> begun.put(step, place));
      Ending ending = GOING_ON.get(event.name());
      if (ending == null || isOver(event)) {
        endsOf(event).forEach(key -> ends.put(key, place));
        standings.add(new Standing(record, State.MOMENT, 0, noted));
        continue;
      }
      String key = key(event.name(), ending, event);
      // Told twice without an end between: the later one goes on in its place.
      Integer end = ends.get(key);
      if (ending.withRun()) {
        for (String step : List.of(RUN, step(event, lineOf))) {
          Integer anew = begun.get(step);
          end = anew != null && (end == null || anew > end) ? anew : end;
        }
      }
      ends.put(key, place);
      State state = end == null ? State.ACTIVE : State.CLEARED;
      standings.add(new Standing(record, state, millis(newestFirst, end), noted));
    }
    return standings;
  }

  private static long millis(List<EventRecord> newestFirst, @Nullable Integer place) {
    return place == null ? 0 : newestFirst.get(place).tsMillis();
  }

  /**
   * Worst first: what goes on and nobody has seen, then what goes on, then what nobody has seen.
   */
  public static List<Standing> worstFirst(List<Standing> newestFirst) {
    List<Standing> sorted = new ArrayList<>(newestFirst);
    sorted.sort(Comparator.comparingInt(Standing::rank));
    return sorted;
  }

  /** Which steps an event says to have begun anew: all, those of lines, or the publisher. */
  private static List<String> anew(Event event) {
    if (event.name().equals(RUN)) {
      return List.of(RUN);
    }
    return event.name().equals(CHANGED)
        ? List.of(String.valueOf(event.detail().get("what")).split("[ ,;:]+", -1))
        : List.of();
  }

  /** The step that tells of a state. */
  private static String step(Event event, Map<String, String> lineOf) {
    if (event.name().startsWith("uplink.")) {
      return "mqtt";
    }
    Object line = event.detail().get("line");
    String device = event.device();
    return line != null
        ? line.toString()
        : device == null ? "" : lineOf.getOrDefault(device, device);
  }

  private static boolean isOver(Event event) {
    return Boolean.TRUE.equals(event.detail().get(OVER))
        || Boolean.FALSE.equals(event.detail().get(RAISED));
  }

  /** Which states an event ends. */
  private static List<String> endsOf(Event event) {
    List<String> keys = new ArrayList<>();
    GOING_ON.forEach(
        (name, ending) -> {
          boolean ends =
              ending.by() == null
                  ? name.equals(event.name()) && isOver(event)
                  : ending.by().equals(event.name());
          if (ends) {
            keys.add(key(name, ending, event));
          }
        });
    return keys;
  }

  private static String key(String name, Ending ending, Event event) {
    StringBuilder key = new StringBuilder(name);
    for (String same : ending.same()) {
      key.append('/').append(same.equals("device") ? event.device() : event.detail().get(same));
    }
    return key.toString();
  }
}
