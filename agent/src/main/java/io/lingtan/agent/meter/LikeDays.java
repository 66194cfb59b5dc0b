package io.lingtan.agent.meter;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a figure counted at each time of like days, working days apart from the others: the shape by
 * which the measured total of a long gap is split. Only whole measured intervals are learnt from,
 * so that a day with a gap is no reference; each new day weighs a quarter.
 */
final class LikeDays {

  private static final long UNKNOWN = -1;
  private static final int DAY_MINUTES = 24 * 60;
  private static final long QUARTER_MILLIS = 15 * 60_000L;
  private static final int PAST = 3;
  private static final int ALL = 4;

  private final IntervalGrid grid;
  private final int slotMinutes;
  private final long[][] means;

  /** Quarters of an hour, or the base intervals where those are longer. */
  LikeDays(IntervalGrid base) {
    boolean longer = base.baseMillis() > QUARTER_MILLIS;
    this.grid = longer ? base : new IntervalGrid(base.zone(), "15m");
    this.slotMinutes = (int) (grid.baseMillis() / 60_000);
    this.means = new long[2][DAY_MINUTES / slotMinutes];
    clear();
  }

  private void clear() {
    Arrays.fill(means[0], UNKNOWN);
    Arrays.fill(means[1], UNKNOWN);
  }

  /** Whether something that is learnt begins there. */
  boolean isStart(long millis) {
    return grid.baseStart(millis) == millis;
  }

  /** Where it ends. */
  long end(long start) {
    return grid.baseEnd(start);
  }

  /** What begins there was measured as a whole. */
  void learn(long start, long counted) {
    ZonedDateTime local = local(start);
    long[] day = day(local);
    int slot = slot(local);
    day[slot] = day[slot] == UNKNOWN ? counted : HalfEven.divide(PAST * day[slot] + counted, ALL);
  }

  private ZonedDateTime local(long millis) {
    return Instant.ofEpochMilli(millis).atZone(grid.zone());
  }

  private long[] day(ZonedDateTime local) {
    DayOfWeek day = local.getDayOfWeek();
    return means[day == DayOfWeek.SATURDAY || day == DayOfWeek.SUNDAY ? 1 : 0];
  }

  private int slot(ZonedDateTime local) {
    return (local.getHour() * 60 + local.getMinute()) / slotMinutes;
  }

  /**
   * How much like days count between two instants, times the milliseconds of an interval, so that
   * parts of one weigh something too.
   *
   * @return null if any time between them was never learnt
   */
  private @Nullable BigInteger weight(long from, long to) {
    BigInteger weight = BigInteger.ZERO;
    long start = from;
    while (start < to) {
      long end = Math.min(to, grid.baseEnd(start));
      ZonedDateTime local = local(start);
      long mean = day(local)[slot(local)];
      if (mean == UNKNOWN) {
        return null;
      }
      weight = weight.add(BigInteger.valueOf(mean).multiply(BigInteger.valueOf(end - start)));
      start = end;
    }
    return weight;
  }

  /** A gap whose total is split by like days. */
  final class Split {
    private final long from;
    private final BigInteger whole;
    private final long counted;

    private Split(long from, BigInteger whole, long counted) {
      this.from = from;
      this.whole = whole;
      this.counted = counted;
    }

    /** What of the total lies before a boundary in the gap, rounded once. */
    long before(long boundary) {
      BigInteger part = weight(from, boundary);
      if (part == null) {
        throw new IllegalStateException("was known as a whole");
      }
      return new BigDecimal(part.multiply(BigInteger.valueOf(counted)))
          .divide(new BigDecimal(whole), 0, RoundingMode.HALF_EVEN)
          .longValueExact();
    }
  }

  /**
   * Splits what was counted between two instants.
   *
   * @return null where like days are not known, or say that nothing is counted then
   */
  @Nullable Split split(long from, long to, long counted) {
    BigInteger whole = weight(from, to);
    return whole == null || whole.signum() == 0 ? null : new Split(from, whole, counted);
  }

  void checkpoint(CheckpointWriter to) {
    for (long[] day : means) {
      long before = UNKNOWN;
      int run = 0;
      to.number(day.length);
      // Neighbours are often the same: nights, and days that were never seen.
      for (long mean : day) {
        if (run > 0 && mean == before) {
          run++;
        } else {
          write(run, before, to);
          before = mean;
          run = 1;
        }
      }
      write(run, before, to);
    }
  }

  private static void write(int run, long mean, CheckpointWriter to) {
    if (run > 0) {
      to.number(run).number(mean);
    }
  }

  void restore(CheckpointReader from, boolean sameGrid) {
    for (long[] day : means) {
      int slots = (int) from.number();
      int at = 0;
      while (at < slots) {
        int run = (int) from.number();
        long mean = from.number();
        if (run < 1 || run > slots - at) {
          throw new IllegalArgumentException("the checkpoint's like days are torn");
        }
        if (sameGrid && slots == day.length) {
          Arrays.fill(day, at, at + run, mean);
        }
        at += run;
      }
    }
    if (!sameGrid) {
      clear();
    }
  }
}
