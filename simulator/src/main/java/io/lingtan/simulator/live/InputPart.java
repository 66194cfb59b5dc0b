package io.lingtan.simulator.live;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.contact.Contact;
import io.lingtan.simulator.device.contact.WiredChip;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Closes and opens the contacts of a GPIO line at a chip of the kernel's gpio-sim, through {@code
 * sim_gpioN/pull} of its folder in sysfs (Documentation/admin-guide/gpio/gpio-sim.rst). Edges come
 * at most {@value #LOOK_MILLIS} ms late.
 */
final class InputPart implements Part {

  /** Where the kernel shows the chips that gpio-sim makes. */
  public static final Path SYSFS = Path.of("/sys/devices/platform");

  static final long LOOK_MILLIS = 10;

  private final List<Input> inputs = new ArrayList<>();
  private final Path folder;
  private final WorldClock clock;
  private MonotonicInstant next = new MonotonicInstant(0);
  private @Nullable String trouble;

  /** A contact and the line that it pulls. */
  private record Input(Contact contact, Path pull, boolean activeLow) {}

  private InputPart(Path folder, WiredChip chip, Line.Gpio line, WorldClock clock) {
    this.folder = folder;
    this.clock = clock;
    for (Device device : line.devices()) {
      GpioInput input = device.gpio();
      Contact contact = input == null ? null : chip.contacts().get(input.pin().offset());
      if (input != null && contact != null) {
        inputs.add(new Input(contact, pull(folder, input.pin().offset()), input.pin().activeLow()));
      }
    }
  }

  private static Path pull(Path folder, int offset) {
    return folder.resolve("sim_gpio" + offset).resolve("pull");
  }

  /**
   * The first simulated chip with all lines that are wanted.
   *
   * @param sysfs where to look, {@link #SYSFS} on a real machine
   * @return null if there is none that this user may write to
   */
  public static @Nullable InputPart find(
      Path sysfs, WiredChip chip, Line.Gpio line, WorldClock clock) throws IOException {
    for (Path device : folders(sysfs, "gpio-sim.*")) {
      for (Path bank : folders(device, "gpiochip*")) {
        boolean whole =
            chip.contacts().keySet().stream()
                .allMatch(offset -> Files.isWritable(pull(bank, offset)));
        if (whole) {
          return new InputPart(bank, chip, line, clock);
        }
      }
    }
    return null;
  }

  private static List<Path> folders(Path in, String glob) throws IOException {
    if (!Files.isDirectory(in)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(in, glob)) {
      all.forEach(found::add);
    }
    found.sort(null);
    return found;
  }

  /** The chip's folder. */
  public Path where() {
    return folder;
  }

  /** Why an edge could not be given last; null if all could. */
  public @Nullable String trouble() {
    return trouble;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(next)) {
      return 0;
    }
    next = now.plusMillis(LOOK_MILLIS);
    int turned = 0;
    for (Input input : inputs) {
      int[] edges = new int[1];
      input.contact.run(now, clock, (at, closed, lost) -> edges[0]++);
      if (edges[0] > 0) {
        turn(input);
        turned++;
      }
    }
    return turned;
  }

  private void turn(Input input) {
    boolean high = input.contact.isClosed() != input.activeLow;
    try {
      Files.writeString(input.pull, high ? "pull-up" : "pull-down");
      trouble = null;
    } catch (IOException e) {
      trouble = input.pull + " cannot be written to (" + e.getMessage() + ")";
    }
  }

  @Override
  public MonotonicInstant due() {
    return next;
  }

  /** Nothing is held. */
  @Override
  public void close() {
    inputs.clear();
  }
}
