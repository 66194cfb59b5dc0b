package io.lingtan.simulator.hostile;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients of the page that mean no good: each session is a request, a connection or a few dozen.
 */
final class HostileBrowser implements AutoCloseable {

  private static final int TOGETHER = 4;

  private final long seed;
  private final int port;
  private final AtomicLong sessions = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  private HostileBrowser(long seed, int port) {
    this.seed = seed;
    this.port = port;
  }

  /**
   * @param pauseMillis between two sessions of each of four clients
   */
  static HostileBrowser start(long seed, int port, int pauseMillis, Got got) {
    HostileBrowser browser = new HostileBrowser(seed, port);
    for (int i = 0; i < TOGETHER; i++) {
      browser.threads.add(
          got.start(
              "browser",
              () -> {
                while (!browser.over) {
                  browser.session();
                  try {
                    Thread.sleep(pauseMillis);
                  } catch (InterruptedException e) {
                    return;
                  }
                }
              }));
    }
    return browser;
  }

  long sessions() {
    return sessions.get();
  }

  private void session() {
    Chance chance = new Chance(seed, "browser", sessions.incrementAndGet());
    try {
      switch (chance.upTo(11)) {
        case 0 -> many(chance);
        case 1 -> slow(chance);
        case 2 -> pipelined(chance);
        default -> one(chance);
      }
    } catch (IOException e) {
      // refused, reset or cut: as it should be
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Socket connect() throws IOException {
    // From another address than this machine's other programs: an honest one has a share of its
    // own.
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral("127.0.9.1"), 0);
    socket.setSoTimeout(1_000);
    return socket;
  }

  private static String path(Chance chance) {
    return switch (chance.upTo(12)) {
      case 0 -> "/";
      case 1 -> "/api/snapshot";
      case 2 -> "/api/live";
      case 3 ->
          "/api/history?series=m1/power&from=%d&to=%d&parts=%d"
              .formatted(
                  (long) chance.upTo(1 << 30) << chance.upTo(40), -1L >>> 1, chance.upTo(1 << 30));
      case 4 -> "/metrics";
      case 5 -> "/api/events?since=" + "9".repeat(chance.upTo(300)) + "&area=" + "a,".repeat(2_000);
      case 6 -> "/report/" + chance.one("2026-11", "9999-99", "-1-1", "%00", "2026-11?format=csv");
      case 7 -> "/api/polled?device=" + chance.one("m1", "%ff%fe", "..%2f", "");
      case 8 -> "/" + new String(chance.bytes(3_000), ISO_8859_1).replaceAll("[\r\n ]", "%");
      case 9 -> "/text?lang=" + chance.one("zh", "en", "%F0%9F", "");
      case 10 -> "/api/action/" + chance.one("read", "scan", "exchange", "x", "../session");
      case 11 -> "/api/session";
      default -> "/verify.html";
    };
  }

  private static String head(Chance chance) {
    StringBuilder head = new StringBuilder();
    head.append(chance.one("GET", "GET", "GET", "POST", "PUT", "HEAD", "OPTIONS", "g\u0000t", ""));
    head.append(' ')
        .append(path(chance))
        .append(chance.one(" HTTP/1.1", " HTTP/1.0", " HTTP/9", ""));
    head.append("\r\nHost: ")
        .append(chance.one("127.0.0.1", "127.0.0.1", "evil.example", ""))
        .append("\r\n");
    if (chance.in(40)) {
      head.append("X-Lingtan: 1\r\nContent-Type: application/json\r\n");
    }
    for (int i = chance.in(10) ? chance.upTo(2_000) : 0; i > 0; i--) {
      head.append("X-").append(i).append(": ").append("v".repeat(chance.upTo(50))).append("\r\n");
    }
    if (chance.in(10)) {
      head.append("X-Long: ").append("x".repeat(chance.upTo(300_000))).append("\r\n");
    }
    if (chance.in(15)) {
      head.append("Cookie: ").append(new String(chance.bytes(500), ISO_8859_1)).append("\r\n");
    }
    return head.toString();
  }

  private static String request(Chance chance) {
    String head = head(chance);
    return switch (chance.upTo(7)) {
      case 0 ->
          head
              + "Content-Length: "
              + chance.one("-1", "99999999999", "5", "0x10", "1e9")
              + "\r\n\r\n{}";
      case 1 ->
          head
              + "Transfer-Encoding: chunked\r\n\r\n"
              + chance.one("FFFFFFFF", "-1", "zz", "7fffffffffffffff", "5")
              + "\r\nabc";
      case 2 ->
          head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
      case 3 -> {
        String body = "{\"pin\":\"" + chance.upTo(999_999) + "\"}";
        yield head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
      }
      case 4 -> {
        String body = "[".repeat(chance.upTo(20_000));
        yield head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
      }
      case 5 -> head; // no end
      default -> head + "\r\n";
    };
  }

  private void one(Chance chance) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request(chance).getBytes(ISO_8859_1));
      if (chance.in(30)) {
        socket.shutdownOutput();
      }
      if (chance.in(70)) {
        read(socket);
      }
      if (chance.in(30)) {
        socket.setSoLinger(true, 0);
      }
    }
  }

  private static void read(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] some = new byte[8_192];
    for (int i = 0; i < 100 && in.read(some) >= 0; i++) {
      // whatever it says
    }
  }

  /** A crowd that asks and does not read. */
  private void many(Chance chance) throws IOException, InterruptedException {
    List<Socket> crowd = new ArrayList<>();
    try {
      for (int i = chance.from(5, 60); i > 0; i--) {
        Socket socket = connect();
        crowd.add(socket);
        socket.getOutputStream().write(request(chance).getBytes(ISO_8859_1));
      }
      Thread.sleep(chance.upTo(1_000));
    } finally {
      for (Socket each : crowd) {
        each.close();
      }
    }
  }

  private void slow(Chance chance) throws IOException, InterruptedException {
    try (Socket socket = connect()) {
      OutputStream out = socket.getOutputStream();
      String request = request(chance);
      for (int i = 0; i < 20 && i < request.length() && !over; i++) {
        out.write(request.charAt(i));
        Thread.sleep(chance.upTo(100));
      }
    }
  }

  /** Many requests in one go, of which nobody reads an answer. */
  private void pipelined(Chance chance) throws IOException, InterruptedException {
    try (Socket socket = connect()) {
      String one = "GET " + path(chance) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      socket.getOutputStream().write(one.repeat(1_000).getBytes(ISO_8859_1));
                    } catch (IOException e) {
                      // cut
                    }
                  });
      Thread.sleep(chance.upTo(1_500));
    }
  }

  @Override
  public void close() {
    over = true;
    threads.forEach(Thread::interrupt);
  }
}
