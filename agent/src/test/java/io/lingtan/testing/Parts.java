package io.lingtan.testing;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.Coupling;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.Site.Carbon;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.Site.Metering;
import io.lingtan.agent.site.Site.Mqtt;
import io.lingtan.agent.site.Site.View;
import io.lingtan.agent.site.Tariff;
import io.lingtan.agent.site.correction.Corrections;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parts of a site, with what most tests do not care about left as a site file leaves it. */
public final class Parts {

  private Parts() {}

  /** A meter at the busbar, whose greatest rate is not given. */
  public static Meter meter(
      String id,
      String device,
      Role role,
      double ratedKw,
      boolean reverse,
      @Nullable String parent,
      double capacityKwh,
      double roundTrip,
      double volumeM3,
      double gasCelsius) {
    return new Meter(
        id,
        device,
        role,
        ratedKw,
        reverse,
        parent,
        capacityKwh,
        roundTrip,
        volumeM3,
        gasCelsius,
        Double.NaN,
        null,
        List.of(),
        Coupling.AC,
        Meter.ALL_INPUTS,
        Site.Nozzle.USUAL,
        Site.Gas.AS_COUNTED,
        null,
        false);
  }

  /** Where some loads are not metered, and energies are kept as long as usual. */
  public static Metering metering(
      String interval,
      Allocation allocation,
      Duration maxInterpolation,
      Duration closeAfter,
      @Nullable Tariff tariff,
      boolean tariffExtras,
      List<Meter> meters) {
    return new Metering(
        interval,
        allocation,
        maxInterpolation,
        closeAfter,
        tariff,
        tariffExtras,
        meters,
        false,
        Metering.USUAL_KEEP,
        Corrections.NONE,
        0);
  }

  /** Without feeds, of official factors. */
  public static Carbon carbon(
      List<String> factors,
      List<String> methods,
      List<FactorTable> tables,
      Certificates certificates) {
    return new Carbon(
        factors, methods, tables, Set.of(), certificates, List.of(), null, Site.Green.NOTHING);
  }

  /** With batches as they are, no spread, and answers below {@code reply} alone. */
  public static Mqtt mqtt(
      List<String> servers,
      @Nullable Path ca,
      @Nullable Path cert,
      @Nullable Path key,
      @Nullable String user,
      @Nullable Path passwordFile,
      Duration batch,
      int maxPayload,
      boolean requireAppAck,
      boolean state,
      List<View> views) {
    return new Mqtt(
        servers,
        ca,
        cert,
        key,
        user,
        passwordFile,
        batch,
        maxPayload,
        requireAppAck,
        state,
        views,
        false,
        Duration.ZERO,
        List.of(),
        null);
  }

  /** A device that has its unit id for itself. */
  public static DeviceProfile profile(
      String name,
      Kind kind,
      Protocol protocol,
      String maker,
      String document,
      String source,
      boolean example,
      List<RegisterPoint> points,
      SequencedMap<Integer, List<RegisterPoint>> models,
      Map<String, RegisterPoint> identity,
      int maxWords,
      Duration turnaround,
      boolean sleepsAtNight) {
    return new DeviceProfile(
        name,
        kind,
        protocol,
        maker,
        document,
        source,
        List.of(),
        example,
        points,
        models,
        List.of(),
        identity,
        maxWords,
        turnaround,
        sleepsAtNight,
        "",
        null,
        0);
  }

  /** A whole value without an offset. */
  public static RegisterPoint register(
      @Nullable Point point,
      int function,
      int address,
      DeviceProfile.Type type,
      int words,
      WordOrder order,
      BigDecimal scale,
      int scaleFrom,
      Ratio ratio,
      List<Long> sentinels,
      @Nullable BigDecimal modulus,
      Duration updatePeriod,
      long least,
      long greatest,
      Map<Long, String> texts) {
    return new RegisterPoint(
        point,
        function,
        address,
        type,
        words,
        order,
        scale,
        scaleFrom,
        ratio,
        sentinels,
        modulus,
        updatePeriod,
        least,
        greatest,
        texts,
        BigDecimal.ZERO,
        0,
        0,
        0,
        null);
  }

  /** A device that measures nothing of a known rating. */
  public static Device device(
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
      List<Device.Group> groups,
      @Nullable CharacterFormat framing,
      @Nullable GpioInput gpio,
      @Nullable CoapResource coap) {
    return new Device(
        id,
        profile,
        unit,
        address,
        every,
        record,
        ct,
        pt,
        deadband,
        maxInterval,
        groups,
        framing,
        gpio,
        coap,
        0);
  }
}
