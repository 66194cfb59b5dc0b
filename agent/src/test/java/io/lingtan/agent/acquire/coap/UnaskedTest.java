package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes to a line that only asks, and answers nothing that it asked. */
@Timeout(30)
final class UnaskedTest {

  private static final byte[] NOTHING = {};

  /** A 2.05 with the request's message id and token, and "1" in it. */
  private static byte[] answer(byte[] request) {
    int token = request[0] & 0x0F;
    byte[] answer = Arrays.copyOf(request, 4 + token + 2);
    answer[0] = (byte) (0x60 | token); // an acknowledgement
    answer[1] = 0x45;
    answer[4 + token] = (byte) 0xFF;
    answer[5 + token] = '1';
    return answer;
  }

  private static byte[] hex(String bytes) {
    return HexFormat.ofDelimiter(" ").parseHex(bytes);
  }

  @Test
  void eachDatagramThatAnswersNothingIsCounted() throws Exception {
    try (DatagramSocket node = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        DatagramSocket stranger = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      String uri = "coap://127.0.0.1:" + node.getLocalPort();
      CaliforniumPort port =
          new CaliforniumPort(
              new Line.Coap("tanks", uri, null, null, Duration.ofSeconds(5), List.of()));
      try {
        port.get(1, new CoapPort.Get("/tank/1", PayloadDecoder.UNKNOWN_FORMAT, false));
        DatagramPacket request = new DatagramPacket(new byte[1500], 1500);
        node.receive(request);
        SocketAddress to = request.getSocketAddress();
        byte[] asked = Arrays.copyOf(request.getData(), request.getLength());

        send(node, to, NOTHING);
        send(node, to, hex("ff ff ff"));
        send(node, to, hex("40 01 12")); // half a confirmable request
        send(node, to, hex("51 45 00 01 77 ff 31")); // an answer to a token that nobody gave out
        send(node, to, hex("60 00 99 99")); // acknowledges a message that was never sent
        send(node, to, hex("50 01 00 02")); // asks us
        send(stranger, to, answer(asked)); // the right one, by somebody else
        while (port.unasked() < 7) {
          Thread.sleep(5);
        }
        assertEquals(0, port.signals().size());
        send(node, to, answer(asked));
        while (port.signals().size() == 0) {
          Thread.sleep(5);
        }
        assertEquals(7, port.unasked());
      } finally {
        port.close();
      }
    }
  }

  private static void send(DatagramSocket from, SocketAddress to, byte[] bytes) throws IOException {
    from.send(new DatagramPacket(bytes, bytes.length, to));
  }
}
