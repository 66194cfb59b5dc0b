package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one interval, added up over the gateways of the zone. What is added is what was
 * subtracted before, or new: a revision replaces.
 *
 * @param end UTC ms, the latest of those added
 * @param rev counts the changes, so that a reader of these can tell the newest
 * @param gateways how many figures are in it
 * @param amounts by metric, whole milliwatt-hours and milligrams
 * @param counts by metric, how many gateways have a value: what is missing there is in no sum
 */
public record ZoneSum(
    long end,
    long rev,
    long gateways,
    SortedMap<String, Long> amounts,
    SortedMap<String, Long> counts) {

  public static final ZoneSum NONE = new ZoneSum(0, 0, 0, new TreeMap<>(), new TreeMap<>());

  public ZoneSum {
    amounts = new TreeMap<>(amounts);
    counts = new TreeMap<>(counts);
  }

  public ZoneSum add(Figure figure) {
    return changed(figure, Long::sum, 1);
  }

  public ZoneSum subtract(Figure figure) {
    return changed(figure, (sum, amount) -> sum - amount, -1);
  }

  /**
   * Goes round beyond 2^63, where a revision brings it back: a sum that throws would throw again.
   */
  private ZoneSum changed(Figure figure, LongBinaryOperator how, int gateway) {
    SortedMap<String, Long> sums = new TreeMap<>(amounts);
    SortedMap<String, Long> values = new TreeMap<>(counts);
    figure
        .amounts()
        .forEach(
            (metric, amount) -> {
              long count = values.getOrDefault(metric, 0L) + gateway;
              if (count == 0) {
                values.remove(metric);
                sums.remove(metric);
              } else {
                values.put(metric, count);
                sums.put(metric, how.applyAsLong(sums.getOrDefault(metric, 0L), amount));
              }
            });
    return new ZoneSum(Math.max(end, figure.end()), rev + 1, gateways + gateway, sums, values);
  }

  /** One line of JSON. */
  public byte[] json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("end", end);
    tree.put("rev", rev);
    tree.put("gateways", gateways);
    tree.put("amounts", amounts);
    tree.put("counts", counts);
    return Tree.bytes(tree);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static ZoneSum read(byte[] json) {
    try {
      Tree tree = Tree.parse(json);
      SortedMap<String, Long> counts = new TreeMap<>();
      Tree members = tree.object("counts");
      for (String name : members.names()) {
        counts.put(name, members.number(name));
      }
      return new ZoneSum(
          tree.number("end"),
          tree.number("rev"),
          tree.number("gateways"),
          Figure.amounts(tree),
          counts);
    } catch (Malformed e) {
      throw new IllegalArgumentException("not a sum: " + e.getMessage(), e);
    }
  }
}
