package io.lingtan.agent.audit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of asking for missing records once more.
 *
 * @param requests how many requests were sent
 * @param repaired records that came by them and had been missing
 * @param left what is still missing, in order
 */
public record RepairReport(long requests, long repaired, List<Left> left) {

  public RepairReport {
    left = List.copyOf(left);
  }

  /** Why something is still missing. */
  public enum Why {
    /** The gateway no longer has it. */
    GONE("gone: the gateway no longer has it"),
    /** It fits into no packet that the broker takes. */
    TOO_LARGE("too large for the broker"),
    /** The gateway, or the broker, refused. */
    REFUSED("refused"),
    /** Asked as often as may be, and it did not come. */
    NO_ANSWER("no answer"),
    /** The gateway was not there to be asked, or there was no time. */
    NOT_ASKED("not asked for");

    private final String words;

    Why(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Records that are still missing.
   *
   * @param count how many of from..to
   * @param detail in words, empty if there is nothing more to say
   */
  public record Left(
      String gateway, String epoch, long from, long to, long count, Why why, String detail) {}

  private static final int MOST_PRINTED = 50;

  /** Lines for a person. */
  void write(ReportLines out) {
    out.add(
        "repair: %,d requests, %,d records brought back, %,d still missing",
        requests, repaired, missing());
    for (Left each : left.subList(0, Math.min(MOST_PRINTED, left.size()))) {
      out.add(
          "  %s epoch %s: %s %s%s",
          each.gateway(),
          each.epoch(),
          new Hole(each.from(), each.to(), each.count()),
          each.why().words(),
          each.detail().isEmpty() ? "" : ": " + each.detail());
    }
    if (left.size() > MOST_PRINTED) {
      out.add("  and in %,d more places", left.size() - MOST_PRINTED);
    }
  }

  /** For programs. */
  Map<String, @Nullable Object> tree() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("requests", requests);
    tree.put("repaired", repaired);
    tree.put("missing", missing());
    List<Object> list = new ArrayList<>();
    for (Left each : left) {
      Map<String, @Nullable Object> one = new LinkedHashMap<>();
      one.put("gateway", each.gateway());
      one.put("epoch", each.epoch());
      one.put("from", each.from());
      one.put("to", each.to());
      one.put("count", each.count());
      one.put("why", each.why().word());
      one.put("detail", each.detail().isEmpty() ? null : each.detail());
      list.add(one);
    }
    tree.put("left", list);
    return tree;
  }

  /** How many records are still missing. */
  public long missing() {
    return left.stream().mapToLong(Left::count).sum();
  }

  public boolean isWhole() {
    return left.isEmpty();
  }
}
