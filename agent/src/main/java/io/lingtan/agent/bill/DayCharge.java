package io.lingtan.agent.bill;

import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.price.SpotPrices;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a day's energy cost: all parts of the price, without what is paid by the month. Each line of
 * the day is rounded by itself, so that days of a bill by periods add up to the month's but for
 * fen. On the spot market a day is cleared by itself, and the month's purchase is the sum of its
 * days (发改能源规〔2025〕1656号, 72).
 *
 * @param kwh null where not known
 * @param fen null where not known
 * @param why it is not known, else null
 */
public record DayCharge(
    LocalDate day,
    @Nullable BigDecimal kwh,
    @Nullable Long fen,
    Quality quality,
    int estimated,
    @Nullable String why) {

  /**
   * A day's purchase on the spot market: each quarter's energy by its price, added, and rounded
   * once.
   *
   * @param all import of the day
   * @param parts import by the first millisecond of each base interval of the day
   * @param baseMillis how long these are
   * @param fromMillis the day's first, UTC ms
   * @param toMillis the next day's first, UTC ms
   * @param multiple of the price
   */
  public static DayCharge spot(
      LocalDate day,
      SpotPrices prices,
      @Nullable Metric all,
      SortedMap<Long, Metric> parts,
      long baseMillis,
      long fromMillis,
      long toMillis,
      BigDecimal multiple) {
    BigDecimal yuan = BigDecimal.ZERO;
    long sum = 0;
    int estimated = 0;
    Quality quality = Quality.MEASURED;
    for (long at = fromMillis; at < toMillis; at += baseMillis) {
      Metric part = parts.get(at);
      BigDecimal price = prices.at(at);
      Long micros = part == null ? null : part.micros();
      if (part == null || micros == null || price == null) {
        return lacking(
            day,
            all,
            part == null
                ? "not every interval of the day has a record of its own"
                : price == null ? "a quarter of an hour has no price" : String.valueOf(part.why()));
      }
      sum += micros;
      yuan = yuan.add(BigDecimal.valueOf(micros, 6).multiply(price));
      quality = quality.worse(part.quality());
      estimated = Math.max(estimated, part.estimated());
    }
    Long told = all == null ? null : all.micros();
    if (all == null || told == null || told != sum) {
      return lacking(day, all, "its intervals do not add up to the day: they were told otherwise");
    }
    return new DayCharge(
        day,
        Amounts.value(all),
        Fen.of(yuan.multiply(multiple)),
        quality.worse(all.quality()),
        Math.max(estimated, all.estimated()),
        null);
  }

  private static DayCharge lacking(LocalDate day, @Nullable Metric all, String why) {
    return new DayCharge(
        day, all == null ? null : Amounts.value(all), null, Quality.MISSING, 0, why);
  }
}
