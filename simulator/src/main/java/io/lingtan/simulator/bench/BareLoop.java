package io.lingtan.simulator.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * The least that a Java program needs that reads meters once a second and publishes each reading:
 * the same requests and the same MQTT library as the agent, in one loop, and nothing is kept. What
 * the agent uses beyond this is what keeping, counting and showing cost. A program of its own.
 */
final class BareLoop {

  private static final int REQUEST = 12;
  private static final int HEAD = 9;
  private static final long SECOND_NANOS = 1_000_000_000L;
  private static final long RETRY_MILLIS = 200;

  private final int port;
  private final int timeoutMillis;
  private final byte[] request = new byte[REQUEST];
  private final byte[] reply = new byte[HEAD + 4 * WideMeters.WIDTH];
  private final StringBuilder text = new StringBuilder(1_024);
  private final MqttAsyncClient broker;
  private int transaction;

  private BareLoop(int port, int timeoutMillis, MqttAsyncClient broker) {
    this.port = port;
    this.timeoutMillis = timeoutMillis;
    this.broker = broker;
  }

  /**
   * @param args port of the meters, port of the broker, number of meters, timeout in seconds
   */
  public static void main(String[] args) throws MqttException, InterruptedException {
    int port = Integer.parseInt(args[0]);
    int timeoutMillis = 1_000 * Integer.parseInt(args[3]);
    new BareLoop(port, timeoutMillis, connected("tcp://127.0.0.1:" + args[1]))
        .run(Integer.parseInt(args[2]));
  }

  private static MqttAsyncClient connected(String url) throws MqttException, InterruptedException {
    MqttAsyncClient broker = new MqttAsyncClient(url, "bare-loop", new MemoryPersistence());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setAutomaticReconnect(true);
    options.setAutomaticReconnectDelay(1, 1);
    while (!broker.isConnected()) {
      try {
        broker.connect(options).waitForCompletion();
      } catch (MqttException e) {
        TimeUnit.SECONDS.sleep(1); // it is away
      }
    }
    return broker;
  }

  private void run(int meters) throws InterruptedException {
    while (true) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(timeoutMillis);
        follow(socket, meters);
      } catch (IOException e) {
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      }
    }
  }

  private void follow(Socket socket, int meters) throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    long due = System.nanoTime();
    while (true) {
      for (int unit = 1; unit <= meters; unit++) {
        socket.getOutputStream().write(request(unit));
        if (answered(in)) {
          publish(unit);
        }
      }
      due = Math.max(due + SECOND_NANOS, System.nanoTime());
      TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
    }
  }

  private byte[] request(int unit) {
    transaction = transaction + 1 & 0xFFFF;
    request[0] = (byte) (transaction >> 8);
    request[1] = (byte) transaction;
    request[5] = 6;
    request[6] = (byte) unit;
    request[7] = 3;
    request[11] = (byte) (2 * WideMeters.WIDTH);
    return request;
  }

  /** False if the unit does not answer in time. */
  private boolean answered(DataInputStream in) throws IOException {
    try {
      do {
        in.readFully(reply);
      } while (reply[0] != request[0] || reply[1] != request[1]); // a late one
      return reply[6] == request[6] && reply[7] == request[7];
    } catch (SocketTimeoutException e) {
      return false;
    }
  }

  private void publish(int unit) {
    text.setLength(0);
    text.append("{\"ts\":").append(System.currentTimeMillis());
    text.append(",\"device\":\"m").append(unit).append("\",\"values\":{");
    for (int i = 0; i < WideMeters.WIDTH; i++) {
      int at = HEAD + 4 * i;
      long value =
          (reply[at] & 0xFFL) << 24
              | (reply[at + 1] & 0xFF) << 16
              | (reply[at + 2] & 0xFF) << 8
              | (reply[at + 3] & 0xFF);
      text.append(i == 0 ? "\"" : ",\"").append(WideMeters.name(i)).append("\":");
      decimal(value, WideMeters.decimals(i));
    }
    text.append("}}");
    try {
      byte[] payload = text.toString().getBytes(StandardCharsets.US_ASCII);
      broker.publish("bench/m" + unit, payload, 1, false);
    } catch (MqttException e) {
      return; // the broker is away, and nothing is kept
    }
  }

  private void decimal(long value, int decimals) {
    text.append(value);
    if (decimals > 0) { // each value has more digits than that
      text.insert(text.length() - decimals, '.');
    }
  }
}
