package io.lingtan.agent.audit.archive;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import io.lingtan.agent.run.PackedFile;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The tables of {@code config/central/postgres.sql} in a PostgreSQL database: what came first
 * stays, and what comes again with another content is counted. One transaction for each commit;
 * while the database is away everything is held, and goes with the first commit after. One thread.
 *
 * <p>The driver is not part of the agent, which would carry it to each gateway: it is taken from a
 * file of the machine that archives (decision 005).
 */
final class PostgresArchive extends SqlArchive {

  static final String SCHEME = "postgresql://";

  /** Where Debian's libpostgresql-jdbc-java puts it. */
  static final Path USUAL_DRIVER = Path.of("/usr/share/java/postgresql.jar");

  /** The tables and functions of {@code config/central}, as they are packed. */
  private static final String SCRIPT = "/io/lingtan/config/central/postgres.sql";

  /** Fails where record is a table of somebody else. */
  private static final String COLUMNS =
      "SELECT gateway, epoch, seq, kind, name, after, at, rev, record FROM record LIMIT 0";

  private static final String UNDEFINED_COLUMN = "42703";
  private static final String KEEP = "SELECT keep_records(?, ?::json)";

  private final String url;
  private final Properties properties;
  private final Driver driver;

  private PostgresArchive(String url, Properties properties, Driver driver) {
    this.url = url;
    this.properties = properties;
    this.driver = driver;
  }

  /** What is wrong with an address, for a person; null if nothing is. */
  static @Nullable String problem(String address) {
    try {
      URI uri = new URI(address);
      String user = uri.getUserInfo();
      if (uri.getHost() == null || uri.getPath() == null || uri.getPath().length() < 2) {
        return address + " names no host or no database: write postgresql://HOST/DATABASE";
      }
      if (user != null && user.contains(":")) {
        return "a password has no place in an address that everybody on this machine can see: put"
            + " it into ~/.pgpass";
      }
      return null;
    } catch (URISyntaxException e) {
      return address + " is no address: write postgresql://USER@HOST/DATABASE";
    }
  }

  /**
   * Connects, and makes the table where there is none.
   *
   * @param address {@code postgresql://USER@HOST:PORT/DATABASE?PARAMETERS}, one without a {@link
   *     #problem}; the parameters are the driver's
   * @param driver its jar, null: where Debian has it
   */
  static PostgresArchive open(String address, @Nullable Path driver) throws IOException {
    URI uri = URI.create(address);
    Properties properties = new Properties();
    properties.setProperty("ApplicationName", "lingtan audit");
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("socketTimeout", "60");
    properties.setProperty("tcpKeepAlive", "true");
    String user = uri.getUserInfo();
    if (user != null) {
      properties.setProperty("user", user);
    }
    String url =
        "jdbc:"
            + SCHEME
            + uri.getRawAuthority().substring(uri.getRawAuthority().indexOf('@') + 1)
            + uri.getRawPath()
            + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
    PostgresArchive archive =
        new PostgresArchive(url, properties, load(driver == null ? USUAL_DRIVER : driver));
    archive.open();
    return archive;
  }

  @SuppressWarnings("resource") // the driver loads classes as long as it is used
  private static Driver load(Path jar) throws IOException {
    if (!Files.isReadable(jar)) {
      throw new IOException(
          "there is no PostgreSQL driver at "
              + jar
              + ": apt install libpostgresql-jdbc-java, or name its jar with --archive-driver");
    }
    try {
      URL[] place = {jar.toUri().toURL()};
      return Class.forName(
              "org.postgresql.Driver",
              true,
              new URLClassLoader(place, ClassLoader.getPlatformClassLoader()))
          .asSubclass(Driver.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
      throw new IOException(jar + " is no PostgreSQL driver: " + e, e);
    }
  }

  @Override
  Connection connect() throws SQLException {
    Connection open = driver.connect(url, properties);
    if (open == null) {
      throw new SQLException("the driver does not know this address");
    }
    return open;
  }

  @Override
  void prepare(Connection fresh) throws SQLException {
    fresh.setAutoCommit(false);
    try (Statement statement = fresh.createStatement()) {
      boolean isEmpty;
      try (ResultSet rows = statement.executeQuery("SELECT to_regclass('record') IS NULL")) {
        isEmpty = rows.next() && rows.getBoolean(1);
      }
      statement.execute(isEmpty ? PackedFile.text(PostgresArchive.class, SCRIPT) : COLUMNS);
    }
    fresh.commit();
  }

  @Override
  int insert(Connection open, List<Row> rows) throws SQLException {
    Map<String, List<String>> texts =
        rows.stream().collect(groupingBy(Row::gateway, mapping(Row::text, toList())));
    int other = 0;
    try (PreparedStatement keep = open.prepareStatement(KEEP)) {
      for (Map.Entry<String, List<String>> each : texts.entrySet()) {
        keep.setString(1, each.getKey());
        keep.setString(2, "[" + String.join(",", each.getValue()) + "]");
        try (ResultSet contradictions = keep.executeQuery()) {
          contradictions.next();
          other += contradictions.getInt(1);
        }
      }
    }
    return other;
  }

  @Override
  String cannot(SQLException e) {
    if (UNDEFINED_COLUMN.equals(e.getSQLState())) {
      return url.substring("jdbc:".length())
          + " has a table record of another program or of an earlier form ("
          + e.getMessage()
          + "): name another database";
    }
    return "cannot write the archive "
        + url.substring("jdbc:".length())
        + " ("
        + e.getMessage()
        + "): check that the database runs and that this user may write there; until then the"
        + " broker keeps what comes";
  }
}
