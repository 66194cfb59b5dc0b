package io.lingtan.agent.wave;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.fleet.FleetDocument;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The document for each gateway: signed before, or here from site files. One file is for all, a
 * folder has one for each, named after it. A document is read, or signed, whenever it is asked for,
 * and comes out the same.
 */
public final class Documents {

  private static final Pattern NAMES_GATEWAY = Pattern.compile("(?m)^[\"']?gateway[\"']?\\s*:");

  private final Path from;
  private final @Nullable Signer signer;

  /**
   * What a document that is signed here has beside the site file.
   *
   * @param serial the same for all
   * @param expiresMillis UTC
   */
  public record Signer(SigningKey key, long serial, long expiresMillis) {}

  /** A document as it is published, and what it says. */
  record Ready(FleetDocument document, byte[] payload) {}

  /**
   * @param from {@code FILE}, or a folder with {@code GATEWAY.json}, or {@code GATEWAY.yaml} to be
   *     signed
   * @param signer null where they are signed already
   */
  public Documents(Path from, @Nullable Signer signer) {
    this.from = from;
    this.signer = signer;
  }

  private Path file(String gateway) {
    return Files.isDirectory(from)
        ? from.resolve(gateway + (signer == null ? ".json" : ".yaml"))
        : from;
  }

  /** Of those that are signed here; 0 where they are signed already. */
  long serial() {
    return signer == null ? 0 : signer.serial;
  }

  /** Whether there is one for this gateway, as far as names tell. */
  boolean has(String gateway) {
    return Files.exists(file(gateway));
  }

  /**
   * @throws IOException if it cannot be read or makes no sense; the message names the file
   */
  Ready of(String gateway) throws IOException {
    Path file = file(gateway);
    byte[] bytes = SmallFile.read(file, FleetDocument.LARGEST);
    try {
      if (signer == null) {
        return new Ready(FleetDocument.unproved(bytes), bytes);
      }
      FleetDocument document =
          new FleetDocument(
              gateway, null, signer.serial, null, signer.expiresMillis, body(gateway, bytes));
      byte[] payload = document.signed(signer.key).getBytes(UTF_8);
      if (payload.length > FleetDocument.LARGEST) {
        throw new IllegalArgumentException(
            "a document has at most " + FleetDocument.LARGEST + " bytes");
      }
      return new Ready(document, payload);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** One file for all leaves the gateway out, as a group's may. */
  private static String body(String gateway, byte[] bytes) throws IOException {
    String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    return NAMES_GATEWAY.matcher(text).find() ? text : "gateway: " + gateway + "\n" + text;
  }
}
