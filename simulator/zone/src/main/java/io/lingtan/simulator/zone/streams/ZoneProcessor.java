package io.lingtan.simulator.zone.streams;

import io.lingtan.agent.audit.message.Tree;
import io.lingtan.agent.audit.zone.ZoneNode;
import io.lingtan.agent.audit.zone.ZoneRoot;
import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.fold.Watermarks;
import io.lingtan.simulator.zone.fold.ZoneSum;
import io.lingtan.simulator.zone.fold.ZoneTree;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
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
 * Adds figures up over gateways, and closes the zone's intervals of a length up to where every
 * member is covered. All of one length comes to one task, in the order in which a gateway's fold
 * told it, and leaves in the order in which it was taken: whatever closes an interval comes behind
 * the figures that are in it.
 *
 * <p>In comes what {@link NewestProcessor} lets out; out go sums, key {@code LENGTH START}, and
 * under the length a time until which it is closed, that only grows. Of a closed interval the root
 * of the tree over its figures follows within {@value #ROOTS_EVERY_SECONDS} s, and another one,
 * with the next revision number, once figures have come after it; a figure is told with the first
 * root that has it. A sum beyond the horizon leaves as a tombstone.
 */
final class ZoneProcessor implements Processor<String, String, String, byte[]> {

  private static final String SUMS = "zone-sums";
  private static final String COVERED = "covered-until";
  private static final String WATERMARKS = "watermarks";
  private static final String CLOSED = "closed-until";
  private static final String LEAVES = "leaves";
  private static final String PENDING = "roots-pending";
  private static final String ROOTS = "roots-made";
  private static final int ROOTS_EVERY_SECONDS = 5;

  /** Hashed at a time; what is left is done the next time. */
  private static final long MOST_LEAVES_AT_ONCE = 100_000;

  private static final int MOST_ROOTS_AT_ONCE = 1_000;

  private final Members members;
  private final Horizon horizon;
  private @Nullable ProcessorContext<String, byte[]> context;
  private @Nullable KeyValueStore<String, byte[]> sums;
  private @Nullable KeyValueStore<String, Long> covered;
  private @Nullable KeyValueStore<String, byte[]> watermarks;
  private @Nullable KeyValueStore<String, Long> closed;

  /** The newest figure of each gateway's interval, by {@code LENGTH START GATEWAY}. */
  private @Nullable KeyValueStore<String, byte[]> leaves;

  /** Intervals of which figures are in no root yet, by {@code LENGTH START}: when they end. */
  private @Nullable KeyValueStore<String, Long> pending;

  /** How many roots were made of an interval. */
  private @Nullable KeyValueStore<String, Long> roots;

  private ZoneProcessor(Members members, Horizon horizon) {
    this.members = members;
    this.horizon = horizon;
  }

  static ProcessorSupplier<String, String, String, byte[]> supplier(
      Members members, Horizon horizon) {
    return new ProcessorSupplier<>() {
      @Override
      public Processor<String, String, String, byte[]> get() {
        return new ZoneProcessor(members, horizon);
      }

      @Override
      public Set<StoreBuilder<?>> stores() {
        return Set.of(
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(SUMS), Serdes.String(), Serdes.ByteArray()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(COVERED), Serdes.String(), Serdes.Long()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(WATERMARKS), Serdes.String(), Serdes.ByteArray()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(CLOSED), Serdes.String(), Serdes.Long()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(LEAVES), Serdes.String(), Serdes.ByteArray()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(PENDING), Serdes.String(), Serdes.Long()),
            Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(ROOTS), Serdes.String(), Serdes.Long()));
      }
    };
  }

  @Override
  public void init(ProcessorContext<String, byte[]> given) {
    context = given;
    sums = given.getStateStore(SUMS);
    covered = given.getStateStore(COVERED);
    watermarks = given.getStateStore(WATERMARKS);
    closed = given.getStateStore(CLOSED);
    leaves = given.getStateStore(LEAVES);
    pending = given.getStateStore(PENDING);
    roots = given.getStateStore(ROOTS);
    given.schedule(
        Duration.ofSeconds(ROOTS_EVERY_SECONDS), PunctuationType.WALL_CLOCK_TIME, this::makeRoots);
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

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void process(Record<String, String> record) {
    if (record.value().startsWith("{")) {
      add(record);
    } else {
      close(record);
    }
  }

  private void add(Record<String, String> record) {
    if (context == null || sums == null || leaves == null || pending == null || roots == null) {
      throw new IllegalStateException("not begun");
    }
    List<Figure> figures =
        record
            .value()
            .lines()
            .map(line -> Figure.read(line.getBytes(StandardCharsets.UTF_8)))
            .toList();
    Figure newest = figures.getFirst();
    byte[] saved = sums.get(newest.zoneKey());
    ZoneSum sum = saved == null ? ZoneSum.NONE : ZoneSum.read(saved);
    if (figures.size() > 1) {
      sum = sum.subtract(figures.getLast());
    }
    sum = sum.add(newest);
    byte[] now = sum.json();
    sums.put(newest.zoneKey(), now);
    leaves.put(newest.zoneKey() + " " + newest.gateway(), newest.json());
    pending.put(newest.zoneKey(), sum.end());
    Long root = roots.get(newest.zoneKey());
    context.forward(new Record<>(newest.zoneKey(), now, record.timestamp()));
    context.forward(
        new Record<>(
            newest.zoneKey() + " " + newest.gateway() + " " + (root == null ? 0 : root),
            newest.json(),
            record.timestamp()));
    if (saved == null) {
      for (String old :
          horizon.drop(sums, newest.length() + " ", newest.length(), record.timestamp())) {
        forget(old);
        context.forward(new Record<>(old, (byte[]) null, record.timestamp()));
      }
    }
  }

  /** Of an interval whose sum is gone nothing is kept. */
  private void forget(String interval) {
    if (leaves == null || pending == null || roots == null) {
      throw new IllegalStateException("not begun");
    }
    List<String> old = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = below(leaves, interval)) {
      all.forEachRemaining(leaf -> old.add(leaf.key));
    }
    old.forEach(leaves::delete);
    pending.delete(interval);
    roots.delete(interval);
  }

  private void close(Record<String, String> record) {
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

  /** Of intervals that are closed and have figures that are in no root. */
  private void makeRoots(long nowMillis) {
    if (context == null || pending == null || closed == null) {
      throw new IllegalStateException("not begun");
    }
    long left = MOST_LEAVES_AT_ONCE;
    List<String> due = new ArrayList<>();
    try (KeyValueIterator<String, Long> lengths = closed.all()) {
      while (lengths.hasNext()) {
        KeyValue<String, Long> length = lengths.next();
        due.addAll(due(length.key, length.value));
      }
    }
    for (String interval : due) {
      if (left > 0) {
        left -= makeRoot(interval, nowMillis);
      }
    }
  }

  private List<String> due(String length, long until) {
    List<String> due = new ArrayList<>();
    if (pending != null) {
      try (KeyValueIterator<String, Long> all = below(pending, length)) {
        while (all.hasNext() && due.size() < MOST_ROOTS_AT_ONCE) {
          KeyValue<String, Long> one = all.next();
          if (Long.parseLong(one.key.substring(length.length() + 1)) >= until) {
            break;
          }
          if (one.value <= until) {
            due.add(one.key);
          }
        }
      }
    }
    return due;
  }

  /** All whose key goes on from these words. */
  private static <T> KeyValueIterator<String, T> below(KeyValueStore<String, T> in, String words) {
    return in.range(words + " ", words + "!");
  }

  /** Returns how many leaves it has. */
  private long makeRoot(String interval, long nowMillis) {
    if (context == null || leaves == null || pending == null || roots == null) {
      throw new IllegalStateException("not begun");
    }
    List<ZoneNode> nodes = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = below(leaves, interval)) {
      while (all.hasNext()) {
        nodes.add(ZoneNode.of(Figure.read(all.next().value).leaf()));
      }
    }
    String[] words = interval.split(" ");
    Long made = roots.get(interval);
    long rev = made == null ? 0 : made;
    ZoneRoot root =
        new ZoneRoot(words[0], Long.parseLong(words[1]), rev, new ZoneTree(nodes).top());
    roots.put(interval, rev + 1);
    pending.delete(interval);
    context.forward(
        new Record<>(
            interval + " " + rev, root.json().getBytes(StandardCharsets.UTF_8), nowMillis));
    return nodes.size();
  }
}
