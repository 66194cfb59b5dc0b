package io.lingtan.agent.journal.commit;

import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.Freed;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.run.Inbox;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records that cannot be delivered, from the moment at which somebody finds that out until a commit
 * has declared them as dropped. Ledger thread, but for {@link #offer}.
 */
public final class Asides {

  private static final int MOST = 1024;

  /** What is told again under another number. */
  public sealed interface Again {

    /** As {@link Batch#event}. */
    record Happened(Event event, String boot, long atNanos, long tsMillis) implements Again {}

    /** As {@link Batch#interval}. */
    record Closed(Interval interval) implements Again {}
  }

  /**
   * Records that one commit declares.
   *
   * @param range of which every record is acknowledged, or dropped by one of {@code drops}
   * @param again what the same commit numbers once more, null if nothing
   */
  public record Aside(Epoch epoch, Range range, List<Drop> drops, @Nullable Again again) {

    /** The same with what is told again in a batch. */
    private Aside toldIn(Batch batch) {
      switch (again) {
        case Again.Happened(var event, var boot, var atNanos, var tsMillis) ->
            batch.event(event, boot, atNanos, tsMillis);
        case Again.Closed(var interval) -> batch.interval(interval);
        case null -> {
          return this;
        }
      }
      return new Aside(epoch, range, drops, null);
    }
  }

  private final Inbox<Aside> arriving = new Inbox<>(MOST);
  private final List<Aside> declaring = new ArrayList<>();

  /** Passes them over from now on if they are sure to be declared. Any thread. */
  public boolean offer(Aside aside) {
    boolean taken = arriving.offer(aside);
    if (taken) {
      aside.epoch().setAside(aside.range());
    }
    return taken;
  }

  public boolean isEmpty() {
    return arriving.size() == 0 && declaring.isEmpty();
  }

  /** They are declared by this batch, and what is to be told again is told in it. */
  public void declareWith(Batch batch) {
    drain();
    declaring.replaceAll(aside -> aside.toldIn(batch));
  }

  /** They are declared without a batch: what is told again waits for one. */
  public void declareWithout() {
    declaring.clear();
    drain();
    declaring.removeIf(aside -> aside.again() != null);
  }

  /** The file is another one, which may not know all epochs. */
  public void keepOnly(Epochs known) {
    drain();
    declaring.removeIf(aside -> !known.all().contains(aside.epoch()));
  }

  private void drain() {
    arriving.drain(declaring::add, MOST - declaring.size());
  }

  /** What of an epoch the present transaction declares. */
  public List<Range> of(Epoch epoch) {
    return declaring.stream().filter(aside -> aside.epoch() == epoch).map(Aside::range).toList();
  }

  public void declare(Freed freed) {
    for (Aside aside : declaring) {
      aside.drops().forEach(drop -> freed.declare(aside.epoch(), drop, false));
    }
  }

  /** The transaction has ended well: only now is what the drops explain settled. */
  public void declared() {
    declaring.forEach(aside -> aside.epoch().declared(aside.range()));
    declaring.clear();
  }
}
