package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real sockets, but the step is called by hand on a clock that only the test moves. */
final class TcpStepTest {
  private final DemoMicrogrid site = new DemoMicrogrid(Plant.demo(2), 0);
  private final long start = site.world().stepStart();
  private MonotonicInstant now = MonotonicInstant.ofMillis(5_000);
  private TcpStep step = new TcpStep(site.world(), WorldClock.realTime(now, start), now);
  private int port;

  @BeforeEach
  void listen() throws IOException {
    port = step.listen(site.endpoints().get(3), new InetSocketAddress(loopback(), 0));
  }

  @AfterEach
  void close() {
    step.close();
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(loopback(), port);
    socket.setSoTimeout(5_000);
    // Else the kernel keeps a request back until the one before is acknowledged.
    socket.setTcpNoDelay(true);
    work();
    return socket;
  }

  private void work() {
    for (int idle = 0; idle < 3; ) {
      step.waiter().await(2_000_000);
      idle = step.step(now) == 0 ? idle + 1 : 0;
    }
  }

  private static byte[] reply(Socket socket, int length) throws IOException {
    return socket.getInputStream().readNBytes(length);
  }

  @Test
  void aMasterReadsWhatTheWorldIsAtThatMoment() throws IOException {
    try (Socket socket = connect()) {
      now = now.plusMillis(61_250);
      socket.getOutputStream().write(Master.request(1, 1, 3, 0, 2));
      work();
      byte[] reply = reply(socket, 13);
      assertEquals(start + 61_000, site.world().stepStart());
      assertEquals(site.world().watts(Wire.ELECTROLYSER), ByteBuffer.wrap(reply, 9, 4).getInt());
    }
  }

  @Test
  void requestsMayComeInPiecesAndTogether() throws IOException {
    try (Socket socket = connect()) {
      byte[] two = new byte[24];
      System.arraycopy(Master.request(1, 1, 3, 0, 2), 0, two, 0, 12);
      System.arraycopy(Master.request(2, 3, 3, 0, 2), 0, two, 12, 12);
      socket.getOutputStream().write(two, 0, 5);
      work();
      socket.getOutputStream().write(two, 5, 19);
      work();
      byte[] replies = reply(socket, 26);
      assertEquals(1, replies[1]);
      assertEquals(2, replies[13 + 1]);
    }
  }

  @Test
  void aLateReplyComesAfterTheNextOne() throws IOException {
    site.faults().add(new WireFault.LateReplies("ely1", start, start + 60_000, 2, 1_400));
    try (Socket socket = connect()) {
      for (int transaction = 1; transaction <= 3; transaction++) {
        socket.getOutputStream().write(Master.request(transaction, 1, 3, 0, 2));
        work();
        now = now.plusMillis(500);
      }
      assertEquals(1, reply(socket, 13)[1]);
      assertEquals(3, reply(socket, 13)[1]);
      assertTrue(step.due().millisSince(now) <= 400);
      work();
      assertEquals(0, socket.getInputStream().available());
      now = now.plusMillis(400);
      work();
      assertEquals(2, reply(socket, 13)[1]);
    }
  }

  @Test
  void whoSpeaksAnotherProtocolIsSentAway() throws IOException {
    try (Socket socket = connect()) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      work();
      assertArrayEquals(new byte[0], reply(socket, 1));
    }
    try (Socket socket = connect()) {
      socket.getOutputStream().write(Master.request(9, 1, 3, 0, 2));
      work();
      assertEquals(9, reply(socket, 13)[1]);
    }
  }
}
