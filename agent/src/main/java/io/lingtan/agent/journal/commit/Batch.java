package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Sample;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Records that will be committed together. Numbers are given at the commit: data first, then
 * intervals and events in the order in which they were added. Ledger thread.
 */
public final class Batch {
  /** A sample that has no number yet. */
  record Taken(Sample sample, long tsMillis) {}

  /** What goes into a segment beside data. */
  sealed interface Report {
    record Closed(Interval interval) implements Report {}

    record Happened(Event event, String boot, long atNanos, long tsMillis) implements Report {}
  }

  /** Takes whole batches. */
  public interface Writer {

    /**
     * @throws JournalUnavailable if it could not be written
     */
    void commit(Batch batch, long nowMillis, byte @Nullable [] ledgerState);

    /** Keeps it in memory that outlives the process; whether it could. */
    boolean lend(Batch batch, long nowMillis);
  }

  private final Writer writer;
  private final String boot;
  private final List<Taken> data = new ArrayList<>();
  private final List<Report> reports = new ArrayList<>();
  private final Map<String, PulseTotal> totals = new LinkedHashMap<>();
  private final Map<String, String> serials = new LinkedHashMap<>();
  private final Kept.Page kept = new Kept.Page();
  private boolean committed;

  public Batch(Writer writer, String boot) {
    this.writer = writer;
    this.boot = boot;
  }

  /**
   * @param tsMillis UTC ms of the sample's instant, or {@link
   *     io.lingtan.agent.reading.JournalRecord#UNDATED}
   */
  public void data(Sample sample, long tsMillis) {
    data.add(new Taken(sample, tsMillis));
  }

  public void interval(Interval interval) {
    reports.add(new Report.Closed(interval));
  }

  /**
   * An event of this boot.
   *
   * @param atNanos monotonic nanoseconds at which it was noticed
   * @param tsMillis UTC ms of that instant, or UNDATED
   */
  public void event(Event event, long atNanos, long tsMillis) {
    event(event, boot, atNanos, tsMillis);
  }

  /**
   * An event of any boot.
   *
   * @param boot id of the boot that {@code atNanos} counts from
   */
  public void event(Event event, String boot, long atNanos, long tsMillis) {
    reports.add(new Report.Happened(event, boot, atNanos, tsMillis));
  }

  /** A pulse input's total, which is kept in place of an earlier one. It is no record. */
  public void total(PulseTotal total) {
    totals.put(total.device(), total);
  }

  /** Which meter is in a device's place, kept in place of an earlier one. It is no record. */
  public void serial(String device, String serial) {
    serials.put(device, serial);
  }

  /** The energies of a base interval, kept for years in place of earlier ones. It is no record. */
  public void energies(long startMillis, byte[] body) {
    kept.energies(startMillis, body);
  }

  /**
   * What a longer interval was made of, kept in the same way.
   *
   * @param length {@code 1h 1d 1M 1Y}
   */
  public void longer(String length, long startMillis, byte[] body) {
    kept.longer(length, startMillis, body);
  }

  /** Something to remember, in place of what was remembered under that name. */
  public void memo(String name, byte[] body) {
    kept.memo(name, body);
  }

  /** What was kept of intervals that start before that is deleted, some with each commit. */
  public void forgetKept(long beforeMillis) {
    kept.forget(beforeMillis);
  }

  /** Whether it has energies or longer intervals to keep: they cannot be read back yet. */
  public boolean hasKept() {
    return kept.rows() > 0;
  }

  /** How many records are in it. */
  public int size() {
    return data.size() + reports.size();
  }

  /** Whether there is nothing in it to be kept. */
  public boolean isEmpty() {
    return data.isEmpty()
        && reports.isEmpty()
        && totals.isEmpty()
        && serials.isEmpty()
        && kept.isEmpty();
  }

  /**
   * Numbers and writes everything, with the totals and the acknowledgements received so far. An
   * empty batch saves just those, if there are new ones.
   *
   * @param nowMillis UTC ms for the {@code ts} of interval records, or UNDATED if there are none
   * @param ledgerState the ledger's state after this batch, null to write no checkpoint
   * @throws JournalUnavailable if it could not be written: nothing of it is on the card, the batch
   *     is still whole and may be added to and committed again
   */
  public void commit(long nowMillis, byte @Nullable [] ledgerState) {
    check(nowMillis);
    writer.commit(this, nowMillis, ledgerState);
    committed = true;
  }

  /**
   * Numbers everything although it cannot be written now, so that it can be published; the next
   * commit that succeeds writes it. The batch is done with then, as after {@link #commit}.
   *
   * @param nowMillis as for {@link #commit}
   * @return whether that could be done; if not the batch is still whole
   */
  public boolean lend(long nowMillis) {
    check(nowMillis);
    committed = size() > 0 && writer.lend(this, nowMillis);
    return committed;
  }

  private void check(long nowMillis) {
    if (committed) {
      throw new IllegalStateException("this batch is committed, begin another");
    }
    if (nowMillis == JournalRecord.UNDATED
        && reports.stream().anyMatch(report -> report instanceof Report.Closed)) {
      throw new IllegalArgumentException("interval records are never undated");
    }
  }

  /** Keeps the first of each, with the totals, and returns the others. */
  public Batch split(int data, int reports) {
    Batch rest = new Batch(writer, boot);
    List<Taken> otherData = this.data.subList(data, this.data.size());
    List<Report> otherReports = this.reports.subList(reports, this.reports.size());
    rest.data.addAll(otherData);
    rest.reports.addAll(otherReports);
    otherData.clear();
    otherReports.clear();
    return rest;
  }

  /** Takes back what {@link #split} took off. */
  public void join(Batch rest) {
    data.addAll(rest.data);
    reports.addAll(rest.reports);
  }

  /**
   * Puts records of another batch before those of this one.
   *
   * @param wanted by place among the other's records, as they are numbered
   */
  void addFirst(Batch other, IntPredicate wanted) {
    int numbered = other.data.size();
    List<Taken> firstData = new ArrayList<>();
    for (int i = 0; i < numbered; i++) {
      if (wanted.test(i)) {
        firstData.add(other.data.get(i));
      }
    }
    List<Report> firstReports = new ArrayList<>();
    for (int i = 0; i < other.reports.size(); i++) {
      if (wanted.test(numbered + i)) {
        firstReports.add(other.reports.get(i));
      }
    }
    data.addAll(0, firstData);
    reports.addAll(0, firstReports);
    other.totals.forEach(totals::putIfAbsent);
    other.serials.forEach(serials::putIfAbsent);
    kept.addFirst(other.kept);
  }

  List<Taken> data() {
    return data;
  }

  List<Report> reports() {
    return reports;
  }

  public Collection<PulseTotal> totals() {
    return totals.values();
  }

  public Map<String, String> serials() {
    return serials;
  }

  public Kept.Page kept() {
    return kept;
  }

  /** A commit that had seemed to fail turns out to have reached the card. */
  public void alreadyCommitted(int data, int reports) {
    this.data.subList(0, data).clear();
    this.reports.subList(0, reports).clear();
  }
}
