package io.lingtan.agent.publish.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.reading.Json;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The payload of {@code cmd/replay}: which records are wanted once more.
 *
 * @param epoch id, 1..64 characters
 * @param from first seq, ≥ 1
 * @param to last seq, ≥ {@code from}; null for the newest there is
 */
record ReplayCommand(String epoch, long from, @Nullable Long to) {

  private static final String FORM =
      "replay wants {\"epoch\":\"...\",\"from\":N,\"to\":M}, to null for the newest";

  private static final int LONGEST_EPOCH = 64;

  /** A payload that is no request; the message says what it should be. */
  static final class BadReplay extends Exception {
    private static final long serialVersionUID = 1L;

    BadReplay(String message) {
      super(message);
    }
  }

  /**
   * Reads and checks a payload.
   *
   * @throws BadReplay with a sentence for whoever sent it
   */
  static ReplayCommand parse(byte[] payload) throws BadReplay {
    String epoch = null;
    long from = 0;
    Long to = null;
    try (JsonParser json = Json.parser(payload)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new BadReplay(FORM);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        boolean isNumber = value == JsonToken.VALUE_NUMBER_INT;
        if (name.equals("epoch") && value == JsonToken.VALUE_STRING) {
          epoch = json.getText();
        } else if (name.equals("from") && isNumber) {
          from = json.getLongValue();
        } else if (name.equals("to") && (isNumber || value == JsonToken.VALUE_NULL)) {
          to = isNumber ? json.getLongValue() : null;
        } else {
          throw new BadReplay(FORM);
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new BadReplay(FORM);
      }
    } catch (IOException e) {
      throw new BadReplay(FORM);
    }
    if (epoch == null || epoch.isEmpty() || epoch.length() > LONGEST_EPOCH || from < 1) {
      throw new BadReplay(FORM + "; numbers begin with 1");
    }
    if (to != null && to < from) {
      throw new BadReplay(FORM + "; to is " + to + " and lies before from, " + from);
    }
    return new ReplayCommand(epoch, from, to);
  }
}
