package io.lingtan.agent.acquire.gpio;

import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputConfig;
import com.pi4j.io.gpio.digital.DigitalInputProviderBase;
import com.pi4j.io.gpio.digital.PullResistance;
import io.lingtan.agent.site.GpioInput.Bias;
import io.lingtan.agent.site.GpioInput.Pin;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * Gives Pi4J digital inputs of one chip over the kernel's character device v2. Unlike Pi4J's own
 * (core 3.0.4), it works on any machine, asks for a buffer of {@value Uapi#EVENTS_KEPT} events, and
 * keeps what the kernel says of each: its time, and its number, from which losses are seen.
 *
 * <p>An input's address is its offset, its "on" state its active level. A debounce of 0 takes edges
 * to the active level alone.
 */
final class KernelInputProvider extends DigitalInputProviderBase {

  /** How the kernel calls who has an input, before the device's id. */
  static final String USER = "lingtan ";

  static final String ID = "lingtan-gpio-inputs";

  private final ChipDevice chip;
  private final KernelWaiter waiter;

  KernelInputProvider(ChipDevice chip, KernelWaiter waiter) {
    super(ID, "inputs of " + chip.where());
    this.chip = chip;
    this.waiter = waiter;
  }

  /**
   * @throws UncheckedIOException if the line cannot be had; the message says why and what to do
   */
  @Override
  public DigitalInput create(DigitalInputConfig config) {
    Long debounce = config.debounce();
    Pin pin =
        new Pin(
            config.address(),
            bias(config.pull()),
            config.onState().isLow(),
            Duration.of(debounce == null ? 0 : debounce, ChronoUnit.MICROS));
    int fd;
    try {
      fd = chip.take(pin, USER + config.id());
    } catch (ChipDevice.Unavailable e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    waiter.add(fd);
    KernelInput input = new KernelInput(this, config, fd, () -> waiter.remove(fd));
    context().registry().add(input);
    return input;
  }

  /** Pi4J knows no "none" beside "as it is": {@link PullResistance#OFF} is none. */
  private static Bias bias(PullResistance pull) {
    return pull == null
        ? Bias.AS_IS
        : switch (pull) {
          case PULL_UP -> Bias.PULL_UP;
          case PULL_DOWN -> Bias.PULL_DOWN;
          case OFF -> Bias.NONE;
        };
  }
}
