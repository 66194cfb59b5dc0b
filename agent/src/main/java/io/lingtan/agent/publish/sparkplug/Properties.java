package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Site;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Who the node and its devices are, as metrics {@code Properties/...} of their births, under the
 * names that Sparkplug's examples have. What nobody knows is left out.
 */
final class Properties {

  /** A profile's maker where it is anybody's, or a made-up device's. */
  private static final List<String> NOBODY = List.of("any", "none");

  private final Site site;
  private final String software;
  private final Function<String, Map<String, String>> identity;
  private final Map<String, SequencedMap<String, String>> told = new HashMap<>();

  /**
   * @param identity what a device says of itself, as {@code serial model}
   */
  Properties(Site site, Birth birth, Function<String, Map<String, String>> identity) {
    this.site = site;
    this.software = "lingtan " + birth.version();
    this.identity = identity;
  }

  SequencedMap<String, String> ofNode() {
    SequencedMap<String, String> all = new LinkedHashMap<>();
    all.put("Properties/Software", software);
    all.put("Properties/Configuration", site.sha256());
    all.put("Properties/Description", site.place().name());
    return all;
  }

  /** Those of a device, which hosts are told now. */
  SequencedMap<String, String> tell(String device) {
    SequencedMap<String, String> all = of(device);
    told.put(device, all);
    return all;
  }

  /** Whether they are others than hosts were told. */
  boolean isOtherNow(String device) {
    return !of(device).equals(told.get(device));
  }

  private SequencedMap<String, String> of(String id) {
    SequencedMap<String, String> all = new LinkedHashMap<>();
    for (Device device : site.devices()) {
      if (device.id().equals(id)) {
        DeviceProfile profile = device.profile();
        Map<String, String> said = identity.apply(id);
        put(all, "Hardware Make", NOBODY.contains(profile.maker()) ? null : profile.maker());
        put(all, "Hardware Model", said.get("model"));
        put(all, "Serial Number", said.get("serial"));
        put(all, "Role", roles(id));
        put(all, "Profile", profile.name());
        String kind = profile.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        put(all, "Description", kind + ", " + profile.document());
      }
    }
    return all;
  }

  private String roles(String device) {
    return site.metering().meters().stream()
        .filter(meter -> meter.device().equals(device))
        .map(meter -> meter.role().word())
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static void put(Map<String, String> to, String name, @Nullable String text) {
    if (text != null && !text.isEmpty()) {
      to.put("Properties/" + name, text);
    }
  }
}
