package io.lingtan.agent.acquire.item;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The frames of S06. */
final class WorkedFramesTest {

  private static final ItemRead FORWARD = new ItemRead(0x00010000, 4);

  private static byte[] hex(Node text) {
    return HexFormat.of().parseHex(text.text().replace(" ", ""));
  }

  private static String hex(int value) {
    return "%02X".formatted(value);
  }

  @Test
  void theCheckSumOfThePublishedFrameIsTheOneItCarries() {
    Node example = WorkedExamples.cases("S06").getFirst();
    byte[] frame = hex(example.at("inputs").at("bytes_from_first_68"));
    Node expected = example.at("expected");
    String sum = hex(Frames.sum(frame, 0, frame.length));
    assertEquals(expected.at("CS").text(), sum);
    assertEquals(expected.at("frame_says").text(), sum);
    // 1997's data identifier has two bytes, low byte first, 33H added to each as in 2007.
    int low = frame[10] - Frames.DLT645.offset() & 0xFF;
    int high = frame[11] - Frames.DLT645.offset() & 0xFF;
    assertEquals(expected.at("DI").text(), hex(high) + hex(low));
  }

  @Test
  void aReadOfTheForwardEnergyIsTheFrameOfTheExample() {
    byte[] request = new byte[Frames.MAX_REQUEST];
    int length = Frames.encode(Address.of("112233445566"), FORWARD, request);
    assertArrayEquals(
        hex(WorkedExamples.cases("S06").get(1).at("expected").at("frame")),
        Arrays.copyOf(request, length));
  }

  @Test
  void theValueFieldIsTheEnergyOfTheExample() {
    Node example = WorkedExamples.cases("S06").get(2);
    byte[] value = hex(example.at("inputs").at("bytes_on_wire"));
    var reply = new ByteArrayOutputStream();
    reply.writeBytes(HexFormat.of().parseHex("6866554433221168" + "9108" + "33333433"));
    reply.writeBytes(value);
    reply.write(Frames.sum(reply.toByteArray(), 0, reply.size()));
    reply.write(Frames.END);
    ItemReplyParser parser = new ItemReplyParser();
    parser.expect(Address.of("112233445566"), FORWARD);
    ItemReply.Item item =
        assertInstanceOf(ItemReply.Item.class, parser.feed(ByteBuffer.wrap(reply.toByteArray())));
    StringBuilder digits = new StringBuilder();
    for (byte pair : item.bytes()) {
      digits.insert(0, hex(pair & 0xFF).toLowerCase(Locale.ROOT));
    }
    assertEquals(
        example.at("expected").at("kWh").decimal(),
        new BigDecimal(digits.toString()).movePointLeft(2));
  }
}
