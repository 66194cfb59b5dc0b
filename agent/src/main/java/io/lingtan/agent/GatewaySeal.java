package io.lingtan.agent;

import io.lingtan.agent.seal.Digest;
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

  @Override
  public String hash(String text) {
    return Digest.of(text);
  }
}
