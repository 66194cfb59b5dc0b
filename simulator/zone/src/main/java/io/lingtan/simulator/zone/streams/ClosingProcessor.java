package io.lingtan.simulator.zone.streams;

import io.lingtan.agent.audit.message.Tree;
import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.fold.Watermarks;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * Closes the zone's intervals of a length up to where every member is covered. In come {@code
 * LENGTH GATEWAY} and a time, all of one length to one partition; out goes, by length, a time that
 * only grows.
 */
final class ClosingProcessor implements Processor<String, String, String, byte[]> {

  private static final String COVERED = "covered-until";
  private static final String WATERMARKS = "watermarks";
  private static final String CLOSED = "closed-until";

  private final Members members;
  private @Nullable ProcessorContext<String, byte[]> context;
  private @Nullable KeyValueStore<String, Long> covered;
  private @Nullable KeyValueStore<String, byte[]> watermarks;
  private @Nullable KeyValueStore<String, Long> closed;

  private ClosingProcessor(Members members) {
    this.members = members;
  }

  static ProcessorSupplier<String, String, String, byte[]> supplier(Members members) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<String, String, String, byte[]> get() {
        return new ClosingProcessor(members);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(COVERED), Serdes.String(), Serdes.Long()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(WATERMARKS), Serdes.String(), Serdes.ByteArray()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(CLOSED), Serdes.String(), Serdes.Long()));
      }
    };
  }

  @Override
  public void init(ProcessorContext<String, byte[]> given) {
    context = given;
    covered = given.getStateStore(COVERED);
    watermarks = given.getStateStore(WATERMARKS);
    closed = given.getStateStore(CLOSED);
    count(covered, watermarks);
  }

  /**
   * Whoever is no member any more, or none yet, does not count: the list may be another one now.
   */
  private void count(
      @Nullable KeyValueStore<String, Long> from, @Nullable KeyValueStore<String, byte[]> to) {
    if (from == null || to == null) {
      return;
    }
    Map<String, Watermarks> lengths = new TreeMap<>();
    try (KeyValueIterator<String, Long> all = from.all()) {
      while (all.hasNext()) {
        KeyValue<String, Long> one = all.next();
        String[] key = one.key.split(" ");
        Watermarks before = lengths.getOrDefault(key[0], Watermarks.NONE);
        lengths.put(key[0], members.of(key[1]).isEmpty() ? before : before.moved(null, one.value));
      }
    }
    lengths.forEach((length, now) -> to.put(length, now.json()));
  }

  @Override
  public void process(Record<String, String> record) {
    if (context == null || covered == null || watermarks == null || closed == null) {
      throw new IllegalStateException("not begun");
    }
    String length = record.key();
    String[] member = record.value().split(" ");
    String key = length + " " + member[0];
    if (members.of(member[0]).isEmpty()) {
      return;
    }
    Long before = covered.get(key);
    long until = Long.parseLong(member[1]);
    if (before != null && before >= until) {
      return;
    }
    covered.put(key, until);
    byte[] saved = watermarks.get(length);
    Watermarks now =
        (saved == null ? Watermarks.NONE : Watermarks.read(saved)).moved(before, until);
    watermarks.put(length, now.json());
    Long end = now.closedUntil(members.count());
    Long last = closed.get(length);
    if (end != null && (last == null || end > last)) {
      closed.put(length, end);
      Map<String, @Nullable Object> tree = new LinkedHashMap<>();
      tree.put("length", length);
      tree.put("until", end);
      tree.put("members", members.count());
      context.forward(new Record<>(length, Tree.bytes(tree), record.timestamp()));
    }
  }
}
