package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FrameLog;
import io.lingtan.agent.acquire.wire.RecordedChannel;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.DeviceProfile.WordOrder;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.place.Sun;
import io.lingtan.testing.Parts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;

/** One line on virtual time with units in memory, and what comes out of it. */
public final class Bench {

  public final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  final Inbox<Arrival> inbox;
  public final Line line;
  public final FakeUnits units;
  public final FakeChannel channel;
  public final FrameLog log;
  public final PolledLineStep step;
  public final List<Sample> samples = new ArrayList<>();
  public final List<Event> events = new ArrayList<>();

  /** Serial numbers to be kept, by device. */
  public final Map<String, String> serials = new HashMap<>();

  /** Everything that arrived, in order: event names, and {@code device/good/nanoseconds}. */
  public final List<String> order = new ArrayList<>();

  public Bench(Framing framing, int capacity, Duration timeout, Device... devices) {
    inbox = new Inbox<>(capacity);
    units = new FakeUnits(framing);
    channel = new FakeChannel(time, units);
    line = line(framing, timeout, devices);
    log = log(line);
    step =
        new PolledLineStep(
            line, new Outlet(line.devices(), inbox, time), new RecordedChannel(channel, log, time));
  }

  /** Any line, with whatever is at its other end. */
  public Bench(Line line, FakeUnits units, FakeChannel.Peer peer) {
    this(line, units, peer, Sun.UNKNOWN);
  }

  /** The same under the sun of a place. */
  Bench(Line line, FakeUnits units, FakeChannel.Peer peer, Sun sun) {
    this.line = line;
    this.units = units;
    inbox = new Inbox<>(100_000);
    channel = new FakeChannel(time, peer);
    log = log(line);
    step =
        new PolledLineStep(
            line,
            new Outlet(line.devices(), inbox, time, Map.of(), sun),
            new RecordedChannel(channel, log, time));
  }

  /** A line whose journal tells sooner or later which meters it has seen. */
  public Bench(Future<Map<String, String>> kept, Device... devices) {
    inbox = new Inbox<>(100_000);
    units = new FakeUnits(Framing.TCP);
    channel = new FakeChannel(time, units);
    line = line(Framing.TCP, Duration.ofSeconds(1), devices);
    log = log(line);
    step =
        new PolledLineStep(
            line,
            new Outlet(line.devices(), inbox, time),
            new RecordedChannel(channel, log, time),
            kept);
  }

  public Bench(Framing framing, Device... devices) {
    this(framing, 100_000, Duration.ofSeconds(1), devices);
  }

  private static FrameLog log(Line line) {
    return new FrameLog(line.id(), "", line instanceof Line.ModbusTcp ? 2 : 0, 1 << 20);
  }

  public static Line line(Framing framing, Duration timeout, Device... devices) {
    List<Device> all = List.of(devices);
    return switch (framing) {
      case TCP ->
          new Line.ModbusTcp("test", "127.0.0.1", 502, false, false, 1, false, timeout, all, null);
      case RTU_OVER_TCP ->
          new Line.ModbusRtuTcp("test", "127.0.0.1", 502, false, false, timeout, all, null);
      case RTU ->
          new Line.Serial(
              "test",
              "/dev/ttyTEST",
              new Line.CharacterFormat(9600, Line.Parity.NONE, 1),
              "auto",
              false,
              timeout,
              all,
              null);
    };
  }

  /** Lets time pass, step by step as the line asks for. */
  public void run(Duration duration) {
    MonotonicInstant end = time.now().plus(duration);
    int spins = 0;
    while (true) {
      int done = step.step(time.now());
      take();
      if (done > 0) {
        spins++;
      } else {
        MonotonicInstant next = step.due().min(end);
        if (!next.isAfter(time.now())) {
          if (!time.now().isBefore(end)) {
            return;
          }
          spins++;
          next = time.now().plusNanos(1000);
        } else {
          spins = 0;
        }
        time.advanceTo(next);
      }
      assertTrue(spins < 10_000, "the step spins at " + time.now() + ", due " + step.due());
    }
  }

  /** Ends the line. */
  public void close() {
    step.close();
    take();
  }

  private void take() {
    inbox.drain(
        arrival -> {
          switch (arrival) {
            case Arrival.Recorded(var sample) -> {
              samples.add(sample);
              String kind = sample.failed() == null ? "good" : "failed";
              order.add(sample.device() + "/" + kind + "/" + sample.atNanos());
            }
            case Arrival.Noticed(var event, var boot, var at) -> tell(event);
            case Arrival.Exchanged exchange -> tell(exchange.event());
            case Arrival.Fed fed -> {}
            case Arrival.FeedTried tried -> {}
            case Arrival.HoldEnded ended -> {}
            case Arrival.Counted counted -> {}
            case Arrival.Identified(var device, var serial) -> serials.put(device, serial);
          }
        },
        Integer.MAX_VALUE);
  }

  private void tell(Event event) {
    events.add(event);
    order.add(event.name());
  }

  public List<Sample> samplesOf(String device) {
    return samples.stream().filter(sample -> sample.device().equals(device)).toList();
  }

  public List<String> allEventNames() {
    return events.stream().map(Event::name).toList();
  }

  /** Without what is told of polls that were late: where polls fail others of the line wait. */
  public List<String> eventNames() {
    return events.stream().map(Event::name).filter(name -> !name.equals("poll.late")).toList();
  }

  public static RegisterPoint register(
      String point, int function, int address, DeviceProfile.Type type, String scale) {
    return Parts.register(
        Point.of(point),
        function,
        address,
        type,
        type.words(),
        WordOrder.BIG,
        new BigDecimal(scale),
        -1,
        Ratio.NONE,
        List.of(),
        null,
        Duration.ofSeconds(1),
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Map.of());
  }

  public static DeviceProfile profile(RegisterPoint... points) {
    return profile(Protocol.MODBUS, points);
  }

  public static DeviceProfile profile(Protocol protocol, RegisterPoint... points) {
    return Parts.profile(
        "test",
        Kind.METER,
        protocol,
        "",
        "",
        "",
        true,
        List.of(points),
        new LinkedHashMap<>(),
        Map.of(),
        125,
        Duration.ZERO,
        false);
  }

  public static Device device(
      String id, int unit, DeviceProfile profile, Duration every, Duration record) {
    return Parts.device(
        id,
        profile,
        unit,
        null,
        every,
        record,
        BigDecimal.ONE,
        BigDecimal.ONE,
        Map.of(),
        null,
        List.of(),
        null,
        null,
        null);
  }
}
