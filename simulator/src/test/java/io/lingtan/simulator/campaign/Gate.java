package io.lingtan.simulator.campaign;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between gateway and broker, and does what no broker can be asked to do. */
final class Gate implements AutoCloseable {

  enum Way {
    OPEN,
    /** Connections are taken and nothing is ever said. */
    SILENT,
    /** CONNACK with reason 0x88, server unavailable (MQTT 5.0, 3.2.2.2). */
    REFUSING,
    /** What the broker acknowledges is not passed on. */
    WITHHOLDING
  }

  private static final byte[] UNAVAILABLE = {0x20, 3, 0, (byte) 0x88, 0};
  private static final int BUFFER = 16 * 1024;

  private final ServerSocket server;
  private final int broker;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Set<Socket> gateways = ConcurrentHashMap.newKeySet();
  private volatile Way way = Way.OPEN;

  /**
   * @param broker its port on 127.0.0.1
   */
  Gate(String address, int broker) throws IOException {
    this.broker = broker;
    server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  void way(Way now) {
    way = now;
  }

  /**
   * Says something to the gateway that the broker never said, between two of its packets.
   *
   * @return whether anybody is connected who hears it
   */
  boolean say(byte[] bytes) {
    boolean isHeard = false;
    for (Socket gateway : gateways) {
      try {
        synchronized (gateway) {
          gateway.getOutputStream().write(bytes);
        }
        isHeard = true;
      } catch (IOException e) {
        // It has gone meanwhile.
      }
    }
    return isHeard;
  }

  /** Ends all connections with a reset. */
  void reset() {
    for (Socket socket : open) {
      drop(socket);
    }
  }

  private void drop(Socket socket) {
    open.remove(socket);
    try {
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
    try {
      socket.close();
    } catch (IOException e) {
      // The same.
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket gateway = server.accept();
        open.add(gateway);
        Thread.ofVirtual().start(() -> serve(gateway));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket gateway) {
    try {
      switch (way) {
        case SILENT -> {
          InputStream in = gateway.getInputStream();
          while (in.read() >= 0) {
            // Heard, and not answered.
          }
        }
        case REFUSING -> {
          gateway.getInputStream().read(new byte[BUFFER]);
          gateway.getOutputStream().write(UNAVAILABLE);
        }
        case OPEN, WITHHOLDING -> relay(gateway);
      }
    } catch (IOException e) {
      // Either side has gone.
    } finally {
      drop(gateway);
    }
  }

  private void relay(Socket gateway) throws IOException {
    try (Socket there = new Socket(InetAddress.getLoopbackAddress(), broker)) {
      open.add(there);
      there.setTcpNoDelay(true);
      gateway.setTcpNoDelay(true);
      Thread up = Thread.ofVirtual().start(() -> pump(gateway, there));
      gateways.add(gateway);
      try {
        down(there, gateway);
      } finally {
        gateways.remove(gateway);
      }
      up.interrupt();
      drop(there);
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] bytes = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      int n;
      while ((n = in.read(bytes)) > 0) {
        out.write(bytes, 0, n);
      }
    } catch (IOException e) {
      // Either side has gone; both are closed below.
    }
    drop(from);
    drop(to);
  }

  /** The broker writes its packets whole, so what is left out are packets. */
  private void down(Socket from, Socket to) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] bytes = new byte[BUFFER];
    int n;
    while ((n = in.read(bytes)) >= 0) {
      if (way != Way.WITHHOLDING) {
        synchronized (to) {
          out.write(bytes, 0, n);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    reset();
  }
}
