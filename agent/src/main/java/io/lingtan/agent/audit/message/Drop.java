package io.lingtan.agent.audit.message;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's word that exactly {@code count} records of {@code kind} within from..to, ends
 * included, are gone.
 *
 * @param from first seq of the range, ≥ 1
 * @param to last seq of the range
 * @param count 1..to − from + 1
 * @param kind {@code data}, {@code interval} or {@code event}
 * @param reason why, such as {@code max_size} or {@code too_large}
 */
public record Drop(long from, long to, long count, String kind, String reason) {

  private static final int LONGEST_WORD = 64;

  public boolean covers(Range range) {
    return from <= range.from() && range.to() <= to;
  }

  /** Whether this is {@code earlier} grown by a merge. */
  public boolean replaces(Drop earlier) {
    return kind.equals(earlier.kind)
        && reason.equals(earlier.reason)
        && from <= earlier.from
        && earlier.to <= to;
  }

  public static Drop from(Tree tree) throws Malformed {
    long from = tree.number("from");
    long to = tree.number("to");
    long count = tree.number("count");
    if (from < 1 || to < from || to > Tree.HIGHEST_SEQ || count < 0 || count > to - from + 1) {
      throw new Malformed("a drop that cannot be");
    }
    return new Drop(
        from, to, count, shown(tree.textOrNull("kind")), shown(tree.textOrNull("reason")));
  }

  private static String shown(@Nullable String word) {
    return word != null && word.length() > LONGEST_WORD
        ? word.substring(0, LONGEST_WORD)
        : String.valueOf(word);
  }

  public Map<String, @Nullable Object> save() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("from", from);
    tree.put("to", to);
    tree.put("count", count);
    tree.put("kind", kind);
    tree.put("reason", reason);
    return tree;
  }
}
