package io.lingtan.agent.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttPublish;
import org.eclipse.paho.mqttv5.common.packet.MqttWireMessage;
import org.junit.jupiter.api.Test;

/** What the library's receiving thread gets to read. */
final class PacketGateTest {

  private static final int MOST = 1000;

  /** A PUBLISH of QoS 1 with packet id 7 and no properties. */
  private static String publish(String topic, String payload) {
    String body = "\0" + (char) topic.length() + topic + "\0\7\0" + payload;
    return "2" + (char) body.length() + body;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** One byte at a time, as a slow connection gives them. */
  private static InputStream slow(byte[] bytes) {
    return new InputStream() {
      private final InputStream from = new ByteArrayInputStream(bytes);

      @Override
      public int read() throws IOException {
        return from.read();
      }

      @Override
      public int read(byte[] to, int offset, int length) throws IOException {
        return from.read(to, offset, Math.min(1, length));
      }
    };
  }

  @Test
  void whatTheLibraryCanReadPassesAsItIs() throws Exception {
    byte[] sent = bytes(publish("lingtan/v1/gw/data/pv1", "{}") + "\u00d0\0" + publish("a/b", ""));
    assertArrayEquals(sent, gate(new ByteArrayInputStream(sent)).readAllBytes());
    assertArrayEquals(sent, gate(slow(sent)).readAllBytes());
  }

  private static PacketGate gate(InputStream from) {
    return new PacketGate(from, MOST, PacketGate.Room.WITHOUT_END);
  }

  @Test
  void inPlaceOfAMessageThatTheLibraryTripsOverStandsOneThatSaysWhy() throws Exception {
    for (String topic :
        new String[] {"lingtan/v1/evil/data/\1", "lingtan/v1/evil/data/\u00c2\u0085"}) {
      String flawed = publish(topic, "{\"seq\":1}");
      assertThrows(
          Exception.class, () -> MqttWireMessage.createWireMessage(bytes(flawed)), "or it is none");
      byte[] got = passed(flawed + publish("a/b", ""));
      int length = 3 + ((got[1] & 0x7f) | (got[2] << 7));
      MqttPublish stands = read(Arrays.copyOf(got, length));
      assertEquals(PacketGate.FLAWED + "lingtan/v1/evil/data/?", stands.getTopicName());
      assertEquals(7, stands.getMessageId());
      assertTrue(stands.getMessage().getPayload().length > 0);
      assertArrayEquals(bytes(publish("a/b", "")), Arrays.copyOfRange(got, length, got.length));
    }
  }

  /** Paho takes a broker for dead that does not answer its pings, which may wait behind it. */
  @Test
  void aMessageWithoutRoomWaitsAndPahoIsAnsweredMeanwhile() throws Exception {
    byte[] sent = bytes(publish("a/b", "1") + publish("a/b", "2"));
    int each = sent.length / 2;
    List<Integer> asked = new ArrayList<>();
    PacketGate gate =
        new PacketGate(slow(sent), MOST, bytes -> asked.add(bytes) && asked.size() % 3 == 0);
    byte[] got = gate.readAllBytes();
    byte[] answers = bytes("\u00d0\0\u00d0\0");
    assertArrayEquals(answers, Arrays.copyOf(got, 4));
    assertArrayEquals(Arrays.copyOf(sent, each), Arrays.copyOfRange(got, 4, 4 + each));
    assertArrayEquals(answers, Arrays.copyOfRange(got, 4 + each, 8 + each));
    assertEquals(8 + 2 * each, got.length);
    assertEquals(Collections.nCopies(6, each), asked);
  }

  private static byte[] passed(String sent) throws IOException {
    return gate(new ByteArrayInputStream(bytes(sent))).readAllBytes();
  }

  private static MqttPublish read(byte[] packet) throws MqttException {
    return assertInstanceOf(MqttPublish.class, MqttWireMessage.createWireMessage(packet));
  }

  @Test
  void aPacketThatClaimsMoreThanWasAnnouncedEndsTheConnectionBeforeItIsMade() {
    for (String claim : new String[] {"2\u00ff\u00ff\u00ff\177", "2\u00ff\u00ff\u00ff\u00ff\1"}) {
      IOException refused = assertThrows(IOException.class, () -> passed(claim));
      assertTrue(String.valueOf(refused.getMessage()).contains("a packet "), refused::toString);
    }
  }
}
