package io.lingtan.agent.reading;

/**
 * Why a value is not there. Stands in a record's {@code bad} map instead of the number.
 *
 * @param code the word in the record: {@code timeout crc exception_N sentinel range stale suspect
 *     offline config lost_pulses}
 */
public record Reason(String code) {

  /** The device did not answer within the line's timeout. */
  public static final Reason TIMEOUT = new Reason("timeout");

  /** What came back did not pass its check: CRC, length, unit, function or framing. */
  public static final Reason CRC = new Reason("crc");

  /** The meter itself says "not available". */
  public static final Reason SENTINEL = new Reason("sentinel");

  /** Outside of what the profile says is possible. */
  public static final Reason RANGE = new Reason("range");

  /** Older than its freshness allows. */
  public static final Reason STALE = new Reason("stale");

  /** Read, but not believed: wrong ratio, an unconfirmed jump. */
  public static final Reason SUSPECT = new Reason("suspect");

  /** The circuit breaker is open: the device is only probed. */
  public static final Reason OFFLINE = new Reason("offline");

  /** The line or device cannot work as declared: no such port, no permission. */
  public static final Reason CONFIG = new Reason("config");

  /** Pulses were lost in the kernel's buffer. */
  public static final Reason LOST_PULSES = new Reason("lost_pulses");

  public Reason {
    if (!code.matches("[a-z]+(_[a-z0-9]+)?")) {
      throw new IllegalArgumentException("not a reason: " + code);
    }
  }

  /**
   * The device answered with an exception.
   *
   * @param code the exception code, 1..255 (Modbus Application Protocol V1.1b3, section 7)
   */
  public static Reason exception(int code) {
    return new Reason("exception_" + code);
  }

  @Override
  public String toString() {
    return code;
  }
}
