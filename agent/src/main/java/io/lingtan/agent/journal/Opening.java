package io.lingtan.agent.journal;

import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

/** Gets at the file, whatever is in its place. */
final class Opening {
  private static final int MOST_SET_ASIDE = 10_000;

  /** Where the header says how the file is written and read: 1, or 2 with a WAL. */
  private static final int WAYS = 18;

  private Opening() {}

  /**
   * A connection to a journal that is whole: the one that was there, or a new one, in which case
   * what was there is set aside.
   *
   * @param events takes what happened
   * @throws JournalUnavailable if the file is whole, but not for us
   */
  static Database open(Connector connector, Path file, int walPages, List<Event> events)
      throws SQLException, IOException {
    try {
      return attempt(connector, file, walPages);
    } catch (SQLException e) {
      if (!isDamage(file, e)) {
        throw e;
      }
      events.add(setAside(file, String.valueOf(e.getMessage())));
      return attempt(connector, file, walPages);
    }
  }

  /**
   * Whether a failure comes of damage. SQLite opens a file read-only whose header (bytes 18 and 19)
   * names a version that it does not know: that is damage, too.
   */
  static boolean isDamage(Path file, SQLException e) throws IOException {
    if (Database.isDamage(e)) {
      return true;
    }
    if (!Database.isReadOnly(e) || !Files.isReadable(file)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] header = in.readNBytes(WAYS + 2);
      return header.length == WAYS + 2 && !(isKnown(header[WAYS]) && isKnown(header[WAYS + 1]));
    }
  }

  private static boolean isKnown(byte way) {
    return way == 1 || way == 2;
  }

  private static Database attempt(Connector connector, Path file, int walPages)
      throws SQLException {
    Database db = Database.writer(connector, file);
    try {
      Schema.ready(db, file, walPages);
      return db;
    } catch (SQLException | RuntimeException e) {
      db.close();
      throw e;
    }
  }

  /** Renames the file with its WAL, so that a person can still look into it. */
  static Event setAside(Path file, String why) throws IOException {
    for (int n = 1; n <= MOST_SET_ASIDE; n++) {
      Path aside = file.resolveSibling(file.getFileName() + ".corrupt-" + n);
      if (Files.exists(aside)) {
        continue;
      }
      // The WAL first: a file without it is an older state, a WAL without its file is nothing.
      for (String suffix : List.of("-wal", "-shm", "")) {
        Path from = file.resolveSibling(file.getFileName() + suffix);
        if (Files.exists(from)) {
          Files.move(from, aside.resolveSibling(aside.getFileName() + suffix));
        }
      }
      return Event.of("journal.set_aside", Severity.ALARM)
          .with("file", aside.toString())
          .with("why", why);
    }
    throw new IOException(
        "more than " + MOST_SET_ASIDE + " damaged journals lie beside " + file + ", remove some");
  }
}
