package io.lingtan.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/**
 * Debian's mosquitto with a configuration of its own: one port of 127.0.0.1, persistence on and
 * queues without bounds, so that what a subscriber with a session misses is never the broker's
 * doing.
 */
public final class Mosquitto implements AutoCloseable {

  /** Not on the path of an ordinary user. */
  private static final String PROGRAM = "/usr/sbin/mosquitto";

  private final Path folder;
  private final int port;
  private final List<String> more;
  private Child child;

  private Mosquitto(Path folder, int port, List<String> more, Child child) {
    this.folder = folder;
    this.port = port;
    this.more = more;
    this.child = child;
  }

  /**
   * Starts one on a free port.
   *
   * @param folder an existing folder for configuration, persistence and log
   * @param more further lines of configuration; without an {@code allow_anonymous} line anybody may
   *     connect
   */
  public static Mosquitto start(Path folder, String... more)
      throws IOException, InterruptedException {
    int port = Ports.free();
    List<String> lines = List.of(more);
    return new Mosquitto(folder, port, lines, launch(folder, port, lines));
  }

  private static Child launch(Path folder, int port, List<String> more)
      throws IOException, InterruptedException {
    // Started as root it gives up root for a user of its own, who must be able to write here.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    StringBuilder text = new StringBuilder();
    text.append("listener ").append(port).append(" 127.0.0.1\n");
    if (more.stream().noneMatch(line -> line.startsWith("allow_anonymous"))) {
      text.append("allow_anonymous true\n");
    }
    text.append("persistence true\npersistence_location ").append(folder).append("/\n");
    text.append("autosave_interval 1\nmax_queued_messages 0\nmax_inflight_messages 0\n");
    if (System.getProperty("user.name").equals("root")) {
      text.append("user root\n");
    }
    more.forEach(line -> text.append(line).append('\n'));
    Path config = folder.resolve("mosquitto.conf");
    Files.writeString(config, text);
    Child child =
        Child.start(
            folder.resolve("mosquitto.log"),
            Map.of(),
            List.of(PROGRAM, "-v", "-c", config.toString()));
    child.await("mosquitto to listen on " + port, 10, () -> Ports.answers(port));
    return child;
  }

  public int port() {
    return port;
  }

  /** {@code mqtt://127.0.0.1:PORT}. */
  public String url() {
    return "mqtt://127.0.0.1:" + port;
  }

  public long pid() {
    return child.pid();
  }

  public String log() throws IOException {
    return child.output();
  }

  /** Has it read its ACL and password files again. */
  public void reload() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-HUP", Long.toString(child.pid())).start().waitFor();
  }

  /** SIGTERM: it writes its persistence file first. */
  public void stop() throws InterruptedException {
    child.stop(10);
  }

  /** Starts it again on the same port, with what it kept. */
  public void restart() throws IOException, InterruptedException {
    child = launch(folder, port, more);
  }

  @Override
  public void close() {
    child.close();
  }
}
