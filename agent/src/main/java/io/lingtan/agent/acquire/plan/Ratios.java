package io.lingtan.agent.acquire.plan;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How the transformer ratios that a meter tells of itself compare with the site file's. Only those
 * count by which the profile's registers, being secondary, are multiplied.
 *
 * @param differing names of the ratios that differ: {@code ct pt}
 * @param suspects points that are multiplied by one of them, and so are not to be believed
 */
public record Ratios(SortedSet<String> differing, Set<Point> suspects) {

  public Ratios {
    differing = Collections.unmodifiableSortedSet(new TreeSet<>(differing));
    suspects = Set.copyOf(suspects);
  }

  public static Ratios of(Device device, Identity identity) {
    boolean ctDiffers = differs(identity.ratio(Identity.CT), device.ct());
    boolean ptDiffers = differs(identity.ratio(Identity.PT), device.pt());
    SortedSet<String> differing = new TreeSet<>();
    Set<Point> suspects = new HashSet<>();
    for (RegisterPoint source : device.profile().allPoints()) {
      Point point = source.point();
      boolean byCt = ctDiffers && (source.ratio() == Ratio.CT || source.ratio() == Ratio.CT_PT);
      boolean byPt = ptDiffers && (source.ratio() == Ratio.PT || source.ratio() == Ratio.CT_PT);
      if (byCt) {
        differing.add(Identity.CT);
      }
      if (byPt) {
        differing.add(Identity.PT);
      }
      if (point != null && (byCt || byPt)) {
        suspects.add(point);
      }
    }
    return new Ratios(differing, suspects);
  }

  private static boolean differs(@Nullable BigDecimal told, BigDecimal declared) {
    return told != null && told.compareTo(declared) != 0;
  }
}
