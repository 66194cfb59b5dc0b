package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.Denial;
import io.lingtan.agent.status.access.HttpCaller;
import io.lingtan.agent.status.access.Technician;
import io.lingtan.agent.status.access.Technician.Role;
import io.lingtan.agent.status.report.Html;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where a PIN is given: a page that says no more of the site than what it is called, POST of {@code
 * {"pin":"..."}}, and DELETE to end the session. Who may configure sees all of them by GET, and
 * ends another's by DELETE of {@code ?number=...}.
 */
final class SessionPage {

  static final String PATH = "/api/session";

  private final Access access;
  private final byte[] page;
  private final byte[] script = Assets.text("pin.js").getBytes(UTF_8);
  private final byte[] style = Assets.text("style.css").getBytes(UTF_8);

  /**
   * @param site that it is the way to; null where nobody says
   */
  SessionPage(Access access, @Nullable Site site) {
    this.access = access;
    this.page =
        Assets.text("pin.html")
            .replace("{{site}}", site == null ? "Lingtan 零碳" : Html.escaped(site.place().name()))
            .replace("{{gateway}}", site == null ? "" : Html.escaped(site.gateway()))
            .getBytes(UTF_8);
  }

  /** Whether everybody may have what is there. */
  boolean has(String path) {
    return path.equals("/pin") || path.equals("/pin.js") || path.equals("/style.css");
  }

  /** Shows the page or what belongs to it. */
  void show(HttpExchange exchange, String path) throws IOException {
    switch (path) {
      case "/pin.js" -> StatusServer.send(exchange, 200, "text/javascript", script);
      case "/style.css" -> StatusServer.send(exchange, 200, "text/css", style);
      default -> StatusServer.send(exchange, 200, "text/html", page);
    }
  }

  void answer(HttpExchange exchange, HttpCaller asked) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("POST") && !method.equals("DELETE")) {
      exchange.getResponseHeaders().set("Allow", "GET, POST, DELETE");
      StatusServer.send(exchange, 405, "text/plain", "only GET, POST and DELETE\n".getBytes(UTF_8));
      return;
    }
    String query = exchange.getRequestURI().getQuery();
    if (method.equals("GET") || (method.equals("DELETE") && query != null)) {
      others(exchange, asked, query);
      return;
    }
    Denial unmeant = access.meant(asked);
    if (unmeant != null) {
      StatusServer.deny(exchange, unmeant);
    } else if (method.equals("DELETE")) {
      done(exchange, access.logout(asked));
    } else {
      login(exchange, asked);
    }
  }

  /** Lists all, or ends the one that is named. */
  private void others(HttpExchange exchange, HttpCaller asked, @Nullable String query)
      throws IOException {
    Access.Permission permission = access.act(asked, Role.CONFIGURE);
    Technician who = permission.who();
    if (who == null) {
      StatusServer.deny(exchange, Objects.requireNonNull(permission.denial()));
    } else if (exchange.getRequestMethod().equals("GET")) {
      StatusServer.send(
          exchange, 200, "application/json", (json(access.sessions()) + "\n").getBytes(UTF_8));
    } else {
      if (query != null
          && query.matches("number=[0-9]{1,9}")
          && access.end(Long.parseLong(query.substring("number=".length())), who, asked)) {
        StatusServer.headers(exchange, "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(204, -1);
      } else {
        StatusServer.send(exchange, 404, "text/plain", "no such session\n".getBytes(UTF_8));
      }
    }
  }

  private static String json(List<Access.Shown> sessions) {
    return Json.object(
        json -> {
          json.writeArrayFieldStart("sessions");
          for (Access.Shown each : sessions) {
            json.writeStartObject();
            json.writeNumberField("number", each.number());
            json.writeStringField("technician", each.technician());
            json.writeStringField("role", each.role());
            json.writeStringField("from", each.from());
            json.writeNumberField("begun_s", each.begunSeconds());
            json.writeNumberField("idle_s", each.idleSeconds());
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private void login(HttpExchange exchange, HttpCaller asked) throws IOException {
    String pin;
    try {
      pin = ActionServer.fields(exchange).get("pin");
    } catch (IllegalArgumentException e) {
      StatusServer.send(exchange, 400, "text/plain", (e.getMessage() + "\n").getBytes(UTF_8));
      return;
    }
    if (pin == null) {
      StatusServer.send(exchange, 400, "text/plain", "the field pin is missing\n".getBytes(UTF_8));
      return;
    }
    Access.Login login = access.login(asked, pin.strip());
    Denial denial = login.denial();
    if (denial != null) {
      StatusServer.deny(exchange, denial);
    } else {
      done(exchange, String.valueOf(login.cookie()));
    }
  }

  private static void done(HttpExchange exchange, String cookie) throws IOException {
    exchange.getResponseHeaders().set("Set-Cookie", cookie);
    StatusServer.headers(exchange, "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(204, -1);
  }
}
