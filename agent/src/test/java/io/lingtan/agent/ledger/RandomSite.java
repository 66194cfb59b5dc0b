package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.TrueWorld.Flow;
import io.lingtan.agent.ledger.TrueWorld.Shape;
import io.lingtan.agent.run.Randomness;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A site, what is in it, what measures it, and what is wrong with that; all of it by one seed. */
final class RandomSite {

  /** What can be wrong; the first ones are not wrong, but happen. */
  enum Trouble {
    NONE,
    GAP,
    RESTART,
    REBOOT,
    EXCHANGED_WRITTEN,
    EXCHANGED_NOTICED,
    RATIO,
    RATIO_OF_REGISTERS,
    REVERSED,
    PHASE,
    PHASE_OF_REGISTERS,
    SWAPPED,
    SOURCE_MISSING,
    STUCK,
    STUCK_THEN_RIGHT,
    JUMP,
    EXCHANGED_UNNOTICED,
    CLOCK_STEP;

    boolean isExchange() {
      return this == EXCHANGED_WRITTEN || this == EXCHANGED_NOTICED || this == EXCHANGED_UNNOTICED;
    }

    boolean isWrong() {
      return compareTo(EXCHANGED_NOTICED) > 0;
    }
  }

  /**
   * A register.
   *
   * @param figure that it feeds; null for one that feeds none
   * @param unit as the profile writes it, without the step
   * @param step in millionths of that, transformer ratios applied
   */
  record Register(String point, @Nullable String figure, String unit, long step, double begins) {}

  /** A power, above 0 while {@code plus} flows. */
  record Power(String point, Flow plus, Flow minus, boolean isSigned) {}

  /** A meter with its device. */
  static final class SiteMeter {
    final String id;
    final String role;
    final String kind;
    String keys = "";
    double ratedKw;
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
    boolean hasStats;
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

  private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");

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
    LocalDateTime start =
        LocalDateTime.of(
            2025, 3 + random.nextInt(8), 1 + random.nextInt(28), random.nextInt(24), 0);
    startMillis = start.atZone(ZONE).toInstant().toEpochMilli() + random.nextInt(3600) * 1000L;
    double hour = start.getHour() + (startMillis % 3_600_000) / 3_600_000.0;
    shape = shape();
    world = new TrueWorld(random, shape, stepMillis, steps, hour);
    gasCelsius = random.nextBoolean() ? 20 : 0;
    isProportional = random.nextInt(4) == 0;
    meters();
    trouble();
  }

  private double some(int one, double least, double most) {
    return random.nextInt(one) == 0 ? least + (most - least) * random.nextDouble() : 0;
  }

  private Shape shape() {
    boolean isHybrid = random.nextInt(5) == 0;
    return new Shape(
        1 + random.nextInt(4),
        isHybrid ? 0 : some(2, 5, 200),
        isHybrid ? 0 : some(3, 5, 100),
        20 + 200 * random.nextDouble(),
        isHybrid ? 5 + 40 * random.nextDouble() : 0,
        isHybrid ? 3 + 20 * random.nextDouble() : 0,
        some(8, 20, 100),
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
      source("pv", "elec.pv.generation", "pv");
    }
    if (shape.chpKw() > 0) {
      source("chp", "elec.chp.generation", "chp");
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
      meter.keys += ", max_rate: " + number(Math.max(1, world.of(flow).fastest() / 1e6 * 1.3));
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
  private void source(String role, String figure, String flow) {
    boolean isOwn = random.nextBoolean();
    SiteMeter source =
        new SiteMeter(role, role, isOwn ? role.equals("chp") ? "fuel_cell" : "inverter" : "meter");
    boolean powerOnly = random.nextInt(12) == 0;
    truth(source, figure, flow);
    if (isOwn) {
      if (!powerOnly) {
        register(source, "energy_generated", figure, "kW.h", flow);
      }
      power(source, "power", flow, "nothing", powerOnly, random.nextBoolean());
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
    meter.registers.add(new Register(point, figure, unit, 0, 0));
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
    meter.phaseMillis = random.nextLong(recordMillis);
    meter.hasStats = random.nextBoolean();
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
      fitted.add(
          new Register(
              each.point, each.figure, each.unit, step, (begins + random.nextDouble()) * step));
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
          "  %s: {address: %d, type: uint32, unit: %s%s, modulus: %d, update: %ds%s}\n"
              .formatted(
                  register.point,
                  address,
                  register.unit.equals("kW.h") ? step : "",
                  register.unit.equals("kW.h") ? register.unit : register.unit + ", scale: " + step,
                  meter.modulus,
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
    return "kind: %s\ndefaults: {function: 3}\npoints:\n%s".formatted(meter.kind, points);
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
      case GAP -> {
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
      case STUCK, STUCK_THEN_RIGHT -> {}
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
  }

  @Nullable SiteMeter second;

  private static List<String> points(SiteMeter meter) {
    return meter.registers.stream().map(Register::point).toList();
  }

  private static double coarseness(SiteMeter meter) {
    return meter.registers.getFirst().step() / meter.ratedKw;
  }

  private boolean fits(SiteMeter meter) {
    boolean registers = !meter.registers.isEmpty();
    return switch (trouble) {
      case SOURCE_MISSING -> List.of("pv", "chp", "bat").contains(meter.id);
      case SWAPPED ->
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
    meter.powers.replaceAll(p -> new Power(p.point, p.minus, p.plus, p.isSigned));
  }

  private double freshBegins;

  private void exchange(SiteMeter meter) {
    // Written down to the minute.
    long wall = (startMillis + from) / 60_000 * 60_000;
    from = wall - startMillis;
    until = trouble == Trouble.EXCHANGED_WRITTEN ? from : from + 5 * recordMillis;
    freshBegins = random.nextInt(3) * 1e6 * random.nextDouble();
    about += " begins with " + freshBegins / 1e6;
    if (trouble != Trouble.EXCHANGED_WRITTEN) {
      return;
    }
    StringBuilder rows = new StringBuilder();
    String at =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm", Locale.ROOT)
            .format(Instant.ofEpochMilli(wall).atZone(ZONE));
    for (Register register : meter.registers) {
      if (register.figure != null) {
        double fresh = Math.floor(freshBegins / register.step) * register.step;
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
    double whole = Math.floor(value / register.step) % meter.modulus;
    return whole * register.step;
  }

  /** A register's reading then, in millionths. */
  long reads(SiteMeter meter, Register register, long millis) {
    Flow flow = Objects.requireNonNull(meter.seen.get(register.point));
    long at = Math.max(0, millis - Math.floorMod(millis + meter.phaseMillis, meter.updateMillis));
    boolean isBroken = meter == broken;
    if (isBroken && trouble.isExchange() && millis >= from) {
      // What the old device had shown last went with it.
      at = Math.max(at, from);
    }
    double counted = flow.at(at) * meter.gain;
    double begins = register.begins;
    if (isBroken) {
      double until = flow.at(Math.min(at, from)) * meter.gain;
      double after = counted - until;
      switch (trouble) {
        case RATIO, RATIO_OF_REGISTERS, PHASE, PHASE_OF_REGISTERS ->
            counted = until + after * factor;
        case STUCK -> counted -= stuckFor(flow, at) * meter.gain;
        case STUCK_THEN_RIGHT -> counted -= at < this.until ? stuckFor(flow, at) * meter.gain : 0;
        case JUMP ->
            counted += at >= from && register.equals(meter.registers.getFirst()) ? factor : 0;
        case EXCHANGED_WRITTEN, EXCHANGED_NOTICED, EXCHANGED_UNNOTICED -> {
          if (at >= from) {
            begins = freshBegins;
            counted = after;
          }
        }
        default -> {}
      }
    }
    return Math.round(shown(register, meter, begins + counted));
  }

  private double stuckFor(Flow flow, long at) {
    return flow.between(Math.min(at, from), Math.min(at, until));
  }

  /** Mean power between two instants, µW, as the meter shows it. */
  long watts(SiteMeter meter, Power power, long fromMillis, long toMillis) {
    double kwh =
        power.plus.between(fromMillis, toMillis) - power.minus.between(fromMillis, toMillis);
    return shownWatts(meter, kwh * 3_600_000 / (toMillis - fromMillis), fromMillis);
  }

  /** The power at an instant, µW. */
  long watts(SiteMeter meter, Power power, long millis) {
    return shownWatts(meter, power.plus.rate(millis) - power.minus.rate(millis), millis);
  }

  private long shownWatts(SiteMeter meter, double milliwatts, long millis) {
    boolean isScaled = trouble == Trouble.RATIO || trouble == Trouble.PHASE;
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
        site: {zone: Asia/Shanghai, region: CN-JS}
        profiles: profiles
        factors: factors
        lines:
          - id: line
            modbus-tcp: {host: 127.0.0.1}
            devices:
        """
            .formatted(seed));
    int unit = 1;
    for (SiteMeter meter : meters) {
      yaml.append(
          "      - {id: %s, profile: %s, unit: %d, every: 1s, record: %ds%s}\n"
              .formatted(
                  meter.device(),
                  profileName(meter),
                  unit++,
                  recordMillis / 1000,
                  meter.ct > 1 ? ", ct: " + meter.ct : ""));
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
