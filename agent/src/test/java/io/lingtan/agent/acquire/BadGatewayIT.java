package io.lingtan.agent.acquire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.Line;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateways that misbehave as TCP lets them, over real sockets. */
final class BadGatewayIT {

  private static final Duration PERIOD = Duration.ofMillis(100);

  /** What the gateway does with a connection. */
  private interface Manners {
    void serve(Socket socket, int connection) throws IOException;
  }

  private static final class MachineTime implements Time {
    @Override
    public MonotonicInstant now() {
      return new MonotonicInstant(System.nanoTime() & Long.MAX_VALUE);
    }

    @Override
    public String boot() {
      return "boot";
    }

    @Override
    public Wall wall() {
      return new Wall(0, true, "system");
    }
  }

  private final Inbox<Arrival> inbox = new Inbox<>(100_000);
  private final List<Sample> samples = new ArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private ServerSocket server;

  @BeforeEach
  void listen() throws IOException {
    server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    server.close();
  }

  private void serve(Manners manners) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try {
                  Socket socket = server.accept();
                  int number = connections.incrementAndGet();
                  Thread.ofVirtual().start(() -> serve(manners, socket, number));
                } catch (IOException closed) {
                  return;
                }
              }
            });
  }

  private static void serve(Manners manners, Socket socket, int number) {
    try {
      manners.serve(socket, number);
    } catch (IOException gone) {
      // The agent has left.
    }
  }

  /** Answers each request for one register with 42. */
  private static void answer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    OutputStream out = socket.getOutputStream();
    while (true) {
      byte[] request = in.readNBytes(12);
      if (request.length < 12) {
        return;
      }
      out.write(reply(request));
    }
  }

  private static byte[] reply(byte[] request) {
    return new byte[] {request[0], request[1], 0, 0, 0, 5, request[6], request[7], 2, 0, 42};
  }

  private PolledLineStep line() {
    DeviceProfile profile =
        Bench.profile(Bench.register("power", 3, 0, DeviceProfile.Type.UINT16, "1"));
    Line line =
        new Line.ModbusTcp(
            "bad",
            "127.0.0.1",
            server.getLocalPort(),
            false,
            false,
            1,
            false,
            Duration.ofMillis(150),
            List.of(Bench.device("meter", 1, profile, PERIOD, PERIOD)),
            null);
    return new PolledLineStep(
        line,
        new Outlet(line.devices(), inbox, new MachineTime()),
        FieldPorts.real().channel(line));
  }

  private long good() {
    inbox.drain(
        arrival -> {
          if (arrival instanceof Arrival.Recorded(var sample)) {
            samples.add(sample);
          }
        },
        Integer.MAX_VALUE);
    return samples.stream().filter(sample -> !sample.values().isEmpty()).count();
  }

  private void run(String what, BooleanSupplier until) throws InterruptedException {
    PolledLineStep step = line();
    Loop loop = new Loop(step, new MachineTime()).start();
    try {
      long end = System.nanoTime() + 30_000_000_000L;
      while (!until.getAsBoolean()) {
        assertTrue(System.nanoTime() < end, () -> "waited for " + what + ": " + step.snapshot());
        Thread.sleep(20);
      }
    } finally {
      assertTrue(loop.stop(Duration.ofSeconds(5)));
    }
    good();
    for (Sample sample : samples) {
      assertTrue(
          sample.values().isEmpty() || sample.values().micros(0) == 42_000_000L, sample::toString);
    }
  }

  @Test
  void aGatewayThatAcceptsAndNeverAnswersIsATimeoutAndIsLeftAfterThree() throws Exception {
    serve(
        (socket, number) -> {
          if (number == 1) {
            socket.getInputStream().transferTo(OutputStream.nullOutputStream());
          } else {
            answer(socket);
          }
        });
    run("readings over another connection", () -> good() >= 5);
    assertEquals(Reason.TIMEOUT, samples.getFirst().failed());
    assertTrue(connections.get() >= 2, "connections: " + connections);
  }

  @Test
  void aResetInTheMiddleOfAReplyGivesNoValueAndIsMendedByItself() throws Exception {
    serve(
        (socket, number) -> {
          if (number > 2) {
            answer(socket);
            return;
          }
          byte[] request = socket.getInputStream().readNBytes(12);
          socket.getOutputStream().write(reply(request), 0, 9);
          socket.getOutputStream().flush();
          // Nothing lingers: the other side gets RST, not FIN.
          socket.setSoLinger(true, 0);
          socket.close();
        });
    run("readings over a third connection", () -> good() >= 5);
    assertEquals(Reason.TIMEOUT, samples.getFirst().failed());
  }

  @Test
  void aConnectionOfWhichTheOtherSideKnowsNothingMoreIsLeft() throws Exception {
    serve(
        (socket, number) -> {
          if (number > 1) {
            answer(socket);
            return;
          }
          // Half open: after three answers nothing comes any more, and nothing says so.
          for (int i = 0; i < 3; i++) {
            socket.getOutputStream().write(reply(socket.getInputStream().readNBytes(12)));
          }
          socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
    run("readings over another connection", () -> connections.get() >= 2 && good() >= 8);
    assertTrue(samples.stream().anyMatch(sample -> Reason.TIMEOUT.equals(sample.failed())));
  }

  @Test
  void aReplyInSingleBytesIsAReplyAndOneToThePreviousRequestIsNone() throws Exception {
    serve(
        (socket, number) -> {
          InputStream in = socket.getInputStream();
          OutputStream out = socket.getOutputStream();
          socket.setTcpNoDelay(true);
          byte[] previous = new byte[12];
          while (true) {
            byte[] request = in.readNBytes(12);
            if (request.length < 12) {
              return;
            }
            // The previous one's answer first, with another value.
            byte[] stale = reply(previous);
            stale[10] = 13;
            out.write(stale);
            for (byte each : reply(request)) {
              out.write(each);
              out.flush();
            }
            previous = request;
          }
        });
    run("readings", () -> good() >= 10);
    assertFalse(samples.isEmpty());
  }
}
