package io.lingtan.simulator.zone.bridge;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lingtan-zone bridge}. */
@Command(
    name = "bridge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Takes messages from the MQTT broker to Kafka. Run two or more, each with its own id.")
public final class BridgeCommand implements Callable<Integer> {

  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

  @Option(
      names = "--broker",
      paramLabel = "URL",
      required = true,
      description = "The MQTT broker, mqtt://HOST[:1883].")
  private String broker = "";

  @Option(
      names = "--kafka",
      paramLabel = "SERVERS",
      required = true,
      description = "Kafka, HOST:PORT,HOST:PORT ...")
  private String kafka = "";

  @Option(
      names = "--client-id",
      paramLabel = "ID",
      required = true,
      description =
          "Its name at the MQTT broker. It has to stay: the broker keeps under it what waits.")
  private String clientId = "";

  @Option(
      names = "--group",
      paramLabel = "NAME",
      defaultValue = "zone",
      description = "Whose bridges share the subscription. Default: ${DEFAULT-VALUE}.")
  private String group = "zone";

  @Override
  public Integer call() throws InterruptedException {
    Time time = new SystemTime(List.of("system"));
    KafkaConsumer<String, byte[]> commands = new KafkaConsumer<>(consumerProperties());
    commands.subscribe(List.of(ZoneTopic.COMMANDS.topic()));
    BridgeStep step =
        new BridgeStep(
            new AuditClient.Options(BrokerAddress.parse(broker), clientId, null, null, null, true),
            group,
            new KafkaProducer<>(producerProperties()),
            commands,
            time);
    Loop loop = new Loop(step, time).start();
    Threads.atShutdown("end of the bridge", () -> loop.stop(LONGEST_STOP));
    System.out.println("started");
    new CountDownLatch(1).await();
    return 0;
  }

  private Properties producerProperties() {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName(),
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName(),
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true",
            ProducerConfig.LINGER_MS_CONFIG, "5",
            ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4",
            ProducerConfig.MAX_BLOCK_MS_CONFIG, "20000",
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "60000"));
    return properties;
  }

  private Properties consumerProperties() {
    Properties properties = new Properties();
    properties.putAll(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka,
            ConsumerConfig.GROUP_ID_CONFIG, "lingtan-zone-commands",
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName(),
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "10000",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest"));
    return properties;
  }
}
