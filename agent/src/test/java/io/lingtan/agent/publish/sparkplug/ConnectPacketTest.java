package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.link.Broker.Will;
import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Parts;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a view's CONNECT says, byte by byte (MQTT 5.0, 3.1), as {@link SpecificationTest} does. */
@Timeout(30)
final class ConnectPacketTest {

  private static final Will WILL =
      new Will("spBv1.0/wuxi/NDEATH/gw", new byte[] {0x12, 0x34, 0x56}, false);

  /** What follows the fixed header of the first packet that a view sends. */
  private static ByteBuffer connect() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String url = "mqtt://127.0.0.1:" + server.getLocalPort();
      PahoBroker broker = broker(url);
      try {
        broker.connect(1, url, WILL);
        try (Socket view = server.accept()) {
          DataInputStream in = new DataInputStream(view.getInputStream());
          assertEquals(0x10, in.readUnsignedByte(), "CONNECT");
          return ByteBuffer.wrap(in.readNBytes(number(in)));
        }
      } finally {
        broker.close();
      }
    }
  }

  private static PahoBroker broker(String url) {
    Site.Mqtt settings =
        Parts.mqtt(
            List.of(url),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            60_000,
            false,
            false,
            List.of());
    return PahoBroker.forView(settings, "gw-sparkplug");
  }

  /** What becomes of a connection that a server makes nothing of. */
  private static boolean isConnectSent(String url) throws InterruptedException {
    PahoBroker broker = broker(url);
    try {
      broker.connect(1, url, WILL);
      List<Signal> seen = new ArrayList<>();
      while (seen.isEmpty()) {
        broker.signals().drain(seen::add, 1);
        Thread.sleep(5);
      }
      return ((Signal.Lost) seen.getFirst()).isConnectSent();
    } finally {
      broker.close();
    }
  }

  /** A server that hears something of whoever connects, says a word and closes. */
  private static boolean isConnectSent(String scheme, int bytes, String word) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Thread one =
          Thread.startVirtualThread(
              () -> {
                try (Socket view = server.accept()) {
                  view.getInputStream().readNBytes(bytes);
                  view.getOutputStream().write(word.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      boolean isSent = isConnectSent(scheme + "://127.0.0.1:" + server.getLocalPort());
      one.join();
      return isSent;
    }
  }

  @Test
  @DisplayName("tck-id-topics-nbirth-bdseq-increment")
  void itIsKnownWhetherConnectWasSent() throws Exception {
    int nobody;
    try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      nobody = gone.getLocalPort();
    }
    assertFalse(isConnectSent("mqtt://127.0.0.1:" + nobody), "nobody listens");
    assertFalse(isConnectSent("mqtts", 10, "HTTP/1.1 400 Bad Request\r\n\r\n"), "no TLS there");
    assertFalse(isConnectSent("mqtts", 10, ""), "closed before TLS");
    assertTrue(isConnectSent("mqtt", 30, ""), "closed after CONNECT");
    assertTrue(isConnectSent("mqtt", 30, "HTTP/1.1 400 Bad Request\r\n\r\n"), "no MQTT there");
    assertTrue(isConnectSent("mqtt", 30, " "), "half a packet");
  }

  /** A variable byte integer (MQTT 5.0, 1.5.5). */
  private static int number(DataInputStream in) throws IOException {
    int number = 0;
    int shift = 0;
    int next;
    do {
      next = in.readUnsignedByte();
      number |= (next & 0x7F) << shift;
      shift += 7;
    } while (next > 0x7F);
    return number;
  }

  private static byte[] lengthened(ByteBuffer packet) {
    byte[] bytes = new byte[packet.getShort()];
    packet.get(bytes);
    return bytes;
  }

  /** Leaves the packet behind its flags, which it returns. */
  private static int flags(ByteBuffer packet) {
    assertArrayEquals("MQTT".getBytes(StandardCharsets.US_ASCII), lengthened(packet));
    assertEquals(5, packet.get(), "version");
    return packet.get();
  }

  /** Leaves properties behind, which it returns; less than 128 bytes of them. */
  private static ByteBuffer properties(ByteBuffer packet) {
    int length = packet.get();
    ByteBuffer properties = packet.slice(packet.position(), length);
    packet.position(packet.position() + length);
    return properties;
  }

  @Test
  @DisplayName("tck-id-principles-persistence-clean-session-50")
  void aSessionBeginsCleanAndEndsWithTheConnection() throws Exception {
    ByteBuffer packet = connect();
    assertEquals(0x02, flags(packet) & 0x02, "clean start");
    packet.getShort();
    ByteBuffer properties = properties(packet);
    while (properties.hasRemaining()) {
      switch (properties.get()) {
        case 0x11 -> assertEquals(0, properties.getInt(), "session expiry interval");
        case 0x21, 0x22 -> properties.getShort();
        case 0x27 -> properties.getInt();
        case 0x17, 0x19 -> properties.get();
        default -> throw new AssertionError("an unexpected property in " + packet);
      }
    }
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-will-message")
  void itConnectsWithAWill() throws Exception {
    ByteBuffer packet = connect();
    assertEquals(0x04, flags(packet) & 0x04, "will flag");
    packet.getShort();
    properties(packet);
    assertEquals("gw-sparkplug", new String(lengthened(packet), StandardCharsets.UTF_8));
    properties(packet);
    assertEquals(WILL.topic(), new String(lengthened(packet), StandardCharsets.UTF_8));
    assertArrayEquals(WILL.payload(), lengthened(packet));
  }

  @Test
  @DisplayName("tck-id-message-flow-edge-node-birth-publish-will-message-qos")
  void theWillHasQos1() throws Exception {
    int flags = flags(connect());
    assertEquals(0x08, flags & 0x18, "will QoS");
    assertTrue((flags & 0x20) == 0, "not retained");
  }
}
