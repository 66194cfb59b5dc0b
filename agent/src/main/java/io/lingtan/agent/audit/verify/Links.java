package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import java.time.Instant;
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
  private record Link(
      SealedRecord.Place place,
      @Nullable String prev,
      String hash,
      String key,
      @Nullable Beginning begins) {}

  /**
   * The first record of a chain.
   *
   * @param ts when it was written, UTC ms
   * @param former hash of the last record that the key before signed, if that vouches for this one
   */
  private record Beginning(long ts, @Nullable String former) {}

  /**
   * What an event says was before an epoch.
   *
   * @param last highest number that the journal knew of it
   */
  private record Previous(String epoch, String last) {}

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
  private final Map<String, Previous> previous = new HashMap<>();
  private final Map<String, CoveredTime> covered = new HashMap<>();
  private final Map<String, Long> began = new HashMap<>();
  private final Consumer<Flaw> flaws;
  private final Consumer<String> notes;
  private @Nullable Link last;
  private int dropped;
  private int pieces = 1;

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
    long ts = record.ts();
    Beginning begins =
        Digest.NONE.equals(record.prev())
            ? new Beginning(ts, record.json().object("rotation").text("head"))
            : null;
    Link link = new Link(record.place(), shared(record.prev()), record.hash(), key, begins);
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
    began.putIfAbsent(record.epoch(), ts);
    covered
        .computeIfAbsent(record.epoch(), e -> new CoveredTime())
        .add(record.length(), record.start(), record.end());
    byHash.put(link.hash, link);
    if (!good) {
      doubted.add(link.hash);
    }
    last = link;
    return true;
  }

  /** Where it is the hash of a record that is known, that very text: a year has many. */
  private @Nullable String shared(@Nullable String prev) {
    Link named = prev == null ? null : byHash.get(prev);
    return named == null ? prev : named.hash;
  }

  /** Takes an event, which may tell of records that are gone, or which epoch was before. */
  void event(JsonValue.Obj event) {
    JsonValue.Obj detail = event.object("detail");
    String epoch = detail.text("epoch");
    String before = detail.text("previous");
    if ("journal.epoch".equals(event.text("event"))
        && epoch != null
        && before != null
        && previous.size() < MOST_DROPS) {
      previous.put(epoch, new Previous(before, String.valueOf(detail.number("previous_last"))));
    }
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

  /** How many chains there are of which nothing signed ties one to the next. */
  int pieces() {
    return pieces;
  }

  /** Looks at every link, when all of the file has been taken. */
  void judge() {
    Link beforeEpoch = null;
    CoveredTime all = new CoveredTime();
    covered.values().forEach(all::add);
    CoveredTime sofar = new CoveredTime();
    for (Map.Entry<String, NavigableMap<Long, Link>> epoch : epochs.entrySet()) {
      Link before = null;
      NavigableMap<Long, String> lacking = lacking(epoch.getValue());
      List<Left> left = left(epoch.getKey());
      for (Link link : epoch.getValue().values()) {
        if (before == null) {
          judgeOrder(link);
          judgeFirst(link, beforeEpoch, sofar.holes(all, ts(link)));
        } else {
          judge(link, before, lacking, left);
        }
        before = link;
      }
      beforeEpoch = before;
      sofar.add(covered.getOrDefault(epoch.getKey(), all));
    }
  }

  private long ts(Link link) {
    return began.getOrDefault(link.place.epoch(), 0L);
  }

  /** An epoch stands after the one before it, if that is in the file. */
  private void judgeOrder(Link link) {
    Link named = link.prev == null ? null : byHash.get(link.prev);
    Previous told = previous.get(link.place.epoch());
    NavigableMap<Long, Link> before = told == null ? null : epochs.get(told.epoch);
    if (named == null && before != null) {
      named = before.lastEntry().getValue();
    }
    if (named != null && named.place.line() > link.place.line()) {
      flaw(
          link,
          Kind.ORDER,
          "stands before epoch " + named.place.epoch() + ", which it comes after");
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
        judgeFormer(link, before, left);
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
    long from = before.place.seq();
    long to = link.place.seq();
    NavigableMap<Long, String> lost = lacking.subMap(from, false, to, false);
    Set<Dropped> by = new LinkedHashSet<>();
    if (lost.isEmpty()) {
      Dropped drop = take(left, from + 1, to - 1);
      if (drop == null) {
        flaw(link, Kind.MISSING, NOT_HERE + "one between seq " + from + " and seq " + to + MISSING);
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
          "between %s and %s records are missing: of seq %d to %d, %d were declared dropped; the declaration is not signed"
              .formatted(before.place.words(), link.place.words(), drop.from, drop.to, drop.count));
    }
  }

  /** The key before vouched for a new one, and named the last record that it had signed. */
  private void judgeFormer(Link link, Link before, List<Left> left) {
    String former = link.begins == null ? null : link.begins.former;
    if (former == null || former.equals(before.hash) || Digest.NONE.equals(former)) {
      return;
    }
    if (byHash.containsKey(former)) {
      pieces++;
    } else if (take(left, before.place.seq() + 1, link.place.seq() - 1) == null) {
      flaw(link, Kind.MISSING, "the last record that the key before signed is not in this file");
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
  private void judgeFirst(Link link, @Nullable Link beforeEpoch, List<CoveredTime.Hole> holes) {
    if (link.prev == null || doubted.contains(link.hash)) {
      return;
    }
    if (beforeEpoch == null) {
      if (!Digest.NONE.equals(link.prev)) {
        notes.accept(link.place.words() + " goes on a chain that began before this file");
      }
      return;
    }
    if (link.begins != null) {
      judgeSeam(link, link.begins, beforeEpoch, holes);
      return;
    }
    Link named = byHash.get(link.prev);
    if (named == null) {
      if (!doubted.contains(beforeEpoch.hash)) {
        flaw(link, Kind.MISSING, "the last record of the epoch before it is not in this file");
      }
    } else if (!named.equals(beforeEpoch)) {
      notes.accept(
          link.place.words()
              + " goes on from seq "
              + named.place.seq()
              + " of epoch "
              + named.place.epoch()
              + ": the card had lost what was signed after that");
    }
  }

  /** A chain that begins anew: only the time between shows whether something was taken away. */
  private void judgeSeam(
      Link link, Beginning begins, Link beforeEpoch, List<CoveredTime.Hole> holes) {
    if (beforeEpoch.hash.equals(begins.former)) {
      notes.accept(link.place.words() + " is the first of another key");
      return;
    }
    pieces++;
    notes.accept(
        link.place.words() + " begins a new chain with its epoch (event chain.start)" + told(link));
    if (begins.ts < ts(beforeEpoch)) {
      flaw(
          link,
          Kind.UNSHOWN,
          "is dated before all of epoch "
              + beforeEpoch.place.epoch()
              + ", which stands before it: the order is another one, or a clock was set back");
    }
    for (CoveredTime.Hole hole : holes) {
      flaw(
          link,
          Kind.UNSHOWN,
          "%s: no record from %s to %s: nothing shows whether it was taken away"
              .formatted(
                  hole.length(),
                  Instant.ofEpochMilli(hole.from()),
                  Instant.ofEpochMilli(hole.to())));
    }
  }

  /** What the event of its epoch says of the one before. */
  private String told(Link link) {
    Previous told = previous.get(link.place.epoch());
    if (told == null) {
      return "";
    }
    NavigableMap<Long, Link> before = epochs.get(told.epoch);
    return "; epoch %s before it had numbers up to %s, says its event, which is not signed: %s"
        .formatted(
            told.epoch,
            told.last,
            before == null
                ? "no interval record of it is in this file"
                : "its last interval record in this file is seq " + before.lastKey());
  }

  private void flaw(Link link, Kind kind, String what) {
    flaws.accept(link.place.flaw(kind, "prev", what));
  }
}
