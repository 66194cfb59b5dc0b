package io.lingtan.simulator.endtoend;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whoever asks the page what nobody should is refused, and the agent goes on reading its meter each
 * second in the memory that it has: 48 MB of heap, out of which it would end.
 */
@SuppressWarnings({"NullAway", "try"}) // the meter only has to be there
@RequiresTool("python3")
@Timeout(180)
class HostileClientsIT {

  /** By another address than this machine's own: as another machine would call it. */
  private static final String OUTER = "10.0.0.1";

  private static final String MEANT = "Content-Type: application/json\r\nX-Lingtan: 1\r\n";

  @TempDir Path folder;
  private Witness witness;
  private Gateway gateway;
  private long pollsBefore;
  private long begun;

  @BeforeEach
  void start() throws Exception {
    int meter = Ports.free();
    witness = Witness.tcp(folder, meter, "1:sdm630");
    gateway =
        Gateway.start(
            folder,
            "mqtt://127.0.0.1:1",
            """
            lines:
              - id: panel
                modbus-tcp: {host: 127.0.0.1, port: %d}
                devices:
                  - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}
            metering:
              interval: 1m
              meters:
                - {id: grid, device: m1, role: grid, rated_kw: 400}
            """
                .formatted(meter));
    gateway.await("a few readings", 30, () -> number("polls") >= 3);
    // The page as a browser has it, so that its classes are no part of what is measured.
    assertEquals(200, code(get("/", "127.0.0.1")));
    assertEquals(200, code(get("/api/history?series=m1/power&span=7d", "127.0.0.1")));
    Files.writeString(
        Path.of("/proc/" + gateway.pid() + "/clear_refs"), "5"); // the peak from now on
    pollsBefore = number("polls");
    begun = System.nanoTime();
  }

  @AfterEach
  void stop() throws Exception {
    gateway.close();
    witness.close();
  }

  private long number(String member) throws IOException {
    Map<?, ?> device = (Map<?, ?>) ((List<?>) gateway.snapshot().get("devices")).getFirst();
    return ((BigDecimal) device.get(member)).longValueExact();
  }

  private long kilobytes(String what) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + gateway.pid() + "/status"))) {
      if (line.startsWith(what + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IllegalStateException("the kernel does not say " + what);
  }

  /** It has read its meter all the time, in this memory, and answers a good request at once. */
  private void assertWentOn(String what, long rssBefore) throws Exception {
    gateway.await("two more readings", 10, () -> number("polls") >= pollsBefore + 2);
    double seconds = (System.nanoTime() - begun) / 1e9;
    long polls = number("polls") - pollsBefore;
    long peak = kilobytes("VmHWM");
    System.out.printf(
        "%s: %d polls in %.1f s, RSS before %d kB, peak %d kB%n",
        what, polls, seconds, rssBefore, peak);
    assertTrue(polls >= seconds - 2, polls + " polls in " + seconds + " s");
    assertEquals(0, number("timeouts"));
    assertTrue(peak - rssBefore < 16_000, "kB more: " + (peak - rssBefore));
    assertEquals(200, code(get("/healthz", "127.0.0.1")));
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  /** The answer; empty where the server hung up without one. */
  private String send(String request) throws IOException {
    try (Socket socket = connect()) {
      try {
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), US_ASCII);
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        return ""; // reset
      }
    }
  }

  private String get(String path, String host) throws IOException {
    return send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  }

  private String post(String path, String host, String headers, String body) throws IOException {
    return send(
        "POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"
            .formatted(path, host, headers, body.length(), body));
  }

  /** 0 where there was no answer. */
  private static int code(String answer) {
    return answer.isEmpty() ? 0 : Integer.parseInt(answer.split(" ")[1]);
  }

  private static <T> List<T> together(int count, Callable<T> work) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> asked = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        asked.add(threads.submit(work));
      }
      List<T> answers = new ArrayList<>();
      for (Future<T> each : asked) {
        answers.add(each.get());
      }
      return answers;
    }
  }

  @Test
  void whatIsForgedIsRefused() throws Exception {
    long before = kilobytes("VmRSS");
    for (String host : List.of("evil.example", "127.0.0.1.evil.example", "localhost.", "x:y:z")) {
      assertEquals(403, code(get("/", host)), host);
      assertEquals(403, code(get("/api/live", host)), host);
      assertEquals(403, code(post("/api/action/read", host, MEANT, "{\"device\":\"m1\"}")), host);
    }
    for (String origin : List.of("http://evil.example", "null", "https://127.0.0.1")) {
      String headers = MEANT + "Origin: " + origin + "\r\n";
      assertEquals(403, code(post("/api/action/scan", "127.0.0.1", headers, "{}")), origin);
      assertEquals(403, code(post("/api/session", "127.0.0.1", headers, "{}")), origin);
    }
    for (String path :
        List.of(
            "/../../../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/screens/..%2f..%2fetc%2fpasswd",
            "/screens/../app.class",
            "//etc/passwd",
            "/screens/charts.js/../../../site.yaml",
            "/api/history/../../secrets/pin",
            "/report/..%2f..%2fsite.yaml",
            "/%00",
            "/help%0d%0aX-Own:%201")) {
      String answer = get(path, "127.0.0.1");
      assertTrue(List.of(0, 400, 404).contains(code(answer)), path + ": " + answer);
      assertFalse(answer.contains("root:") || answer.contains("X-Own: 1"), answer);
    }
    String pass = Files.readString(folder.resolve("journal.db.pass")).strip().split(" ")[1];
    String ours = MEANT + "Authorization: Bearer " + pass + "\r\n";
    for (String body : List.of("", "{", "[]", "7", "{\"a\":{}}", "{\"a\":1}x", "\0\0", "{\"a\"")) {
      assertEquals(400, code(post("/api/action/read", "127.0.0.1", ours, body)), body);
      assertEquals(401, code(post("/api/action/read", "127.0.0.1", MEANT, body)), body);
      assertEquals(400, code(post("/api/session", OUTER, MEANT, body)), body);
    }
    for (int i = 0; i < 20; i++) {
      int code = code(post("/api/session", OUTER, MEANT, "{\"pin\":\"%06d\"}".formatted(i)));
      assertEquals(i < 4 ? 401 : 429, code, "try " + (i + 1));
    }
    assertWentOn("forged requests", before);
  }

  @Test
  void tenYearsOfHistoryAreRefusedAndManyMonthsAreReadOneAfterTheOther() throws Exception {
    long before = kilobytes("VmRSS");
    String tenYears = "/api/history?series=m1/power&from=1450000000000&to=1765000000000";
    String answer = get(tenYears, "127.0.0.1");
    assertEquals(400, code(answer), answer);
    assertTrue(answer.contains("at most 31"), answer);
    long now = System.currentTimeMillis();
    String month =
        "/api/history?series=m1/power,m1/voltage_l1,m1/frequency&parts=1440&from=%d&to=%d"
            .formatted(now - 30 * 86_400_000L, now);
    for (int code : together(100, () -> code(get(month, "127.0.0.1")))) {
      assertTrue(code == 200 || code == 503, "code: " + code);
    }
    assertWentOn("a hundred charts of a month", before);
  }

  @Test
  void whatIsTooLargeIsNotKept() throws Exception {
    long before = kilobytes("VmRSS");
    for (String path : List.of("/api/action/read", "/api/session", "/api/snapshot")) {
      for (int code : together(8, () -> code(tenMegabytes(path)))) {
        assertTrue(code == 0 || code == 400 || code == 405, path + ": " + code);
      }
    }
    StringBuilder headers = new StringBuilder("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    for (int i = 0; i < 10_000; i++) {
      headers.append("X-Header-").append(i).append(": value\r\n");
    }
    String many = headers + "\r\n";
    String one =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + "x".repeat(1_000_000) + "\r\n\r\n";
    String line = "GET /" + "x".repeat(1_000_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    for (String request : List.of(many, one, line)) {
      for (int code : together(50, () -> code(send(request)))) {
        assertTrue(code == 0 || (code >= 400 && code < 500), "code: " + code);
      }
    }
    assertWentOn("ten megabytes, ten thousand headers", before);
  }

  private String tenMegabytes(String path) throws IOException {
    try (Socket socket = connect()) {
      try {
        OutputStream out = socket.getOutputStream();
        out.write(
            ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + MEANT)
                .concat("Content-Length: 10000000\r\nConnection: close\r\n\r\n{\"a\":\"")
                .getBytes(US_ASCII));
        byte[] part = "x".repeat(100_000).getBytes(US_ASCII);
        for (int i = 0; i < 99; i++) {
          out.write(part);
        }
        out.write("x".repeat(99_992).concat("\"}").getBytes(US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), US_ASCII);
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        return ""; // the server has heard enough
      }
    }
  }

  @Test
  void whoNeverEndsARequestIsCutOffAndTheOthersAreAnswered() throws Exception {
    long before = kilobytes("VmRSS");
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        Socket socket = connect();
        socket
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".getBytes(US_ASCII));
        slow.add(socket);
      }
      assertEquals(200, code(get("/text", "127.0.0.1")), "the others wait for nobody");
      int open = slow.size();
      for (int second = 0; second < 12 && open > 0; second++) {
        Thread.sleep(1000);
        open = 0;
        for (Socket each : slow) {
          open += isOpen(each) ? 1 : 0;
        }
      }
      assertEquals(0, open, "still open after 12 s");
    } finally {
      for (Socket each : slow) {
        each.close();
      }
    }
    assertWentOn("two hundred that never end a request", before);
  }

  /** Sends one more byte, and looks whether the other side has hung up. */
  private static boolean isOpen(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      socket.setSoTimeout(1);
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void twoHundredPagesThatReadNothingCostTheFourPlacesOfTheirAddress() throws Exception {
    long before = kilobytes("VmRSS");
    List<Socket> pages = new ArrayList<>();
    int served = 0;
    try {
      for (int i = 0; i < 200; i++) {
        Socket page = connect();
        pages.add(page);
        page.getOutputStream()
            .write("GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(US_ASCII));
        InputStream in = page.getInputStream();
        String first = new String(in.readNBytes("HTTP/1.1 200".length()), US_ASCII);
        served += first.endsWith("200") ? 1 : 0;
        assertTrue(first.endsWith("200") || first.endsWith("503"), first);
      }
      assertEquals(4, served);
      Thread.sleep(8_000); // and nobody reads
      assertEquals(200, code(get("/api/snapshot", "127.0.0.1")));
    } finally {
      for (Socket each : pages) {
        each.close();
      }
    }
    gateway.await(
        "free places",
        30,
        () -> get("/metrics", "127.0.0.1").contains("\nlingtan_page_streams 0\n"));
    assertWentOn("two hundred pages", before);
  }

  /**
   * Requests one behind the other, and no answer is read: at first by one address, which gets no
   * more than its share, then by three, which have all places until their time is over.
   */
  @Test
  void whoAsksOnAndOnAndReadsNothingKeepsNobodyOut() throws Exception {
    long before = kilobytes("VmRSS");
    List<Socket> greedy = new ArrayList<>();
    try {
      for (int i = 0; i < 60; i++) {
        askOnAndOn("127.0.0.2", i % 4 == 0 ? "/healthz" : "/app.js", greedy);
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(200, code(get("/healthz", "127.0.0.1")));
        assertEquals(200, code(get("/text", "127.0.0.1")));
      }
      for (int i = 0; i < 60; i++) {
        askOnAndOn("127.0.0." + (2 + i % 3), "/app.js", greedy);
      }
      for (int i = 0; i < 20; i++) {
        assertEquals(200, code(get("/healthz", "127.0.0.1")), "it needs no place");
      }
      // While they are there: whoever does not take an answer is cut off.
      gateway.await(
          "a place",
          60,
          () -> get("/metrics", "127.0.0.1").matches("(?s).*\nlingtan_page_cut_total [1-9].*"));
    } finally {
      for (Socket each : greedy) {
        each.close();
      }
    }
    assertWentOn("a hundred and twenty that read nothing", before);
  }

  private void askOnAndOn(String from, String path, List<Socket> greedy) throws IOException {
    Socket socket = new Socket();
    greedy.add(socket);
    socket.setReceiveBufferSize(4096);
    socket.setSoTimeout(20_000);
    socket.bind(new InetSocketAddress(from, 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.port()));
    try {
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                  .repeat(200)
                  .getBytes(US_ASCII));
    } catch (IOException e) {
      // It has been turned away before it could say all.
      assertTrue(socket.isConnected());
    }
  }

  @Test
  void noiseIsNoRequest() throws Exception {
    long before = kilobytes("VmRSS");
    Random random = new Random(7);
    for (int i = 0; i < 50; i++) {
      byte[] noise = new byte[2_000];
      random.nextBytes(noise);
      String answer = send(new String(noise, US_ASCII) + "\r\n\r\n");
      assertTrue(code(answer) == 0 || code(answer) >= 400, answer);
    }
    assertWentOn("noise", before);
  }
}
