package io.lingtan.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of our own on a free port of 127.0.0.1, with an empty database, in a folder
 * of its own. It refuses to run as root, and runs as nobody then.
 */
public final class Postgres implements AutoCloseable {

  /** Where Debian keeps the programs of the newest version that is installed. */
  static final String FOLDER = folder();

  private static final List<String> AS_NOBODY =
      List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--");
  private static final int NOBODY = 65_534;

  private final Path place;
  private final int port;
  private final List<String> command;
  private Child child;

  private Postgres(Path place, int port, List<String> command, Child child) {
    this.place = place;
    this.port = port;
    this.command = command;
    this.child = child;
  }

  /** Takes two seconds or so. */
  public static Postgres start() throws IOException, InterruptedException {
    Path place = Files.createTempDirectory("lingtan-postgres");
    boolean isRoot = System.getProperty("user.name").equals("root");
    if (isRoot) {
      Files.setAttribute(place, "unix:uid", NOBODY);
      Files.setAttribute(place, "unix:gid", NOBODY);
    }
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwx------"));
    List<String> user = isRoot ? AS_NOBODY : List.of();
    String data = place.resolve("data").toString();
    Launched made =
        Launched.run(
            Map.of(),
            command(
                    user,
                    "initdb",
                    "-D",
                    data,
                    "-U",
                    "lingtan",
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--no-sync")
                .toArray(String[]::new));
    if (made.exit() != 0) {
      Files.walkFileTree(place, new Deletion());
      throw new IOException("initdb: " + made.err());
    }
    int port = Ports.free();
    List<String> run = command(user, "postgres", "-D", data, "-p", "" + port);
    for (String setting :
        List.of("listen_addresses=127.0.0.1", "unix_socket_directories=" + place, "fsync=off")) {
      run.addAll(List.of("-c", setting));
    }
    Postgres started =
        new Postgres(place, port, run, Child.start(place.resolve("log"), Map.of(), run));
    started.child.await("PostgreSQL on " + port, 20, started::isThere);
    return started;
  }

  private static List<String> command(List<String> user, String program, String... arguments) {
    List<String> command = new ArrayList<>(user);
    command.add(Path.of(FOLDER, program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static String folder() {
    Path versions = Path.of("/usr/lib/postgresql");
    if (!Files.isDirectory(versions)) {
      return versions.toString();
    }
    try (var each = Files.list(versions)) {
      return each.max(Comparator.comparingInt(Postgres::version))
          .orElse(versions)
          .resolve("bin")
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int version(Path folder) {
    String name = String.valueOf(folder.getFileName());
    return name.matches("\\d{1,4}") ? Integer.parseInt(name) : 0;
  }

  private boolean isThere() {
    try (Connection connection = connect()) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /** The JDBC driver's jar, of the tests' own class path. */
  public static Path driver() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(jar -> jar.matches(".*/postgresql-[^/]*\\.jar"))
        .map(Path::of)
        .findFirst()
        .orElseThrow();
  }

  /** {@code 127.0.0.1:PORT/postgres?user=lingtan}, behind {@code postgresql://}. */
  public String address() {
    return "127.0.0.1:" + port + "/postgres?user=lingtan";
  }

  public int port() {
    return port;
  }

  public String jdbcUrl() {
    return "jdbc:postgresql://" + address();
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(jdbcUrl());
  }

  /** Runs statements. */
  public void run(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of a query, each value as text. */
  public List<List<@Nullable String>> rows(String sql) throws SQLException {
    List<List<@Nullable String>> found = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        List<@Nullable String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        found.add(row);
      }
    }
    return found;
  }

  /** Fast shutdown: it ends what is connected, and waits for nobody. */
  public void stop() throws IOException, InterruptedException {
    Launched.run(Map.of(), "kill", "-INT", "" + child.pid());
    child.join(20);
    child.close();
  }

  /** Starts it again with what it has. */
  public void restart() throws IOException, InterruptedException {
    child = Child.start(place.resolve("log"), Map.of(), command);
    child.await("PostgreSQL on " + port, 20, this::isThere);
  }

  @Override
  public void close() {
    try {
      stop();
      Files.walkFileTree(place, new Deletion());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes is) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException e)
        throws IOException {
      Files.delete(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
