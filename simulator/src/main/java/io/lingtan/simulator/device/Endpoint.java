package io.lingtan.simulator.device;

import io.lingtan.simulator.fault.Effect;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.world.World;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One Modbus TCP address with the units behind it: requests in, replies out, bytes only (Modbus
 * Messaging on TCP/IP V1.0b, 3.1; Application Protocol V1.1b3, 6.3, 6.4 and 7). A unit that is not
 * there is answered for by the gateway with exception 11; a unit that is there and silent is not.
 * Used on the thread that drives the world.
 */
public final class Endpoint {

  /** Longest frame: 7 bytes of header and a PDU of 253. */
  public static final int LONGEST_FRAME = 260;

  /** Told of each block of registers that goes into a reply, on the thread that serves it. */
  @FunctionalInterface
  public interface Log {

    /**
     * Registers were read.
     *
     * @param function 3 (holding) or 4 (input)
     * @param address first register on the wire, 0-based
     * @param count registers, 1..125
     * @param millis the world's time that the values are of
     */
    void served(Meter meter, int function, int address, int count, long millis);
  }

  private static final int HEADER = 7;
  private static final int TARGET_FAILED_TO_RESPOND = 11;

  private final String id;
  private final SortedMap<Integer, Meter> units = new TreeMap<>();
  private final @Nullable Meter[] byUnit = new @Nullable Meter[256];
  private final World world;
  private final FaultPlan faults;
  private final long usualDelayMillis;
  private long delayMillis;
  private Log log = (meter, function, address, count, millis) -> {};
  private long served;
  private long unanswered;

  /**
   * @param id of the line in the site file
   * @param usualDelayMillis from request to reply when nothing goes wrong, ≥ 0
   */
  public Endpoint(String id, World world, FaultPlan faults, long usualDelayMillis) {
    if (usualDelayMillis < 0) {
      throw new IllegalArgumentException("a delay is not negative: " + usualDelayMillis);
    }
    this.id = id;
    this.world = world;
    this.faults = faults;
    this.usualDelayMillis = usualDelayMillis;
  }

  /** Puts a meter behind it. */
  public Endpoint with(int unit, Meter meter) {
    if (unit < 0 || unit > 255 || units.putIfAbsent(unit, meter) != null) {
      throw new IllegalArgumentException("unit is 0..255 and free: " + unit + " on " + id);
    }
    byUnit[unit] = meter;
    return this;
  }

  public String id() {
    return id;
  }

  /** Who is told of what is served. Before the first request. */
  public void log(Log newLog) {
    log = newLog;
  }

  public SortedMap<Integer, Meter> units() {
    return units;
  }

  /** Requests that got a reply. */
  public long served() {
    return served;
  }

  /** Requests that got none. */
  public long unanswered() {
    return unanswered;
  }

  /**
   * Length of the frame that begins at {@code from}.
   *
   * @return 0 while its header is not complete; -1 if this is not Modbus TCP
   */
  public static int frameLength(byte[] bytes, int from, int available) {
    if (available < 6) {
      return 0;
    }
    int protocol = word(bytes, from + 2);
    int length = word(bytes, from + 4);
    return protocol != 0 || length < 2 || length > LONGEST_FRAME - 6 ? -1 : 6 + length;
  }

  /**
   * Answers a request.
   *
   * @param request one whole frame
   * @param reply where the answer goes, at least {@link #LONGEST_FRAME} bytes
   * @param millis the world's time at which it arrived: the values in the reply are of this
   *     instant, however late it is sent
   * @return length of the reply, 0 for none; {@link #replyDelayMillis} says when to send it
   */
  public int serve(byte[] request, int length, byte[] reply, long millis) {
    delayMillis = usualDelayMillis;
    if (length < HEADER + 1) {
      unanswered++;
      return 0;
    }
    long at = Math.max(millis, world.stepStart());
    world.advanceTo(at);
    int unit = request[6] & 0xFF;
    int function = request[7] & 0xFF;
    Meter meter = byUnit[unit];
    int pdu;
    if (meter == null) {
      pdu = refuse(reply, function, TARGET_FAILED_TO_RESPOND);
    } else {
      Effect effect = faults.judge(meter.id(), at);
      if (effect.silent()) {
        unanswered++;
        return 0;
      }
      delayMillis += effect.delayMillis();
      pdu =
          effect.exception() != 0
              ? refuse(reply, function, effect.exception())
              : answer(meter, function, request, length, reply, at);
      if (effect.corrupt()) {
        reply[HEADER] ^= 0x40;
      }
    }
    reply[0] = request[0];
    reply[1] = request[1];
    reply[2] = 0;
    reply[3] = 0;
    reply[4] = (byte) ((pdu + 1) >>> 8);
    reply[5] = (byte) (pdu + 1);
    reply[6] = request[6];
    served++;
    return HEADER + pdu;
  }

  /** How long after the request the last reply leaves. */
  public long replyDelayMillis() {
    return delayMillis;
  }

  private int answer(
      Meter meter, int function, byte[] request, int length, byte[] reply, long millis) {
    if (function != 3 && function != 4) {
      return refuse(reply, function, Meter.ILLEGAL_FUNCTION);
    }
    if (length != HEADER + 5) {
      return refuse(reply, function, Meter.ILLEGAL_VALUE);
    }
    int address = word(request, 8);
    int count = word(request, 10);
    int refused =
        count < 1 || count > 125
            ? Meter.ILLEGAL_VALUE
            : meter.read(function, address, count, world, millis, reply, HEADER + 2);
    if (refused != 0) {
      return refuse(reply, function, refused);
    }
    log.served(meter, function, address, count, millis);
    reply[HEADER] = (byte) function;
    reply[HEADER + 1] = (byte) (2 * count);
    return 2 + 2 * count;
  }

  private static int refuse(byte[] reply, int function, int code) {
    reply[HEADER] = (byte) (function | 0x80);
    reply[HEADER + 1] = (byte) code;
    return 2;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
