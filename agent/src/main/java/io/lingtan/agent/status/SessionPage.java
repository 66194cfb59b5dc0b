package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.Asked;
import io.lingtan.agent.status.access.Denial;
import io.lingtan.agent.status.report.Html;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where a PIN is given: a page that says no more of the site than what it is called, POST of {@code
 * {"pin":"..."}}, and DELETE to end the session.
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

  void answer(HttpExchange exchange, Asked asked) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("POST") && !method.equals("DELETE")) {
      exchange.getResponseHeaders().set("Allow", "POST, DELETE");
      StatusServer.send(exchange, 405, "text/plain", "only POST and DELETE\n".getBytes(UTF_8));
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

  private void login(HttpExchange exchange, Asked asked) throws IOException {
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
