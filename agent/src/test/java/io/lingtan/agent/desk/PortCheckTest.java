package io.lingtan.agent.desk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.Line.Parity;
import io.lingtan.testing.Child;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a serial port, on a machine made of files. */
final class PortCheckTest {

  @TempDir Path root;

  @BeforeEach
  void machine() throws IOException {
    root = root.toRealPath();
    for (String folder :
        List.of("dev/serial/by-id", "dev/serial/by-path", "proc/77/fd", "proc/1/fd")) {
      Files.createDirectories(root.resolve(folder));
    }
    put("dev/ttyUSB0", "");
    put("dev/ttyAMA0", "");
    put("proc/cmdline", "console=tty1 root=/dev/mmcblk0p2 rootwait\n");
    put("proc/1/cmdline", "/sbin/init\0");
    put("proc/77/cmdline", "/usr/bin/sleep\0999\0");
  }

  private void put(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private List<CheckFinding> of(String port) {
    return new PortCheck(root, "meter", at -> !at.toString().endsWith(".lock"))
        .of(line(port), PortCheck.NOBODY);
  }

  private static Line.Serial line(String port) {
    return new Line.Serial(
        "rs485-1",
        port,
        new CharacterFormat(9600, Parity.NONE, 1),
        "auto",
        false,
        Duration.ofSeconds(1),
        List.of(),
        null);
  }

  private static CheckFinding only(List<CheckFinding> found) {
    assertEquals(1, found.size(), found::toString);
    return found.getFirst();
  }

  @Test
  void aBoardsOwnPortThatNobodyHasIsGood() {
    assertEquals(List.of(), of("/dev/ttyAMA0"));
  }

  @Test
  void whatIsNoDeviceIsNeverAPort() throws IOException {
    put("var/lib/lingtan/journal.db.lock", "");
    CheckFinding found = only(of("/dev/../var/lib/lingtan/journal.db.lock"));
    assertEquals(CheckFinding.Mark.BAD, found.mark());
    assertTrue(found.state().contains("no serial port"), found::toString);
  }

  @Test
  void aPortThatIsMissingIsSaidWithThoseThatAreThere() throws IOException {
    Files.createSymbolicLink(
        root.resolve("dev/serial/by-id/usb-FTDI_A1-if00-port0"), root.resolve("dev/ttyUSB0"));
    CheckFinding missing = only(of("/dev/ttyUSB7"));
    assertEquals(CheckFinding.Mark.BAD, missing.mark());
    assertTrue(missing.state().contains("does not exist"), missing::toString);
    assertTrue(
        String.valueOf(missing.todo()).contains("/dev/serial/by-id/usb-FTDI_A1-if00-port0"),
        missing::toString);
  }

  @Test
  void aNameThatMovesIsWarnedOfWithTheOneThatLasts() throws IOException {
    assertTrue(String.valueOf(only(of("/dev/ttyUSB0")).todo()).contains("udev"));
    Path lasting = root.resolve("dev/serial/by-path/platform-usb-0:1:1.0-port0");
    Files.createSymbolicLink(lasting, root.resolve("dev/ttyUSB0"));
    CheckFinding moves = only(of("/dev/ttyUSB0"));
    assertEquals(CheckFinding.Mark.WARNING, moves.mark());
    assertEquals("write port: /dev/serial/by-path/platform-usb-0:1:1.0-port0", moves.todo());
    // Two adapters of one make have this name both, and it leads to whichever came last.
    Path id = root.resolve("dev/serial/by-id/usb-FTDI_A1-if00-port0");
    Files.createSymbolicLink(id, root.resolve("dev/ttyUSB0"));
    assertEquals(
        "write port: /dev/serial/by-path/platform-usb-0:1:1.0-port0",
        only(of("/dev/ttyUSB0")).todo());
    Files.delete(lasting);
    assertEquals(
        "write port: /dev/serial/by-id/usb-FTDI_A1-if00-port0", only(of("/dev/ttyUSB0")).todo());
    assertEquals(List.of(), of("/dev/serial/by-id/usb-FTDI_A1-if00-port0"));
  }

  @Test
  void aLoginOnThePortIsBad() throws IOException {
    put("proc/412/cmdline", "/sbin/agetty\0-o\0-p -- \\u\0--noclear\0ttyAMA0\0vt220\0");
    CheckFinding login = only(of("/dev/ttyAMA0"));
    assertEquals(CheckFinding.Mark.BAD, login.mark());
    assertTrue(login.state().contains("process 412"), login::toString);
    assertTrue(String.valueOf(login.todo()).contains("serial-getty@ttyAMA0"), login::toString);
    put("proc/412/cmdline", "/sbin/agetty\0--noclear\0tty1\0linux\0");
    assertEquals(List.of(), of("/dev/ttyAMA0"));
  }

  @Test
  void theKernelsMessagesOnThePortAreBad() throws IOException {
    put("proc/cmdline", "console=ttyAMA0,115200 console=tty1 rootwait\n");
    CheckFinding console = only(of("/dev/ttyAMA0"));
    assertEquals(CheckFinding.Mark.BAD, console.mark());
    assertTrue(String.valueOf(console.todo()).contains("console=ttyAMA0"), console::toString);
  }

  @Test
  void whoHasThePortIsNamed() throws IOException {
    Files.createSymbolicLink(root.resolve("proc/77/fd/3"), root.resolve("dev/ttyAMA0"));
    CheckFinding used = only(of("/dev/ttyAMA0"));
    assertEquals(CheckFinding.Mark.BAD, used.mark());
    assertTrue(used.state().contains("process 77 (/usr/bin/sleep 999)"), used::toString);
  }

  /** As {@code socat} shows it, that is the simulated meters behind the port. */
  @Test
  void whoMadeThePortAndSpeaksFromItsOtherSideIsNoUserOfIt() throws IOException {
    put("dev/pts/7", "");
    put("dev/ptmx", "");
    put("proc/77/fdinfo/5", "pos:\t0\nflags:\t0100002\nmnt_id:\t31\ntty-index:\t7\n");
    Files.createSymbolicLink(root.resolve("proc/77/fd/5"), root.resolve("dev/ptmx"));
    Files.createSymbolicLink(root.resolve("proc/77/fd/6"), root.resolve("dev/pts/7"));
    assertEquals(List.of(), of("/dev/pts/7"));
    put("proc/77/fdinfo/5", "pos:\t0\ntty-index:\t17\n");
    assertEquals(CheckFinding.Mark.BAD, only(of("/dev/pts/7")).mark(), "it made another one");
  }

  @RequiresTool("socat")
  @Test
  void aSimulatedPortIsFreeUntilSomebodyOpensIt() throws Exception {
    Path ours = root.resolve("ours");
    Path theirs = root.resolve("theirs");
    try (Child socat =
        Child.start(
            root.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0,link=" + theirs))) {
      socat.await("both ports", 20, () -> Files.exists(ours) && Files.exists(theirs));
      assertNull(PortCheck.here().user(line(ours.toString())));
      List<String> open = List.of("sh", "-c", "exec sleep 60 < " + ours);
      try (Child other = Child.start(root.resolve("other.log"), Map.of(), open)) {
        other.await(
            "it to be seen",
            20,
            () -> String.valueOf(PortCheck.here().user(line(ours.toString()))).contains("sleep"));
      }
    }
  }

  /** A container's terminals have the names of the machine's, and are others. */
  @RequiresTool({"socat", "unshare", "python3"})
  @EnabledIf("isRoot")
  @Test
  void aContainersTerminalOfTheSameNameIsAnotherPort() throws Exception {
    Path ours = root.resolve("ours");
    String opened =
        """
        import os, subprocess, sys
        slaves = [os.openpty()[1] for _ in range(int(sys.argv[1]) + 1)]
        child = subprocess.Popen(["sleep", "60"], pass_fds=slaves)
        print(child.pid, flush=True)
        child.wait()
        """;
    try (Child socat =
        Child.start(
            root.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0"))) {
      socat.await("the port", 20, () -> Files.exists(ours));
      String number = ours.toRealPath().getFileName().toString();
      Path log = root.resolve("container.log");
      String mount = "mount -t devpts -o newinstance,ptmxmode=666 none /dev/pts";
      String ptmx = "mount --bind /dev/pts/ptmx /dev/ptmx";
      String run = mount + " && " + ptmx + " && exec python3 -c \"$0\" " + number;
      List<String> command = List.of("unshare", "-m", "sh", "-c", run, opened);
      try (Child container = Child.start(log, Map.of(), command)) {
        container.await("its terminals", 20, () -> log.toFile().length() > 0);
        Path theirs = Path.of("/proc", Files.readString(log).strip(), "fd");
        try (Stream<Path> fds = Files.list(theirs)) {
          assertTrue(fds.anyMatch(fd -> leadsTo(fd, ours)), "it has none of that name");
        }
        assertNull(PortCheck.here().user(line(ours.toString())));
      }
    }
  }

  private static boolean leadsTo(Path fd, Path port) {
    try {
      return Files.readSymbolicLink(fd).equals(port.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void onlyTheAgentThatHasThePortIsExcused() throws IOException {
    Files.createSymbolicLink(root.resolve("proc/77/fd/3"), root.resolve("dev/ttyAMA0"));
    assertEquals(
        List.of(),
        new PortCheck(root, "meter", at -> !at.toString().endsWith(".lock"))
            .of(line("/dev/ttyAMA0"), 77));
    put("proc/78/cmdline", "/usr/bin/mbpoll\0");
    Files.createDirectories(root.resolve("proc/78/fd"));
    Files.createSymbolicLink(root.resolve("proc/78/fd/3"), root.resolve("dev/ttyAMA0"));
    CheckFinding other =
        only(
            new PortCheck(root, "meter", at -> !at.toString().endsWith(".lock"))
                .of(line("/dev/ttyAMA0"), 77));
    assertEquals(CheckFinding.Mark.BAD, other.mark());
    assertTrue(other.state().contains("process 78 (/usr/bin/mbpoll)"), other::toString);
  }

  static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  @Test
  @DisabledIf("isRoot")
  void aPortOfAnotherGroupIsSaidWithTheGroup() throws IOException {
    Path port = root.resolve("dev/ttyAMA0");
    Files.setPosixFilePermissions(port, PosixFilePermissions.fromString("---------"));
    CheckFinding forbidden = only(of("/dev/ttyAMA0"));
    assertEquals(CheckFinding.Mark.BAD, forbidden.mark());
    assertTrue(
        String.valueOf(forbidden.todo()).matches("sudo usermod -aG \\S+ meter, .*"),
        forbidden::toString);
  }

  @Test
  void anAdapterThatHoldsAnswersBackIsWarnedOf() throws IOException {
    Files.createSymbolicLink(
        root.resolve("dev/serial/by-id/usb-FTDI_A1-if00-port0"), root.resolve("dev/ttyUSB0"));
    put("sys/bus/usb-serial/devices/ttyUSB0/latency_timer", "16\n");
    CheckFinding slow = only(of("/dev/serial/by-id/usb-FTDI_A1-if00-port0"));
    assertEquals(CheckFinding.Mark.WARNING, slow.mark());
    assertTrue(slow.state().contains("16 ms"), slow::toString);
    put("sys/bus/usb-serial/devices/ttyUSB0/latency_timer", "1\n");
    assertEquals(List.of(), of("/dev/serial/by-id/usb-FTDI_A1-if00-port0"));
  }
}
