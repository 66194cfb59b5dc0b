package io.lingtan.agent.journal;

import io.lingtan.agent.journal.number.StoreSnapshot.Elsewhere;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a publisher wants of a journal: an {@link Outbox}, or among tests one without a disk. */
public interface Records extends AutoCloseable {

  /** As {@link Outbox#read}. */
  List<JournalRecord> read(String epoch, Set<Kind> kinds, long fromSeq, int most);

  /** As {@link Outbox#acknowledged}. */
  void acknowledged(String epoch, long seq);

  /** As {@link Outbox#keepAcknowledged}. */
  void keepAcknowledged();

  /** As {@link Outbox#setAside}. */
  void setAside(JournalRecord record, String reason);

  /** As {@link Outbox#tellAgain}. */
  void tellAgain(JournalRecord record, String reason);

  /** As {@link Outbox#toldElsewhere}. */
  boolean toldElsewhere(
      String run, String epoch, Map<String, Long> lasts, long rev, long untilMillis);

  /** As {@link Outbox#isLearning}. */
  boolean isLearning();

  /** As {@link Outbox#isRetold(String, long, int, long)}. */
  boolean isRetold(String epoch, long seq, int rev, long endMillis);

  /** As {@link Outbox#isRetold(JournalRecord)}. */
  boolean isRetold(JournalRecord record);

  /** As {@link Outbox#endEpoch}. */
  void endEpoch(String reason, Map<String, Range> reused);

  /** As {@link Outbox#reused}. */
  @Nullable Range reused(String epoch);

  /** Whether another copy of the journal has used the record's number. */
  default boolean isReused(JournalRecord record) {
    Range reused = reused(record.epoch());
    return reused != null && record.seq() >= reused.from() && record.seq() <= reused.to();
  }

  /** As {@link Outbox#run}. */
  String run();

  /** As {@link Outbox#common}. */
  long common(
      String epoch, @Nullable String run, boolean isListed, boolean mayBeLeftOut, long tsMillis);

  /** As {@link Outbox#given}. */
  long given(String epoch, String run, long last);

  /** As {@link Outbox#elsewhere}. */
  Elsewhere elsewhere();

  /** As {@link Outbox#learn}. */
  void learn(String run, String epoch, Map<String, Long> lasts, Elsewhere theirs);

  /** As {@link Outbox#sign}. */
  String sign(String unsigned);

  /** As {@link Outbox#isOurs}. */
  boolean isOurs(String text);

  /** As {@link Outbox#datedUntil}. */
  long datedUntil();

  /** As {@link Outbox#last}. */
  long last(String epoch);

  /** As {@link Outbox#again}. */
  @Nullable Reread again(String epoch, long from, long to, int most);

  @Override
  void close();
}
