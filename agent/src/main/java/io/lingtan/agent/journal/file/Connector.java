package io.lingtan.agent.journal.file;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.NativeLibraryNotFoundException;

/**
 * Opens SQLite on a file: the way from the journal to the card. The simulator has one of a card
 * that is full or broken.
 */
@FunctionalInterface
public interface Connector {

  /**
   * A connection of its own for whoever asks.
   *
   * @throws SQLException with SQLite's result code as its error code
   */
  Connection connect(Path file) throws SQLException;

  /** SQLite on the file itself. */
  static Connector sqlite() {
    Properties properties = new Properties();
    // Else the driver asks for the last row's id after each change, and nobody wants it.
    properties.setProperty("jdbc.get_generated_keys", "false");
    return file -> {
      try {
        return DriverManager.getConnection("jdbc:sqlite:" + file, properties);
      } catch (LinkageError e) {
        throw new NativeLibrary.Missing(e);
      } catch (SQLException e) {
        throw e.getCause() instanceof NativeLibraryNotFoundException cause
            ? new NativeLibrary.Missing(cause)
            : e;
      }
    };
  }
}
