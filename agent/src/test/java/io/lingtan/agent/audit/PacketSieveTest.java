package io.lingtan.agent.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.packet.MqttPublish;
import org.eclipse.paho.mqttv5.common.packet.MqttWireMessage;
import org.junit.jupiter.api.Test;

/** What the library's receiving thread gets to read. */
final class PacketSieveTest {

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
    assertArrayEquals(sent, new PacketSieve(new ByteArrayInputStream(sent), MOST).readAllBytes());
    assertArrayEquals(sent, new PacketSieve(slow(sent), MOST).readAllBytes());
  }

  @Test
  void aMessageThatTheLibraryTripsOverIsCountedForItsGatewayAndAcknowledged() throws Exception {
    for (String topic :
        new String[] {"lingtan/v1/evil/data/\1", "lingtan/v1/evil/event/\u00c2\u0085"}) {
      String flawed = publish(topic, "{\"seq\":1}");
      assertThrows(
          Exception.class, () -> MqttWireMessage.createWireMessage(bytes(flawed)), "or it is none");
      byte[] got = passed(flawed + publish("a/b", ""));
      int length = 2 + got[1];
      MqttPublish stands = read(java.util.Arrays.copyOf(got, length));
      assertEquals("lingtan/v1/evil/" + PacketSieve.FLAWED, stands.getTopicName());
      assertEquals(7, stands.getMessageId());
      assertArrayEquals(
          bytes(publish("a/b", "")), java.util.Arrays.copyOfRange(got, length, got.length));
    }
    assertEquals(
        "lingtan/" + PacketSieve.FLAWED, read(passed(publish("no/\1", ""))).getTopicName());
    Conversation said = Conversation.withSession();
    said.store(0, 0).says(PacketSieve.FLAWED, "");
    assertEquals(1, said.gateway().unreadable());
  }

  private static byte[] passed(String sent) throws IOException {
    return new PacketSieve(new ByteArrayInputStream(bytes(sent)), MOST).readAllBytes();
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
