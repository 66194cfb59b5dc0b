package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.StatusSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A page that is shown to who has the PIN, called by an outer address. */
final class PinnedPageTest {

  private static final String OUTER = "192.168.4.1:8080";
  private static final Pattern COOKIE = Pattern.compile("Set-[Cc]ookie: (lingtan=[0-9a-f]*); (.*)");
  private static final List<String> MEANT =
      List.of("Content-Type: application/json", "X-Lingtan: 1", "Origin: http://" + OUTER);

  private final VirtualTime time = new VirtualTime(0);
  private final FakeActions actions = new FakeActions();
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    server = started(null);
  }

  private StatusServer started(@Nullable HistoryPages pages) throws IOException {
    return StatusServer.start(
        new StatusSettings(true, "127.0.0.1", 0, null, false, List.of(), null),
        null,
        () -> {
          throw new IllegalStateException("looked at");
        },
        () -> {
          throw new IllegalStateException("looked at");
        },
        pages,
        actions,
        TestAccess.closed(time));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private String send(String first, String host, List<String> headers, String body)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
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

  private String get(String path, String... headers) throws IOException {
    return send("GET " + path, OUTER, List.of(headers), "");
  }

  private static int code(String answer) {
    return Integer.parseInt(answer.split(" ")[1]);
  }

  private String login(String pin) throws IOException {
    return send("POST /api/session", OUTER, MEANT, "{\"pin\":\"" + pin + "\"}");
  }

  private static String cookie(String answer) {
    Matcher matcher = COOKIE.matcher(answer);
    assertTrue(matcher.find(), answer);
    return matcher.group(1);
  }

  /** The page was looked at: that there is nothing behind it is a fault of its own. */
  private static void assertSeen(String answer) {
    assertEquals(500, code(answer), answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/text", "/api/snapshot", "/metrics", "/api/bundle", "/app.js", "/none"})
  void nothingIsShownWithoutThePin(String path) throws IOException {
    String answer = get(path);
    assertEquals(401, code(answer), answer);
    assertTrue(answer.contains("the PIN is on the gateway's label"), answer);
  }

  @Test
  void thePageItselfAsksForThePinAndSaysOfTheSiteOnlyWhichItIs(@TempDir Path folder)
      throws Exception {
    String page = get("/");
    assertEquals(200, code(page), page);
    assertTrue(page.contains("type=\"password\""), page);
    assertTrue(page.contains("<h1>Lingtan"), page);
    Site site = ShownSite.good(folder).site();
    try (KeptDay kept = KeptDay.empty(site, folder)) {
      server.close();
      server = started(kept.pages());
      page = get("/");
      assertTrue(page.contains("<h1>" + site.place().name() + "</h1>"), page);
      assertTrue(page.contains(site.gateway() + " · Lingtan"), page);
      assertFalse(page.contains("snapshot"), page);
    }
    assertEquals(200, code(get("/pin.js")));
    assertEquals(200, code(get("/style.css")));
  }

  @Test
  void thePinOpensASessionThatNoScriptAndNoOtherPageHas() throws IOException {
    String answer = login(TestAccess.PIN);
    assertEquals(204, code(answer), answer);
    assertTrue(answer.contains("HttpOnly; SameSite=Strict\r\n"), answer);
    assertFalse(answer.contains("Max-Age"), "a session lasts as long as it is used");
    String cookie = cookie(answer);
    assertEquals("lingtan=".length() + 32, cookie.length());
    assertSeen(get("/api/snapshot", "Cookie: theme=dark; " + cookie));
    List<String> acting = new ArrayList<>(MEANT);
    acting.add("Cookie: " + cookie);
    assertEquals(200, code(send("POST /api/read", OUTER, acting, "{}")));
    assertEquals(List.of("read {}"), actions.asked);
  }

  @Test
  void aSessionEndsHalfAnHourAfterItsLastRequest() throws IOException {
    String cookie = "Cookie: " + cookie(login(TestAccess.PIN));
    time.advanceMillis(29 * 60_000);
    assertSeen(get("/text", cookie));
    time.advanceMillis(29 * 60_000);
    assertSeen(get("/text", cookie));
    time.advanceMillis(30 * 60_000 + 1);
    assertEquals(401, code(get("/text", cookie)));
  }

  @Test
  void whoLogsOutIsOut() throws IOException {
    String cookie = "Cookie: " + cookie(login(TestAccess.PIN));
    List<String> headers = new ArrayList<>(MEANT);
    headers.add(cookie);
    String answer = send("DELETE /api/session", OUTER, headers, "");
    assertEquals(204, code(answer), answer);
    assertTrue(answer.contains("lingtan=; "), answer);
    assertEquals(401, code(get("/text", cookie)));
  }

  @Test
  void theOldestSessionMakesRoomForTheSeventeenth() throws IOException {
    String first = "Cookie: " + cookie(login(TestAccess.PIN));
    String second = "Cookie: " + cookie(login(TestAccess.PIN));
    for (int i = 2; i < 16; i++) {
      login(TestAccess.PIN);
    }
    assertSeen(get("/text", first));
    login(TestAccess.PIN);
    assertEquals(401, code(get("/text", second)), "the one not used for longest");
    assertSeen(get("/text", first));
  }

  @Test
  void aScraperSendsThePinAsAPassword() throws IOException {
    String right = Base64.getEncoder().encodeToString((":" + TestAccess.PIN).getBytes(UTF_8));
    assertSeen(get("/metrics", "Authorization: Basic " + right));
    String wrong = Base64.getEncoder().encodeToString("x:123456".getBytes(UTF_8));
    assertEquals(401, code(get("/metrics", "Authorization: Basic " + wrong)));
    assertEquals(401, code(get("/metrics", "Authorization: Basic %%%")));
    assertEquals(401, code(get("/metrics", "Authorization: Bearer " + right)));
  }

  @Test
  void twentyWrongPinsGetNoFurtherThanFive() throws IOException {
    for (int i = 0; i < 4; i++) {
      String answer = login("00000" + i);
      assertEquals(401, code(answer), answer);
      assertTrue(answer.contains((4 - i) + " more tries"), answer);
    }
    String fifth = login("000004");
    assertEquals(429, code(fifth), fifth);
    assertTrue(fifth.contains("Retry-[Aa]fter: 30".replace("[Aa]", "a")), fifth);
    for (int i = 5; i < 20; i++) {
      assertEquals(429, code(login("00000" + i)));
    }
    assertEquals(429, code(login(TestAccess.PIN)), "not even the right one");
    time.advanceMillis(30_000);
    String sixth = login("000000");
    assertEquals(429, code(sixth), sixth);
    assertTrue(sixth.contains("try again in 60 s"), sixth);
    time.advanceMillis(60_000);
    assertEquals(204, code(login(TestAccess.PIN)));
    assertEquals(401, code(login("000000")), "five are free again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"pin\":{}}", "{\"pin\":", "{\"other\":1}"})
  void whatIsNoPinIsNotUnderstood(String body) throws IOException {
    assertEquals(400, code(send("POST /api/session", OUTER, MEANT, body)));
  }

  @Test
  void anotherPageCannotTryPins() throws IOException {
    List<String> foreign =
        List.of("Content-Type: application/json", "X-Lingtan: 1", "Origin: http://evil.example");
    String body = "{\"pin\":\"" + TestAccess.PIN + "\"}";
    assertEquals(403, code(send("POST /api/session", OUTER, foreign, body)));
    List<String> form = List.of("Content-Type: text/plain", "X-Lingtan: 1");
    assertEquals(403, code(send("POST /api/session", OUTER, form, body)));
  }

  @Test
  void aNameThatIsNotTheGatewaysIsNotAnsweredTo() throws IOException {
    assertEquals(403, code(send("GET /", "evil.example", List.of(), "")));
    assertEquals(403, code(send("GET /healthz", "192.168.4.1.evil.example", List.of(), "")));
    assertEquals(200, code(send("GET /", "gateway:8080", List.of(), "")));
    assertEquals(200, code(send("GET /", "GATEWAY", List.of(), "")));
    assertEquals(200, code(send("GET /", "[fe80::1%25eth0]:8080", List.of(), "")));
  }

  @Test
  void aProgramOfThisMachineProvesThatItIsOne() throws IOException {
    String local = "127.0.0.1:" + server.port();
    assertEquals(401, code(send("GET /text", local, List.of(), "")), "anybody at a tunnel's end");
    assertSeen(send("GET /text", local, List.of("Authorization: Bearer " + TestAccess.PASS), ""));
  }

  @Test
  void aMadeUpCookieIsNoSession() throws IOException {
    assertEquals(401, code(get("/text", "Cookie: lingtan=")));
    assertEquals(401, code(get("/text", "Cookie: lingtan=" + "0".repeat(32))));
    assertFalse(get("/text", "Cookie: ;;;=;lingtan").isEmpty());
  }
}
