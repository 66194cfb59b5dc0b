package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.modbus.Framing;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/** Modbus units behind a {@link FakeChannel}, with an encoder of their own. */
public final class FakeUnits implements FakeChannel.Peer {

  /** A read of registers over RTU. */
  private static final int SHORTEST = 8;

  private static final Deque<Integer> NONE = new ArrayDeque<>(0);

  /** One unit: registers by address, how long it takes, whether it is there. */
  public static final class Unit {
    public final Map<Integer, Integer> registers = new HashMap<>();
    public LongSupplier delayNanos = () -> 10_000_000L;
    public boolean silent;

    /** Whether a register that nobody set reads 0 instead of being refused. */
    boolean zeros;

    public int exception;

    /** Exceptions that reads which begin there are answered with first, one after the other. */
    final Map<Integer, Deque<Integer>> passing = new HashMap<>();

    public int maxWords = 125;
    int requests;

    /** Registers that hold the number of the request that asks for them, see {@link Served}. */
    final Set<Integer> numbered = new HashSet<>();

    public Unit set(int address, int... words) {
      for (int i = 0; i < words.length; i++) {
        registers.put(address + i, words[i]);
      }
      return this;
    }

    public Unit fill(int from, int count) {
      for (int i = 0; i < count; i++) {
        registers.putIfAbsent(from + i, 0);
      }
      return this;
    }

    public Unit setFloat(int address, float value) {
      int bits = Float.floatToIntBits(value);
      return set(address, bits >>> 16, bits & 0xFFFF);
    }
  }

  /**
   * A request that a unit answered, or will.
   *
   * @param arrivesNanos when the answer is at the line's other end
   */
  public record Served(int unit, BlockRead read, long sentNanos, long arrivesNanos) {}

  private final Framing framing;

  /** Every request that is answered, in the order of sending; its place is its number. */
  public final List<Served> served = new ArrayList<>();

  final Map<Integer, Unit> units = new HashMap<>();

  /** What is asked of the units, in order, for tests that look. */
  public final List<String> asked = new ArrayList<>();

  /** A question that nobody answers, as in {@link #asked}. */
  public String deafTo = "";

  /** Whether each reply is sent two times. */
  public boolean twice;

  public FakeUnits(Framing framing) {
    this.framing = framing;
  }

  public Unit unit(int id) {
    return units.computeIfAbsent(id, key -> new Unit());
  }

  @Override
  public void request(FakeChannel channel, byte[] frame) {
    if (frame.length < SHORTEST) {
      return; // A short frame of M-Bus is no request that any Modbus unit hears.
    }
    ByteBuffer in = ByteBuffer.wrap(frame);
    int transaction = 0;
    if (framing == Framing.TCP) {
      transaction = in.getShort() & 0xFFFF;
      in.getInt();
    }
    int id = in.get() & 0xFF;
    int function = in.get() & 0xFF;
    int address = in.getShort() & 0xFFFF;
    int words = in.getShort() & 0xFFFF;
    asked.add(id + "/" + function + "/" + address + "/" + words);
    Unit unit = units.get(id);
    if (unit == null || unit.silent || asked.getLast().equals(deafTo)) {
      return;
    }
    unit.requests++;
    for (int numbered : unit.numbered) {
      unit.registers.put(numbered, served.size());
    }
    byte[] pdu = pdu(unit, function, address, words);
    byte[] reply = frame(transaction, id, pdu);
    long delay = unit.delayNanos.getAsLong();
    long now = channel.nowNanos();
    served.add(new Served(id, new BlockRead(function, address, words), now, now + delay));
    channel.deliver(delay, reply);
    if (twice) {
      channel.deliver(delay, reply);
    }
  }

  private static byte[] pdu(Unit unit, int function, int address, int words) {
    if (unit.exception != 0) {
      return new byte[] {(byte) (function | 0x80), (byte) unit.exception};
    }
    Integer passing = unit.passing.getOrDefault(address, NONE).poll();
    if (passing != null) {
      return new byte[] {(byte) (function | 0x80), (byte) (int) passing};
    }
    if (words > unit.maxWords) {
      return new byte[] {(byte) (function | 0x80), 3};
    }
    if (function <= 2) {
      return bits(unit, function, address, words);
    }
    ByteBuffer pdu = ByteBuffer.allocate(2 + 2 * words);
    pdu.put((byte) function).put((byte) (2 * words));
    for (int i = 0; i < words; i++) {
      Integer word = unit.registers.getOrDefault(address + i, unit.zeros ? 0 : null);
      if (word == null) {
        return new byte[] {(byte) (function | 0x80), 2};
      }
      pdu.putShort((short) (int) word);
    }
    return pdu.array();
  }

  private static byte[] bits(Unit unit, int function, int address, int count) {
    byte[] pdu = new byte[2 + (count + 7) / 8];
    pdu[0] = (byte) function;
    pdu[1] = (byte) (pdu.length - 2);
    for (int i = 0; i < count; i++) {
      Integer bit = unit.registers.get(address + i);
      if (bit == null) {
        return new byte[] {(byte) (function | 0x80), 2};
      }
      pdu[2 + i / 8] |= (byte) (bit << (i % 8));
    }
    return pdu;
  }

  byte[] frame(int transaction, int id, byte[] pdu) {
    ByteBuffer out = ByteBuffer.allocate(300);
    if (framing == Framing.TCP) {
      out.putShort((short) transaction).putShort((short) 0).putShort((short) (pdu.length + 1));
    }
    out.put((byte) id).put(pdu);
    if (framing != Framing.TCP) {
      int crc = crc(out.array(), out.position());
      out.put((byte) crc).put((byte) (crc >>> 8));
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static int crc(byte[] bytes, int length) {
    int crc = 0xFFFF;
    for (int i = 0; i < length; i++) {
      crc ^= bytes[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? crc >>> 1 ^ 0xA001 : crc >>> 1;
      }
    }
    return crc;
  }
}
