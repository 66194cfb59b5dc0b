package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.reading.Sentence;
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

    private final transient Sentence said;

    Unavailable(Sentence said) {
      super(said.english());
      this.said = said;
    }

    Sentence said() {
      return said;
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
    List<Sentence> locked = new ArrayList<>();
    for (Path path : chips(devices)) {
      String name = String.valueOf(path.getFileName());
      if (name.equals(wanted)) {
        return open(path);
      }
      ChipDevice device;
      try {
        device = open(path);
      } catch (Unavailable e) {
        locked.add(e.said());
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
          new Sentence(
              "this machine has no GPIO chip: there is no "
                  + devices
                  + "/gpiochip0; inputs need one",
              "本机没有 GPIO 芯片：找不到 " + devices + "/gpiochip0"));
    }
    String known = String.join(", ", seen);
    throw new Unavailable(
        wanted.equals("auto")
            ? new Sentence(
                "no chip of this machine is known as that of a header; name one of "
                    + known
                    + " under gpio: {chip: ...}",
                "认不出哪个芯片接排针：请在 gpio: {chip: ...} 里写明 " + known + " 之一")
            : new Sentence(
                "no GPIO chip is called " + wanted + "; this machine has " + known,
                "没有叫 " + wanted + " 的 GPIO 芯片；本机有 " + known));
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
                new Sentence(
                    path
                        + " may not be opened; add the agent's user to the group that owns it, on"
                        + " Raspberry Pi OS: sudo usermod -aG gpio USER, and start the agent again",
                    "没有 " + path + " 的权限：把网关程序的用户加入它所属的组（树莓派：sudo usermod -aG gpio 用户名）后重新启动");
            case Libc.ENOENT, Libc.ENXIO, Libc.ENODEV ->
                new Sentence("there is no " + path + " on this machine", "本机没有 " + path);
            default ->
                new Sentence(path + " cannot be opened, error " + -fd, path + " 打不开，错误 " + -fd);
          });
    }
    Uapi.Chip chip = Uapi.chip(fd);
    if (chip == null) {
      Libc.close(fd);
      throw new Unavailable(new Sentence(path + " is no GPIO chip", path + " 不是 GPIO 芯片"));
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
          new Sentence(
              "%s has offsets 0 to %d, and none is %d".formatted(where(), chip.lines() - 1, offset),
              "%s 的偏移是 0 到 %d，没有 %d".formatted(where(), chip.lines() - 1, offset)));
    }
    int line = Uapi.take(fd, pin, consumer);
    if (line < 0) {
      throw new Unavailable(
          switch (-line) {
            case Libc.EBUSY -> {
              String by = Uapi.line(fd, offset).consumer();
              yield new Sentence(
                  nameOf(offset)
                      + " of "
                      + where()
                      + " is in use by "
                      + (by.isEmpty() ? "the kernel" : "'" + by + "'")
                      + "; free it or take another",
                  "%s 的 %s 被%s占用：释放它或换一个"
                      .formatted(where(), nameOf(offset), by.isEmpty() ? "内核" : " " + by + " "));
            }
            case Libc.EPERM, Libc.EACCES ->
                new Sentence(
                    nameOf(offset) + " of " + where() + " is not allowed",
                    "没有权限使用 " + where() + " 的 " + nameOf(offset));
            case Libc.EINVAL, Libc.ENOTTY ->
                new Sentence(
                    where()
                        + " does not take "
                        + nameOf(offset)
                        + " as declared: it needs Linux 5.10 or later and an input with interrupts,"
                        + " and not every chip has a bias",
                    "%s 不接受这样声明的 %s：要 Linux 5.10 以上、能中断的输入，上下拉也不是每个芯片都有"
                        .formatted(where(), nameOf(offset)));
            default ->
                new Sentence(
                    nameOf(offset) + " of " + where() + " cannot be taken, error " + -line,
                    "取不到 %s 的 %s，错误 %d".formatted(where(), nameOf(offset), -line));
          });
    }
    Libc.neverWait(line);
    return line;
  }

  void close() {
    Libc.close(fd);
  }
}
