package io.lingtan.agent.status.event;

import io.lingtan.agent.reading.Csv;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.status.event.Lifecycle.Standing;
import io.lingtan.agent.status.event.Sentences.Sentence;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Events as a table (RFC 4180), with the mark that spreadsheets ask for. */
final class EventCsv {

  private static final String MARK = "\ufeff";
  private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private EventCsv() {}

  static String of(Events.Shown shown, ZoneId zone, boolean chinese) {
    StringBuilder csv = new StringBuilder(MARK);
    csv.append("local time ").append(zone.getId());
    csv.append(
        ",UTC,severity,event,device,state,cleared local,acknowledged local,meaning,to"
            + " do,detail,epoch,seq\r\n");
    for (Standing standing : shown.events()) {
      Event event = standing.event().event();
      Sentence sentence = Sentences.of(event.name());
      long millis = standing.event().tsMillis();
      boolean dated = millis != JournalRecord.UNDATED;
      row(
          csv,
          List.of(
              dated ? local(millis, zone) : "",
              dated ? UTC.format(Instant.ofEpochMilli(millis)) : "",
              event.severity().word(),
              event.name(),
              event.device() == null ? "" : event.device(),
              standing.state().name().toLowerCase(Locale.ROOT),
              local(standing.clearedMillis(), zone),
              local(standing.acknowledgedMillis(), zone),
              sentence == null ? "" : chinese ? sentence.chinese() : sentence.english(),
              sentence == null ? "" : chinese ? sentence.chineseNext() : sentence.englishNext(),
              event.detail().entrySet().stream()
                  .map(each -> each.getKey() + "=" + EventJson.text(each.getValue()))
                  .collect(Collectors.joining("; ")),
              standing.event().epoch(),
              Long.toString(standing.event().seq())));
    }
    return csv.toString();
  }

  private static String local(long millis, ZoneId zone) {
    return millis <= 0 ? "" : LOCAL.format(Instant.ofEpochMilli(millis).atZone(zone));
  }

  private static void row(StringBuilder csv, List<String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      csv.append(i == 0 ? "" : ",").append(Csv.cell(cells.get(i)));
    }
    csv.append("\r\n");
  }
}
