package io.lingtan.agent.status;

import io.lingtan.agent.status.event.OpenEvents;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that go on, as of the newest look at the journal. One look at a time; whoever asks
 * waits {@value #PATIENCE_MILLIS} ms for it and then has those of the look before, because a chart
 * may be reading from the same connection for seconds. Thread-safe.
 */
final class LatestEvents {

  private static final Logger log = LoggerFactory.getLogger(LatestEvents.class);
  private static final int PATIENCE_MILLIS = 500;

  private final ExecutorService threads;
  private @Nullable HistoryPages from;
  private @Nullable Future<OpenEvents> look;
  private volatile OpenEvents latest = OpenEvents.UNKNOWN;

  LatestEvents(ExecutorService threads) {
    this.threads = threads;
  }

  /** Null if there is nothing to read from. */
  @Nullable OpenEvents of(@Nullable HistoryPages pages) {
    if (pages == null) {
      return null;
    }
    try {
      OpenEvents found = begun(pages).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      latest = found;
      return found;
    } catch (TimeoutException e) {
      return latest;
    } catch (ExecutionException e) {
      log.error("status page: the events that go on cannot be read", e.getCause());
      return new OpenEvents(latest.count(), latest.worst(), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return latest;
    }
  }

  private synchronized Future<OpenEvents> begun(HistoryPages pages) {
    Future<OpenEvents> current = look;
    if (current == null || current.isDone() || from != pages) {
      from = pages;
      current = threads.submit(pages::openEvents);
      look = current;
    }
    return current;
  }
}
