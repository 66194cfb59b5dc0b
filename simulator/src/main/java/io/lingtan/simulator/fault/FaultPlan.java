package io.lingtan.simulator.fault;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The faults of a run: which hold at a moment, how often each struck, and when. The moments asked
 * for at one target never go back, so that faults which are over cost nothing. Holds at most
 * {@value #LIMIT} faults, and refuses more.
 *
 * <p>Any thread may add and count; each target is asked for by the one thread that serves it.
 */
public final class FaultPlan {

  private static final int LIMIT = 100_000;

  private final Map<String, Target> targets = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> injected = new ConcurrentHashMap<>();
  private final List<Entry> entries = new ArrayList<>();

  /** A fault and what it has done. Guarded by the plan's monitor. */
  private static final class Entry {
    private final Fault fault;
    private long requests;
    private long strikes;
    private long first;
    private long last;

    Entry(Fault fault) {
      this.fault = fault;
    }
  }

  /** The faults of one target. */
  private static final class Target {
    private final PriorityQueue<Entry> upcoming =
        new PriorityQueue<>(Comparator.comparingLong(entry -> entry.fault.fromMillis()));
    private final List<Entry> current = new ArrayList<>();
    private List<Fault> holding = List.of();
    private long looked = Long.MIN_VALUE;

    /** When another begins or one ends: until then {@link #current} is what it is. */
    private long changes = Long.MIN_VALUE;

    /** Brings {@link #current} up to date. */
    void lookAt(long millis) {
      looked = Math.max(looked, millis);
      if (looked < changes) {
        return;
      }
      for (Entry next; (next = upcoming.peek()) != null && next.fault.fromMillis() <= looked; ) {
        current.add(upcoming.remove());
      }
      current.removeIf(entry -> entry.fault.untilMillis() <= looked);
      holding = current.stream().map(entry -> entry.fault).toList();
      Entry next = upcoming.peek();
      changes = next == null ? Long.MAX_VALUE : next.fault.fromMillis();
      for (Entry entry : current) {
        changes = Math.min(changes, entry.fault.untilMillis());
      }
    }

    void add(Entry entry) {
      upcoming.add(entry);
      changes = Long.MIN_VALUE;
    }

    void removeIf(Predicate<Entry> like) {
      upcoming.removeIf(like);
      current.removeIf(like);
      changes = Long.MIN_VALUE;
    }
  }

  /**
   * Adds a fault.
   *
   * @throws IllegalStateException if there are too many
   */
  public synchronized void add(Fault fault) {
    if (entries.size() >= LIMIT) {
      throw new IllegalStateException("more than " + LIMIT + " faults; spread them over runs");
    }
    Entry entry = new Entry(fault);
    entries.add(entry);
    targets.computeIfAbsent(fault.target(), id -> new Target()).add(entry);
  }

  /** Ends a fault before its time. What it has done stays counted. */
  public synchronized void remove(Fault fault) {
    Target target = targets.get(fault.target());
    if (target != null) {
      target.removeIf(entry -> entry.fault.equals(fault));
    }
  }

  /** Ends all faults, also those to come. What they have done stays counted. */
  public synchronized void endAll() {
    for (Target target : targets.values()) {
      target.removeIf(entry -> true);
    }
  }

  /**
   * The wire's faults that strike a request to {@code target} at {@code millis}; counts them. If
   * one of them silences the target it is the only one.
   */
  public List<WireFault> strike(String target, long millis) {
    Target meant = targets.get(target);
    return meant == null ? List.of() : struck(meant, millis);
  }

  private synchronized List<WireFault> struck(Target target, long millis) {
    target.lookAt(millis);
    if (target.current.isEmpty()) {
      return List.of();
    }
    List<WireFault> struck = new ArrayList<>();
    for (Entry entry : target.current) {
      if (entry.fault instanceof WireFault wire && wire.isSilencing()) {
        count(entry, millis);
        return List.of(wire);
      }
    }
    for (Entry entry : target.current) {
      if (entry.fault instanceof WireFault wire
          && wire.isOfRequests()
          && ++entry.requests % wire.every() == 0) {
        struck.add(wire);
        count(entry, millis);
      }
    }
    return struck;
  }

  /** The faults of {@code target} that hold at {@code millis}. Counts nothing. */
  public List<Fault> at(String target, long millis) {
    Target meant = targets.get(target);
    return meant == null ? List.of() : holding(meant, millis);
  }

  private synchronized List<Fault> holding(Target target, long millis) {
    target.lookAt(millis);
    return target.holding;
  }

  /** Says that a fault has struck at {@code millis}: for whoever makes it happen. */
  public synchronized void count(Fault fault, long millis) {
    Target target = targets.get(fault.target());
    if (target != null) {
      for (Entry entry : target.current) {
        if (entry.fault.equals(fault)) {
          count(entry, millis);
          return;
        }
      }
    }
    injected.computeIfAbsent(fault.kind(), kind -> new LongAdder()).increment();
  }

  private void count(Entry entry, long millis) {
    entry.first = entry.strikes == 0 ? millis : entry.first;
    entry.last = millis;
    entry.strikes++;
    injected.computeIfAbsent(entry.fault.kind(), kind -> new LongAdder()).increment();
  }

  /** How often each kind of fault has struck. */
  public SortedMap<String, Long> injected() {
    SortedMap<String, Long> counts = new TreeMap<>();
    injected.forEach((kind, count) -> counts.put(kind, count.sum()));
    return counts;
  }

  /** What each fault that has struck did, in the order of adding. */
  public synchronized List<Touch> touches() {
    return entries.stream()
        .filter(entry -> entry.strikes > 0)
        .map(entry -> new Touch(entry.fault, entry.strikes, entry.first, entry.last))
        .toList();
  }
}
