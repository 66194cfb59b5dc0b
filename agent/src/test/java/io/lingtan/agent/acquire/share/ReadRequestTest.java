package io.lingtan.agent.acquire.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.share.ReadRequest.Garbage;
import io.lingtan.agent.acquire.share.ReadRequest.Incomplete;
import io.lingtan.agent.acquire.share.ReadRequest.Read;
import io.lingtan.agent.acquire.share.ReadRequest.Refused;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a caller's bytes are taken for. */
final class ReadRequestTest {

  private static ByteBuffer bytes(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex));
  }

  @Test
  void aWholeFrameIsTakenAndWhatFollowsStays() {
    ByteBuffer in = bytes("00070000000601040034000200");
    assertEquals(new Read(7, 1, new BlockRead(4, 0x34, 2)), ReadRequest.take(in));
    assertEquals(1, in.remaining());
    assertInstanceOf(Incomplete.class, ReadRequest.take(in));
    assertEquals(1, in.remaining());
  }

  @Test
  void aFrameIsIncompleteUpToItsLastByteAndGarbageFromTheFirstThatShowsIt() {
    byte[] whole = HexFormat.of().parseHex("000700000006010400340002");
    for (int length = 0; length < whole.length; length++) {
      assertInstanceOf(Incomplete.class, ReadRequest.take(ByteBuffer.wrap(whole, 0, length)));
    }
    for (String hex : new String[] {"474554", "000701", "00070001", "0007000001", "000700000001"}) {
      assertInstanceOf(Garbage.class, ReadRequest.take(bytes(hex)), hex);
    }
    assertInstanceOf(Garbage.class, ReadRequest.take(bytes("0007000000ff")));
  }

  @Test
  void everyFunctionButTheFourReadsIsRefusedAsOne() {
    for (int function = 0; function < 256; function++) {
      ByteBuffer in = bytes("000700000006010000340002");
      in.put(7, (byte) function);
      ReadRequest taken = ReadRequest.take(in);
      if (function >= 1 && function <= 4) {
        assertInstanceOf(Read.class, taken);
      } else {
        assertEquals(new Refused(7, 1, function, 1), taken);
      }
    }
  }

  /**
   * Whatever comes, it is judged at once, within the bytes that came, and asks for nothing else.
   */
  @Test
  void noBytesMakeMoreThanARead() {
    long seed = 20261130L;
    Random random = new Random(seed);
    int reads = 0;
    for (int i = 0; i < 100_000; i++) {
      byte[] frame = new byte[random.nextInt(ReadRequest.LONGEST + 40)];
      random.nextBytes(frame);
      for (int at = 2; at < Math.min(5, frame.length); at++) {
        frame[at] = 0;
      }
      if (frame.length > 7 && i % 2 == 0) {
        frame[5] = 6;
        frame[7] = (byte) (1 + random.nextInt(6));
      }
      ByteBuffer in = ByteBuffer.wrap(frame);
      ReadRequest taken = ReadRequest.take(in);
      String what = "seed " + seed + ", frame " + HexFormat.of().formatHex(frame);
      boolean moved = in.position() > 0;
      switch (taken) {
        case Incomplete incomplete -> assertFalse(moved, what);
        case Garbage garbage -> assertFalse(moved, what);
        case Refused refused -> assertEquals(6 + (frame[5] & 0xFF), in.position(), what);
        case Read(int transaction, int unit, BlockRead block) -> {
          reads++;
          assertEquals(12, in.position(), what);
          assertEquals(frame[7], block.function(), what);
          assertTrue(block.end() <= 65_536 && block.valueBytes() <= 250, what);
        }
      }
    }
    assertTrue(reads > 100, "only " + reads + " reads");
  }

  @Test
  void bitsAreCutOutOfAReplyWhereverTheyBegin() {
    BlockRead read = new BlockRead(1, 100, 20);
    byte[] bytes = HexFormat.of().parseHex("cd6b05");
    assertEquals("01", HexFormat.of().formatHex(cut(read, bytes, 102, 1)));
    assertEquals("d7", HexFormat.of().formatHex(cut(read, bytes, 107, 8)));
    assertEquals("05", HexFormat.of().formatHex(cut(read, bytes, 116, 4)));
    assertEquals("cd6b05", HexFormat.of().formatHex(cut(read, bytes, 100, 20)));
  }

  private static byte[] cut(BlockRead read, byte[] bytes, int address, int count) {
    return RecentReplies.cut(read, bytes, new BlockRead(1, address, count));
  }
}
