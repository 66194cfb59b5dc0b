package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import org.jspecify.annotations.Nullable;

/**
 * Where a CoAP device's values are, and how they are written.
 *
 * @param path of the resource, such as {@code /tank/1}; of a node that pushes the path of ours that
 *     it pushes to
 * @param observe whether changes are to be told without being asked (RFC 7641)
 * @param format how the values are written
 * @param pointer place of the one value in plain JSON (RFC 6901); null if the profile says where
 *     each is
 * @param point what the one value of a plain text, or at {@code pointer}, is; null for what names
 *     its values
 * @param valueUnit unit of that value; null for the point's own
 */
public record CoapResource(
    String path,
    boolean observe,
    Format format,
    @Nullable String pointer,
    @Nullable Point point,
    @Nullable String valueUnit) {

  public CoapResource {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a path begins with /, was " + path);
    }
  }

  /** How values are written. */
  public enum Format {
    /** As the message's content format says. */
    AUTO,
    /** RFC 8428, section 5. */
    SENML_JSON,
    /** RFC 8428, section 6. */
    SENML_CBOR,
    /** JSON of any other shape. */
    JSON,
    /** One number as text. */
    TEXT
  }
}
