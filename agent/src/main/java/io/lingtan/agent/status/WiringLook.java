package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.status.wiring.Look;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes a {@link Look} at what is shown. */
final class WiringLook {

  private static final double ONE = 1e6;

  private WiringLook() {}

  static Look of(SiteView view) {
    Flow flow = Flow.of(view);
    Map<String, Device> devices = new HashMap<>();
    view.site().devices().forEach(device -> devices.put(device.id(), device));
    List<Look.Part> parts = new ArrayList<>();
    for (Flow.Part part : flow.parts()) {
      Long into = part.intoMicrowatts();
      if (into == null || part.isNested() || !part.isPresent() || !Flow.isElectric(part)) {
        continue;
      }
      double rated = part.meter().ratedKw();
      parts.add(
          new Look.Part(
              part.meter().id(),
              part.meter().device(),
              part.meter().role().word(),
              into / ONE,
              rated > 0 ? rated * 1000 : 0,
              part.meter().reverse(),
              ratio(devices.get(part.meter().device()))));
    }
    Long residual = flow.residualMicrowatts();
    return new Look(parts, residual == null ? null : residual / ONE, flow.lacking(), phases(view));
  }

  /** By what the device's power is multiplied. */
  private static double ratio(@Nullable Device device) {
    if (device == null
        || device.profile().allPoints().stream().allMatch(each -> each.ratio() == Ratio.NONE)) {
      return 1;
    }
    return device.ct().multiply(device.pt()).doubleValue();
  }

  private static List<Look.Phases> phases(SiteView view) {
    List<Look.Phases> all = new ArrayList<>();
    long now = view.now().nanos();
    for (LineSnapshot line : view.lines()) {
      for (DeviceSnapshot device : line.devices()) {
        if (DeviceState.of(device, now) != DeviceState.GOOD) {
          continue;
        }
        for (ReadSnapshot read : device.reads()) {
          List<Double> volts = three(device, read, "voltage", now);
          List<Double> amps = three(device, read, "current", now);
          List<Double> watts = three(device, read, "power", now);
          if (volts.size() == 3 && amps.size() == 3 && watts.size() == 3) {
            all.add(new Look.Phases(device.device(), volts, amps, watts, vars(device, read, now)));
            break;
          }
        }
      }
    }
    return all;
  }

  /** Of all three; null if it is not told, or is not the present one. */
  private static @Nullable Double vars(DeviceSnapshot device, ReadSnapshot read, long nowNanos) {
    Point all = Point.of("reactive_power");
    if (read.values().has(all) && device.why(read, all, nowNanos) == null) {
      return read.values().micros(all) / ONE;
    }
    List<Double> each = three(device, read, "reactive_power", nowNanos);
    return each.size() == 3 ? each.get(0) + each.get(1) + each.get(2) : null;
  }

  /** The values of L1 to L3 that are the present ones, as many as there are. */
  private static List<Double> three(
      DeviceSnapshot device, ReadSnapshot read, String quantity, long nowNanos) {
    List<Double> values = new ArrayList<>();
    for (String phase : List.of("_l1", "_l2", "_l3")) {
      Point point = Point.of(quantity + phase);
      if (read.values().has(point) && device.why(read, point, nowNanos) == null) {
        values.add(read.values().micros(point) / ONE);
      }
    }
    return values;
  }
}
