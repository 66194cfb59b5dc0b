package io.lingtan.agent.publish;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the centre wants of this gateway, and what has become of it: between the publisher, which
 * others take the place of, and whoever obeys. Of each only the newest is held. Any thread.
 *
 * <p>The publisher reads at each broker first what stands there ({@link #recall}), then asks what
 * is wanted ({@link #want}), so that no document is judged without that memory. Whoever obeys may
 * have reported before: what it said then is not published while it says less than is recalled, and
 * it is woken to say it anew.
 */
public final class DesiredState {

  private final AtomicReference<byte @Nullable []> wanted = new AtomicReference<>();
  private final AtomicReference<byte @Nullable []> wantedSoftware = new AtomicReference<>();
  private volatile @Nullable String reported;
  private final AtomicLong recalled = new AtomicLong();
  private volatile Runnable onWant = () -> {};
  private volatile Runnable onReport = () -> {};

  /**
   * A document came; one before that nobody has taken is forgotten.
   *
   * @param document empty when the retained one is cleared
   */
  public void want(byte[] document) {
    wanted.set(document);
    onWant.run();
  }

  /** The newest document, once; null if none came since. */
  public byte @Nullable [] take() {
    return wanted.getAndSet(null);
  }

  /** The same of the software. */
  public void wantSoftware(byte[] document) {
    wantedSoftware.set(document);
    onWant.run();
  }

  /** The newest document of the software, once; null if none came since. */
  public byte @Nullable [] takeSoftware() {
    return wantedSoftware.getAndSet(null);
  }

  /** What to call when a document has come, or something is recalled. */
  public void onWant(Runnable action) {
    onWant = action;
  }

  /** What is to stand at {@code reported}; null for nothing. */
  public void report(@Nullable String text) {
    reported = text;
    onReport.run();
  }

  public @Nullable String reported() {
    return reported;
  }

  /**
   * A broker has kept what an earlier process reported in this gateway's hand.
   *
   * @param obeyed the highest serial that had been obeyed by then, 0 for none
   */
  public void recall(long obeyed) {
    recalled.accumulateAndGet(obeyed, Math::max);
    onWant.run();
  }

  /** The highest of these; 0 where nothing was kept. */
  public long recalled() {
    return recalled.get();
  }

  /** What to call when there is something else to say: the present publisher's. */
  void onReport(Runnable action) {
    onReport = action;
  }
}
