package io.lingtan.agent.ledger;

import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;

/**
 * The newest revision of an interval that was told.
 *
 * @param rev revision, -1 if nothing was
 * @param digest of its figures
 */
record Published(int rev, long digest) {

  static final Published NONE = new Published(-1, 0);

  boolean isNone() {
    return rev < 0;
  }

  Published next(long newDigest) {
    return new Published(rev + 1, newDigest);
  }

  void write(CheckpointWriter to) {
    to.number(rev).number(digest);
  }

  static Published read(CheckpointReader from) {
    return new Published((int) from.number(), from.number());
  }
}
