package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.json.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What vehicles were told to have taken, against the dispenser's own readings at both ends: these
 * have been compared with what the meter served. Where its register jumped in between, or a clock
 * did, nothing is said.
 */
final class Refuelled {

  private final Map<String, NavigableMap<Long, Long>> readings = new HashMap<>();
  private final List<Refuelling> told = new ArrayList<>();

  private record Refuelling(String device, long at, long from, long to, long mass) {}

  Refuelled(Site site) {
    site.metering().meters().stream()
        .filter(meter -> meter.role() == Role.H2_DISPENSER)
        .forEach(meter -> readings.put(meter.device(), new TreeMap<>()));
  }

  /** A delivered mass, millionths of a kg. */
  void reading(String device, long ts, long micros) {
    NavigableMap<Long, Long> own = readings.get(device);
    if (own != null) {
      own.put(ts, micros);
    }
  }

  /** {@code meter.refuelled}. */
  void told(String device, long at, Json detail) {
    BigDecimal mass = detail.decimal("mass");
    told.add(
        new Refuelling(
            device,
            at,
            detail.number("from", Long.MIN_VALUE),
            detail.number("to", Long.MIN_VALUE),
            mass == null ? 0 : Micros.of(mass)));
  }

  /** Says which are wrong; of some, readings are not there any more. */
  void finish(Happened happened, Findings findings) {
    for (Refuelling one : told) {
      NavigableMap<Long, Long> own = readings.get(one.device);
      Long before = own == null ? null : own.get(one.from);
      Long after = own == null ? null : own.get(one.to);
      if (before == null
          || after == null
          || happened.isClockWrong(one.from, one.to)
          || happened.ofDevice(one.device, MeterFault.class::isInstance, one.from, one.to)) {
        continue;
      }
      if (after - before != one.mass) {
        findings.add(
            Verdict.WRONG_BUT_GOOD,
            one.at,
            "mass %s of a vehicle at %s between %d and %d, where %s was dispensed,"
                .formatted(
                    Decimals.text(one.mass),
                    one.device,
                    one.from,
                    one.to,
                    Decimals.text(after - before)));
      }
    }
  }
}
