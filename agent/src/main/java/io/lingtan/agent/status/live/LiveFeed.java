package io.lingtan.agent.status.live;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.run.Threads;
import io.lingtan.agent.status.access.RequestPlaces;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every open page the snapshot once a second. There is one latest message and no queue: a
 * page that is slow misses what came meanwhile and holds nobody up. Limits: {@value #MOST} pages,
 * and {@value #MOST_OF_ONE} of one address; one that takes nothing for {@value #SLOW} periods is
 * dropped; each stream ends after {@value #LONGEST} periods and is opened again by the page, so
 * that phones that walked away free their places. Nothing is made while no page is open.
 * Thread-safe.
 */
public final class LiveFeed implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(LiveFeed.class);

  /** Pages at once. */
  public static final int MOST = 16;

  /** Of those, so many for one address: nobody has them all. */
  public static final int MOST_OF_ONE = 4;

  /** When a page that found no place asks again, s. */
  public static final int RETRY_SECONDS = 30;

  private static final int SLOW = 10;
  private static final int LONGEST = 300;

  /** What a browser waits before it opens a broken stream again, ms. */
  private static final int REOPEN_MILLIS = 2000;

  /**
   * A place that is taken: until which tick it may be kept, and since which its thread has been
   * writing; -1 while it waits.
   */
  private static final class Place {
    private final Thread thread = Thread.currentThread();
    private final long last;
    private long writingSince;

    Place(long tick) {
      writingSince = tick;
      last = tick + LONGEST;
    }
  }

  /**
   * What it has done since start.
   *
   * @param open pages at present
   * @param opened streams begun
   * @param refused pages that found no place
   * @param dropped streams ended because the page took nothing
   * @param messages made
   * @param bytes sent, packed where the page takes that
   */
  public record Counts(
      int open, long opened, long refused, long dropped, long messages, long bytes) {}

  private final Supplier<String> snapshot;
  private final Duration period;
  private final ExecutorService threads = Threads.virtual("live");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition closing = lock.newCondition();
  private final RequestPlaces shares = new RequestPlaces(MOST, MOST_OF_ONE);
  private final Set<Place> places = new HashSet<>();
  private @Nullable ServerEvent latest;
  private boolean isKeyWanted;
  private boolean isMaking;
  private boolean isClosed;
  private long tick;
  private long opened;
  private long refused;
  private long dropped;
  private long messages;
  private long bytes;

  /**
   * @param snapshot makes the text of a message, one line; called on a thread of this class
   * @param period between messages
   */
  public LiveFeed(Supplier<String> snapshot, Duration period) {
    this.snapshot = snapshot;
    this.period = period;
  }

  /** What a stream is written to, once it has a place. */
  public interface Answer {
    /** Sends the head of the answer and returns its body. */
    OutputStream begin() throws IOException;
  }

  /**
   * Serves one page on the calling thread until the page goes, is dropped, its time is over, or it
   * may not see any more.
   *
   * @param from where the page is
   * @param isPacked whether the page takes gzip
   * @param maySee asked before each message
   * @return false at once if there is no place
   * @throws IOException if the page is gone
   */
  public boolean serve(InetAddress from, boolean isPacked, BooleanSupplier maySee, Answer answer)
      throws IOException {
    Place place = enter(from);
    if (place == null) {
      return false;
    }
    try {
      Stream stream = new Stream(answer.begin(), isPacked);
      for (ServerEvent message;
          (message = next(place, stream)) != null && maySee.getAsBoolean(); ) {
        sent(stream.write(message));
      }
      stream.end();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    } finally {
      leave(place, from);
    }
  }

  private @Nullable Place enter(InetAddress from) {
    lock.lock();
    try {
      if (isClosed || !shares.enter(from)) {
        refused++;
        return null;
      }
      Place place = new Place(tick);
      places.add(place);
      opened++;
      isKeyWanted = true;
      if (!isMaking) {
        isMaking = true;
        threads.execute(this::make);
      }
      return place;
    } finally {
      lock.unlock();
    }
  }

  private void leave(Place place, InetAddress from) {
    lock.lock();
    try {
      places.remove(place);
      shares.leave(from);
    } finally {
      lock.unlock();
    }
  }

  private void sent(int count) {
    lock.lock();
    try {
      bytes += count;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a message that the page can take; null when its time is over. */
  private @Nullable ServerEvent next(Place place, Stream stream) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      place.writingSince = -1;
      while (!isClosed && tick < place.last) {
        ServerEvent message = latest;
        if (message != null && stream.canTake(message)) {
          place.writingSince = tick;
          return message;
        }
        isKeyWanted |= message != null && stream.isBehind(message);
        changed.await();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a message each period for as long as there is a page. */
  private void make() {
    try (Packer packer = new Packer()) {
      while (goesOn()) {
        boolean isKey = takeKeyWanted();
        try {
          tell(packer, isKey, snapshot.get());
        } catch (RuntimeException e) {
          log.error("live: the snapshot cannot be made", e);
          wantKey();
        }
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins a period: drops who took nothing for long; false when nobody is there any more. */
  private boolean goesOn() {
    lock.lock();
    try {
      if (isClosed || places.isEmpty()) {
        isMaking = false;
        latest = null;
        return false;
      }
      tick++;
      for (Place place : places) {
        if (place.writingSince >= 0 && tick - place.writingSince == SLOW) {
          // Ends the write that it is stuck in, and with it the connection.
          place.thread.interrupt();
          dropped++;
        }
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean takeKeyWanted() {
    lock.lock();
    try {
      boolean isKey = isKeyWanted || latest == null;
      isKeyWanted = false;
      return isKey;
    } finally {
      lock.unlock();
    }
  }

  private void wantKey() {
    lock.lock();
    try {
      isKeyWanted = true;
    } finally {
      lock.unlock();
    }
  }

  private void tell(Packer packer, boolean isKey, String text) {
    long seq = messages + 1; // written by this thread alone
    String event =
        "id: " + seq + (isKey ? "\nretry: " + REOPEN_MILLIS : "") + "\ndata: " + text + "\n\n";
    byte[] plain = event.getBytes(UTF_8);
    ServerEvent message = new ServerEvent(seq, isKey, plain, packer.pack(plain, isKey));
    lock.lock();
    try {
      messages = seq;
      latest = message;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pause() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      changed.signalAll(); // who has had its time sees it, whether there was a message or not
      long left = period.toNanos();
      while (left > 0 && !isClosed) {
        left = closing.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** As of now. */
  public Counts counts() {
    lock.lock();
    try {
      return new Counts(places.size(), opened, refused, dropped, messages, bytes);
    } finally {
      lock.unlock();
    }
  }

  /** Ends every stream. */
  @Override
  public void close() {
    lock.lock();
    try {
      isClosed = true;
      changed.signalAll();
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    Threads.end("the live page", threads);
  }
}
