package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What "not available" looks like in the registers of a profile. A register for which its maker
 * names nothing of the kind has none: whatever it showed would be a number.
 */
final class Sentinels {

  private Sentinels() {}

  /** Bits by point. */
  static Map<Point, Long> of(DeviceProfile profile) {
    Map<Point, Long> bits = new HashMap<>();
    List<RegisterPoint> registers =
        profile.protocol() == Protocol.SUNSPEC
            ? profile.models().getOrDefault(ProfileMeter.model(profile), List.of())
            : profile.points();
    for (RegisterPoint register : registers) {
      Long own = of(register, profile.protocol());
      if (register.point() != null && own != null) {
        bits.put(register.point(), own);
      }
    }
    return bits;
  }

  private static @Nullable Long of(RegisterPoint register, Protocol protocol) {
    switch (protocol) {
      case DLT645, CJT188, MBUS -> {
        return Dlt645Meter.ABSENT;
      }
      default -> {}
    }
    if (!register.sentinels().isEmpty()) {
      long mask = register.words() >= 4 ? -1L : (1L << (16 * register.words())) - 1;
      return register.sentinels().getFirst() & mask;
    }
    return switch (register.type()) {
      case FLOAT32 -> 0x7FC0_0000L;
      case FLOAT64 -> 0x7FF8_0000_0000_0000L;
      default -> protocol == Protocol.SUNSPEC ? sunSpec(register) : null;
    };
  }

  /** SunSpec Device Information Model Specification V1.1, 4.6: unimplemented values by type. */
  private static @Nullable Long sunSpec(RegisterPoint register) {
    return switch (register.type()) {
      case INT16 -> 0x8000L;
      case UINT16, ENUM16 -> 0xFFFFL;
      case INT32 -> 0x8000_0000L;
      case UINT32 -> 0xFFFF_FFFFL;
      case INT64 -> Long.MIN_VALUE;
      case UINT64 -> -1L;
      case ACC32, ACC64 -> 0L;
      default -> null;
    };
  }
}
