package io.lingtan.agent.site;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What decides which value a device is read to have: its own settings, its profile's and its
 * line's. Whoever has checked a value has checked it with these; the hash tells whether they are
 * the same still, also over a restart.
 */
public final class Settings {

  private static final int DIGITS = 32;

  /** How often something is read or kept, who else is on the line, and what people read of it. */
  private static final Set<String> WITHOUT =
      Set.of(
          "devices",
          "every",
          "record",
          "deadband",
          "maxInterval",
          "groups",
          "ratedKw",
          "maker",
          "document",
          "source",
          "fits",
          "example");

  private Settings() {}

  /** Half of the SHA-256 of everything that matters, as hexadecimal digits. */
  public static String hash(Line line, Device device) {
    StringBuilder text = new StringBuilder();
    append(text, line);
    append(text, device);
    return digest(text);
  }

  /** The same of a device alone, whatever line it hangs on. */
  public static String hash(Device device) {
    StringBuilder text = new StringBuilder();
    append(text, device);
    return digest(text);
  }

  /** The same of a kind of device. */
  public static String hash(DeviceProfile profile) {
    StringBuilder text = new StringBuilder();
    append(text, profile);
    return digest(text);
  }

  /** The same of all kinds that there are. */
  public static String hash(Collection<DeviceProfile> profiles) {
    StringBuilder text = new StringBuilder();
    append(text, profiles);
    return digest(text);
  }

  private static String digest(StringBuilder text) {
    return Sha256.hex(text.toString().getBytes(UTF_8)).substring(0, DIGITS);
  }

  /** The same text for equal settings: maps have no order of their own, 80 is 80.0. */
  private static void append(StringBuilder text, @Nullable Object value) {
    switch (value) {
      case null -> text.append("null");
      case Line.KeyFile keys -> text.append(keys.file()); // another key reads the same values
      case Record settings -> {
        text.append(settings.getClass().getSimpleName()).append('{');
        for (RecordComponent each : settings.getClass().getRecordComponents()) {
          Object of = WITHOUT.contains(each.getName()) ? null : read(settings, each);
          if (of != null) {
            text.append(each.getName()).append('=');
            append(text, of);
            text.append(';');
          }
        }
        text.append('}');
      }
      case Map<?, ?> map -> {
        Map<String, Object> sorted = new TreeMap<>();
        map.forEach((key, of) -> sorted.put(String.valueOf(key), of));
        text.append('{');
        sorted.forEach(
            (key, of) -> {
              text.append(key).append('=');
              append(text, of);
              text.append(';');
            });
        text.append('}');
      }
      case Collection<?> list -> {
        text.append('[');
        for (Object each : list) {
          append(text, each);
          text.append(';');
        }
        text.append(']');
      }
      case BigDecimal number -> text.append(number.stripTrailingZeros().toPlainString());
      default -> text.append(value);
    }
  }

  private static @Nullable Object read(Record settings, RecordComponent component) {
    try {
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("settings are public records: " + component, e);
    }
  }
}
