package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.TrueWorld.Flow;
import io.lingtan.agent.ledger.TrueWorld.Shape;
import io.lingtan.agent.run.Randomness;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A site, what is in it, what measures it, and what is wrong with that; all of it by one seed. */
final class RandomSite {

  /** What can be wrong; the first ones are not wrong, but happen. */
  enum Trouble {
    NONE,
    GAP,
    GAP_OF_REGISTERS,
    RESTART,
    REBOOT,
    EXCHANGED_WRITTEN,
    EXCHANGED_NOTICED,
    RATIO,
    RATIO_OF_REGISTERS,
    RESCALED,
    RATING,
    REVERSED,
    REVERSED_POWER,
    PHASE,
    PHASE_OF_REGISTERS,
    SWAPPED,
    TWICE,
    PARENT_MISSING,
    BOTH_WAYS,
    NET,
    WORDS,
    SOURCE_MISSING,
    STUCK,
    STUCK_THEN_RIGHT,
    FROZEN,
    SLOW,
    BITS,
    JUMP,
    SET_BACK,
    ROUND_EARLY,
    EXCHANGED_UNNOTICED,
    CLOCK_STEP;

    boolean isExchange() {
      return this == EXCHANGED_WRITTEN || this == EXCHANGED_NOTICED || this == EXCHANGED_UNNOTICED;
    }

    boolean isWrong() {
      return compareTo(EXCHANGED_NOTICED) > 0;
    }

    /** Whether people may have had the device off the line for it. */
    boolean mayBeSilent() {
      return isExchange()
          || this == JUMP
          || this == SET_BACK
          || this == ROUND_EARLY
          || this == RESCALED;
    }
  }

  /**
   * A register.
   *
   * @param figure that it feeds; null for one that feeds none
   * @param unit as the profile writes it, without the step
   * @param scale what a raw 1 stands for, in millionths of that, transformer ratios applied
   * @param step what it counts by: more than that where a float32 has no more digits
   */
  record Register(
      String point,
      @Nullable String figure,
      String unit,
      double scale,
      double step,
      double begins) {}

  /** A power, above 0 while {@code plus} flows. */
  record Power(String point, Flow plus, Flow minus, boolean isSigned) {
    Power turned() {
      Flow out = plus;
      return new Power(point, minus, out, isSigned);
    }
  }

  /** A meter with its device. */
  static final class SiteMeter {
    final String id;
    final String role;
    final String kind;
    String keys = "";
    double ratedKw;

    /** Of what is not electric, in its unit an hour; 0 if nobody says. */
    double maxRate;

    final Map<String, Flow> seen = new LinkedHashMap<>();
    final List<Register> registers = new ArrayList<>();
    final List<Power> powers = new ArrayList<>();

    /** What the figures that it feeds ought to be. */
    final Map<String, Flow> truths = new LinkedHashMap<>();

    double gain;
    int ct;
    long modulus;
    long updateMillis;
    long phaseMillis;
    long recordMillis;

    /** In which of its samples registers are: a group of points with a period of its own. */
    int everySample = 1;

    /** By how much later than others its samples come. */
    long lateMillis;

    boolean hasStats;
    boolean isFloat;
    boolean sleeps;
    String profile = "";

    SiteMeter(String id, String role, String kind) {
      this.id = id;
      this.role = role;
      this.kind = kind;
    }

    String device() {
      return id + "-dev";
    }

    boolean feedsByRegister(String figure) {
      return registers.stream().anyMatch(register -> figure.equals(register.figure));
    }

    double stepOf(String figure) {
      return registers.stream()
          .filter(register -> figure.equals(register.figure))
          .mapToDouble(Register::step)
          .sum();
    }
  }

  /** Days of some zones on which the clock is put forward or back, and where there are none. */
  private static final Map<String, List<LocalDate>> ZONES =
      Map.of(
          "Asia/Shanghai",
          List.of(),
          "Asia/Kathmandu",
          List.of(),
          "Europe/Berlin",
          List.of(LocalDate.of(2025, 3, 30), LocalDate.of(2025, 10, 26)),
          "Australia/Lord_Howe",
          List.of(LocalDate.of(2025, 4, 6), LocalDate.of(2025, 10, 5)));

  final ZoneId zone;
  final long seed;
  final RandomGenerator random;
  final List<SiteMeter> meters = new ArrayList<>();
  final TrueWorld world;
  final Shape shape;
  final String base;
  final long baseMillis;
  final long recordMillis;

  /** Wall time at which the world begins, UTC ms. */
  final long startMillis;

  /** Where the sun is highest at noon of the site's clock, as it is in the world. */
  private final double longitude;

  final int gasCelsius;
  final boolean isProportional;

  Trouble trouble = Trouble.NONE;
  @Nullable SiteMeter broken;
  long from;
  long until;
  double factor = 1;
  String about = "";
  private @Nullable String exchange;

  RandomSite(long seed) {
    this.seed = seed;
    this.random = Randomness.seeded(seed);
    boolean isLong = random.nextInt(25) == 0;
    boolean isMiddle = !isLong && random.nextInt(6) == 0;
    base = isLong ? "15m" : isMiddle ? "5m" : "1m";
    baseMillis = isLong ? 900_000 : isMiddle ? 300_000 : 60_000;
    recordMillis = isLong ? 60_000 : isMiddle ? 30_000 : 10_000;
    int steps = isLong ? 26 * 60 : isMiddle ? 4 * 240 : 45 * 12;
    long stepMillis = isLong ? 60_000 : isMiddle ? 15_000 : 5_000;
    String place =
        random.nextInt(2) == 0
            ? "Asia/Shanghai"
            : ZONES.keySet().stream().sorted().toList().get(random.nextInt(ZONES.size()));
    zone = ZoneId.of(place);
    List<LocalDate> changes = ZONES.getOrDefault(place, List.of());
    boolean isChange = !changes.isEmpty() && random.nextInt(3) == 0;
    LocalDate day =
        isChange
            ? changes.get(random.nextInt(changes.size()))
            : LocalDate.of(2025, 3 + random.nextInt(8), 1 + random.nextInt(28));
    boolean isDusk = random.nextInt(6) == 0;
    LocalTime clock =
        LocalTime.of(isChange ? 1 : isDusk ? 17 : random.nextInt(24), 0)
            .plusSeconds(random.nextInt(3600));
    ZonedDateTime start = day.atTime(clock).atZone(zone);
    startMillis = start.toInstant().toEpochMilli();
    double hour = clock.toSecondOfDay() / 3600.0;
    longitude = start.getOffset().getTotalSeconds() / 240.0;
    shape = shape(isDusk);
    world = new TrueWorld(random, shape, stepMillis, steps, hour);
    gasCelsius = random.nextBoolean() ? 20 : 0;
    isProportional = random.nextInt(4) == 0;
    meters();
    trouble();
    for (int left = random.nextInt(4) == 0 ? 3 : 0; left > 0; left--) {
      killed.add(random.nextLong(world.endMillis()) / recordMillis * recordMillis);
    }
  }

  private double some(int one, double least, double most) {
    return random.nextInt(one) == 0 ? least + (most - least) * random.nextDouble() : 0;
  }

  private Shape shape(boolean isDusk) {
    boolean isHybrid = random.nextInt(5) == 0;
    boolean isMore = !isHybrid || random.nextInt(3) == 0;
    return new Shape(
        1 + random.nextInt(4),
        isMore ? some(isDusk ? 1 : 2, 5, 200) : 0,
        isMore ? some(3, 5, 100) : 0,
        20 + 200 * random.nextDouble(),
        isHybrid ? 5 + 40 * random.nextDouble() : 0,
        isHybrid ? 3 + 20 * random.nextDouble() : 0,
        some(8, 20, 100),
        random.nextInt(6) == 0,
        random.nextInt(3) == 0);
  }

  private void meters() {
    SiteMeter grid = new SiteMeter("grid", "grid", "meter");
    boolean powerOnly = random.nextInt(12) == 0;
    if (!powerOnly) {
      register(grid, "energy_import", "elec.grid.import", "kW.h", TrueWorld.IMPORT);
      register(grid, "energy_export", "elec.grid.export", "kW.h", TrueWorld.EXPORT);
    }
    truth(grid, "elec.grid.import", TrueWorld.IMPORT);
    truth(grid, "elec.grid.export", TrueWorld.EXPORT);
    power(grid, "power", TrueWorld.IMPORT, TrueWorld.EXPORT, powerOnly, true);
    add(grid);
    loads();
    if (shape.pvKw() > 0) {
      source("pv", "pv", "elec.pv.generation", "pv");
      if (shape.hasTwoRoofs()) {
        source("pv2", "pv", "elec.pv.generation", "pv2");
      }
    }
    if (shape.chpKw() > 0) {
      source("chp", "chp", "elec.chp.generation", "chp");
    }
    if (shape.batteryKw() > 0) {
      battery(random.nextBoolean());
    }
    if (shape.hybridPvKw() > 0) {
      hybrid();
    }
    if (random.nextInt(5) == 0) {
      SiteMeter gas = new SiteMeter("gas", "gas", "sensor");
      register(gas, "volume", "fuel.gas.volume", "m3", "gas");
      truth(gas, "fuel.gas.volume", "gas");
      gas.keys = ", gas_celsius: " + gasCelsius;
      rate(gas, "gas");
      add(gas);
    }
    if (random.nextInt(6) == 0) {
      SiteMeter heat = new SiteMeter("heat", "heat", "meter");
      register(heat, "energy_import", "heat.energy", "kW.h", "heat");
      truth(heat, "heat.energy", "heat");
      rate(heat, "heat");
      add(heat);
    }
    if (random.nextInt(6) == 0) {
      SiteMeter nozzle = new SiteMeter("nozzle", "h2_dispenser", "sensor");
      register(nozzle, "mass", "h2.dispensed", "kg", "dispensed");
      truth(nozzle, "h2.dispensed", "dispensed");
      rate(nozzle, "dispensed");
      add(nozzle);
    }
  }

  private void rate(SiteMeter meter, String flow) {
    if (random.nextBoolean()) {
      meter.maxRate = Math.max(1, world.of(flow).fastest() / 1e6 * 1.3);
      meter.keys += ", max_rate: " + number(meter.maxRate);
    }
  }

  private void loads() {
    int metered = random.nextInt(shape.loads() + 1);
    String[] roles = {"load", "charger", "compressor", "electrolyser"};
    for (int i = 0; i < metered; i++) {
      String role = roles[random.nextInt(2) == 0 ? 0 : random.nextInt(i == 0 ? 4 : 3)];
      SiteMeter load = new SiteMeter("l" + i, role, "meter");
      boolean powerOnly = random.nextInt(12) == 0;
      String figure = "elec.load." + load.id;
      if (!powerOnly) {
        register(load, "energy_import", figure, "kW.h", "load" + i);
        if (random.nextBoolean()) {
          register(load, "energy_export", null, "kW.h", "nothing");
        }
      }
      truth(load, figure, "load" + i);
      power(load, "power", "load" + i, "nothing", powerOnly, random.nextBoolean());
      if (role.equals("electrolyser")) {
        register(load, "mass", "h2.produced", "kg", "hydrogen");
        truth(load, "h2.produced", "hydrogen");
      }
      add(load);
    }
    if (metered >= 2 && random.nextInt(4) == 0) {
      SiteMeter floor = new SiteMeter("floor", "load", "meter");
      Flow both = world.of("load0").and(world.of("load1"));
      register(floor, "energy_import", "elec.load.floor", "kW.h", "nothing");
      floor.seen.put("energy_import", both);
      floor.truths.put("elec.load.floor", both);
      add(floor);
      meters.get(1).keys += ", parent: floor";
      meters.get(2).keys += ", parent: floor";
    }
  }

  /** Panels or combined heat and power, counted by themselves or by a meter. */
  private void source(String id, String role, String figure, String flow) {
    boolean isOwn = random.nextBoolean();
    SiteMeter source =
        new SiteMeter(id, role, isOwn ? role.equals("chp") ? "fuel_cell" : "inverter" : "meter");
    boolean powerOnly = random.nextInt(12) == 0;
    truth(source, figure, flow);
    if (isOwn) {
      if (!powerOnly) {
        register(source, "energy_generated", figure, "kW.h", flow);
      }
      source.sleeps = role.equals("pv") && random.nextInt(3) == 0;
      power(source, "power", flow, "nothing", powerOnly || source.sleeps, random.nextBoolean());
    } else {
      if (!powerOnly) {
        register(source, "energy_export", figure, "kW.h", flow);
        register(source, "energy_import", null, "kW.h", "nothing");
      }
      power(source, "power", "nothing", flow, powerOnly, true);
    }
    add(source);
  }

  private void battery(boolean isOwn) {
    SiteMeter battery = new SiteMeter("bat", "battery", isOwn ? "battery" : "meter");
    String in = "elec.battery.charge";
    String out = "elec.battery.discharge";
    register(battery, isOwn ? "energy_charged" : "energy_import", in, "kW.h", "charge");
    register(battery, isOwn ? "energy_discharged" : "energy_export", out, "kW.h", "discharge");
    truth(battery, in, "charge");
    truth(battery, out, "discharge");
    String plus = isOwn ? "discharge" : "charge";
    power(battery, "power", plus, isOwn ? "charge" : "discharge", false, true);
    battery.keys = ", capacity_kwh: " + number(shape.batteryKwh()) + ", round_trip: 0.95";
    add(battery);
  }

  private void hybrid() {
    SiteMeter pv = new SiteMeter("hpv", "pv", "inverter");
    register(pv, "energy_generated_dc", "elec.pv.generation", "kW.h", "hybrid.pv");
    register(pv, "energy_generated", "elec.hybrid.output", "kW.h", "hybrid.output");
    truth(pv, "elec.pv.generation", "hybrid.pv");
    truth(pv, "elec.hybrid.output", "hybrid.output");
    truth(pv, "elec.hybrid.input", "hybrid.input");
    if (random.nextBoolean()) {
      register(pv, "energy_absorbed", "elec.hybrid.input", "kW.h", "hybrid.input");
    }
    power(pv, "power", "hybrid.output", "hybrid.input", true, true);
    power(pv, "power_dc", "hybrid.pv", "nothing", false, false);
    pv.keys = ", coupling: dc";
    add(pv);
    SiteMeter battery = new SiteMeter("hbat", "battery", "battery");
    register(battery, "energy_charged", "elec.battery.charge", "kW.h", "hybrid.charge");
    register(battery, "energy_discharged", "elec.battery.discharge", "kW.h", "hybrid.discharge");
    truth(battery, "elec.battery.charge", "hybrid.charge");
    truth(battery, "elec.battery.discharge", "hybrid.discharge");
    power(battery, "power", "hybrid.discharge", "hybrid.charge", false, true);
    battery.keys =
        ", coupling: dc, capacity_kwh: " + number(shape.batteryKwh()) + ", round_trip: 0.95";
    add(battery);
  }

  private void register(
      SiteMeter meter, String point, @Nullable String figure, String unit, String flow) {
    meter.seen.put(point, world.of(flow));
    meter.registers.add(new Register(point, figure, unit, 0, 0, 0));
  }

  private void truth(SiteMeter meter, String figure, String flow) {
    meter.truths.put(figure, world.of(flow));
  }

  private void power(
      SiteMeter meter, String point, String plus, String minus, boolean must, boolean isSigned) {
    if (must || random.nextInt(3) > 0) {
      meter.powers.add(new Power(point, world.of(plus), world.of(minus), isSigned));
    }
  }

  /** Gives it a class, a resolution, a ratio and a rating. */
  private void add(SiteMeter meter) {
    boolean isElectric = meter.truths.keySet().stream().anyMatch(name -> name.startsWith("elec"));
    meter.gain = 1 + 0.009 * (2 * random.nextDouble() - 1);
    meter.ct = isElectric && random.nextInt(3) == 0 ? 2 + random.nextInt(79) : 1;
    meter.updateMillis = random.nextInt(3) == 0 ? 5_000 : 1_000;
    meter.recordMillis = recordMillis * (random.nextInt(5) == 0 ? 2 + random.nextInt(2) : 1);
    boolean hasGroups = !meter.powers.isEmpty() && !meter.registers.isEmpty();
    meter.everySample = hasGroups && random.nextInt(6) == 0 ? 2 + random.nextInt(3) : 1;
    meter.lateMillis = random.nextInt(8) == 0 ? random.nextLong(recordMillis) : 0;
    meter.phaseMillis = random.nextLong(recordMillis);
    meter.hasStats = random.nextBoolean();
    meter.isFloat = random.nextInt(6) == 0;
    double most = meter.truths.values().stream().mapToDouble(Flow::fastest).max().orElse(0) / 1e6;
    meter.ratedKw =
        isElectric ? Math.max(1, Math.ceil(most * (1.05 + 2 * random.nextDouble()))) : 0;
    int digits = random.nextInt(3);
    long raw = (long) Math.pow(10, 3 + digits);
    meter.modulus = random.nextInt(3) == 0 ? 100_000_000L : 1L << 32;
    List<Register> fitted = new ArrayList<>();
    for (Register each : meter.registers) {
      long step = raw * (each.unit.equals("kW.h") ? meter.ct : 1);
      // Those that are about to begin again, too.
      double near = random.nextInt(4) == 0 ? meter.modulus - random.nextInt(2000) : -1;
      double begins = near < 0 ? random.nextDouble() * 5e6 : near;
      if (meter.isFloat) {
        begins = Math.pow(10, 5 + 3.5 * random.nextDouble());
      }
      double counts = meter.isFloat ? Math.max(1, Math.ulp((float) (2 * begins))) : 1;
      fitted.add(
          new Register(
              each.point,
              each.figure,
              each.unit,
              step,
              counts * step,
              (begins + random.nextDouble()) * step));
    }
    meter.registers.clear();
    meter.registers.addAll(fitted);
    meter.profile = profile(meter, digits);
    meters.add(meter);
  }

  private String profile(SiteMeter meter, int digits) {
    StringBuilder points = new StringBuilder();
    int address = 0;
    String step = digits == 0 ? "0.001" : digits == 1 ? "0.01" : "0.1";
    for (Register register : meter.registers) {
      points.append(
          "  %s: {address: %d, type: %s, unit: %s%s, update: %ds%s}\n"
              .formatted(
                  register.point,
                  address,
                  meter.isFloat ? "float32" : "uint32, modulus: " + meter.modulus,
                  register.unit.equals("kW.h") ? step : "",
                  register.unit.equals("kW.h") ? register.unit : register.unit + ", scale: " + step,
                  meter.updateMillis / 1000,
                  register.unit.equals("kW.h") && meter.ct > 1 ? ", ratio: ct_pt" : ""));
      address += 2;
    }
    for (Power power : meter.powers) {
      points.append(
          "  %s: {address: %d, type: %s, unit: W%s}\n"
              .formatted(
                  power.point,
                  address,
                  power.isSigned ? "int32" : "uint32",
                  meter.ct > 1 ? ", ratio: ct_pt" : ""));
      address += 2;
    }
    return "kind: %s\n%sdefaults: {function: 3}\npoints:\n%s"
        .formatted(meter.kind, meter.sleeps ? "sleeps: night\n" : "", points);
  }

  private void trouble() {
    // Half of all sites are as they should be, and of the others each trouble has as many.
    Trouble[] all = Trouble.values();
    trouble = random.nextInt(2) == 0 ? Trouble.NONE : all[1 + random.nextInt(all.length - 1)];
    long end = world.endMillis();
    from = end / 5 + random.nextLong(end / 3);
    until = from + end / 10 + random.nextLong(end / 3);
    List<SiteMeter> fit = meters.stream().filter(this::fits).toList();
    if (fit.isEmpty()) {
      trouble = Trouble.NONE;
      return;
    }
    SiteMeter meter = fit.get(random.nextInt(fit.size()));
    if (trouble == Trouble.RATIO_OF_REGISTERS || trouble == Trouble.PHASE_OF_REGISTERS) {
      // Coarse registers are rarely sure within a play: rather the finest one.
      meter = fit.stream().min(Comparator.comparingDouble(RandomSite::coarseness)).orElse(meter);
    }
    broken = meter;
    switch (trouble) {
      case NONE, RESTART, REBOOT, CLOCK_STEP, SOURCE_MISSING, GAP -> {}
      default -> about = meter.id;
    }
    switch (trouble) {
      case NONE -> broken = null;
      case RESTART, REBOOT -> {
        until = from + (random.nextBoolean() ? 20_000 : end / 10);
        broken = null;
      }
      case GAP, GAP_OF_REGISTERS -> {
        until = from + (random.nextBoolean() ? 4 * recordMillis : end / 5);
        about = meter.id;
      }
      case EXCHANGED_WRITTEN, EXCHANGED_NOTICED, EXCHANGED_UNNOTICED -> exchange(meter);
      case RATIO, RATIO_OF_REGISTERS -> {
        from = 0;
        until = end;
        double by = Math.pow(10, 0.3 + 1.7 * random.nextDouble());
        factor =
            random.nextInt(3) == 0 ? 1 / by : meter.ct > 1 && random.nextBoolean() ? meter.ct : by;
        about += " × " + factor;
      }
      case PHASE, PHASE_OF_REGISTERS -> {
        from = random.nextBoolean() ? 0 : from;
        until = end;
        factor = random.nextBoolean() ? 2 / 3.0 : 1 / 3.0;
        about += " × " + factor;
      }
      case REVERSED -> {
        from = 0;
        until = end;
        reverse(meter);
      }
      case SWAPPED -> {
        from = 0;
        until = end;
        SiteMeter other = fit.get(random.nextInt(fit.size()));
        about += " and " + other.id;
        Map<String, Flow> mine = new LinkedHashMap<>(meter.seen);
        meter.seen.putAll(other.seen);
        other.seen.putAll(mine);
        meter.seen.keySet().retainAll(points(meter));
        other.seen.keySet().retainAll(points(other));
        List<Power> power = List.copyOf(meter.powers);
        meter.powers.clear();
        meter.powers.addAll(other.powers);
        other.powers.clear();
        other.powers.addAll(power);
        if (meter == other) {
          trouble = Trouble.NONE;
          broken = null;
        } else {
          second = other;
        }
      }
      case SOURCE_MISSING -> {
        from = 0;
        until = end;
        about = meter.id;
        meters.remove(meter);
      }
      case REVERSED_POWER -> {
        from = 0;
        until = end;
        meter.powers.replaceAll(Power::turned);
      }
      case TWICE -> {
        from = 0;
        until = end;
        SiteMeter other = fit.get(random.nextInt(fit.size()));
        about += " shows what " + other.id + " does";
        meter.seen.putAll(other.seen);
        meter.seen.keySet().retainAll(points(meter));
        meter.powers.clear();
        meter.powers.addAll(other.powers);
        if (meter == other) {
          trouble = Trouble.NONE;
          broken = null;
        }
      }
      case PARENT_MISSING -> {
        from = 0;
        until = end;
        meters.forEach(each -> each.keys = each.keys.replace(", parent: floor", ""));
      }
      case BOTH_WAYS, NET -> {
        from = 0;
        until = end;
        Flow in = Objects.requireNonNull(meter.seen.get("energy_import"));
        Flow out = Objects.requireNonNull(meter.seen.get("energy_export"));
        meter.seen.put("energy_import", trouble == Trouble.NET ? in.less(out) : in.and(out));
      }
      case WORDS -> {
        from = 0;
        until = end;
      }
      case SLOW -> {
        from = 0;
        until = end;
        slowMillis = meter.updateMillis * (4 + random.nextInt(60));
        about += " is renewed each " + slowMillis + " ms";
      }
      case RATING -> {
        from = 0;
        until = end;
        meter.ratedKw = Math.max(1, Math.ceil(meter.ratedKw * random.nextDouble() * 0.7));
      }
      case STUCK, STUCK_THEN_RIGHT, FROZEN -> {}
      case BITS -> {
        factor = 1L << (8 + random.nextInt(23));
        about += " flips " + factor;
      }
      case SET_BACK -> {
        until = from;
        factor = 1000 * Math.pow(10, 1 + 2.5 * random.nextDouble());
        about += " by " + factor + " ms";
      }
      case ROUND_EARLY -> {
        until = from;
        factor = Math.pow(10, 5 + random.nextInt(3));
        about += " at " + factor;
        roundsEarly(meter);
      }
      case RESCALED -> {
        until = end;
        factor = Math.pow(10, -1 + 2.5 * random.nextDouble());
        about += " × " + factor;
      }
      case JUMP -> {
        until = from;
        factor = Math.pow(10, 5 * random.nextDouble()) * meter.registers.getFirst().step();
        about += " + " + factor / 1e6;
      }
      case CLOCK_STEP -> {
        broken = null;
        until = from;
        factor = (random.nextBoolean() ? 1 : -1) * Math.pow(10, 2 + 4.2 * random.nextDouble());
        about = factor + " ms";
      }
    }
    if (broken != null && trouble.mayBeSilent() && random.nextInt(3) == 0) {
      silentFrom = from - 1 - random.nextLong(end / 10);
      silentUntil = from + 1 + random.nextLong(end / 10);
      until = Math.max(until, silentUntil + 5 * recordMillis);
      about += " silent from " + silentFrom + " until " + silentUntil;
    }
  }

  /** Its registers are about to begin again from 0 where nobody expects it. */
  private void roundsEarly(SiteMeter meter) {
    meter.registers.replaceAll(
        r -> {
          Flow flow = Objects.requireNonNull(meter.seen.get(r.point));
          double begins = factor * r.scale - flow.between(0, from) * meter.gain;
          return new Register(r.point, r.figure, r.unit, r.scale, r.step, begins);
        });
  }

  /** When the process ended and began again at once. */
  final Set<Long> killed = new HashSet<>();

  /** When people had the broken device off the line, ms since the world began. */
  long silentFrom = -1;

  long silentUntil = -1;

  /** How often registers of the broken device are really renewed. */
  private long slowMillis;

  /** How long it is between readings of its registers, ms. */
  long readEach(SiteMeter meter) {
    long usual = meter.recordMillis * meter.everySample;
    return meter == broken ? Math.max(usual, silentUntil - silentFrom + usual) : usual;
  }

  /** How long its registers stay as they are. */
  long renewedEach(SiteMeter meter) {
    return meter == broken && slowMillis > 0 ? slowMillis : meter.updateMillis;
  }

  @Nullable SiteMeter second;

  private static List<String> points(SiteMeter meter) {
    return meter.registers.stream().map(Register::point).toList();
  }

  private static double coarseness(SiteMeter meter) {
    return meter.registers.getFirst().step() / Math.max(1, meter.ratedKw);
  }

  private boolean fits(SiteMeter meter) {
    boolean registers = !meter.registers.isEmpty();
    return switch (trouble) {
      case SOURCE_MISSING -> List.of("pv", "chp", "bat").contains(meter.id);
      case REVERSED_POWER ->
          meter.powers.stream().allMatch(p -> p.isSigned)
              && !meter.powers.isEmpty()
              && meter.truths.keySet().stream().allMatch(meter::feedsByRegister);
      case PARENT_MISSING -> meter.id.equals("floor");
      case BOTH_WAYS, NET -> meter.role.equals("grid") && registers && !meter.isFloat;
      case WORDS, BITS -> registers && !meter.isFloat;
      case RATING -> meter.ratedKw > 0 && !meter.keys.contains("coupling: dc");
      case ROUND_EARLY -> registers && !meter.isFloat && meter.ratedKw > 0;
      case SWAPPED, TWICE ->
          meter.id.matches("l\\d")
              && registers
              && meter.powers.size() == 1
              && meter.registers.size() < 3
              && !meter.role.equals("electrolyser")
              && meter.keys.isEmpty();
      case REVERSED -> meter.kind.equals("meter") && !meter.role.equals("heat");
      case RATIO, PHASE -> true;
      case RATIO_OF_REGISTERS, PHASE_OF_REGISTERS -> registers && !meter.powers.isEmpty();
      case STUCK,
          STUCK_THEN_RIGHT,
          FROZEN,
          SLOW,
          SET_BACK,
          RESCALED,
          GAP_OF_REGISTERS,
          JUMP,
          EXCHANGED_NOTICED,
          EXCHANGED_UNNOTICED,
          EXCHANGED_WRITTEN ->
          registers;
      default -> true;
    };
  }

  private void reverse(SiteMeter meter) {
    Flow in = meter.seen.getOrDefault("energy_import", world.of("nothing"));
    Flow out = meter.seen.getOrDefault("energy_export", world.of("nothing"));
    meter.seen.computeIfPresent("energy_import", (p, was) -> out);
    meter.seen.computeIfPresent("energy_export", (p, was) -> in);
    meter.powers.replaceAll(Power::turned);
  }

  private double freshBegins;

  private void exchange(SiteMeter meter) {
    // Written down to the minute.
    long wall = (startMillis + from) / 60_000 * 60_000;
    from = wall - startMillis;
    until = trouble == Trouble.EXCHANGED_WRITTEN ? from : from + 5 * readEach(meter);
    freshBegins = random.nextInt(3) * 1e6 * random.nextDouble();
    about += " begins with " + freshBegins / 1e6;
    if (trouble != Trouble.EXCHANGED_WRITTEN) {
      return;
    }
    StringBuilder rows = new StringBuilder();
    String at =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm", Locale.ROOT)
            .format(Instant.ofEpochMilli(wall).atZone(zone));
    for (Register register : meter.registers) {
      if (register.figure != null) {
        double fresh = shown(register, meter, freshBegins);
        rows.append(
            "%s{at: %s, point: %s, old: %s, new: %s}"
                .formatted(
                    rows.isEmpty() ? "" : ", ",
                    at,
                    register.point,
                    number(old(meter, register) / 1e6),
                    number(fresh / 1e6)));
      }
    }
    exchange = rows.toString();
  }

  /** What the old device read in the end. */
  private double old(SiteMeter meter, Register register) {
    double counted =
        Objects.requireNonNull(meter.seen.get(register.point)).between(0, from) * meter.gain;
    return shown(register, meter, register.begins + counted);
  }

  private static double shown(Register register, SiteMeter meter, double value) {
    if (meter.isFloat) {
      return (double) (float) (value / register.scale) * register.scale;
    }
    return Math.floor(value / register.scale) % meter.modulus * register.scale;
  }

  /** A register's reading then, in millionths. */
  long reads(SiteMeter meter, Register register, long millis) {
    Flow flow = Objects.requireNonNull(meter.seen.get(register.point()));
    boolean isBroken = meter == broken;
    long renewed = renewedEach(meter);
    long at = Math.max(0, millis - Math.floorMod(millis + meter.phaseMillis, renewed));
    if (isBroken && trouble.isExchange() && millis >= from) {
      // What the old device had shown last went with it.
      at = Math.max(at, from);
    }
    if (isFrozen(meter, at)) {
      at = from;
    }
    double counted = flow.at(at) * meter.gain;
    if (!isBroken) {
      return Math.round(shown(register, meter, register.begins + counted));
    }
    double begins = register.begins;
    double until = flow.at(Math.min(at, from)) * meter.gain;
    double after = counted - until;
    switch (trouble) {
      case RATIO, RATIO_OF_REGISTERS, PHASE, PHASE_OF_REGISTERS -> counted = until + after * factor;
      case STUCK -> counted -= stuckFor(flow, at) * meter.gain;
      case STUCK_THEN_RIGHT -> counted -= at < this.until ? stuckFor(flow, at) * meter.gain : 0;
      case JUMP ->
          counted += at >= from && register.equals(meter.registers.getFirst()) ? factor : 0;
      case SET_BACK ->
          counted -= at >= from ? flow.between(from - (long) factor, from) * meter.gain : 0;
      case RESCALED -> {
        counted *= at >= from ? factor : 1;
        begins *= at >= from ? factor : 1;
      }
      case ROUND_EARLY ->
          begins -= begins + counted >= factor * register.scale ? factor * register.scale : 0;
      case EXCHANGED_WRITTEN, EXCHANGED_NOTICED, EXCHANGED_UNNOTICED -> {
        if (at >= from) {
          begins = freshBegins;
          counted = after;
        }
      }
      default -> {}
    }
    double shown = shown(register, meter, begins + counted);
    if (isFlipped(millis) && register.equals(meter.registers.getFirst())) {
      shown = (Math.round(shown / register.scale) ^ (long) factor) * register.scale;
    }
    if (trouble == Trouble.WORDS) {
      long raw = Math.round(shown / register.scale);
      shown = ((raw & 0xFFFF) << 16 | raw >> 16) * register.scale;
    }
    return Math.round(shown);
  }

  /** Whether a bit of that reading is wrong. */
  private boolean isFlipped(long millis) {
    return trouble == Trouble.BITS
        && millis >= from
        && millis < until
        && Math.floorMod(millis / recordMillis * 2_654_435_761L, 31) < 2;
  }

  /** Whether a gateway tells what it knew before, for all of the device. */
  private boolean isFrozen(SiteMeter meter, long millis) {
    return meter == broken && trouble == Trouble.FROZEN && millis >= from && millis < until;
  }

  /** Whether it says nothing then. */
  boolean isSilent(SiteMeter meter, long millis) {
    boolean asleep =
        meter.sleeps
            && meter.truths.values().stream().allMatch(flow -> flow.rate(millis) == 0)
            && meter.truths.values().stream().allMatch(flow -> flow.rate(millis - 60_000) == 0);
    if (meter != broken) {
      return asleep;
    }
    boolean isGap = trouble == Trouble.GAP && millis >= from && millis < until;
    return asleep || isGap || (millis >= silentFrom && millis < silentUntil);
  }

  private double stuckFor(Flow flow, long at) {
    return flow.between(Math.min(at, from), Math.min(at, until));
  }

  /** Mean power between two instants, µW, as the meter shows it. */
  long watts(SiteMeter meter, Power power, long fromMillis, long toMillis) {
    if (isFrozen(meter, toMillis)) {
      return watts(meter, power, from);
    }
    double kwh =
        power.plus.between(fromMillis, toMillis) - power.minus.between(fromMillis, toMillis);
    return shownWatts(meter, kwh * 3_600_000 / (toMillis - fromMillis), fromMillis);
  }

  /** The power at an instant, µW. */
  long watts(SiteMeter meter, Power power, long millis) {
    long at = isFrozen(meter, millis) ? from : millis;
    return shownWatts(meter, power.plus.rate(at) - power.minus.rate(at), at);
  }

  private long shownWatts(SiteMeter meter, double milliwatts, long millis) {
    boolean isScaled =
        trouble == Trouble.RATIO || trouble == Trouble.PHASE || trouble == Trouble.RESCALED;
    double scaled = meter == broken && isScaled && millis >= from ? factor : 1;
    return Math.round(milliwatts * meter.gain * scaled / 1000 / meter.ct) * meter.ct * 1_000_000;
  }

  static String number(double value) {
    String text = String.format(Locale.ROOT, "%.6f", value);
    return text.replaceAll("0+$", "").replaceAll("\\.$", "");
  }

  /** The profiles that it names, by name. */
  Map<String, String> profiles() {
    Map<String, String> profiles = new LinkedHashMap<>();
    for (SiteMeter meter : meters) {
      String name = profileName(meter);
      profiles.put(name, "name: " + name + "\n" + meter.profile);
    }
    return profiles;
  }

  private static String profileName(SiteMeter meter) {
    return "m" + Integer.toHexString(meter.profile.hashCode());
  }

  String yaml() {
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
        gateway: gw-%d
        site: {zone: %s, region: CN-JS, lat: 0, lon: %s}
        profiles: profiles
        factors: factors
        lines:
          - id: line
            modbus-tcp: {host: 127.0.0.1}
            devices:
        """
            .formatted(seed, zone, number(longitude)));
    int unit = 1;
    for (SiteMeter meter : meters) {
      yaml.append(
          "      - {id: %s, profile: %s, unit: %d, every: 1s, record: %ds%s%s}\n"
              .formatted(
                  meter.device(),
                  profileName(meter),
                  unit++,
                  meter.recordMillis / 1000,
                  meter.ct > 1 ? ", ct: " + meter.ct : "",
                  meter.everySample > 1
                      ? ", groups: [{every: %ds, points: [%s]}]"
                          .formatted(
                              meter.recordMillis * meter.everySample / 1000,
                              String.join(", ", points(meter)))
                      : ""));
    }
    yaml.append("metering:\n  interval: ").append(base).append('\n');
    yaml.append("  allocation: ").append(isProportional ? "proportional" : "priority");
    yaml.append("\n  meters:\n");
    for (SiteMeter meter : meters) {
      yaml.append(
          "    - {id: %s, device: %s, role: %s%s%s%s}\n"
              .formatted(
                  meter.id,
                  meter.device(),
                  meter.role,
                  meter.ratedKw > 0 ? ", rated_kw: " + number(meter.ratedKw) : "",
                  meter.keys,
                  meter == broken && exchange != null ? ", exchange: [" + exchange + "]" : ""));
    }
    return yaml.append("carbon: {factors: [few]}\n").toString();
  }
}
