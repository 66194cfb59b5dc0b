package io.lingtan.simulator.zone.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** A topic of the zone in Kafka. */
public enum ZoneTopic {
  /** What gateways sent, as it came: key gateway, header {@link #TOPIC}. */
  MESSAGES(true),
  /** Each record once, and what gateways say of themselves: key gateway, header {@link #TOPIC}. */
  KEPT(true),
  /**
   * Sums over gateways, key {@code LENGTH START}, and until when all members are covered, key
   * length. The newest counts; all of a length is in one partition, what closes an interval behind
   * its sum.
   */
  SUMS(false),
  /**
   * What the zone's trees are of: figures, key {@code LENGTH START GATEWAY REV}, of which the first
   * root that has it.
   */
  LEAVES(true),
  /** What is published of a closed interval: key {@code LENGTH START REV}. */
  ROOTS(false),
  /**
   * What gateways are told and asked: key gateway, header {@link #TOPIC}, such as {@code cmd/ack}.
   */
  COMMANDS(true),
  /**
   * What could not be taken: key gateway, headers {@link #TOPIC}, {@link #REASON}, {@link #DETAIL}.
   */
  DEAD(true);

  /** Header with what follows {@code lingtan/v1/GATEWAY/}. */
  public static final String TOPIC = "topic";

  public static final String REASON = "reason";
  public static final String DETAIL = "detail";

  private static final long LONGEST_SECONDS = 60;

  private final boolean isLog;

  ZoneTopic(boolean isLog) {
    this.isLog = isLog;
  }

  /** As Kafka knows it. */
  public String topic() {
    return "zone." + name().toLowerCase(Locale.ROOT);
  }

  /**
   * Makes those that are not there.
   *
   * @param client how to come to Kafka
   * @param partitions of each, ≥ 1: the most instances that can share the work
   * @param copies of each partition, 1..number of servers
   * @throws IllegalStateException if Kafka does not answer within a minute, or refuses
   */
  public static void makeAll(Properties client, int partitions, int copies) {
    List<NewTopic> topics = new ArrayList<>();
    for (ZoneTopic topic : values()) {
      topics.add(
          new NewTopic(topic.topic(), partitions, (short) copies)
              .configs(
                  Map.of(
                      TopicConfig.CLEANUP_POLICY_CONFIG,
                      topic.isLog
                          ? TopicConfig.CLEANUP_POLICY_DELETE
                          : TopicConfig.CLEANUP_POLICY_COMPACT,
                      TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG,
                      String.valueOf(Math.max(1, copies - 1)))));
    }
    try (Admin admin = Admin.create(client)) {
      for (var made : admin.createTopics(topics).values().values()) {
        try {
          made.get(LONGEST_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw new IllegalStateException("Kafka makes no topics: " + e.getCause(), e);
          }
        }
      }
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "Kafka does not answer at " + client.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while topics were made", e);
    }
  }
}
