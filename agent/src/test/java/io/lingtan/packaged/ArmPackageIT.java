package io.lingtan.packaged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.testing.ArmMachine;
import io.lingtan.testing.Child;
import io.lingtan.testing.GpioSimPulses;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The package on an ARM machine with systemd: installed by dpkg, it is a service that counts what
 * somebody else gives at simulated inputs (gpio-sim), is reloaded in the middle of it, and reads
 * pymodbus at the other end of a serial port; its journal tells how that went.
 */
@Tag("campaign")
@RequiresTool({"qemu-system-aarch64", "apt-get", "dpkg-deb", "xz", "mke2fs", "socat", "python3"})
final class ArmPackageIT {

  private static final int MOST_SECONDS = 600;

  /** What this leaves to be looked at: the console, and the journal. */
  private static final Path SHARE = Path.of("target/arm-package").toAbsolutePath();

  private static final int HALF = 250;

  /** Written below what the package brings. */
  private static final String LINES =
      """

      lines:
        - id: sim
          gpio: {chip: lingtan-sim}
          devices:
            - {id: fast, profile: s0, offset: 0, debounce: 0s}
            - {id: stalled, profile: s0, offset: 1, debounce: 0s, per_pulse: 0.01, point: volume}
            - {id: bouncing, profile: s0, offset: 2, per_pulse: 0.000625, point: energy_import, bias: pull-down}
            - {id: door, profile: contact, offset: 3, active: open, inactive: closed}
            - {id: taken, profile: s0, offset: 4}
            - {id: far, profile: s0, offset: 8}
        - id: nowhere
          gpio: {chip: auto}
          devices:
            - {id: header, profile: s0, offset: 17}
        - id: rs485
          serial: {port: /dev/ttyAMA1, baud: 19200, timeout: 5s}
          devices:
            - {id: hall, profile: eastron-sdm630, unit: 1, every: 2s, record: 2s}
      clock: {trust: [system]}
      """;

  /**
   * Nothing but the site file is changed by hand, and nothing is waited for without a limit. A
   * device comes while the package has its rules there and not yet its group. The first word of
   * {@code pulses} is the input, the others are for GpioSimPulses.
   */
  private static final String SCRIPT =
      """
      up() { cut -d' ' -f1 /proc/uptime; }
      page() {
        busybox wget -T 10 -qO- --header \
          "Authorization: Bearer $(cut -d' ' -f2 /var/lib/lingtan/journal.db.pass)" http://127.0.0.1:8080$1
      }
      snapshot() { page /api/snapshot; }
      told() { journalctl --no-pager -u lingtan -o cat; }
      keep() { cp /var/lib/lingtan/journal.db* /share/; }
      fail() {
        echo "no $1 after $(up) s"
        snapshot
        pid=$(systemctl show -P MainPID lingtan)
        [ "$pid" = 0 ] || kill -QUIT "$pid" # 0 would be this script
        sleep 5
        systemctl status --no-pager -n 0 lingtan
        told
        systemctl stop lingtan
        keep
        exit 1
      }
      wait_for() { for i in $(seq 100); do snapshot | grep -q "$1" && return; sleep 1; done; fail "$1"; }
      counted() { wait_for '"p":"pulses","zh":"[^"]*","v":'$1'[^0-9]'; }
      pulses() {
        line=$1
        shift
        $(ls /usr/lib/jvm/*/bin/java | head -n 1) -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -Xmx32m \\
          -cp /share/tests io.lingtan.testing.GpioSimPulses \\
          $(ls -d /sys/devices/platform/gpio-sim.0/gpiochip*)/sim_gpio$line/pull "$@" || fail pulses
      }
      echo "systemd after $(up) s"
      sim=/sys/kernel/config/gpio-sim/sim
      mkdir -p $sim/bank0/line4/hog
      echo 8 > $sim/bank0/num_lines
      echo lingtan-sim > $sim/bank0/label
      echo 'somebody else' > $sim/bank0/line4/hog/name
      echo input > $sim/bank0/line4/hog/direction
      echo 1 > $sim/live
      dpkg --unpack /share/lingtan.deb </dev/null 2>&1 | cat
      udevadm trigger --action=change --subsystem-match=tty
      udevadm settle --timeout 100
      timeout 300 dpkg --configure lingtan </dev/null 2>&1 | cat
      echo "installed after $(up) s; it is $(systemctl is-active lingtan) and $(systemctl is-enabled lingtan)"
      udevadm settle --timeout 100
      ls -l /dev/gpiochip* /dev/ttyAMA1 /usr/lib/lingtan/cache
      cat /share/lines.yaml >> /etc/lingtan/site.yaml
      timeout 200 systemctl restart lingtan || fail restart
      wait_for '"hall"'
      wait_for far
      counted 0
      wait_for '"p":"energy_import"'
      echo "the meter is read after $(up) s"
      pulses 0 %1$d 9600 9600 0 0
      counted %1$d
      sed -i 's/offset: 0, debounce: 0s/offset: 0, debounce: 1ms/' /etc/lingtan/site.yaml
      timeout 100 systemctl reload lingtan || fail reload
      echo "reloaded after $(up) s: $(told | grep 'is in use: ')"
      counted %1$d
      pulses 0 %1$d 9600 9600 0 0
      counted %2$d
      pulses 1 300 4500 4500 0 $(systemctl show -P MainPID lingtan)
      pulses 2 40 60000 80000 2 0
      pulses 3 1 1000000 10000 0 0
      sleep 2
      echo "user $(stat -c %%U /proc/$(systemctl show -P MainPID lingtan))," \\
        "restarts $(systemctl show -P NRestarts lingtan)"
      page /text
      timeout 100 systemctl stop lingtan || fail stop
      echo "stopped with $(systemctl show -P ExecMainStatus lingtan) after $(up) s"
      told
      keep
      """
          .formatted(HALF, 2 * HALF);

  private static String console = "";
  private static Set<Long> served = Set.of();
  private static KeptRecords kept;

  @BeforeAll
  static void run() throws IOException, InterruptedException {
    share();
    Path ours = SHARE.resolve("ours");
    Path theirs = SHARE.resolve("theirs");
    try (Child pair = line(theirs, ours);
        Child meter = meter(theirs);
        Child guest =
            ArmMachine.in(Path.of("target/arm64"))
                .boot(
                    SHARE,
                    List.of("gpio-sim"),
                    SCRIPT,
                    List.of("-chardev", "serial,id=rtu,path=" + ours, "-serial", "chardev:rtu"))) {
      int code = guest.join(MOST_SECONDS);
      console = guest.output();
      assertEquals(0, code, console);
      assertTrue(pair.isAlive() && meter.isAlive(), meter::toString);
      served = Set.copyOf(KeptRecords.served(meter.output()));
    }
    System.out.println(console);
    assertTrue(console.contains("stopped with 0"), console);
    kept = new KeptRecords(SHARE.resolve("journal.db"));
    System.out.println(kept.totals());
  }

  private static void share() throws IOException {
    if (Files.exists(SHARE)) {
      try (Stream<Path> all = Files.walk(SHARE)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
    Files.createDirectories(SHARE);
    Files.copy(PackageIT.deb(), SHARE.resolve("lingtan.deb"));
    Files.writeString(SHARE.resolve("lines.yaml"), LINES);
    copy("/" + GpioSimPulses.class.getName().replace('.', '/') + ".class", SHARE.resolve("tests"));
  }

  private static void copy(String resource, Path to) throws IOException {
    Path file = to.resolve(resource.substring(1));
    Files.createDirectories(file.getParent());
    try (InputStream in = ArmPackageIT.class.getResourceAsStream(resource)) {
      Files.copy(Objects.requireNonNull(in, resource), file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The meter's end of the serial line, and the guest's. */
  private static Child line(Path theirs, Path ours) throws IOException, InterruptedException {
    Child pair =
        Child.start(
            SHARE.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0,link=" + theirs));
    pair.await("the pair of ports", 10, () -> Files.exists(ours) && Files.exists(theirs));
    return pair;
  }

  private static Child meter(Path port) throws IOException {
    String script = "/io/lingtan/agent/acquire/pymodbus_meter.py";
    copy(script, SHARE);
    return Child.start(
        SHARE.resolve("served.log"),
        Map.of(),
        List.of(
            "/usr/bin/python3",
            SHARE.resolve(script.substring(1)).toString(),
            "rtu",
            port.toString(),
            "1"));
  }

  private static long total(String device) {
    PulseTotal total = kept.totals().get(device);
    if (total == null) {
      throw new AssertionError("no total of " + device + ": " + kept.totals());
    }
    return total.pulses();
  }

  private static List<Event> events(String name, String device) {
    return kept.events(name).stream().filter(event -> device.equals(event.device())).toList();
  }

  /** Of a line that cannot be had in whole. */
  private static String problem(Predicate<String> which) {
    return kept.events("line.down").stream()
        .map(event -> String.valueOf(event.detail().get("problem")))
        .filter(which)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void installedByDpkgItIsAServiceOfItsOwnUser() {
    assertTrue(console.contains("it is active and enabled"), console);
    assertTrue(console.contains("user lingtan, restarts 0"), console);
    assertTrue(
        console.contains("lingtan.aot") || console.contains("class cache could not be made"),
        console);
  }

  @Test
  void eachOfFiveHundredPulsesAtFiftyPerSecondIsCountedAcrossAReload() {
    assertEquals(2, console.split("gave " + HALF + " pulses", -1).length - 1, console);
    assertTrue(console.contains("is in use: lines sim"), console);
    assertEquals(2 * HALF, total("fast"));
    assertEquals(List.of(), events("meter.lost_pulses", "fast"));
  }

  @Test
  void atAHundredPerSecondAStallOfHalfASecondLosesNoneOrTellsHowMany() {
    assertTrue(console.contains("gave 300 pulses"), console);
    long lost =
        events("meter.lost_pulses", "stalled").stream()
            .mapToLong(event -> Long.parseLong(String.valueOf(event.detail().get("pulses"))))
            .sum();
    assertEquals(300, total("stalled") + lost);
  }

  @Test
  void bouncingEdgesAreOnePulse() {
    assertTrue(console.contains("gave 40 pulses"), console);
    assertEquals(40, total("bouncing"));
  }

  @Test
  void aLevelsChangesAreToldInOrder() {
    assertEquals(
        List.of("open", "closed"),
        events("meter.state", "door").stream().map(e -> e.detail().get("after")).toList());
  }

  @Test
  void inputsThatCannotBeHadAreToldWithTheirReason() {
    String problem = problem(words -> words.contains("somebody else"));
    assertTrue(problem.contains("is in use by 'somebody else'"), problem);
    assertTrue(problem.contains("has offsets 0 to 7, and none is 8"), problem);
    assertFalse(kept.totals().containsKey("far"), kept.totals()::toString);
  }

  @Test
  void aLineWithoutItsChipIsAProblemOfThatLineOnly() {
    String problem = problem(words -> words.startsWith("no chip"));
    assertTrue(problem.contains("is known as that of a header; name one of gpiochip0"), problem);
    assertFalse(kept.totals().containsKey("header"), kept.totals()::toString);
  }

  @Test
  void whatTheMeterServedAtTheOtherEndOfASerialPortIsInTheJournal() {
    List<Long> energies = kept.energies("hall");
    System.out.printf("%d readings of the meter%n", energies.size());
    assertTrue(energies.size() >= 5, "only " + energies.size() + " readings of the meter");
    assertTrue(served.containsAll(energies), () -> energies + " and served was only " + served);
  }
}
