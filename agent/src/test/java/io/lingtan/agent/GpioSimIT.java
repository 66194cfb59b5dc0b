package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.testing.ArmMachine;
import io.lingtan.testing.Child;
import io.lingtan.testing.RequiresTool;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole agent on an ARM machine with a kernel that has simulated inputs (gpio-sim): it runs as
 * on a gateway, somebody else gives the pulses, and its journal tells what it counted.
 */
@Tag("campaign")
@RequiresTool({"qemu-system-aarch64", "apt-get", "dpkg-deb", "xz"})
final class GpioSimIT {

  private static final int MOST_SECONDS = 600;

  /** Of the class path what the agent needs: a folder that is shared is slow to read. */
  private static final Pattern LIBRARIES =
      Pattern.compile(
          "/(pi4j-core|slf4j|sqlite-jdbc|org\\.eclipse\\.paho|jackson-core|snakeyaml|picocli"
              + "|californium|scandium|element-connector|jSerialComm|qrcodegen|jspecify"
              + "|lingtan-agent-[0-9.]*\\.jar)[^/]*$");

  private static final String SITE =
      """
      gateway: arm-test
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
      metering:
        meters: []
      mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
      journal: {path: /tmp/journal.db}
      status: {listen: "127.0.0.1:8080", pin_file: /tmp/pin}
      clock: {trust: [system]}
      """;

  /** {@code $1} of {@code pulses} is the input, then what GpioSimPulses takes. */
  private static final String SCRIPT =
      """
      sim=/sys/kernel/config/gpio-sim/sim
      mkdir -p $sim/bank0/line4/hog
      echo 8 > $sim/bank0/num_lines
      echo lingtan-sim > $sim/bank0/label
      echo 'somebody else' > $sim/bank0/line4/hog/name
      echo input > $sim/bank0/line4/hog/direction
      echo 1 > $sim/live
      chip=$(ls -d /sys/devices/platform/gpio-sim.0/gpiochip*)
      jvm="java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
      $jvm -Xmx128m --enable-native-access=ALL-UNNAMED -cp "/share/classes:/share/lib/*" \\
        io.lingtan.agent.Main run --config /share/site.yaml > /share/agent.log 2>&1 &
      agent=$!
      pulses() { line=$1; shift; $jvm -Xmx32m -cp /share/tests io.lingtan.testing.GpioSimPulses \\
        $chip/sim_gpio$line/pull "$@"; }
      snapshot() { wget -qO- http://127.0.0.1:8080/api/snapshot 2>/dev/null; }
      for i in $(seq 120); do snapshot > /tmp/now && grep -q '"stalled"' /tmp/now && grep -q far /tmp/now \\
        && break; sleep 1; done
      sleep 2
      pulses 0 500 9600 9600 0 0
      pulses 1 300 4500 4500 0 $agent
      pulses 2 40 60000 80000 2 0
      pulses 3 1 1000000 10000 0 0
      sleep 2
      snapshot > /share/snapshot.json
      wget -qO- http://127.0.0.1:8080/text > /share/page.txt
      kill -TERM $agent
      wait $agent
      cp /tmp/journal.db* /share/
      """;

  @TempDir static Path share;
  private static Map<String, PulseTotal> totals = Map.of();
  private static final List<Event> EVENTS = new ArrayList<>();
  private static String console = "";
  private static String log = "";

  @BeforeAll
  static void run() throws IOException, InterruptedException {
    ArmMachine machine = ArmMachine.in(Path.of("target/arm64"));
    Files.writeString(share.resolve("site.yaml"), SITE);
    share();
    try (Child guest =
        machine.boot(
            share, List.of("gpio-sim"), ArmMachine.Clock.INSTRUCTIONS, SCRIPT, List.of())) {
      int code = guest.join(MOST_SECONDS);
      console = guest.output();
      log = read("agent.log");
      assertEquals(0, code, () -> console + log);
    }
    System.out.println(console);
    System.out.println(read("page.txt"));
    readJournal();
  }

  /** The agent's classes and libraries as they are here, and of the tests the one that is used. */
  private static void share() throws IOException {
    Path lib = Files.createDirectories(share.resolve("lib"));
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : path.split(File.pathSeparator, -1)) {
      Path from = Path.of(entry);
      if (Files.isDirectory(from) && Files.exists(from.resolve("io/lingtan/agent/Main.class"))) {
        copy(from, share.resolve("classes"));
      } else if (Files.isRegularFile(from) && LIBRARIES.matcher(from.toString()).find()) {
        Files.copy(from, lib.resolve(from.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    String generator = "io/lingtan/testing/GpioSimPulses.class";
    Path to = share.resolve("tests").resolve(generator);
    Files.createDirectories(to.getParent());
    try (InputStream in = GpioSimIT.class.getResourceAsStream("/" + generator)) {
      Files.copy(Objects.requireNonNull(in, generator), to);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Path target = to.resolve(from.relativize(each).toString());
        if (Files.isDirectory(each)) {
          Files.createDirectories(target);
        } else {
          Files.copy(each, target);
        }
      }
    }
  }

  private static String read(String file) throws IOException {
    Path path = share.resolve(file);
    return Files.exists(path) ? Files.readString(path) : "";
  }

  private static void readJournal() {
    VirtualTime time = new VirtualTime(System.currentTimeMillis());
    try (Journal journal =
        Journal.open(
            new Journal.Options(
                share.resolve("journal.db"), 64_000_000, "reader", Duration.ofSeconds(1)),
            time,
            Randomness.seeded(1))) {
      totals = journal.totals();
      String epoch = journal.state().previous().getLast().epoch();
      try (Outbox outbox = journal.outbox()) {
        long from = 1;
        List<JournalRecord> some;
        do {
          some = outbox.read(epoch, EnumSet.of(Kind.EVENT), from, 1000);
          for (JournalRecord record : some) {
            if (record instanceof EventRecord event) {
              EVENTS.add(event.event());
            }
            from = record.seq() + 1;
          }
        } while (!some.isEmpty());
      }
    }
    EVENTS.forEach(System.out::println);
    System.out.println(totals);
  }

  @AfterAll
  static void forget() {
    EVENTS.clear();
  }

  private static long total(String device) {
    PulseTotal total = totals.get(device);
    if (total == null) {
      throw new AssertionError("no total of " + device + ": " + totals + "\n" + log);
    }
    return total.pulses();
  }

  private static List<Event> events(String name, String device) {
    return EVENTS.stream()
        .filter(event -> event.name().equals(name) && device.equals(event.device()))
        .toList();
  }

  @Test
  void eachOfFiveHundredPulsesAtFiftyPerSecondIsCounted() {
    assertTrue(console.contains("gave 500 pulses"), console);
    assertEquals(500, total("fast"));
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
    String problem =
        EVENTS.stream()
            .filter(event -> event.name().equals("line.down"))
            .map(event -> String.valueOf(event.detail().get("problem")))
            .filter(words -> words.contains("somebody else"))
            .findFirst()
            .orElseThrow();
    assertTrue(problem.contains("is in use by 'somebody else'"), problem);
    assertTrue(problem.contains("has offsets 0 to 7, and none is 8"), problem);
    assertFalse(totals.containsKey("far"), totals::toString);
  }

  @Test
  void aLineWithoutItsChipIsAProblemOfThatLineOnly() {
    String problem =
        EVENTS.stream()
            .filter(event -> event.name().equals("line.down"))
            .map(event -> String.valueOf(event.detail().get("problem")))
            .filter(words -> words.startsWith("no chip"))
            .findFirst()
            .orElseThrow();
    assertTrue(problem.contains("is known as that of a header; name one of gpiochip0"), problem);
    assertFalse(totals.containsKey("header"), totals::toString);
  }
}
