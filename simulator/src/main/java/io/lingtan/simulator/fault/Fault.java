package io.lingtan.simulator.fault;

/** Something that goes wrong with one device during a span of the world's time. */
public sealed interface Fault {

  /** Id of the device. */
  String device();

  /** First instant, UTC ms of the world. */
  long fromMillis();

  /** First instant after it, UTC ms of the world. */
  long untilMillis();

  /** Name in reports. */
  default String kind() {
    return switch (this) {
      case Silence silence -> "silence";
      case Slow slow -> "slow";
      case LateReplies late -> "late_reply";
      case Refusal refusal -> "exception";
      case Corruption corruption -> "corrupt";
    };
  }

  default boolean isAt(long millis) {
    return millis >= fromMillis() && millis < untilMillis();
  }

  /** The device does not answer at all. */
  record Silence(String device, long fromMillis, long untilMillis) implements Fault {
    public Silence {
      requireSpan(fromMillis, untilMillis);
    }
  }

  /**
   * Every answer takes longer.
   *
   * @param delayMillis from request to reply, 1..60000
   */
  record Slow(String device, long fromMillis, long untilMillis, long delayMillis) implements Fault {
    public Slow {
      requireSpan(fromMillis, untilMillis);
      require(delayMillis >= 1 && delayMillis <= 60_000, "delay is 1..60000 ms", delayMillis);
    }
  }

  /**
   * Some answers come so late that the next request is already out.
   *
   * @param every each how many-th request is answered late, ≥ 1
   * @param delayMillis from request to the late reply, 1..60000: longer than the master's timeout
   */
  record LateReplies(String device, long fromMillis, long untilMillis, int every, long delayMillis)
      implements Fault {
    public LateReplies {
      requireSpan(fromMillis, untilMillis);
      require(every >= 1, "every is at least 1", every);
      require(delayMillis >= 1 && delayMillis <= 60_000, "delay is 1..60000 ms", delayMillis);
    }
  }

  /**
   * The device answers with an exception.
   *
   * @param code Modbus exception code, 1..255
   */
  record Refusal(String device, long fromMillis, long untilMillis, int code) implements Fault {
    public Refusal {
      requireSpan(fromMillis, untilMillis);
      require(code >= 1 && code <= 255, "an exception code is 1..255", code);
    }
  }

  /**
   * The head of some replies is damaged, so that they fit no request.
   *
   * @param every each how many-th reply, ≥ 1
   */
  record Corruption(String device, long fromMillis, long untilMillis, int every) implements Fault {
    public Corruption {
      requireSpan(fromMillis, untilMillis);
      require(every >= 1, "every is at least 1", every);
    }
  }

  private static void requireSpan(long from, long until) {
    require(until > from, "a fault ends after it begins", until - from);
  }

  private static void require(boolean holds, String rule, long was) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", was " + was);
    }
  }
}
