package io.lingtan.agent.fleet;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.RateLimit;
import io.lingtan.agent.site.Sha256;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of documents that are not obeyed: the same refusal once, {@value #MOST_TOLD} at once and
 * then one in ten minutes. Those that anybody can send take nothing of what the centre's are told
 * by. The thread of {@link FleetStep}.
 */
final class Refusals {

  private static final Logger log = LoggerFactory.getLogger(Refusals.class);

  private static final int MOST_TOLD = 20;
  private static final double TOLD_PER_SECOND = 1 / 600.0;
  private static final int MOST_REMEMBERED = 32;

  private final String name;
  private final Consumer<Event> tell;
  private final Told centre;
  private final Told strangers;

  /** Documents that nobody signed who may, since the start. */
  private long strange;

  /**
   * @param name of the events
   * @param tell takes them
   */
  Refusals(String name, Consumer<Event> tell, MonotonicInstant now) {
    this.name = name;
    this.tell = tell;
    this.centre = new Told(now);
    this.strangers = new Told(now);
  }

  private static final class Told {
    private final RateLimit rate;
    private final Set<String> newest = new LinkedHashSet<>();
    private long untold;

    Told(MonotonicInstant now) {
      rate = new RateLimit(TOLD_PER_SECOND, MOST_TOLD, now);
    }

    /** Of a refusal that was told already nothing more is said, nor of too many. */
    boolean isToTell(String refusal, MonotonicInstant now) {
      if (!newest.add(refusal)) {
        return false;
      }
      if (newest.size() > MOST_REMEMBERED) {
        newest.remove(newest.iterator().next());
      }
      if (!rate.allows(now)) {
        untold++;
        return false;
      }
      rate.take(1);
      return true;
    }
  }

  /**
   * @param serial that it has, null where that cannot be believed
   */
  void tell(byte[] document, @Nullable Long serial, Unfit why, MonotonicInstant now) {
    boolean isStrange = why.rule().isOfStrangers();
    Told told = isStrange ? strangers : centre;
    strange += isStrange ? 1 : 0;
    if (!told.isToTell(why.rule().word() + Sha256.hex(document), now)) {
      return;
    }
    Event event =
        Event.of(name, Severity.WARNING).with("reason", why.rule().word()).with("why", why.why());
    event = serial == null ? event : event.with("serial", serial);
    event = isStrange ? event.with("count", strange) : event;
    tell.accept(told.untold == 0 ? event : event.with("untold", told.untold));
    told.untold = 0;
    log.warn(
        "a document {} is refused ({}): {}",
        isStrange ? "that is not the fleet's centre's" : "of the fleet's centre",
        name,
        why.why());
  }
}
