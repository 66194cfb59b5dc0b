package io.lingtan.agent.status.report;

import io.lingtan.agent.journal.History;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.site.FeedFile;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.activity.Activity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What people told of activities and buses, the newest day first.
 *
 * @param all at most {@link #MOST}
 * @param complete false if there are more
 */
record PublishedRows(List<Row> all, boolean complete) {

  static final int MOST = 200;

  private static final int MOST_EVENTS = 500;
  private static final String FED = "command.fed";

  /**
   * One of them.
   *
   * @param day local
   * @param what such as {@code diesel}, or the id of a bus
   * @param told amount and unit, as it follows from what was told
   * @param document empty where none was named
   * @param by who says so
   * @param file from which it was read; empty where it was told by command or at the page
   * @param atMillis when it was told, UTC ms; of a file when that was written
   */
  record Row(
      String day,
      String what,
      String told,
      String document,
      String by,
      String file,
      long atMillis) {}

  static PublishedRows of(Site site, History history) {
    List<Row> rows = new ArrayList<>();
    for (FeedFile file : site.carbon().feeds()) {
      String name = String.valueOf(file.file().getFileName());
      add(file.feeds(), "", name, file.changed().toEpochMilli(), rows);
    }
    var events = history.newestEvents(event -> event.name().equals(FED), MOST_EVENTS);
    for (EventRecord each : events.records()) {
      Feeds feeds = FeedReader.read(text(each.event(), "csv"), (line, column, message) -> {});
      if (feeds != null) {
        add(feeds, text(each.event(), "by"), "", each.tsMillis(), rows);
      }
    }
    rows.sort(Comparator.comparing(Row::day).thenComparingLong(Row::atMillis).reversed());
    return new PublishedRows(
        List.copyOf(rows.subList(0, Math.min(rows.size(), MOST))),
        events.complete() && rows.size() <= MOST);
  }

  private static String text(Event event, String key) {
    return String.valueOf(event.detail().getOrDefault(key, ""));
  }

  private static void add(Feeds feeds, String by, String file, long atMillis, List<Row> to) {
    for (Activity each : feeds.activities()) {
      to.add(
          new Row(
              each.day().toString(),
              each.what(),
              each.told(),
              each.document(),
              each.by(),
              file,
              atMillis));
    }
    for (Feeds.BusDay each : feeds.buses()) {
      String told = Micros.text(each.kilometresMicros()) + " km";
      to.add(new Row(each.day().toString(), each.bus(), told, "", by, file, atMillis));
    }
  }
}
