package io.lingtan.simulator.fault;

/**
 * Something that goes wrong between a reader and a device that is well: with its frames, the line
 * or the connection. A value that passes all checks of a reply is true, so a reader is expected to
 * lose readings and to say so, and never to take one for another.
 */
public sealed interface WireFault extends Fault {

  /** Each how many-th request it strikes; 1 for all. */
  default int every() {
    return 1;
  }

  /** Whether nothing is heard while it holds, whatever else is wrong. */
  default boolean isSilencing() {
    return this instanceof Silence || this instanceof UnitDead || this instanceof BlackHole;
  }

  /** Whether it strikes requests, and not connections. */
  default boolean isOfRequests() {
    return !(this instanceof SingleClient);
  }

  @Override
  default String kind() {
    return switch (this) {
      case Silence fault -> "silence";
      case UnitDead fault -> "unit_dead";
      case Slow fault -> "slow";
      case LateReplies fault -> "late_reply";
      case Refusal fault -> "exception";
      case CorruptByte fault -> "corrupt";
      case Truncated fault -> "truncated";
      case ForeignUnit fault -> "foreign_unit";
      case DuplicateReply fault -> "duplicate";
      case SplitReply fault -> "split";
      case GluedNoise fault -> "glued_noise";
      case LineNoise fault -> "line_noise";
      case BlackHole fault -> "black_hole";
      case ConnectionReset fault -> "tcp_reset";
      case SingleClient fault -> "single_client";
    };
  }

  /** Strikes the requests to one device. */
  sealed interface OfDevice extends WireFault {
    String device();

    @Override
    default String target() {
      return device();
    }
  }

  /** Strikes a whole line. */
  sealed interface OfLine extends WireFault {
    String line();

    @Override
    default String target() {
      return target(line());
    }

    /** {@link #target} of a line. */
    static String target(String line) {
      return "line/" + line;
    }
  }

  /** The device does not answer at all. */
  record Silence(String device, long fromMillis, long untilMillis) implements OfDevice {
    public Silence {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /** The device is without power or taken out, for hours or days; it counts on meanwhile. */
  record UnitDead(String device, long fromMillis, long untilMillis) implements OfDevice {
    public UnitDead {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /**
   * Every answer takes longer.
   *
   * @param delayMillis more than usual, from request to reply, 1..60000
   */
  record Slow(String device, long fromMillis, long untilMillis, long delayMillis)
      implements OfDevice {
    public Slow {
      Rules.span(fromMillis, untilMillis);
      Rules.delay(delayMillis);
    }
  }

  /**
   * Some answers come so late that the next request is already out.
   *
   * @param every each how many-th request is answered late, ≥ 1
   * @param delayMillis from request to the late reply, 1..60000: longer than the reader's timeout
   */
  record LateReplies(String device, long fromMillis, long untilMillis, int every, long delayMillis)
      implements OfDevice {
    public LateReplies {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
      Rules.delay(delayMillis);
    }
  }

  /**
   * The device answers with an exception.
   *
   * @param code Modbus exception code, 1..255
   */
  record Refusal(String device, long fromMillis, long untilMillis, int code) implements OfDevice {
    public Refusal {
      Rules.span(fromMillis, untilMillis);
      Rules.require(code >= 1 && code <= 255, "an exception code is 1..255", code);
    }
  }

  /**
   * One byte of some replies is damaged: where the frame has a check sum any byte, each in its
   * turn; on Modbus TCP one of header, function or length, because a network does not damage what
   * is behind them without noticing.
   */
  record CorruptByte(String device, long fromMillis, long untilMillis, int every)
      implements OfDevice {
    public CorruptByte {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }

  /** The end of some replies is missing. */
  record Truncated(String device, long fromMillis, long untilMillis, int every)
      implements OfDevice {
    public Truncated {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }

  /** Some requests are answered in the name of another unit, with a correct check sum. */
  record ForeignUnit(String device, long fromMillis, long untilMillis, int every)
      implements OfDevice {
    public ForeignUnit {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }

  /** Some replies come twice, one close behind the other. */
  record DuplicateReply(String device, long fromMillis, long untilMillis, int every)
      implements OfDevice {
    public DuplicateReply {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }

  /**
   * Some replies come byte by byte.
   *
   * @param gapMicros between two bytes, 0..100000
   */
  record SplitReply(String device, long fromMillis, long untilMillis, int every, long gapMicros)
      implements OfDevice {
    public SplitReply {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
      Rules.require(gapMicros >= 0 && gapMicros <= 100_000, "a gap is 0..100000 us", gapMicros);
    }
  }

  /** Noise sits right before some replies, with no pause between. */
  record GluedNoise(String device, long fromMillis, long untilMillis, int every)
      implements OfDevice {
    public GluedNoise {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }

  /**
   * Bytes that nobody sent, in the pause after some exchanges.
   *
   * @param afterMillis from the request, 1..60000
   */
  record LineNoise(String line, long fromMillis, long untilMillis, int every, long afterMillis)
      implements OfLine {
    public LineNoise {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
      Rules.delay(afterMillis);
    }
  }

  /** Connections are taken and requests swallowed; nothing ever comes back. */
  record BlackHole(String line, long fromMillis, long untilMillis) implements OfLine {
    public BlackHole {
      Rules.span(fromMillis, untilMillis);
    }
  }

  /** Some requests are met by the end of the connection. Without effect on a serial port. */
  record ConnectionReset(String line, long fromMillis, long untilMillis, int every)
      implements OfLine {
    public ConnectionReset {
      Rules.span(fromMillis, untilMillis);
      Rules.every(every);
    }
  }

  /**
   * A gateway with room for one client, and a second client that comes when this begins.
   *
   * @param newestWins whether who comes later throws out the other, who comes back after {@value
   *     #BACK_MILLIS} ms; otherwise the gateway has just restarted, the other was first, and
   *     everybody else is refused
   */
  record SingleClient(String line, long fromMillis, long untilMillis, boolean newestWins)
      implements OfLine {

    /** How soon the other client connects again. */
    public static final long BACK_MILLIS = 10_000;

    public SingleClient {
      Rules.span(fromMillis, untilMillis);
    }
  }
}
