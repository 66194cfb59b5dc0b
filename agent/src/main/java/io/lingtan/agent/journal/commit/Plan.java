package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.DataCodec;
import io.lingtan.agent.journal.code.ReportCodec;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.commit.Batch.Report;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.Chain;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Freed;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.Signatures;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.RecordJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One batch, numbered and packed into segments, before it is written. Nothing in memory changes
 * until it has been.
 */
public final class Plan {
  private static final int LARGE_JSON = 256 * 1024;

  private final Batch batch;
  private final int dataCount;
  private final int reportCount;
  private final Epoch epoch;
  private final long commits;
  private final long last;
  private final List<JournalRecord> records = new ArrayList<>();
  private final List<Segment> segments = new ArrayList<>();
  private final Map<String, Long> after = new HashMap<>();
  private final Map<Integer, Long> held = new HashMap<>();
  private final Freed freed = new Freed();
  private final Signatures.@Nullable Walk signed;
  private final UnaryOperator<Interval> telling;
  private final @Nullable Plan before;
  private boolean chainSaved;

  private Plan(
      Batch batch,
      Epoch epoch,
      Signatures.@Nullable Walk signed,
      UnaryOperator<Interval> telling,
      @Nullable Plan before) {
    this.signed = signed;
    this.telling = telling;
    this.before = before;
    this.batch = batch;
    this.dataCount = batch.data().size();
    this.reportCount = batch.reports().size();
    this.epoch = epoch;
    this.commits = (before == null ? epoch.commits() : before.commits) + 1;
    this.last = (before == null ? epoch.last() : before.last) + batch.size();
  }

  /**
   * @param telling as what an interval is told
   */
  public static Plan of(
      Batch batch,
      Epoch epoch,
      Chain chain,
      Signatures.@Nullable Walk signed,
      UnaryOperator<Interval> telling,
      long nowMillis,
      Boots boots,
      Segments codecs) {
    Plan plan = new Plan(batch, epoch, signed, telling, null);
    plan.number(chain, nowMillis);
    plan.pack(boots, codecs);
    return plan;
  }

  /** One that goes on where this one ends, which memory does not know yet. */
  public Plan next(Batch batch, Chain chain, long nowMillis, Boots boots, Segments codecs) {
    Plan plan = new Plan(batch, epoch, signed, telling, this);
    plan.number(chain, nowMillis);
    plan.pack(boots, codecs);
    return plan;
  }

  private void number(Chain chain, long nowMillis) {
    long seq = last - batch.size();
    for (Batch.Taken data : batch.data()) {
      seq++;
      long before = follow(chain, Chain.data(data.sample().device()), seq);
      records.add(new DataRecord(epoch.id(), seq, before, data.tsMillis(), data.sample()));
    }
    for (Report report : batch.reports()) {
      seq++;
      records.add(
          switch (report) {
            case Report.Closed(var interval) -> {
              long before = follow(chain, Chain.interval(interval.length()), seq);
              yield new IntervalRecord(
                  epoch.id(),
                  seq,
                  before,
                  nowMillis,
                  interval.length(),
                  json(seq, before, nowMillis, telling.apply(interval)));
            }
            case Report.Happened(var event, var boot, var atNanos, var ts) -> {
              long before = follow(chain, Chain.EVENTS, seq);
              yield new EventRecord(epoch.id(), seq, before, boot, atNanos, ts, event);
            }
          });
    }
  }

  private String json(long seq, long before, long nowMillis, Interval interval) {
    return signed == null
        ? RecordJson.interval(epoch.id(), seq, before, nowMillis, interval, null)
        : signed.record(epoch.id(), seq, before, nowMillis, interval);
  }

  private long follow(Chain chain, String stream, long seq) {
    Long inThis = after.put(stream, seq);
    Long inBefore = before == null ? null : before.after.get(stream);
    return inThis != null ? inThis : inBefore != null ? inBefore : chain.last(stream);
  }

  /** Runs of one class and one boot, none longer than its codec takes. */
  private void pack(Boots boots, Segments codecs) {
    int start = 0;
    while (start < records.size()) {
      Part part = part(records.get(start));
      int boot = undatedBoot(boots, records.get(start));
      int most = part == Part.DATA ? DataCodec.MOST : ReportCodec.MOST;
      int end = start;
      long size = 0;
      while (end < records.size()
          && end - start < most
          && size < LARGE_JSON
          && part(records.get(end)) == part
          && undatedBoot(boots, records.get(end)) == boot) {
        size += records.get(end) instanceof IntervalRecord interval ? interval.json().length() : 0;
        end++;
      }
      segments.add(segment(part, boot, records.subList(start, end), codecs));
      if (boot != 0) {
        held.merge(boot, (long) end - start, Long::sum);
      }
      start = end;
    }
  }

  private Segment segment(Part part, int boot, List<JournalRecord> run, Segments codecs) {
    byte[] body =
        switch (part) {
          case DATA -> codecs.dataCodec().encode(run.stream().map(DataRecord.class::cast).toList());
          case REPORTS -> codecs.reportCodec().encode(run);
        };
    int intervals = (int) run.stream().filter(r -> r instanceof IntervalRecord).count();
    JournalRecord first = run.getFirst();
    return new Segment(
        part, epoch.key(first.seq()), run.size(), intervals, boot, millis(first), body);
  }

  private static Part part(JournalRecord record) {
    return record instanceof DataRecord ? Part.DATA : Part.REPORTS;
  }

  static long millis(JournalRecord record) {
    return switch (record) {
      case DataRecord data -> data.tsMillis();
      case IntervalRecord interval -> interval.tsMillis();
      case EventRecord event -> event.tsMillis();
    };
  }

  private static int undatedBoot(Boots boots, JournalRecord record) {
    return switch (record) {
      case DataRecord data ->
          data.tsMillis() == JournalRecord.UNDATED ? boots.number(data.sample().boot()) : 0;
      case IntervalRecord interval -> 0;
      case EventRecord event ->
          event.tsMillis() == JournalRecord.UNDATED ? boots.number(event.boot()) : 0;
    };
  }

  public Batch batch() {
    return batch;
  }

  public int dataCount() {
    return dataCount;
  }

  public int reportCount() {
    return reportCount;
  }

  public Epoch epoch() {
    return epoch;
  }

  /** The epoch's commits with this one. */
  public long commits() {
    return commits;
  }

  /** The epoch's last seq with this batch. */
  public long last() {
    return last;
  }

  public List<JournalRecord> records() {
    return records;
  }

  public List<Segment> segments() {
    return segments;
  }

  /** Where the chain of signed records is after it; null where they are not signed. */
  public Signatures.@Nullable Walk signed() {
    return signed;
  }

  /** The last seq of each stream that the batch has records of. */
  public Map<String, Long> after() {
    return after;
  }

  /** Change of undated records, by boot number. */
  public Map<Integer, Long> held() {
    Map<Integer, Long> all = new HashMap<>(held);
    freed.held().forEach((boot, count) -> all.merge(boot, count, Long::sum));
    return all;
  }

  /** The same, once it is numbered and before a transaction has freed anything. */
  public Map<Integer, Long> lentHeld() {
    return Map.copyOf(held);
  }

  /** Puts what nobody has acknowledged before everything else in this batch. */
  void giveBack(Batch to) {
    long first = last - dataCount - reportCount + 1;
    to.addFirst(batch, i -> !epoch.isSettled(first + i));
  }

  public Freed freed() {
    return freed;
  }

  /** Its transaction writes the {@link Chain} too. */
  public void savedChain() {
    chainSaved = true;
  }

  public boolean isChainSaved() {
    return chainSaved;
  }

  public long pages() {
    return segments.stream().mapToLong(segment -> Space.pages(segment.body().length)).sum()
        + batch.kept().pages();
  }
}
