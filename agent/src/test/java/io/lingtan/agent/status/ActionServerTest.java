package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.site.Site.StatusSettings;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.Technician;
import io.lingtan.agent.status.access.Technician.Role;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may keep a line busy. */
final class ActionServerTest {

  private static final String BODY = "{\"line\":\"roof\",\"from\":1,\"thorough\":true}";

  private final FakeActions actions = new FakeActions();
  private final List<Event> events = new ArrayList<>();
  private final Access access = TestAccess.open(events::add);
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        StatusServer.start(
            new StatusSettings(true, "0.0.0.0", 0, null, true, List.of(), null),
            null,
            () -> {
              throw new IllegalStateException("not looked at");
            },
            () -> {
              throw new IllegalStateException("not looked at");
            },
            null,
            actions,
            access);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String local() {
    return "127.0.0.1:" + server.port();
  }

  private static final List<String> MEANT =
      List.of("Content-Type: application/json", "X-Lingtan: 1");

  /** As a command of this machine sends it. */
  private static final List<String> GOOD = with("Authorization: Bearer " + TestAccess.PASS);

  private static List<String> with(String header) {
    List<String> headers = new ArrayList<>(MEANT);
    headers.add(header);
    return headers;
  }

  private String send(InetAddress to, String first, String host, List<String> headers, String body)
      throws IOException {
    try (Socket socket = new Socket(to, server.port())) {
      socket.setSoTimeout(10_000);
      List<String> lines = new ArrayList<>(List.of(first + " HTTP/1.1", "Host: " + host));
      lines.addAll(headers);
      lines.add("Content-Length: " + body.getBytes(UTF_8).length);
      lines.add("Connection: close");
      String request = String.join("\r\n", lines) + "\r\n\r\n" + body;
      socket.getOutputStream().write(request.getBytes(UTF_8));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }

  private String post(String path, String host, List<String> headers, String body)
      throws IOException {
    return send(InetAddress.getLoopbackAddress(), "POST " + path, host, headers, body);
  }

  private static int code(String answer) {
    return Integer.parseInt(answer.split(" ")[1]);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/scan, scan",
    "/api/read, read",
    "/api/action/scan, scan",
    "/api/action/read, read"
  })
  void aProgramOfThisMachineIsAnsweredLineByLine(String path, String what) throws IOException {
    String answer = post(path, local(), GOOD, BODY);
    assertEquals(200, code(answer), answer);
    assertTrue(answer.contains("{\"kind\":\"note\"}\n"), answer);
    assertTrue(answer.contains("{\"kind\":\"done\"}\n"), answer);
    assertEquals(List.of(what + " {from=1, line=roof, thorough=true}"), actions.asked);
  }

  /** The other end of {@code ssh -R}, frp or docker-proxy comes from here and calls it so. */
  @Test
  void whoOnlyComesFromThisMachinesAddressNeedsThePin() throws IOException {
    for (String host : List.of(local(), "localhost", "[::1]:8080")) {
      String answer = post("/api/read", host, MEANT, BODY);
      assertEquals(401, code(answer), answer);
    }
    assertEquals(List.of(), actions.asked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0123456789abcdef0123456789abcdee", "null"})
  void whoShowsAnotherPassNeedsThePin(String pass) throws IOException {
    String answer = post("/api/read", local(), with("Authorization: Bearer " + pass), BODY);
    assertEquals(401, code(answer), answer);
    assertEquals(List.of(), actions.asked);
  }

  @Test
  void aNamedTechnicianDoesWhatTheRoleSaysAndSessionsAreEndedByWhoMay() throws IOException {
    access.renew(TestAccess.PIN, Map.of("471101", new Technician("li", Role.ACT)));
    List<String> li =
        with(
            "Authorization: Basic "
                + Base64.getEncoder().encodeToString(":471101".getBytes(UTF_8)));
    assertEquals(200, code(post("/api/read", local(), li, BODY)));
    String refused = post("/api/action/apply", local(), li, "{\"id\":\"x\"}");
    assertEquals(403, code(refused), refused);
    assertEquals(1, actions.asked.size());
    InetAddress here = InetAddress.getLoopbackAddress();
    assertEquals(403, code(send(here, "GET /api/session", local(), li, "")));

    String login = post("/api/session", local(), MEANT, "{\"pin\":\"471101\"}");
    assertEquals(204, code(login), login);
    List<String> browser =
        with("Cookie: " + login.replaceAll("(?si).*Set-Cookie: ([^;]*);.*", "$1"));
    assertEquals(200, code(post("/api/read", local(), browser, BODY)));
    String list = send(here, "GET /api/session", local(), GOOD, "");
    assertTrue(
        list.contains(
            "{\"sessions\":[{\"number\":1,\"technician\":\"li\",\"role\":\"act\",\"from\":\"127.0.0.1\""),
        list);
    String end = "DELETE /api/session?number=1";
    assertEquals(403, code(send(here, end, local(), browser, "")));
    assertEquals(204, code(send(here, end, local(), GOOD, "")));
    assertEquals(404, code(send(here, end, local(), GOOD, "")));
    assertEquals(401, code(post("/api/read", local(), browser, BODY)));
  }

  /** Else a technician who is taken out of the file has made the office's PIN his own before. */
  @Test
  void whoComesInIsChangedOnlyByTheOfficesPinAndToldWhoeverDidIt() throws IOException {
    access.renew(TestAccess.PIN, Map.of("471100", new Technician("wang", Role.CONFIGURE)));
    actions.entrance = "pin_file";
    for (String action : List.of("keep", "propose", "apply")) {
      String refused = post("/api/action/" + action, local(), by("471100"), "{\"id\":\"x\"}");
      assertEquals(400, code(refused), refused);
      assertTrue(refused.contains("only with the PIN of the label"), refused);
    }
    assertEquals(List.of(), actions.asked);
    assertEquals(List.of(), events);
    assertEquals(202, code(post("/api/action/apply", local(), by(TestAccess.PIN), "{}")));
    assertEquals(
        List.of("{technician=, role=configure, did=change_entrance, from=127.0.0.1, of=pin_file}"),
        events.stream().map(event -> event.detail().toString()).toList());
    actions.entrance = null;
    assertEquals(202, code(post("/api/action/apply", local(), by("471100"), "{}")));
    String other = "{\"name\":\"li\",\"role\":\"act\"}";
    assertEquals(403, code(post("/api/technicians", local(), by("471100"), other)));
    assertNotEquals(403, code(post("/api/technicians", local(), by(TestAccess.PIN), other)));
  }

  private static List<String> by(String pin) {
    return with(
        "Authorization: Basic " + Base64.getEncoder().encodeToString((":" + pin).getBytes(UTF_8)));
  }

  @Test
  void thePageItselfMayAsk() throws IOException {
    List<String> headers = new ArrayList<>(GOOD);
    headers.add("Origin: http://" + local());
    assertEquals(200, code(post("/api/read", local(), headers, BODY)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: https://127.0.0.1",
      })
  void anotherPageMayNot(String origin) throws IOException {
    List<String> headers = new ArrayList<>(GOOD);
    headers.add(origin);
    assertEquals(403, code(post("/api/read", local(), headers, BODY)));
    assertEquals(List.of(), actions.asked);
  }

  /** A name of somebody else's that was turned round to this machine (DNS rebinding). */
  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.", ""})
  void aForeignNameOfThisMachineMayNot(String host) throws IOException {
    assertEquals(403, code(post("/api/read", host, GOOD, BODY)));
    assertEquals(List.of(), actions.asked);
  }

  @Test
  void aFormOfABrowserMayNot() throws IOException {
    List<String> form = List.of("Content-Type: text/plain", "X-Lingtan: 1");
    assertEquals(403, code(post("/api/read", local(), form, BODY)));
    List<String> simple = List.of("Content-Type: application/json");
    assertEquals(403, code(post("/api/read", local(), simple, BODY)));
    assertEquals(List.of(), actions.asked);
  }

  @Test
  void anotherMachineMayNotWithoutThePin() throws IOException {
    for (var each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
      for (InetAddress own : Collections.list(each.getInetAddresses())) {
        if (own instanceof Inet4Address && !own.isLoopbackAddress()) {
          // From this machine over its own outer address: as another one would come.
          String answer = send(own, "POST /api/scan", local(), MEANT, BODY);
          assertEquals(401, code(answer), answer);
          assertTrue(answer.contains("the PIN is on the gateway's label"), answer);
        }
      }
    }
    assertEquals(List.of(), actions.asked);
  }

  @Test
  void whoeverCallsItByAnAddressOfAnotherMachineNeedsThePin() throws IOException {
    assertEquals(401, code(post("/api/read", "10.0.0.1", MEANT, BODY)));
    assertEquals(List.of(), actions.asked);
  }

  @Test
  void lookingIsNoAsking() throws IOException {
    String answer = send(InetAddress.getLoopbackAddress(), "GET /api/scan", local(), GOOD, "");
    assertEquals(405, code(answer));
    assertTrue(answer.contains("Allow: POST"), answer);
    assertEquals(List.of(), actions.asked);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "{",
        "{\"a\":{}}",
        "{\"a\":[1]}",
        "{\"a\":1} x",
        "{\"a\":1}{\"b\":2}",
        "not json",
        "{\"a\"",
        "{\"a\":1,"
      })
  void whatIsNoFlatObjectIsNotUnderstood(String body) throws IOException {
    assertEquals(400, code(post("/api/read", local(), GOOD, body)));
    assertEquals(List.of(), actions.asked);
  }

  @Test
  void whatIsTooLongIsNotRead() throws IOException {
    String body = "{\"a\":\"" + "x".repeat(5000) + "\"}";
    assertEquals(400, code(post("/api/read", local(), GOOD, body)));
  }

  @ParameterizedTest
  @EnumSource(Why.class)
  void aRefusalIsGivenOnWithItsWordsAndToThePageWithItsKind(Why why) throws IOException {
    actions.refusal =
        new Actions.Refused(why, "a scan of line roof runs", Map.of("line", "roof \"1\""));
    String answer = post("/api/scan", local(), GOOD, BODY);
    assertEquals(why.status(), code(answer));
    assertTrue(answer.endsWith("a scan of line roof runs\n"), answer);
    List<String> pageHeaders = new ArrayList<>(GOOD);
    pageHeaders.add("Accept: application/json");
    String page = post("/api/scan", local(), pageHeaders, BODY);
    assertEquals(why.status(), code(page));
    assertTrue(
        page.endsWith(
            "{\"why\":\"%s\",\"text\":\"a scan of line roof runs\",\"values\":{\"line\":\"roof \\\"1\\\"\"}}\n"
                .formatted(why.word())),
        page);
  }

  @ParameterizedTest
  @EnumSource(Actions.Action.class)
  void eachActionIsAskedForAtItsPath(Actions.Action action) throws IOException {
    String answer = post("/api/action/" + action.word(), local(), GOOD, "{}");
    assertNotEquals(405, code(answer));
    assertEquals(
        action == Actions.Action.RECORD ? List.of() : List.of(action.word() + " {}"),
        actions.asked);
  }
}
