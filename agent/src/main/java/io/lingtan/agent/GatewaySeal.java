package io.lingtan.agent;

import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.SealedText;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.status.handover.Acceptances;
import org.jspecify.annotations.Nullable;

/** Signs what the page hands out with the key that signs the records. */
record GatewaySeal(Signing signing) implements Acceptances.Seal {

  @Override
  public @Nullable String on(String text) {
    return signing.origin() == Signing.Origin.NOT_KEPT ? null : SealedText.of(text, signing.key());
  }

  /** A JSON object with a signature as records have it. */
  String signed(String unsigned) {
    try {
      return RecordJson.signed(
          unsigned, signing.key().sign(CanonicalJson.of(JsonValue.object(unsigned))));
    } catch (JsonValue.NotJson e) {
      throw new IllegalArgumentException("it is no JSON: " + unsigned, e);
    }
  }

  @Override
  public String hash(String text) {
    return Digest.of(text);
  }
}
