package io.lingtan.simulator.zone.trial;

import io.lingtan.simulator.beside.Apps;
import io.lingtan.simulator.beside.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Debian's PostgreSQL on a port of 127.0.0.1, with an empty database. It refuses to run as root,
 * and runs as nobody then.
 */
final class PostgresServer implements AutoCloseable {

  private static final Path VERSIONS = Path.of("/usr/lib/postgresql");
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration LONGEST_END = Duration.ofSeconds(5);
  private static final List<String> AS_NOBODY =
      List.of(
          "setpriv",
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          "--pdeathsig=INT", // The one that Child has asked for ends with the user's change.
          "--");
  private static final int NOBODY = 65_534;

  private final Part server;
  private final int port;

  private PostgresServer(Part server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * @throws IOException if none is installed, or it does not start; the message says what to do
   */
  static PostgresServer start(Path folder) throws IOException, InterruptedException {
    Path programs = programs();
    Path place = Files.createDirectories(folder.resolve("postgres"));
    boolean isRoot = System.getProperty("user.name").equals("root");
    if (isRoot) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setAttribute(place, "unix:uid", NOBODY);
      Files.setAttribute(place, "unix:gid", NOBODY);
    }
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx------"));
    List<String> user = isRoot ? AS_NOBODY : List.of();
    String data = place.resolve("data").toString();
    Child made =
        Child.start(
            "initdb",
            command(
                user,
                programs,
                "initdb",
                "-D",
                data,
                "-U",
                "lingtan",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync"),
            folder.resolve("initdb.log"));
    if (!made.ends(LONGEST) || made.exitCode() != 0) {
      throw new IOException("PostgreSQL's disk cannot be prepared: " + made.lastWords());
    }
    int port = Apps.freePort();
    Part server =
        Part.start(
            "postgres",
            command(
                user,
                programs,
                "postgres",
                "-D",
                data,
                "-p",
                String.valueOf(port),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "unix_socket_directories=" + place),
            folder);
    PostgresServer started = new PostgresServer(server, port);
    server.await(LONGEST, started::isThere);
    return started;
  }

  private static Path programs() throws IOException {
    if (!Files.isDirectory(VERSIONS)) {
      throw new IOException("PostgreSQL is not installed: sudo apt-get install postgresql");
    }
    try (var versions = Files.list(VERSIONS)) {
      return versions
          .max(Comparator.comparingInt(PostgresServer::version))
          .orElse(VERSIONS)
          .resolve("bin");
    }
  }

  private static int version(Path folder) {
    String name = String.valueOf(folder.getFileName());
    return name.matches("\\d{1,4}") ? Integer.parseInt(name) : 0;
  }

  private static List<String> command(
      List<String> user, Path programs, String program, String... arguments) {
    List<String> command = new ArrayList<>(user);
    command.add(programs.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private boolean isThere() {
    try (Connection connection = connect()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /** As {@code --postgres} wants it. */
  String address() {
    return "postgresql://127.0.0.1:" + port + "/postgres?user=lingtan";
  }

  Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:" + address());
  }

  Part part() {
    return server;
  }

  /** After it was killed: with what it had committed, and waits until it answers. */
  void startAgain() throws IOException, InterruptedException {
    server.startAgain();
    server.await(LONGEST, this::isThere);
  }

  @Override
  public void close() {
    // SIGTERM waits for those who are connected: by now nobody is.
    server.end(LONGEST_END);
  }
}
