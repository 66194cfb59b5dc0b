package io.lingtan.agent.publish.retained;

import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Descriptions by which Home Assistant finds the devices (MQTT discovery of devices, since
 * 2024.11): one retained message for each, whose sensors read {@code state/{device}}.
 *
 * <p>A sensor is available while the gateway is and its point has a value: a point that became bad
 * shows as unavailable, never as zero or as its last value. Counters are {@code total_increasing},
 * which the energy dashboard takes; a gap leaves them where they were.
 */
final class HomeAssistant {

  private final Site site;
  private final Topics topics;
  private final String prefix;

  /**
   * @param prefix the first level of discovery topics, {@code homeassistant} unless changed there
   */
  HomeAssistant(Site site, String prefix) {
    this.site = site;
    this.topics = new Topics(site.gateway());
    this.prefix = prefix;
  }

  /** The device is there. */
  Message found(Device device, String version) {
    return Message.retained(topic(device.id()), json(device, version));
  }

  /** The device is not there any more: Home Assistant forgets it. */
  Message gone(String device) {
    return Message.retained(topic(device), "");
  }

  /** The gateway is a level of its own, so that an access list can go by it. */
  private String topic(String device) {
    return prefix + "/device/" + site.gateway() + "/" + device + "/config";
  }

  private String json(Device device, String version) {
    String id = site.gateway() + "_" + device.id();
    return Json.object(
        json -> {
          json.writeObjectFieldStart("device");
          json.writeArrayFieldStart("identifiers");
          json.writeString("lingtan_" + id);
          json.writeEndArray();
          json.writeStringField("name", device.id());
          json.writeStringField("manufacturer", device.profile().maker());
          json.writeStringField("model", device.profile().name());
          json.writeEndObject();
          json.writeObjectFieldStart("origin");
          json.writeStringField("name", "lingtan");
          json.writeStringField("sw_version", version);
          json.writeEndObject();
          json.writeStringField("state_topic", topics.state(device.id()));
          json.writeObjectFieldStart("components");
          Set<String> names =
              device.profile().pointsGiven().stream()
                  .filter(point -> !(point.form() instanceof Form.Bits))
                  .map(Point::name)
                  .collect(toSet());
          for (Point point : device.profile().pointsGiven()) {
            String value = "value_json['values']['" + point.name() + "']";
            if (point.form() instanceof Form.Bits) {
              for (Map.Entry<Integer, Caption> bit : new TreeMap<>(point.bits()).entrySet()) {
                String name = point.name() + "_" + bit.getKey();
                // No point has a hyphen.
                name = names.contains(name) ? point.name() + "-" + bit.getKey() : name;
                json.writeObjectFieldStart(name);
                json.writeStringField("platform", "binary_sensor");
                json.writeStringField("device_class", "problem");
                json.writeStringField("name", point.english() + " " + bit.getValue().english());
                json.writeStringField(
                    "value_template",
                    "{{ 'ON' if " + bit.getKey() + " in " + value + " else 'OFF' }}");
                availability(json, device, value, id + "_" + name);
                json.writeEndObject();
              }
            } else {
              json.writeObjectFieldStart(point.name());
              sensor(json, device, point, value, id + "_" + point.name());
              json.writeEndObject();
            }
          }
          json.writeEndObject();
        });
  }

  private void sensor(JsonGenerator json, Device device, Point point, String value, String uniqueId)
      throws IOException {
    Kind kind = point.isOwn() ? ownKind(point) : kind(point.quantity());
    json.writeStringField("platform", "sensor");
    json.writeStringField("name", point.english());
    if (kind.deviceClass() != null) {
      json.writeStringField("device_class", kind.deviceClass());
    }
    if (kind.stateClass() != null) {
      json.writeStringField("state_class", kind.stateClass());
    }
    if (kind.unit() != null) {
      json.writeStringField("unit_of_measurement", kind.unit());
    }
    json.writeStringField(
        "value_template", "{{ " + value + (kind.times() == 1 ? "" : " * " + kind.times()) + " }}");
    availability(json, device, value, uniqueId);
  }

  private void availability(JsonGenerator json, Device device, String value, String uniqueId)
      throws IOException {
    json.writeStringField("unique_id", uniqueId);
    json.writeStringField("availability_mode", "all");
    json.writeArrayFieldStart("availability");
    json.writeStartObject();
    json.writeStringField("topic", topics.status());
    json.writeEndObject();
    json.writeStartObject();
    json.writeStringField("topic", topics.state(device.id()));
    json.writeStringField(
        "value_template", "{{ 'online' if " + value + " is defined else 'offline' }}");
    json.writeEndObject();
    json.writeEndArray();
  }

  /**
   * What a sensor is there.
   *
   * @param deviceClass null: none fits
   * @param stateClass null for what is no number
   * @param unit as written there; null for what has none
   * @param times our value in that unit
   */
  private record Kind(
      @Nullable String deviceClass,
      @Nullable String stateClass,
      @Nullable String unit,
      int times) {}

  private static final String MEASUREMENT = "measurement";
  private static final String COUNTER = "total_increasing";

  /** An own point is of no class: its unit says what it is. */
  private static Kind ownKind(Point point) {
    String symbol = point.symbol();
    return point.isNumber()
        ? new Kind(null, MEASUREMENT, symbol.isEmpty() ? null : symbol, 1)
        : new Kind(null, null, null, 1);
  }

  /**
   * Which classes and units go together: Home Assistant, {@code components/sensor/const.py}, {@code
   * DEVICE_CLASS_UNITS} and {@code DEVICE_CLASS_STATE_CLASSES}. A mass or a volume may be what is
   * in a tank as well as what has run through, so neither is called a counter.
   */
  private static Kind kind(Quantity quantity) {
    return switch (quantity) {
      case POWER, DEMAND, DEMAND_MAX -> new Kind("power", MEASUREMENT, "W", 1);
      case ENERGY_IMPORT,
          ENERGY_EXPORT,
          ENERGY_GENERATED,
          ENERGY_CHARGED,
          ENERGY_DISCHARGED,
          ENERGY_ABSORBED ->
          new Kind("energy", COUNTER, "kWh", 1);
      case REACTIVE_POWER -> new Kind("reactive_power", MEASUREMENT, "var", 1);
      case REACTIVE_ENERGY_IMPORT, REACTIVE_ENERGY_EXPORT -> new Kind(null, COUNTER, "kvarh", 1);
      case APPARENT_POWER -> new Kind("apparent_power", MEASUREMENT, "VA", 1);
      case VOLTAGE -> new Kind("voltage", MEASUREMENT, "V", 1);
      case CURRENT -> new Kind("current", MEASUREMENT, "A", 1);
      case FREQUENCY -> new Kind("frequency", MEASUREMENT, "Hz", 1);
      case POWER_FACTOR -> new Kind("power_factor", MEASUREMENT, null, 1);
      case SOC -> new Kind("battery", MEASUREMENT, "%", 1);
      case SOH -> new Kind(null, MEASUREMENT, "%", 1);
      case TEMPERATURE -> new Kind("temperature", MEASUREMENT, "°C", 1);
      case PRESSURE -> new Kind("pressure", MEASUREMENT, "kPa", 1000);
      case MASS -> new Kind("weight", MEASUREMENT, "kg", 1);
      case VOLUME -> new Kind("volume_storage", MEASUREMENT, "m³", 1);
      case FLOW -> new Kind("volume_flow_rate", MEASUREMENT, "m³/h", 1);
      case DISTANCE -> new Kind("distance", COUNTER, "km", 1);
      case STATE, OWN -> new Kind(null, null, null, 1);
      case PULSES -> new Kind(null, COUNTER, null, 1);
    };
  }
}
