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
 * Replies of DL/T 645 meters: what is accepted has the address, control code, data identifier,
 * length and check sum of what was asked, and says the same whatever pieces it comes in.
 */
public final class Dlt645ReplyFuzz implements FuzzTarget {

  private static final Address METER = Address.of("987654");
  private static final int ITEM = 0x00010000;

  @Override
  public List<byte[]> seeds() {
    return List.of(
        input(4, "fefefefe685476980000006891083333343376a4563468"),
        input(4, "68547698000000689108333334337698ab7a"),
        input(2, "685476980000006891063333343334ab"),
        input(4, "685476980000 0068d10135"),
        input(4, "685476980000 0068b108333334337698ab7a"),
        input(0, "fefe68547698000000689306 87a9cb333333"));
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
    byte[] seen = Arrays.copyOf(stream, parser.received());
    check(item, seen, reply);

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
      parser.expectAddress(MeterFamily.DLT645);
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
            item == null && !address.equals(Address.any(MeterFamily.DLT645)), "nobody asked");
        assertEquals("93", HexFormat.of().formatHex(frame, 8, 9));
        assertEquals(6, frame[9]);
        byte[] digits = new byte[6];
        for (int i = 0; i < 6; i++) {
          digits[i] = (byte) (frame[15 - i] - 0x33);
        }
        assertEquals(HexFormat.of().formatHex(digits), address.toString());
      }
      case ItemReply.Refused(int error) -> {
        byte[] frame = frame(seen);
        assertTrue(item != null && error >= 1 && error <= 255, "error " + error);
        assertAddress(frame);
        assertEquals("d101", HexFormat.of().formatHex(frame, 8, 10));
      }
      case ItemReply.Item(ItemRead answered, byte[] value) -> {
        byte[] frame = frame(seen);
        assertEquals(item, answered);
        assertEquals(answered.bytes(), value.length);
        assertAddress(frame);
        assertEquals("91", HexFormat.of().formatHex(frame, 8, 9));
        assertEquals(4 + value.length, frame[9] & 0xFF);
        assertEquals("33333433", HexFormat.of().formatHex(frame, 10, 14));
        for (int i = 0; i < value.length; i++) {
          assertEquals((byte) (value[i] + 0x33), frame[14 + i]);
        }
      }
    }
  }

  private static void assertAddress(byte[] frame) {
    assertEquals("547698000000", HexFormat.of().formatHex(frame, 1, 7));
  }

  /** Without what woke the line up; length, check sum and end looked at by other means. */
  private static byte[] frame(byte[] seen) {
    int from = 0;
    while ((seen[from] & 0xFF) == 0xFE) {
      from++;
    }
    byte[] frame = Arrays.copyOfRange(seen, from, seen.length);
    assertEquals(12 + (frame[9] & 0xFF), frame.length);
    byte[] again = withTail(Arrays.copyOf(frame, frame.length - 2));
    assertEquals(HexFormat.of().formatHex(again), HexFormat.of().formatHex(frame));
    return frame;
  }

  private static byte[] withTail(byte[] frame) {
    int from = 0;
    while (from < frame.length && (frame[from] & 0xFF) == 0xFE) {
      from++;
    }
    int sum = 0;
    for (int i = from; i < frame.length; i++) {
      sum += frame[i];
    }
    byte[] whole = Arrays.copyOf(frame, frame.length + 2);
    whole[frame.length] = (byte) sum;
    whole[frame.length + 1] = 0x16;
    return whole;
  }
}
