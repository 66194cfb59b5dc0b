package io.lingtan.agent.journal;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.Time;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The durable, numbered sequence of records.
 *
 * <p>Crash contract: when {@link Batch#commit} returns normally, everything in the batch (records,
 * the acknowledgements received so far, and the checkpoint if one was given) is on the card, or
 * none of it is. A record that was never committed never had a number that anybody saw.
 */
public final class Journal implements AutoCloseable {

  /**
   * Where and how much.
   *
   * @param file the SQLite file
   * @param maxSize most bytes on disk, database and WAL together
   * @param machine identity of the machine: another one means a cloned card, and a new epoch
   */
  public record Options(Path file, long maxSize, String machine, Duration commit) {}

  private Journal() {}

  /**
   * Opens or makes the journal. A file that is not a database or is corrupt is set aside beside it,
   * never deleted, and a new one begins. What was noticed on the way is in {@link #openingEvents}.
   *
   * @throws JournalUnavailable if the place cannot be used at all (no permission, no such device):
   *     the message says what to do
   */
  public static Journal open(Options options, Time time, RandomGenerator random) {
    throw new UnsupportedOperationException();
  }

  /**
   * What opening noticed: a new epoch and why, a file set aside. For the ledger to record first.
   */
  public List<Event> openingEvents() {
    throw new UnsupportedOperationException();
  }

  /** Begins the next transaction. Ledger thread; one at a time. */
  public Batch begin() {
    throw new UnsupportedOperationException();
  }

  /** The newest checkpoint of the ledger, null if there is none. */
  public @Nullable Checkpoint checkpoint() {
    throw new UnsupportedOperationException();
  }

  /**
   * Hands over the data records after {@code seq} of the current epoch and of the earlier ones that
   * the checkpoint did not cover, ascending: for the re-fold at start.
   */
  public void refold(Checkpoint from, Consumer<JournalRecord.DataRecord> to) {
    throw new UnsupportedOperationException();
  }

  /** A reader for the publisher, with a connection of its own. One thread. */
  public Outbox outbox() {
    throw new UnsupportedOperationException();
  }

  /** What {@code store} says: epoch, numbers, acknowledgements, drops. Any thread. */
  public StoreState state() {
    throw new UnsupportedOperationException();
  }

  /** Called after each commit, on the ledger's thread; must only wake somebody. */
  public void onCommit(Runnable wake) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }

  /**
   * The ledger's state after it had folded everything up to {@code seq} of {@code epoch}.
   *
   * @param state opaque to the journal
   */
  public record Checkpoint(String epoch, long seq, byte[] state) {}
}
