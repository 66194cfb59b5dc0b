package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.Names;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.DropEvents;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.Freed;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.Serials;
import io.lingtan.agent.journal.number.Totals;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records that a process which is gone had numbered and could not write.
 *
 * @param loans with the records, oldest first, one at least
 * @param lastInterval the last one of its kind in them
 * @param freed what has to make room for them
 */
public record LentRecords(
    Epoch epoch, List<Loan> loans, @Nullable IntervalRecord lastInterval, Freed freed) {

  public long commits() {
    return loans.getLast().commits();
  }

  public long last() {
    return loans.getLast().last();
  }

  private Map<Integer, Long> held() {
    Map<Integer, Long> held = new HashMap<>(freed.held());
    loans.forEach(loan -> loan.held().forEach((boot, n) -> held.merge(boot, n, Long::sum)));
    return held;
  }

  /** Writes all but the epoch's own row, in the transaction. */
  public void write(Database opened, Space space, Epochs epochs, Names names, Boots boots)
      throws SQLException {
    space.recount();
    space.make(opened, epochs, loans.stream().mapToLong(Loan::pages).sum(), freed);
    names.save(opened);
    for (Loan loan : loans) {
      for (Segment segment : loan.segments()) {
        Segments.insert(opened, segment);
      }
      Totals.save(opened, loan.totals());
      Serials.save(opened, loan.serials());
      Kept.save(opened, loan.kept());
    }
    freed.save(opened);
    boots.save(opened, held());
  }

  /** The transaction has ended well: memory follows. */
  public void written(Names names, Boots boots, DropEvents events) {
    names.saved();
    boots.saved(held());
    freed.saved();
    freed.declared().forEach(d -> events.add(d.epoch().id(), d.drop()));
    epoch.committed(commits(), last());
  }
}
