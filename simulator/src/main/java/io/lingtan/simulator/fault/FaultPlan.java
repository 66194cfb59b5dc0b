package io.lingtan.simulator.fault;

import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/**
 * The faults of a run, and how often each kind was injected. Holds at most {@value #LIMIT} faults:
 * those that are over are forgotten first, and one more than the limit is refused.
 */
public final class FaultPlan {

  private static final int LIMIT = 10_000;

  private final CopyOnWriteArrayList<Fault> faults = new CopyOnWriteArrayList<>();
  private final Map<String, LongAdder> injected = new ConcurrentHashMap<>();
  private final Map<Fault, Integer> requests = new ConcurrentHashMap<>();

  /**
   * Adds a fault. Any thread.
   *
   * @throws IllegalStateException if there are too many
   */
  public void add(Fault fault) {
    if (faults.size() >= LIMIT) {
      throw new IllegalStateException("more than " + LIMIT + " faults; spread them over runs");
    }
    faults.add(fault);
  }

  /** Ends a fault before its time. Any thread. */
  public void remove(Fault fault) {
    faults.remove(fault);
    requests.remove(fault);
  }

  /** Forgets what is over at {@code millis}. */
  public void forgetBefore(long millis) {
    for (Fault fault : faults) {
      if (fault.untilMillis() <= millis) {
        remove(fault);
      }
    }
  }

  /** What becomes of a request to {@code device} at {@code millis}; counts it if it is hit. */
  public Effect judge(String device, long millis) {
    Effect effect = Effect.NONE;
    if (faults.isEmpty()) {
      return effect;
    }
    for (Fault fault : faults) {
      if (fault.isAt(millis) && fault.device().equals(device)) {
        effect = worsen(effect, fault);
      }
    }
    return effect;
  }

  private Effect worsen(Effect effect, Fault fault) {
    Effect worse =
        switch (fault) {
          case Fault.Silence silence -> new Effect(true, 0, 0, false);
          case Fault.Slow slow ->
              new Effect(
                  effect.silent(),
                  Math.max(effect.delayMillis(), slow.delayMillis()),
                  effect.exception(),
                  effect.corrupt());
          case Fault.LateReplies late ->
              isTurn(late, late.every())
                  ? new Effect(
                      effect.silent(),
                      Math.max(effect.delayMillis(), late.delayMillis()),
                      effect.exception(),
                      effect.corrupt())
                  : effect;
          case Fault.Refusal refusal ->
              new Effect(effect.silent(), effect.delayMillis(), refusal.code(), effect.corrupt());
          case Fault.Corruption corruption ->
              isTurn(corruption, corruption.every())
                  ? new Effect(effect.silent(), effect.delayMillis(), effect.exception(), true)
                  : effect;
        };
    if (!worse.equals(effect)) {
      injected.computeIfAbsent(fault.kind(), kind -> new LongAdder()).increment();
    }
    return worse;
  }

  private boolean isTurn(Fault fault, int every) {
    return Objects.requireNonNull(requests.merge(fault, 1, Integer::sum)) % every == 0;
  }

  /** How many requests each kind of fault has hit. Any thread. */
  public SortedMap<String, Long> injected() {
    SortedMap<String, Long> counts = new TreeMap<>();
    injected.forEach((kind, count) -> counts.put(kind, count.sum()));
    return counts;
  }
}
