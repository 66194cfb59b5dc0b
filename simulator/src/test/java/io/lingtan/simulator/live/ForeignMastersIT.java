package io.lingtan.simulator.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.world.Plant;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
 * Masters that nobody here wrote read the site on real sockets. A second world of the same seed
 * says what its registers showed between the moment before the question and the moment after the
 * answer.
 */
final class ForeignMastersIT {
  private static final String HOST = "127.0.0.1";
  private static final Pattern MBPOLL_VALUE = Pattern.compile("\\[\\d+]:\\s+(\\S+)");

  @TempDir Path folder;

  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(33), 0);
  private final DemoMicrogrid again = new DemoMicrogrid(Plant.demo(33), 0);
  private final Time time = new SystemTime(List.of("system"));
  private final MonotonicInstant start = time.now();
  private final WorldClock clock = WorldClock.realTime(start, site.world().stepStart());
  private final TcpStep step = new TcpStep(site.world(), clock, start);
  private final Loop loop = new Loop(step, time);
  private final List<Integer> ports = new ArrayList<>();

  @BeforeEach
  void serve() throws IOException {
    for (var endpoint : site.endpoints()) {
      ports.add(step.listen(endpoint, new InetSocketAddress(InetAddress.ofLiteral(HOST), 0)));
    }
    loop.start();
  }

  @AfterEach
  void stop() {
    assertTrue(loop.stop(Duration.ofSeconds(5)));
    assertEquals(0, loop.health().failures());
  }

  @Test
  @RequiresTool("mbpoll")
  void mbpollReadsWhatTheWorldIs() throws Exception {
    compare("bat1", "power", mbpoll(1, 1, "4:int", 0));
    compare("gate", "energy_import", 800_000 * mbpoll(2, 1, "4:int", 0x0A) / 1_000_000);
    // mbpoll prints six digits of a float: enough for a power, not for a register.
    compare("house", "power", mbpoll(2, 2, "3:float", 0x34));
    compare("ely1", "mass", mbpoll(3, 1, "4:int", 6) / 1_000);
    compare("tank1", "pressure", mbpoll(3, 2, "3:int", 0) / 1_000);
  }

  private double mbpoll(int line, int unit, String type, int address) throws Exception {
    before = millis();
    Launched poll =
        Launched.run(
            Map.of(),
            "mbpoll",
            "-1",
            "-0",
            "-B",
            "-m",
            "tcp",
            "-p",
            String.valueOf(ports.get(line)),
            "-a",
            String.valueOf(unit),
            "-t",
            type,
            "-r",
            String.valueOf(address),
            "-c",
            "1",
            HOST);
    after = millis();
    assertEquals(0, poll.exit(), poll::toString);
    Matcher value = MBPOLL_VALUE.matcher(poll.out());
    assertTrue(value.find(), poll::toString);
    return Double.parseDouble(value.group(1));
  }

  @Test
  @RequiresTool("python3")
  void pymodbusReadsWhatTheWorldIs() throws Exception {
    Path script = folder.resolve("read_registers.py");
    try (InputStream in =
        Objects.requireNonNull(getClass().getResourceAsStream("read_registers.py"))) {
      Files.copy(in, script);
    }
    before = millis();
    List<String> switchboard =
        pymodbus(script, ports.get(2), "1:3:0x0A:2", "1:3:0x16A:2", "2:4:0x34:2", "2:4:0x48:2");
    List<String> roof = pymodbus(script, ports.get(0), "1:3:40000:124");
    after = millis();
    compare("gate", "energy_import", 0.8 * integer(switchboard.get(0)));
    compare("gate", "power", 80.0 * integer(switchboard.get(1)));
    compare("house", "power", Float.intBitsToFloat(integer(switchboard.get(2))));
    compare("house", "energy_import", Float.intBitsToFloat(integer(switchboard.get(3))));
    String[] chain = roof.getFirst().split(" ");
    assertEquals("5375", chain[0]);
    assertEquals("6e53", chain[1]);
    assertEquals("0067", chain[70]);
    assertEquals("ffff", chain[122]);
    compare("pv1", "energy_generated", 0.01 * integer(chain[94] + ' ' + chain[95]));
    compare("pv1", "power", 10.0 * (short) Integer.parseInt(chain[84], 16));
  }

  private static List<String> pymodbus(Path script, int port, String... reads) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("/usr/bin/python3", script.toString(), HOST, String.valueOf(port)));
    command.addAll(List.of(reads));
    Launched master = Launched.run(Map.of(), command.toArray(String[]::new));
    assertEquals(0, master.exit(), master::toString);
    return master.out().lines().toList();
  }

  private static int integer(String words) {
    return (int) HexFormat.fromHexDigitsToLong(words.replace(" ", ""));
  }

  private long before;
  private long after;

  private long millis() {
    return clock.millisAt(time.now());
  }

  private void compare(String id, String name, double value) {
    ShownBetween.compare(again.meter(id), again.world(), before, after, name, value);
  }
}
