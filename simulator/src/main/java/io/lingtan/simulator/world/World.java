package io.lingtan.simulator.world;

import io.lingtan.agent.run.Randomness;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A site in virtual time: a PV roof, a battery, buildings, a hydrogen depot with its buses, and the
 * grid gate that closes the balance.
 *
 * <p>The present is a step, {@code [stepStart, stepStart + stepMillis)}; in it every power is a
 * constant whole number of watts. What is asked for at an instant of the present step is exact.
 * {@link #advanceTo} moves on, never back. Not thread-safe: whoever drives it owns it.
 */
public final class World {

  /** Told of each new step, when everything up to its start is settled. */
  public interface Observer {
    void stepped(World world);
  }

  private static final double COMPRESSOR_INLET_MPA = 3.1;
  private static final double COMPRESSOR_EFFICIENCY = 0.5;
  private static final int COMPRESSOR_STANDBY_WATTS = 300;

  /** J/(kg K). */
  private static final double HYDROGEN_SPECIFIC_GAS_CONSTANT = 4_124.2;

  private final Plant plant;
  private final int stepMillis;
  private final LocalDay day;
  private final Sky sky;
  private final Buildings buildings;
  private final Chargers chargers;
  private final Battery battery;
  private final Electrolyser electrolyser;
  private final Tanks tanks;
  private final Depot depot;
  private final Noise voltage;
  private final Noise frequency;
  private final Noise airTemperature;

  private final int[] watts = new int[Wire.COUNT];
  private final long[] energy = new long[Wire.COUNT];
  private final int[] flow = new int[Pipe.COUNT];
  private final long[] mass = new long[Pipe.COUNT];
  private @Nullable Observer observer;

  private long stepStart;
  private long steps;
  private long busMassAtStart;
  private double electrolyserShare;
  private double compressorJoulesPerMilligram;
  private int tankMillikelvin = 295_000;
  private int gridMillivolts;
  private int gridMillihertz;

  /** Makes the world and runs it from the local midnight before its start up to it. */
  public World(Plant plant) {
    this.plant = plant;
    this.stepMillis = plant.stepMillis();
    RandomGenerator dice = Randomness.seeded(plant.seed());
    this.sky = new Sky(plant, Randomness.seeded(dice.nextLong()));
    this.buildings =
        new Buildings(Randomness.seeded(dice.nextLong()), stepMillis, plant.buildingsPercent());
    this.depot = new Depot(plant, Randomness.seeded(dice.nextLong()));
    this.voltage = new Noise(Randomness.seeded(dice.nextLong()), 900, 60, stepMillis);
    this.frequency = new Noise(Randomness.seeded(dice.nextLong()), 12, 20, stepMillis);
    this.airTemperature = new Noise(Randomness.seeded(dice.nextLong()), 1.0, 3_600, stepMillis);
    this.chargers = new Chargers(plant, Randomness.seeded(dice.nextLong()));
    this.battery = new Battery(plant);
    this.electrolyser = new Electrolyser(plant);
    this.tanks = new Tanks(plant);
    long midnight = LocalDay.midnight(plant.zone(), plant.startMillis());
    this.day = new LocalDay(plant.zone(), midnight);
    this.stepStart = midnight;
    for (FuelBus bus : depot.buses()) {
      busMassAtStart += bus.milligrams();
    }
    depot.beginDay(midnight);
    decide();
    advanceTo(plant.startMillis());
  }

  /** Who is told of each step; null for nobody. */
  public void observe(@Nullable Observer newObserver) {
    observer = newObserver;
  }

  public Plant plant() {
    return plant;
  }

  /** Start of the present step, UTC ms. */
  public long stepStart() {
    return stepStart;
  }

  /** Goes on until {@code millis} is in the present step; does nothing when it already is. */
  public void advanceTo(long millis) {
    if (millis < stepStart) {
      throw new IllegalArgumentException(
          "the world never goes back: from " + stepStart + " to " + millis);
    }
    while (millis - stepStart >= stepMillis) {
      settle();
      stepStart += stepMillis;
      decide();
      Observer told = observer;
      if (told != null) {
        told.stepped(this);
      }
    }
  }

  private void settle() {
    for (int i = 0; i < watts.length; i++) {
      energy[i] += (long) watts[i] * stepMillis;
    }
    for (int i = 0; i < flow.length; i++) {
      mass[i] += flow[i];
    }
    battery.settle(watts[Wire.BATTERY_DISCHARGE.index()] - watts[Wire.BATTERY_CHARGE.index()]);
    tanks.settle(flow[Pipe.PRODUCED.index()], flow[Pipe.DISPENSED.index()]);
    electrolyser.settle();
    steps++;
    checkBalance();
  }

  private void decide() {
    if (day.advanceTo(stepStart)) {
      depot.beginDay(day.start());
    }
    if (steps % Math.max(1, 60_000 / stepMillis) == 0) {
      eachMinute();
    }
    gridMillivolts = 231_000 + (int) voltage.next();
    gridMillihertz = 50_000 + (int) frequency.next();
    airTemperature.next();

    int pv = sky.pvWatts(stepStart);
    int used = buildings.watts(stepStart, day);
    double share = electrolyserShare;
    int electrolysis = electrolyser.decide(stepStart, share);
    int made = electrolyser.produce(electrolysis);
    int compression =
        plant.electrolyserWatts() == 0
            ? 0
            : COMPRESSOR_STANDBY_WATTS
                + (int) (made * compressorJoulesPerMilligram * 1_000 / stepMillis);
    depot.step(stepStart, tanks.fill());

    int charging = chargers.watts(stepStart, day);
    int net = used + electrolysis + compression + charging - pv;
    int stored = battery.decide(batteryTarget(net));
    int gate = net - stored;
    set(Wire.PV, pv);
    set(Wire.BUILDINGS, used);
    set(Wire.ELECTROLYSER, electrolysis);
    set(Wire.COMPRESSOR, compression);
    set(Wire.CHARGERS, charging);
    set(Wire.BATTERY_DISCHARGE, Math.max(0, stored));
    set(Wire.BATTERY_CHARGE, Math.max(0, -stored));
    set(Wire.GRID_IMPORT, Math.max(0, gate));
    set(Wire.GRID_EXPORT, Math.max(0, -gate));
    flow[Pipe.PRODUCED.index()] = made;
    flow[Pipe.DISPENSED.index()] = depot.stepMilligrams();
    flow[Pipe.BURNT.index()] = depot.burntMilligrams();
  }

  private void set(Wire wire, int power) {
    watts[wire.index()] = power;
  }

  /**
   * What changes slowly: the electrolyser's plan, the tanks' temperature, the compressor's work.
   */
  private void eachMinute() {
    double hour = day.hour(stepStart);
    double air =
        24 + 5 * StrictMath.cos((hour - 14.5) / 12 * StrictMath.PI) + airTemperature.value();
    // The steel and the gas in it follow the air in about two hours.
    tankMillikelvin += (int) ((air * 1_000 + 273_150 - tankMillikelvin) / 120);
    tanks.choose();
    double ratio =
        Math.max(1.05, tankPressureMpa(tanks.filled(), stepStart) / COMPRESSOR_INLET_MPA);
    compressorJoulesPerMilligram =
        HYDROGEN_SPECIFIC_GAS_CONSTANT * 298 * StrictMath.log(ratio) / COMPRESSOR_EFFICIENCY / 1e6;
    double fill = tanks.fill();
    if (fill > 0.95) {
      electrolyserShare = 0;
    } else if (fill < 0.90 || electrolyserShare > 0) {
      electrolyserShare = isValley(hour) ? 1.0 : fill < 0.35 ? 0.8 : 0.35;
    }
  }

  /** Valley price in summer and winter (Jiangsu, from June 2025): 00..06 and 11..13 h. */
  private static boolean isValley(double hour) {
    return hour < 6 || (hour >= 11 && hour < 13);
  }

  /**
   * Self-consumption: takes every surplus, covers half of a deficit by day and nearly all of it in
   * the peak hours from 14 to 22 h, and charges to half before morning.
   */
  private double batteryTarget(int net) {
    if (net < 0) {
      return net;
    }
    double hour = day.hour(stepStart);
    if (hour < 6) {
      return battery.socBasisPoints() < 5_000 ? -60_000 : 0;
    }
    return hour >= 14 && hour < 22 ? net * 0.9 : isValley(hour) ? 0 : net * 0.5;
  }

  /** Power in the present step. */
  public int watts(Wire wire) {
    return watts[wire.index()];
  }

  /**
   * Energy through a wire since the world began, exact.
   *
   * @param millis an instant of the present step, or its end
   * @return millijoules
   */
  public long energyMillijoules(Wire wire, long millis) {
    return energy[wire.index()] + watts[wire.index()] * intoStep(millis);
  }

  /** Hydrogen through a pipe in the present step, in milligrams a second. */
  public int milligramsPerSecond(Pipe pipe) {
    return (int) (flow[pipe.index()] * 1_000L / stepMillis);
  }

  /**
   * Hydrogen through a pipe since the world began: exact at a step's start, in between rounded down
   * to a milligram.
   */
  public long massMilligrams(Pipe pipe, long millis) {
    return mass[pipe.index()] + flow[pipe.index()] * intoStep(millis) / stepMillis;
  }

  private long intoStep(long millis) {
    long into = millis - stepStart;
    if (into < 0 || into > stepMillis) {
      throw new IllegalArgumentException(
          "only the present step is known: "
              + millis
              + " is not in it, "
              + stepStart
              + " begins it");
    }
    return into;
  }

  /**
   * Hydrogen in a group of tanks.
   *
   * @param group from 0
   */
  public long tankMilligrams(int group, long millis) {
    long made = massMilligrams(Pipe.PRODUCED, millis) - mass[Pipe.PRODUCED.index()];
    long given = massMilligrams(Pipe.DISPENSED, millis) - mass[Pipe.DISPENSED.index()];
    return tanks.milligrams(group)
        + (group == tanks.filled() ? made : 0)
        - (group == tanks.emptied() ? given : 0);
  }

  /** Absolute pressure in a group of tanks, MPa. */
  public double tankPressureMpa(int group, long millis) {
    return tanks.pressureMpa(group, tankMilligrams(group, millis), tankMillikelvin);
  }

  /** Gauge pressure in a group of tanks, whole Pa: what a transmitter on it measures. */
  public long tankGaugePascal(int group, long millis) {
    return Math.round((tankPressureMpa(group, millis) - Tanks.AMBIENT_MPA) * 1e6);
  }

  /** Temperature of the gas in the tanks, mK. */
  public int tankMillikelvin() {
    return tankMillikelvin;
  }

  /** Outdoor air, mK. */
  public int airMillikelvin() {
    double hour = day.hour(stepStart);
    double air = 24 + 5 * StrictMath.cos((hour - 14.5) / 12 * StrictMath.PI);
    return 273_150 + (int) (1_000 * (air + airTemperature.value()));
  }

  /** Phase voltage at the busbar, mV. */
  public int gridMillivolts() {
    return gridMillivolts;
  }

  public int gridMillihertz() {
    return gridMillihertz;
  }

  /** The battery's state of charge at the step's start, in hundredths of a percent. */
  public int socBasisPoints() {
    return battery.socBasisPoints();
  }

  /** 0 standby, 1 starting, 2 producing. */
  public int electrolyserState() {
    return electrolyser.state().code();
  }

  public boolean isFuelling() {
    return depot.isFuelling();
  }

  /** Refuelling events begun so far. */
  public long fills() {
    return depot.fills();
  }

  /** The buses at the end of the present step. */
  public List<BusState> buses() {
    return depot.buses().stream().map(FuelBus::state).toList();
  }

  /** The present step's start, for other threads. */
  public Snapshot snapshot() {
    return new Snapshot(
        stepStart,
        Arrays.stream(watts).boxed().toList(),
        Arrays.stream(energy).boxed().toList(),
        Arrays.stream(mass).boxed().toList());
  }

  /**
   * Whether everything that came in went out or is still there, to the millijoule and the
   * milligram, at the present step's start.
   *
   * @throws IllegalStateException naming seed and instant, if not: a fault of this program
   */
  public void checkBalance() {
    long in = at(Wire.GRID_IMPORT) + at(Wire.PV) + at(Wire.BATTERY_DISCHARGE);
    long out =
        at(Wire.GRID_EXPORT)
            + at(Wire.BATTERY_CHARGE)
            + at(Wire.BUILDINGS)
            + at(Wire.ELECTROLYSER)
            + at(Wire.COMPRESSOR)
            + at(Wire.CHARGERS);
    require(in == out, "busbar", in - out);
    long kept = at(Wire.BATTERY_CHARGE) - at(Wire.BATTERY_DISCHARGE) - battery.lostMillijoules();
    require(kept == battery.gainedMillijoules(), "battery", kept - battery.gainedMillijoules());
    long chemical =
        mass[Pipe.PRODUCED.index()] * Electrolyser.MILLIJOULES_PER_MILLIGRAM
            + electrolyser.heatMillijoules();
    require(chemical == at(Wire.ELECTROLYSER), "electrolyser", chemical - at(Wire.ELECTROLYSER));
    long gained = mass[Pipe.PRODUCED.index()] - mass[Pipe.DISPENSED.index()];
    require(gained == tanks.gainedMilligrams(), "tanks", gained - tanks.gainedMilligrams());
  }

  /** The same for the buses' tanks, at the end of the present step. */
  void checkBuses() {
    long now = 0;
    for (FuelBus bus : depot.buses()) {
      now += bus.milligrams();
    }
    long end = stepStart + stepMillis;
    long gained = massMilligrams(Pipe.DISPENSED, end) - massMilligrams(Pipe.BURNT, end);
    require(gained == now - busMassAtStart, "buses", gained - (now - busMassAtStart));
  }

  private long at(Wire wire) {
    return energy[wire.index()];
  }

  private void require(boolean balanced, String where, long by) {
    if (!balanced) {
      throw new IllegalStateException(
          where + " out of balance by " + by + " at " + stepStart + ", seed " + plant.seed());
    }
  }

  /** Everything in one number: equal for equal seeds, and hardly ever otherwise. */
  public long fingerprint() {
    long print = stepStart;
    for (int i = 0; i < Wire.COUNT; i++) {
      print = mix(mix(print, energy[i]), watts[i]);
    }
    for (int i = 0; i < Pipe.COUNT; i++) {
      print = mix(mix(print, mass[i]), flow[i]);
    }
    for (int i = 0; i < plant.tanks().size(); i++) {
      print = mix(print, tanks.milligrams(i));
    }
    print = mix(print, battery.storedMillijoules());
    return mix(mix(print, gridMillivolts), mix(gridMillihertz, tankMillikelvin));
  }

  private static long mix(long print, long value) {
    long mixed = (print ^ value) * 0x9E37_79B9_7F4A_7C15L;
    return mixed ^ (mixed >>> 29);
  }
}
