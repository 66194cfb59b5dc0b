package io.lingtan.agent.command;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.acquire.poll.ReadPlan;
import io.lingtan.agent.acquire.poll.ReadPlan.Request;
import io.lingtan.agent.acquire.poll.ReadPlan.Round;
import io.lingtan.agent.command.trial.CardUse;
import io.lingtan.agent.desk.Air;
import io.lingtan.agent.desk.CheckFinding;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.share.Network;
import io.lingtan.agent.site.share.Share;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What {@code lingtan check} found, for programs: one line of JSON. */
final class CheckJson {

  private static final double MEGABYTE = 1e6;

  private CheckJson() {}

  /**
   * @param site null where it is refused
   * @param card null where there is no site
   * @param findings of this machine; null where it was not tried
   */
  static String of(
      List<Problem> problems,
      @Nullable Site site,
      @Nullable CardOutlook card,
      @Nullable List<CheckFinding> findings) {
    return Json.object(
        json -> {
          json.writeBooleanField("good", site != null);
          json.writeArrayFieldStart("problems");
          for (Problem problem : problems) {
            write(json, problem);
          }
          json.writeEndArray();
          if (site != null) {
            json.writeStringField("gateway", site.gateway());
            json.writeArrayFieldStart("lines");
            for (Line line : site.lines()) {
              if (line.isPolled()) {
                write(json, ReadPlan.of(line), line.share());
              }
            }
            json.writeEndArray();
            if (Air.isForetold(site)) {
              number(json, "air_mb_per_month", Air.bytesPerMonth(site) / MEGABYTE);
              json.writeArrayFieldStart("air_without_lines");
              for (String line : Air.without(site)) {
                json.writeString(line);
              }
              json.writeEndArray();
            }
          }
          if (card != null) {
            write(json, card);
          }
          if (findings != null) {
            json.writeArrayFieldStart("here");
            for (CheckFinding finding : findings) {
              write(json, finding);
            }
            json.writeEndArray();
          }
        });
  }

  private static void write(JsonGenerator json, CardOutlook card) throws IOException {
    CardUse use = card.use();
    if (use == null) {
      json.writeStringField("card_not_foretold", card.why());
      return;
    }
    number(json, "card_mb_per_day", use.bytesPerDay() / MEGABYTE);
    json.writeNumberField("card_measured_s", use.measured().toSeconds());
    json.writeNumberField("card_measured_commits", use.commits());
    number(json, "journal_mb_per_day", use.growthPerDay() / MEGABYTE);
    number(json, "days_offline", card.days());
    json.writeStringField("days_offline_limit", card.limit());
  }

  private static void write(JsonGenerator json, Problem problem) throws IOException {
    json.writeStartObject();
    json.writeStringField("severity", problem.severity().name().toLowerCase(Locale.ROOT));
    json.writeStringField("file", problem.file().toString());
    if (problem.line() > 0) {
      json.writeNumberField("line", problem.line());
      json.writeNumberField("column", problem.column());
    }
    json.writeStringField("message", problem.message());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, ReadPlan plan, @Nullable Share share)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("line", plan.line());
    if (share != null) {
      json.writeObjectFieldStart("share");
      json.writeStringField("listen", share.where());
      json.writeArrayFieldStart("allow");
      for (Network network : share.allow()) {
        json.writeString(network.toString());
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    number(json, "utilisation_percent", plan.utilisationPercent());
    json.writeArrayFieldStart("rounds");
    for (Round round : plan.rounds()) {
      json.writeStartObject();
      json.writeStringField("device", round.device());
      json.writeNumberField("every_ms", round.every().toMillis());
      json.writeBooleanField("assumed", round.assumed());
      json.writeArrayFieldStart("requests");
      for (Request request : round.requests()) {
        json.writeStartObject();
        json.writeStringField("what", request.what());
        number(json, "time_ms", request.time().toNanos() / 1e6);
        json.writeArrayFieldStart("points");
        for (Point point : request.points()) {
          json.writeString(point.name());
        }
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, CheckFinding finding) throws IOException {
    json.writeStartObject();
    json.writeStringField("what", finding.what());
    json.writeStringField("mark", finding.mark().name().toLowerCase(Locale.ROOT));
    json.writeStringField("state", finding.state());
    if (finding.todo() != null) {
      json.writeStringField("todo", finding.todo());
    }
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String name, double number) throws IOException {
    json.writeFieldName(name);
    json.writeNumber(String.format(Locale.ROOT, "%.1f", number));
  }
}
