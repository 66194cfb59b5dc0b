package io.lingtan.testing;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.GpioInput.Bias;
import io.lingtan.agent.site.GpioInput.Pin;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Devices at the inputs of a GPIO chip, recorded every second. */
public final class Inputs {

  private Inputs() {}

  public static Device pulses(
      String id, int offset, @Nullable String perPulse, @Nullable String point, Duration debounce) {
    return device(
        id,
        Protocol.PULSES,
        new GpioInput.Pulses(
            new Pin(offset, Bias.AS_IS, false, debounce),
            perPulse == null ? BigDecimal.ONE : new BigDecimal(perPulse),
            point == null ? null : Point.of(point)));
  }

  public static Device contact(
      String id, int offset, String active, String inactive, Duration debounce) {
    return device(
        id,
        Protocol.LEVEL,
        new GpioInput.Level(new Pin(offset, Bias.AS_IS, false, debounce), active, inactive));
  }

  private static Device device(String id, Protocol protocol, GpioInput input) {
    DeviceProfile profile =
        Parts.profile(
            "input",
            Kind.METER,
            protocol,
            "nobody",
            "none",
            "none",
            false,
            input.registers(),
            new LinkedHashMap<>(),
            Map.of(),
            125,
            Duration.ZERO,
            false);
    return Parts.device(
        id,
        profile,
        -1,
        null,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        input,
        null);
  }
}
