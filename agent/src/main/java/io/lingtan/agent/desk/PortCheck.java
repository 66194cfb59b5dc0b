package io.lingtan.agent.desk;

import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a serial port from being an agent's: not there, not allowed, a login or the kernel
 * talking on it, another program, a name that moves.
 *
 * @param root of the file system that is looked at, {@code /}
 * @param user who is to use the port
 * @param device whether a file is a character device
 */
public record PortCheck(Path root, String user, Predicate<Path> device) {

  /** No process has this number. */
  public static final long NOBODY = 0;

  /** Two adapters of one make without serial numbers have one name by id, and two by path. */
  private static final List<String> LASTING = List.of("dev/serial/by-path", "dev/serial/by-id");

  /** Most that is listed of what there is. */
  private static final int MOST_LISTED = 8;

  /** This machine, for whoever runs this. */
  public static PortCheck here() {
    return new PortCheck(
        Path.of("/"), System.getProperty("user.name", "USER"), FieldPorts::isDevice);
  }

  /** Who has the port open, as far as can be seen; null if nobody seems to. */
  public @Nullable String user(Line.Serial line) {
    return inUse(real(at(line.port())), NOBODY);
  }

  /**
   * What is wrong with the port of a line. An agent may have it; any other program must not.
   *
   * @param agent its process, {@link #NOBODY} if that is not known
   */
  public List<CheckFinding> of(Line.Serial line, long agent) {
    String what = "line " + line.id();
    Path port = at(line.port());
    List<CheckFinding> found = new ArrayList<>();
    if (!Files.exists(port)) {
      List<String> there = ports();
      found.add(
          CheckFinding.bad(
              what,
              line.port() + " does not exist",
              there.isEmpty()
                  ? "plug the adapter in; this machine has no serial port at all"
                  : "plug the adapter in, or take one of " + String.join(" ", there)));
      return found;
    }
    if (!device.test(port)) {
      found.add(
          CheckFinding.bad(
              what,
              line.port() + " is no serial port but a file or something else",
              "take a name of /dev/serial/by-path, or one of " + String.join(" ", ports())));
      return found;
    }
    if (!Files.isReadable(port) || !Files.isWritable(port)) {
      found.add(forbidden(what, line, port));
    }
    Path real = real(port);
    String name = String.valueOf(real.getFileName());
    console(what, line, name, found);
    String user = inUse(real, agent);
    if (user != null) {
      found.add(
          CheckFinding.bad(
              what,
              line.port() + " is in use by " + user,
              "stop it: two masters on one line garble each other"));
    }
    stableName(what, line, real, found);
    latency(what, name, found);
    return found;
  }

  private Path at(String path) {
    Path absolute = Path.of(path).toAbsolutePath();
    return root.resolve(absolute.getRoot().relativize(absolute));
  }

  private static Path real(Path port) {
    try {
      return port.toRealPath();
    } catch (IOException e) {
      return port;
    }
  }

  /** Lasting names first, then ports of boards. */
  List<String> ports() {
    List<String> found = new ArrayList<>();
    for (String folder : LASTING) {
      for (Path each : entries(root.resolve(folder), "*")) {
        found.add("/" + folder + "/" + each.getFileName());
      }
      if (!found.isEmpty()) {
        break;
      }
    }
    for (String pattern : List.of("ttyAMA*", "ttyUSB*", "ttyACM*", "ttySC*")) {
      for (Path each : entries(root.resolve("dev"), pattern)) {
        found.add("/dev/" + each.getFileName());
      }
    }
    return found.subList(0, Math.min(MOST_LISTED, found.size()));
  }

  private static List<Path> entries(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> each = Files.newDirectoryStream(folder, pattern)) {
      each.forEach(found::add);
    } catch (IOException e) {
      return List.of();
    }
    found.sort(null);
    return found;
  }

  private CheckFinding forbidden(String what, Line.Serial line, Path port) {
    String group = "dialout";
    try {
      group = Files.readAttributes(port, PosixFileAttributes.class).group().getName();
    } catch (IOException | UnsupportedOperationException e) {
      // Debian's name for those who may use serial ports will do.
      group = "dialout";
    }
    return CheckFinding.bad(
        what,
        user + " may not use " + line.port() + ", which is group " + group + "'s",
        "sudo usermod -aG " + group + " " + user + ", then log in again or restart the agent");
  }

  /** A login program or the kernel's messages on the port that the meters hang on. */
  private void console(String what, Line.Serial line, String name, List<CheckFinding> found) {
    for (Path process : entries(root.resolve("proc"), "[0-9]*")) {
      String command = text(process.resolve("cmdline")).replace('\0', ' ');
      if (command.contains("getty") && (" " + command + " ").matches(".*[ /]" + name + "[ ,].*")) {
        found.add(
            CheckFinding.bad(
                what,
                "a login waits on " + line.port() + " (process " + process.getFileName() + ")",
                "sudo systemctl disable --now serial-getty@"
                    + name
                    + ", on a Raspberry Pi: raspi-config, Interface, Serial, no login shell"));
        break;
      }
    }
    if ((" " + text(root.resolve("proc/cmdline")).strip() + " ")
        .matches("(?s).* console=" + name + "[ ,].*")) {
      found.add(
          CheckFinding.bad(
              what,
              "the kernel writes its messages to " + line.port(),
              "take console="
                  + name
                  + " out of the kernel's command line (/boot/firmware/cmdline.txt) and restart"));
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** Who has the port open, as far as this user may see; null if nobody seems to. */
  private @Nullable String inUse(Path real, long but) {
    for (Path process : entries(root.resolve("proc"), "[0-9]*")) {
      if (String.valueOf(process.getFileName()).equals(Long.toString(but))) {
        continue;
      }
      for (Path fd : entries(process.resolve("fd"), "*")) {
        if (leadsTo(fd, real) && !isOtherEnd(process, real)) {
          String command = text(process.resolve("cmdline")).replace('\0', ' ').strip();
          return "process "
              + process.getFileName()
              + (command.isEmpty()
                  ? ""
                  : " (" + command.substring(0, Math.min(60, command.length())) + ")");
        }
      }
    }
    return null;
  }

  /**
   * Whether the port is a pseudo-terminal that this process made and speaks on from its other side,
   * as a simulated site does: then it is what hangs there, and no second master.
   */
  private static boolean isOtherEnd(Path process, Path real) {
    Path folder = real.getParent();
    if (folder == null || !folder.endsWith("pts")) {
      return false;
    }
    Pattern index = Pattern.compile("(?m)^tty-index:\\s*" + real.getFileName() + "$");
    for (Path fd : entries(process.resolve("fd"), "*")) {
      Path info = process.resolve("fdinfo").resolve(fd.getFileName());
      if (isMaster(fd) && index.matcher(text(info)).find()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isMaster(Path fd) {
    try {
      return Files.readSymbolicLink(fd).endsWith("ptmx");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** A container may have another terminal by the same name. */
  private static boolean leadsTo(Path link, Path real) {
    try {
      return Files.readSymbolicLink(link).equals(real) && Files.isSameFile(link, real);
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** {@code ttyUSB0} is whichever adapter was seen first after the last start. */
  private void stableName(String what, Line.Serial line, Path real, List<CheckFinding> found) {
    if (!line.port().matches("/dev/tty(USB|ACM)[0-9]+")) {
      return;
    }
    for (String folder : LASTING) {
      for (Path each : entries(root.resolve(folder), "*")) {
        if (real(each).equals(real)) {
          found.add(
              CheckFinding.warning(
                  what,
                  line.port() + " is a name that moves when adapters are plugged in otherwise",
                  "write port: /" + folder + "/" + each.getFileName()));
          return;
        }
      }
    }
    found.add(
        CheckFinding.warning(
            what,
            line.port() + " is a name that moves when adapters are plugged in otherwise",
            "give it a lasting one by a udev rule; /dev/serial has none for it"));
  }

  /** FTDI adapters hold bytes back for 16 ms, which a fast line feels with each answer. */
  private void latency(String what, String name, List<CheckFinding> found) {
    String timer =
        text(root.resolve("sys/bus/usb-serial/devices/" + name + "/latency_timer")).strip();
    if (timer.matches("[0-9]+") && Integer.parseInt(timer) > 1) {
      found.add(
          CheckFinding.warning(
              what,
              "the adapter holds answers back for " + timer + " ms",
              "echo 1 | sudo tee /sys/bus/usb-serial/devices/" + name + "/latency_timer"));
    }
  }
}
