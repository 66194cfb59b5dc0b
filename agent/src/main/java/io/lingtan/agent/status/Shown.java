package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A device's last good value of one point, decided once for page, text and metrics.
 *
 * @param held what is held of a number; 0 of {@code state}
 * @param text number in the point's unit, or the text of {@code state}
 * @param atNanos when it was read, monotonic
 * @param ageMillis since then
 * @param why it is not the present value; null if it is
 */
record Shown(
    Point point, long held, String text, long atNanos, long ageMillis, @Nullable Reason why) {

  private static final Point STATE = Point.of(Quantity.STATE);

  boolean isNumber() {
    return point.isNumber();
  }

  /** All that was ever read of the device and not replaced, in point order. */
  static List<Shown> of(DeviceSnapshot device, long nowNanos) {
    List<Shown> all = new ArrayList<>();
    for (ReadSnapshot read : device.reads()) {
      Values values = read.values();
      long age = Math.max(0, nowNanos - read.atNanos()) / 1_000_000L;
      for (int i = 0; i < values.size(); i++) {
        Point point = values.point(i);
        all.add(
            new Shown(
                point,
                values.micros(i),
                point.text(values.micros(i)),
                read.atNanos(),
                age,
                device.why(read, point, nowNanos)));
      }
      String state = values.state();
      if (state != null) {
        all.add(new Shown(STATE, 0, state, read.atNanos(), age, device.why(read, STATE, nowNanos)));
      }
    }
    all.sort(Comparator.comparing(Shown::point));
    return all;
  }
}
