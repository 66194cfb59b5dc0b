package io.lingtan.agent.acquire.mbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Telegrams of M-Bus meters: what is let in has both lengths, C and A fields, check sum and end of
 * an answer of the meter that was asked, and says the same whatever pieces it comes in; its records
 * can be told whatever they hold.
 */
public final class MbusReadoutFuzz implements FuzzTarget {

  private static final List<String> METERS = List.of("mbus-5", "mbus-12345678");

  @Override
  public List<byte[]> seeds() {
    return List.of(
        input(0, "6819196808057278563412244001075500000004060627000084"),
        input(0, "681f1f68080572785634122440010755000000046d1a2f65110c78785634120f01"),
        input(1, "681919680800727856341224400107550000000c060627000002fd4844098b60"),
        input(0, "6811116808057a5500000004860006270000041f"));
  }

  private static byte[] input(int meter, String hex) {
    return Bytes.of(HexFormat.of().parseHex(hex), 1, meter);
  }

  @Override
  public void take(byte[] input) {
    Bytes bytes = new Bytes(input);
    boolean completed = bytes.take() % 2 == 1;
    String meter = METERS.get(bytes.take() % METERS.size());
    byte[] rest = bytes.rest();
    byte[] stream = completed ? completed(rest) : rest;
    Readout whole = linked(meter);
    ReadoutReply reply = whole.feed(ByteBuffer.wrap(stream));
    Readout pieces = linked(meter);
    ReadoutReply inPieces = pieces.feed(ByteBuffer.allocate(0));
    int fed = 0;
    while (fed < stream.length && inPieces instanceof ReadoutReply.NeedMore) {
      inPieces = pieces.feed(ByteBuffer.wrap(stream, fed++, 1));
    }
    if (inPieces instanceof ReadoutReply.Further && fed < stream.length) {
      inPieces = reply; // more in the same go is refused, which bytes one by one cannot show
    }
    assertEquals(text(reply), text(inPieces));
    if (reply instanceof ReadoutReply.Complete(var told)) {
      check(meter, Arrays.copyOf(stream, whole.received()), told);
    }
  }

  private static Readout linked(String meter) {
    Readout readout = new Readout();
    readout.expect(Address.of(meter));
    readout.feed(ByteBuffer.wrap(new byte[] {(byte) 0xE5}));
    return readout;
  }

  private static String text(ReadoutReply reply) {
    return reply instanceof ReadoutReply.Complete(var told) ? told.text() : reply.toString();
  }

  private static void check(String meter, byte[] frame, Telegrams told) {
    assertEquals(HexFormat.of().formatHex(frame), HexFormat.of().formatHex(told.frames()));
    byte[] again = completed(Arrays.copyOfRange(frame, 4, frame.length - 2), frame.length - 6);
    assertEquals(HexFormat.of().formatHex(again), HexFormat.of().formatHex(frame));
    assertEquals(0x08, frame[4] & 0xCF);
    assertTrue(
        meter.equals("mbus-5")
            ? frame[5] == 5
            : HexFormat.of().formatHex(frame, 7, 11).equals("78563412"),
        "nobody asked it");
  }

  /** What was given as a frame's beginning, with lengths, sum and end that fit it. */
  private static byte[] completed(byte[] rest) {
    if (rest.length < 7) {
      return rest;
    }
    int length = Math.min(255, rest.length - 4);
    return completed(Arrays.copyOfRange(rest, 4, 4 + length), length);
  }

  private static byte[] completed(byte[] body, int length) {
    byte[] frame = new byte[length + 6];
    frame[0] = 0x68;
    frame[1] = (byte) length;
    frame[2] = (byte) length;
    frame[3] = 0x68;
    System.arraycopy(body, 0, frame, 4, length);
    for (byte each : body) {
      frame[length + 4] += each;
    }
    frame[length + 5] = 0x16;
    return frame;
  }
}
