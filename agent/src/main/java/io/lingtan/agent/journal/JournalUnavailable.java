package io.lingtan.agent.journal;

import org.jspecify.annotations.Nullable;

/**
 * The journal cannot be opened or written; the message says where, what was seen and what to do.
 */
public final class JournalUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JournalUnavailable(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
