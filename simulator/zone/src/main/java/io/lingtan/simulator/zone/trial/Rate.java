package io.lingtan.simulator.zone.trial;

import io.lingtan.simulator.beside.Usage;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How fast one streams instance folded messages that were there before it.
 *
 * @param threads of it
 * @param messages between its first and its last commit
 * @param millis from its first to its last commit
 * @param foldCpuMillis of the instance in that time
 * @param kafkaCpuMillis of the three servers in that time
 * @param storeBytes what the instance has on its disk in the end
 * @param changelogBytes what a server has of the same
 */
record Rate(
    int threads,
    long messages,
    long millis,
    long foldCpuMillis,
    long kafkaCpuMillis,
    long storeBytes,
    long changelogBytes) {

  private static final int PARTITIONS = 8;
  private static final int COPIES = 3;
  private static final double NEARLY_ALL = 0.85;
  private static final String GROUP = "lingtan-zone";
  private static final Duration LONGEST_END = Duration.ofSeconds(30);
  private static final long LOOK_MILLIS = 100;

  double perSecond() {
    return messages * 1_000.0 / Math.max(1, millis);
  }

  /** Which part more speed would have to come from. */
  String limit(int cores) {
    double machine = (double) (foldCpuMillis + kafkaCpuMillis) / (millis * cores);
    double fold = (double) foldCpuMillis / (millis * Math.min(threads, cores));
    if (machine > NEARLY_ALL) {
      return foldCpuMillis > kafkaCpuMillis
          ? "the machine's cores, for the fold first"
          : "the machine's cores, for Kafka first";
    }
    return fold > NEARLY_ALL ? "the threads of the fold" : "waiting, or others on this machine";
  }

  /**
   * Measures one number of threads, with servers of its own.
   *
   * @param folder an empty one
   * @param atMost how long it may take
   * @throws IOException if something does not start, or it takes longer
   */
  static Rate measure(
      int threads,
      List<SitePlan> plans,
      List<ProducerRecord<String, byte[]>> messages,
      Path folder,
      Duration atMost)
      throws IOException, InterruptedException {
    Files.write(folder.resolve("members"), SitePlan.members(plans));
    try (KafkaServers servers = KafkaServers.start(folder)) {
      ZoneTopic.makeAll(servers.client(), PARTITIONS, COPIES);
      preload(servers.client(), messages);
      try (Admin admin = Admin.create(servers.client());
          Part fold =
              Part.start(
                  "streams",
                  Programs.zone(
                      "-Xmx512m",
                      "streams",
                      "--kafka",
                      servers.servers(),
                      "--members",
                      folder.resolve("members").toString(),
                      "--dir",
                      folder.resolve("state").toString(),
                      "--threads",
                      String.valueOf(threads)),
                  folder)) {
        Measured measured = new Measured(admin, fold, servers.parts());
        measured.await(1, atMost);
        long first = measured.committed();
        long began = System.nanoTime();
        long foldCpu = measured.foldCpuMillis();
        long kafkaCpu = measured.kafkaCpuMillis();
        measured.await(messages.size(), atMost);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        foldCpu = measured.foldCpuMillis() - foldCpu;
        kafkaCpu = measured.kafkaCpuMillis() - kafkaCpu;
        fold.end(LONGEST_END);
        return new Rate(
            threads,
            messages.size() - first,
            millis,
            foldCpu,
            kafkaCpu,
            bytes(folder.resolve("state")),
            measured.changelogBytes());
      }
    }
  }

  private static void preload(Properties client, List<ProducerRecord<String, byte[]>> messages) {
    Properties properties = new Properties();
    properties.putAll(client);
    properties.put(ProducerConfig.LINGER_MS_CONFIG, "20");
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
      for (ProducerRecord<String, byte[]> message : messages) {
        var _ = producer.send(message);
      }
      producer.flush();
    }
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(Rate::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is asked while it runs. */
  private record Measured(Admin admin, Part fold, List<Part> kafka) {

    void await(long messages, Duration atMost) throws IOException, InterruptedException {
      long end = System.nanoTime() + atMost.toNanos();
      while (committed() < messages) {
        if (!fold.isAlive() || System.nanoTime() > end) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "%,d of %,d messages were folded: %s",
                  committed(),
                  messages,
                  fold.lastWords()));
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    }

    /** Messages that are folded and committed. */
    long committed() throws InterruptedException {
      try {
        Map<?, OffsetAndMetadata> offsets =
            admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
        return offsets.entrySet().stream()
            .filter(one -> one.getKey().toString().startsWith(ZoneTopic.MESSAGES.topic()))
            .mapToLong(one -> one.getValue() == null ? 0 : one.getValue().offset())
            .sum();
      } catch (ExecutionException e) {
        return 0; // There is no such group yet.
      }
    }

    long foldCpuMillis() {
      return Usage.of(fold.pid()).cpuMillis();
    }

    long kafkaCpuMillis() {
      return kafka.stream().mapToLong(server -> Usage.of(server.pid()).cpuMillis()).sum();
    }

    long changelogBytes() throws IOException, InterruptedException {
      try {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
            .flatMap(dirs -> dirs.values().stream())
            .flatMap(dir -> dir.replicaInfos().entrySet().stream())
            .filter(replica -> replica.getKey().topic().endsWith("-changelog"))
            .mapToLong(replica -> replica.getValue().size())
            .sum();
      } catch (ExecutionException e) {
        throw new IOException("Kafka does not tell what it keeps: " + e.getMessage(), e);
      }
    }
  }
}
