package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.Exact;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.VerifyingKey;
import io.lingtan.simulator.zone.fold.Outcome.Dead;
import io.lingtan.simulator.zone.fold.Outcome.Kept;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a gateway's signed messages and checks their signatures. */
final class SignedContent {

  private static final String SCHEMA = "lingtan/v1";

  private SignedContent() {}

  static JsonValue.Obj read(byte[] json) throws NotJson {
    return JsonValue.object(new String(json, StandardCharsets.UTF_8));
  }

  /** Why a message that has to be signed is not believed, null if it is. */
  static @Nullable Refusal refusal(JsonValue.Obj json, List<VerifyingKey> keys) {
    String sig = json.text("sig");
    if (sig == null) {
      return Refusal.UNSIGNED;
    }
    String content = CanonicalJson.of(json.without("sig"));
    return keys.stream().anyMatch(one -> one.signed(content, sig)) ? null : Refusal.WRONG_SIGNATURE;
  }

  /**
   * A whole number that is not negative.
   *
   * @throws IllegalArgumentException if there is none of that name
   * @throws ArithmeticException if it is not whole
   */
  static long whole(JsonValue.Obj json, String name) {
    String number = json.number(name);
    if (number == null) {
      throw new NumberFormatException("no number " + name);
    }
    long whole = Exact.of(number).longValueExact();
    if (whole < 0) {
      throw new NumberFormatException(name + " is negative");
    }
    return whole;
  }

  /** A gateway's own description: it names the key that it signs with. */
  static Outcome meta(Incoming message, List<VerifyingKey> keys) {
    byte[] payload = message.payload();
    try {
      JsonValue.Obj json = read(payload);
      String schema = json.text("schema");
      if (!SCHEMA.equals(schema)) {
        return Dead.of(Refusal.LATER_SCHEMA, message.topic(), String.valueOf(schema), payload);
      }
      String x = json.object("key").text("x");
      return x != null && keys.stream().noneMatch(one -> x.equals(one.x()))
          ? Dead.of(Refusal.CLONED_ID, message.topic(), "key " + x, payload)
          : new Kept(message.topic(), payload);
    } catch (NotJson e) {
      return Dead.of(Refusal.GARBAGE, message.topic(), String.valueOf(e.getMessage()), payload);
    }
  }
}
