package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.status.access.Access;
import io.lingtan.agent.status.access.HttpCaller;
import io.lingtan.agent.status.access.Technician;
import io.lingtan.agent.status.access.Technician.Role;
import io.lingtan.testing.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pages that listen, over real sockets. A member that is not there fails the test by itself. */
@Timeout(60)
@SuppressWarnings("NullAway")
class LiveStreamTest {

  private static final Duration PERIOD = Duration.ofMillis(25);

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<Listener> listeners = new ArrayList<>();
  private ShownSite site;
  private StatusServer server;

  @BeforeEach
  void start() throws IOException {
    site = ShownSite.good(folder);
    server = site.serve(PERIOD);
  }

  @AfterEach
  void stop() throws IOException {
    for (Listener listener : listeners) {
      listener.close();
    }
    server.close();
    client.close();
  }

  /** A page that listens: what it is told, message by message. */
  private static final class Listener implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;
    final String head;
    private final BufferedReader lines;

    Listener(int port, boolean isPacked, int buffer, int address, String more) throws IOException {
      socket.setReceiveBufferSize(buffer);
      socket.setSoTimeout(20_000);
      socket.bind(new InetSocketAddress("127.0.8." + address, 0));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      String request =
          "GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:"
              + port
              + (isPacked ? "\r\nAccept-Encoding: gzip" : "")
              + more
              + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      in = socket.getInputStream();
      StringBuilder read = new StringBuilder();
      while (!read.toString().endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          throw new IOException("the server hung up: " + read);
        }
        read.append((char) next);
      }
      head = read.toString();
      InputStream body = new Chunks(in);
      // Reads the body only when it is asked for: whoever never asks is frozen.
      lines =
          head.startsWith("HTTP/1.1 200")
              ? new BufferedReader(
                  new InputStreamReader(isPacked ? new GZIPInputStream(body, 64) : body, UTF_8))
              : new BufferedReader(new InputStreamReader(body, UTF_8));
    }

    /** The next message's fields, as they came. */
    Map<String, String> message() throws IOException {
      var fields = new LinkedHashMap<String, String>();
      for (String line; (line = lines.readLine()) != null && !line.isEmpty(); ) {
        fields.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
      }
      return fields;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Takes HTTP's chunks apart. */
  private static final class Chunks extends InputStream {
    private final InputStream in;
    private int left;
    private boolean hasEnded;

    Chunks(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (hasEnded) {
        return -1;
      }
      if (left == 0) {
        StringBuilder size = new StringBuilder();
        for (int next; (next = in.read()) != '\n'; ) {
          if (next < 0) {
            return -1;
          }
          size.append((char) next);
        }
        if (size.toString().isBlank()) {
          return read(to, offset, length);
        }
        left = Integer.parseInt(size.toString().strip(), 16);
        if (left == 0) {
          hasEnded = true;
          return -1;
        }
      }
      int count = in.read(to, offset, Math.min(left, length));
      left -= Math.max(0, count);
      return count;
    }

    @Override
    public int available() throws IOException {
      return in.available();
    }
  }

  private Listener listen(boolean isPacked) throws IOException {
    return listen(isPacked, 65_536);
  }

  private Listener listen(boolean isPacked, int buffer) throws IOException {
    return listen(isPacked, buffer, 1);
  }

  private Listener listen(boolean isPacked, int buffer, int address) throws IOException {
    return listen(isPacked, buffer, address, "");
  }

  private Listener listen(boolean isPacked, int buffer, int address, String more)
      throws IOException {
    Listener listener = new Listener(server.port(), isPacked, buffer, address, more);
    listeners.add(listener);
    return listener;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
        BodyHandlers.ofString());
  }

  private long metric(String name) throws Exception {
    return get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private void await(String name, long value) throws Exception {
    for (int i = 0; i < 400 && metric(name) != value; i++) {
      Thread.sleep(25);
    }
    assertEquals(value, metric(name), name);
  }

  private static String flow(Map<String, String> message) throws IOException {
    return String.valueOf(Json.object(String.valueOf(message.get("data"))).get("flow"));
  }

  @Test
  void everyPageIsToldTheSnapshotWhetherItTakesGzipOrNot() throws Exception {
    for (boolean isPacked : new boolean[] {false, true}) {
      Listener page = listen(isPacked);
      assertTrue(page.head.contains("text/event-stream"), page.head);
      assertEquals(isPacked, page.head.toLowerCase(Locale.ROOT).contains("gzip"));
      Map<String, String> first = page.message();
      assertEquals("2000", first.get("retry"));
      assertEquals("wx-demo-001", Json.object(first.get("data")).get("gateway"));
      Map<String, String> second = page.message();
      assertEquals(Long.parseLong(first.get("id")) + 1, Long.parseLong(second.get("id")));
      assertEquals(flow(first), flow(second));
    }
  }

  @Test
  void pagesThatComeOneAfterTheOtherReadTheSamePackedMessages() throws Exception {
    Listener first = listen(true);
    for (int i = 0; i < 20; i++) {
      first.message();
    }
    Listener second = listen(true);
    long made = metric("lingtan_page_stream_messages_total");
    Map<String, String> met = second.message();
    Map<String, String> own = first.message();
    while (!own.get("id").equals(met.get("id"))) {
      own = first.message();
    }
    assertEquals(met, own);
    for (int i = 0; i < 5; i++) {
      assertEquals(second.message(), first.message());
    }
    long since = metric("lingtan_page_stream_messages_total") - made;
    assertTrue(since < 40, "made for each page, not once for all: " + since);
  }

  @Test
  void aMessageInWhichLittleIsNewIsShort() throws Exception {
    Listener page = listen(true);
    page.message();
    page.message();
    long bytes = metric("lingtan_page_stream_bytes_total");
    long made = metric("lingtan_page_stream_messages_total");
    for (int i = 0; i < 40; i++) {
      page.message();
    }
    double each =
        (metric("lingtan_page_stream_bytes_total") - bytes)
            / (double) (metric("lingtan_page_stream_messages_total") - made);
    assertTrue(each < 200, "bytes for a message: " + each);
  }

  @Test
  void theSeventeenthIsSentAwayAndComesInWhenOneLeaves() throws Exception {
    for (int i = 0; i < 16; i++) {
      assertTrue(listen(true, 65_536, 1 + i / 4).head.startsWith("HTTP/1.1 200"));
    }
    Listener late = listen(true, 65_536, 5);
    assertTrue(late.head.startsWith("HTTP/1.1 503"), late.head);
    assertTrue(late.head.contains("Retry-after: 30"), late.head);
    assertEquals(1, metric("lingtan_page_streams_refused_total"));
    assertEquals(200, get("/api/snapshot").statusCode());
    listeners.getFirst().close();
    await("lingtan_page_streams", 15);
    assertTrue(listen(true).head.startsWith("HTTP/1.1 200"));
  }

  @Test
  void oneAddressHasFourAndLeavesTheOthersToOthers() throws Exception {
    for (int i = 0; i < 4; i++) {
      assertTrue(listen(true).head.startsWith("HTTP/1.1 200"));
    }
    String fifth = listen(true).head;
    assertTrue(fifth.startsWith("HTTP/1.1 503"), fifth);
    assertEquals(1, metric("lingtan_page_streams_refused_total"));
    assertTrue(listen(true, 65_536, 2).head.startsWith("HTTP/1.1 200"));
    listeners.getFirst().close();
    await("lingtan_page_streams", 4);
    assertTrue(listen(true).head.startsWith("HTTP/1.1 200"));
  }

  @Test
  void aStreamEndsWithItsSession() throws Exception {
    VirtualTime time = new VirtualTime(0);
    Access access = TestAccess.closed(time);
    server.close();
    server = site.serve(PERIOD, null, access);
    HttpCaller asked =
        new HttpCaller(InetAddress.getLoopbackAddress(), null, null, null, null, null, false);
    String pin =
        "Basic " + Base64.getEncoder().encodeToString((":" + TestAccess.PIN).getBytes(UTF_8));
    List<Listener> in = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String cookie = access.login(asked, TestAccess.PIN).cookie().split(";")[0];
      in.add(listen(i == 0, 65_536, 1, "\r\nCookie: " + cookie));
      time.advanceMillis(60_000);
    }
    in.add(listen(true, 65_536, 1, "\r\nAuthorization: " + pin));
    assertTold(in, true, true, true, true);
    Access.Shown first = access.sessions().getFirst();
    assertTrue(access.end(first.number(), new Technician("", Role.CONFIGURE), asked));
    assertTold(in, false, true, true, true);
    time.advanceMillis(29 * 60_000 - 1); // of no stream's making: only the last was begun since
    assertTold(in, false, false, true, true);
    access.renew("314159", Map.of());
    assertTold(in, false, false, false, false);
  }

  /** Which of them are told something still; who is not is at the end of the stream. */
  private static void assertTold(List<Listener> listeners, boolean... isTold) throws IOException {
    for (int i = 0; i < isTold.length; i++) {
      // What was on its way when the session ended still comes.
      int most = isTold[i] ? 20 : 150; // fewer than a stream ends after by itself
      int told = 0;
      while (told < most && !listeners.get(i).message().isEmpty()) {
        told++;
      }
      assertEquals(isTold[i], told == most, i + " was told " + told);
    }
  }

  @Test
  void aFrozenPageIsDroppedAndHoldsNobodyUp() throws Exception {
    Random random = new Random(7);
    Listener awake = listen(true);
    listen(false, 4096); // and never reads
    awake.message();
    await("lingtan_page_streams", 2);
    long dropped = 0;
    for (int i = 0; i < 400 && dropped == 0; i++) {
      byte[] noise = new byte[150_000];
      random.nextBytes(noise);
      site.storeFails(new Sentence("noise", "噪声 " + HexFormat.of().formatHex(noise)));
      long before = Long.parseLong(awake.message().get("id"));
      assertTrue(before > 0);
      dropped = metric("lingtan_page_streams_dropped_total");
    }
    assertEquals(1, dropped);
    site.storeFails(null);
    await("lingtan_page_streams", 1);
    awake.message();
  }

  @Test
  void twoHundredPagesAtOnceLeaveRoomForEverythingElse() throws Exception {
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    List<InputStream> open = Collections.synchronizedList(new ArrayList<>());
    URI live = URI.create("http://127.0.0.1:" + server.port() + "/api/live");
    for (int i = 0; i < 200; i++) {
      answers.add(
          client
              .sendAsync(HttpRequest.newBuilder(live).build(), BodyHandlers.ofInputStream())
              .thenApply(
                  answer -> {
                    open.add(answer.body());
                    return answer.statusCode();
                  }));
    }
    List<Integer> codes = answers.stream().map(CompletableFuture::join).toList();
    assertEquals(4, codes.stream().filter(code -> code == 200).count());
    assertEquals(196, codes.stream().filter(code -> code == 503).count());
    assertEquals(200, get("/text").statusCode());
    assertEquals(200, get("/healthz").statusCode());
    for (InputStream each : open) {
      each.close();
    }
    await("lingtan_page_streams", 0);
  }

  @Test
  void nothingIsMadeWhileNobodyListens() throws Exception {
    Listener page = listen(true);
    page.message();
    page.close();
    await("lingtan_page_streams", 0);
    Thread.sleep(4 * PERIOD.toMillis());
    long made = metric("lingtan_page_stream_messages_total");
    Thread.sleep(8 * PERIOD.toMillis());
    assertEquals(made, metric("lingtan_page_stream_messages_total"));
    assertTrue(listen(true).message().containsKey("data"));
  }

  @Test
  void aStreamEndsByItselfAndTheBrowserSeesThatItEnded() throws Exception {
    server.close();
    server = site.serve(Duration.ofMillis(2));
    for (boolean isPacked : new boolean[] {false, true}) {
      Listener page = listen(isPacked);
      int messages = 0;
      while (!page.message().isEmpty()) {
        messages++;
      }
      // GZIPInputStream has compared length and checksum; it throws where they do not fit.
      assertTrue(messages > 10 && messages <= 301, "messages: " + messages);
    }
  }
}
