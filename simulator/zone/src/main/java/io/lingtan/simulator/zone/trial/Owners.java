package io.lingtan.simulator.zone.trial;

import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;

/** Which streams instance folds how many partitions of the messages, by Kafka's own word. */
final class Owners {

  private static final String GROUP = "lingtan-zone";

  private Owners() {}

  /**
   * By instance; empty while Kafka does not say.
   *
   * @param client how to come to Kafka
   */
  static SortedMap<String, Integer> of(Properties client) {
    SortedMap<String, Integer> owners = new TreeMap<>();
    try (Admin admin = Admin.create(client)) {
      Map<String, ConsumerGroupDescription> groups =
          admin.describeConsumerGroups(List.of(GROUP)).all().get();
      for (MemberDescription member :
          groups.values().stream().flatMap(group -> group.members().stream()).toList()) {
        int partitions =
            (int)
                member.assignment().topicPartitions().stream()
                    .filter(one -> one.topic().equals(ZoneTopic.MESSAGES.topic()))
                    .count();
        if (partitions > 0) {
          owners.merge(
              member.clientId().replaceFirst("-StreamThread.*", ""), partitions, Integer::sum);
        }
      }
    } catch (ExecutionException e) {
      return new TreeMap<>();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return owners;
  }
}
