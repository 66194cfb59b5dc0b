package io.lingtan.agent.publish.sparkplug;

/**
 * The two counters of a Sparkplug session, each 0..255 and 0 again: {@code seq} over all messages
 * of the node, 0 in each node birth; {@code bdSeq} over its CONNECT packets.
 */
final class Numbering {

  private static final int ROUND = 256;

  private int nextBirthDeath;
  private int birthDeath;
  private int nextSeq;

  /**
   * @param nextBirthDeath what the next connection gets, 0..255
   */
  Numbering(int nextBirthDeath) {
    this.nextBirthDeath = Math.floorMod(nextBirthDeath, ROUND);
  }

  /** Another CONNECT. Save {@link #nextBirthDeath} before it is sent. */
  void connecting() {
    birthDeath = nextBirthDeath;
    nextBirthDeath = (nextBirthDeath + 1) % ROUND;
  }

  /** No CONNECT was sent: the next one has this bdSeq. */
  void notConnecting() {
    nextBirthDeath = birthDeath;
  }

  /** The bdSeq of this connection. */
  int birthDeath() {
    return birthDeath;
  }

  /** The bdSeq of the next one. */
  int nextBirthDeath() {
    return nextBirthDeath;
  }

  /** The seq of a node birth. */
  int born() {
    nextSeq = 1;
    return 0;
  }

  /** The seq of any other message. */
  int next() {
    int seq = nextSeq;
    nextSeq = (nextSeq + 1) % ROUND;
    return seq;
  }
}
