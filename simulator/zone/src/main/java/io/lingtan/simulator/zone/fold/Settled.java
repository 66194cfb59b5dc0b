package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.NumberSet;
import io.lingtan.agent.audit.message.Range;
import io.lingtan.agent.audit.message.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of an epoch that a gateway may take for delivered: what {@code cmd/ack} says.
 *
 * @param upto every number from 1 to it, 0 for none
 * @param ranges above it, ascending, {@value #MOST_RANGES} at most; further ones are told once
 *     these have grown together
 */
public record Settled(String epoch, long upto, List<Range> ranges) {

  private static final int MOST_RANGES = 64;

  public Settled {
    ranges = List.copyOf(ranges);
  }

  static Settled of(String epoch, NumberSet numbers) {
    List<Range> all = numbers.all();
    boolean fromOne = !all.isEmpty() && all.getFirst().from() == 1;
    List<Range> above = fromOne ? all.subList(1, all.size()) : all;
    return new Settled(
        epoch,
        fromOne ? all.getFirst().to() : 0,
        above.subList(0, Math.min(MOST_RANGES, above.size())));
  }

  /** As the payload of {@code cmd/ack}. */
  public byte[] json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("epoch", epoch);
    tree.put("upto", upto);
    List<Object> pairs = new ArrayList<>();
    ranges.forEach(range -> pairs.add(List.of(range.from(), range.to())));
    if (!pairs.isEmpty()) {
      tree.put("ranges", pairs);
    }
    return Tree.bytes(tree);
  }
}
