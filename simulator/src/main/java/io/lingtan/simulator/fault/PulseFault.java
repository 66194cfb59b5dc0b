package io.lingtan.simulator.fault;

/** Something that goes wrong between a meter's pulse output and the input that counts it. */
public sealed interface PulseFault extends Fault {

  String device();

  @Override
  default String target() {
    return device();
  }

  @Override
  default String kind() {
    return switch (this) {
      case Bounce fault -> "pulse_bounce";
      case Hum fault -> "pulse_hum";
      case LostEvents fault -> "pulse_lost_events";
      case Gone fault -> "pulse_input_gone";
    };
  }

  @Override
  default Belief belief() {
    return switch (this) {
      case Bounce fault -> Belief.TRUE;
      case Hum fault -> Belief.TRUE;
      case LostEvents fault -> Belief.TELLING;
      case Gone fault -> Belief.TELLING;
    };
  }

  /**
   * The contact bounces: each of its edges comes several times within 5 ms, as IEC 62053-31 allows.
   * Expected of a reader: one pulse for each.
   *
   * @param times how often it falls back, 1..4
   */
  record Bounce(String device, long fromMillis, long untilMillis, int times) implements PulseFault {
    public Bounce {
      Rules.span(fromMillis, untilMillis);
      Rules.require(times >= 1 && times <= 4, "a contact bounces 1..4 times", times);
    }
  }

  /**
   * A long line beside a mains cable: while the contact is open it shows pulses of twice the mains'
   * frequency. Expected of a reader: none of them is one.
   *
   * @param hertz 50..1000
   */
  record Hum(String device, long fromMillis, long untilMillis, int hertz) implements PulseFault {
    public Hum {
      Rules.span(fromMillis, untilMillis);
      Rules.require(hertz >= 50 && hertz <= 1000, "hum is of 50..1000 Hz", hertz);
    }
  }

  /**
   * The reader is held up until the kernel's buffer of edges is full: some are lost, and their
   * numbers are missing. Expected of a reader: the event {@code meter.lost_pulses} with at least as
   * many as were lost, and no value with the reason {@code lost_pulses} in the record of that time.
   *
   * @param every each how many-th pulse is lost, with both its edges; ≥ 2
   */
  record LostEvents(String device, long fromMillis, long untilMillis, int every)
      implements PulseFault {
    public LostEvents {
      Rules.span(fromMillis, untilMillis);
      Rules.require(every >= 2, "every is at least 2", every);
    }
  }

  /**
   * The input's chip goes away, as one on USB that is pulled out. Expected of a reader: no value
   * with the reason {@code config} while it is gone, and {@code meter.uncounted} with the span when
   * it is back.
   */
  record Gone(String device, long fromMillis, long untilMillis) implements PulseFault {
    public Gone {
      Rules.span(fromMillis, untilMillis);
    }
  }
}
