package io.lingtan.agent.seal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The public half of a gateway's key: what shows that a record is the gateway's. */
public final class VerifyingKey {

  static final String ALGORITHM = "Ed25519";
  static final int BYTES = 32;

  /** What stands before the key's bytes in its X.509 form (RFC 8410, section 4). */
  private static final byte[] X509 = HexFormat.of().parseHex("302a300506032b6570032100");

  private final String x;
  private final PublicKey key;

  private VerifyingKey(String x, PublicKey key) {
    this.x = x;
    this.key = key;
  }

  static VerifyingKey of(PublicKey key) {
    byte[] encoded = key.getEncoded();
    byte[] raw = Arrays.copyOfRange(encoded, encoded.length - BYTES, encoded.length);
    return new VerifyingKey(Digest.base64(raw), key);
  }

  /**
   * A key by its {@code x} (RFC 8037).
   *
   * @param x 32 bytes, base64url
   * @throws IllegalArgumentException if it is no key
   */
  public static VerifyingKey of(String x) {
    byte[] raw = Base64.getUrlDecoder().decode(x);
    if (raw.length != BYTES) {
      throw new IllegalArgumentException("a key has 32 bytes, not " + raw.length);
    }
    byte[] encoded = Arrays.copyOf(X509, X509.length + BYTES);
    System.arraycopy(raw, 0, encoded, X509.length, BYTES);
    try {
      PublicKey key =
          KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(encoded));
      return new VerifyingKey(Digest.base64(raw), key);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("no Ed25519 key: " + e.getMessage(), e);
    }
  }

  /**
   * A key from a JWK (RFC 8037), or from the {@code key} member of a {@code meta} payload.
   *
   * @throws IllegalArgumentException if there is none; the message says what is there
   */
  public static VerifyingKey ofJwk(String text) {
    JsonValue.Obj object;
    try {
      object = JsonValue.object(text.strip());
    } catch (JsonValue.NotJson e) {
      throw new IllegalArgumentException("no JWK: " + e.getMessage(), e);
    }
    JsonValue.Obj jwk = object.get("kty") == null ? object.object("key") : object;
    String x = jwk.text("x");
    if (!"OKP".equals(jwk.text("kty")) || !ALGORITHM.equals(jwk.text("crv")) || x == null) {
      throw new IllegalArgumentException(
          "no JWK of an Ed25519 key: it has kty OKP, crv Ed25519 and x");
    }
    return of(x);
  }

  /** The key's bytes, base64url: its name in records and in {@code meta}. */
  public String x() {
    return x;
  }

  /** As a JWK. */
  public String jwk() {
    return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" + x + "\"}";
  }

  /**
   * Whether the signature is this key's over the text.
   *
   * @param signature base64url; what is not is no signature
   */
  public boolean signed(String text, @Nullable String signature) {
    if (signature == null) {
      return false;
    }
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(key);
      check.update(text.getBytes(StandardCharsets.UTF_8));
      return check.verify(Base64.getUrlDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }
}
