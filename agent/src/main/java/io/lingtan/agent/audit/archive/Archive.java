package io.lingtan.agent.audit.archive;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import java.io.IOException;

/**
 * Where the records that came are kept for good, byte for byte as they came.
 *
 * <p>Crash contract: when {@link #commit} returns, everything added before is on the disk; if it
 * does not return, all of it is still held here and goes with the next. So a message is
 * acknowledged only after that, and whoever is killed gets again what is not here: it may stand
 * twice in a text file, and never in a database. One thread.
 */
public interface Archive extends AutoCloseable {

  /**
   * Adds a record.
   *
   * @param isNew whether it came for the first time
   */
  void add(String gateway, Numbered record, boolean isNew);

  /**
   * Writes what was added.
   *
   * @throws IOException if that is not possible now; the message says what to do
   */
  void commit() throws IOException;

  /** Records that came with another content than the one that was kept first. */
  long contradictions();

  @Override
  void close();
}
