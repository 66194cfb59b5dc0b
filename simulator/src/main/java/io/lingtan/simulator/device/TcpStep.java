package io.lingtan.simulator.device;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.Waiter;
import io.lingtan.simulator.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Endpoints on real sockets, and the world behind them kept up to date: one step, one thread. A
 * late reply is sent when its time has come, while later requests are answered before it. At most
 * {@value #MOST_CONNECTIONS} connections are held and {@value #MOST_DELAYED} replies kept back;
 * beyond that a connection is closed and a reply dropped.
 */
public final class TcpStep implements Step {

  private static final int MOST_CONNECTIONS = 512;
  private static final int MOST_DELAYED = 1_024;

  private final World world;
  private final WorldClock clock;
  private final Selector selector;
  private final List<ServerSocketChannel> servers = new ArrayList<>();
  private final PriorityQueue<Delayed> delayed =
      new PriorityQueue<>(Comparator.comparing(Delayed::due).thenComparingLong(Delayed::number));
  private final Waiter waiter = new Selecting();
  private MonotonicInstant now;
  private long numbered;
  private int connections;

  /** A reply that waits for its time. */
  private record Delayed(MonotonicInstant due, long number, SocketChannel to, byte[] frame) {}

  /** A master that is connected. */
  private final class Connection implements Outgoing {
    private final Endpoint endpoint;
    private final SocketChannel channel;
    private final long openedMillis;
    private final byte[] bytes = new byte[4 * Endpoint.LONGEST_FRAME];
    private int filled;

    Connection(Endpoint endpoint, SocketChannel channel, long openedMillis) {
      this.endpoint = endpoint;
      this.channel = channel;
      this.openedMillis = openedMillis;
    }

    @Override
    public void send(long startNanos, long endNanos, byte[] sent, int length) {
      if (endNanos == 0) {
        TcpStep.this.send(channel, sent, length);
      } else if (delayed.size() < MOST_DELAYED) {
        byte[] copy = Arrays.copyOf(sent, length);
        delayed.add(new Delayed(now.plusNanos(endNanos), numbered++, channel, copy));
      } else {
      }
    }

    @Override
    public void reset() {
      try {
        // Zero seconds to linger: the other side sees a reset, and not an orderly end.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        // Gone already: it is closed all the same.
      }
      close(channel);
    }
  }

  /**
   * @param from the present instant
   * @throws UncheckedIOException if the machine gives no selector
   */
  public TcpStep(World world, WorldClock clock, MonotonicInstant from) {
    this.world = world;
    this.clock = clock;
    this.now = from;
    try {
      this.selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot wait on sockets", e);
    }
  }

  /**
   * Opens an endpoint. Before the first step.
   *
   * @return the port, where {@code address} left it open
   * @throws IOException if the address cannot be listened on
   */
  public int listen(Endpoint endpoint, InetSocketAddress address) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    try {
      server.bind(address);
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT, endpoint);
      servers.add(server);
      return server.socket().getLocalPort();
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  @Override
  public String name() {
    return "simulated site";
  }

  @Override
  public int step(MonotonicInstant at) {
    now = at;
    long millis = Math.max(clock.millisAt(at), world.stepStart());
    world.advanceTo(millis);
    int done = sendWhatIsDue() + cut(millis);
    try {
      selector.selectNow();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot wait on sockets", e);
    }
    Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
    while (keys.hasNext()) {
      SelectionKey key = keys.next();
      keys.remove();
      done += serve(key, millis);
    }
    return done;
  }

  private int sendWhatIsDue() {
    int sent = 0;
    for (Delayed next; (next = delayed.peek()) != null && !next.due.isAfter(now); sent++) {
      delayed.remove();
      send(next.to, next.frame, next.frame.length);
    }
    return sent;
  }

  private int serve(SelectionKey key, long millis) {
    if (!key.isValid()) {
      return 0;
    }
    try {
      if (key.isAcceptable()) {
        accept((ServerSocketChannel) key.channel(), (Endpoint) key.attachment());
        return 1;
      }
      return read((Connection) key.attachment(), millis);
    } catch (IOException e) {
      // The master went away in the middle: its business, and no fault of the site.
      close((SocketChannel) key.channel());
      return 1;
    }
  }

  private void accept(ServerSocketChannel server, Endpoint endpoint) {
    try {
      SocketChannel channel = server.accept();
      if (channel == null) {
        return;
      }
      if (connections >= MOST_CONNECTIONS) {
        channel.close();
        return;
      }
      connections++;
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      long millis = clock.millisAt(now);
      Connection connection = new Connection(endpoint, channel, millis);
      if (!endpoint.admits(millis)) {
        connection.reset();
        return;
      }
      channel.register(selector, SelectionKey.OP_READ, connection);
    } catch (IOException e) {
      // Gone before it was taken.
    }
  }

  private int read(Connection connection, long millis) throws IOException {
    SocketChannel channel = connection.channel;
    int room = connection.bytes.length - connection.filled;
    int got = channel.read(ByteBuffer.wrap(connection.bytes, connection.filled, room));
    if (got < 0) {
      close(channel);
      return 1;
    }
    connection.filled += got;
    int at = 0;
    int length;
    while (channel.isOpen() && (length = frame(connection, at)) != 0) {
      if (length < 0) {
        close(channel);
        return 1;
      }
      byte[] request = Arrays.copyOfRange(connection.bytes, at, at + length);
      connection.endpoint.serve(request, length, millis, connection);
      at += length;
    }
    System.arraycopy(connection.bytes, at, connection.bytes, 0, connection.filled - at);
    connection.filled -= at;
    return got > 0 ? 1 : 0;
  }

  /** Length of the whole frame at {@code at}, 0 if there is none yet, -1 if there never will be. */
  private static int frame(Connection connection, int at) {
    int available = connection.filled - at;
    int length = connection.endpoint.requestLength(connection.bytes, at, available);
    return length > available ? 0 : length;
  }

  /** Connections that another client has thrown out end. */
  private int cut(long millis) {
    int cut = 0;
    for (SelectionKey key : selector.keys()) {
      if (key.isValid()
          && key.attachment() instanceof Connection connection
          && connection.endpoint.cuts(connection.openedMillis, millis)) {
        connection.reset();
        cut++;
      }
    }
    return cut;
  }

  private void send(SocketChannel channel, byte[] frame, int length) {
    if (!channel.isOpen()) {
      return;
    }
    try {
      if (channel.write(ByteBuffer.wrap(frame, 0, length)) < length) {
        // A master that reads nothing any more.
        close(channel);
      }
    } catch (IOException e) {
      close(channel);
    }
  }

  private void close(SocketChannel channel) {
    if (channel.isOpen()) {
      connections--;
      try {
        channel.close();
      } catch (IOException e) {
        // Closed all the same.
      }
    }
  }

  @Override
  public MonotonicInstant due() {
    Delayed next = delayed.peek();
    MonotonicInstant pulse = now.plusMillis(1_000);
    return next == null ? pulse : next.due.min(pulse);
  }

  @Override
  public Waiter waiter() {
    return waiter;
  }

  @Override
  public void close() {
    try {
      for (SelectionKey key : selector.keys()) {
        key.channel().close();
      }
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the sockets", e);
    }
  }

  private final class Selecting implements Waiter {
    @Override
    public void await(long nanos) {
      try {
        selector.select(Math.max(1, nanos / 1_000_000L));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot wait on sockets", e);
      }
    }

    @Override
    public void wake() {
      selector.wakeup();
    }
  }
}
