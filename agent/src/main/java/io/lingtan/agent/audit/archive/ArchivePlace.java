package io.lingtan.agent.audit.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where an audit keeps the records that come.
 *
 * @param place {@code FILE.db} or {@code .sqlite}: an SQLite database; {@code FILE.ndjson} or
 *     {@code .jsonl}: lines of text; {@code postgresql://USER@HOST/DATABASE}
 * @param fileBytes size at which a text file is put aside and another one begins
 * @param driver the jar of PostgreSQL's JDBC driver, null: where Debian puts it
 */
public record ArchivePlace(String place, long fileBytes, @Nullable Path driver) {

  public ArchivePlace {
    String problem =
        isPostgres(place)
            ? PostgresArchive.problem(place)
            : ending(place).matches("db|sqlite|ndjson|jsonl")
                ? null
                : place
                    + " does not say what it is to be: name it *.ndjson or *.db, or"
                    + " postgresql://HOST/DATABASE";
    if (problem != null) {
      throw new IllegalArgumentException(problem);
    }
  }

  private static boolean isPostgres(String place) {
    return place.startsWith(PostgresArchive.SCHEME);
  }

  private static String ending(String place) {
    String name = place.toLowerCase(Locale.ROOT);
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /**
   * Opens or makes it.
   *
   * @throws IOException if it cannot be used; the message says what to do
   */
  public Archive open() throws IOException {
    if (isPostgres(place)) {
      return PostgresArchive.open(place, driver);
    }
    return ending(place).matches("db|sqlite")
        ? SqliteArchive.open(Path.of(place))
        : NdjsonArchive.open(Path.of(place), fileBytes);
  }
}
