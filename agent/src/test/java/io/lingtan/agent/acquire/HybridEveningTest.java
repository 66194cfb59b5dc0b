package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.Framing;
import io.lingtan.agent.ledger.Fold;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Interval.Metric;
import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hybrid inverters whose registers count as their makers count, from the wire to the figures:
 * panels charge, feed and export; the battery alone feeds an evening; the grid charges it at night.
 * What is written into the registers here is typed by hand, and shares nothing with the profiles.
 */
final class HybridEveningTest {

  private static final long START = 1_764_060_000_000L;
  private static final Duration STEP = Duration.ofSeconds(10);

  /** Power in W that flows at present, and energy in Wh that has flowed. */
  static final class World {
    private final Map<String, Double> power = new LinkedHashMap<>();
    private final Map<String, Double> energy = new LinkedHashMap<>();

    /** {@code pv charge discharge output input import export load}, in this order, W. */
    void flow(double... watts) {
      String[] names = {"pv", "charge", "discharge", "output", "input", "import", "export", "load"};
      for (int i = 0; i < names.length; i++) {
        power.put(names[i], watts[i]);
      }
    }

    void pass(Duration time) {
      power.forEach(
          (name, watts) -> energy.merge(name, watts * time.toSeconds() / 3600, Double::sum));
    }

    int watts(String name) {
      return (int) Math.round(power.getOrDefault(name, 0.0));
    }

    /** A counter that began with 12,000 kWh. */
    long counted(String name, double wattHoursEach) {
      return (long) ((12_000_000 + energy.getOrDefault(name, 0.0)) / wattHoursEach + 1e-6);
    }
  }

  /** How one maker's hybrid counts. */
  interface Counting {
    void write(World world, FakeUnits.Unit unit);
  }

  /**
   * @param stepWattHours coarsest step of its counters
   */
  record Maker(
      String name, String devices, String meters, double stepWattHours, Counting counting) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Maker> makers() {
    String gate = "- {id: grid, device: gate, role: grid, rated_kw: 50}\n";
    String panels = "- {id: pv, device: inv, role: pv, rated_kw: 15}\n";
    String battery = "- {id: bat, device: store, role: battery, rated_kw: 30}\n";
    return Stream.of(
        new Maker(
            "Huawei",
            devices("huawei-sun2000", "huawei-luna2000", "huawei-meter"),
            gate + panels + battery,
            10,
            HybridEveningTest::huawei),
        new Maker(
            "Growatt SPH",
            devices("growatt", "growatt-battery", "growatt-meter"),
            gate + panels + battery,
            100,
            HybridEveningTest::growatt),
        new Maker(
            "Sungrow SH",
            devices("sungrow-sh", "sungrow-sh-battery", "sungrow-sh-meter"),
            gate + panels + battery,
            100,
            HybridEveningTest::sungrow),
        new Maker(
            "GoodWe ET",
            devices("goodwe-et", "goodwe-et-battery", "goodwe-et-meter"),
            gate + panels + battery,
            100,
            HybridEveningTest::goodwe),
        new Maker(
            "Deye SG04LP3",
            devices("deye-sg04lp3", "deye-sg04lp3-battery", "deye-sg04lp3-meter"),
            gate + panels + battery,
            100,
            HybridEveningTest::deye),
        new Maker(
            "Fronius GEN24",
            devices("sunspec", "fronius-gen24-battery", "")
                + "- {id: gate, profile: eastron-sdm630, unit: 2, every: 10s}\n",
            gate
                + "- {id: east, device: inv, role: pv, input: dc1, rated_kw: 8}\n"
                + "- {id: west, device: inv, role: pv, input: dc2, rated_kw: 8}\n"
                + battery,
            10,
            HybridEveningTest::fronius));
  }

  private static String devices(String inverter, String battery, String meter) {
    return "- {id: inv, profile: %s, unit: 1, every: 10s}\n- {id: store, profile: %s, unit: 1, every: 10s}\n"
            .formatted(inverter, battery)
        + (meter.isEmpty()
            ? ""
            : "- {id: gate, profile: %s, unit: 1, every: 10s}\n".formatted(meter));
  }

  private static void high(FakeUnits.Unit unit, int address, long value) {
    unit.set(address, (int) (value >>> 16) & 0xFFFF, (int) value & 0xFFFF);
  }

  private static void low(FakeUnits.Unit unit, int address, long value) {
    unit.set(address, (int) value & 0xFFFF, (int) (value >>> 16) & 0xFFFF);
  }

  private static int net(World world) {
    return world.watts("output") - world.watts("input");
  }

  private static void huawei(World world, FakeUnits.Unit unit) {
    high(unit, 32064, world.watts("pv"));
    high(unit, 32080, net(world));
    high(unit, 32106, world.counted("output", 10));
    high(unit, 32108, world.counted("pv", 10));
    high(unit, 37765, world.watts("charge") - world.watts("discharge"));
    high(unit, 37780, world.counted("charge", 10));
    high(unit, 37782, world.counted("discharge", 10));
    high(unit, 37113, world.watts("export") - world.watts("import"));
    high(unit, 37119, world.counted("export", 10));
    high(unit, 37121, world.counted("import", 10));
  }

  private static void growatt(World world, FakeUnits.Unit unit) {
    high(unit, 1, 10L * world.watts("pv"));
    high(unit, 35, 10L * world.watts("output"));
    high(unit, 55, world.counted("output", 100));
    high(unit, 91, world.counted("pv", 100));
    high(unit, 1046, world.counted("import", 100));
    high(unit, 1050, world.counted("export", 100));
    high(unit, 1054, world.counted("discharge", 100));
    high(unit, 1058, world.counted("charge", 100));
    high(unit, 1126, world.counted("input", 100));
  }

  private static void sungrow(World world, FakeUnits.Unit unit) {
    low(unit, 5016, world.watts("pv"));
    low(unit, 13002, world.counted("pv", 100));
    low(unit, 13009, world.watts("export") - world.watts("import"));
    low(unit, 13026, world.counted("discharge", 100));
    low(unit, 13033, net(world));
    low(unit, 13036, world.counted("import", 100));
    low(unit, 13040, world.counted("charge", 100));
    low(unit, 13045, world.counted("export", 100));
  }

  private static void goodwe(World world, FakeUnits.Unit unit) {
    high(unit, 35105, world.watts("pv"));
    unit.set(35138, net(world) & 0xFFFF);
    high(unit, 35182, world.watts("discharge") - world.watts("charge"));
    high(unit, 35191, world.counted("pv", 100));
    high(unit, 35206, world.counted("charge", 100));
    high(unit, 35209, world.counted("discharge", 100));
    unit.setFloat(36015, (float) (world.counted("export", 1) - 11_000_000));
    unit.setFloat(36017, (float) (world.counted("import", 1) - 11_000_000));
    high(unit, 36025, world.watts("export") - world.watts("import"));
  }

  private static void deye(World world, FakeUnits.Unit unit) {
    low(unit, 516, world.counted("charge", 100));
    low(unit, 518, world.counted("discharge", 100));
    low(unit, 522, world.counted("import", 100));
    low(unit, 524, world.counted("export", 100));
    low(unit, 534, world.counted("pv", 100));
    unit.set(590, (world.watts("discharge") - world.watts("charge")) & 0xFFFF);
    unit.set(625, (world.watts("import") - world.watts("export")) & 0xFFFF);
    unit.set(672, world.watts("pv"), 0);
    unit.set(633, 0, 0, 0, net(world) & 0xFFFF);
  }

  /** Model 103 at 40070, then 160 with inputs 1 and 2 of panels, 3 charging and 4 discharging. */
  private static void fronius(World world, FakeUnits.Unit unit) {
    unit.set(40_000, 0x5375, 0x6E53, 1, 66);
    unit.set(40_070, 103, 50);
    unit.set(40_070 + 14, net(world) & 0xFFFF, 0);
    high(unit, 40_070 + 24, world.counted("output", 1));
    unit.set(40_122, 160, 88);
    unit.set(40_122 + 8, 4);
    String[] inputs = {"pv", "pv", "charge", "discharge"};
    for (int i = 0; i < inputs.length; i++) {
      boolean half = i < 2;
      int input = 40_122 + 10 + 20 * i;
      unit.set(input + 11, world.watts(inputs[i]) / (half ? 2 : 1));
      high(unit, input + 12, world.counted(inputs[i], half ? 2 : 1));
    }
    unit.set(40_212, 0xFFFF, 0);
  }

  private static Site site(Maker maker) {
    String text =
        """
        gateway: hybrid
        lines:
          - id: a
            modbus-tcp: {host: 192.168.1.20}
            devices:
        %s
        metering:
          meters:
        %s
        mqtt: {servers: ["mqtt://broker"]}
        """
            .formatted(maker.devices().indent(6), maker.meters().indent(4));
    Loaded loaded =
        new SiteLoader().read(Path.of("site.yaml"), text.getBytes(StandardCharsets.UTF_8));
    assertNotNull(loaded.site(), () -> loaded.problems().toString());
    return loaded.site();
  }

  private static final class Output implements Fold.Output {
    private final List<Interval> intervals = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();

    @Override
    public void interval(Interval interval) {
      intervals.add(interval);
    }

    @Override
    public void event(Event event, long atNanos, long tsMillis) {
      events.add(event);
    }
  }

  private final World world = new World();
  private final Output output = new Output();

  @ParameterizedTest
  @MethodSource("makers")
  void everyFlowOfAHybridComesOutAsItIs(Maker maker) {
    Site site = site(maker);
    FakeUnits units = new FakeUnits(Framing.TCP);
    var bench = new Bench(site.lines().getFirst(), units, units);
    Fold fold = new Fold(site);
    Counting counting = maker.counting();
    units.unit(1).zeros = true;
    // To the quarter, then three times of which each has one direction.
    run(bench, fold, counting, units, 120);
    world.flow(8000, 3000, 0, 4800, 0, 0, 1000, 3800);
    run(bench, fold, counting, units, 360);
    world.flow(0, 0, 28_125, 27_000, 0, 0, 0, 27_000);
    run(bench, fold, counting, units, 2 * 360);
    world.flow(0, 4700, 0, 0, 5000, 8000, 0, 3000);
    run(bench, fold, counting, units, 366);

    long day = START + 20 * 60_000L;
    // A sample may lie across the border of two times: 10 s of the greatest power.
    double step = 4 * maker.stepWattHours() / 1000 + 0.1;
    Map<String, Double> noon = sums(day, 1);
    expect(noon, 8, 3, 0, 1, 3.8, step);
    assertEquals(3.0, of(noon, "flow.pv_to_battery"), step);
    assertEquals(3.8, of(noon, "flow.pv_to_load"), step);
    assertEquals(1.0, of(noon, "flow.pv_to_grid"), step);

    Map<String, Double> evening = sums(day + 3_600_000L, 2);
    expect(evening, 0, 0, 56.25, 0, 54, step);
    assertEquals(54, of(evening, "flow.battery_to_load"), step);

    Map<String, Double> night = sums(day + 3 * 3_600_000L, 1);
    expect(night, 0, 4.7, 0, 0, 3, step);
    assertEquals(5, of(night, "flow.grid_to_battery"), step);
    assertEquals(3, of(night, "flow.grid_to_load"), step);
    assertEquals(List.of(), output.events.stream().map(Event::toString).toList());
  }

  private static double of(Map<String, Double> sums, String name) {
    return sums.getOrDefault(name, Double.NaN);
  }

  private static void expect(
      Map<String, Double> sums,
      double pv,
      double charge,
      double discharge,
      double export,
      double load,
      double step) {
    assertEquals(pv, of(sums, "elec.pv.generation"), step, () -> sums.toString());
    assertEquals(charge, of(sums, "elec.battery.charge"), step, () -> sums.toString());
    assertEquals(discharge, of(sums, "elec.battery.discharge"), step, () -> sums.toString());
    assertEquals(export, of(sums, "elec.grid.export"), step, () -> sums.toString());
    assertEquals(load, of(sums, "elec.load.total"), step, () -> sums.toString());
  }

  /** Base intervals of so many hours, added up; all of them good. */
  private Map<String, Double> sums(long from, int hours) {
    Map<String, Double> sums = new LinkedHashMap<>();
    int count = 0;
    for (Interval interval : output.intervals) {
      boolean isIn =
          interval.length().equals("15m")
              && interval.rev() == 0
              && interval.startMillis() >= from
              && interval.endMillis() <= from + hours * 3_600_000L;
      if (!isIn) {
        continue;
      }
      count++;
      for (String name :
          List.of(
              "elec.pv.generation",
              "elec.battery.charge",
              "elec.battery.discharge",
              "elec.grid.export",
              "elec.load.total",
              "flow.pv_to_battery",
              "flow.pv_to_load",
              "flow.pv_to_grid",
              "flow.battery_to_load",
              "flow.grid_to_battery",
              "flow.grid_to_load")) {
        Metric metric = interval.metrics().get(name);
        assertNotNull(metric, name);
        Long micros = metric.micros();
        assertNotNull(micros, () -> name + ": " + metric.why());
        assertTrue(
            metric.quality().compareTo(Quality.DERIVED) <= 0,
            () -> name + " " + metric.quality() + " " + interval + output.events);
        sums.merge(name, micros / 1e6, Double::sum);
      }
    }
    assertEquals(4 * hours, count);
    return sums;
  }

  private void run(Bench bench, Fold fold, Counting counting, FakeUnits units, int steps) {
    for (int i = 0; i < steps; i++) {
      counting.write(world, units.unit(1));
      // A meter of its own at the gate, which not every site here has.
      FakeUnits.Unit gate = units.unit(2);
      gate.zeros = true;
      gate.setFloat(0x34, world.watts("import") - world.watts("export"));
      gate.setFloat(0x48, world.counted("import", 1) / 1000f - 11_990);
      gate.setFloat(0x4A, world.counted("export", 1) / 1000f - 11_990);
      bench.run(STEP);
      world.pass(STEP);
      for (Sample sample : bench.samples) {
        fold.observe(sample, START + sample.atNanos() / 1_000_000, output);
      }
      bench.samples.clear();
    }
  }
}
