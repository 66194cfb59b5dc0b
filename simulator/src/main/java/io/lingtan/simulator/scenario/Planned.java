package io.lingtan.simulator.scenario;

import io.lingtan.simulator.fault.Fault;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One fault of a run.
 *
 * @param target id of a device or line, empty for the site
 * @param point name of the point, empty where the whole device is meant
 * @param atMillis from the start of the run
 * @param forMillis how long, ≥ 1
 * @param numbers what the kind's knobs stand at
 */
public record Planned(
    Kind kind,
    String target,
    String point,
    long atMillis,
    long forMillis,
    SortedMap<String, Long> numbers) {

  public Planned {
    if (atMillis < 0 || forMillis < 1) {
      throw new IllegalArgumentException(
          "a fault begins at 0 or later and lasts 1 ms or longer: " + atMillis + ", " + forMillis);
    }
    numbers = Collections.unmodifiableSortedMap(new TreeMap<>(numbers));
  }

  /** What the knob stands at. */
  long number(String name) {
    Long value = numbers.get(name);
    if (value == null) {
      throw new IllegalArgumentException(kind.name() + " has no " + name);
    }
    return value;
  }

  /** First instant after it, ms from the start of the run. */
  public long endMillis() {
    return atMillis + forMillis;
  }

  /**
   * The fault itself.
   *
   * @param startMillis when the run starts, UTC ms of the world
   */
  public Fault fault(long startMillis) {
    return kind.maker().make(this, startMillis + atMillis, startMillis + endMillis());
  }

  /** As an entry of a scenario file. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{kind: ").append(kind.name());
    if (!target.isEmpty()) {
      text.append(", on: ").append(target);
    }
    if (!point.isEmpty()) {
      text.append(", point: ").append(point);
    }
    text.append(", at: ").append(Moments.text(atMillis));
    text.append(", for: ").append(Moments.text(forMillis));
    for (Knob knob : kind.knobs()) {
      text.append(", ").append(knob.name()).append(": ").append(knob.text(number(knob.name())));
    }
    return text.append('}').toString();
  }
}
