package io.lingtan.simulator.fault;

import io.lingtan.agent.reading.Point;

/**
 * Something that is wrong with a device itself: it answers well-formed replies that do not say what
 * is.
 */
public sealed interface MeterFault extends Fault {

  String device();

  @Override
  default String target() {
    return device();
  }

  @Override
  default String kind() {
    return switch (this) {
      case Sentinel fault -> "sentinel";
      case Stuck fault -> "stuck";
      case Spike fault -> "spike";
      case CounterReset fault -> "counter_reset";
      case Rollover fault -> "rollover";
      case Exchange fault -> "meter_exchange";
      case ReversedCt fault -> "reversed_ct";
      case RatioTwice fault -> "ratio_twice";
      case SwappedPhase fault -> "swapped_phase";
      case UncountedPhases fault -> "uncounted_phases";
      case Asleep fault -> "asleep";
      case SlowUpdate fault -> "slow_update";
    };
  }

  @Override
  default Belief belief() {
    return switch (this) {
      case Sentinel fault -> Belief.TELLING;
      case Stuck(var device, var point, var from, var until) ->
          point.quantity().isRegister() ? Belief.TELLING : Belief.DECEIVING;
      case Spike fault -> Belief.TELLING;
      case CounterReset fault -> Belief.TELLING;
      case Rollover fault -> Belief.TRUE;
      case Exchange fault -> Belief.TELLING;
      case ReversedCt fault -> Belief.DECEIVING;
      case RatioTwice fault -> Belief.DECEIVING;
      case SwappedPhase fault -> Belief.DECEIVING;
      case UncountedPhases fault -> Belief.TELLING;
      case Asleep fault -> Belief.TRUE;
      case SlowUpdate fault -> Belief.TRUE;
    };
  }

  /**
   * The register says "not available" in its own way; one that has no way to say it is not struck.
   * Expected of a reader: the point is absent with the reason {@code sentinel}, never a number.
   */
  record Sentinel(String device, Point point, long fromMillis, long untilMillis)
      implements MeterFault {
    public Sentinel {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The register keeps what it showed when this began, and shows the true value again afterwards.
   * Expected of a reader: an energy register that stands still while power flows is suspect, and
   * its jump at the end is energy of the whole time, not of one interval.
   */
  record Stuck(String device, Point point, long fromMillis, long untilMillis)
      implements MeterFault {
    public Stuck {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * One reading in so many shows a wild number, the next the true one again. Expected of a reader:
   * no energy is booked on it, because no single reading moves a register's base.
   *
   * @param every each how many-th reading, ≥ 2: two wild ones in a row are no spike
   * @param counts added to the register's true count, not 0
   */
  record Spike(
      String device, Point point, long fromMillis, long untilMillis, int every, long counts)
      implements MeterFault {
    public Spike {
      Rules.span(fromMillis, untilMillis);
      Rules.require(every >= 2, "every is at least 2", every);
      Rules.require(counts != 0, "a spike is not 0", counts);
    }
  }

  /**
   * The register falls to 0 when this begins, and counts on from there. Expected of a reader: the
   * event {@code meter.reset}; what was counted between the last good reading and the fall is
   * unknown, never negative and never the whole register.
   */
  record CounterReset(String device, Point point, long fromMillis, long untilMillis)
      implements MeterFault {
    public CounterReset {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The register stands so far before its end when it is first read that it begins again at 0 soon.
   * To hold from before the first reading. Expected of a reader: nothing is lost, and the interval
   * is measured.
   *
   * @param counts before the register's modulus, ≥ 1
   */
  record Rollover(String device, Point point, long fromMillis, long untilMillis, long counts)
      implements MeterFault {
    public Rollover {
      Rules.span(fromMillis, untilMillis);
      Rules.require(counts >= 1, "counts before the end are at least 1", counts);
    }
  }

  /**
   * Another meter of the same model takes its place when this begins: another serial number where
   * the model has one, all counters at a reading of its own. Expected of a reader: the event {@code
   * meter.exchange} where a serial number tells it, else what a reset or a jump gives; no energy is
   * made of the difference between two meters.
   *
   * @param counts that its counters stand at, ≥ 0
   */
  record Exchange(String device, long fromMillis, long untilMillis, long counts)
      implements MeterFault {
    public Exchange {
      Rules.span(fromMillis, untilMillis);
      Rules.require(counts >= 0, "a counter is not negative", counts);
    }
  }

  /**
   * The current transformers look the wrong way: power has the other sign and is counted in the
   * register for the other direction. Field wiring that no reader can know from this meter's values
   * alone. Expected of a reader: figures of what was served; where the site's balance cannot close
   * with it, {@code suspect}; a proposal to a person, never a flip of its own.
   */
  record ReversedCt(String device, long fromMillis, long untilMillis) implements MeterFault {
    public ReversedCt {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The transformer ratio is set in the meter too, so that the reader applies it a second time.
   * Power, current and energy are too great by it, and the register of the ratio does not show it.
   * Expected of a reader: {@code suspect} where more flows than the meter's rated power allows;
   * otherwise figures of what was served.
   *
   * @param ratio 2..10000
   */
  record RatioTwice(String device, long fromMillis, long untilMillis, int ratio)
      implements MeterFault {
    public RatioTwice {
      Rules.span(fromMillis, untilMillis);
      Rules.require(ratio >= 2 && ratio <= 10_000, "a ratio is 2..10000", ratio);
    }
  }

  /**
   * The transformers of two phases are exchanged, against their voltages. With the phases equally
   * loaded the three powers add up to 0 and the meter counts nothing; two phases show negative
   * power. Expected of a reader: figures of what was served; phases of different signs may be
   * pointed out.
   */
  record SwappedPhase(String device, long fromMillis, long untilMillis) implements MeterFault {
    public SwappedPhase {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * Two of three phases are in the power and are not counted: registers of energy run at a third of
   * it. Expected of a reader: once register and power have been held against each other for an
   * hour, no energy of it passes for a measured one.
   */
  record UncountedPhases(String device, long fromMillis, long untilMillis) implements MeterFault {

    /** Until a reader must have noticed that it begins, or that it is over. */
    public static final long NOTICED_MILLIS = 3_600_000;

    public UncountedPhases {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The device is fed by what it measures: it does not answer while that delivers nothing, as an
   * inverter at night. Expected of a reader: zero without an alarm until after sunrise, for sources
   * that are declared to sleep; otherwise as silence.
   */
  record Asleep(String device, long fromMillis, long untilMillis) implements MeterFault {
    public Asleep {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * The registers are renewed more rarely than usual. Expected of a reader: true totals; a step of
   * a whole period within one reading is no spike.
   *
   * @param periodMillis 1..3600000
   */
  record SlowUpdate(String device, long fromMillis, long untilMillis, long periodMillis)
      implements MeterFault {
    public SlowUpdate {
      Rules.span(fromMillis, untilMillis);
      Rules.require(
          periodMillis >= 1 && periodMillis <= 3_600_000,
          "a period is 1..3600000 ms",
          periodMillis);
    }
  }
}
