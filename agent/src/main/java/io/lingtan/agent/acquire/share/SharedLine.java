package io.lingtan.agent.acquire.share;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.reading.Inquiry;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.Line;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where a line and those to whom it is lent meet: what its devices have just told, and what is to
 * be asked of them. The line's thread keeps replies and takes questions; the callers' thread looks
 * up and asks.
 */
public final class SharedLine {

  /** Questions of all callers together that wait for the line; one more is refused. */
  static final int MOST_WAITING = 16;

  private static final Set<Protocol> MODBUS = Set.of(Protocol.MODBUS, Protocol.SUNSPEC);

  private final RecentReplies recent = new RecentReplies();
  private final Inbox<Inquiry> questions;
  private final Map<Integer, Long> periods = new HashMap<>();
  private final AtomicLong lineNanos = new AtomicLong();

  public SharedLine(Line line) {
    questions = new Inbox<>(MOST_WAITING);
    for (Device device : line.devices()) {
      if (MODBUS.contains(device.profile().protocol())) {
        // Two devices of one unit are one that is read by two profiles.
        periods.merge(device.unit(), device.every().toNanos(), Math::min);
      }
    }
  }

  /** Whether a device of the site file answers under this unit id in Modbus. */
  boolean hasUnit(int unit) {
    return periods.containsKey(unit);
  }

  /** A reply came from a unit; of one that the site file does not have nothing is kept. */
  public void keep(int unit, Words words, long askedNanos) {
    Long period = periods.get(unit);
    if (period != null) {
      recent.keep(unit, words, askedNanos, period);
    }
  }

  /** The value bytes, if the unit has told them within its period; else null. */
  public byte @Nullable [] recent(int unit, BlockRead wanted, long now) {
    return recent.find(unit, wanted, now);
  }

  /** What callers ask of the line. */
  public Inbox<Inquiry> questions() {
    return questions;
  }

  /** A question has taken the line for so long. */
  public void spent(long nanos) {
    lineNanos.addAndGet(nanos);
  }

  /** Line time that all questions have taken since start. */
  public long lineNanos() {
    return lineNanos.get();
  }
}
