package io.lingtan.agent.journal.file;

import io.lingtan.agent.reading.Sentence;
import org.jspecify.annotations.Nullable;

/**
 * The journal cannot be opened or written; the message says where, what was seen and what to do.
 */
public final class JournalUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Sentence said;

  public JournalUnavailable(Sentence said, @Nullable Throwable cause) {
    super(said.english(), cause);
    this.said = said;
  }

  /** The message in both languages. */
  public Sentence said() {
    return said;
  }
}
