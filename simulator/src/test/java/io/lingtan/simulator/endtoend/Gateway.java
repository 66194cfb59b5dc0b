package io.lingtan.simulator.endtoend;

import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged agent in its own process. */
public final class Gateway implements AutoCloseable {

  /** The app folder that {@code mvn package} leaves. */
  static final Path PROGRAM =
      Path.of("..", "agent", "target", "lingtan", "bin", "lingtan").toAbsolutePath().normalize();

  private final Path folder;
  private final Path site;
  private final int port;
  private Child child;

  private Gateway(Path folder, Path site, int port, Child child) {
    this.folder = folder;
    this.site = site;
    this.port = port;
    this.child = child;
  }

  /** Something to wait for. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Starts it with a broker at this address.
   *
   * @param lines the site file's {@code lines} and {@code metering} sections
   */
  static Gateway start(Path folder, String brokerUrl, String lines)
      throws IOException, InterruptedException {
    return start(folder, "{servers: [\"%s\"]}".formatted(brokerUrl), lines, "");
  }

  /**
   * Starts it and waits for its page.
   *
   * @param mqtt the site file's {@code mqtt} section, in one line
   * @param more further sections
   */
  public static Gateway start(Path folder, String mqtt, String lines, String more)
      throws IOException, InterruptedException {
    int port = Ports.free();
    Gateway gateway = startWithPage(folder, mqtt, lines, more, port);
    gateway.child.await("the page on port " + port, 30, () -> Ports.answers(port));
    return gateway;
  }

  /** Starts it with its page on {@code port}, which may be taken. */
  static Gateway startWithPage(Path folder, String mqtt, String lines, String more, int port)
      throws IOException {
    Path site = folder.resolve("site.yaml");
    Files.writeString(
        site,
        """
        gateway: gw-witness
        site: {name: Witness, zone: Asia/Shanghai, region: CN-JS}
        %s
        carbon: {factors: [cn-electricity]}
        mqtt: %s
        journal: {path: journal.db}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        %s
        """
            .formatted(lines, mqtt, port, more));
    return new Gateway(folder, site, port, launch(folder, site));
  }

  private static Child launch(Path folder, Path site) throws IOException {
    return Child.start(
        folder.resolve("agent.log"),
        Map.of(),
        // A JVM that was started with SIGHUP ignored, as by nohup, ignores it too.
        List.of(
            "env", "--default-signal=HUP", PROGRAM.toString(), "run", "--config", site.toString()));
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    child.kill();
  }

  void restart() throws IOException, InterruptedException {
    child = launch(folder, site);
    child.await("the page on port " + port, 30, () -> Ports.answers(port));
  }

  /** Puts other {@code lines} and {@code metering} into the site file. */
  void rewrite(String before, String after) throws IOException {
    String text = Files.readString(site);
    if (!text.contains(before)) {
      throw new IllegalArgumentException("the site file has no " + before);
    }
    Files.writeString(site, text.replace(before, after));
  }

  /** SIGHUP. */
  void reload() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-HUP", String.valueOf(child.pid())).inheritIO().start().waitFor();
  }

  /** SIGTERM; returns the exit code. */
  public int stop() throws InterruptedException {
    return child.stop(20);
  }

  public String log() throws IOException {
    return child.output();
  }

  /** Where its page is, on this machine. */
  public int port() {
    return port;
  }

  /** Its process id. */
  public long pid() {
    return child.pid();
  }

  /** {@code /api/snapshot}. */
  public Map<String, Object> snapshot() throws IOException {
    URL url = URI.create("http://127.0.0.1:" + port + "/api/snapshot").toURL();
    try (InputStream in = url.openStream()) {
      return Json.object(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  /**
   * Waits until something holds.
   *
   * @throws AssertionError with the agent's log after {@code seconds}
   */
  public void await(String what, int seconds, Condition condition) throws Exception {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.holds()) {
      if (System.nanoTime() > until) {
        throw new AssertionError(
            "waited " + seconds + " s for " + what + "; the agent said:\n" + log());
      }
      Thread.sleep(100);
    }
  }

  @Override
  public void close() {
    child.close();
  }
}
