package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.sun.net.httpserver.HttpExchange;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.status.Actions.Action;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.Denial;
import io.lingtan.agent.status.access.HttpCaller;
import io.lingtan.agent.status.access.Technician;
import io.lingtan.agent.status.access.Technician.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** POST of {@link Actions}, for whom {@link Access} lets act. */
final class ActionServer {

  private static final int MOST_BYTES = 4096;

  /** A certificate with those up to its authority. */
  private static final int MOST_KEPT_BYTES = 16_384;

  private static final int MOST_FIELDS = 32;
  private static final JsonFactory JSON = new JsonFactory();
  private static final String PREFIX = "/api/action/";

  private static final Sentence OFFICE =
      new Sentence(
          "who comes in at this page (status: PIN, view, certificate) is changed only with the PIN"
              + " of the label, which the office keeps",
          "谁能进入本页面（status 里的 PIN、查看权限、证书）只能凭标签上的 PIN 更改，该 PIN 由管理方保管");

  private final Actions actions;
  private final Access access;
  private final BiFunction<Map<String, String>, String, Actions.Result> record;

  /** Whose work was begun last: there is one at a time. */
  private volatile @Nullable String latest;

  /**
   * @param record makes an acceptance record, for who has a PIN of that name; empty for the label's
   */
  ActionServer(
      Actions actions,
      Access access,
      BiFunction<Map<String, String>, String, Actions.Result> record) {
    this.record = record;
    this.actions = actions;
    this.access = access;
  }

  /**
   * What keeps a line busy, and who wanted it.
   *
   * @param by address, null for a program of this machine
   */
  record Busy(Actions.Busy work, @Nullable String by) {}

  /** What runs now; null if nothing does. */
  @Nullable Busy busy() {
    Actions.Busy work = actions.busy();
    return work == null ? null : new Busy(work, latest);
  }

  /** What the last polls of a device sent and got; null where no frames are kept of it. */
  @Nullable String polled(String device) {
    return actions.polled(device);
  }

  /** Kinds of meters that a site file may name; null where they are not known. */
  @Nullable String profiles() {
    return actions.profiles();
  }

  /** What became of the last change of the site file; null if there was none. */
  Actions.@Nullable Change change() {
    return actions.change();
  }

  /** Whether it is the one who answers at this path. */
  static boolean knows(String path) {
    return action(path) != null;
  }

  /** What is asked for; null if it is no action. Two have a path for programs as well. */
  private static @Nullable Action action(String path) {
    return switch (path) {
      case "/api/scan" -> Action.SCAN;
      case "/api/read" -> Action.READ;
      default -> path.startsWith(PREFIX) ? Action.of(path.substring(PREFIX.length())) : null;
    };
  }

  void answer(HttpExchange exchange, HttpCaller asked) throws IOException {
    if (!exchange.getRequestMethod().equals("POST")) {
      exchange.getResponseHeaders().set("Allow", "POST");
      StatusServer.send(exchange, 405, "text/plain", "only POST\n".getBytes(UTF_8));
      return;
    }
    Action action = Objects.requireNonNull(action(exchange.getRequestURI().getPath()));
    Access.Permission permission = access.act(asked, needed(action));
    Denial denial = permission.denial();
    if (denial != null) {
      StatusServer.deny(exchange, denial);
      return;
    }
    Map<String, String> wanted;
    try {
      wanted = fields(exchange, action == Action.KEEP ? MOST_KEPT_BYTES : MOST_BYTES);
    } catch (IllegalArgumentException e) {
      StatusServer.send(exchange, 400, "text/plain", (e.getMessage() + "\n").getBytes(UTF_8));
      return;
    }
    try {
      Technician who = Objects.requireNonNull(permission.who());
      Actions.Result result =
          switch (action) {
            case RECORD -> record.apply(wanted, who.name());
            case KEEP, PROPOSE, APPLY -> set(action, wanted, who, asked);
            default -> actions.act(action, wanted, new Answer(exchange, asked));
          };
      if (isKept(action) && !(result instanceof Actions.Refused)) {
        access.acted(who, asked, action.word(), of(wanted));
      }
      switch (result) {
        case Actions.Streamed told -> {}
        case Actions.Done(int status, var json) ->
            StatusServer.send(exchange, status, "application/json", (json + "\n").getBytes(UTF_8));
        case Actions.Refused refused -> refuse(exchange, refused);
      }
    } catch (UncheckedIOException e) {
      // Whoever asked is gone.
      throw e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One at a time: what is looked at before it is done is what is done. */
  private synchronized Actions.Result set(
      Action action, Map<String, String> wanted, Technician who, HttpCaller asked)
      throws InterruptedException {
    String entrance = actions.entrance(action, wanted);
    if (entrance != null && !who.isOffice()) {
      return new Actions.Refused(
          Why.FILE_FORM,
          OFFICE.english(),
          Map.of("why", OFFICE.english(), "why_zh", OFFICE.chinese()));
    }
    Actions.Result result =
        actions.act(
            action,
            wanted,
            () -> {
              throw new IllegalStateException(action + " has no lines");
            });
    if (entrance != null && action == Action.APPLY && result instanceof Actions.Done) {
      access.entranceChanged(who, asked, entrance);
    }
    return result;
  }

  /** What is only looked at, or is part of a change that has not been made, is not kept. */
  private static boolean isKept(Action action) {
    return switch (action) {
      case PORTS, PROPOSE, PREVIEW, FEED, SETTINGS -> false;
      case SCAN, READ, CHECK, ACKNOWLEDGE, APPLY, FEED_APPLY, KEEP, RETRY, CLOCK, RECORD -> true;
    };
  }

  private static Role needed(Action action) {
    return switch (action) {
      case SCAN, READ, CHECK, ACKNOWLEDGE, FEED, FEED_APPLY, PORTS, RETRY, RECORD -> Role.ACT;
      case PROPOSE, PREVIEW, APPLY, SETTINGS, KEEP, CLOCK -> Role.CONFIGURE;
    };
  }

  /** What it is done to, for whoever reads that it was; null where that is the site. */
  private static @Nullable String of(Map<String, String> wanted) {
    for (String key : List.of("device", "line", "id", "seq")) {
      String value = wanted.get(key);
      if (value != null && value.matches("[A-Za-z0-9_-]{1,64}")) {
        return value;
      }
    }
    return null;
  }

  /** In words for a program that shows them; for the page, which has its own, as what it is. */
  private static void refuse(HttpExchange exchange, Actions.Refused refused) throws IOException {
    String accepted = exchange.getRequestHeaders().getFirst("Accept");
    boolean json = accepted != null && accepted.startsWith("application/json");
    StatusServer.send(
        exchange,
        refused.status(),
        json ? "application/json" : "text/plain",
        ((json ? json(refused) : refused.text()) + "\n").getBytes(UTF_8));
  }

  private static String json(Actions.Refused refused) {
    return Json.object(
        json -> {
          json.writeStringField("why", refused.why().word());
          json.writeStringField("text", refused.text());
          json.writeObjectFieldStart("values");
          for (Map.Entry<String, String> each : refused.values().entrySet()) {
            json.writeStringField(each.getKey(), each.getValue());
          }
          json.writeEndObject();
        });
  }

  /** The members of a flat object. */
  static Map<String, String> fields(HttpExchange exchange) throws IOException {
    return fields(exchange, MOST_BYTES);
  }

  private static Map<String, String> fields(HttpExchange exchange, int most) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(most + 1);
    if (body.length > most) {
      throw new IllegalArgumentException("more than " + most + " bytes");
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
  private final class Answer implements Supplier<Consumer<String>> {
    private final HttpExchange exchange;
    private final HttpCaller asked;

    Answer(HttpExchange exchange, HttpCaller asked) {
      this.exchange = exchange;
      this.asked = asked;
    }

    @Override
    public Consumer<String> get() {
      latest = access.isOurs(asked) ? null : asked.from().getHostAddress();
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
