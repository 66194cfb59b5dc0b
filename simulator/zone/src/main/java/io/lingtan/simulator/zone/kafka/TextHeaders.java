package io.lingtan.simulator.zone.kafka;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Headers that are texts. */
public final class TextHeaders {

  private TextHeaders() {}

  /** The newest of that name; empty if there is none. */
  public static String get(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? ""
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** Puts one in place of those of its name. */
  public static Headers put(Headers headers, String name, String text) {
    headers.remove(name);
    return headers.add(name, text.getBytes(StandardCharsets.UTF_8));
  }
}
