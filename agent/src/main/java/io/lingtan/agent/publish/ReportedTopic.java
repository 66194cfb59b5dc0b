package io.lingtan.agent.publish;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.journal.Records;
import io.lingtan.agent.publish.lane.Control;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.reading.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's own {@code reported}, which stands at the broker and is the memory of a card that
 * was restored from an older copy: it is read at each broker before anything is said there, and
 * nothing takes its place that says less.
 *
 * <p>Only what this gateway's key has signed is believed, and what it says now is signed. So a
 * stranger can take the memory away or put an older one there, but make none of a document that
 * never was, above which the centre would find no serial.
 *
 * <p>Publisher's thread.
 */
final class ReportedTopic {

  private final String topic;
  private final Records outbox;
  private final Control control;
  private final DesiredState desired;

  /** What stands at this connection's broker; null for nothing, or while that is not known. */
  private @Nullable String stands;

  /** The last text that was signed, and what came of it. */
  private String unsigned = "";

  private String signed = "";

  ReportedTopic(String topic, Records outbox, Control control, DesiredState desired) {
    this.topic = topic;
    this.outbox = outbox;
    this.control = control;
    this.desired = desired;
  }

  /** A connection begins. */
  void connected() {
    stands = null;
  }

  /** What we, or an earlier process, said last at this broker. */
  void found(byte[] payload) {
    String text = new String(payload, StandardCharsets.UTF_8);
    stands = text;
    if (outbox.isOurs(text)) {
      desired.recall(obeyed(text));
    }
  }

  /**
   * @param hasFleet whether somebody knows, or will know, what is to stand there
   */
  boolean isDue(boolean hasFleet) {
    return !Objects.equals(wanted(hasFleet), stands);
  }

  /** Says it, if it is due. */
  void say(boolean hasFleet) {
    String wanted = wanted(hasFleet);
    if (!Objects.equals(wanted, stands)) {
      stands = wanted;
      control.put(Message.retained(topic, Objects.requireNonNullElse(wanted, "")));
    }
  }

  /** What stands there stays while it says more than whoever obeys, who has not read it yet. */
  private @Nullable String wanted(boolean hasFleet) {
    String text = desired.reported();
    if (text == null) {
      return hasFleet ? stands : null;
    }
    return obeyed(text) < desired.recalled() ? stands : signed(text);
  }

  private String signed(String text) {
    if (!text.equals(unsigned)) {
      unsigned = text;
      // As it is sent: half of a surrogate pair cannot be, nor be signed.
      byte[] sent = text.getBytes(StandardCharsets.UTF_8);
      signed = outbox.sign(new String(sent, StandardCharsets.UTF_8));
    }
    return signed;
  }

  /** The highest serial that was obeyed, 0 if it names none. */
  private static long obeyed(String reported) {
    try (JsonParser json = Json.parser(reported.getBytes(StandardCharsets.UTF_8))) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          boolean isConfig = json.currentName().equals("config");
          if (json.nextToken() == JsonToken.START_OBJECT && isConfig) {
            return obeyed(json);
          }
          json.skipChildren();
        }
      }
      return 0;
    } catch (IOException e) {
      return 0; // nothing of ours
    }
  }

  private static long obeyed(JsonParser config) throws IOException {
    while (config.nextToken() == JsonToken.FIELD_NAME) {
      boolean isObeyed = config.currentName().equals("obeyed");
      if (config.nextToken() == JsonToken.VALUE_NUMBER_INT && isObeyed) {
        return config.getLongValue();
      }
      config.skipChildren();
    }
    return 0;
  }
}
