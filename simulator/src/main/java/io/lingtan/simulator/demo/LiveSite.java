package io.lingtan.simulator.demo;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.demo.Served.Shown;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Meters;
import io.lingtan.simulator.device.TcpStep;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Snapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The simulated site on real sockets and in real time, on a thread of its own. Its day begins at
 * 10:30 whatever the clock says, but its seconds are those of the wall clock, so that a minute ends
 * in both at once. What truly flows and what the meters serve travel through two inboxes.
 */
final class LiveSite implements AutoCloseable {

  private static final long MINUTE = 60_000;
  private static final long USUAL_REPLY_MILLIS = 4;
  private static final int MOST_STEPS_WAITING = 4_096;
  private static final int MOST_REPLIES_WAITING = 65_536;

  /**
   * The gate's check meter, on the site's books in place of the main meter: that one counts in
   * steps of 0.8 kWh, which is more than flows in a minute.
   */
  static final String CHECK = "check";

  /** By the id in the site file: Chinese, then English. */
  private static final Map<String, String> LABELS =
      Map.ofEntries(
          Map.entry("roof", "屋顶光伏/Roof"),
          Map.entry("storage", "储能柜/Battery room"),
          Map.entry("switchboard", "低压配电柜/Switchboard"),
          Map.entry("hydrogen", "制氢站/Hydrogen plant"),
          Map.entry("pv1", "光伏逆变器/PV inverter"),
          Map.entry("bat1", "储能变流器/Battery inverter"),
          Map.entry("gate", "关口表 1#/Gate meter 1"),
          Map.entry(CHECK, "关口表 2#/Gate meter 2"),
          Map.entry("house", "建筑总表/Building meter"),
          Map.entry("comp", "压缩机电表/Compressor meter"),
          Map.entry("ely1", "电解槽/Electrolyser"),
          Map.entry("tank1", "储氢罐/Hydrogen tank"),
          Map.entry("disp1", "加氢机/Dispenser"),
          Map.entry("grid", "关口/Grid"),
          Map.entry("pv", "光伏/PV"),
          Map.entry("battery", "储能/Battery"),
          Map.entry("buildings", "建筑/Buildings"),
          Map.entry("ely", "制氢/Electrolysis"),
          Map.entry("compressor", "压缩机/Compressor"),
          Map.entry("tank", "储氢/Storage tank"),
          Map.entry("dispenser", "加氢/Filling"));

  private static final int CHECK_UNIT = 4;

  private final DemoMicrogrid site;
  private final Loop loop;
  private final List<Integer> ports = new ArrayList<>();
  private final Map<String, Long> stepMicros = new HashMap<>();
  private final Inbox<Snapshot> steps = new Inbox<>(MOST_STEPS_WAITING);
  private final Inbox<Served> replies = new Inbox<>(MOST_REPLIES_WAITING);
  private final long wallMinusWorld;
  private final int stepMillis;

  private LiveSite(long seed, String address, Time time) throws IOException {
    MonotonicInstant from = time.now();
    long wall = time.wall().millisAt(from);
    Plant morning = Plant.demo(seed);
    long start = morning.startMillis() + Math.floorMod(wall, MINUTE);
    this.wallMinusWorld = wall - start;
    this.stepMillis = morning.stepMillis();
    this.site =
        new DemoMicrogrid(
            morning.startingAt(start - Math.floorMod(start, stepMillis)), USUAL_REPLY_MILLIS);
    switchboard().with(CHECK_UNIT, Meters.eastronSdm630(CHECK, View.GRID, 1_234_567L, 45_678L));
    for (Figure figure : Figure.values()) {
      for (String register : figure.registers()) {
        Meter meter = site.meter(Comparison.device(register));
        Point point = Comparison.point(register);
        long step = meter.stepMicros(point, site.world(), site.world().stepStart());
        // A float is rounded twice: into the register, and into the shortest decimal that names it.
        stepMicros.put(register, meter.id().equals(CHECK) ? 2 * step : step);
      }
    }
    steps.offer(site.world().snapshot());
    site.world().observe(world -> steps.offer(world.snapshot()));
    TcpStep sockets = new TcpStep(site.world(), WorldClock.realTime(from, start), from);
    try {
      for (Endpoint endpoint : site.endpoints()) {
        endpoint.log(this::served);
        ports.add(sockets.listen(endpoint, new InetSocketAddress(address, 0)));
      }
    } catch (IOException e) {
      sockets.close();
      throw e;
    }
    this.loop = new Loop(sockets, time);
  }

  /**
   * Builds the site, runs its day up to half past ten, and serves it.
   *
   * @param address to listen on; the ports are free ones
   * @throws IOException if it cannot listen
   */
  static LiveSite start(long seed, String address, Time time) throws IOException {
    LiveSite live = new LiveSite(seed, address, time);
    live.loop.start();
    return live;
  }

  /** On the site's thread. */
  private void served(
      Meter meter, int function, int address, int count, long millis, byte[] reply, int at) {
    Map<Point, Shown> values = new HashMap<>();
    for (Point point : meter.points(function, address, count)) {
      values.put(
          point,
          new Shown(
              meter.shownMicros(point, site.world(), millis),
              meter.stepMicros(point, site.world(), millis)));
    }
    replies.offer(new Served(meter.id(), millis + wallMinusWorld, values));
  }

  private Endpoint switchboard() {
    return site.endpoints().stream()
        .filter(endpoint -> endpoint.id().equals("switchboard"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the site has no switchboard"));
  }

  /** The site file for the agent. */
  String siteFile(String broker, Path journal, int statusPort) {
    String text = DemoMicrogrid.siteFile(ports, broker, journal, statusPort);
    String gate = "      - {id: gate,";
    String grid = "{id: grid, device: gate,";
    if (!text.contains(gate) || !text.contains(grid)) {
      throw new IllegalStateException("the site file has no gate meter that reads the grid");
    }
    String check =
        "      - {id: "
            + CHECK
            + ", profile: eastron-sdm630, unit: "
            + CHECK_UNIT
            + ", every: 1s, record: 1s}\n";
    return labelled(
        text.replace(gate, check + gate).replace(grid, "{id: grid, device: " + CHECK + ","));
  }

  /** With what people call its lines, devices and metering points. */
  private static String labelled(String text) {
    String named = text;
    for (Map.Entry<String, String> each : LABELS.entrySet()) {
      String[] names = each.getValue().split("/", -1);
      String label = "label: {zh: %s, en: %s}".formatted(names[0], names[1]);
      named =
          named
              .replace("{id: " + each.getKey() + ",", "{id: " + each.getKey() + ", " + label + ",")
              .replace(
                  "- id: " + each.getKey() + "\n",
                  "- id: " + each.getKey() + "\n    " + label + "\n");
    }
    return named;
  }

  /** Each step of the world, in order. */
  Inbox<Snapshot> steps() {
    return steps;
  }

  /** Each block of registers that was served, in order, before its reply left. */
  Inbox<Served> replies() {
    return replies;
  }

  /** Faults are added in the world's time. */
  FaultPlan faults() {
    return site.faults();
  }

  /** How far the wall clock is ahead of the world's, ms. */
  long wallMinusWorld() {
    return wallMinusWorld;
  }

  int stepMillis() {
    return stepMillis;
  }

  /** By {@code device/point}, for the registers that figures rest on: one step, in millionths. */
  Map<String, Long> stepMicros() {
    return Map.copyOf(stepMicros);
  }

  @Override
  public void close() {
    loop.stop(Duration.ofSeconds(5));
  }
}
