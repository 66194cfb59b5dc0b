package io.lingtan.agent.ledger;

import io.lingtan.agent.carbon.sheet.Factors;
import io.lingtan.agent.carbon.sheet.Factors.InForce;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Site;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What intervals of each day were worked out by beside readings: the factor of each carrier and
 * basis, and what the site's files tell of each month. It is kept with the journal, so that a start
 * notices what has become another since.
 *
 * @param factors by carrier and basis, such as {@code electricity location}: from each day on
 * @param declared a hash of what the site's files tell of each month
 */
record UsedFactors(
    NavigableMap<String, NavigableMap<LocalDate, Used>> factors,
    NavigableMap<YearMonth, Long> declared) {

  private static final List<Standing> STANDINGS = List.of(Standing.values());

  /** Before any factor's validity. */
  private static final LocalDate FIRST = LocalDate.EPOCH;

  /**
   * A factor as it is in force, or that there is none.
   *
   * @param id null if there is none
   */
  record Used(@Nullable String id, FactorUsed how) {

    static final Used NONE = new Used(null, new FactorUsed("", "", "", false));

    static Used of(@Nullable InForce factor) {
      return factor == null ? NONE : new Used(factor.factor().id(), factor.used());
    }

    /**
     * Whether figures are the same by both. A table that has got another version for the sake of
     * other factors leaves them as they are.
     */
    boolean isLike(Used other) {
      return Objects.equals(id, other.id)
          && how.value().equals(other.how.value())
          && how.ucum().equals(other.how.ucum())
          && how.provisional() == other.how.provisional()
          && how.standing() == other.how.standing();
    }
  }

  /** By the tables and files as they are loaded now. */
  static UsedFactors of(Site site) {
    Site.Carbon carbon = site.carbon();
    Factors lookup =
        new Factors(carbon.tables(), carbon.accepted(), site.place().region(), site.place().zone());
    SortedSet<LocalDate> days = new TreeSet<>(List.of(FIRST));
    SortedSet<String> kinds = new TreeSet<>();
    for (FactorTable table : carbon.tables()) {
      for (Factor factor : table.factors()) {
        kinds.add(factor.carrier() + " " + factor.basis());
        days.add(factor.validFrom());
        LocalDate last = factor.validTo();
        if (last != null) {
          days.add(last.plusDays(1));
        }
        days.add(LocalDate.of(factor.dataYear(), 1, 1));
        days.add(LocalDate.of(factor.dataYear() + 1, 1, 1));
      }
    }
    NavigableMap<String, NavigableMap<LocalDate, Used>> factors = new TreeMap<>();
    for (String kind : kinds) {
      NavigableMap<LocalDate, Used> stretches = new TreeMap<>();
      for (LocalDate day : days) {
        Used used = Used.of(lookup.inForce(kind, day));
        if (stretches.isEmpty() || !stretches.lastEntry().getValue().equals(used)) {
          stretches.put(day, used);
        }
      }
      factors.put(kind, stretches);
    }
    return new UsedFactors(factors, declared(carbon.fed().and(certificates(carbon))));
  }

  private static Feeds certificates(Site.Carbon carbon) {
    return Feeds.of(List.of(), List.of(), carbon.certificates());
  }

  private static NavigableMap<YearMonth, Long> declared(Feeds feeds) {
    NavigableMap<YearMonth, Long> months = new TreeMap<>();
    feeds.buses().forEach(row -> add(months, YearMonth.from(row.day()), row.toString()));
    feeds.outputs().forEach(row -> add(months, row.month(), row.toString()));
    feeds.certificates().applied().forEach(row -> add(months, row.month(), row.toString()));
    feeds.activities().forEach(row -> add(months, YearMonth.from(row.day()), row.toString()));
    return months;
  }

  /** Whatever the order of rows. */
  private static void add(Map<YearMonth, Long> months, YearMonth month, String row) {
    months.merge(month, MetricsCodec.digest(row), Long::sum);
  }

  /** What is another by {@code now}, oldest first. */
  List<Change> changes(UsedFactors now) {
    List<Change> changes = new ArrayList<>();
    SortedSet<String> kinds = new TreeSet<>(factors.keySet());
    kinds.addAll(now.factors.keySet());
    for (String kind : kinds) {
      changes.addAll(changes(kind, this, now));
    }
    SortedSet<YearMonth> months = new TreeSet<>(declared.keySet());
    months.addAll(now.declared.keySet());
    for (YearMonth month : months) {
      if (!Objects.equals(declared.get(month), now.declared.get(month))) {
        changes.add(Change.ofDeclared(month));
      }
    }
    changes.sort(Comparator.comparing(Change::from));
    return changes;
  }

  /** What is in force on a day. */
  Used inForce(String kind, LocalDate day) {
    Map.Entry<LocalDate, Used> found = stretches(kind).floorEntry(day);
    return found == null ? Used.NONE : found.getValue();
  }

  private NavigableMap<LocalDate, Used> stretches(String kind) {
    return factors.getOrDefault(kind, new TreeMap<>(Map.of(FIRST, Used.NONE)));
  }

  private static List<Change> changes(String kind, UsedFactors before, UsedFactors after) {
    SortedSet<LocalDate> days = new TreeSet<>(before.stretches(kind).keySet());
    days.addAll(after.stretches(kind).keySet());
    List<LocalDate> bounds = List.copyOf(days);
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < bounds.size(); i++) {
      LocalDate from = bounds.get(i);
      LocalDate to = i + 1 < bounds.size() ? bounds.get(i + 1) : LocalDate.MAX;
      Used old = before.inForce(kind, from);
      Used used = after.inForce(kind, from);
      if (old.isLike(used)) {
        continue;
      }
      Change last = changes.isEmpty() ? null : changes.getLast();
      if (last != null
          && last.to().equals(from)
          && last.before().isLike(old)
          && last.after().isLike(used)) {
        changes.removeLast();
        from = last.from();
      }
      changes.add(new Change(kind, from, to, old, used));
    }
    return changes;
  }

  void write(CheckpointWriter to) {
    to.number(factors.size());
    factors.forEach(
        (kind, stretches) -> {
          to.text(kind).number(stretches.size());
          stretches.forEach(
              (day, used) -> {
                to.number(day.toEpochDay());
                write(used, to);
              });
        });
    to.number(declared.size());
    declared.forEach((month, digest) -> to.number(month.atDay(1).toEpochDay()).number(digest));
  }

  static void write(Used used, CheckpointWriter to) {
    FactorUsed how = used.how;
    to.word(used.id == null ? "" : used.id);
    to.word(how.value()).word(how.ucum()).word(how.version()).flag(how.provisional());
    to.number(STANDINGS.indexOf(how.standing()));
  }

  /**
   * @throws IllegalArgumentException if the bytes are torn
   */
  static UsedFactors read(CheckpointReader from) {
    NavigableMap<String, NavigableMap<LocalDate, Used>> factors = new TreeMap<>();
    for (int left = from.count(); left > 0; left--) {
      String kind = from.text();
      NavigableMap<LocalDate, Used> stretches = new TreeMap<>();
      for (int stretch = from.count(); stretch > 0; stretch--) {
        stretches.put(LocalDate.ofEpochDay(from.number()), readUsed(from));
      }
      factors.put(kind, stretches);
    }
    NavigableMap<YearMonth, Long> declared = new TreeMap<>();
    for (int left = from.count(); left > 0; left--) {
      declared.put(YearMonth.from(LocalDate.ofEpochDay(from.number())), from.number());
    }
    return new UsedFactors(factors, declared);
  }

  static Used readUsed(CheckpointReader from) {
    String id = MetricsCodec.orNull(from.word());
    return new Used(
        id,
        new FactorUsed(
            from.word(),
            from.word(),
            from.word(),
            from.flag(),
            STANDINGS.get((int) from.number()),
            null));
  }
}
