package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The chain through the records of a file: that each names the one before it, and that the one
 * before it is there.
 *
 * <p>One that is not there may have been declared dropped. Of a gap it is known that at least one
 * record lacks, and which ones later records name as the ones before them of their length ({@code
 * after}): each of these numbers must lie within a drop, and a drop explains no more of them than
 * its count, over all gaps. How many more lack within its numbers nothing tells.
 */
final class Links {

  /** What the chain needs of a record, without its content. */
  private record Link(SealedRecord.Place place, @Nullable String prev, String hash, String key) {}

  /**
   * What an event says was dropped. Events are told together, so that records that are there may
   * lie within its numbers.
   *
   * @param told seq of the event: the same one, come again, counts once
   */
  private record Dropped(@Nullable String told, long from, long to, long count) {}

  /** The part of a drop that no gap has taken. */
  private static final class Left {
    private final Dropped drop;
    private long count;

    private Left(Dropped drop) {
      this.drop = drop;
      this.count = drop.count;
    }
  }

  /** What a record costs here and in {@link Verification}, about. */
  private static final long LINK_BYTES = 600;

  /** Declared drops that are remembered; of further ones the gaps are called missing. */
  private static final int MOST_DROPS = 10_000;

  private static final String NOT_HERE = "the record before it is not in this file: ";
  private static final String MISSING = " is missing";

  private final long most = Runtime.getRuntime().maxMemory() / 2 / LINK_BYTES;
  private final Map<String, NavigableMap<Long, Link>> epochs = new LinkedHashMap<>();
  private final Map<String, Link> byHash = new HashMap<>();
  private final Map<String, Set<Dropped>> drops = new HashMap<>();
  private final Set<String> doubted = new HashSet<>();
  private final Consumer<Flaw> flaws;
  private final Consumer<String> notes;
  private @Nullable Link first;
  private @Nullable Link last;
  private int dropped;

  /** Whether the memory holds no more records. */
  boolean isFull() {
    return byHash.size() >= most;
  }

  Links(Consumer<Flaw> flaws, Consumer<String> notes) {
    this.flaws = flaws;
    this.notes = notes;
  }

  /**
   * Takes the next record of the file.
   *
   * @param key that signed it
   * @param good whether its signature is right; of another one the hash says nothing
   * @return false if it is one that was there already, byte for byte
   */
  boolean take(SealedRecord record, String key, boolean good) {
    NavigableMap<Long, Link> epoch = epochs.computeIfAbsent(record.epoch(), e -> new TreeMap<>());
    Link link = new Link(record.place(), shared(record.prev()), record.hash(), key);
    Link same = epoch.get(record.seq());
    if (same != null) {
      if (same.hash.equals(link.hash)) {
        return false;
      }
      flaws.accept(
          record.flaw(
              Kind.TWO_CONTENTS, "seq", "line " + same.place.line() + " has another content"));
      return true;
    }
    if (!epoch.isEmpty() && epoch.lastKey() > record.seq()) {
      flaws.accept(
          record.flaw(Kind.ORDER, "seq", "stands after seq " + epoch.lastKey() + " of its epoch"));
    }
    epoch.put(record.seq(), link);
    byHash.put(link.hash, link);
    if (!good) {
      doubted.add(link.hash);
    }
    first = first == null ? link : first;
    last = link;
    return true;
  }

  /** Where it is the hash of a record that is known, that very text: a year has many. */
  private @Nullable String shared(@Nullable String prev) {
    Link named = prev == null ? null : byHash.get(prev);
    return named == null ? prev : named.hash;
  }

  /** Takes an event, which may tell of records that are gone. */
  void event(JsonValue.Obj event) {
    JsonValue.Obj detail = event.object("detail");
    String epoch = detail.text("epoch");
    if ("journal.dropped".equals(event.text("event"))
        && isOfIntervals(detail)
        && epoch != null
        && dropped < MOST_DROPS) {
      try {
        Dropped drop =
            new Dropped(
                event.text("epoch") + " " + event.number("seq"),
                whole(detail, "from"),
                whole(detail, "to"),
                whole(detail, "count"));
        dropped += drops.computeIfAbsent(epoch, e -> new HashSet<>()).add(drop) ? 1 : 0;
      } catch (NumberFormatException e) {
        // It tells nothing, so that what it may explain is missing.
      }
    }
  }

  /** Numbers whose row a damage hid may have been of any kind, and are told as data. */
  private static boolean isOfIntervals(JsonValue.Obj detail) {
    String kind = detail.text("kind");
    return "interval".equals(kind)
        || ("data".equals(kind) && "damaged".equals(detail.text("reason")));
  }

  private static long whole(JsonValue.Obj detail, String name) {
    return Long.parseLong(String.valueOf(detail.number(name)));
  }

  /** Hash of the last record of the file, null if there is none. */
  @Nullable String head() {
    return last == null ? null : last.hash;
  }

  /** Looks at every link, when all of the file has been taken. */
  void judge() {
    Link beforeEpoch = null;
    for (Map.Entry<String, NavigableMap<Long, Link>> epoch : epochs.entrySet()) {
      Link before = null;
      NavigableMap<Long, String> lacking = lacking(epoch.getValue());
      List<Left> left = left(epoch.getKey());
      for (Link link : epoch.getValue().values()) {
        if (before == null) {
          judgeFirst(link, beforeEpoch, lacking, left);
        } else {
          judge(link, before, lacking, left);
        }
        before = link;
      }
      beforeEpoch = before;
    }
  }

  /**
   * Numbers that records name as the ones before them and that are not there, with their length.
   */
  private static NavigableMap<Long, String> lacking(NavigableMap<Long, Link> epoch) {
    NavigableMap<Long, String> lacking = new TreeMap<>();
    for (Link link : epoch.values()) {
      long after = link.place.after();
      if (after > 0 && !epoch.containsKey(after)) {
        lacking.putIfAbsent(after, link.place.length());
      }
    }
    return lacking;
  }

  /** The drops of an epoch, the one that ends first in front. */
  private List<Left> left(String epoch) {
    return drops.getOrDefault(epoch, Set.of()).stream()
        .sorted(Comparator.comparingLong(Dropped::to))
        .map(Left::new)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private void judge(Link link, Link before, NavigableMap<Long, String> lacking, List<Left> left) {
    if (before.hash.equals(link.prev) || doubted.contains(before.hash)) {
      return;
    }
    if (Digest.NONE.equals(link.prev)) {
      if (link.key.equals(before.key)) {
        flaw(link, Kind.CHAIN, "begins a chain in the middle of an epoch and of a key");
      } else {
        notes.accept(link.place.words() + " is the first of another key");
      }
      return;
    }
    Link named = link.prev == null ? null : byHash.get(link.prev);
    if (named != null) {
      flaw(
          link,
          Kind.CHAIN,
          "names seq "
              + named.place.seq()
              + " as the one before it, but seq "
              + before.place.seq()
              + " is");
      return;
    }
    gap(link, before.place.seq(), "between %s and".formatted(before.place.words()), lacking, left);
  }

  /**
   * What is missing before a record, which drops may explain.
   *
   * @param from the number after which it is
   */
  private void gap(
      Link link, long from, String where, NavigableMap<Long, String> lacking, List<Left> left) {
    long to = link.place.seq();
    NavigableMap<Long, String> lost = lacking.subMap(from, false, to, false);
    Set<Dropped> by = new LinkedHashSet<>();
    if (lost.isEmpty()) {
      Dropped drop = take(left, from + 1, to - 1);
      if (drop == null) {
        flaw(
            link,
            Kind.MISSING,
            from == 0
                ? "the last record of the epoch before it is not in this file"
                : NOT_HERE + "one between seq " + from + " and seq " + to + MISSING);
        return;
      }
      by.add(drop);
    }
    for (Map.Entry<Long, String> each : lost.entrySet()) {
      Dropped drop = take(left, each.getKey(), each.getKey());
      if (drop == null) {
        flaw(
            link,
            Kind.MISSING,
            NOT_HERE + "seq " + each.getKey() + " (" + each.getValue() + ")" + MISSING);
        return;
      }
      by.add(drop);
    }
    for (Dropped drop : by) {
      notes.accept(
          "%s %s records are missing: of seq %d to %d, %d were declared dropped; the declaration is not signed"
              .formatted(where, link.place.words(), drop.from, drop.to, drop.count));
    }
  }

  /**
   * Takes one record off a drop that may have been it. What is asked for goes ascending, so that of
   * several drops the one that ends first is of the least use later.
   *
   * @param from lowest number that it may have had
   * @param to the highest
   * @return null if there is none
   */
  private static @Nullable Dropped take(List<Left> left, long from, long to) {
    left.removeIf(each -> each.count <= 0 || each.drop.to < from);
    for (Left each : left) {
      if (each.drop.from <= to) {
        each.count--;
        return each.drop;
      }
    }
    return null;
  }

  /** The first record of an epoch. */
  private void judgeFirst(
      Link link, @Nullable Link beforeEpoch, NavigableMap<Long, String> lacking, List<Left> left) {
    if (link.prev == null || doubted.contains(link.hash)) {
      return;
    }
    if (link.equals(first)) {
      if (!Digest.NONE.equals(link.prev)) {
        notes.accept(link.place.words() + " goes on a chain that began before this file");
      }
      return;
    }
    if (Digest.NONE.equals(link.prev)) {
      notes.accept(link.place.words() + " begins a new chain with its epoch (event chain.start)");
      return;
    }
    Link named = byHash.get(link.prev);
    if (named == null) {
      boolean doubt = beforeEpoch != null && doubted.contains(beforeEpoch.hash);
      if (!doubt) {
        gap(link, 0, "before", lacking, left);
      }
    } else if (beforeEpoch != null && !named.equals(beforeEpoch)) {
      notes.accept(
          link.place.words()
              + " goes on from seq "
              + named.place.seq()
              + " of epoch "
              + named.place.epoch()
              + ": the card had lost what was signed after that");
    }
  }

  private void flaw(Link link, Kind kind, String what) {
    flaws.accept(link.place.flaw(kind, "prev", what));
  }
}
