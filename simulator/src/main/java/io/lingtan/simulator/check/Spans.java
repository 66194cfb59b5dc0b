package io.lingtan.simulator.check;

import io.lingtan.simulator.fault.ClockFault;
import io.lingtan.simulator.fault.Fault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * When the run really kept a gateway from reading or from telling, by what its clock showed: a
 * gateway that says of a time that it knows nothing of it is believed within these spans, and
 * nowhere else.
 */
final class Spans {

  private final Happened happened;
  private final Truth.Wall wall;

  /**
   * A span of time stamps, UTC ms.
   *
   * @param until its first instant after it
   */
  record Span(long from, long until) {

    boolean isEmpty() {
      return until <= from;
    }

    Span wider(long before, long after) {
      return new Span(from - before, until + after);
    }

    boolean meets(long start, long end) {
      return from < end && until > start;
    }

    /** What is in both; empty if nothing is. */
    Span within(Span other) {
      long latest = Math.max(from, other.from);
      return new Span(latest, Math.max(latest, Math.min(until, other.until)));
    }
  }

  /** The same times, in their order and none twice. */
  static List<Span> merged(List<Span> spans) {
    List<Span> merged = new ArrayList<>();
    for (Span span : spans.stream().sorted(Comparator.comparingLong(Span::from)).toList()) {
      Span last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && span.from <= last.until) {
        merged.removeLast();
        span = new Span(last.from, Math.max(last.until, span.until));
      }
      merged.add(span);
    }
    return merged;
  }

  Spans(Happened happened, Truth.Wall wall) {
    this.happened = happened;
    this.wall = wall;
  }

  /** A span of the world, and what the clock showed at its ends. */
  private Span shown(long from, long until) {
    long first = wall.at(from);
    long last = wall.at(until);
    return new Span(Math.min(from, Math.min(first, last)), Math.max(until, Math.max(first, last)));
  }

  /** A time without an agent. */
  Span away(Happened.Outage outage) {
    return shown(outage.from(), outage.until());
  }

  /** The times of faults like this. */
  List<Span> of(Predicate<Fault> like) {
    return happened.faults().stream()
        .filter(like)
        .map(fault -> shown(fault.fromMillis(), fault.untilMillis()))
        .toList();
  }

  /** From what a card had last delivered until another, older one was in its place. */
  List<Span> replaced() {
    return happened.replaced().stream().map(span -> shown(span.from(), span.until())).toList();
  }

  /** What the clock showed before and after each time that it was set. */
  List<Span> steps() {
    List<Span> steps = new ArrayList<>();
    for (Fault fault : happened.faults()) {
      if (fault instanceof ClockFault) {
        steps.add(step(fault.fromMillis()));
        steps.add(step(fault.untilMillis()));
      }
    }
    return steps;
  }

  private Span step(long at) {
    long before = wall.at(at - 1);
    long after = wall.at(at);
    return new Span(Math.min(before, after), Math.max(before, after));
  }

  /** Every time in which no interval could be closed: nobody was there, or knew the time. */
  List<Span> unclosed() {
    List<Span> all = new ArrayList<>(of(ClockFault.class::isInstance));
    all.addAll(steps());
    happened.outages().forEach(outage -> all.add(away(outage)));
    return all;
  }
}
