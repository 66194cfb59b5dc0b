package io.lingtan.simulator.device;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.simulator.device.measure.Gauge;
import io.lingtan.simulator.device.measure.Gauges;
import io.lingtan.simulator.device.measure.Installed;
import io.lingtan.simulator.device.measure.Instrument;
import io.lingtan.simulator.device.measure.Measure;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a device of any profile: its addresses, types, scales, orders, sentinels and moduli come
 * from the file, what it says from the world, and the bytes from the simulator's own encoder. So a
 * profile needs no class to be simulated. What the world has nothing for says "not available".
 */
final class ProfileMeter {

  /** Registers that are not in the profile are readable where the hole is not longer. */
  private static final int LONGEST_HOLE = 32;

  private static final int SUNSPEC_BASE = 40_000;
  private static final int COMMON_WORDS = 68;

  /** Models that are taken where a profile reads several: three phases, integers. */
  private static final List<Integer> USUAL_MODELS = List.of(103, 203, 713, 802);

  /** Length of a model without its two words of head, where it is more than the points need. */
  private static final Map<Integer, Integer> MODEL_WORDS =
      Map.of(101, 50, 102, 50, 103, 50, 111, 60, 112, 60, 113, 60, 203, 105, 802, 62);

  private final Installed installed;
  private final Device device;
  private final Meter.Builder builder;

  private ProfileMeter(Installed installed) {
    this.installed = installed;
    this.device = installed.device();
    this.builder = Meter.named(device.id(), device.profile().name());
  }

  /**
   * @throws IllegalArgumentException if the profile is not of Modbus registers
   */
  static Meter of(Installed installed) {
    DeviceProfile profile = installed.device().profile();
    return switch (profile.protocol()) {
      case MODBUS -> new ProfileMeter(installed).fixed();
      case SUNSPEC -> new ProfileMeter(installed).chain();
      default ->
          throw new IllegalArgumentException(
              profile.name() + " is not read through Modbus registers");
    };
  }

  private Meter fixed() {
    DeviceProfile profile = device.profile();
    List<RegisterPoint> all = new ArrayList<>(profile.points());
    all.addAll(profile.identity().values());
    blocks(all);
    for (RegisterPoint register : profile.points()) {
      Point point = register.point();
      if (point != null && point.isOwn()) {
        // The world has no such thing: its registers are there, and 0.
        continue;
      }
      live(register, register.address(), 0);
    }
    profile.identity().forEach((name, register) -> identify(name, register, register.address()));
    return finish();
  }

  private Meter finish() {
    DeviceProfile profile = device.profile();
    return builder.maxWords(profile.maxWords()).build();
  }

  private void blocks(List<RegisterPoint> registers) {
    List<RegisterPoint> sorted =
        registers.stream()
            .sorted(
                Comparator.comparingInt(RegisterPoint::function)
                    .thenComparingInt(RegisterPoint::address))
            .toList();
    int function = -1;
    int from = 0;
    int until = 0;
    for (RegisterPoint register : sorted) {
      if (register.function() != function || register.address() > until + LONGEST_HOLE) {
        if (function >= 0) {
          builder.block(function, from, until - from);
        }
        function = register.function();
        from = register.address();
        until = from;
      }
      until = Math.max(until, register.address() + register.words());
    }
    if (function >= 0) {
      builder.block(function, from, until - from);
    }
  }

  private void identify(String name, RegisterPoint register, int address) {
    if (register.type() == DeviceProfile.Type.STRING) {
      String text = name.equals("serial") ? "SIM-" + device.id() : "SIM";
      String fitting = text.substring(0, Math.min(text.length(), 2 * register.words() - 2));
      builder.in(register.function());
      if (name.equals("serial")) {
        builder.serial(address, register.words(), fitting);
      } else {
        builder.text(address, register.words(), fitting);
      }
      return;
    }
    long value =
        switch (name) {
          case "ct" -> device.ct().longValue();
          case "pt" -> device.pt().longValue();
          default -> 1_200_000L + Math.floorMod(device.id().hashCode(), 100_000);
        };
    BigDecimal count = BigDecimal.valueOf(value);
    if (register.scale().signum() != 0) {
      count = count.divide(register.scale(), java.math.MathContext.DECIMAL64);
    }
    long counts = count.longValue();
    builder.live(field(register, null, address, Measure.ONE, 1, 1, Gauges.constant(counts)));
  }

  /** A value of the world in the registers of a point. */
  private void live(RegisterPoint register, int address, int power) {
    Point point = register.point();
    Coding coding = coding(register.type());
    if (point == null || coding == null) {
      return;
    }
    if (point.quantity() == Quantity.STATE) {
      Gauge state = state(register.texts());
      builder.live(field(register, point, address, Measure.ONE, 1, 1, state));
      return;
    }
    Instrument instrument = Instrument.of(installed, point);
    if (instrument == null) {
      absent(register, address, coding);
      return;
    }
    BigDecimal perCount =
        register
            .scale()
            .multiply(ratio(register))
            .scaleByPowerOfTen(power)
            .multiply(instrument.measure().inOne())
            .stripTrailingZeros();
    int decimals = Math.max(0, perCount.scale());
    builder.live(
        field(
            register,
            point,
            address,
            instrument.measure(),
            perCount.movePointRight(decimals).longValueExact(),
            BigDecimal.TEN.pow(decimals).longValueExact(),
            instrument.gauge()));
  }

  private void absent(RegisterPoint register, int address, Coding coding) {
    long bits = sentinel(register, coding);
    builder.live(
        field(
            register,
            null,
            address,
            Measure.ONE,
            1,
            1,
            Gauges.constant(coding.isFloat() ? 0 : bits)));
  }

  private static long sentinel(RegisterPoint register, Coding coding) {
    return register.sentinels().isEmpty() ? coding.sentinel() : register.sentinels().getFirst();
  }

  private Field field(
      RegisterPoint register,
      @Nullable Point point,
      int address,
      Measure measure,
      long perCount,
      long countsPer,
      Gauge gauge) {
    Coding coding = coding(register.type());
    if (coding == null) {
      throw new IllegalArgumentException(register.type() + " is no number");
    }
    BigDecimal modulus = register.modulus();
    return new Field(
        point,
        register.function(),
        address,
        coding,
        register.order(),
        measure,
        perCount,
        countsPer,
        register.offset().multiply(measure.inOne()).longValue(),
        modulus == null || coding.isFloat() ? 0 : modulus.longValue(),
        gauge);
  }

  private BigDecimal ratio(RegisterPoint register) {
    return switch (register.ratio()) {
      case NONE -> BigDecimal.ONE;
      case CT -> device.ct();
      case PT -> device.pt();
      case CT_PT -> device.ct().multiply(device.pt());
    };
  }

  private static @Nullable Coding coding(DeviceProfile.Type type) {
    return switch (type) {
      case INT16 -> Coding.INT16;
      case UINT16, ENUM16 -> Coding.UINT16;
      case INT32 -> Coding.INT32;
      case UINT32, ACC32, ENUM32 -> Coding.UINT32;
      case INT64 -> Coding.INT64;
      case UINT64, ACC64 -> Coding.UINT64;
      case FLOAT32 -> Coding.FLOAT32;
      case FLOAT64 -> Coding.FLOAT64;
      default -> null;
    };
  }

  /** The first code of the list while nothing flows, else one that sounds like work. */
  private Gauge state(Map<Long, String> texts) {
    long idle = texts.keySet().stream().min(Long::compare).orElse(0L);
    long busy =
        texts.entrySet().stream()
            .filter(
                text ->
                    text.getValue()
                        .matches("(?i).*(run|mppt|charging|filling|generat|normal|on.grid).*"))
            .map(Map.Entry::getKey)
            .min(Long::compare)
            .orElse(idle);
    Gauge power = installed.view().isElectric() ? installed.view().power() : Gauges.constant(0);
    return (world, millis) -> power.at(world, millis) == 0 ? idle : busy;
  }

  /** The one of a SunSpec profile's models that the device has. */
  static int model(DeviceProfile profile) {
    return USUAL_MODELS.stream()
        .filter(profile.models()::containsKey)
        .findFirst()
        .orElseGet(() -> profile.models().firstEntry().getKey());
  }

  /** A SunSpec device: the common model, one model of the profile's, and the end. */
  private Meter chain() {
    DeviceProfile profile = device.profile();
    int id = model(profile);
    List<RegisterPoint> points = profile.models().getOrDefault(id, List.of());
    int common = SUNSPEC_BASE + 2;
    int model = common + COMMON_WORDS;
    int words = MODEL_WORDS.getOrDefault(id, 0);
    for (RegisterPoint point : points) {
      words = Math.max(words, Math.max(point.address() + point.words(), point.scaleFrom() + 1) - 2);
    }
    builder
        .block(3, SUNSPEC_BASE, 2 + COMMON_WORDS + 2 + words + 2)
        .text(SUNSPEC_BASE, 2, "SunS")
        .constant(common, 1, COMMON_WORDS - 2)
        .text(common + 2, 16, "Lingtan")
        .text(common + 18, 16, "SIM-" + id)
        .serial(common + 50, 16, "SIM-" + device.id())
        .constant(model, id, words)
        .constant(model + 2 + words, 0xFFFF, 0);
    Map<Integer, Integer> factors = new LinkedHashMap<>();
    for (RegisterPoint point : points) {
      int power =
          point.scaleFrom() < 0
              ? 0
              : factors.computeIfAbsent(point.scaleFrom(), at -> factor(point));
      live(point, model + point.address(), power);
    }
    factors.forEach((at, power) -> builder.constant(model + at, power));
    return finish();
  }

  /** A power of ten with which the site's values fit into the register. */
  private static int factor(RegisterPoint register) {
    Point point = register.point();
    if (point == null) {
      return 0;
    }
    return switch (point.quantity()) {
      case POWER, APPARENT_POWER, REACTIVE_POWER -> register.words() == 1 ? 1 : 0;
      case FREQUENCY -> -2;
      case VOLTAGE, CURRENT, TEMPERATURE, SOC, SOH, POWER_FACTOR -> -1;
      default -> 0;
    };
  }
}
