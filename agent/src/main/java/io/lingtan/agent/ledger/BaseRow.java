package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Count;
import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The row of a base interval that is kept for years: what its meters counted, from which its
 * figures can be worked out again by whatever factors hold then.
 *
 * @param startMillis UTC ms
 * @param rev how often it was revised
 * @param counts by meter and figure, in the layout's order; of what is missing no reason is kept
 * @param sliding greatest sliding demand in it; null where none is told
 * @param period name of the metric that says what was bought in the tariff's period, such as {@code
 *     elec.grid.import.peak}; null without a tariff
 * @param stored hydrogen in the tanks at its two ends; null where nobody makes and gives any
 * @param corrected a number of what was put in place of its counts when it was told; 0 of nothing
 */
record BaseRow(
    long startMillis,
    int rev,
    List<Count> counts,
    @Nullable Metric sliding,
    @Nullable String period,
    @Nullable Stored stored,
    long corrected) {

  private static final int SLIDING = 1;
  private static final int STORED = 2;
  private static final int CORRECTED = 4;

  /** Why something was missing is not kept: it is told in the record. */
  static final String WHY = "nothing was known of it";

  /** Hydrogen in all tanks of a site, kg, at both ends; the first of the tanks stands for all. */
  record Stored(Metric start, Metric end) {}

  BaseRow {
    counts = List.copyOf(counts);
  }

  /** The same with other counts. */
  BaseRow with(List<Count> others) {
    return new BaseRow(startMillis, rev, others, sliding, period, stored, corrected);
  }

  /** The same, told again. */
  BaseRow toldAgain(long correctedNow) {
    return new BaseRow(startMillis, rev + 1, counts, sliding, period, stored, correctedNow);
  }

  /**
   * In as few bytes as it takes: an amount that is wholly measured, which nearly all are, is one
   * number.
   *
   * @param layout number of the layout that says whose numbers these are
   */
  byte[] bytes(int layout) {
    CheckpointWriter to = new CheckpointWriter();
    boolean plain = counts.stream().allMatch(count -> isPlain(count.amount()));
    boolean more = rev > 0 || period != null || sliding != null || stored != null || corrected != 0;
    to.number(4L * layout + (plain ? 0 : 1) + (more ? 2 : 0));
    if (more) {
      to.number(rev).word(period == null ? "" : period);
      // Older software wrote 0 or 1.
      to.number(
          (sliding == null ? 0 : SLIDING)
              + (stored == null ? 0 : STORED)
              + (corrected == 0 ? 0 : CORRECTED));
      if (sliding != null) {
        MetricsCodec.write(sliding, false, to);
      }
      if (stored != null) {
        MetricsCodec.write(stored.start, false, to);
        MetricsCodec.write(stored.end, false, to);
      }
      if (corrected != 0) {
        to.number(corrected);
      }
    }
    for (Count count : counts) {
      if (plain) {
        to.number(amount(count.amount()));
      } else {
        MetricsCodec.write(count.amount(), false, to);
      }
    }
    return to.bytes();
  }

  /**
   * What was shown at its two ends and not counted.
   *
   * @param meters of the site
   */
  List<Level> levels(Collection<Meter> meters) {
    Stored known = stored;
    return known == null
        ? List.of()
        : meters.stream()
            .filter(meter -> meter.role() == Role.H2_STORAGE)
            .limit(1)
            .map(meter -> new Level(meter, Level.Kind.H2_MASS, known.start, known.end))
            .toList();
  }

  /** The layout's number in what {@link #bytes} wrote. */
  static int layout(byte[] bytes) {
    return (int) (new CheckpointReader(bytes).number() >> 2);
  }

  /**
   * @param layout the one whose number the bytes begin with
   * @throws IllegalArgumentException if they are torn
   */
  static BaseRow read(long startMillis, byte[] bytes, Layout layout) {
    CheckpointReader from = new CheckpointReader(bytes);
    long head = from.number();
    boolean plain = (head & 1) == 0;
    int rev = 0;
    String period = null;
    Metric sliding = null;
    Stored stored = null;
    long corrected = 0;
    if ((head & 2) != 0) {
      rev = (int) from.number();
      period = MetricsCodec.orNull(from.word());
      long present = from.number();
      sliding = (present & SLIDING) == 0 ? null : MetricsCodec.read(from, "kW", WHY);
      stored =
          (present & STORED) == 0
              ? null
              : new Stored(MetricsCodec.read(from, "kg", WHY), MetricsCodec.read(from, "kg", WHY));
      corrected = (present & CORRECTED) == 0 ? 0 : from.number();
    }
    List<Count> counts = new ArrayList<>();
    for (Layout.Column column : layout.columns()) {
      String ucum = column.figure().ucum();
      Metric amount =
          plain
              ? new Metric(from.number(), ucum, Quality.MEASURED, 100, 0)
              : MetricsCodec.read(from, ucum, WHY);
      counts.add(new Count(layout.meter(column.meter()), column.figure(), amount, column.step()));
    }
    return new BaseRow(startMillis, rev, counts, sliding, period, stored, corrected);
  }

  private static boolean isPlain(Metric metric) {
    return metric.quality() == Quality.MEASURED
        && metric.coverage() == 100
        && metric.estimated() == 0
        && metric.lacking().isNone();
  }

  private static long amount(Metric metric) {
    Long micros = metric.micros();
    if (micros == null) {
      throw new IllegalStateException("measured and yet missing");
    }
    return micros;
  }
}
