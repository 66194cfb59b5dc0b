package io.lingtan.agent.journal;

import io.lingtan.agent.journal.file.Database;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A connection for reading, opened when it is wanted, and anew after a failure or when the journal
 * is another file by now. For one thread at a time.
 */
final class Reader implements AutoCloseable {

  private final Store store;
  private final Runnable forget;
  private @Nullable Database open;
  private long generation = -1;

  /**
   * @param forget drops what is remembered of what was read: the next may be another file's
   */
  Reader(Store store, Runnable forget) {
    this.store = store;
    this.forget = forget;
  }

  Database get() throws SQLException {
    Database present = open;
    if (present != null && generation == store.generation()) {
      return present;
    }
    close();
    generation = store.generation();
    present = store.reader();
    open = present;
    return present;
  }

  /** Something could not be read. What is damaged the store has to know. */
  void failed(SQLException e) {
    close();
    if (Database.isDamage(e)) {
      store.foundDamaged();
    }
  }

  @Override
  public void close() {
    Database gone = open;
    open = null;
    forget.run();
    if (gone != null) {
      gone.close();
    }
  }
}
