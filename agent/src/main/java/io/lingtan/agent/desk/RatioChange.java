package io.lingtan.agent.desk;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Site;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/** Warnings of what a change of transformer ratios does to the energy, before it is made. */
final class RatioChange {

  private static final BigDecimal KWH = BigDecimal.valueOf(100);
  private static final MathContext SHOWN = new MathContext(6);

  private RatioChange() {}

  /** One for each device whose values become others by its ratios alone. */
  static List<Sentence> warnings(Site running, Site next) {
    List<Sentence> warnings = new ArrayList<>();
    for (Device after : next.devices()) {
      for (Device before : running.devices()) {
        if (before.id().equals(after.id()) && before.profile().equals(after.profile())) {
          warning(before, after, warnings);
        }
      }
    }
    return warnings;
  }

  private static void warning(Device before, Device after, List<Sentence> warnings) {
    for (RegisterPoint each : after.profile().allPoints()) {
      BigDecimal old = before.ratio(each.ratio());
      BigDecimal now = after.ratio(each.ratio());
      if (each.point() != null && each.point().quantity().isRegister() && old.compareTo(now) != 0) {
        String then = plain(KWH.multiply(now).divide(old, SHOWN));
        warnings.add(
            new Sentence(
                "%s: what is multiplied by %s now would be by %s: 100 kWh of now would be recorded as %s kWh"
                    .formatted(after.id(), plain(old), plain(now), then),
                "%s：现在乘 %s，改后乘 %s：现在记作 100 kWh 的电量，改后记作 %s kWh"
                    .formatted(after.id(), plain(old), plain(now), then)));
        return;
      }
    }
  }

  private static String plain(BigDecimal value) {
    return value.stripTrailingZeros().toPlainString();
  }
}
