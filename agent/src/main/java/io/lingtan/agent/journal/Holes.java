package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.DataCodec;
import io.lingtan.agent.journal.commit.Asides;
import io.lingtan.agent.journal.commit.Asides.Aside;
import io.lingtan.agent.journal.commit.Space;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Drops;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Segments;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Numbers in the way of acknowledgements whose records the file no longer has. Ledger thread. */
final class Holes {
  private static final Logger log = LoggerFactory.getLogger(Holes.class);

  /** Why records are dropped whose row cannot be read, or is not there. */
  static final String DAMAGED = "damaged";

  private final Path file;
  private final Asides asides;

  /**
   * @param asides where what was hidden by damage is put, to be declared
   */
  Holes(Path file, Asides asides) {
    this.file = file;
    this.asides = asides;
  }

  /** Acknowledgements go on over what was dropped: it is no longer held, and it is declared. */
  void bridge(Database usable, Epoch epoch) throws SQLException {
    long acked = -1;
    while (acked != epoch.ackedUpTo() && !epoch.isFinished()) {
      acked = epoch.ackedUpTo();
      long above = acked;
      long declared = 0;
      for (Drop drop : epoch.drops()) {
        // Of a segment that had to make room for others the first may have been delivered, of
        // which this process does not know.
        boolean isRoom = drop.reason().equals(Space.REASON) || drop.reason().equals(Drops.SEVERAL);
        long reach = isRoom ? DataCodec.MOST : 1;
        if (drop.to() > above && drop.from() <= above + reach) {
          declared = Math.max(declared, drop.to());
        }
      }
      if (declared == 0) {
        return;
      }
      long next = Segments.nextHeld(usable, epoch.number(), acked + 1);
      epoch.settleUpTo(next == 0 ? declared : Math.min(next - 1, declared));
    }
  }

  /**
   * What is in the way of acknowledgements and not in the file was lost to a damage that hid its
   * row; whatever comes before it has been delivered. Of which kind it was nobody can tell any
   * more: it is declared as data. With the next commit.
   */
  void declare(Database usable, Epoch epoch) throws SQLException {
    Range hole = Segments.hole(usable, epoch);
    if (hole != null) {
      long count = hole.to() - hole.from() + 1;
      Drop drop = new Drop(hole.from(), hole.to(), count, JournalRecord.Kind.DATA, DAMAGED);
      if (asides.offer(new Aside(epoch, hole, List.of(drop), null))) {
        log.warn("{}: {} to {} of epoch {} are gone", file, hole.from(), hole.to(), epoch.id());
      }
    }
  }
}
