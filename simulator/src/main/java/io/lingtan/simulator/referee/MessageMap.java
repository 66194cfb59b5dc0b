package io.lingtan.simulator.referee;

import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of message is read.
 *
 * @param topic with named groups {@code unit} and {@code point} where it has placeholders
 * @param text pattern with a group {@code value}, and perhaps {@code time}, for payloads that are
 *     no JSON; null for JSON
 * @param each member that lists the records in the message; null if it is one record itself
 * @param unit member that names the unit; null if the topic does
 * @param key member that is the same only where the same record comes again; null if there is none
 * @param time member with the time; null if it does not say
 * @param value member with the value where topic names the point; null otherwise
 * @param values members with the values where one record has both
 */
record MessageMap(
    Pattern topic,
    @Nullable Pattern text,
    @Nullable String each,
    @Nullable String unit,
    @Nullable String key,
    @Nullable String time,
    @Nullable String value,
    Map<Place, String> values) {

  MessageMap {
    values = Map.copyOf(values);
  }

  /**
   * Reads a message.
   *
   * @return null if the topic is another one
   * @throws IOException if the payload is not as the mapping says
   */
  @Nullable List<Delivered> read(String name, byte[] payload, Mapping mapping) throws IOException {
    Matcher matcher = topic.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    String fromTopic = group(matcher, "unit");
    String point = group(matcher, "point");
    List<Delivered> found = new ArrayList<>();
    if (text != null) {
      // Some publishers send the end of their C string, too.
      String written = new String(payload, StandardCharsets.UTF_8).replace("\0", "").strip();
      readText(text, written, fromTopic, point, mapping, found);
      return found;
    }
    Json message = Json.read(payload);
    for (Json record : each == null ? List.of(message) : message.objects(each)) {
      String of = unit == null ? fromTopic : record.text(unit);
      BigDecimal at = time == null ? null : decimal(record, time);
      String same = key == null ? null : String.valueOf(record.members().get(key));
      if (value != null) {
        add(of, place(point), decimal(record, value), same, at, mapping, found);
      }
      for (Map.Entry<Place, String> entry : values.entrySet()) {
        add(of, entry.getKey(), decimal(record, entry.getValue()), same, at, mapping, found);
      }
    }
    return found;
  }

  private static void readText(
      Pattern pattern,
      String written,
      @Nullable String unit,
      @Nullable String point,
      Mapping mapping,
      List<Delivered> found)
      throws IOException {
    Matcher matcher = pattern.matcher(written);
    if (!matcher.matches()) {
      throw new IOException("'" + written + "' does not match " + pattern);
    }
    String at = group(matcher, "time");
    try {
      add(
          unit,
          place(point),
          new BigDecimal(String.valueOf(group(matcher, "value"))),
          null,
          at == null ? null : new BigDecimal(at),
          mapping,
          found);
    } catch (NumberFormatException e) {
      throw new IOException("'" + written + "' has no number", e);
    }
  }

  private static void add(
      @Nullable String name,
      @Nullable Place place,
      @Nullable BigDecimal value,
      @Nullable String key,
      @Nullable BigDecimal at,
      Mapping mapping,
      List<Delivered> found) {
    Integer unit = name == null ? null : mapping.units().get(name);
    if (unit == null || place == null || value == null) {
      return; // Absent, or marked bad by being absent: no value.
    }
    Long millis =
        at == null ? null : at.multiply(BigDecimal.valueOf(mapping.timeMillis())).longValue();
    found.add(new Delivered(unit, place, mapping.counts(place, value), key, millis));
  }

  private static @Nullable Place place(@Nullable String word) {
    for (Place place : Place.values()) {
      if (place.word().equals(word)) {
        return place;
      }
    }
    return null;
  }

  private static @Nullable String group(Matcher matcher, String name) {
    return matcher.namedGroups().containsKey(name) ? matcher.group(name) : null;
  }

  private static @Nullable BigDecimal decimal(Json record, String path) {
    Json at = record;
    int dot;
    String rest = path;
    while ((dot = rest.indexOf('.')) >= 0) {
      at = at.object(rest.substring(0, dot));
      rest = rest.substring(dot + 1);
    }
    return at.decimal(rest);
  }
}
