package io.lingtan.agent.desk;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Regions;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.read.Catalogue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What of the gateway can be set at the page: as it is, and what there is to choose from. */
final class SettingsJson {

  private SettingsJson() {}

  static String of(Site site) {
    Site.Mqtt mqtt = site.mqtt();
    return Json.object(
        json -> {
          words(json, "servers", mqtt.servers());
          text(json, "user", mqtt.user());
          file(json, site, "password_file", mqtt.passwordFile());
          file(json, site, "ca", mqtt.ca());
          file(json, site, "cert", mqtt.cert());
          file(json, site, "key", mqtt.key());
          json.writeStringField("view", site.status().open() ? "open" : "pin");
          file(json, site, "pin_file", site.status().pinFile());
          Site.PageTls tls = site.status().tls();
          file(json, site, "page_cert", tls == null ? null : tls.cert());
          words(json, "trust", site.clock().trust());
          json.writeStringField("region", site.place().region());
          words(json, "factors", site.carbon().factors());
          words(
              json,
              "accept",
              site.carbon().accepted().stream()
                  .map(each -> each.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                  .sorted()
                  .toList());
          words(json, "method", site.carbon().methods());
          json.writeArrayFieldStart("tariff");
          for (Tariff each = site.metering().tariff(); each != null; each = each.next()) {
            json.writeString(each.name());
          }
          json.writeEndArray();
          choices(json);
        });
  }

  private static void choices(JsonGenerator json) throws IOException {
    words(json, "regions", new TreeSet<>(Regions.chinese()));
    json.writeArrayFieldStart("tables");
    Catalogue<FactorTable> factors = Catalogue.factors(null);
    for (String name : factors.names()) {
      FactorTable table = factors.load(name).value();
      choice(json, name, table == null ? "" : table.version());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("tariffs");
    Catalogue<Tariff> tariffs = Catalogue.tariffs(null);
    for (String name : tariffs.names()) {
      Tariff tariff = tariffs.load(name).value();
      choice(json, name, tariff == null ? "" : tariff.version());
    }
    json.writeEndArray();
  }

  private static void choice(JsonGenerator json, String name, String version) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", name);
    json.writeStringField("version", version);
    json.writeEndObject();
  }

  private static void words(JsonGenerator json, String name, Collection<String> words)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String word : words) {
      json.writeString(word);
    }
    json.writeEndArray();
  }

  private static void text(JsonGenerator json, String name, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeStringField(name, text);
    }
  }

  /** Where it is, from the site file's folder where that is above it. */
  private static void file(JsonGenerator json, Site site, String name, @Nullable Path file)
      throws IOException {
    Path folder = site.file().toAbsolutePath().getParent();
    if (file != null) {
      Path shown = folder == null || !file.startsWith(folder) ? file : folder.relativize(file);
      json.writeStringField(name, shown.toString());
    }
  }
}
