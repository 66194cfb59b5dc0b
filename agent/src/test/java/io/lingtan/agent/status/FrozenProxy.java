package io.lingtan.agent.status;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Stands between a browser and a server and, when it is frozen, passes nothing on and closes
 * nothing: as a gateway does whose process is stopped.
 */
final class FrozenProxy implements AutoCloseable {

  private final Object gate = new Object();
  private final List<Socket> sockets = Collections.synchronizedList(new ArrayList<>());
  private final ServerSocket server;
  private volatile boolean isFrozen;

  FrozenProxy() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }

  /** Passes everything on to this port from now on; returns its own. */
  int start(int port) {
    Thread.ofVirtual().start(() -> accept(port));
    return server.getLocalPort();
  }

  private void accept(int port) {
    try {
      while (true) {
        Socket from = server.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(from);
        sockets.add(to);
        Thread.ofVirtual().start(() -> pass(from, to));
        Thread.ofVirtual().start(() -> pass(to, from));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[16_384];
      for (int count; (count = in.read(buffer)) >= 0; ) {
        synchronized (gate) {
          while (isFrozen) {
            gate.wait();
          }
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException | InterruptedException e) {
      // one end is gone
    }
  }

  void freeze() {
    isFrozen = true;
  }

  void thaw() {
    synchronized (gate) {
      isFrozen = false;
      gate.notifyAll();
    }
  }

  @Override
  public void close() throws IOException {
    thaw();
    server.close();
    for (Socket socket : List.copyOf(sockets)) {
      socket.close();
    }
  }
}
