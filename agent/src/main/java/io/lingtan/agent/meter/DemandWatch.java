package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.BillTerms;
import io.lingtan.agent.site.BillTerms.Basic;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Site;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds the running 15 minutes at the gate against the demand that was agreed, once a minute. It
 * remembers nothing: what is counted up to a whole minute, and the sample that shows it, decide.
 */
public final class DemandWatch {

  private static final long MINUTE = 60_000;
  private static final int MINUTES = 15;

  private static final long MILLIS = MINUTES * MINUTE;

  private final BigDecimal limitKw;
  private final boolean sliding;
  private final List<MeterChannel> gate;

  /**
   * What becomes of the running 15 minutes if the present power stays.
   *
   * @param blockStart of the block that runs, UTC ms
   * @param untilMillis when what may be drawn ends: with the block, or 15 minutes on; UTC ms
   * @param sliding whether it is of the window that slides, and not of the block
   * @param mayDrawKw constant power that keeps the demand at the limit
   * @param remainingSeconds of the block, or of the window's next 15 minutes
   */
  public record Outlook(
      long blockStart,
      long untilMillis,
      boolean sliding,
      BigDecimal limitKw,
      BigDecimal forecastKw,
      BigDecimal mayDrawKw,
      int remainingSeconds) {

    public boolean isWarning() {
      return forecastKw.compareTo(limitKw) > 0;
    }
  }

  private DemandWatch(BigDecimal limitKw, boolean sliding, List<MeterChannel> gate) {
    this.limitKw = limitKw;
    this.sliding = sliding;
    this.gate = gate;
  }

  /** Null where no demand was agreed, or nobody measures at the gate. */
  public static @Nullable DemandWatch of(Site site, List<MeterChannel> channels) {
    BillTerms terms = site.bill();
    List<MeterChannel> gate =
        channels.stream().filter(each -> each.figure() == Figure.GRID_IMPORT).toList();
    return terms == null
            || terms.basic() != Basic.CONTRACT
            || terms.contractKw() == null
            || gate.isEmpty()
        ? null
        : new DemandWatch(
            BillTerms.toleratedKw(
                BillTerms.billedKw(terms.contractKw(), terms.user().kva(), terms.contractFloor())),
            terms.sliding(),
            gate);
  }

  /** The last whole minute until which all is known, UTC ms. */
  public long minute() {
    long known = gate.stream().mapToLong(MeterChannel::knownUntil).min().orElse(Long.MIN_VALUE);
    return Math.floorDiv(known, MINUTE) * MINUTE;
  }

  /**
   * Null where no minute has passed, or where something of the time is not known.
   *
   * @param before what {@link #minute} said before the sample
   */
  public @Nullable Outlook outlook(long before, Sample sample) {
    long now = minute();
    if (now == before) {
      return null;
    }
    // Zones are whole quarters of an hour apart.
    long block = Math.floorDiv(now, MILLIS) * MILLIS;
    BigDecimal kw = power(now, sample);
    if (kw == null) {
      return null;
    }
    if (sliding) {
      List<BigDecimal> last = new ArrayList<>();
      for (long at = now - (MINUTES - 1) * MINUTE; at < now; at += MINUTE) {
        BigDecimal kwh = kwh(at, at + MINUTE);
        if (kwh == null) {
          return null;
        }
        last.add(kwh);
      }
      return new Outlook(
          block,
          now + MILLIS,
          true,
          limitKw,
          DemandWindow.forecastKw(last, kw),
          DemandWindow.mayDrawKw(limitKw, last, MINUTES),
          DemandBlock.SECONDS);
    }
    BigDecimal kwh = now == block ? BigDecimal.ZERO : kwh(block, now);
    if (kwh == null) {
      return null;
    }
    DemandBlock running = new DemandBlock(limitKw, (int) ((now - block) / 1000), kwh, kw);
    return new Outlook(
        block,
        block + MILLIS,
        false,
        limitKw,
        running.forecastKw(),
        running.mayDrawKw(),
        running.remainingSeconds());
  }

  /**
   * As the sample says, of pulses too, which are too coarse to count a minute by; of meters that it
   * is not of, the mean of the last minute.
   */
  private @Nullable BigDecimal power(long now, Sample sample) {
    BigDecimal sum = BigDecimal.ZERO;
    for (MeterChannel channel : gate) {
      BigDecimal kw = power(channel, now, sample);
      if (kw == null) {
        return null;
      }
      sum = sum.add(kw);
    }
    return sum;
  }

  private static @Nullable BigDecimal power(MeterChannel channel, long now, Sample sample) {
    Long watts = channel.power(sample);
    if (watts != null) {
      return BigDecimal.valueOf(Math.max(0, watts), 9);
    }
    BigDecimal mean = kwh(List.of(channel), now - MINUTE, now);
    return mean == null ? null : mean.multiply(BigDecimal.valueOf(60));
  }

  private @Nullable BigDecimal kwh(long start, long end) {
    return kwh(gate, start, end);
  }

  private static @Nullable BigDecimal kwh(List<MeterChannel> of, long start, long end) {
    long sum = 0;
    for (MeterChannel channel : of) {
      Metric counted = channel.minutes(start, end);
      Long micros = counted == null ? null : counted.micros();
      if (counted == null
          || micros == null
          || counted.quality().compareTo(Quality.EST_LINEAR) > 0) {
        return null;
      }
      sum += micros;
    }
    return BigDecimal.valueOf(sum, 6);
  }
}
