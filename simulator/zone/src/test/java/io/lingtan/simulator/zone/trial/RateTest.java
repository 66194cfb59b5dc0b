package io.lingtan.simulator.zone.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.GatewayFold;
import io.lingtan.simulator.zone.fold.Incoming;
import io.lingtan.simulator.zone.fold.Outcome;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

/** What a rate is measured with, and what it says. */
final class RateTest {
  private static final long NOW = 1_780_000_200_000L;

  @Test
  void theFoldTakesEveryRecordedMessage() {
    List<SitePlan> plans = SitePlan.draw(3, 0, new Random(2));
    List<ProducerRecord<String, byte[]>> messages = Recording.of(plans, 3 * 8 * 5, NOW);
    Map<String, GatewayFold> folds = new HashMap<>();
    List<Outcome> outcomes = new ArrayList<>();
    MessageReader reader = new MessageReader();
    for (ProducerRecord<String, byte[]> message : messages) {
      assertTrue(message.timestamp() <= NOW);
      SitePlan plan =
          plans.stream()
              .filter(one -> one.gateway().equals(message.key()))
              .findFirst()
              .orElseThrow();
      Incoming incoming =
          new Incoming(
              message.key(),
              TextHeaders.get(message.headers(), ZoneTopic.TOPIC),
              message.value(),
              message.timestamp());
      outcomes.addAll(
          folds
              .computeIfAbsent(message.key(), GatewayFold::new)
              .take(incoming, reader, List.of(plan.key().open())));
    }
    assertFalse(outcomes.stream().anyMatch(one -> one instanceof Outcome.Dead), outcomes::toString);
    assertEquals(15, outcomes.stream().filter(one -> one instanceof Figure).count());
    assertEquals(105, folds.values().stream().mapToLong(GatewayFold::count).sum());
    assertEquals(0, folds.values().stream().mapToLong(GatewayFold::broken).sum());
    assertTrue(folds.values().stream().allMatch(fold -> fold.absent().isEmpty()));
  }

  @Test
  void theLimitIsWhatIsBusy() {
    assertEquals("the threads of the fold", rate(1, 980, 300).limit(4));
    assertEquals("the machine's cores, for the fold first", rate(2, 1_100, 800).limit(2));
    assertEquals("the machine's cores, for Kafka first", rate(2, 800, 1_100).limit(2));
    assertEquals("waiting, or others on this machine", rate(2, 300, 300).limit(2));
  }

  private static Rate rate(int threads, long foldMillis, long kafkaMillis) {
    return new Rate(threads, 5_000, 1_000, foldMillis, kafkaMillis, 0, 0);
  }

  @Test
  void thePictureHasABarForEachNumberOfThreads() {
    String svg = RatePicture.of(List.of(rate(1, 900, 300), rate(4, 1_100, 700)), "of a test");
    assertEquals(2 + 2 * 2, svg.split("width=\"80\"", -1).length - 1);
    assertTrue(svg.contains("5,000") && svg.contains("4 threads"), svg);
  }
}
