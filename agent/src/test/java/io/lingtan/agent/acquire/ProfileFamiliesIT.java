package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Child;
import io.lingtan.testing.Dump;
import io.lingtan.testing.Dump.Typed;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Ports;
import io.lingtan.testing.Recording;
import io.lingtan.testing.RequiresTool;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every profile that ships, as one unit of a server that nobody here wrote, serving what was typed
 * from the makers' documents, read by the agent's line step over one connection.
 */
final class ProfileFamiliesIT {

  private static final List<String> RATIOS = List.of("ct", "pt");
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  private final Inbox<Arrival> inbox = new Inbox<>(10_000);
  private final Map<String, Sample> samples = new HashMap<>();
  private final List<Device> devices = new ArrayList<>();
  private final StringBuilder served = new StringBuilder();

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

  @Test
  @RequiresTool("python3")
  void everyFamilyIsReadAsItsMakersTableSays() throws Exception {
    Map<String, List<Typed>> expected = new TreeMap<>();
    Catalogue<DeviceProfile> profiles = Catalogue.profiles(null);
    for (String name : profiles.names()) {
      DeviceProfile profile = Objects.requireNonNull(profiles.load(name).value(), name);
      if (profile.protocol() == DeviceProfile.Protocol.MODBUS
          || profile.protocol() == DeviceProfile.Protocol.SUNSPEC) {
        List<Typed> lines = firstOfEach(Dump.of(name).lines());
        expected.put(name, lines);
        Device device = device(name, profile);
        serve(device, Image.of(profile, lines));
        serveRatios(device);
      }
    }
    serve(
        device(
            "coils",
            Bench.profile(
                bit("state", 1, 17), Bench.register("soc", 3, 0, DeviceProfile.Type.UINT16, "1"))),
        new Image(Map.of(1, Map.of(17, 1), 3, Map.of(0, 42))));
    serve(
        device("inputs", Bench.profile(bit("state", 2, 1000))),
        new Image(Map.of(2, Map.of(1000, 0, 1001, 1))));
    Map<String, Map<String, String>> recorded = new TreeMap<>();
    for (Recording recording : Recording.all()) {
      recording
          .expected()
          .forEach(
              (name, values) -> {
                DeviceProfile profile = Objects.requireNonNull(profiles.load(name).value(), name);
                String id = "recorded-" + recorded.size();
                serve(device(id, profile), new Image(Map.of(3, recording.registers())));
                recorded.put(id, values);
              });
    }
    read();
    // What nobody recorded reads 0 there.
    recorded.forEach(
        (id, values) ->
            values.forEach(
                (point, value) -> {
                  if (!value.equals("absent")) {
                    Sample sample = Objects.requireNonNull(samples.get(id), id);
                    RecordedDevicesTest.check(Point.of(point), value, sample);
                  }
                }));
    expected.forEach(
        (name, lines) -> {
          Sample sample = Objects.requireNonNull(samples.get(name), name);
          for (Typed line : lines) {
            if (Point.find(line.point()) != null) {
              ProfileDumpTest.check(line, sample);
            }
          }
        });
    assertTrue(expected.size() >= 40, "only " + expected.size() + " profiles");
    Sample coils = Objects.requireNonNull(samples.get("coils"));
    assertEquals("closed", coils.values().state());
    assertEquals(42_000_000L, coils.values().micros(Point.of("soc")));
    assertEquals("open", Objects.requireNonNull(samples.get("inputs")).values().state());
  }

  /** One line for each register, and of a SunSpec device one model of each layout. */
  private static List<Typed> firstOfEach(List<Typed> lines) {
    List<Integer> models = List.of(0, 103, 160, 203, 713, 802, 803);
    Map<String, Typed> first = new LinkedHashMap<>();
    for (Typed line : lines) {
      boolean plain =
          line.ct().compareTo(BigDecimal.ONE) == 0
              && line.pt().compareTo(BigDecimal.ONE) == 0
              && !line.value().equals("absent")
              && !RATIOS.contains(line.point());
      if (plain && models.contains(line.model())) {
        first.putIfAbsent(line.point(), line);
      }
    }
    return List.copyOf(first.values());
  }

  private static RegisterPoint bit(String point, int function, int address) {
    return Parts.register(
        Point.of(point),
        function,
        address,
        DeviceProfile.Type.BIT,
        1,
        WordOrder.BIG,
        BigDecimal.ONE,
        -1,
        Ratio.NONE,
        List.of(),
        null,
        PERIOD,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of(0L, "open", 1L, "closed"));
  }

  private Device device(String id, DeviceProfile profile) {
    Device device =
        Parts.device(
            id,
            profile,
            devices.size() + 1,
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
    devices.add(device);
    return device;
  }

  private void serve(Device device, Image image) {
    image
        .words()
        .forEach(
            (function, words) ->
                words.forEach(
                    (address, word) ->
                        served.append(
                            "%d %d %d %d%n".formatted(device.unit(), function, address, word))));
  }

  /** A meter that says which ratios it is set to says those of the site. */
  private void serveRatios(Device device) {
    device
        .profile()
        .identity()
        .forEach(
            (name, register) -> {
              if (RATIOS.contains(name)) {
                assertEquals(1, register.words(), name + " of " + device.id());
                int raw = BigDecimal.ONE.divide(register.scale()).intValueExact();
                served.append(
                    "%d %d %d %d%n"
                        .formatted(device.unit(), register.function(), register.address(), raw));
              }
            });
  }

  private void read() throws Exception {
    Path script = folder.resolve("pymodbus_dump.py");
    try (InputStream in = ProfileFamiliesIT.class.getResourceAsStream("pymodbus_dump.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    Path words = Files.writeString(folder.resolve("words.txt"), served);
    int port = Ports.free();
    Line line =
        new Line.ModbusTcp(
            "all", "127.0.0.1", port, false, false, 1, false, Duration.ofSeconds(2), devices, null);
    try (Child server =
        Child.start(
            folder.resolve("server.log"),
            Map.of(),
            List.of(PYTHON, script.toString(), Integer.toString(port), words.toString()))) {
      Loop loop =
          new Loop(
                  new PolledLineStep(
                      line,
                      new Outlet(line.devices(), inbox, new MachineTime()),
                      FieldPorts.real().channel(line)),
                  new MachineTime())
              .start();
      try {
        server.await("a reading of each device", 40, this::hasAll);
      } finally {
        assertTrue(loop.stop(Duration.ofSeconds(5)));
      }
    }
  }

  private boolean hasAll() {
    inbox.drain(
        arrival -> {
          if (arrival instanceof Arrival.Recorded(var sample) && sample.failed() == null) {
            samples.put(sample.device(), sample);
          }
        },
        Integer.MAX_VALUE);
    return samples.size() == devices.size();
  }
}
