package io.lingtan.simulator.fault;

/** Something that is wrong with the machine's wall clock; the monotonic one is always right. */
public sealed interface ClockFault extends Fault {

  @Override
  default String target() {
    return "clock";
  }

  @Override
  default String kind() {
    return switch (this) {
      case Absent absent -> "clock_absent";
      case Stepped stepped -> "clock_step";
      case Drift drift -> "clock_drift";
    };
  }

  /**
   * The machine loses power for a moment when the span begins, and does not know the time when it
   * is back: nor does any other boot within the span, and nothing vouches for its clock until the
   * span is over.
   *
   * @param wrongByMillis what its clock shows beside the truth, at most ten years
   */
  record Absent(long fromMillis, long untilMillis, long wrongByMillis) implements ClockFault {
    private static final long TEN_YEARS = 3_653L * 86_400_000L;

    public Absent {
      Rules.span(fromMillis, untilMillis);
      Rules.require(
          Math.abs(wrongByMillis) <= TEN_YEARS, "a clock is wrong by ten years", wrongByMillis);
    }
  }

  /**
   * The clock is set wrong, and still vouched for.
   *
   * @param byMillis added to the truth, not 0, at most a day
   */
  record Stepped(long fromMillis, long untilMillis, long byMillis) implements ClockFault {
    public Stepped {
      Rules.span(fromMillis, untilMillis);
      Rules.past(Math.abs(byMillis), "a step");
    }
  }

  /**
   * The clock runs too fast or too slowly.
   *
   * @param partsPerMillion -1000..1000, not 0; a quartz without correction has about 50
   */
  record Drift(long fromMillis, long untilMillis, int partsPerMillion) implements ClockFault {
    public Drift {
      Rules.span(fromMillis, untilMillis);
      Rules.require(
          partsPerMillion != 0 && Math.abs(partsPerMillion) <= 1000,
          "drift is -1000..1000 ppm and not 0",
          partsPerMillion);
    }

    /** What the clock shows beside the truth at {@code millis} of the world. */
    public long wrongByMillis(long millis) {
      return (millis - fromMillis) * partsPerMillion / 1_000_000L;
    }
  }
}
