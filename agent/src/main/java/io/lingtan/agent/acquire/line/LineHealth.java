package io.lingtan.agent.acquire.line;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Sentence;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells by {@code line.down} and {@code line.up} whether a line works. The line's thread. */
public final class LineHealth {

  private static final Logger log = LoggerFactory.getLogger(LineHealth.class);
  private static final long SECOND_NANOS = 1_000_000_000L;

  private final String line;
  private final Supplier<String> where;
  private final Outlet outlet;
  private @Nullable Sentence problem;
  private long downSinceNanos;

  /**
   * @param line id
   * @param where the port or address, as it is now
   */
  public LineHealth(String line, Supplier<String> where, Outlet outlet) {
    this.line = line;
    this.where = where;
    this.outlet = outlet;
  }

  /** Why it does not work; null if it does. */
  public @Nullable Sentence problem() {
    return problem;
  }

  /** It works; true if it did not before. */
  public boolean works(long now) {
    if (problem == null) {
      return false;
    }
    problem = null;
    outlet.notice(
        event("line.up", Severity.INFO).with("down_s", (now - downSinceNanos) / SECOND_NANOS), now);
    log.info("line {} works again: {}", line, where.get());
    return true;
  }

  /** It does not work, which is told once until it does. */
  public void fails(Sentence why, long now) {
    if (problem == null) {
      downSinceNanos = now;
      tell(why, now);
    }
    problem = why;
  }

  /** It does not work, which is told again when it is for another reason. */
  public void failsAnew(Sentence why, long now) {
    if (problem != null && !problem.equals(why)) {
      tell(why, now);
    }
    fails(why, now);
  }

  private void tell(Sentence why, long now) {
    outlet.notice(event("line.down", Severity.ALARM).with("problem", why.english()), now);
    log.warn("line {}: {}", line, why);
  }

  /** An event of the line. */
  public Event event(String name, Severity severity) {
    return Event.of(name, severity).with("line", line).with("where", where.get());
  }
}
