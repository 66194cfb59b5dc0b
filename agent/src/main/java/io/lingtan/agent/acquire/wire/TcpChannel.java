package io.lingtan.agent.acquire.wire;

import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.SelectorWaiter;
import io.lingtan.agent.run.Waiter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection to a Modbus TCP device, a gateway, or a serial server.
 *
 * <p>Nothing blocks but the look-up of a host name, which the system bounds; an address in figures
 * needs none. The line's own thread waits in the selector.
 */
final class TcpChannel implements Channel {

  private final String host;
  private final int port;
  private final SelectorWaiter waiter = new SelectorWaiter();
  private @Nullable SocketChannel socket;
  private @Nullable Trouble trouble;
  private boolean connected;

  TcpChannel(String host, int port) {
    this.host = host;
    this.port = port;
  }

  @Override
  public String where() {
    return host + ":" + port;
  }

  @Override
  public Opening open() {
    try {
      SocketChannel open = socket;
      if (open == null) {
        trouble = null;
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
          return failed(
              Reason.CONFIG,
              new Sentence(
                  "no host is called "
                      + host
                      + "; write its IP address into the site file, or ask"
                      + " whoever keeps the names of this network",
                  "查不到主机名 " + host + "：在站点文件里写 IP 地址，或问本网络的管理员"));
        }
        open = SocketChannel.open();
        socket = open;
        open.configureBlocking(false);
        open.setOption(StandardSocketOptions.TCP_NODELAY, true);
        open.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        connected = open.connect(address);
        waiter.watch(open, connected ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT);
      } else if (!connected && open.finishConnect()) {
        connected = true;
        waiter.watch(open, SelectionKey.OP_READ);
      }
      return connected ? Opening.OPEN : Opening.PENDING;
    } catch (IOException e) {
      return failed(Reason.TIMEOUT, describe(e));
    }
  }

  private Opening failed(Reason reason, Sentence words) {
    trouble = new Trouble(reason, words);
    return Opening.FAILED;
  }

  private Sentence describe(IOException e) {
    if (e instanceof NoRouteToHostException) {
      return new Sentence(
          "no way to host "
              + where()
              + ": is it switched on, in this network and is the address right?",
          "到不了 " + where() + "：检查它是否通电、在本网段、地址是否正确");
    }
    if (e instanceof ConnectException) {
      return new Sentence(
          "host refused connection: "
              + where()
              + ": is Modbus TCP switched on there, is the port right, and is no other client"
              + " holding its only connection?",
          where() + " 拒绝连接：检查设备上 Modbus TCP 是否打开、端口是否正确、唯一的连接是否被别的程序占着");
    }
    return new Sentence(
        "the connection to "
            + where()
            + " broke; it will be made again. If that happens often, look at the cable, the switch"
            + " and for a second client",
        "与 " + where() + " 的连接断了，会自动重连；经常这样时，查网线、交换机和有没有第二个主站");
  }

  @Override
  public int send(ByteBuffer bytes) {
    SocketChannel open = socket;
    if (open == null || !connected) {
      return -1;
    }
    try {
      return open.write(bytes);
    } catch (IOException e) {
      failed(Reason.TIMEOUT, describe(e));
      return -1;
    }
  }

  @Override
  public int receive(ByteBuffer into) {
    SocketChannel open = socket;
    if (open == null || !connected) {
      return -1;
    }
    try {
      int count = open.read(into);
      if (count < 0) {
        failed(
            Reason.TIMEOUT,
            new Sentence(
                where()
                    + " closed the connection; it will be made again. If that happens often, look"
                    + " for a second client or an idle time-out on the device",
                where() + " 关闭了连接，会自动重连；经常这样时，查有没有第二个主站或设备的空闲超时"));
      }
      return count;
    } catch (IOException e) {
      failed(Reason.TIMEOUT, describe(e));
      return -1;
    }
  }

  @Override
  public @Nullable Trouble trouble() {
    return trouble;
  }

  @Override
  public void close() {
    SocketChannel open = socket;
    socket = null;
    connected = false;
    if (open != null) {
      try {
        open.close();
        waiter.forget();
      } catch (IOException e) {
        failed(Reason.TIMEOUT, describe(e));
      }
    }
  }

  @Override
  public void release() {
    close();
    waiter.release();
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }
}
