package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.acquire.wire.SerialChannel;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Child;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Meters that nobody here wrote, on real sockets and real (pseudo) serial ports. */
final class PymodbusIT {

  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  private final Inbox<Arrival> inbox = new Inbox<>(10_000);
  private final List<Sample> samples = new ArrayList<>();
  private final List<String> events = new ArrayList<>();

  /** The machine's own clock; the test is not allowed to know better. */
  private static final class MachineTime implements Time {
    @Override
    public MonotonicInstant now() {
      return new MonotonicInstant(System.nanoTime());
    }

    @Override
    public String boot() {
      return "boot";
    }

    @Override
    public Wall wall() {
      return new Wall(0, true, "system");
    }
  }

  private static DeviceProfile profile() {
    return Objects.requireNonNull(Catalogue.profiles(null).load("eastron-sdm630").value());
  }

  private static Device device(String id, int unit) {
    return Parts.device(
        id,
        profile(),
        unit,
        null,
        PERIOD,
        PERIOD,
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        null,
        null);
  }

  private Child meter(String kind, String where, String... units) throws IOException {
    Path script = folder.resolve("pymodbus_meter.py");
    try (InputStream in = PymodbusIT.class.getResourceAsStream("pymodbus_meter.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    List<String> command = new ArrayList<>(List.of(PYTHON, script.toString(), kind, where));
    command.addAll(List.of(units));
    return Child.start(folder.resolve("served.log"), Map.of(), command);
  }

  private PolledLineStep line(Line line) {
    return new PolledLineStep(
        line,
        new Outlet(line.devices(), inbox, new MachineTime()),
        FieldPorts.real().channel(line));
  }

  private void take() {
    inbox.drain(
        arrival -> {
          switch (arrival) {
            case Arrival.Recorded(var sample) -> samples.add(sample);
            case Arrival.Noticed(Event event, var boot, var at) -> events.add(event.name());
            case Arrival.Exchanged exchange -> events.add(exchange.event().name());
            case Arrival.Fed fed -> {}
            case Arrival.FeedTried tried -> {}
            case Arrival.HoldEnded ended -> {}
            case Arrival.Counted counted -> {}
            case Arrival.Identified identified -> {}
          }
        },
        Integer.MAX_VALUE);
  }

  private void await(Child child, String what, BooleanSupplier condition)
      throws IOException, InterruptedException {
    child.await(
        what,
        40,
        () -> {
          take();
          return condition.getAsBoolean();
        });
  }

  private void awaitProblem(PolledLineStep step, String words) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    String problem = null;
    while (System.nanoTime() < until && (problem == null || !problem.contains(words))) {
      TimeUnit.MILLISECONDS.sleep(50);
      take();
      problem = String.valueOf(step.snapshot().problem());
    }
    assertTrue(problem != null && problem.contains(words), problem);
    assertTrue(events.contains("line.down"), events.toString());
  }

  private long good(String device) {
    return samples.stream()
        .filter(sample -> sample.device().equals(device) && sample.failed() == null)
        .count();
  }

  /** Every value that was recorded stands in the meter's own log of what it served. */
  private void assertEveryValueWasServed(Child meter, Map<String, Integer> units)
      throws IOException {
    Set<String> served = new HashSet<>();
    for (String entry : meter.output().lines().toList()) {
      if (entry.startsWith("served ")) {
        String[] word = entry.split(" ");
        float value = Float.intBitsToFloat(Integer.parseUnsignedInt(word[3], 16));
        served.add(
            word[1] + " " + word[2] + " " + Micros.of(new BigDecimal(Float.toString(value))));
      }
    }
    int compared = 0;
    for (Sample sample : samples) {
      for (RegisterPoint register : profile().points()) {
        var point = Objects.requireNonNull(register.point());
        if (sample.values().has(point)) {
          String value =
              units.get(sample.device())
                  + " "
                  + register.address()
                  + " "
                  + sample.values().micros(point);
          assertTrue(served.contains(value), () -> value + " was never served: " + sample);
          compared++;
        }
      }
    }
    assertTrue(compared > 100, "only " + compared + " values to compare");
  }

  @Test
  @RequiresTool("python3")
  void readsOverTcpExactlyWhatIsServedAndFindsAMeterThatWasKilled() throws Exception {
    int port = Ports.free();
    Child meter = meter("tcp", Integer.toString(port), "1", "3");
    meter.await("pymodbus to listen", 20, () -> Ports.answers(port));
    Line line =
        new Line.ModbusTcp(
            "tcp",
            "127.0.0.1",
            port,
            false,
            false,
            1,
            false,
            Duration.ofMillis(300),
            List.of(device("a", 1), device("dead", 2), device("b", 3)),
            null);
    PolledLineStep step = line(line);
    Loop loop = new Loop(step, new MachineTime()).start();
    try {
      await(meter, "readings", () -> good("a") >= 20 && good("b") >= 20);
      assertEquals(0, good("dead"));
      assertTrue(events.contains("meter.offline"));
      meter.kill();
      awaitProblem(step, "host refused connection");
      long before = good("a");
      meter = meter("tcp", Integer.toString(port), "1", "3");
      await(meter, "readings again", () -> good("a") >= before + 10 && good("b") >= before + 10);
      assertTrue(events.contains("line.up") && events.contains("meter.online"), events.toString());
    } finally {
      assertTrue(loop.stop(Duration.ofSeconds(5)));
      meter.close();
    }
    take();
    assertEveryValueWasServed(meter, Map.of("a", 1, "b", 3));
  }

  @Test
  @RequiresTool({"python3", "socat"})
  void readsOverASerialLineExactlyWhatIsServedAndSurvivesThePortsLoss() throws Exception {
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    Child pair = pair(ours, theirs);
    Child meter = meter("rtu", theirs.toString(), "1", "3");
    Line line =
        new Line.Serial(
            "rs485",
            ours.toString(),
            new Line.CharacterFormat(19_200, Line.Parity.NONE, 1),
            "auto",
            false,
            Duration.ofMillis(300),
            List.of(device("a", 1), device("dead", 2), device("b", 3)),
            null);
    PolledLineStep step = line(line);
    Loop loop = new Loop(step, new MachineTime()).start();
    try {
      await(meter, "readings", () -> good("a") >= 20 && good("b") >= 20);
      assertEquals(0, good("dead"));
      // The adapter is pulled out ...
      meter.kill();
      pair.kill();
      Files.deleteIfExists(ours);
      Files.deleteIfExists(theirs);
      awaitProblem(step, "does not exist");
      long before = good("a");
      // ... and put in again.
      pair = pair(ours, theirs);
      meter = meter("rtu", theirs.toString(), "1", "3");
      await(meter, "readings again", () -> good("a") >= before + 10 && good("b") >= before + 10);
      assertTrue(events.contains("line.up"), events.toString());
    } finally {
      assertTrue(loop.stop(Duration.ofSeconds(5)));
      meter.close();
      pair.close();
    }
    take();
    assertEveryValueWasServed(meter, Map.of("a", 1, "b", 3));
  }

  private Child pair(Path ours, Path theirs) throws IOException, InterruptedException {
    Child pair =
        Child.start(
            folder.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0,link=" + theirs));
    pair.await("the pair of ports", 10, () -> Files.exists(ours) && Files.exists(theirs));
    return pair;
  }

  @Test
  void aPortThatIsNoPortIsSaidInWords() throws IOException {
    Line.Serial line = serial(folder.resolve("ttyUSB9"));
    var channel = new SerialChannel(line);
    assertEquals(Channel.Opening.FAILED, channel.open());
    var trouble = Objects.requireNonNull(channel.trouble());
    assertEquals(Reason.CONFIG, trouble.reason());
    assertTrue(
        trouble.words().english().contains("ttyUSB9 does not exist"), trouble.words()::english);
    Path file = Files.createFile(folder.resolve("a-file"));
    channel = new SerialChannel(serial(file));
    assertEquals(Channel.Opening.FAILED, channel.open());
    assertTrue(
        Objects.requireNonNull(channel.trouble()).words().english().contains("is no serial port"),
        "" + channel.trouble());
  }

  private static Line.Serial serial(Path port) {
    return new Line.Serial(
        "rs485",
        port.toString(),
        new Line.CharacterFormat(19_200, Line.Parity.NONE, 1),
        "auto",
        false,
        Duration.ofMillis(300),
        List.of(),
        null);
  }
}
