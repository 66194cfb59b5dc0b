package io.lingtan.agent.site;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that answers on a line.
 *
 * @param id {@code [A-Za-z0-9_-]{1,64}}
 * @param unit Modbus unit id, 0..255; -1 where the line does not use one
 * @param address of a DL/T 645 meter twelve digits, of a CJ/T 188 meter its kind and fourteen; null
 *     of what has none
 * @param every poll period
 * @param record record period, ≥ every
 * @param ct current transformer ratio that the profile's secondary registers are multiplied by
 * @param pt voltage transformer ratio
 * @param deadband millionths by which a value must change to be recorded again, by point
 * @param maxInterval longest time for which an unchanged value is held back by its deadband
 * @param groups point groups with their own poll period
 * @param framing character form where it differs from the line's
 * @param gpio where it is a pulse or level input, else null
 * @param coap where its values are on a CoAP line, null on another
 * @param ratedKw greatest power of all that the site file says it measures; 0 if it does not say
 */
public record Device(
    String id,
    DeviceProfile profile,
    int unit,
    @Nullable String address,
    Duration every,
    Duration record,
    BigDecimal ct,
    BigDecimal pt,
    Map<Point, Long> deadband,
    @Nullable Duration maxInterval,
    List<Group> groups,
    @Nullable CharacterFormat framing,
    @Nullable GpioInput gpio,
    @Nullable CoapResource coap,
    double ratedKw) {

  public Device {
    deadband = Map.copyOf(deadband);
    groups = List.copyOf(groups);
    if (record.compareTo(every) < 0) {
      throw new IllegalArgumentException("record is at least every: " + id);
    }
  }

  /** Points that are polled with a period of their own. */
  public record Group(List<Point> points, Duration every) {
    public Group {
      points = List.copyOf(points);
    }
  }

  /** What a register's value is multiplied with to be a primary one. */
  public BigDecimal ratio(DeviceProfile.Ratio of) {
    return switch (of) {
      case NONE -> BigDecimal.ONE;
      case CT -> ct;
      case PT -> pt;
      case CT_PT -> ct.multiply(pt);
    };
  }
}
