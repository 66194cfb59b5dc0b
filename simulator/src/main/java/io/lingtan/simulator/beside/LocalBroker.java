package io.lingtan.simulator.beside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT 5 broker on a port of 127.0.0.1, as a child process that can be taken away and brought
 * back with what it had kept: Debian's mosquitto where it is installed, else the broker of the
 * demo. Its queues are not bounded, so that what a subscriber with a session misses is never the
 * broker's doing.
 */
public final class LocalBroker implements AutoCloseable {

  /** Not on the path of an ordinary user. */
  private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

  private static final Duration LONGEST_STOP = Duration.ofSeconds(20);
  private static final long LONGEST_START_NANOS = 20_000_000_000L;
  private static final long LOOK_MILLIS = 20;
  private static final int CONNECT_MILLIS = 200;

  private final String name;
  private final int port;
  private final List<String> command;
  private final Path output;
  private @Nullable Child child;

  private LocalBroker(String name, int port, List<String> command, Path output) {
    this.name = name;
    this.port = port;
    this.command = command;
    this.output = output;
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param folder an existing one for its configuration, log and what it keeps
   * @param wanted port, 0 for a free one
   * @throws IOException if none is installed, or it does not start; the message says what to do
   */
  public static LocalBroker start(Path folder, int wanted) throws IOException {
    int port = wanted == 0 ? Apps.freePort() : wanted;
    if (answers(port)) {
      throw new IOException(
          "port " + port + " of 127.0.0.1 is in use: end what listens there, or name another one");
    }
    boolean mosquitto = Files.isExecutable(MOSQUITTO);
    List<String> command =
        mosquitto
            ? List.of(MOSQUITTO.toString(), "-c", mosquittoFile(folder, port).toString())
            : Apps.broker(Apps.home(), "127.0.0.1", port, folder.resolve("broker"));
    LocalBroker broker =
        new LocalBroker(
            mosquitto ? "mosquitto" : "the demo's broker",
            port,
            command,
            folder.resolve("broker.log"));
    broker.restart();
    return broker;
  }

  private static Path mosquittoFile(Path folder, int port) throws IOException {
    StringBuilder text = new StringBuilder();
    text.append("listener ").append(port).append(" 127.0.0.1\n");
    text.append("allow_anonymous true\npersistence true\n");
    text.append("persistence_location ").append(folder.toAbsolutePath()).append("/\n");
    text.append("max_queued_messages 0\nmax_inflight_messages 0\n");
    if (System.getProperty("user.name").equals("root")) {
      // Else it gives up root for a user of its own, who may not write here.
      text.append("user root\n");
    } else {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    Path file = folder.resolve("mosquitto.conf");
    Files.writeString(file, text);
    return file;
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  public String name() {
    return name;
  }

  public int port() {
    return port;
  }

  /** {@code mqtt://127.0.0.1:PORT}. */
  public String url() {
    return "mqtt://127.0.0.1:" + port;
  }

  /** Of the process that runs now, or ran last. */
  public long pid() {
    Child last = child;
    return last == null ? -1 : last.pid();
  }

  /** SIGTERM: it writes down what it has first. */
  public void stop() {
    Child running = child;
    if (running != null) {
      running.hangUp();
      running.terminate(LONGEST_STOP);
    }
  }

  /**
   * Starts it on the same port, with what it kept, and waits until it listens.
   *
   * @throws IOException if it does not; with its last words
   */
  public void restart() throws IOException {
    Child started = Child.start(name, command, output);
    child = started;
    long began = System.nanoTime();
    while (!answers(port)) {
      if (!started.isAlive() || System.nanoTime() - began > LONGEST_START_NANOS) {
        String words = started.lastWords();
        started.close();
        throw new IOException("the broker does not listen on port " + port + ": " + words);
      }
      pause();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a broker was starting", e);
    }
  }

  @Override
  public void close() {
    stop();
  }
}
