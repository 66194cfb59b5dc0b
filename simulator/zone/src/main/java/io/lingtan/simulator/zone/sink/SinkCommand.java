package io.lingtan.simulator.zone.sink;

import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Threads;
import io.lingtan.simulator.zone.kafka.KafkaOptions;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code lingtan-zone sink}. */
@Command(
    name = "sink",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Writes records, sums, roots and dead letters into PostgreSQL, 14 or later.")
public final class SinkCommand implements Callable<Integer> {

  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);
  private static final int MOST_AT_ONCE = 2_000;

  /** PostgreSQL may be away for so long before another sink is given the work. */
  private static final int LONGEST_AWAY_MILLIS = 900_000;

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--postgres",
      paramLabel = "ADDRESS",
      required = true,
      description =
          "postgresql://HOST[:PORT]/DATABASE[?user=NAME]; a password has its place in ~/.pgpass.")
  private String postgres = "";

  @Override
  public Integer call() throws InterruptedException {
    KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(properties());
    consumer.subscribe(
        Stream.of(ZoneTopic.KEPT, ZoneTopic.SUMS, ZoneTopic.LEAVES, ZoneTopic.ROOTS, ZoneTopic.DEAD)
            .map(ZoneTopic::topic)
            .toList());
    SystemTime time = new SystemTime(List.of("system"));
    Loop loop = new Loop(new SinkStep(consumer, "jdbc:" + postgres), time).start();
    Threads.atShutdown("end of the sink", () -> loop.stop(LONGEST_STOP));
    System.out.println("started");
    new CountDownLatch(1).await();
    return 0;
  }

  private Properties properties() {
    return kafka.with(
        Map.of(
            ConsumerConfig.GROUP_ID_CONFIG,
            "lingtan-zone-sink",
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            StringDeserializer.class.getName(),
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
            ByteArrayDeserializer.class.getName(),
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            "read_committed",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            "false",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest",
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
            "10000",
            ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG,
            String.valueOf(LONGEST_AWAY_MILLIS),
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            String.valueOf(MOST_AT_ONCE)));
  }
}
