package io.lingtan.simulator.prove.memory;

import io.lingtan.agent.acquire.coap.IngestPort;
import io.lingtan.agent.acquire.coap.IngestSignal;
import io.lingtan.agent.acquire.coap.IngestSignal.Pushed;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.World;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A CoAP server in memory, with nodes that push to it once a period of theirs, on the virtual
 * clock, and suffer the faults that are planned for them. Holds at most {@value #MOST_UNDERWAY}
 * messages: further ones are lost.
 */
final class MemoryIngest implements IngestPort {

  private static final int MOST_UNDERWAY = 256;

  /** A repetition of a message that nobody has acknowledged in time (RFC 7252, 4.8). */
  private static final long AGAIN_MILLIS = 200;

  /** A node that is not heard of for so many periods may be taken for stale. */
  private static final int FRESH_PERIODS = 2;

  private final String name;
  private final List<Pusher> pushers = new ArrayList<>();
  private final World world;
  private final Time time;
  private final WorldClock clock;
  private final CoapStrikes strikes;
  private final @Nullable Witness witness;
  private final long delayMillis;
  private final Inbox<IngestSignal> signals = new Inbox<>(MOST_UNDERWAY);
  private final PriorityQueue<Underway> underway =
      new PriorityQueue<>(Comparator.comparing(Underway::due).thenComparingLong(Underway::number));
  private boolean open;
  private long numbered;

  /** A message on its way. */
  private record Underway(MonotonicInstant due, long number, Pushed message) {}

  /** A node and when it pushes next. */
  private static final class Pusher {
    private final CoapNode node;
    private final long everyMillis;
    private MonotonicInstant next;

    Pusher(CoapNode node, long everyMillis, MonotonicInstant next) {
      this.node = node;
      this.everyMillis = everyMillis;
      this.next = next;
    }
  }

  /**
   * @param line as the agent has it: its devices' periods are those of the nodes
   * @param delayMillis from a push to its arrival, ≥ 0
   * @param witness who is told of what arrives, null for nobody
   */
  MemoryIngest(
      Line.CoapServer line,
      List<CoapNode> nodes,
      World world,
      FaultPlan faults,
      Time time,
      WorldClock clock,
      long delayMillis,
      @Nullable Witness witness) {
    this.name = line.id();
    this.world = world;
    this.time = time;
    this.clock = clock;
    this.strikes = new CoapStrikes(faults);
    this.delayMillis = delayMillis;
    this.witness = witness;
    for (Device device : line.devices()) {
      for (CoapNode node : nodes) {
        if (node.id().equals(device.id())) {
          long every = device.every().toMillis();
          pushers.add(new Pusher(node, every, time.now().plusMillis(every / 2)));
        }
      }
    }
  }

  @Override
  public String where() {
    return "memory:" + name;
  }

  @Override
  public Inbox<IngestSignal> signals() {
    MonotonicInstant now = time.now();
    for (Pusher pusher : pushers) {
      while (open && !pusher.next.isAfter(now)) {
        pusher.next = pusher.next.plusMillis(pusher.everyMillis);
        push(pusher);
      }
    }
    for (Underway next; (next = underway.peek()) != null && !next.due.isAfter(now); ) {
      signals.offer(underway.remove().message);
    }
    return signals;
  }

  private void push(Pusher pusher) {
    CoapNode node = pusher.node;
    long millis = Math.max(clock.millisAt(time.now()), world.stepStart());
    world.advanceTo(millis);
    if (strikes.strikes(node, CoapFault.Stale.class, millis)
        || strikes.strikes(node, CoapFault.Loss.class, millis)) {
      return;
    }
    byte[] payload = node.payload(world, millis, CoapNode.SENML_JSON);
    long fresh = FRESH_PERIODS * pusher.everyMillis;
    send(node, payload, millis, delayMillis, fresh);
    if (strikes.strikes(node, CoapFault.Duplicate.class, millis)) {
      send(node, payload, millis, delayMillis + AGAIN_MILLIS, fresh);
    }
  }

  private void send(
      CoapNode node, byte[] payload, long millis, long afterMillis, long freshMillis) {
    if (underway.size() >= MOST_UNDERWAY) {
      return;
    }
    numbered++;
    Pushed message =
        new Pushed(
            numbered, null, List.of("ingest", node.id()), CoapNode.SENML_JSON, payload.clone());
    underway.add(new Underway(time.now().plusMillis(afterMillis), numbered, message));
    if (witness != null) {
      long arrives = millis + afterMillis;
      witness.told(node, node.values(world, millis), millis, arrives, arrives + freshMillis);
    }
  }

  @Override
  public @Nullable Sentence open() {
    open = true;
    return null;
  }

  /** Nobody has a key here. */
  @Override
  public Set<String> devicesOf(String identity) {
    return Set.of();
  }

  @Override
  public void reply(long id, int code, String words) {
    // A node that is refused pushes again all the same: it knows nothing better.
  }

  @Override
  public void close() {
    open = false;
    underway.clear();
  }

  @Override
  public MonotonicInstant arrival() {
    MonotonicInstant next = MonotonicInstant.NEVER;
    Underway first = underway.peek();
    if (first != null) {
      next = first.due;
    }
    for (Pusher pusher : pushers) {
      next = open ? next.min(pusher.next) : next;
    }
    return next;
  }
}
