package io.lingtan.agent.publish.retained;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Elsewhere;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.journal.number.StoreSnapshot.Used;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code store} topic: what a subscriber needs to tell a hole from what is in transit. A list
 * that is left out is absent, because an empty one would say that there is nothing.
 */
public final class StoreJson {

  private StoreJson() {}

  /** How much is left out, in the order in which it can be missed best. */
  public enum Detail {
    ALL,
    WITHOUT_PREVIOUS,
    WITHOUT_PREVIOUS_AND_AHEAD,
    NUMBERS_ONLY,
    /** And no signature. */
    UNSIGNED
  }

  /**
   * @param run who writes it, and after a space its trail; empty to leave it out
   * @param elsewhere what other copies of the journal gave out
   * @param tsMillis UTC ms of now, UNDATED if no clock is trusted
   */
  public static String of(
      StoreSnapshot state, String run, Elsewhere elsewhere, Detail detail, long tsMillis) {
    return Json.object(
        json -> {
          json.writeStringField("epoch", state.epoch());
          if (!run.isEmpty()) {
            run(json, run);
          }
          time(json, "ts", tsMillis);
          time(json, "since", state.sinceMillis());
          if (state.first() > 0) {
            json.writeNumberField("first", state.first());
          } else {
            json.writeNullField("first"); // nothing is held
          }
          json.writeNumberField("last", state.last());
          json.writeNumberField("acked", state.acked());
          if (detail.compareTo(Detail.WITHOUT_PREVIOUS_AND_AHEAD) < 0) {
            ahead(json, state.ahead());
          }
          if (detail.compareTo(Detail.NUMBERS_ONLY) < 0) {
            drops(json, state.dropped());
          }
          if (elsewhere.rev() > 0) {
            json.writeNumberField("rev", elsewhere.rev());
          }
          json.writeNumberField("held", state.held());
          time(json, "oldest_unacked_ts", state.oldestUnackedMillis());
          if (state.isBlocked()) {
            time(json, "blocked_since", state.blockedSinceMillis());
          }
          boolean isListed = detail.compareTo(Detail.NUMBERS_ONLY) < 0;
          if (isListed && !elsewhere.used().isEmpty()) {
            used(json, elsewhere.used());
          }
          long unlisted = elsewhere.unlisted() + (isListed ? 0 : elsewhere.used().size());
          if (unlisted > 0) {
            json.writeNumberField("unlisted", unlisted);
          }
          if (detail == Detail.ALL) {
            previous(json, state.previous());
          } else {
            json.writeBooleanField("truncated", true);
          }
        });
  }

  private static void run(JsonGenerator json, String run) throws IOException {
    String[] parts = run.split(" ", 2);
    json.writeStringField("run", parts[0]);
    if (parts.length > 1) {
      json.writeStringField("trail", parts[1]);
    }
  }

  private static String run(String run, String trail) {
    return trail.isEmpty() ? run : run + " " + trail;
  }

  private static void ahead(JsonGenerator json, List<Range> ahead) throws IOException {
    json.writeArrayFieldStart("ahead");
    for (Range range : ahead) {
      json.writeStartArray();
      json.writeNumber(range.from());
      json.writeNumber(range.to());
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void previous(JsonGenerator json, List<Previous> epochs) throws IOException {
    json.writeArrayFieldStart("previous");
    for (Previous previous : epochs) {
      json.writeStartObject();
      json.writeStringField("epoch", previous.epoch());
      json.writeNumberField("last", previous.last());
      json.writeNumberField("acked", previous.acked());
      json.writeStringField("reason", previous.reason());
      if (!previous.dropped().isEmpty()) {
        drops(json, previous.dropped());
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void used(JsonGenerator json, List<Used> used) throws IOException {
    json.writeArrayFieldStart("used");
    for (Used one : used) {
      json.writeStartObject();
      json.writeStringField("epoch", one.epoch());
      json.writeNumberField("last", one.last());
      run(json, one.run());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void drops(JsonGenerator json, List<Drop> drops) throws IOException {
    json.writeArrayFieldStart("dropped");
    for (Drop drop : drops) {
      json.writeStartObject();
      json.writeNumberField("from", drop.from());
      json.writeNumberField("to", drop.to());
      json.writeNumberField("count", drop.count());
      json.writeStringField("kind", drop.kind().name().toLowerCase(Locale.ROOT));
      json.writeStringField("reason", drop.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** An unknown time is null, never 0. */
  private static void time(JsonGenerator json, String name, long millis) throws IOException {
    if (millis == JournalRecord.UNDATED) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, millis);
    }
  }

  /**
   * What a {@code store} tells of its current epoch.
   *
   * @param run who wrote it, and after a space its trail; null if it does not say
   * @param acked seq up to which the broker had taken everything
   * @param tsMillis UTC ms at which it was written, UNDATED if it does not say
   * @param untilMillis UTC ms up to which everything of it had been delivered when it was written,
   *     UNDATED if it does not say
   * @param elsewhere what other copies of the journal gave out
   */
  public record EpochState(
      String epoch,
      @Nullable String run,
      long last,
      long acked,
      long tsMillis,
      long untilMillis,
      Elsewhere elsewhere) {

    /** Whether the broker had all of it: a journal may forget such an epoch. */
    boolean isDelivered() {
      return acked >= last;
    }
  }

  /** Null if it is no {@code store}. */
  static @Nullable public EpochState told(byte[] payload) {
    String epoch = null;
    String run = null;
    String trail = "";
    long last = -1;
    long acked = 0;
    long ts = JournalRecord.UNDATED;
    long oldest = Long.MAX_VALUE;
    long unlisted = 0;
    long rev = 0;
    List<Used> used = new ArrayList<>();
    try (JsonParser json = Json.parser(payload)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("epoch") && value == JsonToken.VALUE_STRING) {
          epoch = json.getText();
        } else if (name.equals("run") && value == JsonToken.VALUE_STRING) {
          run = json.getText();
        } else if (name.equals("trail") && value == JsonToken.VALUE_STRING) {
          trail = json.getText();
        } else if (value == JsonToken.VALUE_NUMBER_INT) {
          switch (name) {
            case "last" -> last = json.getLongValue();
            case "acked" -> acked = json.getLongValue();
            case "ts" -> ts = json.getLongValue();
            case "oldest_unacked_ts" -> oldest = json.getLongValue();
            case "unlisted" -> unlisted = json.getLongValue();
            case "rev" -> rev = json.getLongValue();
            default -> {}
          }
        } else if (name.equals("used") && value == JsonToken.START_ARRAY) {
          while (json.nextToken() == JsonToken.START_OBJECT) {
            used(json, used);
          }
        } else {
          json.skipChildren();
        }
      }
    } catch (IOException e) {
      return null; // not ours, or cut short: it says nothing
    }
    long until = ts == JournalRecord.UNDATED ? ts : Math.min(ts, oldest);
    return epoch == null || last < 0
        ? null
        : new EpochState(
            epoch,
            run == null ? null : run(run, trail),
            last,
            acked,
            ts,
            until,
            new Elsewhere(used, unlisted, rev));
  }

  private static void used(JsonParser json, List<Used> found) throws IOException {
    String epoch = "";
    String run = "";
    String trail = "";
    long last = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      switch (json.nextToken()) {
        case VALUE_STRING -> {
          epoch = name.equals("epoch") ? json.getText() : epoch;
          run = name.equals("run") ? json.getText() : run;
          trail = name.equals("trail") ? json.getText() : trail;
        }
        case VALUE_NUMBER_INT -> last = name.equals("last") ? json.getLongValue() : last;
        default -> json.skipChildren();
      }
    }
    found.add(new Used(epoch, last, run(run, trail)));
  }

  /**
   * The highest seq by epoch that a {@code store} tells of, its earlier epochs included; empty if
   * it is not one.
   */
  public static Map<String, Long> lastByEpoch(byte[] payload) {
    Map<String, Long> found = new LinkedHashMap<>();
    try (JsonParser json = Json.parser(payload)) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        epochAndLast(json, found);
      }
    } catch (IOException e) {
      return Map.of(); // not ours, or cut short: it says nothing
    }
    return found;
  }

  private static void epochAndLast(JsonParser json, Map<String, Long> found) throws IOException {
    @Nullable String epoch = null;
    long last = -1;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = json.nextToken();
      if (name.equals("epoch") && value == JsonToken.VALUE_STRING) {
        epoch = json.getText();
      } else if (name.equals("last") && value == JsonToken.VALUE_NUMBER_INT) {
        last = json.getLongValue();
      } else if (name.equals("previous") && value == JsonToken.START_ARRAY) {
        while (json.nextToken() == JsonToken.START_OBJECT) {
          epochAndLast(json, found);
        }
      } else {
        json.skipChildren();
      }
    }
    if (epoch != null && last >= 0) {
      found.put(epoch, last);
    }
  }
}
