package io.lingtan.simulator.check;

import io.lingtan.simulator.check.record.Received;
import io.lingtan.simulator.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether everything that a gateway numbered has come, once and with one content: the rules of "Is
 * anything missing?" in config/MQTT.md. Keeps 26 bytes for each record.
 */
final class Delivery {

  /** More than any run makes; a number beyond it is no record's. */
  static final int MOST_SEQ = 200_000_000;

  /** Records so near to each other are of one commit. */
  private static final int SAME_COMMIT = 64;

  private final Findings findings;
  private final Map<String, Epoch> epochs = new LinkedHashMap<>();
  private final Map<String, Integer> streams = new HashMap<>();
  private final List<String> streamNames = new ArrayList<>();
  private final Map<String, Received.Key> revisions = new HashMap<>();

  /** Intervals that came twice in one epoch. */
  private final List<Finding> twices = new ArrayList<>();

  /** Intervals that came again in another epoch. */
  private final List<Finding> retold = new ArrayList<>();

  private final Map<String, Long> eventsSeen = new HashMap<>();
  private final Map<String, Bodies> readings = new HashMap<>();
  private final List<Gone> gone = new ArrayList<>();
  private @Nullable String current;
  private long records;
  private long again;

  /**
   * Records that a full journal dropped, or a copy of the card for their numbers, told and with a
   * cause.
   *
   * @param from when the last record before them was made, or the card was put back
   * @param until when the first one after them was, or they were told to be gone
   * @param drop of their epoch
   */
  record Gone(long from, long until, Drops.Drop drop) {

    long count() {
      return drop.count();
    }

    /** Whether records of a kind that a copy of the card made in some of a span are among them. */
    boolean isOfCopy(String kind, long start, long end) {
      return drop.isOfCopy() && drop.kind().equals(kind) && from <= end && until >= start;
    }
  }

  /** What is known of one epoch. */
  private static final class Epoch {
    private final String id;
    private int[] contents = new int[1_024];
    private int[] afters = new int[1_024];
    private short[] streams = new short[1_024];
    private long[] arrivals = new long[1_024];

    /** When each was made at the latest: when it came, or its own time stamp if that is earlier. */
    private long[] made = new long[1_024];

    private long most;
    private long last;
    private long acked;
    private long[][] ahead = {};
    private List<Drops.Drop> drops = List.of();

    /** When a drop was first told as it is. */
    private final Map<Drops.Drop, Long> toldAt = new HashMap<>();

    private boolean told;

    /** Whether the file with what is left of it was set aside, or is another one now. */
    private boolean setAside;

    Epoch(String id) {
      this.id = id;
    }

    void grow(int seq) {
      if (seq >= contents.length) {
        int size = Math.max(seq + 1, contents.length * 2);
        contents = Arrays.copyOf(contents, size);
        afters = Arrays.copyOf(afters, size);
        streams = Arrays.copyOf(streams, size);
        arrivals = Arrays.copyOf(arrivals, size);
        made = Arrays.copyOf(made, size);
      }
    }

    boolean has(long seq) {
      return seq < contents.length && contents[(int) seq] != 0;
    }

    long arrival(long seq) {
      return has(seq) ? arrivals[(int) seq] : Long.MIN_VALUE;
    }

    /** When the last record before a number was made, as far as it came. */
    long madeBefore(long seq) {
      for (long before = Math.min(seq, contents.length) - 1; before > 0; before--) {
        if (has(before)) {
          return made[(int) before];
        }
      }
      return Long.MIN_VALUE;
    }

    /** When the first record after a number was made, as far as it came. */
    long madeAfter(long seq) {
      for (long after = seq + 1; after < contents.length; after++) {
        if (has(after)) {
          return made[(int) after];
        }
      }
      return Long.MAX_VALUE;
    }

    boolean isAcked(long seq) {
      if (seq <= acked) {
        return true;
      }
      for (long[] range : ahead) {
        if (seq >= range[0] && seq <= range[1]) {
          return true;
        }
      }
      return false;
    }
  }

  /** Hashes of the readings of one device, to find one that came under two keys. */
  private static final class Bodies {
    private long[] hashes = new long[256];
    private int size;

    void add(long hash) {
      if (size == hashes.length) {
        hashes = Arrays.copyOf(hashes, 2 * size);
      }
      hashes[size++] = hash;
    }

    long twice() {
      long[] sorted = Arrays.copyOf(hashes, size);
      Arrays.sort(sorted);
      long twice = 0;
      for (int i = 1; i < size; i++) {
        twice += sorted[i] == sorted[i - 1] ? 1 : 0;
      }
      return twice;
    }
  }

  /** Whether interval records between two numbers of an epoch are declared dropped. */
  boolean isDroppedBetween(String epoch, long after, long before) {
    Epoch known = epochs.get(epoch);
    return known != null
        && known.drops.stream()
            .anyMatch(drop -> drop.isOfIntervals() && drop.to() > after && drop.from() < before);
  }

  Delivery(Findings findings) {
    this.findings = findings;
  }

  /**
   * Takes a record.
   *
   * @param arrived world time
   * @return whether it is the first of its key
   */
  boolean take(Received record, byte[] message, int from, int length, long arrived) {
    Received.Key key = record.key();
    if (key.seq() > MOST_SEQ) {
      findings.add(Verdict.UNREADABLE, key.ts(), key.words());
      return false;
    }
    Epoch epoch = epochs.computeIfAbsent(key.epoch(), Epoch::new);
    int seq = (int) key.seq();
    epoch.grow(seq);
    int content = hash(message, from, length) | 1;
    if (epoch.contents[seq] != 0) {
      again++;
      if (epoch.contents[seq] != content) {
        findings.add(Verdict.CONTRADICTION, key.ts(), key.words());
      }
      return false;
    }
    epoch.contents[seq] = content;
    epoch.arrivals[seq] = arrived;
    epoch.made[seq] = key.ts() == Received.UNDATED ? arrived : Math.min(arrived, key.ts());
    epoch.streams[seq] = (short) stream(record.stream());
    epoch.most = Math.max(epoch.most, seq);
    records++;
    link(epoch, record, seq);
    identity(record, message, from, length);
    return true;
  }

  private int stream(String name) {
    return streams.computeIfAbsent(
        name,
        fresh -> {
          streamNames.add(fresh);
          return streamNames.size() - 1;
        });
  }

  private void link(Epoch epoch, Received record, int seq) {
    long after = record.key().after();
    if (after >= seq) {
      findings.add(Verdict.BROKEN_LINK, record.key().ts(), record.key().words());
    }
    epoch.afters[seq] = (int) Math.min(after, Integer.MAX_VALUE);
  }

  private void identity(Received record, byte[] message, int from, int length) {
    Received.Key key = record.key();
    switch (record) {
      case Received.Reading reading -> {
        int body = body(message, from, length);
        long hash = wide(message, body, from + length - body);
        readings.computeIfAbsent(reading.device(), id -> new Bodies()).add(hash);
      }
      case Received.Interval interval -> {
        String name =
            "interval " + interval.length() + " " + interval.start() + " rev " + interval.rev();
        Received.Key before = revisions.putIfAbsent(name, key);
        if (before != null) {
          Finding twice =
              new Finding(
                  Verdict.TWICE,
                  interval.start(),
                  name + " (" + before.words() + ", then " + key.words() + ")");
          // A card that forgets makes the gateway tell an interval again, in another epoch.
          (before.epoch().equals(key.epoch()) ? twices : retold).add(twice);
          revisions.put(name, key);
        }
      }
      case Received.Event event -> {
        int body = body(message, from, length);
        String name = event.name() + "/" + wide(message, body, from + length - body);
        Long before = eventsSeen.putIfAbsent(key.epoch() + "/" + name, key.seq());
        // Of one moment there can be two alike; told again after a restart is another thing.
        if (before != null && Math.abs(key.seq() - before) > SAME_COMMIT) {
          findings.add(
              Verdict.TWICE,
              key.ts(),
              "event " + event.name() + " (seq " + before + " and " + key.seq() + ")");
        }
        if (event.name().equals("journal.set_aside")) {
          // What lay in that file is gone. What is numbered from here on is in another one.
          epochs.values().forEach(epoch -> epoch.setAside |= !epoch.id.equals(key.epoch()));
        }
        String gone = event.detail().text("epoch");
        if (event.name().equals("journal.replaced") && gone != null) {
          epochs.computeIfAbsent(gone, Epoch::new).setAside = true;
        }
      }
    }
  }

  /** Where that begins which does not depend on the number: {@code "ts"} or {@code "boot"}. */
  private static int body(byte[] message, int from, int length) {
    int commas = 0;
    for (int at = from; at < from + length; at++) {
      if (message[at] == ',' && ++commas == 3) {
        return at;
      }
    }
    return from;
  }

  private static int hash(byte[] bytes, int from, int length) {
    long wide = wide(bytes, from, length);
    return (int) (wide ^ wide >>> 32);
  }

  /** FNV-1a of 64 bits, mixed. */
  private static long wide(byte[] bytes, int from, int length) {
    long hash = 0xCBF2_9CE4_8422_2325L;
    for (int i = from; i < from + length; i++) {
      hash = (hash ^ bytes[i]) * 0x100_0000_01B3L;
    }
    hash ^= hash >>> 29;
    return hash * 0x9E37_79B9_7F4A_7C15L;
  }

  /**
   * Takes a {@code store} message.
   *
   * @param now world time
   */
  void store(Json store, long now) {
    String id = store.text("epoch");
    if (id == null) {
      return;
    }
    epochs.values().forEach(epoch -> epoch.told = false);
    current = id;
    tell(id, store, now);
    store.objects("previous").forEach(previous -> tell(previous.text("epoch"), previous, now));
  }

  private void tell(@Nullable String id, Json facts, long now) {
    if (id == null) {
      return;
    }
    Epoch epoch = epochs.computeIfAbsent(id, Epoch::new);
    epoch.told = true;
    epoch.last = facts.number("last", 0);
    epoch.acked = facts.number("acked", 0);
    if (facts.has("ahead")) {
      epoch.ahead = ranges(facts);
    } else if (!id.equals(current)) {
      epoch.ahead = new long[0][];
    }
    if (facts.has("dropped")) {
      epoch.drops = Drops.Drop.of(facts);
      epoch.drops.forEach(drop -> epoch.toldAt.putIfAbsent(drop, now));
      epoch.toldAt.keySet().retainAll(epoch.drops);
    }
  }

  private static long[][] ranges(Json facts) {
    List<long[]> ranges = new ArrayList<>();
    if (facts.members().get("ahead") instanceof List<?> list) {
      for (Object range : list) {
        if (range instanceof List<?> ends
            && ends.size() == 2
            && ends.getFirst() instanceof Number from
            && ends.getLast() instanceof Number to) {
          ranges.add(new long[] {from.longValue(), to.longValue()});
        }
      }
    }
    return ranges.toArray(long[][]::new);
  }

  /**
   * Says what is missing. Once, when there has been time for everything to come.
   *
   * @param causes what may have been dropped
   */
  void finish(Drops causes) {
    for (Epoch epoch : epochs.values()) {
      missing(epoch, causes);
      links(epoch);
    }
    if (!causes.mayForget()) {
      twices.addAll(retold);
    }
    twices.forEach(twice -> findings.add(twice.verdict(), twice.atMillis(), twice.what()));
    readings.forEach(
        (device, bodies) -> {
          for (long i = bodies.twice(); i > 0; i--) {
            findings.add(Verdict.TWICE, Long.MAX_VALUE, "a reading of " + device);
          }
        });
  }

  private void missing(Epoch epoch, Drops causes) {
    BitSet unexplained = new BitSet();
    long last = Math.max(epoch.last, epoch.most);
    for (long seq = 1; seq <= last; seq++) {
      if (!epoch.has(seq)) {
        unexplained.set((int) seq);
      }
    }
    Drops.Times times =
        drop ->
            new Spans.Span(
                epoch.madeBefore(drop.from()), epoch.toldAt.getOrDefault(drop, Long.MAX_VALUE));
    epoch.drops =
        causes.explain(epoch.id, epoch.drops, unexplained, epoch::arrival, times, findings);
    for (Drops.Drop drop : epoch.drops) {
      if (drop.isOfSpace() || drop.isOfCopy()) {
        Spans.Span byNumbers =
            new Spans.Span(epoch.madeBefore(drop.from()), epoch.madeAfter(drop.to()));
        Spans.Span made = causes.made(drop, times.of(drop), byNumbers);
        gone.add(new Gone(made.from(), made.until(), drop));
      }
    }
    for (int seq = unexplained.nextSetBit(0); seq >= 0; seq = unexplained.nextSetBit(seq + 1)) {
      String record = "record " + epoch.id + "/" + seq;
      if (epoch.isAcked(seq)) {
        findings.add(Verdict.LOST, Long.MAX_VALUE, record);
      } else if (epoch.told || !epoch.setAside) {
        // What lay in such a file is gone, and journal.set_aside or journal.replaced says so.
        findings.add(Verdict.UNDELIVERED, Long.MAX_VALUE, record);
      }
    }
  }

  /** Each record names the one before it in its stream, as far as that has come. */
  private void links(Epoch epoch) {
    Map<Integer, Integer> before = new HashMap<>();
    for (int seq = 1; seq <= epoch.most; seq++) {
      if (!epoch.has(seq)) {
        continue;
      }
      int stream = epoch.streams[seq];
      int after = epoch.afters[seq];
      Integer expected = before.put(stream, seq);
      int named = expected == null ? 0 : expected;
      // What never came may be the one that is named, or what another copy sent under its number.
      boolean another = epoch.drops.stream().anyMatch(drop -> drop.isOfCopy() && drop.has(after));
      if (after != named && !another && !(after > named && !epoch.has(after))) {
        findings.add(
            Verdict.BROKEN_LINK,
            Long.MAX_VALUE,
            "record %s/%d of %s says after %d, not %d,"
                .formatted(epoch.id, seq, streamNames.get(stream), after, named));
      }
    }
  }

  /** What a full journal dropped, and a copy for its numbers. After {@link #finish}. */
  List<Gone> gone() {
    return gone;
  }

  /** Different records. */
  long records() {
    return records;
  }

  /** Records that came again under the same key: harmless. */
  long again() {
    return again;
  }

  int epochs() {
    return epochs.size();
  }
}
