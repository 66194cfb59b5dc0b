package io.lingtan.agent.acquire.item;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.MeterFamily;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replies of CJ/T 188 meters: what is accepted has the kind and address of the meter, the control
 * code, data identifier, serial number, length and check sum of what was asked, and says the same
 * whatever pieces it comes in.
 */
public final class Cjt188ReplyFuzz implements FuzzTarget {

  private static final Address METER = Address.of("1078330011223344");
  private static final int ITEM = 0x901F;

  @Override
  public List<byte[]> seeds() {
    return List.of(
        input(
            19, "fefefefe6810443322110033788116 1f9000 0077665 52c007766552c31012211051520218413"),
        input(19, "68104433221100337881161f900000776655"),
        input(4, "6810443322110033788107 1f9000 11223344"),
        input(4, "6810443322110033 78c103 00 0000"),
        input(0, "fe6810443322110033788303 01810a00"));
  }

  private static byte[] input(int itemBytes, String hex) {
    return Bytes.of(HexFormat.of().parseHex(hex.replace(" ", "")), 1, itemBytes);
  }

  @Override
  public void take(byte[] input) {
    Bytes bytes = new Bytes(input);
    boolean completed = bytes.take() % 2 == 1;
    int itemBytes = bytes.take() % (ItemRead.MAX_BYTES + 1);
    byte[] stream = completed ? withTail(bytes.rest()) : bytes.rest();
    ItemRead item = itemBytes == 0 ? null : new ItemRead(ITEM, itemBytes);

    ItemReplyParser parser = expecting(item);
    ItemReply reply = parser.feed(ByteBuffer.wrap(stream));
    check(item, Arrays.copyOf(stream, parser.received()), reply);

    ItemReplyParser other = expecting(item);
    ItemReply inPieces = other.feed(ByteBuffer.allocate(0));
    for (int i = 0; i < stream.length && inPieces instanceof ItemReply.NeedMore; i++) {
      inPieces = other.feed(ByteBuffer.wrap(stream, i, 1));
    }
    assertEquals(text(reply), text(inPieces));
  }

  private static ItemReplyParser expecting(@Nullable ItemRead item) {
    ItemReplyParser parser = new ItemReplyParser();
    if (item == null) {
      parser.expectAddress(MeterFamily.CJT188);
    } else {
      parser.expect(METER, item);
    }
    return parser;
  }

  private static String text(ItemReply reply) {
    return reply instanceof ItemReply.Item(ItemRead item, byte[] value)
        ? item + HexFormat.of().formatHex(value)
        : reply.toString();
  }

  private static void check(@Nullable ItemRead item, byte[] seen, ItemReply reply) {
    switch (reply) {
      case ItemReply.NeedMore more -> {}
      case ItemReply.Rejected(_, String what) -> assertTrue(what.length() < 300, what);
      case ItemReply.Here(Address address) -> {
        byte[] frame = frame(seen);
        assertTrue(
            item == null && !address.equals(Address.any(MeterFamily.CJT188)), "nobody asked");
        assertEquals(0x83, frame[9] & 0xFF);
      }
      case ItemReply.Refused(int error) -> {
        byte[] frame = frame(seen);
        assertTrue(item != null && error >= 1 && error <= 255, "error " + error);
        assertEquals("10443322110033" + "78", HexFormat.of().formatHex(frame, 1, 9));
        assertEquals(0xC1, frame[9] & 0xFF);
      }
      case ItemReply.Item(ItemRead answered, byte[] value) -> {
        byte[] frame = frame(seen);
        assertEquals(item, answered);
        assertEquals(answered.bytes(), value.length);
        assertEquals("10443322110033" + "78", HexFormat.of().formatHex(frame, 1, 9));
        assertEquals(0x81, frame[9] & 0xFF);
        assertEquals(3 + value.length, frame[10] & 0xFF);
        assertEquals("1f9000", HexFormat.of().formatHex(frame, 11, 14));
        assertEquals(
            HexFormat.of().formatHex(value),
            HexFormat.of().formatHex(frame, 14, 14 + value.length));
      }
    }
  }

  /** Without what woke the line up; length, check sum and end looked at by other means. */
  private static byte[] frame(byte[] seen) {
    int from = wakeUps(seen);
    byte[] frame = Arrays.copyOfRange(seen, from, seen.length);
    assertEquals(13 + (frame[10] & 0xFF), frame.length);
    byte[] again = withTail(Arrays.copyOf(frame, frame.length - 2));
    assertEquals(HexFormat.of().formatHex(again), HexFormat.of().formatHex(frame));
    return frame;
  }

  private static int wakeUps(byte[] bytes) {
    int from = 0;
    while (from < bytes.length && (bytes[from] & 0xFF) == 0xFE) {
      from++;
    }
    return from;
  }

  private static byte[] withTail(byte[] frame) {
    int sum = 0;
    for (int i = wakeUps(frame); i < frame.length; i++) {
      sum += frame[i];
    }
    byte[] whole = Arrays.copyOf(frame, frame.length + 2);
    whole[frame.length] = (byte) sum;
    whole[frame.length + 1] = 0x16;
    return whole;
  }
}
