package io.lingtan.simulator.prove.memory;

import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.CoapSignal;
import io.lingtan.agent.acquire.coap.CoapSignal.Answered;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.World;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CoAP peer in memory: answers after a delay on the virtual clock, tells whoever observes of each
 * node once a period, and suffers the faults that are planned for its nodes. What is due is handed
 * over when the step looks into {@link #signals()}. Holds at most {@value #MOST_UNDERWAY} messages:
 * further ones are lost.
 */
final class MemoryCoap implements CoapPort {

  private static final int MOST_UNDERWAY = 256;
  private static final int NOT_FOUND = 404;
  private static final int CONTENT = 205;
  private static final int SEQUENCE = 1 << 24;

  /** However long a device says that its values hold, a reader may not believe it for longer. */
  private static final long LONGEST_FRESH_SECONDS = 300;

  private final String name;
  private final Map<String, CoapNode> nodes = new HashMap<>();
  private final World world;
  private final CoapStrikes strikes;
  private final @Nullable Witness witness;
  private final Time time;
  private final WorldClock clock;
  private final long delayMillis;
  private final long tellMillis;
  private final long maxAgeSeconds;
  private final Inbox<CoapSignal> signals = new Inbox<>(MOST_UNDERWAY);
  private final PriorityQueue<Underway> underway =
      new PriorityQueue<>(Comparator.comparing(Underway::due).thenComparingLong(Underway::number));
  private final Map<String, Observed> observed = new LinkedHashMap<>();
  private final Set<CoapFault> over = new HashSet<>();
  private final long bornMillis;
  private @Nullable CoapFault deaf;
  private long numbered;

  /** A message on its way. */
  private record Underway(MonotonicInstant due, long number, Answered message) {}

  /**
   * What a node says.
   *
   * @param millis the world's time that it is of
   * @param values what it says of each of its points
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once and not compared
  private record Said(Answered message, long millis, long[] values) {}

  /** Who observes a path, and what it has been told. */
  private static final class Observed {
    private final long id;
    private int sequence;
    private MonotonicInstant next;
    private @Nullable Said heldBack;
    private long heldBackMillis;

    Observed(long id, int sequence, MonotonicInstant next) {
      this.id = id;
      this.sequence = sequence;
      this.next = next;
    }
  }

  /**
   * @param name of the line
   * @param delayMillis from a question to its answer, ≥ 0
   * @param tellMillis between two notifications of a node, ≥ 1
   * @param maxAgeSeconds how long it says that a value holds
   * @param witness who is told of what arrives, null for nobody
   */
  public MemoryCoap(
      String name,
      List<CoapNode> nodes,
      World world,
      FaultPlan faults,
      Time time,
      WorldClock clock,
      long delayMillis,
      long tellMillis,
      long maxAgeSeconds,
      @Nullable Witness witness) {
    this.name = name;
    nodes.forEach(node -> this.nodes.put(node.path(), node));
    this.world = world;
    this.strikes = new CoapStrikes(faults);
    this.witness = witness;
    this.time = time;
    this.clock = clock;
    this.delayMillis = delayMillis;
    this.tellMillis = tellMillis;
    this.maxAgeSeconds = maxAgeSeconds;
    this.bornMillis = worldMillis();
  }

  @Override
  public String where() {
    return "memory:" + name;
  }

  @Override
  public Inbox<CoapSignal> signals() {
    MonotonicInstant now = time.now();
    observed.entrySet().removeIf(entry -> isForgotten(entry.getKey()));
    observed.forEach((path, observation) -> tell(path, observation, now));
    for (Underway next; (next = underway.peek()) != null && !next.due.isAfter(now); ) {
      signals.offer(underway.remove().message);
    }
    return signals;
  }

  private boolean isForgotten(String path) {
    CoapNode node = nodes.get(path);
    return node != null
        && (isDeaf(node)
            || begins(node, CoapFault.Restarted.class)
            || strikes(node, CoapFault.Stale.class));
  }

  /** Whether a fault that happens once has begun since it was asked last. */
  private <F extends CoapFault> boolean begins(CoapNode node, Class<F> kind) {
    long millis = worldMillis();
    F fault = strikes.holding(node, kind, millis);
    if (fault == null || fault.fromMillis() < bornMillis || !over.add(fault)) {
      return false;
    }
    strikes.count(fault, millis);
    return true;
  }

  /** Whether nothing that is said in the present session comes through. */
  private boolean isDeaf(CoapNode node) {
    CoapFault.SessionLost lost = strikes.holding(node, CoapFault.SessionLost.class, worldMillis());
    if (lost != null && begins(node, CoapFault.SessionLost.class)) {
      deaf = lost;
    }
    return deaf != null;
  }

  private void tell(String path, Observed observation, MonotonicInstant now) {
    CoapNode node = nodes.get(path);
    if (node == null || observation.next.isAfter(now)) {
      return;
    }
    observation.next = now.plusMillis(tellMillis);
    observation.sequence = (observation.sequence + 1) % SEQUENCE;
    Said said = said(observation.id, node, observation.sequence);
    Said earlier = observation.heldBack;
    if (earlier == null) {
      CoapFault.Reordering late = strikes.struck(node, CoapFault.Reordering.class, said.millis);
      if (late != null) {
        observation.heldBack = said;
        observation.heldBackMillis = late.delayMillis();
        return;
      }
    }
    send(node, said, 0);
    if (strikes(node, CoapFault.Duplicate.class)) {
      send(node, said, 0);
    }
    if (earlier != null) {
      observation.heldBack = null;
      send(node, earlier, observation.heldBackMillis);
    }
  }

  @Override
  public void get(long id, Get question) {
    CoapNode node = nodes.get(question.path());
    if (node == null) {
      offer(new Answered(id, NOT_FOUND, -1, 0, CoapSignal.NOT_OBSERVED, new byte[0]), 0);
      return;
    }
    if (isDeaf(node) || strikes(node, CoapFault.Stale.class)) {
      return;
    }
    int sequence = CoapSignal.NOT_OBSERVED;
    if (question.observe()) {
      Observed before = observed.get(question.path());
      sequence = before == null ? 0 : (before.sequence + 1) % SEQUENCE;
      observed.put(question.path(), new Observed(id, sequence, time.now().plusMillis(tellMillis)));
    }
    send(node, said(id, node, sequence), 0);
  }

  /** What the node shows now. */
  private Said said(long id, CoapNode node, int sequence) {
    long millis = worldMillis();
    world.advanceTo(millis);
    CoapFault.WrongMaxAge wrong = strikes.struck(node, CoapFault.WrongMaxAge.class, millis);
    Answered message =
        new Answered(
            id,
            CONTENT,
            CoapNode.SENML_CBOR,
            wrong == null ? maxAgeSeconds : wrong.seconds(),
            sequence,
            node.payload(world, millis, CoapNode.SENML_CBOR));
    return new Said(message, millis, node.values(world, millis));
  }

  private long worldMillis() {
    return Math.max(clock.millisAt(time.now()), world.stepStart());
  }

  /**
   * @param lateMillis how much longer than usual it is on its way
   */
  private void send(CoapNode node, Said said, long lateMillis) {
    if (strikes(node, CoapFault.Loss.class) || !offer(said.message, lateMillis)) {
      return;
    }
    if (witness != null) {
      long arrives = worldMillis() + delayMillis + lateMillis;
      long holds = Math.min(said.message.maxAgeSeconds(), LONGEST_FRESH_SECONDS);
      witness.told(node, said.values, said.millis, arrives, arrives + 1_000 * holds);
    }
  }

  /** Sends it on its way; returns whether there was room. */
  private boolean offer(Answered message, long lateMillis) {
    if (underway.size() >= MOST_UNDERWAY) {
      return false;
    }
    MonotonicInstant due = time.now().plusMillis(delayMillis + lateMillis);
    underway.add(new Underway(due, numbered++, message));
    return true;
  }

  private boolean strikes(CoapNode node, Class<? extends CoapFault> kind) {
    return strikes.strikes(node, kind, worldMillis());
  }

  @Override
  public void cancel(long id) {
    underway.removeIf(next -> next.message.id() == id);
  }

  @Override
  public void renew() {
    deaf = null;
    underway.clear();
    observed.clear();
  }

  @Override
  public void close() {
    renew();
  }

  @Override
  public MonotonicInstant arrival() {
    MonotonicInstant next = MonotonicInstant.NEVER;
    Underway first = underway.peek();
    if (first != null) {
      next = first.due;
    }
    for (Observed observation : observed.values()) {
      next = next.min(observation.next);
    }
    return next;
  }
}
