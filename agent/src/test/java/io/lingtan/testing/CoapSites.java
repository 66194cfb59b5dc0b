package io.lingtan.testing;

import io.lingtan.agent.acquire.coap.PayloadDecoder;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.NamedPoint;
import io.lingtan.agent.site.read.Catalogue;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Devices on CoAP lines, for tests. */
public final class CoapSites {

  private CoapSites() {}

  /** The path {@code /tank}, whatever is there. */
  public static CoapResource resource(boolean observe) {
    return new CoapResource("/tank", observe, Format.AUTO, null, null, null);
  }

  public static PayloadDecoder decoder(String profile, CoapResource resource) {
    return decoder(builtIn(profile), resource);
  }

  public static PayloadDecoder decoder(DeviceProfile profile, CoapResource resource) {
    return new PayloadDecoder(
        device("d", profile, resource, Duration.ofSeconds(1), Duration.ofSeconds(10)));
  }

  public static DeviceProfile builtIn(String profile) {
    return Objects.requireNonNull(Catalogue.profiles(null).load(profile).value());
  }

  public static Device device(
      String id, DeviceProfile profile, CoapResource resource, Duration every, Duration record) {
    return Parts.device(
        id,
        profile,
        -1,
        null,
        every,
        record,
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        null,
        resource);
  }

  public static NamedPoint named(String point, String name, String unit) {
    return new NamedPoint(
        Point.of(point), name, null, unit, false, false, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  public static NamedPoint sum(String point, String name, String unit) {
    return new NamedPoint(
        Point.of(point), name, null, unit, true, false, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  public static DeviceProfile profile(NamedPoint... points) {
    return new DeviceProfile(
        "test",
        Kind.SENSOR,
        Protocol.SENML,
        "",
        "",
        "",
        List.of(),
        true,
        List.of(),
        new LinkedHashMap<>(),
        List.of(points),
        Map.of(),
        125,
        Duration.ZERO,
        false,
        "",
        null,
        0);
  }
}
