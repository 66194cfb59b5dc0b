package io.lingtan.agent.audit;

import static io.lingtan.agent.audit.Conversation.bytes;
import static io.lingtan.agent.audit.Conversation.record;
import static io.lingtan.agent.audit.Conversation.storeOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.audit.message.Malformed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Whatever is lost, shuffled or repeated on the way: what is found missing is what was lost. */
final class LossPropertyTest {

  private static final int ROUNDS = 300;

  /** What happened to one sequence of records on its way. */
  private static final class Journey {
    final RandomGenerator dice;
    final List<String> records = new ArrayList<>();
    final List<String> streams = new ArrayList<>();
    final TreeSet<Long> lost = new TreeSet<>();
    final Completeness completeness = new Completeness();
    long repeats;

    Journey(long seed) {
      dice = new SplittableRandom(seed);
    }

    void number(int count) {
      Map<String, Long> after = new HashMap<>();
      for (long seq = 1; seq <= count; seq++) {
        String stream =
            switch (dice.nextInt(8)) {
              case 0 -> "event";
              case 1 -> "interval/15m";
              default -> "data/d" + dice.nextInt(3);
            };
        long before = after.getOrDefault(stream, 0L);
        after.put(stream, seq);
        streams.add(stream);
        records.add(
            switch (stream) {
              case "event" -> Conversation.event(seq, before, seq, "line.lost", "");
              case "interval/15m" -> Conversation.interval(seq, before);
              default -> record(Conversation.EPOCH, seq, before, stream.substring(5), seq);
            });
      }
    }

    void deliver() {
      double loss = dice.nextInt(3) * 0.1;
      List<Runnable> messages = new ArrayList<>();
      for (int i = 0; i < records.size(); i++) {
        if (dice.nextDouble() < loss) {
          lost.add(i + 1L);
          continue;
        }
        int times = dice.nextInt(10) == 0 ? 2 : 1;
        repeats += times - 1;
        for (int t = 0; t < times; t++) {
          String topic = streams.get(i);
          String json = records.get(i);
          messages.add(
              dice.nextBoolean()
                  ? () -> take(topic, json)
                  : () -> take("batch", Conversation.batch(List.of(json))));
        }
      }
      for (int i = messages.size() - 1; i > 0; i--) {
        int other = Math.max(0, i - dice.nextInt(1 + dice.nextInt(400)));
        messages.set(other, messages.set(i, messages.get(other)));
      }
      messages.forEach(Runnable::run);
    }

    void take(String topic, String payload) {
      completeness.take("lingtan/v1/gw/" + topic, bytes(payload), false, Conversation.T0);
    }

    Set<Long> listed(List<Hole> holes) {
      Set<Long> listed = new TreeSet<>();
      for (Hole hole : holes) {
        for (long seq = hole.from(); seq <= hole.to(); seq++) {
          listed.add(seq);
        }
      }
      return listed;
    }
  }

  @Test
  void whatIsFoundMissingIsExactlyWhatWasLost() {
    for (long seed = 1; seed <= ROUNDS; seed++) {
      String context = "seed " + seed;
      Journey journey = new Journey(seed);
      int count = 1 + journey.dice.nextInt(400);
      journey.number(count);
      // Known from the start: else what was lost before the first arrival would be excused.
      journey.take("store", storeOf("before", 0, 0, ""));
      journey.deliver();
      long acked = journey.dice.nextInt(count + 1);
      journey.take("store", storeOf(Conversation.EPOCH, count, acked, ""));
      EpochReport epoch = journey.completeness.report(0).gateways().getFirst().epochs().getLast();

      assertEquals(count - journey.lost.size(), epoch.received(), context);
      assertEquals(journey.lost.headSet(acked, true).size(), epoch.missing(), context);
      assertEquals(journey.lost.tailSet(acked, false).size(), epoch.inTransit(), context);
      if (epoch.holes().size() < EpochReport.MOST_LISTED) {
        assertEquals(journey.lost.headSet(acked, true), journey.listed(epoch.holes()), context);
      }
      assertEquals(journey.repeats, epoch.repeats(), context);
      assertEquals(0, epoch.contradicted(), context);
      assertEquals(0, epoch.forks(), context);
    }
  }

  @Test
  void aSavedAuditGoesOnAsIfNothingHadHappened() throws Malformed {
    for (long seed = 1; seed <= 50; seed++) {
      Journey journey = new Journey(seed);
      journey.number(300);
      journey.take("meta", "{\"devices\":[{\"id\":\"d1\",\"record_ms\":1000},\"d2\"]}");
      journey.take("store", storeOf("before", 4, 2, ""));
      journey.take("store", "nonsense");
      journey.deliver();
      journey.take(
          "store",
          storeOf(
              Conversation.EPOCH,
              300,
              200,
              ",\"ahead\":[[210,220]],\"dropped\":[{\"from\":3,\"to\":50,\"count\":2,\"kind\":\"data\","
                  + "\"reason\":\"max_size\"}],\"previous\":[{\"epoch\":\"before\",\"last\":4,\"acked\":3}]"));
      byte[] saved = Conversation.save(journey.completeness);
      Completeness again = Conversation.from(saved);
      assertEquals(journey.completeness.report(0), again.report(0), "seed " + seed);
      assertArrayEquals(saved, Conversation.save(again), "seed " + seed);
      journey.lost.forEach(
          seq -> {
            byte[] payload = bytes(journey.records.get(seq.intValue() - 1));
            String topic = "lingtan/v1/gw/" + journey.streams.get(seq.intValue() - 1);
            again.take(topic, payload, false, 0);
          });
      EpochReport epoch = again.report(0).gateways().getFirst().epochs().getLast();
      assertEquals(300, epoch.received(), "seed " + seed);
      assertEquals(0, epoch.missing() + epoch.forks() + epoch.broken().size(), "seed " + seed);
    }
  }

  @Test
  void beyondItsBoundsItStillCountsEachLoss() {
    Journey journey = new Journey(1);
    journey.take("store", storeOf("before", 0, 0, ""));
    long last = 40_001;
    for (long seq = 1; seq <= last; seq += 2) {
      journey.take("data/d", record(Conversation.EPOCH, seq, seq - 1, "d", seq));
    }
    journey.take("store", storeOf(Conversation.EPOCH, last, last, ""));
    EpochReport epoch = journey.completeness.report(0).gateways().getFirst().epochs().getLast();
    assertEquals(20_000, epoch.missing());
    assertEquals(20_001, epoch.received());
  }
}
