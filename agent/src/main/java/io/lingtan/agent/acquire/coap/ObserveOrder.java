package io.lingtan.agent.acquire.coap;

/**
 * Tells the newer of two notifications (RFC 7641, section 3.4): the observe number is a 24-bit
 * sequence, and counts only for 128 s.
 */
final class ObserveOrder {

  private static final long HALF = 1L << 23;
  private static final long FRESH_NANOS = 128_000_000_000L;

  private boolean begun;
  private long number;
  private long atNanos;

  /** Begins anew: the next notification is the newest. */
  public void restart() {
    begun = false;
  }

  /**
   * Takes a notification.
   *
   * @param next its observe option, 0..2^24-1
   * @return false if it is older than the newest one, or the same again
   */
  public boolean isNewer(long next, long now) {
    boolean newer =
        !begun
            || (number < next && next - number < HALF)
            || (number > next && number - next > HALF)
            || now > atNanos + FRESH_NANOS;
    if (newer) {
      begun = true;
      number = next;
      atNanos = now;
    }
    return newer;
  }
}
