package io.lingtan.simulator.scenario;

import io.lingtan.simulator.fault.Fault;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A kind of fault that a scenario can name.
 *
 * @param name in scenario files and reports
 * @param strikes whom it can strike
 * @param lasting how long it holds where a scenario does not say, ms
 * @param knobs its numbers beside its time
 * @param maker makes one
 */
public record Kind(String name, Strikes strikes, Range lasting, List<Knob> knobs, Maker maker) {

  /** Whom a fault strikes. */
  public enum Strikes {
    /** A device on a line that carries frames of bytes. */
    DEVICE,
    /** One point of a device. */
    POINT,
    /** One of the registers of a device that count energy. */
    COUNTER,
    /** One of those of them that begin again at 0 where they are full. */
    ROUND,
    /** One of the points of a device that can say "not available". */
    ABSENT,
    /** A line. */
    LINE,
    /** A device on a CoAP line. */
    NODE,
    /** One that is asked, and does not push. */
    ASKED,
    /** One that is observed. */
    OBSERVED,
    /** A device at a GPIO input. */
    INPUT,
    /** One whose pulses are counted. */
    PULSES,
    /** The machine, its clock, its card or the broker. */
    SITE
  }

  public Kind {
    knobs = List.copyOf(knobs);
  }

  /** Makes a fault of what is planned. */
  @FunctionalInterface
  interface Maker {
    /**
     * @param from UTC ms of the world
     * @param until UTC ms of the world
     */
    Fault make(Planned planned, long from, long until);
  }

  /** Whether it strikes single points. */
  boolean isOfPoints() {
    return strikes == Strikes.POINT
        || strikes == Strikes.COUNTER
        || strikes == Strikes.ROUND
        || strikes == Strikes.ABSENT;
  }

  @Nullable Knob knob(String name) {
    return knobs.stream().filter(knob -> knob.name().equals(name)).findFirst().orElse(null);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Kind kind && kind.name.equals(name);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(name);
  }

  @Override
  public String toString() {
    return name;
  }
}
