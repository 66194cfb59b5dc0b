package io.lingtan.agent.acquire.coap;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.network.KeyMID;
import org.eclipse.californium.core.network.deduplication.Deduplicator;
import org.jspecify.annotations.Nullable;

/**
 * The messages that came last, by which a repetition is known (RFC 7252, section 4.5): at most
 * {@value #MOST} of all peers together, so that somebody who sends from ever new ports fills
 * nothing. The oldest goes first; a repetition of it would be taken once more. Thread-safe.
 */
final class LastMessages implements Deduplicator {
  static final int MOST = 256;

  private final long lifetimeNanos;
  private final SequencedMap<KeyMID, Exchange> messages = new LinkedHashMap<>();

  /**
   * @param lifetimeNanos after which a peer may use a message id again (EXCHANGE_LIFETIME)
   */
  LastMessages(long lifetimeNanos) {
    this.lifetimeNanos = lifetimeNanos;
  }

  @Override
  public synchronized @Nullable Exchange findPrevious(KeyMID key, Exchange exchange) {
    Exchange previous = messages.get(key);
    if (previous != null
        && previous.getOrigin() == exchange.getOrigin()
        && exchange.getNanoTimestamp() - previous.getNanoTimestamp() < lifetimeNanos) {
      return previous;
    }
    put(key, exchange);
    return null;
  }

  @Override
  public synchronized boolean replacePrevious(KeyMID key, Exchange previous, Exchange exchange) {
    if (!messages.remove(key, previous)) {
      return false;
    }
    put(key, exchange);
    return true;
  }

  private void put(KeyMID key, Exchange exchange) {
    messages.remove(key); // so that it counts as the newest
    messages.put(key, exchange);
    if (messages.size() > MOST) {
      messages.pollFirstEntry();
    }
  }

  @Override
  public synchronized @Nullable Exchange find(KeyMID key) {
    return messages.get(key);
  }

  @Override
  public synchronized boolean isEmpty() {
    return messages.isEmpty();
  }

  @Override
  public synchronized int size() {
    return messages.size();
  }

  @Override
  public synchronized void clear() {
    messages.clear();
  }

  @Override
  public void start() {}

  @Override
  public void stop() {
    clear();
  }

  @Override
  public void setExecutor(ScheduledExecutorService executor) {}
}
