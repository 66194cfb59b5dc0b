package io.lingtan.agent.acquire.coap;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CoAP server of our own: real, or in memory on virtual time. No call blocks. All methods are
 * called from the line's thread; signals arrive from any.
 */
public interface IngestPort {

  /** Where it listens. */
  String where();

  /** Where pushes arrive. */
  Inbox<IngestSignal> signals();

  /**
   * Begins to listen.
   *
   * @return null, or why it cannot, with what to do
   */
  @Nullable Sentence open();

  /**
   * The devices for which this identity may speak: those that the file of keys names behind its
   * key, or else the one that is called like itself.
   */
  Set<String> devicesOf(String identity);

  /**
   * Answers a push.
   *
   * @param code class × 100 + detail: 204 is 2.04 Changed
   * @param words for whoever looks into the node; empty for none
   */
  void reply(long id, int code, String words);

  /** Ends everything for good. */
  void close();

  /** When a signal that is known to be on its way will be there; as of {@link CoapPort}. */
  default MonotonicInstant arrival() {
    return MonotonicInstant.NEVER;
  }
}
