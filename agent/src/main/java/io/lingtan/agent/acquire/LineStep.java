package io.lingtan.agent.acquire;

import io.lingtan.agent.run.Step;

/**
 * What one line does: gets its devices' readings into the ledger's queue. One thread owns it, or a
 * simulator calls it by hand on virtual time.
 */
public interface LineStep extends Step {

  /** The line and its devices as they are now. Any thread. */
  LineSnapshot snapshot();
}
