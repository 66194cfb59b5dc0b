package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.site.Line;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of a GPIO line as this machine has them, without taking any.
 *
 * @param where the chip, or how it was named where it cannot be opened
 * @param problem why it cannot be used, with what to do; null if it can
 * @param inputs in the order of the site file
 */
public record ChipLook(String where, @Nullable String problem, List<Input> inputs) {

  /**
   * One input.
   *
   * @param device id of the device
   * @param pin as a person finds it, such as {@code GPIO17 (pin 11)}
   * @param there whether the chip has it
   * @param user who has it at present, empty if nobody
   */
  public record Input(String device, String pin, boolean there, String user) {

    /** Whether an agent has it. */
    public boolean isOurs() {
      return user.startsWith("'" + KernelInputProvider.USER);
    }
  }

  public ChipLook {
    inputs = List.copyOf(inputs);
  }

  /** Looks at this machine's chip. */
  public static ChipLook at(Line.Gpio line) {
    return at(line, Path.of("/dev"));
  }

  /**
   * The same.
   *
   * @param devices where the character devices are
   */
  static ChipLook at(Line.Gpio line, Path devices) {
    ChipDevice chip;
    try {
      chip = ChipDevice.open(line.chip(), devices);
    } catch (ChipDevice.Unavailable e) {
      return new ChipLook(line.chip(), e.getMessage(), List.of());
    }
    try {
      List<Input> inputs = new ArrayList<>();
      for (var device : line.devices()) {
        var input = device.gpio();
        if (input != null) {
          inputs.add(chip.look(device.id(), input.pin().offset()));
        }
      }
      return new ChipLook(chip.where(), null, inputs);
    } finally {
      chip.close();
    }
  }
}
