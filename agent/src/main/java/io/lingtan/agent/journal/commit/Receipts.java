package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acknowledgements that the card does not know yet, in memory that outlives this process: a file
 * for each epoch of which something was acknowledged. Costs the card nothing.
 *
 * <p>Crash contract: what was {@link #took taken} before {@link #write} returned is known to the
 * next process of this boot, so that a kill has nothing sent again but what was in flight. A power
 * cut leaves what the last commit saved. While the file cannot be written the same is true of a
 * kill; that is counted, and each further call tries again.
 *
 * <p>The publisher takes and writes, the ledger's thread reads and forgets; thread-safe.
 */
public final class Receipts {
  private static final Logger log = LoggerFactory.getLogger(Receipts.class);

  /** Beyond this it is written anew, as the few ranges that its many entries come to. */
  private static final int MOST_BYTES = 256 * 1024;

  private final Path folder;
  private final Map<String, Slate> slates = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();
  private long written;
  private long failed;
  private long ignored;
  private boolean failing;

  /** Why a file cannot be this user's own work, null if it may be. */
  private @Nullable String refused;

  /** The highest number that a file told of and its epoch does not have, 0 if none. */
  private long beyond;

  /** Numbers one after the other. */
  private static final class Pending {
    private final Epoch epoch;
    private final long from;
    private long to;

    Pending(Epoch epoch, long seq) {
      this.epoch = epoch;
      this.from = seq;
      this.to = seq;
    }
  }

  private final Consumer<Event> events;

  /**
   * @param folder in memory, outlives the process and ends with the boot
   * @param events takes what was not believed, on the ledger's thread
   */
  public Receipts(Path folder, Consumer<Event> events) {
    this.folder = folder;
    this.events = events;
  }

  private Slate slate(String epoch) {
    return slates.computeIfAbsent(
        epoch, id -> new Slate(folder.resolve("lingtan-acked-" + id), "lingtan acked 1 " + id));
  }

  /** The broker took it; to be written. */
  public synchronized void took(Epoch epoch, long seq) {
    Pending last = pending.isEmpty() ? null : pending.getLast();
    if (last != null && last.epoch == epoch && last.to == seq - 1) {
      last.to = seq;
    } else {
      pending.add(new Pending(epoch, seq));
    }
  }

  /** Writes down what was taken since the last call. */
  public synchronized void write() {
    if (pending.isEmpty()) {
      return;
    }
    Map<Epoch, ByteSink> entries = new HashMap<>();
    for (Pending each : pending) {
      put(entries.computeIfAbsent(each.epoch, e -> new ByteSink()), each.from, each.to);
    }
    pending.clear();
    entries.forEach((epoch, entry) -> write(epoch, entry.toBytes()));
  }

  private static void put(ByteSink to, long first, long last) {
    to.putVarint(first);
    to.putVarint(last - first);
  }

  private void write(Epoch epoch, byte[] entry) {
    Slate slate = slate(epoch.id());
    try {
      if (slate.isOpen() && slate.size() + entry.length <= MOST_BYTES) {
        slate.add(entry);
      } else {
        slate.begin(all(epoch));
      }
      written++;
      failing = false;
    } catch (IOException e) {
      failed(slate, e);
    }
  }

  /** With all that memory knows the next attempt makes good what this one left out. */
  private void failed(Slate slate, IOException e) {
    failed++;
    if (!failing) {
      failing = true;
      log.warn(
          "{} cannot be written; should the agent be killed, what the broker took since the last"
              + " commit is sent again: {}",
          slate.file(),
          e.toString());
    }
    try {
      slate.close();
    } catch (IOException again) {
      log.debug("{} cannot be closed", slate.file(), again);
    }
  }

  private static byte[] all(Epoch epoch) {
    Epoch.Acked acked = epoch.everythingAcked();
    ByteSink to = new ByteSink();
    if (acked.acked() > 0) {
      put(to, 1, acked.acked());
    }
    acked.ahead().forEach(range -> put(to, range.from(), range.to()));
    return to.toBytes();
  }

  /**
   * Tells an epoch what of it was acknowledged to a process that is gone.
   *
   * @return the highest that was, if the epoch does not have it: the file is an older copy of the
   *     one that gave it out in this boot; 0 if it has all
   */
  public synchronized long tell(Epoch epoch) {
    Slate slate = slate(epoch.id());
    beyond = 0;
    if (!slate.isOpen() && slate.isThere()) {
      read(slate, epoch);
    }
    return beyond;
  }

  /**
   * All that the file tells has been told: from here on it says what memory knows. What was above
   * an epoch's last number belonged to another copy of the journal.
   */
  public synchronized void anew(List<Epoch> epochs) {
    for (Epoch epoch : epochs) {
      Slate slate = slate(epoch.id());
      if (slate.isOpen() || slate.isThere()) {
        if (!slate.isOpen()) {
          readAgain(slate, epoch);
        }
        forget(epoch);
        keep(epoch);
      }
    }
  }

  /** What is on the card: of an epoch that goes on, so that an older card is known by it. */
  public synchronized void keep(Epoch epoch) {
    if (!epoch.isFinished() || epoch.ended() == null) {
      write(epoch, new byte[0]);
    } else {
      forget(epoch);
    }
  }

  private void readAgain(Slate slate, Epoch epoch) {
    if (!read(slate, epoch)) {
      ignored++;
      if (refused != null) {
        events.accept(
            Event.of("journal.memory_refused", Severity.ALARM)
                .with("file", slate.file().toString())
                .with("why", refused));
      }
    }
  }

  /** Returns whether everything in it was believed. */
  private boolean read(Slate slate, Epoch epoch) {
    boolean believed = true;
    refused = null;
    try {
      for (byte[] entry : slate.entries()) {
        ByteSource from = new ByteSource(entry);
        while (!from.isEmpty()) {
          long first = from.takeVarint();
          long last = first + from.takeVarint();
          if (first < 1 || last < first) {
            throw new DamagedSegment("has a range from " + first + " to " + last);
          }
          boolean has = epoch.acknowledged(new Range(first, last));
          beyond = has ? beyond : Math.max(beyond, last);
          believed &= has;
        }
      }
      return believed;
    } catch (Slate.NotOwn e) {
      refused = e.getMessage();
      log.warn("{} tells nothing: it {}", slate.file(), e.getMessage());
      return false;
    } catch (IOException | DamagedSegment e) {
      log.warn("{} tells nothing: {}", slate.file(), e.toString());
      return false;
    }
  }

  /** All of it is on the card. */
  public synchronized void forget(Epoch epoch) {
    Slate slate = slates.remove(epoch.id());
    if (slate == null) {
      return;
    }
    try {
      slate.remove();
    } catch (IOException e) {
      // It says nothing but the truth, as long as no other copy of the journal takes its place.
      log.warn("{} cannot be removed: {}", slate.file(), e.toString());
    }
  }

  /** Lets go of the files, which stay: as a kill does. */
  public synchronized void close() {
    for (Slate slate : slates.values()) {
      try {
        slate.close();
      } catch (IOException e) {
        log.debug("{} cannot be closed", slate.file(), e);
      }
    }
    slates.clear();
    pending.clear();
  }

  public synchronized ReceiptsSnapshot snapshot() {
    return new ReceiptsSnapshot(written, failed, ignored);
  }
}
