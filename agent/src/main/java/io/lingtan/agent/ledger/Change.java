package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.UsedFactors.Used;
import io.lingtan.agent.ledger.code.MetricsCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.meter.IntervalGrid;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.site.correction.Corrections;
import io.lingtan.agent.site.correction.Substitution;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A change of what intervals are worked out by: a factor, a declared value or a correction.
 *
 * @param of carrier and basis of a factor, such as {@code electricity location}; {@link #DECLARED}
 *     for what files tell
 * @param from first local day
 * @param to last local day, exclusive; {@link LocalDate#MAX} if it has no end
 * @param before what was used
 * @param after what is in force now
 */
record Change(String of, LocalDate from, LocalDate to, Used before, Used after) {

  /** Before the id of a correction. */
  static final String CORRECTION = "correction ";

  /** What files tell of a month: certificates, output values, buses. */
  static final String DECLARED = "feeds";

  static Change ofDeclared(YearMonth month) {
    return new Change(DECLARED, month.atDay(1), month.plusMonths(1).atDay(1), Used.NONE, Used.NONE);
  }

  /** What is corrected otherwise than before, oldest first. */
  static List<Change> ofCorrections(Corrections before, Corrections now, ZoneId zone) {
    Map<String, List<Substitution>> others = new TreeMap<>();
    for (List<Substitution> some : List.of(before.without(now), now.without(before))) {
      some.forEach(one -> others.computeIfAbsent(one.by().id(), id -> new ArrayList<>()).add(one));
    }
    List<Change> changes = new ArrayList<>();
    others.forEach(
        (id, some) -> {
          long from = some.stream().mapToLong(Substitution::startMillis).min().orElse(0);
          long to = some.stream().mapToLong(Substitution::endMillis).max().orElse(Long.MAX_VALUE);
          changes.add(
              new Change(
                  CORRECTION + id,
                  day(from, zone),
                  to == Long.MAX_VALUE ? LocalDate.MAX : day(to - 1, zone).plusDays(1),
                  Used.NONE,
                  new Used(
                      null,
                      new FactorUsed(
                          Long.toString(MetricsCodec.digest(some.toString())), "", "", false))));
        });
    return changes;
  }

  private static LocalDate day(long millis, ZoneId zone) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone);
  }

  boolean isCorrection() {
    return of.startsWith(CORRECTION);
  }

  /** Whether it is of days of this interval, and of a factor that was looked up for it. */
  boolean touches(RollUp rollUp, IntervalGrid grid) {
    return grid.date(rollUp.start()).isBefore(to)
        && grid.date(rollUp.end() - 1).compareTo(from) >= 0
        && (of.equals(DECLARED) || isCorrection() || rollUp.asked().contains(of));
  }

  /**
   * The same, of what had been told before {@code end}.
   *
   * @param first day of the first interval that was told
   * @param end day after the last
   */
  Change within(LocalDate first, LocalDate end) {
    return new Change(
        of, from.isBefore(first) ? first : from, to.isAfter(end) ? end : to, before, after);
  }

  boolean isEmpty() {
    return !from.isBefore(to);
  }

  /** What an event says of it. */
  Event tell(Event event) {
    Event told = event.with("of", of);
    if (!of.equals(DECLARED)) {
      told = tell(told, "old", before);
      told = tell(told, "new", after);
    }
    if (from.isAfter(LocalDate.EPOCH)) {
      told = told.with("from", from.toString());
    }
    return told.with("to", to.minusDays(1).toString());
  }

  private static Event tell(Event event, String which, Used used) {
    String id = used.id();
    if (id == null) {
      return event;
    }
    FactorUsed how = used.how();
    return event
        .with(which, id)
        .with(which + "_version", how.version())
        .with(which + "_value", how.value())
        .with(which + "_unit", how.ucum())
        .with(which + "_provisional", how.provisional());
  }

  void write(CheckpointWriter to) {
    to.text(of).number(from.toEpochDay()).number(this.to.toEpochDay());
    UsedFactors.write(before, to);
    UsedFactors.write(after, to);
  }

  static Change read(CheckpointReader from) {
    return new Change(
        from.text(),
        LocalDate.ofEpochDay(from.number()),
        LocalDate.ofEpochDay(from.number()),
        UsedFactors.readUsed(from),
        UsedFactors.readUsed(from));
  }
}
