package io.lingtan.agent.reading;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that a person or a central system should know, before it is numbered.
 *
 * @param name {@code area.what}; areas {@code agent clock device meter line poll uplink journal
 *     disk config command chain}
 * @param device the device concerned, if it is one
 * @param detail in order; values are {@code String}, {@code Long}, {@code Boolean} or {@link
 *     Decimal}
 */
public record Event(
    String name, Severity severity, @Nullable String device, SequencedMap<String, Object> detail) {

  public Event {
    if (!name.matches("[a-z]+\\.[a-z_]+")) {
      throw new IllegalArgumentException("events are named area.what, not " + name);
    }
    detail = new LinkedHashMap<>(detail);
    for (var entry : detail.entrySet()) {
      Object value = entry.getValue();
      if (!(value instanceof String
          || value instanceof Long
          || value instanceof Boolean
          || value instanceof Decimal)) {
        throw new IllegalArgumentException(
            "detail " + entry.getKey() + " of " + name + " cannot be a " + value.getClass());
      }
    }
  }

  /** An event without a device or details; add the latter with {@link #with}. */
  public static Event of(String name, Severity severity) {
    return new Event(name, severity, null, new LinkedHashMap<>());
  }

  public static Event of(String name, Severity severity, String device) {
    return new Event(name, severity, device, new LinkedHashMap<>());
  }

  /** The same event with one more detail. */
  public Event with(String key, Object value) {
    SequencedMap<String, Object> more = new LinkedHashMap<>(detail);
    more.put(key, value);
    return new Event(name, severity, device, more);
  }

  /** A decimal detail, in millionths. */
  public record Decimal(long micros) {}

  /** How urgent. */
  public enum Severity {
    INFO,
    WARNING,
    ALARM;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
