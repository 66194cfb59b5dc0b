package io.lingtan.agent.publish;

import io.lingtan.agent.journal.Records;
import io.lingtan.agent.journal.Reread;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Previous;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A journal without a disk. Any thread. */
public final class MemoryOutbox implements Records {

  /** Numbers looked at in one piece. */
  static final int PIECE = 100;

  private final Map<String, TreeMap<Long, JournalRecord>> records = new LinkedHashMap<>();
  private final Map<String, TreeSet<Long>> acked = new HashMap<>();
  private final Map<String, Long> afters = new HashMap<>();
  final List<String> setAside = new ArrayList<>();
  public final List<String> doubleAcks = new ArrayList<>();
  public String epoch;
  long held;
  long blockedSince = StoreSnapshot.NOT_BLOCKED;
  public boolean isUnreadable;

  /** Up to which number another copy has the same; less than 0 if there is none. */
  long common = -1;

  private final Map<String, StoreSnapshot.Range> reused = new HashMap<>();
  Runnable onCommit = () -> {};
  long datedUntil = JournalRecord.UNDATED;

  public MemoryOutbox(String epoch) {
    begin(epoch);
  }

  public synchronized void begin(String next) {
    epoch = next;
    records.put(next, new TreeMap<>());
    acked.put(next, new TreeSet<>());
    afters.clear();
    onCommit.run();
  }

  private NavigableMap<Long, JournalRecord> of(String name) {
    return records.getOrDefault(name, new TreeMap<>());
  }

  private long next() {
    NavigableMap<Long, JournalRecord> now = of(epoch);
    return now.isEmpty() ? 1 : now.lastKey() + 1;
  }

  private long after(String stream, long seq) {
    Long before = afters.put(stream, seq);
    return before == null ? 0 : before;
  }

  public long data(String device, long tsMillis) {
    return data(device, tsMillis, "");
  }

  /**
   * @param state makes the record as large as wanted
   */
  public synchronized long data(String device, long tsMillis, String state) {
    Values.Builder values = new Values.Builder().put(Point.of("power"), next() * 1_000_000);
    if (!state.isEmpty()) {
      values.state(state);
    }
    return data(device, tsMillis, values.build());
  }

  public synchronized long data(String device, long tsMillis, Values values) {
    long seq = next();
    Sample sample = Sample.of(device, "boot-1", seq, values);
    of(epoch).put(seq, new DataRecord(epoch, seq, after(device, seq), tsMillis, sample));
    onCommit.run();
    return seq;
  }

  public synchronized long interval(String length) {
    long seq = next();
    long after = after("interval/" + length, seq);
    String json =
        ("{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":5,\"interval\":\"%s\",\"start\":0,"
                + "\"end\":900000,\"rev\":0,\"metrics\":{},\"registers\":{},\"factors\":{},"
                + "\"prev\":\"%s\",\"sig\":\"%s\"}")
            .formatted(epoch, seq, after, length, "A".repeat(43), "A".repeat(86));
    of(epoch).put(seq, new IntervalRecord(epoch, seq, after, 5, length, json));
    onCommit.run();
    return seq;
  }

  public synchronized long event(String name) {
    long seq = next();
    of(epoch)
        .put(
            seq,
            new EventRecord(
                epoch,
                seq,
                after("event", seq),
                "boot-1",
                seq,
                5,
                Event.of(name, Event.Severity.INFO)));
    onCommit.run();
    return seq;
  }

  @Override
  public synchronized List<JournalRecord> read(
      String name, Set<Kind> kinds, long fromSeq, int most) {
    Set<Long> done = acked.getOrDefault(name, new TreeSet<>());
    return of(name).tailMap(fromSeq, true).values().stream()
        .filter(record -> kinds.contains(record.kind()) && !done.contains(record.seq()))
        .limit(most)
        .toList();
  }

  /** There is no other process that could take it up. */
  @Override
  public void keepAcknowledged() {}

  @Override
  public synchronized void acknowledged(String name, long seq) {
    if (!acked.computeIfAbsent(name, e -> new TreeSet<>()).add(seq)) {
      doubleAcks.add(name + "/" + seq);
    }
  }

  @Override
  public synchronized void setAside(JournalRecord record, String reason) {
    setAside.add(record.seq() + " " + reason);
    acked.computeIfAbsent(record.epoch(), e -> new TreeSet<>()).add(record.seq());
  }

  @Override
  public void tellAgain(JournalRecord record, String reason) {
    setAside(record, reason + ", told again");
  }

  @Override
  public boolean toldElsewhere(
      String run, String other, Map<String, Long> lasts, long rev, long untilMillis) {
    return false;
  }

  @Override
  public boolean isLearning() {
    return false;
  }

  @Override
  public boolean isRetold(String name, long seq, int rev, long endMillis) {
    return false;
  }

  @Override
  public boolean isRetold(JournalRecord record) {
    return false;
  }

  @Override
  public synchronized long last(String name) {
    return records.containsKey(name) ? lastOf(name) : -1;
  }

  @Override
  public synchronized @Nullable Reread again(String name, long from, long to, int most) {
    if (isUnreadable || !records.containsKey(name)) {
      return null;
    }
    List<JournalRecord> found = new ArrayList<>();
    List<StoreSnapshot.Range> gone = new ArrayList<>();
    long count = 0;
    long next = from;
    for (; next <= to && next < from + PIECE && (most == 0 || found.size() < most); next++) {
      JournalRecord record = of(name).get(next);
      if (record == null) {
        gone.add(new StoreSnapshot.Range(next, next));
      } else {
        count++;
        if (most > 0) {
          found.add(record);
        }
      }
    }
    return new Reread(found, count, 0, gone, next);
  }

  /** Goes on numbering from here, as after a long time. */
  public synchronized void jumpTo(String name, long seq) {
    Sample sample = Sample.of("pv1", "boot-1", seq, new Values.Builder().build());
    of(name).put(seq, new DataRecord(name, seq, 0, 1000, sample));
    onCommit.run();
  }

  /** What was numbered and is not kept any longer. */
  public synchronized void forget(String name, long from, long to) {
    of(name).subMap(from, true, to, true).clear();
  }

  @Override
  public void endEpoch(String reason, Map<String, StoreSnapshot.Range> numbers) {
    reused.putAll(numbers);
    begin("next-of-" + epoch);
  }

  @Override
  public StoreSnapshot.@Nullable Range reused(String name) {
    return reused.get(name);
  }

  @Override
  public String run() {
    return "0a0a0a0a-0b0b0b0b-1";
  }

  @Override
  public long common(
      String name, @Nullable String run, boolean isListed, boolean mayBeLeftOut, long tsMillis) {
    return common >= 0 && isListed ? common : Long.MAX_VALUE;
  }

  @Override
  public long given(String epoch, String run, long last) {
    return last;
  }

  @Override
  public StoreSnapshot.Elsewhere elsewhere() {
    return new StoreSnapshot.Elsewhere(List.of(), 0);
  }

  @Override
  public void learn(
      String run, String name, Map<String, Long> lasts, StoreSnapshot.Elsewhere theirs) {}

  /** Whoever tells of a store here is believed, unless it is known to be a stranger's. */
  @Override
  public String sign(String unsigned) {
    return unsigned;
  }

  @Override
  public boolean isOurs(String text) {
    return !text.contains("stranger");
  }

  public synchronized boolean isAcked(String name, long seq) {
    return acked.getOrDefault(name, new TreeSet<>()).contains(seq);
  }

  public synchronized int ackedCount() {
    return acked.values().stream().mapToInt(Set::size).sum();
  }

  private long lastOf(String name) {
    return of(name).isEmpty() ? 0 : of(name).lastKey();
  }

  private long ackedUpto(String name) {
    long upto = 0;
    while (isAcked(name, upto + 1)) {
      upto++;
    }
    return upto;
  }

  synchronized StoreSnapshot state() {
    List<Previous> previous = new ArrayList<>();
    long waiting = lastOf(epoch) - ackedUpto(epoch);
    for (String name : records.keySet()) {
      if (!name.equals(epoch)) {
        previous.add(new Previous(name, lastOf(name), ackedUpto(name), "test", List.of()));
        waiting += lastOf(name) - ackedUpto(name);
      }
    }
    return new StoreSnapshot(
        epoch,
        1000,
        lastOf(epoch) == 0 ? 0 : 1,
        lastOf(epoch),
        ackedUpto(epoch),
        List.of(),
        List.of(),
        waiting,
        held,
        JournalRecord.UNDATED,
        previous,
        0,
        0,
        0,
        null,
        blockedSince);
  }

  @Override
  public long datedUntil() {
    return datedUntil;
  }

  @Override
  public void close() {}
}
