package io.lingtan.simulator.prove;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.check.Check;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.prove.memory.MemoryLines;
import io.lingtan.simulator.scenario.Draw;
import io.lingtan.simulator.scenario.Planned;
import io.lingtan.simulator.scenario.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One run: a simulated site, the agent's real steps on a machine in memory, a broker, and the
 * faults of a scenario, all in the calling thread on virtual time. Equal scenarios and seeds
 * deliver equal bytes.
 */
final class Rehearsal {

  /** After the scenario's end, for intervals to close and everything to be delivered. */
  private static final long SETTLE_MILLIS = 20 * 60_000L;

  /** How often somebody who watches is told. */
  private static final long TICK_MILLIS = 10 * 60_000L;

  private final Scenario scenario;
  private final long seed;
  private final ProvedSite proved;
  private final List<Planned> planned;
  private final Function<Message, List<Message>> way;
  private final long start;
  private final Map<String, Long> worldAtBoot = new HashMap<>();

  /** Watches a run. */
  @FunctionalInterface
  public interface Watch {

    /**
     * The world has gone on. A {@link CancellationException} ends the run.
     *
     * @param faults how many have begun
     */
    void at(long sinceStartMillis, long faults);

    /** Nobody watches. */
    static Watch nobody() {
      return (millis, faults) -> {};
    }
  }

  private Rehearsal(
      Scenario scenario,
      long seed,
      ProvedSite proved,
      List<Planned> planned,
      Function<Message, List<Message>> way) {
    this.way = way;
    this.scenario = scenario;
    this.seed = seed;
    this.proved = proved;
    this.planned = planned;
    this.start = proved.world().stepStart();
  }

  /**
   * Runs a scenario with what it draws for a seed.
   *
   * @throws IllegalArgumentException if the scenario names what is not there
   */
  public static Proof of(Scenario scenario, long seed, Watch watch) {
    ProvedSite proved = ProvedSite.of(scenario.site(), seed);
    List<Planned> planned = Draw.of(scenario, seed, proved.targets());
    return new Rehearsal(scenario, seed, proved, planned, List::of).run(watch);
  }

  /** Runs just these faults. */
  static Proof of(Scenario scenario, long seed, List<Planned> planned, Watch watch) {
    ProvedSite proved = ProvedSite.of(scenario.site(), seed);
    return new Rehearsal(scenario, seed, proved, planned, List::of).run(watch);
  }

  /**
   * Runs just these faults.
   *
   * @param way what becomes of a message on its way from the broker to the subscriber
   */
  static Proof of(
      Scenario scenario, long seed, List<Planned> planned, Function<Message, List<Message>> way) {
    ProvedSite proved = ProvedSite.of(scenario.site(), seed);
    return new Rehearsal(scenario, seed, proved, planned, way).run(Watch.nobody());
  }

  private Proof run(Watch watch) {
    Path base = folder();
    try (Card card = Card.in(base)) {
      return run(watch, base, card);
    } finally {
      remove(base);
    }
  }

  private static Path folder() {
    Path memory = Path.of("/dev/shm");
    try {
      return Files.isWritable(memory)
          ? Files.createTempDirectory(memory, "lingtan-prove-")
          : Files.createTempDirectory("lingtan-prove-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for the journal", e);
    }
  }

  private static void remove(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }

  private Proof run(Watch watch, Path base, Card card) {
    List<Fault> faults = planned.stream().map(one -> one.fault(start)).toList();
    for (Fault fault : faults) {
      if (fault instanceof WireFault
          || fault instanceof MeterFault
          || fault instanceof CoapFault
          || fault instanceof PulseFault) {
        proved.faults().add(fault);
      }
    }
    List<ClockFault> clockFaults = only(faults, ClockFault.class);
    List<HostFault> hostFaults = only(faults, HostFault.class);
    MachineClock clock = new MachineClock(start, clockFaults);
    worldAtBoot.put(clock.boot(), start);
    SiteVersions versions =
        proved.load(base, card.folder().resolve("journal.db"), scenario.journalBytes());
    only(faults, HostFault.SiteChanged.class).forEach(versions::check);
    Site site = versions.now().site();
    Witness witness = new Witness(proved.world(), proved.faults());
    proved.endpoints().forEach(endpoint -> endpoint.log(witness));
    WallClock wall = new WallClock(clockFaults, worldAtBoot, clock);
    Check check = new Check(site, proved.devices(), witness, wall, wall);
    check.truth().stepped(proved.world());
    proved.world().observe(check.truth());
    FaultEffects effects = new FaultEffects(check, wall, proved, start);
    effects.declare(faults);
    MessageDigest digest = sha256();
    // An event may name the journal's file, and each run has a folder of another name.
    String folder = card.folder().toString();
    check.onRecord(
        bytes -> {
          String record = new String(bytes, StandardCharsets.UTF_8).replace(folder, "/card");
          digest.update(record.getBytes(StandardCharsets.UTF_8));
          digest.update((byte) '\n');
        });
    FaultyBroker broker =
        new FaultyBroker(clock, only(faults, BrokerFault.class), message -> take(message, check));
    FaultyDisk disk = new FaultyDisk(clock, hostFaults, Randomness.seeded(seed + 1));
    MemoryLines lines = MemoryLines.of(proved.simulated(), clock, clock.world(), witness);
    try (Gateway gateway =
        new Gateway(site, clock, lines, broker, card, disk, seed, check::broke)) {
      gateway.onStart(
          (from, until) -> {
            check.happened().away(from, until);
            check.sites().inForce(from, versions.now().site(), versions.now().meant());
          });
      Ends ends = new Ends(check.pulses(), clock, hostFaults);
      MachineAgenda agenda = new MachineAgenda(gateway, clock, ends, worldAtBoot, start, seed);
      hostFaults.forEach(agenda::plan);
      only(faults, HostFault.SiteChanged.class).forEach(changed -> agenda.plan(changed, versions));
      only(faults, ClockFault.Absent.class).forEach(agenda::plan);
      long end = start + scenario.lastsMillis();
      for (long at = start + TICK_MILLIS; at < end; at += TICK_MILLIS) {
        long since = at - start;
        agenda.act(at, () -> watch.at(since, begun(since)));
      }
      long last = live(gateway, clock, agenda, end, check);
      effects.asleep();
      check.retained(broker.retained());
      broker.violations().forEach(rule -> check.broke(clock.worldMillis(), "MQTT: " + rule));
      Map<String, Long> struck = new TreeMap<>(agenda.strikes());
      struck.putAll(proved.faults().injected());
      struck.putAll(broker.injected());
      struck.putAll(disk.injected());
      struck.putAll(clock.injected());
      return new Proof(
          scenario,
          seed,
          planned,
          new TreeMap<>(struck),
          gateway.lives(),
          start,
          check.account(start, last, site.metering().base().toMillis()),
          HexFormat.of().formatHex(digest.digest()));
    }
  }

  /**
   * The whole run, or as much of it as there is before something breaks: that is a finding too.
   *
   * @return when it was over, world time
   */
  private long live(
      Gateway gateway, MachineClock clock, MachineAgenda agenda, long end, Check check) {
    try {
      gateway.start();
      for (MachineAgenda.Action next; (next = agenda.take()) != null; ) {
        advance(gateway, clock, next.at());
        next.run().run();
      }
      long last = Math.max(end, clock.worldMillis()) + SETTLE_MILLIS;
      advance(gateway, clock, last);
      gateway.stop();
      return last;
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      check.broke(clock.worldMillis(), "the run (" + e + ")");
      return clock.worldMillis();
    }
  }

  private void advance(Gateway gateway, MachineClock clock, long worldMillis) {
    if (worldMillis > clock.worldMillis()) {
      gateway.until(worldMillis);
    }
    // Where nobody asks a meter the world still goes on.
    proved.world().advanceTo(Math.max(worldMillis, proved.world().stepStart()));
  }

  private long begun(long since) {
    return planned.stream().filter(fault -> fault.atMillis() <= since).count();
  }

  private static <F> List<F> only(List<Fault> faults, Class<F> kind) {
    return faults.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void take(Message message, Check check) {
    way.apply(message).forEach(arrived -> check.take(arrived.topic(), arrived.payload()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
