package io.lingtan.simulator.zone.streams;

import io.lingtan.agent.run.Threads;
import io.lingtan.simulator.zone.fold.Members;
import io.lingtan.simulator.zone.kafka.KafkaOptions;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code lingtan-zone streams}. */
@Command(
    name = "streams",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Folds messages: each record once, sums of the zone, what is closed, what is wrong. Run two"
            + " or more, each with a folder of its own.")
public final class StreamsCommand implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(StreamsCommand.class);
  private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

  @Spec private CommandSpec spec;

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--members",
      paramLabel = "FILE",
      required = true,
      description = "The zone's gateways: a line GATEWAY KEY for each, the key as x of its JWK.")
  private Path members = Path.of("members");

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description = "Where this instance keeps its copy of the state.")
  private Path dir = Path.of("state");

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "1..16. Default: ${DEFAULT-VALUE}.")
  private int threads = 1;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "Of each topic, where there is none yet: the most threads that can share the work."
              + " Default: ${DEFAULT-VALUE}.")
  private int partitions = 8;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "3",
      description = "Of each partition. Default: ${DEFAULT-VALUE}.")
  private int copies = 3;

  @Option(
      names = "--horizon",
      paramLabel = "DAYS",
      defaultValue = "400",
      description =
          "Figures and sums of intervals that ended longer ago are dropped, 1..36500; in PostgreSQL"
              + " they stay. Default: ${DEFAULT-VALUE}.")
  private int horizon = 400;

  @Option(
      names = "--acks",
      description =
          "Tell gateways what they may take for delivered, for those with mqtt.require_app_ack.")
  private boolean acks;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (threads < 1 || threads > 16) {
      throw new ParameterException(spec.commandLine(), "--threads must be 1..16, was " + threads);
    }
    if (horizon < 1 || horizon > 36_500) {
      throw new ParameterException(
          spec.commandLine(), "--horizon must be 1..36500, was " + horizon);
    }
    Members known = Members.read(Files.readAllLines(members));
    ZoneTopic.makeAll(kafka.with(Map.of()), partitions, copies);
    CountDownLatch ended = new CountDownLatch(1);
    KafkaStreams streams =
        new KafkaStreams(
            ZoneTopology.of(known, acks, new Horizon(Duration.ofDays(horizon))), properties());
    streams.setUncaughtExceptionHandler(
        failure -> {
          log.error("a thread of the fold failed, and another one takes its place", failure);
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    streams.setStateListener((now, before) -> log.info("{} after {}", now, before));
    Threads.atShutdown("end of the fold", () -> streams.close(LONGEST_STOP));
    streams.start();
    System.out.println("started");
    ended.await();
    return 0;
  }

  private Properties properties() {
    Properties properties =
        kafka.with(
            Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                "lingtan-zone",
                StreamsConfig.STATE_DIR_CONFIG,
                dir.toString(),
                StreamsConfig.NUM_STREAM_THREADS_CONFIG,
                threads,
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                StreamsConfig.EXACTLY_ONCE_V2,
                StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
                1,
                StreamsConfig.REPLICATION_FACTOR_CONFIG,
                copies,
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                200));
    properties.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // A new instance is given work once it has caught up, which is looked at so often.
    properties.put(StreamsConfig.PROBING_REBALANCE_INTERVAL_MS_CONFIG, 60_000);
    properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    properties.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 20_000);
    return properties;
  }
}
