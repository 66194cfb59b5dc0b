package io.lingtan.agent.audit.verify;

import io.lingtan.agent.audit.verify.Flaw.Kind;
import io.lingtan.agent.seal.JsonValue;
import java.math.BigDecimal;
import java.text.Normalizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who put what in place of what meters counted, as records say: that two people answer for each
 * correction, that it is the same in all of them, and what it made of the figures before it.
 */
final class CorrectedRecords {

  private static final List<String> MEMBERS = List.of("reason", "document", "proposed", "approved");

  /** Beyond so many they are not told apart. */
  private static final int MOST = 1_000;

  private final Consumer<Flaw> flaws;
  private final SortedMap<String, Found> found = new TreeMap<>();

  /** Starts of base intervals that were told by a correction, with its ids. */
  private final Map<Long, String> corrected = new HashMap<>();

  private long withdrawn;

  /** One correction. */
  private static final class Found {
    private final Map<String, String> said;
    private long records;
    private long bases;
    private long from = Long.MAX_VALUE;
    private long to = Long.MIN_VALUE;

    /** By figure, what was told before and what is told by it, of base intervals of both. */
    private final SortedMap<String, BigDecimal[]> figures = new TreeMap<>();

    Found(Map<String, String> said) {
      this.said = said;
    }
  }

  CorrectedRecords(Consumer<Flaw> flaws) {
    this.flaws = flaws;
  }

  /**
   * @param before what the revision before it said, of a base interval; null if it is not known
   * @return whether somebody corrected it, or took a correction back
   */
  boolean take(SealedRecord record, @Nullable BaseFigures before) {
    Map<String, JsonValue> members = record.json().object("corrections").members();
    boolean isBase = record.length().endsWith("m");
    for (String id : members.keySet()) {
      take(record, id, record.json().object("corrections").object(id), isBase, before);
    }
    if (!isBase) {
      return !members.isEmpty();
    }
    String ids = String.join(" ", members.keySet());
    String earlier =
        members.isEmpty() ? corrected.remove(record.start()) : corrected.put(record.start(), ids);
    if (earlier != null && members.isEmpty()) {
      withdrawn++;
    }
    return earlier != null || !members.isEmpty();
  }

  private void take(
      SealedRecord record,
      String id,
      JsonValue.Obj correction,
      boolean isBase,
      @Nullable BaseFigures before) {
    Map<String, String> said = new HashMap<>();
    for (String member : MEMBERS) {
      String text = correction.text(member);
      if (text == null || text.isBlank()) {
        flaw(record, id, member, "is not there: nobody can answer for it");
        return;
      }
      said.put(member, text);
    }
    if (plain(said.getOrDefault("proposed", "")).equals(plain(said.getOrDefault("approved", "")))) {
      flaw(record, id, "approved", "is who proposed it: nobody approves the own proposal");
    }
    if (found.size() >= MOST && !found.containsKey(id)) {
      return;
    }
    Found of = found.computeIfAbsent(id, first -> new Found(said));
    of.records++;
    of.from = Math.min(of.from, record.start());
    of.to = Math.max(of.to, record.end());
    if (!isBase) {
      return;
    }
    of.bases++;
    if (before != null) {
      add(of, record.json().object("metrics"), before);
    }
  }

  private static String plain(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFKC)
        .replaceAll("[\\s\\p{Z}\\p{C}]+", "")
        .toLowerCase(Locale.ROOT);
  }

  private void flaw(SealedRecord record, String id, String member, String what) {
    flaws.accept(record.flaw(Kind.CORRECTION, "corrections." + id + "." + member, what));
  }

  private static void add(Found of, JsonValue.Obj metrics, BaseFigures before) {
    for (String name : metrics.members().keySet()) {
      String value = metrics.object(name).number("v");
      BigDecimal old = before.value(name);
      boolean isTold = name.startsWith("elec.") || name.startsWith("co2.scope");
      if (isTold && value != null && old != null && old.compareTo(new BigDecimal(value)) != 0) {
        of.figures.merge(
            name,
            new BigDecimal[] {old, new BigDecimal(value)},
            (sum, more) -> new BigDecimal[] {sum[0].add(more[0]), sum[1].add(more[1])});
      }
    }
  }

  /** Each with both people, and figures before and after; in words. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    found.forEach(
        (id, of) -> {
          StringBuilder text =
              new StringBuilder(
                  "correction %s, proposed by %s, approved by %s, document %s: %s; %d records, %d base intervals, %s to %s"
                      .formatted(
                          id,
                          of.said.get("proposed"),
                          of.said.get("approved"),
                          of.said.get("document"),
                          of.said.get("reason"),
                          of.records,
                          of.bases,
                          Instant.ofEpochMilli(of.from),
                          Instant.ofEpochMilli(of.to)));
          of.figures.forEach(
              (name, sums) ->
                  text.append("; ")
                      .append(name)
                      .append(' ')
                      .append(sums[0].stripTrailingZeros().toPlainString())
                      .append(" became ")
                      .append(sums[1].stripTrailingZeros().toPlainString()));
          words.add(text.toString());
        });
    if (withdrawn > 0) {
      words.add(
          withdrawn + " base intervals were told again without the correction that they had had");
    }
    return words;
  }
}
