package io.lingtan.agent.publish.command;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What is said about records that are sent once more. */
final class ReplayJson {

  private ReplayJson() {}

  /**
   * The answer: how many records will come, and which are gone.
   *
   * @param ranges most ranges to list
   */
  static String answer(Replay replay, int ranges) {
    return Json.object(
        json -> {
          json.writeBooleanField("ok", true);
          json.writeNumberField("queued", replay.queued());
          replay.gone().write(json, "gone", ranges);
          if (replay.held() > 0) {
            json.writeNumberField("held", replay.held());
          }
          json.writeStringField("epoch", replay.wanted().epoch());
          json.writeStringField("replay", replay.wanted().name());
        });
  }

  /** The members behind the records of each batch but the last. */
  static String tail(Replay replay) {
    return Json.object(json -> json.writeStringField("replay", replay.wanted().name()));
  }

  /**
   * The members behind the records of the last batch.
   *
   * @param records records in it
   * @param ranges most ranges to list
   * @param error why it ends early, null if it does not
   */
  static String lastTail(Replay replay, int records, int ranges, @Nullable String error) {
    return Json.object(
        json -> {
          json.writeStringField("replay", replay.wanted().name());
          json.writeBooleanField("done", true);
          json.writeNumberField("sent", replay.sent() + records);
          if (replay.goneSince().count() > replay.gone().count()) {
            replay.goneSince().write(json, "gone", ranges);
          }
          tooLarge(json, replay, ranges);
          if (error != null) {
            json.writeStringField("error", error);
          }
        });
  }

  private static void tooLarge(JsonGenerator json, Replay replay, int ranges) throws IOException {
    if (replay.tooLarge().count() > 0) {
      replay.tooLarge().write(json, "too_large", ranges);
    }
  }

  /**
   * The requester's correlation data as text: itself where it is printable UTF-8, else in base64url
   * without padding.
   *
   * @return null if there is none
   */
  static @Nullable String name(byte @Nullable [] correlation) {
    if (correlation == null || correlation.length == 0) {
      return null;
    }
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(correlation)).toString();
      if (text.codePoints().noneMatch(Character::isISOControl)) {
        return text;
      }
    } catch (CharacterCodingException e) {
      // Bytes that are no text.
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(correlation);
  }
}
