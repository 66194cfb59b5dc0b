package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What sixteen open pages cost the process that serves them: prints heap, resident memory and
 * processor time without and with them. A program, not a test: machines differ. Run it with {@code
 * -XX:+UseSerialGC -Xmx64m}; the pages' ends are another process's, {@code nc} or this class with a
 * port.
 */
final class LiveCost {

  private static final int PAGES = 16;
  private static final long SECONDS = 30;

  private LiveCost() {}

  /**
   * @param arguments none to serve, or a port to open pages there
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 1) {
      open(Integer.parseInt(arguments[0]));
      return;
    }
    Path folder = Files.createTempDirectory("live-cost");
    try (StatusServer server = ShownSite.good(folder).serve(Duration.ofSeconds(1))) {
      System.out.println("first use");
      Process warm = pages(server.port());
      Thread.sleep(10_000);
      warm.destroyForcibly().waitFor();
      Thread.sleep(2_500);
      measure("without pages");
      Process pages = pages(server.port());
      Thread.sleep(3_000);
      measure(PAGES + " pages");
      pages.destroyForcibly().waitFor();
    }
  }

  private static void measure(String what) throws Exception {
    long cpu = cpuNanos();
    Thread.sleep(SECONDS * 1000);
    double percent = (cpuNanos() - cpu) / 1e7 / SECONDS;
    System.gc();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    System.out.printf(
        "%s: heap %.2f MB, resident %.1f MB, %.2f %% of a core%n",
        what, heap / 1e6, resident() / 1e3, percent);
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  /** In kB. */
  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }

  private static Process pages(int port) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            LiveCost.class.getName(),
            Integer.toString(port))
        .inheritIO()
        .start();
  }

  private static void open(int port) throws IOException, InterruptedException {
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < PAGES; i++) {
      Socket socket =
          new Socket(
              InetAddress.getLoopbackAddress(),
              port,
              InetAddress.ofLiteral("127.0.8." + (1 + i / 4)),
              0);
      socket
          .getOutputStream()
          .write(
              "GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n"
                  .getBytes(US_ASCII));
      sockets.add(socket);
    }
    byte[] buffer = new byte[65_536];
    while (true) {
      for (Socket socket : sockets) {
        if (socket.getInputStream().available() > 0 && socket.getInputStream().read(buffer) < 0) {
          return;
        }
      }
      Thread.sleep(100);
    }
  }
}
