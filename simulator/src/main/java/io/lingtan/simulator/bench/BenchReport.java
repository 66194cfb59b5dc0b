package io.lingtan.simulator.bench;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import io.lingtan.simulator.bench.Measure.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Measures as a table in Markdown, and as JSON. */
final class BenchReport {

  private static final double MEBIBYTE = 1_048_576.0;
  private static final double MEGABYTE = 1e6;

  private static final String HEAD =
      """
      | %s, meters | | CPU s per million values | of the bare loop | RSS, PSS, anonymous MiB | written B per value, MB a day | sent B per value | wake-ups/s | p50, p99 ms | start s | readings, lost, twice | wrong values |
      |---|---|---|---|---|---|---|---|---|---|---|---|
      """;

  private BenchReport() {}

  /**
   * @param machine on which it was measured
   */
  static String text(List<Measure> measures, String machine) {
    StringBuilder text = new StringBuilder(machine).append(".\n");
    Course course = null;
    for (Measure measure : measures) {
      if (measure.plan().course() != course) {
        course = measure.plan().course();
        text.append('\n').append(format(HEAD, course.word()));
      }
      text.append(format("| %d | %s |", measure.plan().meters(), measure.candidate().word()));
      Outcome outcome = measure.outcome();
      text.append(
          outcome == null
              ? " " + measure.absent() + " |" + " |".repeat(9)
              : row(outcome, bareLoop(measures, measure)));
      text.append('\n');
    }
    return text.toString();
  }

  private static String row(Outcome outcome, double bareLoop) {
    Load used = outcome.used();
    Readings.Account account = outcome.account();
    double cpu = outcome.cpuSecondsPerMillion();
    return format(
        " %.1f | %s | %.0f, %.0f, %.0f | %.1f, %.0f | %.1f | %.0f | %d, %d | %.1f | %d, %d, %d | %s"
            + " |",
        cpu,
        Double.isNaN(bareLoop) ? "–" : format("%.2f", cpu / bareLoop),
        used.residentBytes() / MEBIBYTE,
        used.shareBytes() / MEBIBYTE,
        used.anonymousBytes() / MEBIBYTE,
        outcome.writtenPerValue(),
        outcome.writtenPerDay() / MEGABYTE,
        outcome.perValue(outcome.count().bytes()),
        used.wakeUps() / outcome.seconds(),
        account.p50Millis(),
        account.p99Millis(),
        outcome.startSeconds(),
        account.served(),
        account.lost(),
        account.twice(),
        outcome.count().compared() == 0 ? "–" : outcome.count().wrong());
  }

  /** What the bare loop used in the same way, NaN if it was not tried. */
  private static double bareLoop(List<Measure> measures, Measure measure) {
    return measures.stream()
        .filter(other -> other.candidate() == Candidate.BARE_LOOP)
        .filter(other -> other.plan().equals(measure.plan()))
        .map(Measure::outcome)
        .filter(outcome -> outcome != null)
        .mapToDouble(Outcome::cpuSecondsPerMillion)
        .findFirst()
        .orElse(Double.NaN);
  }

  /** An array with an object for each; what was not measured is left out. */
  static String json(List<Measure> measures) {
    return Json.text(
            json -> {
              json.writeStartArray();
              for (Measure measure : measures) {
                json.writeStartObject();
                json.writeStringField("system", measure.candidate().word());
                json.writeNumberField("meters", measure.plan().meters());
                json.writeStringField("scenario", measure.plan().course().word());
                if (measure.absent() != null) {
                  json.writeStringField("absent", measure.absent());
                }
                if (measure.outcome() != null) {
                  write(json, measure.outcome(), bareLoop(measures, measure));
                }
                json.writeEndObject();
              }
              json.writeEndArray();
            })
        + '\n';
  }

  private static void write(JsonGenerator json, Outcome outcome, double bareLoop)
      throws IOException {
    Load used = outcome.used();
    Sink.Count count = outcome.count();
    Readings.Account account = outcome.account();
    number(json, "cpu_s_per_million", outcome.cpuSecondsPerMillion());
    number(json, "cpu_of_bare_loop", outcome.cpuSecondsPerMillion() / bareLoop);
    number(json, "rss_mb", used.residentBytes() / MEBIBYTE);
    number(json, "pss_mb", used.shareBytes() / MEBIBYTE);
    number(json, "anon_mb", used.anonymousBytes() / MEBIBYTE);
    number(json, "bytes_per_value", outcome.writtenPerValue());
    number(json, "bytes_per_day", outcome.writtenPerDay());
    number(json, "sent_bytes_per_value", outcome.perValue(count.bytes()));
    number(json, "messages_per_value", outcome.perValue(count.messages()));
    number(json, "wakeups_per_s", used.wakeUps() / outcome.seconds());
    if (account.p50Millis() >= 0) {
      json.writeNumberField("p50_ms", account.p50Millis());
      json.writeNumberField("p99_ms", account.p99Millis());
    }
    number(json, "start_s", outcome.startSeconds());
    number(json, "seconds", outcome.seconds());
    json.writeNumberField("values", count.values());
    if (count.compared() > 0) {
      json.writeNumberField("wrong", count.wrong());
    }
    json.writeNumberField("readings", account.served());
    json.writeNumberField("lost", account.lost());
    json.writeNumberField("twice", account.twice());
    json.writeNumberField("again", account.again());
    json.writeNumberField("strange", account.strange());
  }

  private static void number(JsonGenerator json, String name, double number) throws IOException {
    if (!Double.isNaN(number)) {
      json.writeFieldName(name);
      json.writeNumber(format("%.4f", number));
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // That annotation is in no library of ours.
  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
