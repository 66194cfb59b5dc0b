package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.agent.audit.zone.ZoneLeaf;
import io.lingtan.agent.seal.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one revision of an interval says, in whole milliwatt-hours and milligrams.
 *
 * @param length such as {@code 15m}
 * @param start UTC ms
 * @param end UTC ms
 * @param rev a higher one replaces a lower one
 * @param hash of the record that says it, with its signature
 * @param amounts by metric; one that is missing there is absent here, and never zero
 */
public record Figure(
    String gateway,
    String length,
    long start,
    long end,
    long rev,
    String epoch,
    long seq,
    String hash,
    SortedMap<String, Long> amounts)
    implements Outcome {

  /** Lengths that gateways have, by the longest that one can be, ms: a day may have two zones. */
  private static final Map<String, Long> LONGEST =
      Map.of(
          "1m", 60_000L,
          "5m", 300_000L,
          "10m", 600_000L,
          "15m", 900_000L,
          "30m", 1_800_000L,
          "1h", 3_600_000L,
          "1d", 2 * 86_400_000L,
          "1M", 33 * 86_400_000L,
          "1Y", 368 * 86_400_000L);

  public Figure {
    amounts = new TreeMap<>(amounts);
  }

  /**
   * Looks whether there is such an interval.
   *
   * @throws IllegalArgumentException if there is none
   */
  static void check(String length, long start, long end) {
    Long longest = LONGEST.get(length);
    if (longest == null || end <= start || end - start > longest) {
      throw new IllegalArgumentException("no interval: " + length + " of " + (end - start) + " ms");
    }
  }

  /** The longest that an interval of this length can be, ms; of a length that there is. */
  public static long longestMillis(String length) {
    return LONGEST.getOrDefault(length, 0L);
  }

  /**
   * Takes what is summed out of an interval record.
   *
   * @param hash of the record with its signature
   * @throws ArithmeticException if a number is not whole in millionths, or beyond {@value
   *     ZoneLeaf#MOST_AMOUNT} of them, or the revision is beyond 2^31
   * @throws NumberFormatException if one is none
   */
  static Figure of(
      String gateway,
      String epoch,
      long seq,
      long start,
      long end,
      String hash,
      JsonValue.Obj json) {
    return new Figure(
        gateway,
        String.valueOf(json.text("interval")),
        start,
        end,
        ZoneLeaf.rev(json),
        epoch,
        seq,
        hash,
        ZoneLeaf.amounts(json));
  }

  /** What the zone's tree has of it. */
  public ZoneLeaf leaf() {
    return new ZoneLeaf(gateway, epoch, seq, length, start, rev, hash, amounts);
  }

  /** Which interval of which gateway this is of: {@code GATEWAY LENGTH START}. */
  public String key() {
    return keyPrefix() + start;
  }

  /** What keys of this gateway and length begin with. */
  public String keyPrefix() {
    return gateway + " " + length + " ";
  }

  /** Which interval of the zone this belongs to: {@code LENGTH START}. */
  public String zoneKey() {
    return length + " " + start;
  }

  /** The one that replaces the other, whichever came first. */
  public static Figure newer(Figure one, Figure other) {
    int order = Long.compare(one.rev, other.rev);
    if (order == 0) {
      order = one.epoch.compareTo(other.epoch);
    }
    if (order == 0) {
      order = Long.compare(one.seq, other.seq);
    }
    return order >= 0 ? one : other;
  }

  /** One line of JSON. */
  public byte[] json() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("gateway", gateway);
    tree.put("length", length);
    tree.put("start", start);
    tree.put("end", end);
    tree.put("rev", rev);
    tree.put("epoch", epoch);
    tree.put("seq", seq);
    tree.put("hash", hash);
    tree.put("amounts", amounts);
    return Tree.bytes(tree);
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Figure read(byte[] json) {
    try {
      Tree tree = Tree.parse(json);
      return new Figure(
          tree.text("gateway"),
          tree.text("length"),
          tree.number("start"),
          tree.number("end"),
          tree.number("rev"),
          tree.text("epoch"),
          tree.number("seq"),
          tree.text("hash"),
          amounts(tree));
    } catch (Malformed e) {
      throw new IllegalArgumentException("not a figure: " + e.getMessage(), e);
    }
  }

  private static SortedMap<String, Long> amounts(Tree tree) throws Malformed {
    SortedMap<String, Long> amounts = new TreeMap<>();
    Tree members = tree.object("amounts");
    for (String name : members.names()) {
      amounts.put(name, members.number(name));
    }
    return amounts;
  }
}
