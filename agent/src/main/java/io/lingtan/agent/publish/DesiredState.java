package io.lingtan.agent.publish;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the centre wants of this gateway, and what has become of it: between the publisher, which
 * others take the place of, and whoever obeys. Of each only the newest is held. Any thread.
 */
public final class DesiredState {

  private final AtomicReference<byte @Nullable []> wanted = new AtomicReference<>();
  private volatile @Nullable String reported;
  private volatile @Nullable String recalled;
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

  /** What to call when a document has come. */
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

  /** What the broker kept of it from an earlier process, before this one says anything. */
  public void recall(String text) {
    recalled = text;
  }

  /** The same; null where it kept nothing. Nobody vouches for it. */
  public @Nullable String recalled() {
    return recalled;
  }

  /** What to call when there is something else to say: the present publisher's. */
  void onReport(Runnable action) {
    onReport = action;
  }
}
