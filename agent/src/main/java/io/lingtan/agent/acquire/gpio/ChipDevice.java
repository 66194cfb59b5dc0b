package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.site.GpioInput.Pin;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** An open chip of this machine. */
final class ChipDevice {

  /** What cannot be had, in words for a person. */
  static final class Unavailable extends IOException {
    private static final long serialVersionUID = 1;

    Unavailable(String words) {
      super(words);
    }
  }

  private final int fd;
  private final Path path;
  private final Uapi.Chip chip;

  private ChipDevice(int fd, Path path, Uapi.Chip chip) {
    this.fd = fd;
    this.path = path;
    this.chip = chip;
  }

  /**
   * Opens the chip that the site file means.
   *
   * @param wanted {@code auto}, a label, a name or a path
   * @param devices where the character devices are, {@code /dev}
   */
  static ChipDevice open(String wanted, Path devices) throws Unavailable {
    if (wanted.startsWith("/")) {
      return open(Path.of(wanted));
    }
    List<String> seen = new ArrayList<>();
    List<String> locked = new ArrayList<>();
    for (Path path : chips(devices)) {
      String name = String.valueOf(path.getFileName());
      if (name.equals(wanted)) {
        return open(path);
      }
      ChipDevice device;
      try {
        device = open(path);
      } catch (Unavailable e) {
        locked.add(String.valueOf(e.getMessage()));
        continue;
      }
      String label = device.chip.label();
      if (wanted.equals("auto") ? HeaderPins.LABELS.contains(label) : label.equals(wanted)) {
        return device;
      }
      seen.add(name + " (" + label + ")");
      device.close();
    }
    if (!locked.isEmpty()) {
      throw new Unavailable(locked.getFirst());
    }
    if (seen.isEmpty()) {
      throw new Unavailable(
          "this machine has no GPIO chip: there is no " + devices + "/gpiochip0; inputs need one");
    }
    String known = String.join(", ", seen);
    throw new Unavailable(
        wanted.equals("auto")
            ? "no chip of this machine is known as that of a header; name one of "
                + known
                + " under gpio: {chip: ...}"
            : "no GPIO chip is called " + wanted + "; this machine has " + known);
  }

  private static List<Path> chips(Path devices) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> each = Files.newDirectoryStream(devices, "gpiochip*")) {
      each.forEach(found::add);
    } catch (IOException e) {
      return List.of();
    }
    found.sort(null);
    return found;
  }

  private static ChipDevice open(Path path) throws Unavailable {
    int fd = Libc.open(path);
    if (fd < 0) {
      throw new Unavailable(
          switch (-fd) {
            case Libc.EACCES, Libc.EPERM ->
                path
                    + " may not be opened; add the agent's user to the group that owns it, on"
                    + " Raspberry Pi OS: sudo usermod -aG gpio USER, and start the agent again";
            case Libc.ENOENT, Libc.ENXIO, Libc.ENODEV -> "there is no " + path + " on this machine";
            default -> path + " cannot be opened, error " + -fd;
          });
    }
    Uapi.Chip chip = Uapi.chip(fd);
    if (chip == null) {
      Libc.close(fd);
      throw new Unavailable(path + " is no GPIO chip");
    }
    return new ChipDevice(fd, path, chip);
  }

  /** Name and label. */
  String where() {
    return path + " (" + chip.label() + ")";
  }

  /** The input as a person finds it. */
  String nameOf(int offset) {
    return HeaderPins.name(chip.label(), offset);
  }

  /** Who has an input, without taking it. */
  ChipLook.Input look(String device, int offset) {
    boolean there = offset < chip.lines();
    Uapi.Line line = there ? Uapi.line(fd, offset) : new Uapi.Line("", "", false);
    String user =
        !line.used() ? "" : line.consumer().isEmpty() ? "the kernel" : "'" + line.consumer() + "'";
    return new ChipLook.Input(device, nameOf(offset), there, user);
  }

  /** Takes an input; returns its descriptor, which never waits. */
  int take(Pin pin, String consumer) throws Unavailable {
    int offset = pin.offset();
    if (offset >= chip.lines()) {
      throw new Unavailable(
          "%s has offsets 0 to %d, and none is %d".formatted(where(), chip.lines() - 1, offset));
    }
    int line = Uapi.take(fd, pin, consumer);
    if (line < 0) {
      throw new Unavailable(
          switch (-line) {
            case Libc.EBUSY -> {
              String by = Uapi.line(fd, offset).consumer();
              yield nameOf(offset)
                  + " of "
                  + where()
                  + " is in use by "
                  + (by.isEmpty() ? "the kernel" : "'" + by + "'")
                  + "; free it or take another";
            }
            case Libc.EPERM, Libc.EACCES -> nameOf(offset) + " of " + where() + " is not allowed";
            case Libc.EINVAL, Libc.ENOTTY ->
                where()
                    + " does not take "
                    + nameOf(offset)
                    + " as declared: it needs Linux 5.10 or later and an input with interrupts,"
                    + " and not every chip has a bias";
            default -> nameOf(offset) + " of " + where() + " cannot be taken, error " + -line;
          });
    }
    Libc.neverWait(line);
    return line;
  }

  void close() {
    Libc.close(fd);
  }
}
