package io.lingtan.simulator.zone.sink;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.NamedStep;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes batches from Kafka into the tables. Crash contract: a batch is in PostgreSQL before its
 * offsets are in Kafka, so it is written once or more, which is the same.
 *
 * <p>While PostgreSQL is away the batch is kept and tried each second; Kafka keeps the rest.
 */
final class SinkStep extends NamedStep {

  private static final Logger log = LoggerFactory.getLogger(SinkStep.class);
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final Duration AGAIN_AFTER = Duration.ofSeconds(1);

  private final Consumer<String, byte[]> consumer;
  private final String url;
  private @Nullable Connection connection;
  private @Nullable Tables tables;
  private ConsumerRecords<String, byte[]> batch = ConsumerRecords.empty();
  private MonotonicInstant next = new MonotonicInstant(0);

  /**
   * @param consumer one that has subscribed, reads committed and does not commit by itself
   * @param url JDBC
   */
  SinkStep(Consumer<String, byte[]> consumer, String url) {
    super("sink");
    this.consumer = consumer;
    this.url = url;
  }

  @Override
  public int step(MonotonicInstant now) {
    if (now.isBefore(next)) {
      return 0;
    }
    try {
      Tables there = tables();
      if (batch.isEmpty()) {
        batch = consumer.poll(WAIT);
      }
      there.write(batch);
    } catch (SQLException e) {
      log.warn(
          "PostgreSQL does not take {} rows, and is tried again: {}",
          batch.count(),
          e.getMessage());
      disconnect();
      next = now.plus(AGAIN_AFTER);
      return 0;
    }
    int written = batch.count();
    batch = ConsumerRecords.empty();
    if (written > 0) {
      try {
        consumer.commitSync();
      } catch (CommitFailedException e) {
        // Another sink has these partitions by now, and writes the same again.
        log.warn("offsets not committed: {}", e.getMessage());
      }
    }
    return 1;
  }

  private Tables tables() throws SQLException {
    Tables there = tables;
    if (there == null) {
      Connection open = DriverManager.getConnection(url);
      connection = open;
      there = Tables.in(open);
      tables = there;
    }
    return there;
  }

  private void disconnect() {
    Connection open = connection;
    connection = null;
    tables = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        // What was committed is on the disk.
      }
    }
  }

  @Override
  public MonotonicInstant due() {
    return next;
  }

  @Override
  public void close() {
    consumer.close();
    disconnect();
  }
}
