package io.lingtan.agent.audit;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an audit does beside listening.
 *
 * @param repair whether it asks gateways for what is missing
 * @param all with {@code repair}: also for what they delivered before it ever listened
 * @param archive where it keeps the records that come, null for nowhere: {@code *.db} or {@code
 *     *.sqlite} is a database, {@code *.ndjson} or {@code *.jsonl} lines of text
 * @param archiveBytes size at which a text file is put aside and another one begins
 */
public record Duties(boolean repair, boolean all, @Nullable Path archive, long archiveBytes) {

  /** Nothing but listening. */
  public static final Duties NONE = new Duties(false, false, null, Long.MAX_VALUE);

  public Duties {
    if (archive != null && !isDatabase(archive) && !ending(archive).matches("ndjson|jsonl")) {
      throw new IllegalArgumentException(
          archive + " does not say what it is to be: name it *.ndjson or *.db");
    }
  }

  static boolean isDatabase(Path file) {
    return ending(file).matches("db|sqlite");
  }

  private static String ending(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
