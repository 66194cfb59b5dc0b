package io.lingtan.agent.seal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** SHA-256 as records carry it. */
public final class Digest {

  /** What the first record of a chain has in place of a hash: 32 zero bytes, base64url. */
  public static final String NONE = "A".repeat(43);

  private Digest() {}

  /** Of a text's UTF-8 bytes, base64url without padding, 43 characters. */
  public static String of(String text) {
    return base64(sha256(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Of all these bytes, one after the other: 32 bytes. */
  public static byte[] sha256(byte[]... parts) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        sha.update(part);
      }
      return sha.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** As records carry bytes: base64url without padding. */
  public static String base64(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
