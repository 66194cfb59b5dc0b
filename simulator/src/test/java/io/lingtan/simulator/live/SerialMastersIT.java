package io.lingtan.simulator.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.SimulatedSite;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Masters that nobody here wrote read the hydrogen depot's meters in RTU frames on a
 * pseudo-terminal. A second world of the same seed says what its registers showed meanwhile.
 */
@RequiresTool("socat")
final class SerialMastersIT {
  private static final Pattern MBPOLL_VALUE = Pattern.compile("\\[\\d+]:\\s+(\\S+)");
  private static final String LINE = "rs485-1";

  @TempDir Path folder;

  private final SimulatedSite site = SimulatedSite.of("hydrogen-depot", 33, 20);
  private final SimulatedSite again = SimulatedSite.of("hydrogen-depot", 33, 20);
  private final Time time = new SystemTime(List.of("system"));
  private final MonotonicInstant start = time.now();
  private final WorldClock clock = WorldClock.realTime(start, site.world().stepStart());
  private final TcpStep step = new TcpStep(site.world(), clock, start);
  private final Loop loop = new Loop(step, time);
  private LiveLines lines;
  private String port;
  private long before;
  private long after;

  @BeforeEach
  void serve() throws IOException {
    lines = new LiveLines(step, InetAddress.ofLiteral("127.0.0.1"), 0, folder);
    for (var endpoint : site.endpoints()) {
      lines.open(endpoint);
    }
    port = Objects.requireNonNull(lines.ports().get(LINE));
    loop.start();
  }

  @AfterEach
  void stop() {
    lines.close();
    assertTrue(loop.stop(Duration.ofSeconds(5)));
    assertEquals(0, loop.health().failures());
    assertTrue(!Files.exists(Path.of(port)), "the name of the serial port is left behind");
  }

  @Test
  @RequiresTool("mbpoll")
  void mbpollReadsASerialLine() throws Exception {
    compare("gate", "energy_import", 1.2 * mbpoll(1, "4:int", 0x0A));
    // It prints six digits of a float: enough for a power, not for a register.
    compare("comp", "power", mbpoll(2, "3:float", 0x34));
    compare("chargers", "power", 6.0 * mbpoll(3, "4:float", 0x2012));
  }

  private double mbpoll(int unit, String type, int address) throws Exception {
    before = millis();
    Launched poll =
        Launched.run(
            Map.of(),
            "mbpoll",
            "-1",
            "-0",
            "-B",
            "-m",
            "rtu",
            "-b",
            "19200",
            "-P",
            "even",
            "-a",
            String.valueOf(unit),
            "-t",
            type,
            "-r",
            String.valueOf(address),
            "-c",
            "1",
            port);
    after = millis();
    assertEquals(0, poll.exit(), poll::toString);
    Matcher value = MBPOLL_VALUE.matcher(poll.out());
    assertTrue(value.find(), poll::toString);
    return Double.parseDouble(value.group(1));
  }

  @Test
  @RequiresTool("python3")
  void pymodbusReadsASerialLine() throws Exception {
    Path script = folder.resolve("read_registers.py");
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("read_registers.py"))) {
      Files.copy(in, script);
    }
    before = millis();
    List<String> read =
        pymodbus(script, "1:3:0x0A:2", "1:3:0x16A:2", "2:4:0x34:2", "2:4:0x48:2", "3:3:0x101E:2");
    after = millis();
    compare("gate", "energy_import", 1.2 * integer(read.get(0)));
    compare("gate", "power", 120.0 * integer(read.get(1)));
    compare("comp", "power", Float.intBitsToFloat(integer(read.get(2))));
    compare("comp", "energy_import", Float.intBitsToFloat(integer(read.get(3))));
    compare("chargers", "energy_import", 60.0 * Float.intBitsToFloat(integer(read.get(4))));
  }

  private List<String> pymodbus(Path script, String... reads) throws Exception {
    List<String> command = new ArrayList<>();
    // A pseudo-terminal has no parity, and pyserial will not open it with one.
    command.addAll(List.of("/usr/bin/python3", script.toString(), port, "19200N"));
    command.addAll(List.of(reads));
    Launched master = Launched.run(Map.of(), command.toArray(String[]::new));
    assertEquals(0, master.exit(), master::toString);
    return master.out().lines().toList();
  }

  private static int integer(String words) {
    return (int) HexFormat.fromHexDigitsToLong(words.replace(" ", ""));
  }

  private long millis() {
    return clock.millisAt(time.now());
  }

  private void compare(String id, String name, double value) {
    ShownBetween.compare(again.meter(id), again.world(), before, after, name, value);
  }
}
