package io.lingtan.agent.audit;

import io.lingtan.agent.audit.RepairReport.Left;
import io.lingtan.agent.audit.RepairReport.Why;
import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a gateway was asked for in vain. At most {@value #MOST} entries; beyond that the oldest is
 * forgotten, and may be asked for again. One thread.
 */
final class InVain {

  private static final int MOST = 2_000;

  /**
   * @param until when it may be asked for again
   */
  private record Entry(String epoch, Range range, Why why, String detail, MonotonicInstant until) {}

  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  void add(String epoch, Range range, Why why, String detail, MonotonicInstant until) {
    entries.removeIf(
        entry ->
            entry.epoch.equals(epoch)
                && entry.range.from() >= range.from()
                && entry.range.to() <= range.to()
                && entry.why != Why.GONE);
    entries.add(new Entry(epoch, range, why, detail, until));
    if (entries.size() > MOST) {
      entries.removeFirst();
    }
  }

  /** What of these may be asked for. */
  List<Wanted> without(List<Wanted> missing, MonotonicInstant now) {
    Map<String, NumberSet> known = new HashMap<>();
    for (Entry entry : entries) {
      if (now.isBefore(entry.until)) {
        known
            .computeIfAbsent(entry.epoch, epoch -> new NumberSet())
            .add(entry.range.from(), entry.range.to());
      }
    }
    List<Wanted> left = new ArrayList<>();
    for (Wanted wanted : missing) {
      known
          .getOrDefault(wanted.epoch(), new NumberSet())
          .missing(wanted.range().from(), wanted.range().to())
          .forEach(range -> left.add(new Wanted(wanted.epoch(), range)));
    }
    return left;
  }

  /**
   * Why something is missing, part by part where all of it is.
   *
   * @param isReachable whether the gateway could be asked
   */
  List<Left> explain(String gateway, String epoch, Hole hole, boolean isReachable) {
    List<Left> left = new ArrayList<>();
    NumberSet rest = new NumberSet();
    rest.add(hole.from(), hole.to());
    for (Entry entry : entries.reversed()) {
      if (!entry.epoch.equals(epoch)) {
        continue;
      }
      for (Range part : rest.within(entry.range.from(), entry.range.to())) {
        if (!hole.isWhole()) {
          return List.of(left(gateway, epoch, hole, entry.why, entry.detail));
        }
        left.add(
            left(
                gateway,
                epoch,
                new Hole(part.from(), part.to(), part.length()),
                entry.why,
                entry.detail));
        rest = without(rest, part);
      }
    }
    String why = isReachable ? "" : "the gateway is offline";
    for (Range part : rest.all()) {
      long count = hole.isWhole() ? part.length() : hole.count();
      left.add(left(gateway, epoch, new Hole(part.from(), part.to(), count), Why.NOT_ASKED, why));
    }
    left.sort((a, b) -> Long.compare(a.from(), b.from()));
    return left;
  }

  private static NumberSet without(NumberSet all, Range part) {
    NumberSet rest = new NumberSet();
    for (Range range : all.all()) {
      if (range.from() < part.from()) {
        rest.add(range.from(), Math.min(range.to(), part.from() - 1));
      }
      if (range.to() > part.to()) {
        rest.add(Math.max(range.from(), part.to() + 1), range.to());
      }
    }
    return rest;
  }

  private static Left left(String gateway, String epoch, Hole hole, Why why, String detail) {
    return new Left(gateway, epoch, hole.from(), hole.to(), hole.count(), why, detail);
  }
}
