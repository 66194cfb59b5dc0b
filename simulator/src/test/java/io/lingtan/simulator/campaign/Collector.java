package io.lingtan.simulator.campaign;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/**
 * A subscriber that keeps of each record of one epoch only its number and which message brought it,
 * so that hundreds of thousands of them fit. Thread-safe.
 */
final class Collector implements AutoCloseable {

  private static final byte[] KEY = "{\"epoch\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] SEQ = "\",\"seq\":".getBytes(StandardCharsets.US_ASCII);

  /** What came a second time: which message had brought it first, and how large it is. */
  record Again(long seq, int firstMessage, int bytes) {}

  private final MqttAsyncClient client;
  private final String epoch;
  private int[] broughtBy = new int[1 << 16];
  private final BitSet alone = new BitSet();
  private final BitSet inBatches = new BitSet();
  private int messages;
  private long records;
  private long others;
  private long lastNanos = System.nanoTime();
  private final List<Again> again = new ArrayList<>();

  Collector(String url, String epoch) throws MqttException {
    this.epoch = epoch;
    client =
        new MqttAsyncClient(
            url.replace("mqtt://", "tcp://"), "c" + UUID.randomUUID(), new MemoryPersistence());
    client.setCallback(new Callback());
    MqttConnectionOptions options = new MqttConnectionOptions();
    options.setCleanStart(true);
    options.setReceiveMaximum(1000);
    client.connect(options).waitForCompletion(10_000);
    for (String filter : List.of("data/+", "interval/+", "event", "batch")) {
      client.subscribe("lingtan/v1/+/" + filter, 1).waitForCompletion(10_000);
    }
  }

  private synchronized void take(String topic, byte[] payload) {
    messages++;
    BitSet way = topic.endsWith("/batch") ? inBatches : alone;
    boolean isReport = topic.endsWith("/event") || topic.contains("/interval/");
    lastNanos = System.nanoTime();
    int at = find(payload, KEY, 0);
    while (at >= 0) {
      int next = find(payload, KEY, at + 1);
      int id = at + KEY.length;
      int end = id + epoch.length();
      if (Arrays.equals(payload, end, end + SEQ.length, SEQ, 0, SEQ.length)) {
        boolean ours =
            epoch.equals(new String(payload, id, epoch.length(), StandardCharsets.UTF_8));
        if (ours) {
          long seq = number(payload, end + SEQ.length);
          number(seq, (next < 0 ? payload.length : next) - at);
          if (!isReport) {
            way.set((int) seq);
          }
        } else {
          others++;
        }
      }
      at = next;
    }
  }

  private void number(long seq, int bytes) {
    int index = Math.toIntExact(seq);
    if (index >= broughtBy.length) {
      broughtBy = Arrays.copyOf(broughtBy, Math.max(index + 1, broughtBy.length * 2));
    }
    if (broughtBy[index] == 0) {
      broughtBy[index] = messages;
      records++;
    } else {
      again.add(new Again(seq, broughtBy[index], bytes));
    }
  }

  private static long number(byte[] from, int start) {
    long number = 0;
    for (int i = start; from[i] >= '0' && from[i] <= '9'; i++) {
      number = number * 10 + from[i] - '0';
    }
    return number;
  }

  private static int find(byte[] in, byte[] what, int from) {
    for (int i = from; i <= in.length - what.length; i++) {
      if (in[i] == what[0] && Arrays.equals(in, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    return -1;
  }

  /** Different records of the epoch so far. */
  synchronized long records() {
    return records;
  }

  /** Records of other epochs. */
  synchronized long others() {
    return others;
  }

  /** What came again since the last call. */
  synchronized List<Again> takeAgain() {
    List<Again> taken = List.copyOf(again);
    again.clear();
    return taken;
  }

  /** How many of the numbers up to this one have not come. */
  synchronized long missingUpTo(long last) {
    long missing = 0;
    for (int seq = 1; seq <= last; seq++) {
      missing += seq >= broughtBy.length || broughtBy[seq] == 0 ? 1 : 0;
    }
    return missing;
  }

  /** How many samples from..to came each in a message of its own: live. */
  synchronized long alone(long from, long to) {
    return alone.get((int) from, (int) to + 1).cardinality();
  }

  /** How many samples from..to came in batches. */
  synchronized long inBatches(long from, long to) {
    return inBatches.get((int) from, (int) to + 1).cardinality();
  }

  synchronized long quietNanos() {
    return System.nanoTime() - lastNanos;
  }

  /** Waits until nothing has come for so long. */
  void awaitQuiet(int millis) throws InterruptedException {
    while (quietNanos() < millis * 1_000_000L) {
      Thread.sleep(20);
    }
  }

  @Override
  public void close() throws MqttException {
    client.disconnectForcibly(0, 0, false);
    client.close(true);
  }

  private final class Callback implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      take(topic, message.getPayload());
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }
}
