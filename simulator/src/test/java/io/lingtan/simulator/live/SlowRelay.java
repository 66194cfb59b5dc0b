package io.lingtan.simulator.live;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP port that hands everything on to another one: later, as if a serial line lay between. */
final class SlowRelay implements AutoCloseable {

  private static final int MOST_BYTES = 4096;

  private final ServerSocket server;
  private final int target;
  private volatile Duration delay = Duration.ZERO;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** To a port of 127.0.0.1, at once until {@link #delay} says otherwise. */
  SlowRelay(int target) throws IOException {
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.target = target;
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** What each way takes from now on. */
  void delay(Duration eachWay) {
    delay = eachWay;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        open.add(near);
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(far);
        Thread.ofVirtual().start(() -> copy(near, far));
        Thread.ofVirtual().start(() -> copy(far, near));
      } catch (IOException e) {
        // The target is away, or this is closed: whoever asked sees its connection end.
      }
    }
  }

  private void copy(Socket from, Socket to) {
    byte[] some = new byte[MOST_BYTES];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length; (length = in.read(some)) > 0; ) {
        Thread.sleep(delay);
        out.write(some, 0, length);
      }
    } catch (IOException e) {
      // One side is gone, and the other goes with it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
