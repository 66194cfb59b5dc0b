package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.journal.RecordedSnapshot;
import io.lingtan.agent.journal.commit.ReceiptsSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerSnapshot;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.ViewSnapshot;
import io.lingtan.agent.publish.lane.DeliverySnapshot;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time.Wall;
import io.lingtan.agent.site.Site;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is shown, taken at one moment.
 *
 * @param listed what figures are called
 * @param software version of the agent
 * @param since when the agent began, on the clock of {@code now}
 * @param recorded in which records the newest values are, by device
 * @param deliveries what became of these; null if no broker is named
 * @param views views with a connection of their own
 * @param health one entry for each running step; empty when steps are called by hand
 * @param refused why the site file as it is now is not the one that runs; null if it is not refused
 */
public record SiteView(
    Site site,
    Indicators listed,
    String software,
    MonotonicInstant since,
    MonotonicInstant now,
    Wall wall,
    List<LineSnapshot> lines,
    LedgerSnapshot ledger,
    StoreSnapshot store,
    ReceiptsSnapshot receipts,
    UplinkSnapshot uplink,
    Map<String, RecordedSnapshot> recorded,
    @Nullable DeliverySnapshot deliveries,
    List<ViewSnapshot> views,
    List<Loop.Health> health,
    @Nullable Sentence refused) {

  /** A step that has not been entered for so long hangs. */
  private static final long HANGING_MILLIS = 30_000;

  /** A step that has thrown at every call for so long does not come right by itself. */
  private static final long FAILING_MILLIS = 120_000;

  public SiteView {
    lines = List.copyOf(lines);
    recorded = Map.copyOf(recorded);
    views = List.copyOf(views);
    health = List.copyOf(health);
  }

  /** Whether a step runs and goes on being called. */
  boolean alive(Loop.Health step) {
    return step.alive() && now.millisSince(step.lastStep()) < HANGING_MILLIS;
  }

  /** Whether a step has thrown at each call for two minutes. */
  private boolean fails(Loop.Health step) {
    MonotonicInstant since = step.failingSince();
    return since != null && now.millisSince(since) >= FAILING_MILLIS;
  }

  /**
   * Which steps have stopped, hang or do nothing but fail, and that nothing more is recorded
   * because the journal cannot be written, in words; empty if all is well.
   */
  public String trouble() {
    Stream<String> steps =
        health.stream()
            .filter(step -> !alive(step) || fails(step))
            .map(
                step ->
                    step.name()
                        + (!step.alive()
                            ? " has ended"
                            : alive(step)
                                ? " has failed at every call for two minutes: " + step.lastFailure()
                                : " has not moved for 30 s"));
    Stream<String> journal =
        ledger.blocked()
            ? Stream.of("nothing more is recorded, the journal is not written: " + ledger.failure())
            : Stream.empty();
    return Stream.concat(steps, journal).collect(Collectors.joining("; "));
  }

  /**
   * Whether nothing but a new start helps: a step has stopped or hangs, or the ledger, without
   * which nothing is kept, does nothing but fail. A line or a publisher that fails at every call
   * costs the others nothing, and a new start would.
   */
  public boolean isLost() {
    return health.stream()
        .anyMatch(step -> !alive(step) || (step.name().equals(LedgerSnapshot.STEP) && fails(step)));
  }

  /** Milliseconds since a monotonic moment; -1 if there was none. */
  long ageMillis(long nanos) {
    return nanos < 0 ? -1 : Math.max(0, now.nanos() - nanos) / 1_000_000L;
  }

  /** Figures of the day so far that the page shows, where the site has them. */
  private static final List<String> TODAY =
      List.of(
          "elec.grid.import",
          "elec.grid.export",
          "elec.pv.generation",
          "elec.load.total",
          "kpi.self_consumption",
          "kpi.self_sufficiency",
          "co2.total",
          "co2.avoided.pv_self",
          "co2.avoided.pv_export",
          "tce.total",
          "tce.equal_value",
          "h2.produced",
          "h2.sec",
          "h2.sec_nm3",
          "h2.storage_mass",
          "h2.ci",
          "h2.class",
          "h2.class_lower_bound",
          "h2.clean_budget",
          "h2.low_carbon_budget",
          "bus.break_even_ci",
          "h2.against_diesel");

  /** The day so far with these figures alone. */
  static Interval ofToday(Interval today) {
    SequencedMap<String, Metric> shown = new LinkedHashMap<>();
    for (String name : TODAY) {
      Metric metric = today.metrics().get(name);
      if (metric != null) {
        shown.put(name, metric);
      }
    }
    return new Interval(
        today.length(),
        today.startMillis(),
        today.endMillis(),
        0,
        shown,
        new LinkedHashMap<>(),
        today.factors());
  }
}
