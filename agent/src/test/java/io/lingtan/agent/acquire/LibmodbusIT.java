package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.Line;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A meter by libmodbus, compiled here, over TCP and over a pair of serial ports. */
final class LibmodbusIT {

  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final Point COUNTER = Point.of("energy_import");
  private static final Point LOW = Point.of("power");

  @TempDir private Path folder;

  private final Inbox<Arrival> inbox = new Inbox<>(100_000);
  private final List<Sample> samples = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();

  private static final class MachineTime implements Time {
    @Override
    public MonotonicInstant now() {
      return new MonotonicInstant(System.nanoTime() & Long.MAX_VALUE);
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

  private static RegisterPoint register(
      @Nullable Point point, int address, DeviceProfile.Type type, int words) {
    return Parts.register(
        point,
        3,
        address,
        type,
        words,
        WordOrder.BIG,
        BigDecimal.ONE,
        -1,
        point == null ? Ratio.NONE : Ratio.CT,
        List.of(),
        null,
        PERIOD,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of());
  }

  private static Device device() {
    var profile =
        Parts.profile(
            "libmodbus",
            Kind.METER,
            Protocol.MODBUS,
            "",
            "",
            "",
            true,
            List.of(
                register(COUNTER, 0, DeviceProfile.Type.UINT32, 2),
                register(LOW, 2, DeviceProfile.Type.UINT16, 1)),
            new LinkedHashMap<>(),
            Map.of(
                "serial", register(null, 100, DeviceProfile.Type.STRING, 4),
                "ct", register(null, 200, DeviceProfile.Type.UINT16, 1)),
            125,
            Duration.ZERO,
            false);
    return Parts.device(
        "meter",
        profile,
        7,
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

  /** Compiles the meter; a warning is an error. */
  private Path compiled() throws IOException, InterruptedException {
    Path source = folder.resolve("libmodbus_meter.c");
    Path program = folder.resolve("libmodbus_meter");
    try (InputStream in = LibmodbusIT.class.getResourceAsStream("libmodbus_meter.c")) {
      Files.write(source, Objects.requireNonNull(in).readAllBytes());
    }
    Child compiler =
        Child.start(
            folder.resolve("gcc.log"),
            Map.of(),
            List.of(
                "gcc",
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-I/usr/include/modbus",
                "-o",
                program.toString(),
                source.toString(),
                "-lmodbus"));
    assertEquals(0, compiler.join(60), compiler.output());
    return program;
  }

  private Child meter(Path program, String kind, String where, String serial) throws IOException {
    return Child.start(
        folder.resolve("served.log"), Map.of(), List.of(program.toString(), kind, where, serial));
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

  private void take() {
    inbox.drain(
        arrival -> {
          switch (arrival) {
            case Arrival.Recorded(var sample) -> samples.add(sample);
            case Arrival.Noticed(Event event, var boot, var at) -> events.add(event);
            case Arrival.Exchanged exchange -> events.add(exchange.event());
            default -> {}
          }
        },
        Integer.MAX_VALUE);
  }

  private long good() {
    return samples.stream().filter(sample -> sample.values().size() == 2).count();
  }

  private boolean told(String event) {
    return events.stream().anyMatch(each -> each.name().equals(event));
  }

  private void assertEveryValueWasServed(Child meter) throws IOException {
    Set<Long> served = new HashSet<>();
    meter
        .output()
        .lines()
        .filter(line -> line.startsWith("served "))
        .forEach(line -> served.add(Long.parseLong(line.substring(7))));
    int compared = 0;
    for (Sample sample : samples) {
      if (sample.values().size() == 2) {
        long counter = sample.values().micros(COUNTER) / 1_000_000L;
        assertTrue(served.contains(counter), () -> counter + " was never served: " + sample);
        assertEquals((counter & 0xFFFF) * 1_000_000L, sample.values().micros(LOW));
        compared++;
      }
    }
    assertTrue(compared >= 40, "only " + compared + " samples to compare");
  }

  @Test
  @RequiresTool("gcc")
  void readsOverTcpAndNoticesThatAnotherMeterHasTakenItsPlace() throws Exception {
    Path program = compiled();
    int port = Ports.free();
    Child meter = meter(program, "tcp", Integer.toString(port), "AB123456");
    meter.await("libmodbus to listen", 20, () -> output(meter).contains("ready"));
    Line line =
        new Line.ModbusTcp(
            "tcp",
            "127.0.0.1",
            port,
            false,
            true,
            1,
            false,
            Duration.ofMillis(500),
            List.of(device()),
            null);
    PolledLineStep step =
        new PolledLineStep(
            line,
            new Outlet(line.devices(), inbox, new MachineTime()),
            FieldPorts.real().channel(line));
    Loop loop = new Loop(step, new MachineTime()).start();
    Child other = null;
    try {
      await(meter, "readings", () -> good() >= 20);
      assertEquals(
          Map.of("serial", "AB123456", "ct", "1"), step.snapshot().devices().getFirst().identity());
      meter.kill();
      other = meter(program, "tcp", Integer.toString(port), "AB999999");
      await(other, "the exchange", () -> told("meter.exchange") && good() >= 40);
      Event exchange =
          events.stream().filter(e -> e.name().equals("meter.exchange")).findFirst().orElseThrow();
      assertEquals(Map.of("old_serial", "AB123456", "new_serial", "AB999999"), exchange.detail());
    } finally {
      assertTrue(loop.stop(Duration.ofSeconds(5)));
      meter.close();
      if (other != null) {
        other.close();
      }
    }
    take();
    assertEveryValueWasServed(meter);
  }

  private static String output(Child child) {
    try {
      return child.output();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  @RequiresTool({"gcc", "socat", "mbpoll"})
  void readsOverASerialLineAndNoticesAnotherMasterOnIt() throws Exception {
    Path program = compiled();
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    Child pair =
        Child.start(
            folder.resolve("socat.log"),
            Map.of(),
            List.of("socat", "pty,raw,echo=0,link=" + ours, "pty,raw,echo=0,link=" + theirs));
    pair.await("the pair of ports", 10, () -> Files.exists(ours) && Files.exists(theirs));
    Child meter = meter(program, "rtu", theirs.toString(), "AB123456");
    Line line =
        new Line.Serial(
            "rs485",
            ours.toString(),
            new Line.CharacterFormat(19_200, Line.Parity.NONE, 1),
            "auto",
            false,
            Duration.ofMillis(500),
            List.of(device()),
            null);
    PolledLineStep step =
        new PolledLineStep(
            line,
            new Outlet(line.devices(), inbox, new MachineTime()),
            FieldPorts.real().channel(line));
    Loop loop = new Loop(step, new MachineTime()).start();
    Child stranger = null;
    try {
      await(meter, "readings", () -> good() >= 40);
      assertEquals(0, step.snapshot().strangers());
      // Another master at the line's other end asks unit 9, which is not there.
      stranger =
          Child.start(
              folder.resolve("mbpoll.log"),
              Map.of(),
              List.of(
                  "mbpoll",
                  "-m",
                  "rtu",
                  "-b",
                  "19200",
                  "-P",
                  "none",
                  "-a",
                  "9",
                  "-t",
                  "4",
                  "-r",
                  "1",
                  "-c",
                  "1",
                  "-o",
                  "0.3",
                  "-l",
                  "350",
                  theirs.toString()));
      await(meter, "the other master", () -> told("line.second_master"));
      stranger.kill();
      long before = good();
      await(meter, "readings after it", () -> good() >= before + 20);
    } finally {
      assertTrue(loop.stop(Duration.ofSeconds(5)));
      meter.close();
      pair.close();
      if (stranger != null) {
        stranger.close();
      }
    }
    take();
    assertEveryValueWasServed(meter);
  }
}
