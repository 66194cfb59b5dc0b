package io.lingtan.agent.publish.sparkplug;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.publish.link.Signal;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether the host without which nothing is sent is there, as its STATE says (Sparkplug 3.0,
 * section 4.2.3: JSON with {@code online} and {@code timestamp}). A word that is older than one
 * heard before at the same server does not count; each server has its own, since a host has a
 * session of its own with each.
 */
final class PrimaryHost {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int MOST_BYTES = 4096;

  /** What a message changes. */
  enum Word {
    ONLINE,
    OFFLINE,
    /** Not about our host, older than what is known, or no STATE at all. */
    NOTHING
  }

  private final String topic;
  private final Map<String, Long> newest = new HashMap<>();

  PrimaryHost(String id) {
    this.topic = SparkplugTopics.state(id);
  }

  String topic() {
    return topic;
  }

  /**
   * @param server on which it was heard, one of a short list
   */
  Word heard(String server, Signal.Arrived arrived) {
    if (!arrived.topic().equals(topic) || arrived.payload().length > MOST_BYTES) {
      return Word.NOTHING;
    }
    State state = parse(arrived.payload());
    if (state == null || state.timestamp() < newest.getOrDefault(server, Long.MIN_VALUE)) {
      return Word.NOTHING;
    }
    newest.put(server, state.timestamp());
    return state.online() ? Word.ONLINE : Word.OFFLINE;
  }

  private record State(boolean online, long timestamp) {}

  private static @Nullable State parse(byte[] payload) {
    Boolean online = null;
    Long timestamp = null;
    try (JsonParser json = JSON.createParser(payload)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("online") && value.isBoolean()) {
          online = json.getBooleanValue();
        } else if (name.equals("timestamp") && value == JsonToken.VALUE_NUMBER_INT) {
          timestamp = json.getLongValue();
        } else {
          json.skipChildren();
        }
      }
    } catch (IOException e) {
      return null; // no JSON, so no STATE
    }
    return online == null || timestamp == null ? null : new State(online, timestamp);
  }
}
