package io.lingtan.agent.command.training;

import io.lingtan.agent.run.Threads;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;

/** A server on a free port of this machine, until the process ends. */
final class LocalPeer {

  private static final int MOST_WAITING = 8;

  private final ServerSocket server;
  private final Talk talk;

  private LocalPeer(ServerSocket server, Talk talk) {
    this.server = server;
    this.talk = talk;
  }

  /** What one connection is answered, until its end. */
  @FunctionalInterface
  interface Talk {
    void answer(DataInputStream from, DataOutputStream to) throws IOException;
  }

  /**
   * Starts it.
   *
   * @throws IOException if there is no port
   */
  static LocalPeer start(String name, Talk talk) throws IOException {
    var peer =
        new LocalPeer(new ServerSocket(0, MOST_WAITING, InetAddress.getLoopbackAddress()), talk);
    ExecutorService threads = Threads.virtual(name);
    threads.execute(() -> peer.listen(threads));
    return peer;
  }

  /**
   * A port that was free just now.
   *
   * @throws IOException if there is none
   */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return server.getLocalPort();
  }

  private void listen(ExecutorService threads) {
    try {
      while (true) {
        Socket caller = server.accept();
        threads.execute(() -> serve(caller));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(Socket caller) {
    try (caller) {
      talk.answer(
          new DataInputStream(new BufferedInputStream(caller.getInputStream())),
          new DataOutputStream(new BufferedOutputStream(caller.getOutputStream())));
    } catch (IOException e) {
      // The agent has closed it.
    }
  }
}
