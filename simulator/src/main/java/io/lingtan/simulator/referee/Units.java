package io.lingtan.simulator.referee;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Framing;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Meters;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.Wiring;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Units 1 to n behind one port of 127.0.0.1, in Modbus TCP or RTU over TCP. Each number that is
 * read goes up by one afterwards, and no two numbers of any units ever are the same.
 */
final class Units implements AutoCloseable {

  private static final int MOST_WAITING = 200_000;
  private static final long SPAN = 5_000_000;

  /** Faults after which a publisher need not have the numbers of a reply. */
  private static final List<String> MARRING =
      List.of("late_reply", "corrupt", "truncated", "foreign_unit", "glued_noise");

  private final int count;
  private final Time time;
  private final World world = new World(Plant.demo(1));
  private final FaultPlan faults = new FaultPlan();
  private final WorldClock clock;
  private final Inbox<Served> served = new Inbox<>(MOST_WAITING);
  private final List<Map<Place, Long>> numbers = new ArrayList<>();
  private final int port;
  private final Loop loop;
  private final List<Fault> present = new ArrayList<>();
  private volatile int phase = -1;
  private long marredBefore;

  /** A number in a reply. */
  record Shown(Place place, long counts) {}

  /**
   * A reply that left, or will late.
   *
   * @param atMillis when the request came, UTC ms
   * @param marred whether the reply was kept back, damaged, or sent in another's name
   */
  record Served(int unit, int phase, long atMillis, boolean marred, List<Shown> shown) {
    Served {
      shown = List.copyOf(shown);
    }
  }

  private Units(int count, Framing framing, int wantedPort, Time time) throws IOException {
    this.count = count;
    this.time = time;
    MonotonicInstant now = time.now();
    this.clock = WorldClock.realTime(now, world.stepStart());
    Endpoint endpoint = new Endpoint("referee", wiring(framing), world, faults, 5);
    for (int unit = 1; unit <= count; unit++) {
      Map<Place, Long> own = new EnumMap<>(Place.class);
      own.put(Place.ENERGY, 2L * unit * SPAN);
      own.put(Place.POWER, (2L * unit + 1) * SPAN);
      numbers.add(own);
      endpoint.with(
          unit,
          Meters.counting(
              id(unit),
              (w, millis) -> own.getOrDefault(Place.ENERGY, 0L),
              (w, millis) -> own.getOrDefault(Place.POWER, 0L)));
    }
    endpoint.log(this::log);
    TcpStep step = new TcpStep(world, clock, now);
    try {
      this.port =
          step.listen(
              endpoint, new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), wantedPort));
    } catch (IOException e) {
      step.close();
      throw new IOException(
          "cannot listen on 127.0.0.1 port %d (%s): name another with --modbus-port, or 0"
              .formatted(wantedPort, e.getMessage()),
          e);
    }
    this.loop = new Loop(step, time);
  }

  /**
   * Serves.
   *
   * @param wantedPort 0 for a free one
   * @throws IOException if it cannot listen; the message says what to do
   */
  static Units serve(int count, Framing framing, int wantedPort, Time time) throws IOException {
    Units units = new Units(count, framing, wantedPort, time);
    units.loop.start();
    return units;
  }

  private static Wiring wiring(Framing framing) {
    return switch (framing) {
      case TCP -> Wiring.tcp();
      case RTU_OVER_TCP -> Wiring.rtuOverTcp(Wiring.USUAL);
      case RTU -> throw new IllegalArgumentException("a port carries no serial line");
    };
  }

  private static String id(int unit) {
    return "u" + unit;
  }

  int port() {
    return port;
  }

  Inbox<Served> served() {
    return served;
  }

  /** On the units' thread, after the registers were put into the reply. */
  private void log(
      Meter meter, int function, int address, int words, long millis, byte[] reply, int at) {
    int unit = Integer.parseInt(meter.id().substring(1));
    Map<Place, Long> own = numbers.get(unit - 1);
    List<Shown> shown = new ArrayList<>();
    for (Point point : meter.points(function, address, words)) {
      Place place = point.name().equals("power") ? Place.POWER : Place.ENERGY;
      long counts = number(reply, at + 2 * (place.address() - address));
      if (counts != Meters.NOT_AVAILABLE) {
        shown.add(new Shown(place, counts));
      }
      own.merge(place, 1L, Long::sum);
    }
    SortedMap<String, Long> injected = faults.injected();
    long marredNow = MARRING.stream().mapToLong(kind -> injected.getOrDefault(kind, 0L)).sum();
    boolean marred = marredNow != marredBefore;
    marredBefore = marredNow;
    served.offer(new Served(unit, phase, time.wall().millisAt(time.now()), marred, shown));
  }

  private static long number(byte[] bytes, int at) {
    return ByteBuffer.wrap(bytes, at, Integer.BYTES).getInt() & 0xFFFF_FFFFL;
  }

  /** From now on, until the next call. Main thread. */
  void enter(int newPhase, Phase.Upset upset, long lastsMillis) {
    present.forEach(faults::remove);
    present.clear();
    long from = clock.millisAt(time.now());
    long until = from + lastsMillis;
    switch (upset) {
      case Phase.Upset.UnitDead(int unit) ->
          present.add(new WireFault.UnitDead(id(unit), from, until));
      case Phase.Upset.LateReplies(int every, long delayMillis) -> {
        for (int unit = 1; unit <= count; unit++) {
          present.add(new WireFault.LateReplies(id(unit), from, until, every, delayMillis));
        }
      }
      case Phase.Upset.Damaged(Phase.Damage damage, int every) -> {
        for (int unit = 1; unit <= count; unit++) {
          present.add(damaged(damage, id(unit), from, until, every));
        }
      }
      case Phase.Upset.NotAvailable _ -> {
        for (int unit = 1; unit <= count; unit++) {
          present.add(new MeterFault.Sentinel(id(unit), Point.of("power"), from, until));
        }
      }
      case Phase.Upset.None _, Phase.Upset.BrokerAway _, Phase.Upset.PublisherKilled _ -> {}
    }
    present.forEach(faults::add);
    phase = newPhase;
  }

  private static Fault damaged(Phase.Damage damage, String unit, long from, long until, int every) {
    return switch (damage) {
      case CORRUPT -> new WireFault.CorruptByte(unit, from, until, every);
      case TRUNCATED -> new WireFault.Truncated(unit, from, until, every);
      case FOREIGN_UNIT -> new WireFault.ForeignUnit(unit, from, until, every);
      case DUPLICATE -> new WireFault.DuplicateReply(unit, from, until, every);
      case GLUED_NOISE -> new WireFault.GluedNoise(unit, from, until, every);
    };
  }

  @Override
  public void close() {
    loop.stop(Duration.ofSeconds(5));
  }
}
