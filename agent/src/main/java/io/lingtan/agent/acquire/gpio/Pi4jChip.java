package io.lingtan.agent.acquire.gpio;

import com.pi4j.Pi4J;
import com.pi4j.context.Context;
import com.pi4j.exception.Pi4JException;
import com.pi4j.io.gpio.digital.DigitalInput;
import com.pi4j.io.gpio.digital.DigitalInputConfigBuilder;
import com.pi4j.io.gpio.digital.DigitalState;
import com.pi4j.io.gpio.digital.PullResistance;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Bias;
import io.lingtan.agent.site.GpioInput.Pin;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A chip of this machine through Pi4J, with a provider of our own. Neither Pi4J nor the C library
 * is touched before the first input is taken. Pi4J starts no thread here, finds no plugins, and
 * sets no shutdown hook: the line's thread takes edges and gives inputs back, so that none is lost
 * at a clean stop.
 */
public final class Pi4jChip implements GpioChip {

  private static final Path DEVICES = Path.of("/dev");

  private final String wanted;
  private final Path devices;
  private @Nullable Open open;

  /** Waits also while the chip cannot be opened. */
  private final Either waiter = new Either();

  private final Waiter parking = Waiter.parking();

  /** What is held while the chip is open. */
  private record Open(ChipDevice chip, KernelWaiter waiter, Context pi4j) {}

  /** Parks until the chip is open, and then waits for its edges. */
  private final class Either implements Waiter {
    private volatile @Nullable KernelWaiter kernel;

    @Override
    public void await(long nanos) {
      KernelWaiter edges = kernel;
      (edges == null ? parking : edges).await(nanos);
    }

    @Override
    public void wake() {
      KernelWaiter edges = kernel;
      (edges == null ? parking : edges).wake();
    }
  }

  /**
   * @param wanted {@code auto}, a label, a name or a path, as in the site file
   */
  public Pi4jChip(String wanted) {
    this(wanted, DEVICES);
  }

  Pi4jChip(String wanted, Path devices) {
    this.wanted = wanted;
    this.devices = devices;
  }

  @Override
  public String where() {
    Open held = open;
    return held == null ? "gpio " + wanted : held.chip.where();
  }

  @Override
  public Claim claim(String device, Pin pin) {
    try {
      Open held = open();
      DigitalInput input = held.pi4j.create(config(held.pi4j, device, pin));
      return new Claim.Claimed((KernelInput) input);
    } catch (ChipDevice.Unavailable e) {
      return new Claim.Refused(e.said());
    } catch (UncheckedIOException e) {
      return new Claim.Refused(
          e.getCause() instanceof ChipDevice.Unavailable why
              ? why.said()
              : unusable(device, String.valueOf(e.getMessage())));
    } catch (Pi4JException e) {
      return new Claim.Refused(unusable(device, "Pi4J does not give it: " + e.getMessage()));
    }
  }

  private static Sentence unusable(String device, String why) {
    return new Sentence(device + ": " + why, "输入 " + device + " 不能用：" + why);
  }

  private Open open() throws ChipDevice.Unavailable {
    Open held = open;
    if (held != null) {
      return held;
    }
    ChipDevice chip = ChipDevice.open(wanted, devices);
    KernelWaiter edges = new KernelWaiter();
    Context pi4j =
        Pi4J.newContextBuilder()
            .noAutoDetect()
            .noAutoInject()
            .disableShutdownHook()
            .add(new KernelInputProvider(chip, edges))
            .build();
    held = new Open(chip, edges, pi4j);
    open = held;
    waiter.kernel = edges;
    return held;
  }

  private static com.pi4j.io.gpio.digital.DigitalInputConfig config(
      Context pi4j, String device, Pin pin) {
    DigitalInputConfigBuilder config =
        DigitalInput.newConfigBuilder(pi4j)
            .id(device)
            .address(pin.offset())
            .debounce(pin.debounce().toNanos() / 1000)
            .onState(pin.activeLow() ? DigitalState.LOW : DigitalState.HIGH)
            .provider(KernelInputProvider.ID);
    if (pin.bias() != Bias.AS_IS) {
      config.pull(
          switch (pin.bias()) {
            case PULL_UP -> PullResistance.PULL_UP;
            case PULL_DOWN -> PullResistance.PULL_DOWN;
            case AS_IS, NONE -> PullResistance.OFF;
          });
    }
    return config.build();
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public void release() {
    Open held = open;
    open = null;
    if (held != null) {
      held.pi4j.shutdown();
      held.waiter.close();
      held.chip.close();
    }
  }
}
