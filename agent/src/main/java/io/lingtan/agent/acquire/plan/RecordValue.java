package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.acquire.mbus.DataRecord;
import io.lingtan.agent.acquire.mbus.Telegrams;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.reply.InReply.RecordKey;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** One value of an M-Bus meter: a data record, whose coding and unit the meter tells itself. */
public final class RecordValue implements WireValue {

  private final RegisterPoint source;
  private final RecordKey key;
  private final Point point;
  private final Scaling scaling;
  private final BigDecimal ratio;

  /**
   * @param ratio transformer ratio that the value is multiplied by
   */
  public RecordValue(RegisterPoint source, RecordKey key, Point point, BigDecimal ratio) {
    this.source = source;
    this.key = key;
    this.point = point;
    this.ratio = ratio;
    this.scaling = Scaling.of(point, source.scale().multiply(ratio));
  }

  @Override
  public Point point() {
    return point;
  }

  /**
   * Finds the record and puts its value into {@code values}.
   *
   * @return null, or why there is no value: {@code config} if the meter has no such record, or
   *     several of which the profile chooses none
   */
  public @Nullable Reason decode(Telegrams told, Values.Builder values) {
    DataRecord record = told.find(key);
    if (record == null) {
      return Reason.CONFIG;
    }
    BigDecimal value = record.value();
    if (value == null) {
      return Reason.SENTINEL;
    }
    long micros = scaling.micros(value);
    if (micros == Scaling.DOES_NOT_FIT || micros < source.least() || micros > source.greatest()) {
      return Reason.RANGE;
    }
    values.put(point, micros);
    return null;
  }

  /** Number of the telegram that it is in, from 0; 0 if it is in none. */
  public int telegram(Telegrams told) {
    for (int i = 0; i < told.list().size(); i++) {
      if (told.list().get(i).records().stream().anyMatch(record -> record.fits(key))) {
        return i;
      }
    }
    return 0;
  }

  /** How {@link #decode} comes from the record to a value, for a person. */
  public String chain(Telegrams told) {
    DataRecord record = told.find(key);
    if (record == null) {
      int count = told.fitting(key).size();
      return count == 0
          ? "no such record"
          : count
              + " such records, of which "
              + (key.nth() == 0 ? "nth chooses none" : "nth is none");
    }
    StringBuilder text = new StringBuilder(record.head()).append(" → ").append(record.text());
    if (source.scale().compareTo(BigDecimal.ONE) != 0) {
      text.append(" → ×").append(source.scale().toPlainString());
    }
    return Register.ratioText(text, source.ratio(), ratio).toString();
  }
}
