package io.lingtan.agent.meter;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A meter's own registers by tariff, held against its total: what all of them counted is what the
 * total did. Each is cut off behind its last digit, so that the sum of n of them and the total may
 * differ by n + 1 steps. They are read one after another: what the total counted meanwhile is no
 * difference either.
 */
final class TariffRegisters implements MeterCheck {

  /** How total and tariffs are apart, in millionths of a kWh. */
  record Difference(long total, long sum, boolean over) {}

  private final List<Point> tariffs;
  private final RegisterSpec spec;
  private boolean apart;

  private boolean seen;

  /** Whether the last reading came with all tariffs, and their sum. */
  private boolean whole;

  private long sum;

  /** The total at the last reading, and at the one before it. */
  private long last;

  private long before;

  private TariffRegisters(List<Point> tariffs, RegisterSpec spec) {
    this.tariffs = tariffs;
    this.spec = spec;
  }

  /** Those beside the register that counts everything; null if there are none. */
  static @Nullable TariffRegisters of(Device device, Point counting, RegisterSpec spec) {
    if (!counting.suffix().isEmpty()) {
      return null;
    }
    List<Point> tariffs =
        device.profile().pointsGiven().stream()
            .filter(point -> point.quantity() == counting.quantity())
            .filter(point -> point.suffix().startsWith("_t"))
            .toList();
    return tariffs.isEmpty() ? null : new TariffRegisters(tariffs, spec);
  }

  /**
   * Whether a sum of tariff registers contradicts a total.
   *
   * @param least of the total while they were read
   * @param most of it
   * @param step of each register
   */
  static boolean contradicts(long least, long most, long sum, int registers, long step) {
    long may = (registers + 1) * step;
    return sum < least - may || sum > most + may;
  }

  /**
   * Takes a reading of the total with what was read beside it, and judges the reading before it.
   *
   * @return null unless they are apart and were not, or the other way round
   */
  @Nullable Difference observe(long total, Values values) {
    Difference news = null;
    if (whole) {
      long least = Math.min(before, Math.min(last, total));
      long most = Math.max(before, Math.max(last, total));
      boolean now = contradicts(least, most, sum, tariffs.size(), spec.step(total));
      news = now == apart ? null : new Difference(last, sum, apart);
      apart = now;
    }
    whole = tariffs.stream().allMatch(values::has);
    sum = whole ? tariffs.stream().mapToLong(values::micros).sum() : 0;
    before = seen ? last : total;
    last = total;
    seen = true;
    return news;
  }

  @Override
  public void checkpoint(CheckpointWriter to) {
    to.flag(apart);
  }

  @Override
  public void restore(CheckpointReader from) {
    apart = from.flag();
  }
}
