package io.lingtan.agent.acquire.line;

/** How much of the last minute a line was in use, in steps of ten seconds. */
public final class BusyShare {

  private static final int SLOTS = 6;
  private static final long SLOT_NANOS = 10_000_000_000L;

  private final long[] busy = new long[SLOTS];
  private final long start;
  private long slot;

  public BusyShare(long now) {
    this.start = now;
    this.slot = now / SLOT_NANOS;
  }

  private void moveTo(long now) {
    long next = now / SLOT_NANOS;
    for (long i = Math.max(slot + 1, next - SLOTS + 1); i <= next; i++) {
      busy[(int) (i % SLOTS)] = 0;
    }
    slot = next;
  }

  /** The line was in use from {@code since} to {@code now}. */
  public void add(long since, long now) {
    moveTo(now);
    busy[(int) (slot % SLOTS)] += now - since;
  }

  /** Share in percent, 0..100. */
  public int percent(long now) {
    moveTo(now);
    long sum = 0;
    for (long nanos : busy) {
      sum += nanos;
    }
    long covered = Math.min(now - start, (SLOTS - 1) * SLOT_NANOS + now % SLOT_NANOS);
    return covered <= 0 ? 0 : Math.clamp(sum * 100 / covered, 0, 100);
  }
}
