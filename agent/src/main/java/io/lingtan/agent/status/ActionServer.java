package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * POST of what keeps a line busy. From this machine only, and from nothing that a browser was
 * talked into: the host must be a loopback name (a name that is turned round to this machine is
 * none), an origin must be the page's own, and a header is asked for that no form can send.
 */
final class ActionServer {

  /** The header that says that a program of ours, or the page, means it. */
  static final String MEANT = "X-Lingtan";

  private static final int MOST_BYTES = 4096;
  private static final int MOST_FIELDS = 32;
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final JsonFactory JSON = new JsonFactory();

  private final Actions actions;

  ActionServer(Actions actions) {
    this.actions = actions;
  }

  /** Whether it is the one who answers at this path. */
  static boolean knows(String path) {
    return switch (path) {
      case "/api/scan", "/api/read", "/api/action/scan", "/api/action/read" -> true;
      default -> false;
    };
  }

  void answer(HttpExchange exchange) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      StatusServer.send(exchange, 405, "text/plain", "only POST\n".getBytes(UTF_8));
      return;
    }
    String forbidden = forbidden(exchange);
    if (forbidden != null) {
      StatusServer.send(exchange, 403, "text/plain", (forbidden + "\n").getBytes(UTF_8));
      return;
    }
    Map<String, String> wanted;
    try {
      wanted = fields(exchange);
    } catch (IllegalArgumentException e) {
      StatusServer.send(exchange, 400, "text/plain", (e.getMessage() + "\n").getBytes(UTF_8));
      return;
    }
    Answer answer = new Answer(exchange);
    try {
      Actions.Refusal refusal =
          exchange.getRequestURI().getPath().endsWith("scan")
              ? actions.scan(wanted, answer)
              : actions.read(wanted, answer);
      if (refusal != null) {
        byte[] why = (refusal.why() + "\n").getBytes(UTF_8);
        StatusServer.send(exchange, refusal.status(), "text/plain", why);
      }
    } catch (UncheckedIOException e) {
      // Whoever asked is gone.
      throw e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static @Nullable String forbidden(HttpExchange exchange) {
    if (!exchange.getRemoteAddress().getAddress().isLoopbackAddress()) {
      return "only from this machine: log in to it and use lingtan scan or lingtan read there";
    }
    Headers headers = exchange.getRequestHeaders();
    String host = headers.getFirst("Host");
    if (host == null || !LOOPBACK.contains(withoutPort(host).toLowerCase(Locale.ROOT))) {
      return "the host must be 127.0.0.1 or localhost, was " + host;
    }
    String origin = headers.getFirst("Origin");
    if (origin != null && !origin.equals("http://" + host)) {
      return "not from another page: " + origin;
    }
    String type = headers.getFirst("Content-Type");
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      return "send application/json";
    }
    return headers.getFirst(MEANT) == null ? "the header " + MEANT + ": 1 is missing" : null;
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
  }

  /** The members of a flat object. */
  private static Map<String, String> fields(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES) {
      throw new IllegalArgumentException("more than " + MOST_BYTES + " bytes");
    }
    Map<String, String> fields = new HashMap<>();
    try (JsonParser json = JSON.createParser(body)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("an object with the fields is expected");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME && fields.size() < MOST_FIELDS) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (value == null || !value.isScalarValue()) {
          throw new IllegalArgumentException(name + " must be a text, a number or a flag");
        }
        fields.put(name, json.getText());
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IllegalArgumentException("one object with at most 32 fields is expected");
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    return fields;
  }

  /** A line at a time, each sent at once. */
  private static final class Answer implements Supplier<Consumer<String>> {
    private final HttpExchange exchange;

    Answer(HttpExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public Consumer<String> get() {
      try {
        StatusServer.headers(exchange, "application/x-ndjson");
        exchange.sendResponseHeaders(200, 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      OutputStream out = exchange.getResponseBody();
      return line -> {
        try {
          out.write((line + "\n").getBytes(UTF_8));
          out.flush();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      };
    }
  }
}
