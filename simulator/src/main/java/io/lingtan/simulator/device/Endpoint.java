package io.lingtan.simulator.device;

import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.World;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line with the units on it: requests in, replies out, bytes only (Modbus Application Protocol
 * V1.1b3, 6.3, 6.4 and 7; DL/T 645-2007, CJ/T 188 and M-Bus beside it on a serial line). The same
 * units answer over Modbus TCP, RTU and RTU over TCP. On Modbus TCP a unit that is not there is
 * answered for by the gateway with exception 11; on a serial line nobody answers. Used on the
 * thread that drives the world.
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
     * @param reply holds the registers as they are served, from {@code at}; to be copied
     */
    void served(
        Meter meter, int function, int address, int count, long millis, byte[] reply, int at);
  }

  private static final int TARGET_FAILED_TO_RESPOND = 11;
  private static final long MILLI = 1_000_000L;

  private final String id;
  private final Wiring wiring;
  private final SortedMap<Integer, Meter> units = new TreeMap<>();
  private final Map<Integer, List<Meter>> parts = new TreeMap<>();
  private final @Nullable Meter[] byUnit = new @Nullable Meter[256];
  private final World world;
  private final FaultPlan faults;
  private final long usualDelayMillis;
  private final String asTarget;
  private final byte[] reply = new byte[LONGEST_FRAME];
  private final Damage damage;
  private final ItemUnits items = new ItemUnits();
  private Log log = (meter, function, address, count, millis, reply, at) -> {};
  private long served;
  private int itemFrameBytes;
  private long unknownNanos;
  private boolean foreignItem;

  /**
   * @param id of the line in the site file
   * @param usualDelayMillis from the end of a request to its reply when nothing goes wrong, ≥ 0
   */
  public Endpoint(String id, Wiring wiring, World world, FaultPlan faults, long usualDelayMillis) {
    if (usualDelayMillis < 0) {
      throw new IllegalArgumentException("a delay is not negative: " + usualDelayMillis);
    }
    this.id = id;
    this.wiring = wiring;
    this.world = world;
    this.faults = faults;
    this.usualDelayMillis = usualDelayMillis;
    this.asTarget = WireFault.OfLine.target(id);
    this.damage = new Damage(wiring);
  }

  /** Puts a meter behind it. */
  public Endpoint with(int unit, Meter meter) {
    if (unit < 0 || unit > 255 || units.putIfAbsent(unit, meter) != null) {
      throw new IllegalArgumentException("unit is 0..255 and free: " + unit + " on " + id);
    }
    byUnit[unit] = meter;
    meter.suffers(faults);
    return this;
  }

  /**
   * Puts a device behind a unit that has one already: parts of one machine, such as the panels and
   * the battery of a hybrid inverter, whose registers lie apart.
   */
  public Endpoint beside(int unit, Meter meter) {
    if (!units.containsKey(unit)) {
      return with(unit, meter);
    }
    parts.computeIfAbsent(unit, id -> new ArrayList<>()).add(meter);
    meter.suffers(faults);
    return this;
  }

  /** Whose registers are asked for. */
  private @Nullable Meter asked(int unit, byte[] request, int length) {
    Meter meter = byUnit[unit];
    List<Meter> others = parts.isEmpty() ? null : parts.get(unit);
    int pdu = wiring.framing().pduAt();
    if (others == null || wiring.framing().pduLength(length) != 5) {
      return meter;
    }
    int function = request[pdu] & 0xFF;
    for (Meter other : others) {
      if (other.holds(function, word(request, pdu + 1), word(request, pdu + 3))) {
        return other;
      }
    }
    return meter;
  }

  /** Puts a meter that has an address of its own beside them. Not on Modbus TCP. */
  public Endpoint with(ItemMeter meter) {
    if (wiring.framing() == Framing.TCP) {
      throw new IllegalArgumentException(
          id + " is Modbus TCP, which no such meter goes through: " + meter.meter().id());
    }
    items.add(meter);
    meter.meter().suffers(faults);
    return this;
  }

  public String id() {
    return id;
  }

  /** Every meter on it. */
  public List<Meter> meters() {
    List<Meter> all = new ArrayList<>(units.values());
    parts.values().forEach(all::addAll);
    all.addAll(items.meters());
    return all;
  }

  /** Every meter on it by what a master calls it: a unit id, or an address. */
  public SequencedMap<String, Meter> unitNames() {
    SequencedMap<String, Meter> names = new LinkedHashMap<>();
    units.forEach((unit, meter) -> names.put(String.valueOf(unit), meter));
    parts.forEach(
        (unit, others) ->
            others.forEach(other -> names.put(unit + " (" + other.id() + ")", other)));
    items.names().forEach(names::put);
    return names;
  }

  public Wiring wiring() {
    return wiring;
  }

  /** Who is told of what is served. Before the first request. */
  public void log(Log newLog) {
    log = newLog;
  }

  public SortedMap<Integer, Meter> units() {
    return units;
  }

  /**
   * Bytes of the reply that is being sent, undamaged, where it is one with data items; 0 for a
   * Modbus reply.
   */
  public int itemFrameBytes() {
    return itemFrameBytes;
  }

  /** Time that a master gives that reply beside its timeout, as it cannot know how long it is. */
  public long unknownNanos() {
    return unknownNanos;
  }

  /** Whether that reply is in another meter's name, or several have answered at once. */
  public boolean isForeignItem() {
    return foreignItem;
  }

  /** Requests that got a reply. */
  public long served() {
    return served;
  }

  /**
   * Length of the request that begins at {@code from}.
   *
   * @return 0 while that cannot be said; -1 if it never will be a frame of this line's framing
   */
  public int requestLength(byte[] bytes, int from, int available) {
    int whole = items.requestLength(bytes, from, available);
    return whole >= 0 ? whole : wiring.framing().requestLength(bytes, from, available);
  }

  /**
   * Answers a request.
   *
   * @param request one whole frame, or what a serial line carried up to a pause
   * @param millis the world's time at which it arrived: the values in the reply are of this
   *     instant, however late it is sent
   * @param out gets what leaves, if anything does
   */
  public void serve(byte[] request, int length, long millis, Outgoing out) {
    boolean item = items.isRequest(request, length);
    Framing framing = wiring.framing();
    boolean heard =
        item || (framing.pduLength(length) >= 1 && framing.isChecked(request, 0, length));
    if (!heard) {
      return;
    }
    long at = Math.max(millis, world.stepStart());
    world.advanceTo(at);
    List<WireFault> ofLine = faults.strike(asTarget, at);
    if (isSilent(ofLine)) {
      return;
    }
    if (isReset(ofLine)) {
      out.reset();
      return;
    }
    itemFrameBytes = 0;
    unknownNanos = 0;
    boolean answered =
        item ? serveAddress(request, length, at, out) : serveUnit(request, length, at, out);
    if (answered) {
      served++;
    }
    for (WireFault fault : ofLine) {
      if (fault instanceof WireFault.LineNoise noise) {
        damage.noise(length * wiring.characterNanos() + noise.afterMillis() * MILLI, out);
      }
    }
  }

  /** A Modbus request; returns whether anybody answers. */
  private boolean serveUnit(byte[] request, int length, long at, Outgoing out) {
    Framing framing = wiring.framing();
    int unit = request[framing.unitAt()] & 0xFF;
    Meter meter = asked(unit, request, length);
    List<WireFault> struck = meter == null ? List.of() : faults.strike(meter.id(), at);
    if (isSilent(struck) || (meter != null && !meter.isAwake(world, at))) {
      return false;
    }
    int pdu = answer(meter, request, length, at, struck);
    if (pdu == 0) {
      return false;
    }
    Damage.Reply frame =
        new Damage.Reply() {
          @Override
          public byte[] frame(List<WireFault> by) {
            boolean foreign = by.stream().anyMatch(WireFault.ForeignUnit.class::isInstance);
            int named = foreign ? unit % 247 + 1 : unit;
            return Arrays.copyOf(reply, framing.wrap(request, named, reply, pdu));
          }

          @Override
          public int damageable(int bytes) {
            return framing.damageable(bytes);
          }
        };
    long start = length * wiring.characterNanos() + delayMillis(struck) * MILLI;
    damage.send(frame, start, wiring.characterNanos(), struck, out);
    return true;
  }

  /**
   * A request to an address; returns whether anybody answers. Several answer at once, and nobody
   * can be understood.
   */
  private boolean serveAddress(byte[] request, int length, long at, Outgoing out) {
    List<byte[]> frames = new ArrayList<>();
    List<WireFault> struck = List.of();
    long characterNanos = wiring.characterNanos();
    for (ItemMeter one : items.meant(request, length)) {
      struck = faults.strike(one.meter().id(), at);
      byte[] answer = null;
      if (!isSilent(struck) && one.meter().isAwake(world, at)) {
        answer =
            one.answer(
                request,
                length,
                isRefused(struck),
                isForeign(struck),
                world,
                at,
                (item, raw) -> logItem(one.meter(), item, raw, at));
      }
      if (answer != null) {
        characterNanos = Wiring.nanos(ItemUnits.format(one, wiring.format()));
        unknownNanos = one.unknownBytes() * characterNanos;
        frames.add(answer);
      }
    }
    if (frames.isEmpty()) {
      return false;
    }
    byte[] mixed = ItemUnits.mixed(frames);
    itemFrameBytes = mixed.length;
    foreignItem = frames.size() > 1 || isForeign(struck);
    Damage.Reply frame =
        new Damage.Reply() {
          @Override
          public byte[] frame(List<WireFault> by) {
            return mixed;
          }

          @Override
          public int damageable(int bytes) {
            return bytes;
          }
        };
    long start = length * characterNanos + delayMillis(struck) * MILLI;
    damage.send(frame, start, characterNanos, struck, out);
    return true;
  }

  /** An item is told as if it were two registers. */
  private void logItem(Meter meter, int item, long raw, long at) {
    byte[] words = ByteBuffer.allocate(4).putInt((int) raw).array();
    log.served(meter, Dlt645Meter.ITEM, item, 2, at, words, 0);
  }

  private static boolean isForeign(List<WireFault> struck) {
    return struck.stream().anyMatch(WireFault.ForeignUnit.class::isInstance);
  }

  private static boolean isRefused(List<WireFault> struck) {
    return struck.stream().anyMatch(WireFault.Refusal.class::isInstance);
  }

  private static boolean isSilent(List<WireFault> struck) {
    return !struck.isEmpty() && struck.getFirst().isSilencing();
  }

  private boolean isReset(List<WireFault> struck) {
    return wiring.framing() != Framing.RTU
        && struck.stream().anyMatch(WireFault.ConnectionReset.class::isInstance);
  }

  private long delayMillis(List<WireFault> struck) {
    long more = 0;
    for (WireFault fault : struck) {
      switch (fault) {
        case WireFault.Slow slow -> more = Math.max(more, slow.delayMillis());
        case WireFault.LateReplies late -> more = Math.max(more, late.delayMillis());
        default -> {}
      }
    }
    return usualDelayMillis + more;
  }

  /** Puts the PDU of the answer into {@link #reply}; returns its length, 0 for no answer. */
  private int answer(
      @Nullable Meter meter, byte[] request, int length, long at, List<WireFault> struck) {
    Framing framing = wiring.framing();
    int function = request[framing.pduAt()] & 0xFF;
    if (meter == null) {
      return framing.hasGateway() ? refuse(function, TARGET_FAILED_TO_RESPOND) : 0;
    }
    for (WireFault fault : struck) {
      if (fault instanceof WireFault.Refusal refusal) {
        return refuse(function, refusal.code());
      }
    }
    if (function != 3 && function != 4) {
      return refuse(function, Meter.ILLEGAL_FUNCTION);
    }
    if (framing.pduLength(length) != 5) {
      return refuse(function, Meter.ILLEGAL_VALUE);
    }
    int pdu = framing.pduAt();
    int address = word(request, pdu + 1);
    int count = word(request, pdu + 3);
    int refused =
        count < 1 || count > 125
            ? Meter.ILLEGAL_VALUE
            : meter.read(function, address, count, world, at, reply, pdu + 2);
    if (refused != 0) {
      return refuse(function, refused);
    }
    log.served(meter, function, address, count, at, reply, pdu + 2);
    reply[pdu] = (byte) function;
    reply[pdu + 1] = (byte) (2 * count);
    return 2 + 2 * count;
  }

  private int refuse(int function, int code) {
    int pdu = wiring.framing().pduAt();
    reply[pdu] = (byte) (function | 0x80);
    reply[pdu + 1] = (byte) code;
    return 2;
  }

  /** Whether a new connection is taken at {@code millis}; counts a refusal. */
  public boolean admits(long millis) {
    WireFault.SingleClient other = otherClient(millis);
    if (other == null || other.newestWins()) {
      return true;
    }
    faults.count(other, millis);
    return false;
  }

  /** Whether a connection open since {@code openedMillis} has been cut; counts it then. */
  public boolean cuts(long openedMillis, long millis) {
    WireFault.SingleClient other = otherClient(millis);
    if (other == null
        || (openedMillis >= other.fromMillis()
            && millis - openedMillis < WireFault.SingleClient.BACK_MILLIS)) {
      return false;
    }
    faults.count(other, millis);
    return true;
  }

  private WireFault.@Nullable SingleClient otherClient(long millis) {
    for (Fault fault : faults.at(asTarget, millis)) {
      if (fault instanceof WireFault.SingleClient other) {
        return other;
      }
    }
    return null;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
  }
}
