package io.lingtan.simulator.zone.trial;

import io.lingtan.simulator.beside.Apps;
import io.lingtan.simulator.beside.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Three Kafka servers on ports of 127.0.0.1, each broker and controller in one process (KRaft): as
 * many as it takes to lose one and go on.
 */
final class KafkaServers implements AutoCloseable {

  private static final int COUNT = 3;
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final String CLUSTER = "bGluZ3Rhbi16b25lLXRyeQ";

  private final List<Part> servers = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();

  private KafkaServers() {}

  static KafkaServers start(Path folder) throws IOException, InterruptedException {
    KafkaServers made = new KafkaServers();
    try {
      made.begin(Programs.kafka(), folder);
    } catch (IOException | InterruptedException e) {
      made.close();
      throw e;
    }
    return made;
  }

  private void begin(Path jars, Path folder) throws IOException, InterruptedException {
    List<Integer> controllers = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      ports.add(Apps.freePort());
      controllers.add(Apps.freePort());
    }
    List<Path> files = new ArrayList<>();
    List<Child> formatting = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      Path file = folder.resolve("kafka-" + (i + 1) + ".properties");
      Files.writeString(file, settings(i, controllers, folder.resolve("kafka-" + (i + 1))));
      files.add(file);
      formatting.add(
          Child.start(
              "kafka format",
              Programs.kafka(
                  jars,
                  "kafka.tools.StorageTool",
                  "format",
                  "--cluster-id",
                  CLUSTER,
                  "--config",
                  file.toString()),
              folder.resolve("kafka-format-" + (i + 1) + ".log")));
    }
    for (Child format : formatting) {
      if (!format.ends(LONGEST_START) || format.exitCode() != 0) {
        throw new IOException("Kafka's disk cannot be prepared: " + format.lastWords());
      }
    }
    for (int i = 0; i < COUNT; i++) {
      servers.add(
          Part.start(
              "kafka-" + (i + 1),
              Programs.kafka(jars, "kafka.Kafka", files.get(i).toString()),
              folder));
    }
    for (int i = 0; i < COUNT; i++) {
      int port = ports.get(i);
      servers.get(i).await(LONGEST_START, () -> Programs.answers(port));
    }
  }

  private String settings(int i, List<Integer> controllers, Path data) {
    List<String> voters = new ArrayList<>();
    for (int other = 0; other < COUNT; other++) {
      voters.add((other + 1) + "@127.0.0.1:" + controllers.get(other));
    }
    return """
    process.roles=broker,controller
    node.id=%d
    controller.quorum.voters=%s
    controller.listener.names=CONTROLLER
    listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
    advertised.listeners=PLAINTEXT://127.0.0.1:%d
    listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
    log.dirs=%s
    # The default of 128 MB is more than such a small heap has.
    log.cleaner.dedupe.buffer.size=4194304
    default.replication.factor=3
    min.insync.replicas=2
    offsets.topic.replication.factor=3
    offsets.topic.num.partitions=8
    transaction.state.log.replication.factor=3
    transaction.state.log.min.isr=2
    transaction.state.log.num.partitions=8
    share.coordinator.state.topic.replication.factor=3
    share.coordinator.state.topic.min.isr=2
    group.initial.rebalance.delay.ms=500
    num.network.threads=2
    num.io.threads=4
    log.segment.bytes=16777216
    """
        .formatted(
            i + 1, String.join(",", voters), ports.get(i), controllers.get(i), ports.get(i), data);
  }

  /** {@code HOST:PORT,...} */
  String servers() {
    return ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
  }

  /** How a client of this process comes to them. */
  Properties client() {
    Properties client = new Properties();
    client.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers());
    return client;
  }

  List<Part> parts() {
    return List.copyOf(servers);
  }

  /** At once: a server that looks for the others before it ends would wait for them. */
  @Override
  public void close() {
    servers.forEach(Part::close);
  }
}
