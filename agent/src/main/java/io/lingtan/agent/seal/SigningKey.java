package io.lingtan.agent.seal;

import io.lingtan.agent.run.Randomness;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.NamedParameterSpec;
import java.util.Base64;
import java.util.random.RandomGenerator;

/**
 * A private key: a gateway's, or that of a fleet. Signatures of Ed25519 take no randomness: same
 * text, same signature.
 */
public final class SigningKey {

  private final String seed;
  private final PrivateKey secret;
  private final VerifyingKey open;

  private SigningKey(byte[] seed) {
    try {
      // The one way to the public half that the platform has: a pair made from these bytes.
      KeyPairGenerator maker = KeyPairGenerator.getInstance(VerifyingKey.ALGORITHM);
      maker.initialize(NamedParameterSpec.ED25519, Randomness.handingOut(seed));
      KeyPair pair = maker.generateKeyPair();
      this.seed = Digest.base64(seed);
      this.secret = pair.getPrivate();
      this.open = VerifyingKey.of(pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java since 15 has Ed25519", e);
    }
  }

  /**
   * A new key.
   *
   * @param random unpredictable on a gateway; seeded in a simulation
   */
  public static SigningKey make(RandomGenerator random) {
    byte[] seed = new byte[VerifyingKey.BYTES];
    random.nextBytes(seed);
    return new SigningKey(seed);
  }

  /**
   * A key from its {@code d} (RFC 8037).
   *
   * @throws IllegalArgumentException if it does not have 32 bytes
   */
  static SigningKey of(String d) {
    byte[] seed = Base64.getUrlDecoder().decode(d);
    if (seed.length != VerifyingKey.BYTES) {
      throw new IllegalArgumentException("a key has 32 bytes, not " + seed.length);
    }
    return new SigningKey(seed);
  }

  /**
   * A key from a JWK (RFC 8037) with its secret.
   *
   * @throws IllegalArgumentException if it is none; the message says what is there
   */
  public static SigningKey ofJwk(String text) {
    VerifyingKey open = VerifyingKey.ofJwk(text);
    String d;
    try {
      d = JsonValue.object(text.strip()).text("d");
    } catch (JsonValue.NotJson e) {
      throw new IllegalArgumentException("no JWK: " + e.getMessage(), e);
    }
    if (d == null) {
      throw new IllegalArgumentException("a public key alone: it has no d");
    }
    SigningKey key = of(d);
    if (!key.open.x().equals(open.x())) {
      throw new IllegalArgumentException("x is not the public half of d");
    }
    return key;
  }

  /** As a JWK with its secret, for a file that only its owner may read. */
  public String jwk() {
    return open.jwk().replace("}", ",\"d\":\"" + seed + "\"}");
  }

  /** The secret itself, for its file. */
  String d() {
    return seed;
  }

  public VerifyingKey open() {
    return open;
  }

  /** The signature of a text's UTF-8 bytes, base64url. */
  public String sign(String text) {
    try {
      Signature signature = Signature.getInstance(VerifyingKey.ALGORITHM);
      signature.initSign(secret);
      signature.update(text.getBytes(StandardCharsets.UTF_8));
      return Digest.base64(signature.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was made here signs", e);
    }
  }
}
