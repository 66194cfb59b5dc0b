package io.lingtan.agent.journal;

import io.lingtan.agent.run.Halt;
import java.nio.file.Path;

/**
 * Another process has written into the journal's file: whatever this one would number from here on
 * could have another content there. Nothing goes on after it but the end of the process.
 */
public final class SecondWriter extends Halt {
  private static final long serialVersionUID = 1L;

  SecondWriter(Path file) {
    super(
        ("another process has written into %s since this one's last commit: this one ends before a"
             + " number has two contents. Find who has it open with: sudo fuser -v %s; each agent"
             + " needs a journal.path of its own.")
            .formatted(file, file));
  }
}
