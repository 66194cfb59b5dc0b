package io.lingtan.agent.wave;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.desk.SiteDesk;
import io.lingtan.agent.fleet.Fitness;
import io.lingtan.agent.fleet.FleetStep;
import io.lingtan.agent.publish.DesiredState;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
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
 * Many gateways in one process: each with the real step that obeys a fleet's centre, a site file
 * and a desk of its own. Link, meters and publisher are played, over one connection for all.
 */
@SuppressWarnings("NullAway") // a fixture
final class SimulatedFleet implements AutoCloseable {

  private static final long SAMPLE_NANOS = 1_000_000_000L;

  /** What a site file that has this word in it does to the gateways that are prone to it. */
  enum Harm {
    /** No record is acknowledged any more. */
    CUTS_OFF,
    /** Its polls fail. */
    FAILS,
    /** It goes offline once it has applied the file. */
    SILENCES,
    /** Its journal throws records away. */
    DROPS
  }

  private final Time time = new SystemTime(List.of("system"));
  private final Map<String, Gateway> gateways = new TreeMap<>();
  private final Queue<Map.Entry<String, byte[]>> wanted = new ConcurrentLinkedQueue<>();
  private final MqttAsyncClient client;
  private final Thread thread;
  private volatile boolean ended;
  private volatile Predicate<String> prone = name -> false;

  /** One of them. */
  final class Gateway {
    final String name;
    final Path file;
    private final DesiredState desired = new DesiredState();
    private final SiteDesk desk;
    private final FleetStep step;
    private volatile Site running;
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger documents = new AtomicInteger();
    private volatile boolean online = true;
    private long acked;
    private long seq;
    private long dropped;
    private String reported;
    private MonotonicInstant sampleAt;

    Gateway(String name, Path folder, String site) throws IOException {
      this.name = name;
      this.file = Files.writeString(Files.createDirectories(folder).resolve("site.yaml"), site);
      this.running = load();
      this.desk =
          new SiteDesk(
              () -> running,
              () -> {
                running = load();
                changes.incrementAndGet();
                return new SiteDesk.Reloaded(null, false, false);
              });
      this.step =
          new FleetStep(
              () -> running,
              desk,
              desired,
              this::uplink,
              () -> new Fitness("", 1),
              event -> {},
              time);
      this.sampleAt = time.now();
    }

    private Site load() {
      return Objects.requireNonNull(new SiteLoader().load(file).site());
    }

    String text() throws IOException {
      return Files.readString(file);
    }

    int changes() {
      return changes.get();
    }

    int documents() {
      return documents.get();
    }

    private boolean suffers(Harm harm) {
      return running.place().name().contains(harm.name()) && prone.test(name);
    }

    private UplinkSnapshot uplink() {
      boolean up = !suffers(Harm.CUTS_OFF);
      acked += up ? 1 : 0;
      return new UplinkSnapshot(
          new UplinkSnapshot.Link(
              "",
              up ? 1 : -1,
              -1,
              1,
              up ? null : "nobody listens",
              null,
              null,
              RefusedTopicsSnapshot.NONE),
          new UplinkSnapshot.Delivery(0, 0, 0, false, 0, 0, -1, -1),
          LatencySnapshot.NONE,
          new UplinkSnapshot.RecordCounts(acked, acked, 0, 0, 0, 0),
          UplinkSnapshot.Mishaps.NONE,
          UplinkSnapshot.ReplayCounts.NONE);
    }

    private void turn(MonotonicInstant now) {
      if (!now.isBefore(step.due())) {
        step.step(now);
      }
      String says = desired.reported();
      if (says != null && !says.equals(reported)) {
        reported = says;
        say("reported", says, true);
      }
      if (online && suffers(Harm.SILENCES) && says != null && says.contains("\"applied\"")) {
        say("status", online(false), true);
      }
      if (online && !now.isBefore(sampleAt)) {
        sampleAt = now.plusNanos(SAMPLE_NANOS);
        sample();
      }
    }

    private String online(boolean is) {
      online = is;
      return is ? "online" : "offline";
    }

    private void sample() {
      String what =
          suffers(Harm.FAILS)
              ? "\"values\":{},\"bad\":{\"*\":\"timeout\"}"
              : "\"values\":{\"power\":1.0}";
      say(
          "data/m1",
          "{\"epoch\":\"00000001\",\"seq\":%d,\"after\":%d,\"ts\":1764060000123,\"device\":\"m1\",%s}"
              .formatted(seq + 1, seq, what),
          false);
      seq++;
      if (suffers(Harm.DROPS) && dropped == 0) {
        dropped = 7;
        store();
      }
    }

    private void store() {
      say(
          "store",
          ("{\"epoch\":\"00000001\",\"since\":1,\"first\":1,\"last\":%d,\"acked\":%d,\"ahead\":[],"
                  + "\"dropped\":%s,\"held\":0,\"oldest_unacked_ts\":null,\"previous\":[]}")
              .formatted(
                  seq,
                  seq,
                  dropped == 0
                      ? "[]"
                      : "[{\"from\":1,\"to\":7,\"count\":7,\"kind\":\"data\",\"reason\":\"space\"}]"),
          true);
    }

    private void say(String topic, String text, boolean retained) {
      try {
        client.publish(
            "lingtan/v1/" + name + "/" + topic, text.getBytes(UTF_8), retained ? 1 : 0, retained);
      } catch (MqttException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /**
   * @param site of all of them, without {@code gateway}
   * @param profile of the meter that each has
   */
  SimulatedFleet(
      String url, Path folder, List<String> names, String site, UnaryOperator<String> profile)
      throws IOException, MqttException {
    client = new MqttAsyncClient("tcp" + url.substring(4), "fleet", new MemoryPersistence());
    client.setCallback(new Arriving());
    MqttConnectionOptions connection = new MqttConnectionOptions();
    client.connect(connection).waitForCompletion(10_000);
    for (String name : names) {
      Gateway one = new Gateway(name, folder.resolve(name), "gateway: " + name + "\n" + site);
      gateways.put(name, one);
      one.say("status", "online", true);
      one.say(
          "meta/m1",
          "{\"device\":\"m1\",\"profile\":{\"name\":\"%s\"}}".formatted(profile.apply(name)),
          true);
      one.store();
    }
    client.subscribe("lingtan/v1/+/desired/config", 1).waitForCompletion(10_000);
    thread = Thread.ofPlatform().name("simulated-fleet").start(this::live);
  }

  private void live() {
    while (!ended) {
      for (Map.Entry<String, byte[]> one = wanted.poll(); one != null; one = wanted.poll()) {
        Gateway gateway = gateways.get(one.getKey());
        gateway.documents.addAndGet(one.getValue().length > 0 ? 1 : 0);
        gateway.desired.want(one.getValue());
        gateway.step.step(time.now());
      }
      for (Gateway gateway : gateways.values()) {
        gateway.turn(time.now());
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  List<Gateway> all() {
    return new ArrayList<>(gateways.values());
  }

  /** Which of them a harm hits. */
  void prone(Predicate<String> names) {
    prone = names;
  }

  /** All are online again, by the file that they have. */
  void heal() {
    prone = name -> false;
    all().forEach(one -> one.say("status", one.online(true), true));
  }

  private final class Arriving implements MqttCallback {
    @Override
    public void messageArrived(String topic, MqttMessage message) {
      wanted.add(Map.entry(topic.split("/")[2], message.getPayload()));
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {}

    @Override
    public void mqttErrorOccurred(MqttException exception) {}

    @Override
    public void deliveryComplete(IMqttToken token) {}

    @Override
    public void connectComplete(boolean reconnect, String uri) {}

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {}
  }

  @Override
  public void close() throws MqttException {
    ended = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    gateways.values().forEach(one -> one.desk.close());
    client.disconnectForcibly(0, 0, false);
    client.close(true);
  }
}
