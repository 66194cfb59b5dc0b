package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.status.HistoryPages.Reply;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.HttpCaller;
import io.lingtan.agent.status.access.Technician;
import io.lingtan.agent.status.access.Technician.Role;
import io.lingtan.agent.status.access.TechniciansFile;
import io.lingtan.agent.status.report.Language;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who has a PIN of their own, and who is in: a page with nothing on it, which {@code
 * technicians.js} fills for who may configure. GET lists technicians without their PINs, POST of
 * {@code {"name":"wang","role":"act"}} adds one and tells the PIN that was made, DELETE of {@code
 * ?name=wang} removes one. Sessions are those of {@link SessionPage}.
 */
final class TechniciansPage {

  static final String PATH = "/api/technicians";

  static final Sentence OFFICE =
      new Sentence(
          "technicians are added and removed only with the PIN of the label, which the office"
              + " keeps",
          "人员只能凭标签上的 PIN 增减，该 PIN 由管理方保管");

  private static final String NAME = "name=";

  private final Access access;
  private final String page;

  /**
   * @param page the template: {@code [[Chinese|English]]}, and what is filled in in double braces
   */
  TechniciansPage(Access access, String page) {
    this.access = access;
    this.page = page;
  }

  /** The page, in one of two languages. */
  String html(@Nullable String query) {
    Language language = Language.of("lang=en".equals(query) ? "en" : "zh");
    StringBuilder roles = new StringBuilder();
    for (Role role : Role.values()) {
      String words =
          switch (role) {
            case LOOK -> language.of("查看", "look");
            case ACT -> language.of("操作：试读、核对、确认事件、验收", "act: read, compare, acknowledge, accept");
            case CONFIGURE ->
                language.of("配置：改站点文件、对时、登录管理", "configure: site file, clock, sessions");
          };
      roles.append("<option value=\"%s\">%s</option>".formatted(role.word(), words));
    }
    return page.replace("{{roles}}", roles)
        .replace("{{tag}}", language.tag())
        .replace("{{other}}", language.other().key())
        .replaceAll(
            language == Language.CHINESE ? "\\[\\[([^|]*)\\|[^]]*]]" : "\\[\\[[^|]*\\|([^]]*)]]",
            "$1");
  }

  /** All, without their PINs. */
  Reply list() {
    return Reply.of(
        200,
        "application/json",
        Json.object(
                json -> {
                  json.writeArrayFieldStart("technicians");
                  for (Technician each : access.technicians()) {
                    json.writeStartObject();
                    json.writeStringField("name", each.name());
                    json.writeStringField("role", each.role().word());
                    json.writeEndObject();
                  }
                  json.writeEndArray();
                })
            + "\n");
  }

  /** Adds the one whose name and role are among the fields. */
  Reply add(Map<String, String> fields, Technician who, HttpCaller asked) {
    String name = fields.getOrDefault("name", "");
    Role role =
        Stream.of(Role.values())
            .filter(each -> each.word().equals(fields.get("role")))
            .findFirst()
            .orElse(null);
    if (role == null) {
      return told(400, "the role is one of look act configure");
    }
    try {
      String pin = access.add(name, role, who, asked);
      return Reply.of(
          201,
          "application/json",
          Json.object(
                  json -> {
                    json.writeStringField("name", name);
                    json.writeStringField("role", role.word());
                    json.writeStringField("pin", pin);
                  })
              + "\n");
    } catch (TechniciansFile.Refused e) {
      return told(400, e.getMessage());
    } catch (IOException e) {
      return told(409, e.getMessage());
    }
  }

  /** Removes whom the query names. */
  Reply remove(@Nullable String query, Technician who, HttpCaller asked) {
    String name =
        query != null && query.startsWith(NAME)
            ? URLDecoder.decode(query.substring(NAME.length()), UTF_8)
            : "";
    try {
      return access.remove(name, who, asked)
          ? told(200, "removed")
          : told(404, "nobody is called that");
    } catch (TechniciansFile.Refused e) {
      return told(400, e.getMessage());
    } catch (IOException e) {
      return told(409, e.getMessage());
    }
  }

  private static Reply told(int code, @Nullable String text) {
    return Reply.of(code, "text/plain", text + "\n");
  }
}
