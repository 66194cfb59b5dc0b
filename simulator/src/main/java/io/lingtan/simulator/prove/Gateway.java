package io.lingtan.simulator.prove;

import io.lingtan.agent.Agent;
import io.lingtan.agent.Host;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.fault.HostFault;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A machine with an agent on it, one life of the agent after the other: started, stopped, killed,
 * and cut off from power, with the card that each of these leaves.
 */
final class Gateway implements AutoCloseable {

  private static final String DATABASE = "journal.db";

  /** Longer than a commit's period, so that one is under way when the power goes. */
  private static final long COMMIT_MILLIS = 1_300;

  private Site site;
  private final MachineClock clock;
  private final FieldPorts ports;
  private final FaultyBroker broker;
  private final Card card;
  private final FaultyDisk disk;
  private final long seed;
  private final Troubles troubles;
  private String machine = "machine-0";
  private int lives;
  private long endedAt;
  private @Nullable Life life;

  private Outages outages = (from, until) -> {};

  /** Who is told of each time without an agent when it is over. */
  @FunctionalInterface
  interface Outages {

    /**
     * No agent ran.
     *
     * @param from world time, UTC ms
     */
    void away(long from, long until);
  }

  /** What runs between a start and an end. */
  private record Life(Agent agent, FaultyBroker.Client client, List<Step> steps, VirtualRun run) {}

  /**
   * @param site whose journal lies on the card
   * @param troubles who is told of a stage that throws
   */
  Gateway(
      Site site,
      MachineClock clock,
      FieldPorts ports,
      FaultyBroker broker,
      Card card,
      FaultyDisk disk,
      long seed,
      Troubles troubles) {
    this.site = site;
    this.clock = clock;
    this.ports = ports;
    this.broker = broker;
    this.card = card;
    this.disk = disk;
    this.seed = seed;
    this.troubles = troubles;
    this.endedAt = clock.worldMillis();
  }

  /** Who is told of outages, the first of no length at the first start. */
  void onStart(Outages told) {
    outages = told;
  }

  boolean isRunning() {
    return life != null;
  }

  /** Puts another site file in place, for the next start. */
  void siteChanged(Site changed) {
    site = changed;
  }

  /** Starts the agent, as its supervisor does; one that refuses to start is reported. */
  void start() {
    lives++;
    outages.away(endedAt, clock.worldMillis());
    FaultyBroker.Client client = broker.client();
    try {
      Agent agent =
          Agent.assemble(
              site,
              new Host(machine, disk, card.memory()),
              clock,
              Randomness.seeded(seed * 31 + lives),
              ports,
              client);
      List<Step> steps = new ArrayList<>();
      for (Step step : agent.steps()) {
        steps.add(new Guarded(step, clock, troubles));
      }
      List<Step> all = new ArrayList<>(steps);
      all.add(broker);
      life = new Life(agent, client, steps, new VirtualRun(all, clock, clock::advanceTo));
    } catch (JournalUnavailable e) {
      troubles.happened(clock.worldMillis(), "the start of the agent (" + e.getMessage() + ")");
    }
  }

  /** Lets the world go on until it shows {@code worldMillis}, with the agent or without. */
  void until(long worldMillis) {
    MonotonicInstant end = clock.instantAt(worldMillis);
    Life now = life;
    if (now != null) {
      now.run.until(end);
    } else {
      new VirtualRun(List.of(broker), clock, clock::advanceTo).until(end);
    }
  }

  private @Nullable Life over() {
    Life now = life;
    life = null;
    if (now != null) {
      endedAt = clock.worldMillis();
    }
    return now;
  }

  /** SIGTERM: the agent ends as it likes. */
  void stop() {
    Life now = over();
    if (now != null) {
      new VirtualRun(now.steps, clock, clock::advanceTo).close();
      broker.step(clock.now());
      now.agent.close();
    }
  }

  /** SIGKILL: nothing more happens, and what was written stays. */
  void kill() {
    Life now = over();
    if (now == null) {
      return;
    }
    now.client.killed();
    card.killing(now.agent::close);
  }

  /** The power goes while the journal writes. */
  void cut(HostFault.PowerCut fault, RandomGenerator random) {
    Life now = over();
    if (now == null) {
      return;
    }
    now.client.vanished();
    Card.Image synced = card.image();
    // Nobody hears of what is written from here on: the publisher is gone already.
    List<Step> writers = now.steps.subList(0, now.steps.size() - 1);
    new VirtualRun(writers, clock, clock::advanceTo).until(clock.now().plusMillis(COMMIT_MILLIS));
    Card.Image written = card.image();
    now.agent.close();
    card.cut(DATABASE, synced, written, fault.torn(), random);
    card.losePower();
    synced.forget();
    written.forget();
  }

  /** The power goes, and of the card's content there is what an image holds. */
  void loseTo(Card.Image image) {
    Life now = over();
    if (now == null) {
      return;
    }
    now.client.vanished();
    now.agent.close();
    card.put(image);
    card.losePower();
  }

  /** The card goes on in another machine, whose memory knows nothing of it. */
  void moveTo(String otherMachine) {
    machine = otherMachine;
    card.losePower();
  }

  /** What the card holds now. */
  Card.Image image() {
    return card.image();
  }

  /** Puts an image on the card of a machine that is off: its memory is empty, too. */
  void put(Card.Image image) {
    card.put(image);
    card.losePower();
  }

  /** Agents so far. */
  int lives() {
    return lives;
  }

  @Override
  public void close() {
    Life now = over();
    if (now != null) {
      now.client.killed();
      now.agent.close();
    }
  }
}
