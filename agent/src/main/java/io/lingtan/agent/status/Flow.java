package io.lingtan.agent.status;

import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each meter of the site shows at this moment, as seen from the busbar: a part that feeds it
 * has power above 0, one that takes from it below, whatever the device calls import. What the parts
 * do not explain is the residual; it is known only while every part is.
 *
 * <p>Profiles have made signs one already: a source's power is above 0 while it delivers, a meter's
 * while it imports into what is behind it, which at the gate is the site. {@code reverse} turns
 * that round; nothing else does.
 *
 * @param parts in the site file's order
 * @param lacking ids of meters whose power the residual lacks, or is not the present one
 * @param residualMicrowatts what comes in and is not seen used, or below 0 the other way round;
 *     null while something is lacking, or at a site without a gate
 * @param comingMicrowatts all that feeds the busbar at present, of those that are known
 */
record Flow(
    List<Part> parts,
    List<String> lacking,
    @Nullable Long residualMicrowatts,
    long comingMicrowatts) {

  private static final Point POWER = Point.of(Quantity.POWER);

  /**
   * A meter of the site.
   *
   * @param intoMicrowatts last power into the busbar, whatever its age; null if there is none
   * @param ageMillis of that; -1 if there is none
   * @param why it is not the present one, or there is none; null if it is
   * @param isNested whether the power is a part of another meter's
   */
  record Part(
      Meter meter,
      DeviceState state,
      @Nullable Long intoMicrowatts,
      long ageMillis,
      @Nullable Reason why,
      boolean isNested) {

    boolean isPresent() {
      return intoMicrowatts != null && why == null && state == DeviceState.GOOD;
    }
  }

  Flow {
    parts = List.copyOf(parts);
    lacking = List.copyOf(lacking);
  }

  static Flow of(SiteView view) {
    Site site = view.site();
    Map<String, DeviceSnapshot> shown = new HashMap<>();
    for (LineSnapshot line : view.lines()) {
      line.devices().forEach(device -> shown.put(device.device(), device));
    }
    Map<String, Device> devices = new HashMap<>();
    site.devices().forEach(device -> devices.put(device.id(), device));
    Map<String, Role> roles = new HashMap<>();
    site.metering().meters().forEach(meter -> roles.put(meter.id(), meter.role()));
    List<Part> parts = new ArrayList<>();
    for (Meter meter : site.metering().meters()) {
      Device device = devices.get(meter.device());
      boolean isSource = device != null && device.profile().kind().isSource();
      boolean isNested = meter.parent() != null && roles.get(meter.parent()) != Role.GRID;
      parts.add(part(meter, shown.get(meter.device()), isSource, isNested, view.now().nanos()));
    }
    return balanced(parts);
  }

  private static Flow balanced(List<Part> parts) {
    List<String> lacking = new ArrayList<>();
    long residual = 0;
    long coming = 0;
    boolean hasGate = false;
    for (Part part : parts) {
      if (part.isNested || !isElectric(part)) {
        continue;
      }
      hasGate |= part.meter.role() == Role.GRID;
      Long into = part.intoMicrowatts;
      if (!part.isPresent() || into == null) {
        lacking.add(part.meter.id());
      } else {
        residual += into;
        coming += Math.max(0, into);
      }
    }
    boolean isKnown = hasGate && lacking.isEmpty();
    return new Flow(parts, lacking, isKnown ? residual : null, coming);
  }

  private static Part part(
      Meter meter,
      @Nullable DeviceSnapshot device,
      boolean isSource,
      boolean isNested,
      long nowNanos) {
    if (device == null) {
      return new Part(meter, DeviceState.NEVER, null, -1, null, isNested);
    }
    DeviceState state = DeviceState.of(device, nowNanos);
    for (ReadSnapshot read : device.reads()) {
      if (read.values().has(POWER)) {
        long into = read.values().micros(POWER) * sign(meter, isSource);
        long age = Math.max(0, nowNanos - read.atNanos()) / 1_000_000L;
        return new Part(meter, state, into, age, device.why(read, POWER, nowNanos), isNested);
      }
    }
    return new Part(meter, state, null, -1, device.bad().get(POWER), isNested);
  }

  private static int sign(Meter meter, boolean isSource) {
    int sign = isSource || meter.role() == Role.GRID ? 1 : -1;
    return meter.reverse() ? -sign : sign;
  }

  /** A dispenser may have an electricity meter, and need not. */
  static boolean isElectric(Part part) {
    Role role = part.meter.role();
    return role.isElectric() || (role == Role.H2_DISPENSER && part.intoMicrowatts != null);
  }
}
