package io.lingtan.simulator.zone.streams;

import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.GatewayFold;
import io.lingtan.simulator.zone.fold.Incoming;
import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.fold.Outcome;
import io.lingtan.simulator.zone.fold.Refusal;
import io.lingtan.simulator.zone.fold.Settled;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the folds of one partition's gateways. State goes to the store with every message, and what
 * a gateway may take for delivered leaves in the same transaction: it is told only what is
 * committed.
 */
final class FoldProcessor implements Processor<String, byte[], String, Outcome> {

  private static final Logger log = LoggerFactory.getLogger(FoldProcessor.class);

  private static final String STORE = "gateways";
  private static final Duration ACKS_EVERY = Duration.ofSeconds(1);
  private static final Duration ASKS_EVERY = Duration.ofSeconds(5);

  /** A bridge that was killed has its messages again by then, and so has another in its place. */
  private static final Duration LONGEST_WAY = Duration.ofSeconds(20);

  /** Gateways whose state is not read again from the store for each message. */
  private static final int MOST_AT_HAND = 4_096;

  /**
   * Numbers of an epoch that have not come.
   *
   * @param sinceMillis when they were first seen to be absent, or last asked for
   */
  private record Absent(Range numbers, long sinceMillis) {}

  private final Members members;
  private final boolean acks;
  private final Horizon horizon;
  private final MessageReader reader = new MessageReader();
  private final Map<String, GatewayFold> atHand = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<String> changed = new TreeSet<>();
  private final Set<String> incomplete = new TreeSet<>();
  private final Map<String, Absent> absent = new TreeMap<>();
  private @Nullable ProcessorContext<String, Outcome> context;
  private @Nullable KeyValueStore<String, byte[]> store;

  private FoldProcessor(Members members, boolean acks, Horizon horizon) {
    this.members = members;
    this.acks = acks;
    this.horizon = horizon;
  }

  static ProcessorSupplier<String, byte[], String, Outcome> supplier(
      Members members, boolean acks, Horizon horizon) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<String, byte[], String, Outcome> get() {
        return new FoldProcessor(members, acks, horizon);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(STORE), Serdes.String(), Serdes.ByteArray())
                .withCachingEnabled());
      }
    };
  }

  /** A task that is taken up again begins with what the store has, and with nothing at hand. */
  @Override
  public void init(ProcessorContext<String, Outcome> given) {
    context = given;
    store = given.getStateStore(STORE);
    atHand.clear();
    changed.clear();
    incomplete.clear();
    absent.clear();
    given.schedule(ASKS_EVERY, PunctuationType.WALL_CLOCK_TIME, this::ask);
    if (acks) {
      given.schedule(ACKS_EVERY, PunctuationType.WALL_CLOCK_TIME, this::acknowledge);
    }
  }

  @Override
  public void process(Record<String, byte[]> message) {
    ProcessorContext<String, Outcome> to = context;
    KeyValueStore<String, byte[]> states = store;
    if (to == null || states == null) {
      throw new IllegalStateException("not begun");
    }
    String gateway = message.key();
    byte[] payload = message.value();
    Incoming incoming =
        new Incoming(
            gateway,
            TextHeaders.get(message.headers(), ZoneTopic.TOPIC),
            payload == null ? new byte[0] : payload,
            message.timestamp());
    if (members.of(gateway).isEmpty()) {
      // No state for whoever makes names up.
      new GatewayFold(gateway)
          .take(incoming, reader, List.of())
          .forEach(outcome -> forward(to, message, outcome));
      return;
    }
    GatewayFold fold = fold(states, gateway);
    List<Outcome> outcomes;
    byte[] saved;
    try {
      outcomes = fold.take(incoming, reader, members.of(gateway));
      saved = fold.save();
    } catch (RuntimeException e) {
      // Taken again it would fail again: a dead letter, and the state is that of before.
      log.error("a message of {} on {} cannot be folded", gateway, incoming.topic(), e);
      atHand.remove(gateway);
      forward(to, message, GatewayFold.failed(incoming, e));
      return;
    }
    for (Outcome outcome : outcomes) {
      boolean isOld =
          outcome instanceof Figure figure && horizon.isBeyond(figure, message.timestamp());
      forward(to, message, isOld ? GatewayFold.refused(Refusal.TOO_OLD, incoming) : outcome);
    }
    states.put(gateway, saved);
    changed.add(gateway);
    if (fold.absent().isEmpty()) {
      incomplete.remove(gateway);
    } else {
      incomplete.add(gateway);
    }
  }

  private GatewayFold fold(KeyValueStore<String, byte[]> states, String gateway) {
    GatewayFold known = atHand.get(gateway);
    if (known == null) {
      byte[] saved = states.get(gateway);
      known = saved == null ? new GatewayFold(gateway) : GatewayFold.from(gateway, saved);
      atHand.put(gateway, known);
      if (atHand.size() > MOST_AT_HAND) {
        atHand.remove(atHand.keySet().iterator().next());
      }
    }
    return known;
  }

  private static void forward(
      ProcessorContext<String, Outcome> to, Record<String, ?> message, Outcome outcome) {
    Headers headers = new RecordHeaders();
    switch (outcome) {
      case Outcome.Kept(var topic, var _) -> TextHeaders.put(headers, ZoneTopic.TOPIC, topic);
      case Outcome.Dead(var why, var topic, var detail, var _) -> {
        TextHeaders.put(headers, ZoneTopic.TOPIC, topic);
        TextHeaders.put(headers, ZoneTopic.REASON, why.word());
        TextHeaders.put(headers, ZoneTopic.DETAIL, detail);
      }
      case Outcome.Command(var topic, var _) -> TextHeaders.put(headers, ZoneTopic.TOPIC, topic);
      case Outcome.Covered _, Figure _ -> {}
    }
    to.forward(message.withValue(outcome).withHeaders(headers));
  }

  private void acknowledge(long nowMillis) {
    ProcessorContext<String, Outcome> to = context;
    KeyValueStore<String, byte[]> states = store;
    if (to == null || states == null) {
      return;
    }
    for (String gateway : changed) {
      for (Settled settled : fold(states, gateway).waitedFor()) {
        forward(to, new Record<>(gateway, settled, nowMillis), Outcome.Command.ack(settled));
      }
    }
    changed.clear();
  }

  /**
   * Asks for what stays away: the same numbers of an epoch, for longer than they can be on their
   * way.
   */
  private void ask(long nowMillis) {
    ProcessorContext<String, Outcome> to = context;
    KeyValueStore<String, byte[]> states = store;
    if (to == null || states == null) {
      return;
    }
    Map<String, Absent> still = new TreeMap<>();
    for (String gateway : incomplete) {
      fold(states, gateway)
          .absent()
          .forEach(
              (epoch, numbers) -> {
                String key = gateway + " " + epoch;
                Absent before = absent.get(key);
                Absent now =
                    before != null && before.numbers.from() == numbers.from()
                        ? new Absent(numbers, before.sinceMillis)
                        : new Absent(numbers, nowMillis);
                if (nowMillis - now.sinceMillis >= LONGEST_WAY.toMillis()) {
                  forward(
                      to,
                      new Record<>(gateway, numbers, nowMillis),
                      Outcome.Command.replay(epoch, numbers));
                  now = new Absent(numbers, nowMillis);
                }
                still.put(key, now);
              });
    }
    absent.clear();
    absent.putAll(still);
  }
}
