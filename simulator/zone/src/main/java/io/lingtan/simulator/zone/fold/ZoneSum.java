package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
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
    SortedMap<String, BigInteger> amounts,
    SortedMap<String, Long> counts) {

  public static final ZoneSum NONE = new ZoneSum(0, 0, 0, new TreeMap<>(), new TreeMap<>());

  public ZoneSum {
    amounts = new TreeMap<>(amounts);
    counts = new TreeMap<>(counts);
  }

  public ZoneSum add(Figure figure) {
    return changed(figure, BigInteger::add, 1);
  }

  public ZoneSum subtract(Figure figure) {
    return changed(figure, BigInteger::subtract, -1);
  }

  private ZoneSum changed(Figure figure, BinaryOperator<BigInteger> how, int gateway) {
    SortedMap<String, BigInteger> sums = new TreeMap<>(amounts);
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
                BigInteger before = sums.getOrDefault(metric, BigInteger.ZERO);
                sums.put(metric, how.apply(before, BigInteger.valueOf(amount)));
              }
            });
    return new ZoneSum(Math.max(end, figure.end()), rev + 1, gateways + gateway, sums, values);
  }

  /** The amounts as decimal digits: as numbers of JSON a reader may round them. */
  public Map<String, @Nullable Object> decimals() {
    Map<String, @Nullable Object> decimals = new LinkedHashMap<>();
    amounts.forEach((metric, amount) -> decimals.put(metric, amount.toString()));
    return decimals;
  }

  /** One line of JSON. */
  public byte[] json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("end", end);
    tree.put("rev", rev);
    tree.put("gateways", gateways);
    tree.put("amounts", decimals());
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
      SortedMap<String, BigInteger> amounts = new TreeMap<>();
      Tree decimals = tree.object("amounts");
      for (String name : decimals.names()) {
        amounts.put(name, new BigInteger(decimals.text(name)));
      }
      SortedMap<String, Long> counts = new TreeMap<>();
      Tree members = tree.object("counts");
      for (String name : members.names()) {
        counts.put(name, members.number(name));
      }
      return new ZoneSum(
          tree.number("end"), tree.number("rev"), tree.number("gateways"), amounts, counts);
    } catch (Malformed e) {
      throw new IllegalArgumentException("not a sum: " + e.getMessage(), e);
    }
  }
}
