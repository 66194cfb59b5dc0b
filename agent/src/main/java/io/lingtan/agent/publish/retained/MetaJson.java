package io.lingtan.agent.publish.retained;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Caption;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Regions;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The {@code meta} topics: what a subscriber needs to read the records without the site file. */
final class MetaJson {

  /** How much is left out, in the order in which it can be missed best. */
  enum Detail {
    ALL,
    WITHOUT_FACTORS,
    WITHOUT_FACTORS_AND_METRICS,
    NAMES_ONLY
  }

  private MetaJson() {}

  static String site(Site site, Birth birth, Detail detail) {
    return Json.object(
        json -> {
          json.writeStringField("schema", "lingtan/v1");
          json.writeStringField("gateway", site.gateway());
          json.writeObjectFieldStart("software");
          json.writeStringField("name", "lingtan");
          json.writeStringField("version", birth.version());
          json.writeEndObject();
          json.writeStringField("configuration", site.sha256());
          chain(json, birth.chain().get());
          place(json, site.place());
          json.writeStringField("interval", site.metering().interval());
          if (detail.compareTo(Detail.NAMES_ONLY) < 0) {
            json.writeArrayFieldStart("devices");
            for (Device device : site.devices()) {
              json.writeString(device.id());
            }
            json.writeEndArray();
            meters(json, site);
            Json.labels(json, site.place().labels());
          }
          if (detail.compareTo(Detail.WITHOUT_FACTORS_AND_METRICS) < 0) {
            json.writeObjectFieldStart("metrics");
            for (Map.Entry<String, Indicator> metric : birth.metrics().entrySet()) {
              json.writeObjectFieldStart(metric.getKey());
              metric(json, metric.getValue());
              json.writeEndObject();
            }
            json.writeEndObject();
          }
          if (detail == Detail.ALL) {
            factors(json, site);
          } else {
            json.writeBooleanField("truncated", true);
          }
        });
  }

  private static void metric(JsonGenerator json, Indicator indicator) throws IOException {
    json.writeStringField("u", indicator.ucum());
    json.writeStringField("symbol", indicator.symbol());
    json.writeStringField("name", indicator.english());
    json.writeStringField("name_zh", indicator.chinese());
    json.writeStringField("rolls", indicator.rolling().word());
  }

  private static void chain(JsonGenerator json, @Nullable ChainSnapshot chain) throws IOException {
    if (chain == null) {
      return;
    }
    json.writeObjectFieldStart("key");
    json.writeStringField("kty", "OKP");
    json.writeStringField("crv", "Ed25519");
    json.writeStringField("x", chain.key());
    json.writeEndObject();
    json.writeObjectFieldStart("chain");
    json.writeStringField("head", chain.head());
    if (chain.epoch() != null) {
      json.writeStringField("epoch", chain.epoch());
      json.writeNumberField("seq", chain.seq());
    }
    json.writeEndObject();
  }

  private static void place(JsonGenerator json, Site.Place place) throws IOException {
    json.writeObjectFieldStart("site");
    json.writeStringField("name", place.name());
    json.writeStringField("zone", place.zone().getId());
    json.writeStringField("region", place.region());
    if (!Double.isNaN(place.lat()) && !Double.isNaN(place.lon())) {
      json.writeNumberField("lat", place.lat());
      json.writeNumberField("lon", place.lon());
    }
    if (place.simulated()) {
      json.writeBooleanField("simulated", true);
    }
    json.writeEndObject();
  }

  private static void meters(JsonGenerator json, Site site) throws IOException {
    json.writeArrayFieldStart("meters");
    for (Site.Meter meter : site.metering().meters()) {
      json.writeStartObject();
      json.writeStringField("id", meter.id());
      json.writeStringField("device", meter.device());
      json.writeStringField("role", meter.role().word());
      if (meter.reverse()) {
        json.writeBooleanField("reverse", true);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Of the site's place and of what that lies in: no figure rests on another's. */
  private static void factors(JsonGenerator json, Site site) throws IOException {
    List<String> places = Regions.widening(site.place().region());
    json.writeObjectFieldStart("factors");
    for (FactorTable table : site.carbon().tables()) {
      for (Factor factor : table.factors()) {
        if (!places.contains(factor.region())) {
          continue;
        }
        json.writeObjectFieldStart(factor.id());
        json.writeStringField("value", factor.value());
        json.writeStringField("u", factor.ucum());
        json.writeStringField("basis", factor.basis());
        if (!factor.gas().isEmpty()) {
          json.writeStringField("gas", factor.gas());
        }
        json.writeStringField("version", table.version());
        json.writeStringField("source", factor.document());
        json.writeStringField("status", factor.status());
        json.writeEndObject();
      }
    }
    json.writeEndObject();
  }

  /**
   * @param whole with the points; else {@code "truncated":true}
   */
  static String device(Line line, Device device, boolean whole) {
    DeviceProfile profile = device.profile();
    return Json.object(
        json -> {
          json.writeStringField("device", device.id());
          json.writeStringField("kind", word(profile.kind()));
          json.writeObjectFieldStart("profile");
          json.writeStringField("name", profile.name());
          json.writeStringField("maker", profile.maker());
          json.writeStringField("document", profile.document());
          if (profile.example()) {
            json.writeBooleanField("example", true);
          }
          json.writeEndObject();
          json.writeObjectFieldStart("identity");
          if (device.unit() >= 0) {
            json.writeNumberField("unit", device.unit());
          }
          String address = device.address();
          if (address != null) {
            json.writeStringField("address", address);
          }
          json.writeEndObject();
          json.writeStringField("line", line.id());
          json.writeNumberField("every_ms", device.every().toMillis());
          json.writeNumberField("record_ms", device.record().toMillis());
          json.writeStringField("plus", profile.kind().plus());
          if (whole) {
            points(json, device);
          } else {
            json.writeBooleanField("truncated", true);
          }
        });
  }

  private static void points(JsonGenerator json, Device device) throws IOException {
    json.writeObjectFieldStart("points");
    for (Point point : device.profile().pointsGiven()) {
      json.writeObjectFieldStart(point.name());
      json.writeStringField("u", point.ucum());
      json.writeStringField("symbol", point.symbol());
      json.writeStringField("name", point.english());
      json.writeStringField("name_zh", point.chineseInFull());
      if (point.form() instanceof Form.Texts(SortedMap<Long, String> texts)) {
        json.writeObjectFieldStart("text");
        for (Map.Entry<Long, String> text : texts.entrySet()) {
          json.writeStringField(Long.toString(text.getKey()), text.getValue());
        }
        json.writeEndObject();
      }
      if (!point.bits().isEmpty()) {
        json.writeObjectFieldStart("bits");
        for (Map.Entry<Integer, Caption> bit : new TreeMap<>(point.bits()).entrySet()) {
          json.writeObjectFieldStart(Integer.toString(bit.getKey()));
          json.writeStringField("name", bit.getValue().english());
          json.writeStringField("name_zh", bit.getValue().chinese());
          json.writeEndObject();
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private static String word(DeviceProfile.Kind kind) {
    return kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
