package io.lingtan.agent.journal.file;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.WholeFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices when somebody takes the file away under the open connection, and puts it back; and when
 * somebody cuts it or writes into it: then it is opened anew, and looked through as at a start.
 * SQLite goes on writing into a file that has no name any more; with the process all of that would
 * be gone. Ledger thread.
 */
public final class Grip {

  private static final Duration LOOK_EVERY = Duration.ofSeconds(5);

  /** So much is copied onto a slow card (13 MB/s) well before the watchdog takes it for a stop. */
  private static final long MOST_BYTES = 128L << 20;

  private final Path file;
  private final Time time;
  private @Nullable Object key;
  private @Nullable MonotonicInstant looked;
  private boolean told;

  /** The result of a look at the file. */
  public enum Found {
    /** The file is where it was, or has to be worked with as it is. */
    GO_ON,
    /** The connection leads elsewhere: it has to be opened anew. */
    OPEN_ANEW
  }

  public Grip(Path file, Time time) {
    this.file = file;
    this.time = time;
  }

  /** A connection to the file was opened. */
  public void taken() throws IOException {
    key = key();
    looked = time.now();
    told = false;
  }

  /**
   * Looks whether the file is still there, and puts it back if nothing is. If that cannot be done
   * now the connection is all that there is, and is not let go.
   *
   * @param events takes what happened
   */
  public Found look(Database open, List<Event> events) throws SQLException, IOException {
    MonotonicInstant last = looked;
    boolean isAsLeft = open.isAsLeft();
    if (isAsLeft && last != null && last.plus(LOOK_EVERY).isAfter(time.now())) {
      return Found.GO_ON;
    }
    looked = time.now();
    Object now = key();
    if (now != null && now.equals(key)) {
      if (!isAsLeft) {
        String why = open.isCut() ? "it was cut short" : "somebody wrote into it";
        events.add(event(Files.size(file), why));
      }
      // What this connection remembers of the file may no longer be so.
      return isAsLeft ? Found.GO_ON : Found.OPEN_ANEW;
    }
    long bytes = open.usedBytes();
    if (now != null && Files.size(file) > 0) {
      events.add(event(bytes, "another file is in its place"));
      return Found.OPEN_ANEW;
    }
    String why = bytes > MOST_BYTES ? "it is too large" : "";
    if (why.isEmpty()) {
      try {
        putBack(open);
        events.add(event(bytes, ""));
        return Found.OPEN_ANEW;
      } catch (SQLException | IOException e) {
        why = Database.advice(e).english();
      }
    }
    if (!told) {
      events.add(event(bytes, why));
      told = true;
    }
    return Found.GO_ON;
  }

  private Event event(long bytes, String why) {
    Event event =
        Event.of("journal.file_gone", Severity.ALARM)
            .with("file", file.toString())
            .with("bytes", bytes)
            .with("restored", why.isEmpty());
    return why.isEmpty() ? event : event.with("why", why);
  }

  // SQLite removes no WAL by its name when a connection to a file is closed that has moved.
  private void putBack(Database open) throws SQLException, IOException {
    Path copy = file.resolveSibling(file.getFileName() + ".restored");
    Files.deleteIfExists(copy);
    open.copyTo(copy);
    try (FileChannel written = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      written.force(true);
    }
    for (String suffix : List.of("-wal", "-shm")) {
      Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
    }
    Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    WholeFile.syncFolder(file);
  }

  /** Which file it is; null if there is none. Where the file system does not tell, its name. */
  private @Nullable Object key() throws IOException {
    try {
      Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
      return key == null ? file : key;
    } catch (NoSuchFileException e) {
      return null;
    }
  }
}
