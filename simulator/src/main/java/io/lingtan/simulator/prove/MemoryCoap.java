package io.lingtan.simulator.prove;

import io.lingtan.agent.acquire.coap.CoapPort;
import io.lingtan.agent.acquire.coap.CoapSignal;
import io.lingtan.agent.acquire.coap.CoapSignal.Answered;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.World;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A CoAP peer in memory: answers after a delay on the virtual clock, tells whoever observes of each
 * node once a period, and suffers the faults that are planned for its nodes. What is due is handed
 * over when the step looks into {@link #signals()}. Holds at most {@value #MOST_UNDERWAY} messages:
 * further ones are lost.
 */
public final class MemoryCoap implements CoapPort {

  private static final int MOST_UNDERWAY = 256;
  private static final int NOT_FOUND = 404;
  private static final int CONTENT = 205;
  private static final int SEQUENCE = 1 << 24;

  private final String name;
  private final Map<String, CoapNode> nodes = new HashMap<>();
  private final World world;
  private final FaultPlan faults;
  private final Time time;
  private final WorldClock clock;
  private final long delayMillis;
  private final long tellMillis;
  private final long maxAgeSeconds;
  private final Inbox<CoapSignal> signals = new Inbox<>("coap", MOST_UNDERWAY);
  private final PriorityQueue<Underway> underway =
      new PriorityQueue<>(Comparator.comparing(Underway::due).thenComparingLong(Underway::number));
  private final Map<String, Observed> observed = new LinkedHashMap<>();
  private final Map<Fault, Integer> turns = new HashMap<>();
  private long numbered;

  /** A message on its way. */
  private record Underway(MonotonicInstant due, long number, Answered message) {}

  /** Who observes a path, and what it has been told. */
  private static final class Observed {
    private final long id;
    private int sequence;
    private MonotonicInstant next;
    private @Nullable Answered heldBack;

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
      long maxAgeSeconds) {
    this.name = name;
    nodes.forEach(node -> this.nodes.put(node.path(), node));
    this.world = world;
    this.faults = faults;
    this.time = time;
    this.clock = clock;
    this.delayMillis = delayMillis;
    this.tellMillis = tellMillis;
    this.maxAgeSeconds = maxAgeSeconds;
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
    return node != null && strikes(node, CoapFault.Stale.class);
  }

  private void tell(String path, Observed observation, MonotonicInstant now) {
    CoapNode node = nodes.get(path);
    if (node == null || observation.next.isAfter(now)) {
      return;
    }
    observation.next = now.plusMillis(tellMillis);
    observation.sequence = (observation.sequence + 1) % SEQUENCE;
    Answered message = message(observation.id, node, observation.sequence);
    Answered earlier = observation.heldBack;
    if (earlier == null && strikes(node, CoapFault.Reordering.class)) {
      observation.heldBack = message;
      return;
    }
    send(node, message);
    if (strikes(node, CoapFault.Duplicate.class)) {
      send(node, message);
    }
    if (earlier != null) {
      observation.heldBack = null;
      send(node, earlier);
    }
  }

  @Override
  public void get(long id, Get question) {
    CoapNode node = nodes.get(question.path());
    if (node == null) {
      offer(new Answered(id, NOT_FOUND, -1, 0, CoapSignal.NOT_OBSERVED, new byte[0]));
      return;
    }
    if (strikes(node, CoapFault.Stale.class)) {
      return;
    }
    int sequence = CoapSignal.NOT_OBSERVED;
    if (question.observe()) {
      Observed before = observed.get(question.path());
      sequence = before == null ? 0 : (before.sequence + 1) % SEQUENCE;
      observed.put(question.path(), new Observed(id, sequence, time.now().plusMillis(tellMillis)));
    }
    send(node, message(id, node, sequence));
  }

  /** What the node shows now. */
  private Answered message(long id, CoapNode node, int sequence) {
    long millis = worldMillis();
    world.advanceTo(millis);
    return new Answered(
        id,
        CONTENT,
        CoapNode.SENML_CBOR,
        maxAgeSeconds,
        sequence,
        node.payload(world, millis, CoapNode.SENML_CBOR));
  }

  private long worldMillis() {
    return Math.max(clock.millisAt(time.now()), world.stepStart());
  }

  private void send(CoapNode node, Answered message) {
    if (!strikes(node, CoapFault.Loss.class)) {
      offer(message);
    }
  }

  private void offer(Answered message) {
    if (underway.size() < MOST_UNDERWAY) {
      underway.add(new Underway(time.now().plusMillis(delayMillis), numbered++, message));
    }
  }

  /** Whether a fault of this kind strikes the node now; counts it if so. */
  private boolean strikes(CoapNode node, Class<? extends CoapFault> kind) {
    long millis = worldMillis();
    for (Fault fault : faults.at(node.id(), millis)) {
      if (kind.isInstance(fault) && isTurn((CoapFault) fault)) {
        faults.count(fault, millis);
        return true;
      }
    }
    return false;
  }

  private boolean isTurn(CoapFault fault) {
    int every =
        switch (fault) {
          case CoapFault.Loss loss -> loss.every();
          case CoapFault.Reordering reordering -> reordering.every();
          case CoapFault.Duplicate duplicate -> duplicate.every();
          case CoapFault.Stale stale -> 1;
        };
    int turn = Objects.requireNonNull(turns.merge(fault, 1, Integer::sum));
    return turn % every == 0;
  }

  @Override
  public void cancel(long id) {
    underway.removeIf(next -> next.message.id() == id);
  }

  @Override
  public void renew() {
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
