package io.lingtan.simulator.prove;

import io.lingtan.agent.publish.link.Broker;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import io.lingtan.simulator.fault.BrokerFault;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT 5 broker in memory that goes wrong on purpose, on virtual time: retained messages, Wills,
 * taking over of a client id, subscriptions, reason codes, delays. One gateway speaks to it and one
 * subscriber gets every message that it takes, in that order.
 *
 * <p>A message is taken or it is not; whether its PUBACK arrives is another matter. What was taken
 * is always handed to the subscriber: a broker that loses what it acknowledged is beyond what a
 * publisher can make good.
 */
final class FaultyBroker extends NamedStep {

  /** MQTT 5.0, 3.3.1.3: the receiver's limit; mosquitto's default is 20. */
  static final int RECEIVE_MAXIMUM = 20;

  /** MQTT 5.0, 3.14.2.1: the reason code of a DISCONNECT. */
  private static final int ADMINISTRATIVE_ACTION = 0x98;

  private final MachineClock clock;
  private final Holding<BrokerFault> faults;

  /** Those that have not begun, the next one first. */
  private final ArrayDeque<BrokerFault> upcoming = new ArrayDeque<>();

  private final Consumer<Message> subscriber;
  private final Map<String, Message> retained = new LinkedHashMap<>();
  private final PriorityQueue<Later> later =
      new PriorityQueue<>(
          Comparator.comparingLong(Later::atMillis).thenComparingLong(Later::number));
  private final SortedMap<String, Long> injected = new TreeMap<>();
  private final Map<BrokerFault, Integer> turns = new LinkedHashMap<>();
  private final List<String> violations = new ArrayList<>();
  private @Nullable MemorySession session;
  private long numbered;

  /**
   * Something that happens at a time of the world.
   *
   * @param ofClient whether it is the gateway's own patience, which outlives the broker's process
   */
  private record Later(long atMillis, long number, boolean ofClient, Runnable action) {}

  /**
   * @param clock of the machine; its world is the broker's time
   * @param subscriber gets each message once it is taken
   */
  public FaultyBroker(MachineClock clock, List<BrokerFault> faults, Consumer<Message> subscriber) {
    super("broker");
    this.clock = clock;
    this.faults = new Holding<>(faults);
    faults.stream()
        .filter(fault -> fault.fromMillis() >= clock.worldMillis())
        .sorted(Comparator.comparingLong(BrokerFault::fromMillis))
        .forEach(upcoming::add);
    this.subscriber = subscriber;
  }

  /** The broker as one life of the gateway sees it. */
  public Client client() {
    return new MemorySession(this);
  }

  /** A gateway's side, which can end in more ways than a program that is told to. */
  public interface Client extends Broker {
    /** The process is gone: the kernel closes its connection, and the broker notices. */
    void killed();

    /** The machine is gone without a word: the broker notices when keepalive has run out. */
    void vanished();
  }

  /** What the broker has retained under a topic, null if nothing. */
  public @Nullable Message retained(String topic) {
    return retained.get(topic);
  }

  /** Everything that it has retained: payloads by topic. */
  Map<String, byte[]> retained() {
    Map<String, byte[]> payloads = new LinkedHashMap<>();
    retained.forEach((topic, message) -> payloads.put(topic, message.payload()));
    return payloads;
  }

  /**
   * Somebody else publishes something, such as a command.
   *
   * @return whether the gateway was there to get it
   */
  public boolean publish(
      String topic, byte[] payload, @Nullable String responseTopic, byte @Nullable [] correlation) {
    MemorySession present = session;
    return present != null && present.arrive(topic, payload, false, responseTopic, correlation);
  }

  /** How often each kind of fault has struck. */
  public SortedMap<String, Long> injected() {
    return new TreeMap<>(injected);
  }

  /** What the gateway did that MQTT 5 forbids; empty is good. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  @Override
  public int step(MonotonicInstant now) {
    long world = clock.worldMillis();
    int done = meet(world);
    for (Later next; (next = later.peek()) != null && next.atMillis <= world; done++) {
      later.remove();
      next.action.run();
    }
    return done;
  }

  /** Faults that act when they begin. */
  private int meet(long world) {
    int begun = 0;
    for (BrokerFault fault;
        (fault = upcoming.peek()) != null && fault.fromMillis() <= world;
        begun++) {
      upcoming.remove();
      switch (fault) {
        case BrokerFault.Down down -> fall(down);
        case BrokerFault.Forgets forgets -> {
          fall(forgets);
          retained.clear();
        }
        case BrokerFault.Frozen frozen -> struck(frozen);
        case BrokerFault.Slow slow -> struck(slow);
        case BrokerFault.RefusesConnection refuses -> expel();
        case BrokerFault.RefusesMessages refuses -> {}
        case BrokerFault.LosesAcknowledgements loses -> {}
      }
    }
    return begun;
  }

  /** The process ends: connections close, and nobody is there to publish a Will. */
  private void fall(BrokerFault fault) {
    struck(fault);
    later.removeIf(waiting -> !waiting.ofClient);
    MemorySession present = session;
    session = null;
    if (present != null) {
      present.lost(Failure.Kind.CLOSED, -1, "the broker went away");
    }
  }

  /** Whoever is connected is sent away, Will and all: a refusal strikes who has to come back. */
  private void expel() {
    MemorySession present = session;
    session = null;
    if (present != null) {
      present.lost(Failure.Kind.REFUSED, ADMINISTRATIVE_ACTION, "the broker ended the connection");
      present.publishWill();
    }
  }

  @Override
  public MonotonicInstant due() {
    long next = Long.MAX_VALUE;
    Later first = later.peek();
    if (first != null) {
      next = first.atMillis;
    }
    BrokerFault begins = upcoming.peek();
    if (begins != null) {
      next = Math.min(next, begins.fromMillis());
    }
    return next == Long.MAX_VALUE ? MonotonicInstant.NEVER : clock.instantAt(next);
  }

  @Override
  public void close() {
    later.clear();
  }

  void after(long millis, Runnable action) {
    at(clock.worldMillis() + millis, action);
  }

  void at(long worldMillis, Runnable action) {
    add(worldMillis, false, action);
  }

  /** The gateway has waited for so long, whatever has become of the broker. */
  void afterPatience(long millis, Runnable action) {
    add(clock.worldMillis() + millis, true, action);
  }

  private void add(long worldMillis, boolean ofClient, Runnable action) {
    later.add(new Later(worldMillis, numbered++, ofClient, action));
    waiter.wake();
  }

  void struck(BrokerFault fault) {
    injected.merge(fault.kind(), 1L, Long::sum);
  }

  void violated(String rule) {
    if (violations.size() < 100) {
      violations.add(rule);
    }
  }

  /** The fault of this kind that acts now, null if none does. */
  <F extends BrokerFault> @Nullable F now(Class<F> kind) {
    for (BrokerFault fault : faults.at(clock.worldMillis())) {
      if (kind.isInstance(fault)) {
        return kind.cast(fault);
      }
    }
    return null;
  }

  /** Whether it is this message's turn to be hit. */
  boolean isTurn(BrokerFault fault, int every) {
    int turn = turns.merge(fault, 1, Integer::sum);
    return turn % every == 0;
  }

  /** Milliseconds that each packet waits now. */
  long delay() {
    BrokerFault.Slow slow = now(BrokerFault.Slow.class);
    return slow == null ? 0 : slow.delayMillis();
  }

  /** A client is connected; one with the same id that still was is cut off, Will and all. */
  void connected(MemorySession with) {
    MemorySession before = session;
    session = with;
    if (before != null && before != with) {
      before.lost(Failure.Kind.TAKEN_OVER, 0x8E, "another client took the id over");
      before.publishWill();
    }
  }

  boolean isConnected(MemorySession with) {
    return session == with;
  }

  void disconnected(MemorySession with) {
    if (session == with) {
      session = null;
    }
  }

  /** The broker has a message. */
  void take(Message message) {
    if (message.retained()) {
      if (message.payload().length == 0) {
        retained.remove(message.topic());
      } else {
        retained.put(message.topic(), message);
      }
    }
    subscriber.accept(message);
    MemorySession present = session;
    if (present != null) {
      present.arrive(message.topic(), message.payload(), false, null, message.correlation());
    }
  }

  /** Retained messages under these filters, in the order in which they were made. */
  List<Message> retained(List<String> filters) {
    return retained.values().stream()
        .filter(message -> filters.stream().anyMatch(filter -> matches(filter, message.topic())))
        .toList();
  }

  /** MQTT 5.0, 4.7: {@code +} is one level, {@code #} all that follow. */
  static boolean matches(String filter, String topic) {
    String[] wanted = filter.split("/", -1);
    String[] levels = topic.split("/", -1);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return true;
      }
      if (i >= levels.length || !(wanted[i].equals("+") || wanted[i].equals(levels[i]))) {
        return false;
      }
    }
    return wanted.length == levels.length;
  }
}
