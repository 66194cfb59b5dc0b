package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.Exact;
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
import java.util.Objects;
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

  /**
   * What the chain needs of a record, without its content.
   *
   * @param ts when it was written, UTC ms
   */
  private record Link(
      SealedRecord.Place place,
      long ts,
      @Nullable String prev,
      String hash,
      String key,
      @Nullable Beginning begins) {}

  /**
   * The first record of a chain.
   *
   * @param vouched hash of the last record that the key before signed, if that vouches for this one
   * @param former if it begins anew
   */
  private record Beginning(@Nullable String vouched, @Nullable Former former) {}

  /** The last record of the chain before that the gateway knew, as it signed it. */
  private record Former(String epoch, long seq, String hash) {

    static @Nullable Former of(JsonValue.Obj json) {
      String epoch = json.text("epoch");
      String seq = json.number("seq");
      String hash = json.text("hash");
      return epoch == null || seq == null || hash == null
          ? null
          : new Former(epoch, Exact.of(seq).longValueExact(), hash);
    }

    String words() {
      return "names seq " + seq + " of epoch " + epoch + " as the last one before it";
    }
  }

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
  private final Map<String, List<Left>> left = new HashMap<>();
  private final Set<String> doubted = new HashSet<>();
  private final Map<String, Previous> previous = new HashMap<>();
  private final Map<String, RecordedTime> covered = new HashMap<>();
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
    JsonValue.Obj json = record.json();
    Beginning begins =
        Digest.NONE.equals(record.prev())
            ? new Beginning(json.object("rotation").text("head"), Former.of(json.object("former")))
            : null;
    Link link =
        new Link(record.place(), record.ts(), shared(record.prev()), record.hash(), key, begins);
    NavigableMap<Long, Link> epoch = epochs.computeIfAbsent(record.epoch(), e -> new TreeMap<>());
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
    covered
        .computeIfAbsent(record.epoch(), e -> new RecordedTime())
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
    RecordedTime all = new RecordedTime();
    covered.values().forEach(all::add);
    RecordedTime sofar = new RecordedTime();
    for (Map.Entry<String, NavigableMap<Long, Link>> epoch : epochs.entrySet()) {
      Link before = null;
      NavigableMap<Long, String> lacking = lacking(epoch.getValue());
      List<Left> left = left(epoch.getKey());
      for (Link link : epoch.getValue().values()) {
        if (before == null) {
          judgeOrder(link);
          judgeFirst(link, beforeEpoch, sofar.holes(all, link.ts), lacking, left);
        } else {
          judge(link, before, lacking, left);
        }
        before = link;
      }
      beforeEpoch = before;
      sofar.add(covered.getOrDefault(epoch.getKey(), all));
    }
  }

  /** The last record in the file of an epoch, of those up to a number. */
  private @Nullable Link lastOf(String epoch, long seq) {
    NavigableMap<Long, Link> links = epochs.get(epoch);
    Map.Entry<Long, Link> last = links == null ? null : links.floorEntry(seq);
    return last == null ? null : last.getValue();
  }

  private Link firstOf(String epoch) {
    return Objects.requireNonNull(epochs.get(epoch)).firstEntry().getValue();
  }

  /** An epoch stands after the one before it, if that is in the file. */
  private void judgeOrder(Link link) {
    Former former = link.begins == null ? null : link.begins.former;
    Link named = link.prev == null ? null : byHash.get(link.prev);
    if (former != null) {
      named = lastOf(former.epoch, former.seq);
    }
    Previous told = previous.get(link.place.epoch());
    if (named == null && told != null) {
      named = lastOf(told.epoch, Long.MAX_VALUE);
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
    return left.computeIfAbsent(
        epoch,
        any ->
            drops.getOrDefault(any, Set.of()).stream()
                .sorted(Comparator.comparingLong(Dropped::to))
                .map(Left::new)
                .collect(Collectors.toCollection(ArrayList::new)));
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
        judgeAnotherKey(link, before, left);
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

  /** The first record of another key, in the middle of an epoch. */
  private void judgeAnotherKey(Link link, Link before, List<Left> left) {
    String vouched = link.begins == null ? null : link.begins.vouched;
    Former former = link.begins == null ? null : link.begins.former;
    if (former != null) {
      judgeFormer(link, former, before);
    }
    boolean isElsewhere = byHash.containsKey(vouched) && !before.hash.equals(vouched);
    pieces += former != null || isElsewhere ? 1 : 0;
    if (vouched != null) {
      judgeVouched(link, vouched, before, link.place.seq() - 1, left);
    }
  }

  /**
   * The key before vouched for a new one, and named the last record that it had signed.
   *
   * @param to the highest number that this may have in the epoch before
   */
  private void judgeVouched(Link link, String vouched, Link before, long to, List<Left> left) {
    if (!Digest.NONE.equals(vouched)
        && !byHash.containsKey(vouched)
        && take(left, before.place.seq() + 1, to) == null) {
      flaw(link, Kind.MISSING, "the last record that the key before signed is not in this file");
    }
  }

  /** The chain before reached at least this far. */
  private void judgeFormer(Link link, Former former, Link before) {
    Link named = lastOf(former.epoch, former.seq);
    if (named != null && named.place.seq() == former.seq) {
      if (!named.hash.equals(former.hash) && !doubted.contains(named.hash)) {
        flaw(link, Kind.CHAIN, former.words() + ", and that has another content here");
      }
      return;
    }
    if (named == null && former.epoch.equals(epochs.keySet().iterator().next())) {
      return; // before this file
    }
    if (take(left(former.epoch), former.seq, former.seq) != null) {
      notes.accept(
          link.place.words()
              + " "
              + former.words()
              + ": it was declared dropped, and the declaration is not signed");
      return;
    }
    flaw(
        link,
        Kind.UNSHOWN,
        "%s, and that is not in this file: no record of that chain from %s to %s"
            .formatted(
                former.words(),
                Instant.ofEpochMilli((named == null ? before : named).ts),
                Instant.ofEpochMilli(link.ts)));
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
      Link link,
      @Nullable Link beforeEpoch,
      List<RecordedTime.Hole> holes,
      NavigableMap<Long, String> lacking,
      List<Left> left) {
    if (link.prev == null || doubted.contains(link.hash)) {
      return;
    }
    if (beforeEpoch == null) {
      if (link.begins == null) {
        notes.accept(link.place.words() + " goes on a chain that began before this file");
      } else if (link.begins.former != null) {
        notes.accept(link.place.words() + " begins a new chain and " + link.begins.former.words());
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
        gap(link, 0, "before", lacking, left);
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
      Link link, Beginning begins, Link beforeEpoch, List<RecordedTime.Hole> holes) {
    Former former = begins.former;
    String vouched = begins.vouched;
    if (former == null && beforeEpoch.hash.equals(vouched)) {
      notes.accept(link.place.words() + " is the first of another key");
      return;
    }
    pieces++;
    notes.accept(
        link.place.words() + " begins a new chain with its epoch (event chain.start)" + told(link));
    if (vouched != null) {
      List<Left> left = left(beforeEpoch.place.epoch());
      judgeVouched(link, vouched, beforeEpoch, Long.MAX_VALUE, left);
    }
    if (former != null) {
      judgeFormer(link, former, beforeEpoch);
    }
    boolean follows = former != null && beforeEpoch.hash.equals(former.hash);
    if (!follows && link.ts < firstOf(beforeEpoch.place.epoch()).ts) {
      flaw(
          link,
          Kind.UNSHOWN,
          "is dated before all of epoch "
              + beforeEpoch.place.epoch()
              + ", which stands before it: the order is another one, or a clock was set back");
    }
    for (RecordedTime.Hole hole : holes) {
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
