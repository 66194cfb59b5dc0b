package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.code.Segment.Part;
import io.lingtan.agent.journal.number.Boots;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.reading.PulseTotal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A lent batch as another process finds it: all that its transaction would have written, but for
 * the checkpoint.
 *
 * @param commits the epoch's commits with it
 * @param last the epoch's last seq with it
 * @param held undated records in it, by boot number
 */
public record Loan(
    long commits,
    long last,
    List<Segment> segments,
    Map<Integer, Long> held,
    List<PulseTotal> totals,
    Map<String, String> serials,
    Kept.Page kept) {

  private static final int MOST_SEGMENTS = 100_000;
  private static final int DATA = 0;
  private static final int REPORTS = 1;

  static void put(ByteSink to, Plan plan, Boots boots) {
    to.putVarint(plan.commits());
    to.putVarint(plan.last());
    to.putVarint(plan.segments().size());
    for (Segment segment : plan.segments()) {
      to.put(segment.part() == Part.DATA ? DATA : REPORTS);
      to.putVarint(segment.first());
      to.putVarint(segment.count());
      to.putVarint(segment.intervals());
      to.putText(segment.boot() == 0 ? "" : boots.id(segment.boot()));
      to.putSigned(segment.millis());
      to.putBytes(segment.body());
    }
    to.putVarint(plan.batch().totals().size());
    for (PulseTotal total : plan.batch().totals()) {
      to.putText(total.device());
      to.putVarint(total.pulses());
      to.putSigned(total.tsMillis());
    }
    to.putVarint(plan.batch().serials().size());
    plan.batch()
        .serials()
        .forEach(
            (device, serial) -> {
              to.putText(device);
              to.putText(serial);
            });
    plan.batch().kept().put(to);
  }

  static Loan take(ByteSource from, Epoch epoch, Boots boots) throws DamagedSegment {
    long commits = from.takeVarint();
    long last = from.takeVarint();
    List<Segment> segments = new ArrayList<>();
    Map<Integer, Long> held = new HashMap<>();
    for (int left = from.takeCount(MOST_SEGMENTS); left > 0; left--) {
      Part part = from.takeCount(REPORTS) == DATA ? Part.DATA : Part.REPORTS;
      long first = from.takeVarint();
      int count = from.takeCount(Integer.MAX_VALUE);
      int intervals = from.takeCount(count);
      String bootId = from.takeText();
      int boot = bootId.isEmpty() ? 0 : boots.number(bootId);
      long millis = from.takeSigned();
      if (boot != 0) {
        held.merge(boot, (long) count, Long::sum);
      }
      segments.add(
          new Segment(part, epoch.key(first), count, intervals, boot, millis, from.takeBytes()));
    }
    List<PulseTotal> totals = new ArrayList<>();
    for (int left = from.takeCount(MOST_SEGMENTS); left > 0; left--) {
      totals.add(
          new PulseTotal(from.takeText(), from.takeCount(Long.MAX_VALUE), from.takeSigned()));
    }
    Map<String, String> serials = new HashMap<>();
    for (int left = from.takeCount(MOST_SEGMENTS); left > 0; left--) {
      serials.put(from.takeText(), from.takeText());
    }
    return new Loan(commits, last, segments, held, totals, serials, Kept.Page.take(from));
  }

  /** Most database pages that writing it adds. */
  public long pages() {
    return segments.stream().mapToLong(segment -> Space.pages(segment.body().length)).sum()
        + kept.pages();
  }
}
