package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Drop;
import io.lingtan.agent.audit.message.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * Sets missing numbers against declared drops: a drop explains {@code count} of them within its
 * range, no matter which.
 *
 * <p>Numbers go ascending, each to the drop that ends first among those that cover it and have some
 * of their count left; for intervals that explains as many as any assignment can.
 */
final class Claims {

  private final List<Drop> drops;
  private final long[] left;
  private final TreeSet<Long> cuts = new TreeSet<>();

  Claims(List<Drop> drops) {
    this.drops = drops.stream().sorted(Comparator.comparingLong(Drop::to)).toList();
    this.left = this.drops.stream().mapToLong(Drop::count).toArray();
    for (Drop drop : drops) {
      cuts.add(drop.from());
      cuts.add(drop.to() + 1);
    }
  }

  /** What of {@code missing}, ascending, no drop explains. */
  List<Hole> unexplained(List<Range> missing) {
    List<Hole> holes = new ArrayList<>();
    for (Range range : missing) {
      long from = range.from();
      while (from <= range.to()) {
        Long cut = cuts.higher(from);
        long to = cut == null ? range.to() : Math.min(range.to(), cut - 1);
        Range part = new Range(from, to);
        long unexplained = part.length() - explain(part);
        if (unexplained > 0) {
          holes.add(new Hole(from, to, unexplained));
        }
        from = to + 1;
      }
    }
    return joined(holes);
  }

  private long explain(Range part) {
    long explained = 0;
    for (int i = 0; i < left.length && explained < part.length(); i++) {
      if (drops.get(i).covers(part)) {
        long take = Math.min(left[i], part.length() - explained);
        left[i] -= take;
        explained += take;
      }
    }
    return explained;
  }

  private static List<Hole> joined(List<Hole> holes) {
    List<Hole> joined = new ArrayList<>();
    for (Hole hole : holes) {
      Hole last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.to() + 1 == hole.from() && last.isWhole() && hole.isWhole()) {
        joined.set(
            joined.size() - 1, new Hole(last.from(), hole.to(), last.count() + hole.count()));
      } else {
        joined.add(hole);
      }
    }
    return joined;
  }
}
