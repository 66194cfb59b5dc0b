package io.lingtan.agent.status.chart;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.journal.HistoryChart;
import io.lingtan.agent.journal.HistoryCoverage;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Answers what a chart asks for. One at a time: a few others wait a little, the rest is told to
 * come back, so that charts never take all the requests that the page can work on.
 */
public final class Charts {

  private static final long LONGEST_WAIT_SECONDS = 6;
  private static final int MOST_WAITING = 8;
  private static final long DAY_MILLIS = 86_400_000;
  private static final int STRIP_PARTS = 96;

  private final Site site;
  private final History history;
  private final Time time;
  private final Semaphore free = new Semaphore(1);

  /**
   * @param history a reader of these answers' own
   */
  public Charts(Site site, History history, Time time) {
    this.site = site;
    this.history = history;
    this.time = time;
  }

  /** What came of a request. */
  public sealed interface Answer {
    /** The answer, as {@code application/json} or {@code text/csv}. */
    record Made(String type, String text) implements Answer {}

    /**
     * None.
     *
     * @param status of HTTP
     * @param why for a person, with what to do
     */
    record Refused(int status, String why) implements Answer {}
  }

  /**
   * Points over a time.
   *
   * @param query {@code series}, {@code span} or {@code from} and {@code to}, {@code parts}, {@code
   *     form}
   */
  public Answer history(Map<String, String> query) {
    long now = now();
    ChartRequest asking;
    try {
      asking = ChartRequest.of(query, site, now);
    } catch (IllegalArgumentException e) {
      return new Answer.Refused(400, String.valueOf(e.getMessage()));
    }
    String form = query.getOrDefault("form", "json");
    if (!form.equals("json") && !form.equals("csv")) {
      return new Answer.Refused(400, "form is json or csv");
    }
    return alone(
        () -> {
          HistoryChart chart =
              history.chart(
                  asking.wanted(), asking.fromMillis(), asking.toMillis(), asking.parts());
          return form.equals("csv")
              ? new Answer.Made("text/csv", ChartCsv.of(chart, zone()))
              : new Answer.Made(
                  "application/json", ChartJson.of(chart, now, history.firstMillis(), zone()));
        });
  }

  /**
   * Figures over a time.
   *
   * @param query {@code length}, {@code from}, {@code to} and {@code names}
   * @param listed every figure that there is
   */
  public Answer figures(Map<String, String> query, Indicators listed) {
    RecordedFigures asking;
    try {
      asking = RecordedFigures.of(query);
    } catch (IllegalArgumentException e) {
      return new Answer.Refused(400, String.valueOf(e.getMessage()));
    }
    return alone(
        () -> new Answer.Made("application/json", asking.json(history, listed, now(), zone())));
  }

  /** What became of the last day's readings, in quarters of an hour that end now. */
  public Answer coverage() {
    long now = now();
    long quarter = DAY_MILLIS / STRIP_PARTS;
    long to = Math.floorDiv(now, quarter) * quarter + quarter;
    return alone(
        () -> {
          HistoryCoverage coverage =
              history.coverage(ChartRequest.devices(site), to - DAY_MILLIS, to, STRIP_PARTS);
          long since = history.firstMillis();
          boolean known = since <= coverage.fromMillis() || history.isFromTheFirst();
          return new Answer.Made(
              "application/json",
              CoverageJson.of(coverage, STRIP_PARTS, now, since, known, zone()));
        });
  }

  private interface Work {
    Answer make();
  }

  private Answer alone(Work work) {
    try {
      if (free.getQueueLength() >= MOST_WAITING
          || !free.tryAcquire(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)) {
        return new Answer.Refused(503, "another chart is being read: try again in a few seconds");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer.Refused(503, "the agent is stopping");
    }
    try {
      return work.make();
    } finally {
      free.release();
    }
  }

  private ZoneId zone() {
    return site.place().zone();
  }

  private long now() {
    return time.wall().millisAt(time.now());
  }
}
