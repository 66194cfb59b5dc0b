package io.lingtan.simulator.prove;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.check.Check;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.fault.Belief;
import io.lingtan.simulator.fault.BrokerFault;
import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.HostFault;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.PulseFault;
import io.lingtan.simulator.fault.Touch;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * One run: a simulated site, the agent's real steps on a machine in memory, a broker, and the
 * faults of a scenario, all in the calling thread on virtual time. Equal scenarios and seeds
 * deliver equal bytes.
 */
final class Rehearsal {

  /** After the scenario's end, for intervals to close and everything to be delivered. */
  private static final long SETTLE_MILLIS = 20 * 60_000L;

  /** What was read so shortly before an image was taken may not be in it. */
  private static final long COMMIT_MILLIS = 3_000;

  /** A reply that is late by less is in time on every line: their timeout is a second. */
  private static final long IN_TIME_MILLIS = 500;

  private static final long IDENTITY_MILLIS = 65 * 60_000L;

  /** After the start there is a journal to copy. */
  private static final long FIRST_IMAGE_MILLIS = 60_000;

  /** From a loss of power to the agent's start, where the fault is another. */
  private static final long RESTART_MILLIS = 30_000;

  /** From the end of the agent to its start with another site file. */
  private static final long RELOAD_MILLIS = 8_000;

  /** How often somebody who watches is told. */
  private static final long TICK_MILLIS = 10 * 60_000L;

  private final Scenario scenario;
  private final long seed;
  private final ProvedSite proved;
  private final List<Planned> planned;
  private final Function<Message, List<Message>> way;
  private final long start;
  private final Map<String, Long> worldAtBoot = new HashMap<>();
  private final SortedMap<String, Long> strikes = new TreeMap<>();
  private final PriorityQueue<Action> agenda =
      new PriorityQueue<>(Comparator.comparingLong(Action::at).thenComparingLong(Action::number));
  private long numbered;

  /** Something that happens to the machine at a time of the world. */
  private record Action(long at, long number, Runnable run) {}

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
    declare(faults, check, wall);
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
      hostFaults.forEach(fault -> plan(fault, gateway, clock, ends));
      only(faults, HostFault.SiteChanged.class)
          .forEach(changed -> plan(changed, versions, gateway, clock, ends));
      only(faults, ClockFault.Absent.class).forEach(fault -> plan(fault, gateway, clock, ends));
      long end = start + scenario.lastsMillis();
      for (long at = start + TICK_MILLIS; at < end; at += TICK_MILLIS) {
        long since = at - start;
        act(at, () -> watch.at(since, begun(since)));
      }
      long last = live(gateway, clock, end, check);
      asleep(check, wall);
      check.retained(broker.retained());
      broker.violations().forEach(rule -> check.broke(clock.worldMillis(), "MQTT: " + rule));
      Map<String, Long> struck = new TreeMap<>(strikes);
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
  private long live(Gateway gateway, MachineClock clock, long end, Check check) {
    try {
      gateway.start();
      for (Action next; (next = agenda.poll()) != null; ) {
        advance(gateway, clock, next.at);
        next.run.run();
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

  private void act(long at, Runnable run) {
    agenda.add(new Action(at, numbered++, run));
  }

  private void plan(HostFault fault, Gateway gateway, MachineClock clock, Ends ends) {
    long from = fault.fromMillis();
    switch (fault) {
      case HostFault.Killed killed ->
          act(from, () -> end(fault, gateway, ends, 0, gateway::kill, () -> gateway.start()));
      case HostFault.PowerCut cut ->
          act(
              from,
              () ->
                  end(
                      fault,
                      gateway,
                      ends,
                      0,
                      () -> gateway.cut(cut, dice(fault)),
                      () -> boot(gateway, clock)));
      case HostFault.ForgetfulCard card -> {
        Images images = new Images(gateway);
        act(imageAt(from, card.forgottenMillis()), images::take);
        act(
            from,
            () ->
                end(
                    fault,
                    gateway,
                    ends,
                    from - imageAt(from, card.forgottenMillis()),
                    () -> images.use(gateway::loseTo),
                    () -> boot(gateway, clock)));
      }
      case HostFault.Restored restored -> {
        Images images = new Images(gateway);
        long at = imageAt(from, restored.ageMillis());
        act(
            at,
            () -> {
              boolean stopped = restored.clean() && gateway.isRunning();
              if (stopped) {
                ends.around(gateway::stop, 0);
                act(at + RELOAD_MILLIS, gateway::start);
              }
              images.take();
            });
        act(
            from,
            () ->
                end(
                    fault,
                    gateway,
                    ends,
                    from - imageAt(from, restored.ageMillis()),
                    () -> {
                      gateway.stop();
                      images.use(gateway::put);
                    },
                    () -> boot(gateway, clock)));
      }
      case HostFault.Cloned cloned ->
          act(
              from,
              () ->
                  end(
                      fault,
                      gateway,
                      ends,
                      0,
                      () -> {
                        gateway.stop();
                        gateway.moveTo(cloned.machine());
                      },
                      () -> boot(gateway, clock)));
      case HostFault.DiskFull full -> {}
      case HostFault.ReadOnly readOnly -> {}
      case HostFault.IoError error -> {}
      case HostFault.SiteChanged changed -> {}
    }
  }

  private void plan(
      HostFault.SiteChanged changed,
      SiteVersions versions,
      Gateway gateway,
      MachineClock clock,
      Ends ends) {
    Runnable restart =
        () -> {
          gateway.siteChanged(versions.now().site());
          strikes.merge(changed.kind(), 1L, Long::sum);
          if (gateway.isRunning()) {
            ends.around(gateway::stop, 0);
            act(clock.worldMillis() + RELOAD_MILLIS, gateway::start);
          }
        };
    act(
        changed.fromMillis(),
        () -> {
          versions.with(changed);
          restart.run();
        });
    act(
        changed.untilMillis(),
        () -> {
          versions.without(changed);
          restart.run();
        });
  }

  /** Only a machine that boots has to ask what time it is: so its power goes. */
  private void plan(ClockFault.Absent absent, Gateway gateway, MachineClock clock, Ends ends) {
    long from = absent.fromMillis();
    long back = Math.min(from + RESTART_MILLIS, absent.untilMillis() - 1);
    HostFault.PowerCut cut = new HostFault.PowerCut(from, back, false);
    act(
        from,
        () -> {
          if (gateway.isRunning()) {
            ends.around(() -> gateway.cut(cut, dice(cut)), 0);
            act(back, () -> boot(gateway, clock));
          }
        });
  }

  /** When the image is taken: not of a card that is blank still. */
  private long imageAt(long from, long ageMillis) {
    return Math.max(from - ageMillis, Math.min(from - 1, start + FIRST_IMAGE_MILLIS));
  }

  /**
   * Ends the agent if there is one, and brings it back when the fault is over.
   *
   * @param forgottenMillis how far back the card is then
   */
  private void end(
      HostFault fault,
      Gateway gateway,
      Ends ends,
      long forgottenMillis,
      Runnable end,
      Runnable back) {
    if (!gateway.isRunning()) {
      return;
    }
    strikes.merge(fault.kind(), 1L, Long::sum);
    ends.around(end, forgottenMillis);
    act(fault.untilMillis(), back);
  }

  private void boot(Gateway gateway, MachineClock clock) {
    clock.reboot(clock.worldMillis());
    worldAtBoot.put(clock.boot(), clock.worldMillis());
    gateway.start();
  }

  private RandomGenerator dice(HostFault fault) {
    return Randomness.seeded(seed ^ fault.fromMillis());
  }

  /** The image of a card that will be wanted later. */
  private static final class Images {
    private final Gateway gateway;
    private final List<Card.Image> taken = new ArrayList<>();

    Images(Gateway gateway) {
      this.gateway = gateway;
    }

    void take() {
      taken.add(gateway.image());
    }

    void use(Consumer<Card.Image> action) {
      for (Card.Image image : taken) {
        action.accept(image);
        image.forget();
      }
      taken.clear();
    }
  }

  /** Says beforehand what the faults may touch. */
  private void declare(List<Fault> faults, Check check, WallClock wall) {
    for (Fault fault : faults) {
      if (fault instanceof HostFault.SiteChanged changed) {
        restarted(changed, changed.fromMillis(), check, wall);
        restarted(changed, changed.untilMillis(), check, wall);
        continue;
      }
      check.happened().fault(fault);
      long from = fault.fromMillis();
      long until = fault.untilMillis();
      switch (fault) {
        // What a device refuses is not asked for again within the hour.
        case WireFault.Refusal refusal ->
            touch(check, wall, refusal.device(), from, until + IDENTITY_MILLIS, fault.belief());
        // Nothing is lost of what comes twice, or late and in time.
        case WireFault.DuplicateReply twice -> {}
        case WireFault.Slow slow when slow.delayMillis() <= IN_TIME_MILLIS -> {}
        case WireFault.OfDevice wire ->
            touch(check, wall, wire.device(), from, until, fault.belief());
        case WireFault.OfLine wire -> ofLine(wire.line(), from, until, fault, check, wall);
        // A reader asks for the serial number once an hour.
        case MeterFault.Exchange exchange ->
            touch(check, wall, exchange.device(), from, until + IDENTITY_MILLIS, fault.belief());
        // True, but of some time ago: no reader can know of which.
        case MeterFault.SlowUpdate slow ->
            touch(check, wall, slow.device(), from, until, Belief.DECEIVING);
        // A reader needs a while to notice, and may then doubt what was before.
        case MeterFault.UncountedPhases part -> {
          long notice = MeterFault.UncountedPhases.NOTICED_MILLIS;
          touch(check, wall, part.device(), from, until, fault.belief());
          touch(check, wall, part.device(), from - notice, from + notice, Belief.DECEIVING);
          touch(check, wall, part.device(), until - notice, until + notice, Belief.DECEIVING);
        }
        // Nothing is lost where a register goes round; one that is set to where it does so, jumps.
        case MeterFault.Rollover rollover when from <= start -> {}
        // It is silent only while it delivers nothing: see asleep.
        case MeterFault.Asleep asleep -> {}
        case MeterFault.Sentinel point -> ofPoint(point, point.point(), check, wall);
        case MeterFault.Stuck point -> {
          ofPoint(point, point.point(), check, wall);
          // A register that goes on beside it contradicts it, and a reader cannot know which is
          // right.
          if (point.point().quantity() == Quantity.POWER) {
            long notice = MeterFault.UncountedPhases.NOTICED_MILLIS;
            touch(check, wall, point.device(), from - notice, until + notice, Belief.TRUE);
          }
        }
        case MeterFault.Spike point -> ofPoint(point, point.point(), check, wall);
        case MeterFault.CounterReset point -> ofPoint(point, point.point(), check, wall);
        case MeterFault.Rollover point -> ofPoint(point, point.point(), check, wall);
        case MeterFault meter -> touch(check, wall, meter.device(), from, until, fault.belief());
        case PulseFault.Gone gone -> {
          touch(check, wall, gone.device(), from, until, fault.belief());
          if (check.pulses().has(gone.device())) {
            check.pulses().gone(gone.device(), from, Ends.COMMIT_MILLIS);
          }
        }
        case PulseFault pulse -> touch(check, wall, pulse.device(), from, until, fault.belief());
        // All that the peer serves is behind the same session.
        case CoapFault.SessionLost lost ->
            proved
                .neighbours(lost.device())
                .forEach(id -> touch(check, wall, id, from, until, fault.belief()));
        case CoapFault coap -> touch(check, wall, coap.device(), from, until, fault.belief());
        case ClockFault.Absent absent -> check.touched().everything(from, until);
        case ClockFault.Stepped stepped -> {
          long by = Math.abs(stepped.byMillis());
          check.touched().stepped(from - by, until + by);
        }
        // It is followed all the while, and set right in the end.
        case ClockFault.Drift drift -> {
          long by = Math.abs(drift.wrongByMillis(until)) + 2_000;
          check.touched().stepped(until - by, until + by);
        }
        case BrokerFault broker -> {}
        case HostFault.ForgetfulCard card -> {
          forgotten(from, card.forgottenMillis(), check, wall);
          check.touched().everything(from, until);
        }
        case HostFault.Restored restored -> {
          forgotten(from, restored.ageMillis(), check, wall);
          check.touched().everything(from, until);
          if (restored.clean()) {
            long at = imageAt(from, restored.ageMillis());
            check.happened().fault(new HostFault.Killed(at, at + RELOAD_MILLIS));
            check.touched().everything(at, at + RELOAD_MILLIS);
          }
        }
        case HostFault host -> check.touched().everything(from, until);
      }
    }
  }

  /** What is in force meanwhile is no fault; that the agent has to be restarted for it is one. */
  private static void restarted(
      HostFault.SiteChanged changed, long at, Check check, WallClock wall) {
    long back = at + RELOAD_MILLIS;
    check.happened().fault(new HostFault.SiteChanged(at, back, changed.device(), changed.change()));
    check.touched().everything(at, back);
    switch (changed.change()) {
      case RENAMED, PERIOD_CHANGED -> {}
      case TAKEN_OUT, METER_OUT, RATIO_HALVED ->
          touch(
              check,
              wall,
              changed.device(),
              changed.fromMillis(),
              changed.untilMillis() + RELOAD_MILLIS,
              Belief.TRUE);
    }
  }

  /** Says afterwards when sleeping devices were silent: not while it was light. */
  private void asleep(Check check, WallClock wall) {
    for (Touch touch : proved.faults().touches()) {
      if (touch.fault() instanceof MeterFault.Asleep asleep) {
        touch(
            check, wall, asleep.device(), touch.firstMillis(), touch.lastMillis(), asleep.belief());
      }
    }
  }

  /** A fault of one point touches it at the times that the gateway's clock shows meanwhile. */
  private static void ofPoint(MeterFault fault, Point point, Check check, WallClock wall) {
    touch(
        check,
        wall,
        fault.device() + "/" + point.name(),
        fault.fromMillis(),
        fault.untilMillis(),
        fault.belief());
  }

  private void forgotten(long from, long ageMillis, Check check, WallClock wall) {
    check.touched().forgotten(wall.at(imageAt(from, ageMillis)), wall.at(from), COMMIT_MILLIS);
  }

  /** A fault of a device touches it at the times that the gateway's clock shows meanwhile. */
  private static void touch(
      Check check, WallClock wall, String device, long from, long until, Belief belief) {
    check.touched().device(device, from, until, belief);
    if (wall.at(from) != from || wall.at(until) != until) {
      long first = Math.min(wall.at(from), wall.at(until));
      check.touched().device(device, first, Math.max(wall.at(from), wall.at(until)), belief);
    }
  }

  private void ofLine(
      String line, long from, long until, Fault fault, Check check, WallClock wall) {
    for (Endpoint endpoint : proved.endpoints()) {
      if (endpoint.id().equals(line)) {
        endpoint
            .meters()
            .forEach(meter -> touch(check, wall, meter.id(), from, until, fault.belief()));
      }
    }
  }
}
