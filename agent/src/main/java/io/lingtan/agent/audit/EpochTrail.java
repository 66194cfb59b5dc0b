package io.lingtan.agent.audit;

import io.lingtan.agent.audit.EpochReport.BrokenLink;
import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.audit.message.Drop;
import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.audit.message.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The numbers that came of one epoch of a gateway, and what the gateway says of it.
 *
 * <p>What was delivered before this audit listened cannot be judged. It is told apart like this:
 * while the epoch is <em>unsettled</em>, what {@code store} calls delivered and what did not come
 * is excused, except above the lowest record that came live while listening was steady (whatever is
 * numbered later was published later). The first {@code store} that is not a retained one, and came
 * while listening was steady, settles the epoch: from then on everything counts.
 *
 * <p>Bounds: {@value #MOST_RANGES} ranges; beyond that the lowest gap is judged early, as lost
 * unless it lies in a declared drop. {@value #MOST_DROPS} drops; beyond that the lowest is applied
 * early. {@value #MOST_STREAMS} streams; the {@code after} of further ones is not followed.
 */
final class EpochTrail {

  private static final int MOST_RANGES = 10_000;
  private static final int MOST_DROPS = 1_024;
  private static final int MOST_STREAMS = 4_096;
  private static final int FEW_STREAMS = 256;

  final String id;

  /** Numbers that came. */
  private NumberSet received = new NumberSet();

  private long receivedCount;

  /** Numbers that came, were excused, or were judged early. */
  private NumberSet known = new NumberSet();

  private Contents contents = new Contents();
  private final Map<String, AfterLinks> links = new TreeMap<>();
  private final List<Drop> drops = new ArrayList<>();
  private long last;
  private long acked;
  private List<Range> ahead = List.of();
  private boolean said;
  private boolean settled;
  private boolean fromTheStart;
  private boolean begunHere;

  /** Lowest number that ever came live, whatever happened since. */
  private long firstLive = Long.MAX_VALUE;

  /** What had been called delivered when listening was interrupted: that stays to be judged. */
  private NumberSet judged = new NumberSet();

  private long steadyFloor = Long.MAX_VALUE;
  private long liveFloor = Long.MAX_VALUE;
  private long judgedEarly;
  private long excusedEarly;
  private long repeats;
  private long uncompared;
  private long contradicted;
  private final List<Long> contradictions = new ArrayList<>();

  /**
   * @param fromTheStart whether the epoch began while this audit listened
   */
  EpochTrail(String id, boolean fromTheStart) {
    this.id = id;
    this.settled = fromTheStart;
    this.fromTheStart = fromTheStart;
    this.begunHere = fromTheStart;
  }

  /**
   * @param live whether it came on a device's own topic
   * @param steady whether listening was steady
   * @return whether it came for the first time
   */
  boolean add(Numbered record, boolean live, boolean steady, AfterLinks.Neighbours neighbours) {
    long seq = record.seq();
    if (live) {
      liveFloor = Math.min(liveFloor, seq);
      firstLive = Math.min(firstLive, seq);
      steadyFloor = steady ? Math.min(steadyFloor, seq) : steadyFloor;
    }
    if (received.contains(seq)) {
      repeated(record);
      return false;
    }
    received.add(seq, seq);
    receivedCount++;
    known.add(seq, seq);
    contents.put(seq, record.high(), record.low());
    AfterLinks linked = links.get(record.stream());
    if (linked == null && links.size() < MOST_STREAMS) {
      linked = new AfterLinks();
      links.put(record.stream(), linked);
    }
    if (linked != null) {
      linked.add(record, neighbours);
    }
    limitRanges(MOST_RANGES);
    return true;
  }

  private void repeated(Numbered record) {
    switch (contents.match(record.seq(), record.high(), record.low())) {
      case SAME -> repeats++;
      case FORGOTTEN -> {
        uncompared++;
        contents.put(record.seq(), record.high(), record.low());
      }
      case OTHER -> {
        contradicted++;
        if (contradictions.size() < EpochReport.MOST_LISTED
            && !contradictions.contains(record.seq())) {
          contradictions.add(record.seq());
        }
      }
    }
  }

  private void limitRanges(int most) {
    while (known.size() > Math.max(1, most)) {
      Range gap = known.lowestGap();
      if (drops.stream().noneMatch(drop -> drop.covers(gap))) {
        judgedEarly += gap.length();
      } else {
        excusedEarly += gap.length();
      }
      known.add(gap.from(), gap.to());
    }
    while (received.size() > Math.max(1, 2 * most)) {
      // Only the telling of repeats gets coarser by this.
      Range gap = received.lowestGap();
      received.add(gap.from(), gap.to());
    }
  }

  /**
   * What the gateway says of the epoch. Older news than what is known is ignored.
   *
   * @param ahead null if it says nothing new of that: what is delivered stays so
   * @param settles whether it was said while listening was steady
   */
  void said(
      long last, long acked, @Nullable List<Range> ahead, List<Drop> dropped, boolean settles) {
    if (last < this.last || acked < this.acked) {
      return;
    }
    said = true;
    this.last = last;
    this.acked = acked;
    if (ahead != null) {
      this.ahead = List.copyOf(ahead);
    }
    for (Drop drop : dropped) {
      drops.removeIf(drop::replaces);
      drops.add(drop);
    }
    limitDrops();
    if (!settled) {
      excuse();
      settled = settles;
    }
  }

  /** The highest number given, when nothing else is said. */
  void existsUpTo(long seq) {
    last = Math.max(last, seq);
  }

  /** What the gateway says of it once it is an earlier epoch. */
  void saidBriefly(long last, long acked, List<Drop> dropped, boolean settles) {
    said(last, acked, null, dropped, settles);
  }

  /** The gateway speaks of it no more: what has not come will not come. */
  void over() {
    acked = Math.max(acked, last);
    ahead = List.of();
  }

  private void limitDrops() {
    while (drops.size() > MOST_DROPS) {
      Drop drop = drops.removeFirst();
      List<Range> gaps = known.missing(drop.from(), drop.to());
      long missing = gaps.stream().mapToLong(Range::length).sum();
      if (missing <= drop.count()) {
        gaps.forEach(gap -> known.add(gap.from(), gap.to()));
        excusedEarly += missing;
      }
    }
  }

  private void excuse() {
    for (Range range : delivered().all()) {
      long to = Math.min(range.to(), steadyFloor - 1);
      for (Range gap : known.missing(range.from(), to)) {
        for (Range part : judged.missing(gap.from(), gap.to())) {
          known.add(part.from(), part.to());
        }
      }
    }
  }

  /** From now on nobody knows what came by while nobody listened. */
  void interrupted() {
    settled = false;
    fromTheStart = false;
    judged = delivered();
    steadyFloor = Long.MAX_VALUE;
    liveFloor = Long.MAX_VALUE;
  }

  private NumberSet delivered() {
    NumberSet delivered = new NumberSet();
    if (acked > 0) {
      delivered.add(1, acked);
    }
    ahead.forEach(range -> delivered.add(range.from(), range.to()));
    return delivered;
  }

  /** Whether anything of it came. */
  boolean isHeard() {
    return receivedCount > 0;
  }

  /**
   * From which number on it concerns this audit: all of an epoch that began while it listened, else
   * what is newer than the first record that came live. Later interruptions change nothing.
   *
   * @return {@link Long#MAX_VALUE} if nothing of it ever came
   */
  long concernsFrom() {
    if (begunHere) {
      return 1;
    }
    return firstLive == Long.MAX_VALUE && isHeard() ? received.min() : firstLive;
  }

  /**
   * What the gateway calls delivered and what did not come, whoever listened when, except where
   * declared drops explain all of it.
   *
   * @param from first number to look at
   */
  List<Range> absent(long from) {
    NumberSet absent = new NumberSet();
    NumberSet delivered = delivered();
    for (Range gap : received.missing(from, Math.max(from, delivered.max()))) {
      delivered.within(gap.from(), gap.to()).forEach(part -> absent.add(part.from(), part.to()));
    }
    if (new Claims(drops).unexplained(absent.all()).isEmpty()) {
      return List.of();
    }
    NumberSet explained = new NumberSet();
    for (Drop drop : drops) {
      long here = absent.within(drop.from(), drop.to()).stream().mapToLong(Range::length).sum();
      if (here <= drop.count()) {
        explained.add(drop.from(), drop.to());
      }
    }
    return absent.all().stream()
        .flatMap(range -> explained.missing(range.from(), range.to()).stream())
        .toList();
  }

  /** How many of these, ascending, no declared drop explains. */
  List<Hole> unexplained(List<Range> absent) {
    return new Claims(drops).unexplained(absent);
  }

  /** Highest number known to exist. */
  long top() {
    return Math.max(last, received.max());
  }

  /** Whether every number above {@code seq} that is known to exist has come. */
  boolean isWholeAbove(long seq) {
    return known.missing(seq + 1, top()).isEmpty();
  }

  /**
   * Whether numbers lie between what the gateway calls delivered and what came: delivered before
   * this audit listened, or still to come. Its next word tells.
   */
  boolean isBetweenWords() {
    NumberSet delivered = delivered();
    return known.missing(1, top()).stream()
        .anyMatch(gap -> !delivered.missing(gap.from(), gap.to()).isEmpty());
  }

  /** About how many bytes of memory it takes. */
  long weight() {
    long weight = 500 + contents.weight();
    weight += 80L * (received.size() + known.size() + judged.size() + ahead.size());
    weight += 200L * drops.size();
    for (AfterLinks linked : links.values()) {
      weight += linked.weight();
    }
    return weight;
  }

  /** Remembers half of what is listed; what goes by that is judged early. */
  void lighten() {
    contents.lighten();
    limitRanges(known.size() / 2);
    links.values().forEach(AfterLinks::lighten);
    if (links.size() > FEW_STREAMS) {
      links.values().removeIf(AfterLinks::isSmall);
    }
  }

  boolean isSaid() {
    return said;
  }

  List<String> dataStreams() {
    return links.keySet().stream().filter(stream -> stream.startsWith("data/")).toList();
  }

  AfterLinks.@Nullable End latest(String stream) {
    AfterLinks linked = links.get(stream);
    return linked == null ? null : linked.latest();
  }

  AfterLinks.@Nullable End beginning(String stream) {
    AfterLinks linked = links.get(stream);
    return linked == null ? null : linked.beginning();
  }

  /**
   * @param from what is not judged below this number is left out; where nothing came, nothing is
   */
  EpochReport report(boolean current, long from) {
    NumberSet delivered = delivered();
    Claims claims = new Claims(drops);
    List<BrokenLink> broken = broken(delivered);
    long gaps = 0;
    long unjudged = 0;
    List<Range> claimed = new ArrayList<>();
    List<Range> open = new ArrayList<>();
    for (Range gap : known.missing(1, top())) {
      gaps += gap.length();
      claimed.addAll(delivered.within(gap.from(), gap.to()));
      for (Range part : delivered.missing(gap.from(), gap.to())) {
        if (!settled && liveFloor != Long.MAX_VALUE && part.from() < liveFloor) {
          // Came by before, or is still to come: the next store will tell.
          long to = Math.min(part.to(), liveFloor - 1);
          unjudged += to - part.from() + 1;
          if (to < part.to()) {
            open.add(new Range(to + 1, part.to()));
          }
        } else {
          open.add(part);
        }
      }
    }
    List<Hole> holes = claims.unexplained(claimed);
    List<Hole> transit = claims.unexplained(open);
    long missing = judgedEarly + sum(holes);
    long inTransit = sum(transit);
    long unseen =
        Math.max(0, known.count() - receivedCount - judgedEarly - excusedEarly + unjudged);
    long leftOut = 0;
    if (isHeard() && from > 1) {
      long below = from == Long.MAX_VALUE ? top() : from - 1;
      long came = received.within(1, below).stream().mapToLong(Range::length).sum();
      leftOut = Math.min(unseen, below - came);
    }
    return new EpochReport(
        id,
        current,
        top(),
        acked,
        receivedCount,
        unseen - leftOut,
        leftOut,
        missing,
        first(holes),
        inTransit,
        first(transit),
        excusedEarly + gaps - unjudged - sum(holes) - inTransit,
        drops,
        repeats,
        uncompared,
        contradicted,
        contradictions,
        links.values().stream().mapToLong(AfterLinks::forks).sum(),
        first(broken));
  }

  /** Links to records that the gateway calls delivered, or of which it says nothing at all. */
  private List<BrokenLink> broken(NumberSet delivered) {
    List<BrokenLink> broken = new ArrayList<>();
    links.forEach(
        (stream, linked) -> {
          for (long after : linked.open(fromTheStart)) {
            boolean due = !said || delivered.contains(after);
            Range one = new Range(after, after);
            if (due && !known.contains(after) && drops.stream().noneMatch(d -> d.covers(one))) {
              broken.add(new BrokenLink(stream, after));
            }
          }
        });
    return broken;
  }

  private static long sum(List<Hole> holes) {
    return holes.stream().mapToLong(Hole::count).sum();
  }

  private static <T> List<T> first(List<T> list) {
    return list.subList(0, Math.min(list.size(), EpochReport.MOST_LISTED));
  }

  Map<String, @Nullable Object> save() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", id);
    tree.put("received", received.save());
    tree.put("received_count", receivedCount);
    tree.put("known", known.save());
    tree.put("judged", judged.save());
    tree.put("contents", contents.save());
    Map<String, @Nullable Object> streams = new LinkedHashMap<>();
    links.forEach((stream, linked) -> streams.put(stream, linked.save()));
    tree.put("links", streams);
    tree.put("dropped", drops.stream().map(Drop::save).toList());
    tree.put("last", last);
    tree.put("acked", acked);
    tree.put("ahead", ahead.stream().map(r -> List.of(r.from(), r.to())).toList());
    tree.put("said", said);
    tree.put("settled", settled);
    tree.put("from_the_start", fromTheStart);
    tree.put("begun_here", begunHere);
    tree.put("first_live", firstLive);
    tree.put("steady_floor", steadyFloor);
    tree.put("live_floor", liveFloor);
    tree.put("judged_early", judgedEarly);
    tree.put("excused_early", excusedEarly);
    tree.put("repeats", repeats);
    tree.put("uncompared", uncompared);
    tree.put("contradicted", contradicted);
    tree.put("contradictions", List.copyOf(contradictions));
    return tree;
  }

  static EpochTrail from(Tree tree) throws Malformed {
    EpochTrail trail = new EpochTrail(tree.text("id"), tree.isTrue("from_the_start"));
    trail.received = NumberSet.from(tree.list("received"));
    trail.receivedCount = tree.count("received_count");
    trail.known = NumberSet.from(tree.list("known"));
    trail.judged = NumberSet.from(tree.list("judged"));
    trail.contents = Contents.from(tree.text("contents"));
    Tree links = tree.object("links");
    for (String stream : links.names()) {
      trail.links.put(stream, AfterLinks.from(links.object(stream)));
    }
    for (Tree drop : tree.trees("dropped")) {
      trail.drops.add(Drop.from(drop));
    }
    trail.last = tree.count("last");
    trail.acked = tree.count("acked");
    List<Range> ahead = new ArrayList<>();
    for (Object pair : tree.list("ahead")) {
      if (!(pair instanceof List<?> ends) || ends.size() != 2) {
        throw new Malformed("ahead is not a list of pairs");
      }
      ahead.add(Tree.range(ends.get(0), ends.get(1)));
    }
    trail.ahead = List.copyOf(ahead);
    trail.said = tree.isTrue("said");
    trail.settled = tree.isTrue("settled");
    // A file of an earlier version knows no more than what was so at the last interruption.
    trail.begunHere = trail.begunHere || tree.isTrue("begun_here");
    trail.firstLive = tree.number("first_live", tree.number("live_floor", Long.MAX_VALUE));
    trail.steadyFloor = tree.count("steady_floor");
    trail.liveFloor = tree.count("live_floor");
    trail.judgedEarly = tree.count("judged_early");
    trail.excusedEarly = tree.number("excused_early");
    trail.repeats = tree.count("repeats");
    trail.uncompared = tree.count("uncompared");
    trail.contradicted = tree.count("contradicted");
    for (Object seq : tree.list("contradictions")) {
      if (seq instanceof Long number) {
        trail.contradictions.add(number);
      }
    }
    return trail;
  }
}
