package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.audit.message.Tree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Numbers of an epoch that are missing. Lists of them are ascending, earlier epochs first. */
record Wanted(String epoch, Range range) {

  /** Numbers that one request spans at most. */
  static final long MOST_NUMBERS = 100_000;

  /** So many records in between that are there are sooner sent again than asked around. */
  static final long BRIDGE = 256;

  /** What is in one list and in the other. */
  static List<Wanted> inBoth(List<Wanted> one, List<Wanted> other) {
    Map<String, NumberSet> others = byEpoch(other);
    List<Wanted> both = new ArrayList<>();
    for (Wanted wanted : one) {
      others
          .getOrDefault(wanted.epoch, new NumberSet())
          .within(wanted.range.from(), wanted.range.to())
          .forEach(range -> both.add(new Wanted(wanted.epoch, range)));
    }
    return both;
  }

  private static Map<String, NumberSet> byEpoch(List<Wanted> all) {
    Map<String, NumberSet> byEpoch = new HashMap<>();
    for (Wanted wanted : all) {
      byEpoch
          .computeIfAbsent(wanted.epoch, epoch -> new NumberSet())
          .add(wanted.range.from(), wanted.range.to());
    }
    return byEpoch;
  }

  /** The first of them, with those of its epoch that lie so close behind that one request does. */
  static Wanted first(List<Wanted> all) {
    Wanted first = all.getFirst();
    long from = first.range.from();
    long most = from + MOST_NUMBERS - 1;
    long to = Math.min(first.range.to(), most);
    for (Wanted next : all.subList(1, all.size())) {
      boolean isClose = next.epoch.equals(first.epoch) && next.range.from() <= to + BRIDGE + 1;
      if (isClose && next.range.from() <= most) {
        to = Math.min(next.range.to(), most);
      }
    }
    return new Wanted(first.epoch, new Range(from, to));
  }

  /** The request for it. */
  String payload() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("epoch", epoch);
    tree.put("from", range.from());
    tree.put("to", range.to());
    return new String(Tree.bytes(tree), StandardCharsets.UTF_8);
  }
}
