package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The chain through the records of a file: that each names the one before it, and that the one
 * before it is there.
 */
final class Links {

  /** What the chain needs of a record, without its content. */
  private record Link(SealedRecord.Place place, @Nullable String prev, String hash, String key) {}

  /** What a record of this gateway says was dropped. */
  private record Dropped(long from, long to, long count) {}

  /** What a record costs here, about. */
  private static final long LINK_BYTES = 320;

  /** Declared drops that are remembered; of further ones the gaps are called missing. */
  private static final int MOST_DROPS = 10_000;

  private final long most = Runtime.getRuntime().maxMemory() / 2 / LINK_BYTES;
  private final Map<String, NavigableMap<Long, Link>> epochs = new LinkedHashMap<>();
  private final Map<String, Link> byHash = new HashMap<>();
  private final Map<String, List<Dropped>> drops = new HashMap<>();
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
        && "interval".equals(detail.text("kind"))
        && epoch != null
        && dropped < MOST_DROPS) {
      try {
        Dropped drop =
            new Dropped(whole(detail, "from"), whole(detail, "to"), whole(detail, "count"));
        drops.computeIfAbsent(epoch, e -> new ArrayList<>()).add(drop);
        dropped++;
      } catch (NumberFormatException e) {
        // It tells nothing, so that what it may explain is missing.
      }
    }
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
      for (Link link : epoch.getValue().values()) {
        if (before == null) {
          judgeFirst(link, beforeEpoch);
        } else {
          judge(link, before, epoch.getValue());
        }
        before = link;
      }
      beforeEpoch = before;
    }
  }

  private void judge(Link link, Link before, NavigableMap<Long, Link> epoch) {
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
    long from = before.place.seq();
    long to = link.place.seq();
    for (Dropped drop : drops.getOrDefault(link.place.epoch(), List.of())) {
      if (drop.to > from && drop.from < to) {
        notes.accept(
            link.place.words()
                + ": between seq "
                + from
                + " and it "
                + drop.count
                + " interval records were declared dropped; the declaration is not signed");
        return;
      }
    }
    flaw(link, Kind.MISSING, missing(link, from, epoch));
  }

  /** Which record is not there, as far as the next one of its length tells. */
  private static String missing(Link link, long from, NavigableMap<Long, Link> epoch) {
    long to = link.place.seq();
    for (Link later : epoch.tailMap(to, true).values()) {
      long after = later.place.after();
      if (after > from && after < to && !epoch.containsKey(after)) {
        return "the record before it is not in this file: seq "
            + after
            + " ("
            + later.place.length()
            + ") is missing";
      }
    }
    return "the record before it is not in this file: one between seq "
        + from
        + " and seq "
        + to
        + " is missing";
  }

  /** The first record of an epoch. */
  private void judgeFirst(Link link, @Nullable Link beforeEpoch) {
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
        flaw(link, Kind.MISSING, "the last record of the epoch before it is not in this file");
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
