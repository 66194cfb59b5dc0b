package io.lingtan.agent.ledger;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A microgrid whose energy is balanced in every step, played into samples. */
final class Played {

  /** A sample and its time. */
  record Reading(Sample sample, long tsMillis) {}

  static final long START = Instant.parse("2025-06-01T01:59:50Z").toEpochMilli();
  static final List<String> DEVICES =
      List.of("grid-dev", "pv-dev", "bat-dev", "hall-dev", "ely-dev", "nozzle-dev");

  private final RandomGenerator random;
  private final long stepMillis;
  private final Map<String, Map<String, Long>> registers = new LinkedHashMap<>();
  private long millis;
  private String boot = "boot-1";
  private long bootedAt;

  /**
   * @param stepMillis record period of every device
   */
  Played(RandomGenerator random, long stepMillis) {
    this(random, stepMillis, START);
  }

  /**
   * @param startMillis UTC ms
   */
  Played(RandomGenerator random, long stepMillis, long startMillis) {
    this.random = random;
    this.stepMillis = stepMillis;
    this.millis = startMillis;
    this.bootedAt = startMillis - 1_000_000;
    register("grid-dev", "energy_import", "energy_export");
    register("pv-dev", "energy_generated");
    register("bat-dev", "energy_charged", "energy_discharged");
    register("hall-dev", "energy_import");
    register("ely-dev", "energy_import", "mass");
    register("nozzle-dev", "mass");
  }

  private void register(String device, String... points) {
    Map<String, Long> own = new LinkedHashMap<>();
    for (String point : points) {
      own.put(point, random.nextLong(4_000_000) * 1000);
    }
    registers.put(device, own);
  }

  long millis() {
    return millis;
  }

  void reboot() {
    boot = boot + "x";
    bootedAt = millis - 20_000;
  }

  /** A register's reading in millionths. */
  long reads(String device, String point) {
    return registers.getOrDefault(device, Map.of()).getOrDefault(point, -1L);
  }

  /** Everything counts on for one step; each device then is read once, milliseconds apart. */
  List<Reading> step() {
    millis += stepMillis;
    long pv = amount(160_000);
    long hall = amount(120_000);
    long ely = amount(90_000);
    long charge = random.nextInt(3) == 0 ? amount(100_000) : 0;
    long discharge = charge == 0 && random.nextBoolean() ? amount(100_000) : 0;
    long net = hall + ely + charge - pv - discharge;
    count("grid-dev", "energy_import", Math.max(0, net));
    count("grid-dev", "energy_export", Math.max(0, -net));
    count("pv-dev", "energy_generated", pv);
    count("bat-dev", "energy_charged", charge);
    count("bat-dev", "energy_discharged", discharge);
    count("hall-dev", "energy_import", hall);
    count("ely-dev", "energy_import", ely);
    count("ely-dev", "mass", ely / 53);
    count("nozzle-dev", "mass", amount(400));
    List<Reading> readings = new ArrayList<>();
    for (String device : DEVICES) {
      readings.add(new Reading(sample(device, millis), millis));
    }
    return readings;
  }

  /** Millionths of a kWh that so many watts make in one step, at most. */
  private long amount(long watts) {
    return random.nextLong(watts * stepMillis / 3600 + 1);
  }

  private void count(String device, String point, long amount) {
    registers.getOrDefault(device, Map.of()).computeIfPresent(point, (p, old) -> old + amount);
  }

  private Sample sample(String device, long at) {
    Values.Builder values = new Values.Builder();
    registers
        .getOrDefault(device, Map.of())
        .forEach((point, reading) -> values.put(Point.of(point), reading));
    return Sample.of(device, boot, (at - bootedAt) * 1_000_000, values.build());
  }

  /** The same reading, as if the device had not answered. */
  static Reading failed(Reading reading) {
    Sample sample = reading.sample();
    return new Reading(
        Sample.failed(sample.device(), sample.boot(), sample.atNanos(), Reason.TIMEOUT),
        reading.tsMillis());
  }
}
