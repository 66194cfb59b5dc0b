package io.lingtan.simulator.zone.bridge;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.command.BrokerOptions;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.tls.Tls;
import io.lingtan.simulator.zone.kafka.KafkaOptions;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.io.IOException;
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
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-zone bridge}. */
@Command(
    name = "bridge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Takes messages from the MQTT broker to Kafka. Run two or more, each with its own id.")
public final class BridgeCommand implements Callable<Integer> {

  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

  @Mixin private BrokerOptions broker;

  @Spec private CommandSpec spec;

  @Mixin private KafkaOptions kafka;

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
  public Integer call() throws IOException, InterruptedException {
    AuditClient.Options connection;
    try {
      connection = connection();
    } catch (Tls.Unusable e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Time time = new SystemTime(List.of("system"));
    KafkaConsumer<String, byte[]> commands = new KafkaConsumer<>(consumerProperties());
    commands.subscribe(List.of(ZoneTopic.COMMANDS.topic()));
    BridgeStep step =
        new BridgeStep(
            connection, group, new KafkaProducer<>(producerProperties()), commands, time);
    Loop loop = new Loop(step, time).start();
    Threads.atShutdown("end of the bridge", () -> loop.stop(LONGEST_STOP));
    System.out.println("started");
    new CountDownLatch(1).await();
    return 0;
  }

  /** Client id and session stay: the broker keeps under them what waits. */
  private AuditClient.Options connection() throws IOException, Tls.Unusable {
    BrokerAddress address = broker.address();
    return new AuditClient.Options(
        address,
        clientId,
        broker.user(),
        broker.password(),
        address.tls() ? Tls.factory(broker.identity(), null) : null,
        true);
  }

  private Properties producerProperties() {
    return kafka.with(
        Map.of(
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class.getName(),
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName(),
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true",
            ProducerConfig.LINGER_MS_CONFIG, "5",
            ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4",
            ProducerConfig.MAX_BLOCK_MS_CONFIG, "20000",
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "60000"));
  }

  private Properties consumerProperties() {
    return kafka.with(
        Map.of(
            ConsumerConfig.GROUP_ID_CONFIG, "lingtan-zone-commands",
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName(),
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "10000",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest"));
  }
}
