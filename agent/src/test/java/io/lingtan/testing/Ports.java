package io.lingtan.testing;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** TCP ports of 127.0.0.1. */
public final class Ports {

  /** Linux gives connections that name no port one from 32768 on: these it gives to nobody. */
  private static final int FIRST = 10_240;

  private static final int COUNT = 32_768 - FIRST;

  /**
   * Each process goes on from another place, far from that of the next, so that two seldom ask for
   * the same.
   */
  private static final AtomicInteger NEXT =
      new AtomicInteger((int) (ProcessHandle.current().pid() * 7919 % COUNT));

  private Ports() {}

  /** One that nobody listens on at the moment, and that was not given before. */
  public static int free() throws IOException {
    for (int tries = 0; tries < COUNT; tries++) {
      int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Somebody has it.
      }
    }
    throw new IOException("no free port from " + FIRST + " on");
  }

  public static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
