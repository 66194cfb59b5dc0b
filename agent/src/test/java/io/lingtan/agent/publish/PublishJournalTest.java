package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Batch;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.StoreSnapshot;
import io.lingtan.agent.publish.MemoryBroker.Got;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The publisher over the journal on a real file, through outages, refusals and restarts. */
final class PublishJournalTest {

  private static final Pattern RECORD =
      Pattern.compile("\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),\"after.*?\\}(\\}|(?=[,\\]])|$)");

  @TempDir Path folder;

  private final World world = new World();
  private final MemoryBroker broker = world.broker;
  private int samples;

  private Journal open(String name, RandomGenerator random) {
    Journal journal =
        Journal.open(
            new Journal.Options(
                folder.resolve(name), 64 << 20, "this machine", Duration.ofSeconds(1)),
            world.time,
            random);
    world.step =
        new PublishStep(
            World.site(world.mqtt),
            new Birth("1.0", new LinkedHashMap<>()),
            journal.outbox(),
            journal::state,
            broker,
            world.ledger,
            world.time,
            random);
    journal.onCommit(world.step::onCommit);
    return journal;
  }

  private void commit(Journal journal, int count, boolean event) {
    Batch batch = journal.begin();
    long at = world.time.now().nanos();
    for (int i = 0; i < count; i++) {
      Values values = new Values.Builder().put(Point.of("power"), ++samples).build();
      batch.data(Sample.of("pv" + i % 3, world.time.boot(), at, values), samples);
    }
    if (event) {
      batch.event(Event.of("agent.start", Event.Severity.INFO), at, samples);
    }
    batch.commit(world.time.wall().millisAt(world.time.now()), null);
  }

  @Test
  void whateverHappensNothingIsLostAndNoKeyHasTwoContents() {
    for (long seed = 1; seed <= 4; seed++) {
      round(seed);
    }
  }

  private void round(long seed) {
    RandomGenerator random = Randomness.seeded(seed);
    broker.got.clear();
    broker.retained.clear();
    broker.isDown = false;
    Journal journal = open("journal-" + seed + ".db", random);
    for (int i = 0; i < 120; i++) {
      commit(journal, 1 + random.nextInt(40), random.nextInt(4) == 0);
      switch (random.nextInt(12)) {
        case 0 -> broker.isDown = !broker.isDown;
        case 1 -> {
          if (broker.up) {
            broker.drop();
          }
        }
        case 2 -> broker.holdsAcks = !broker.holdsAcks;
        case 3 -> {
          int refused = random.nextInt(4);
          broker.reason = message -> message.topic().hashCode() % 4 == refused ? 135 : 0;
        }
        case 4 -> broker.receiveMaximum = 1 + random.nextInt(20);
        case 5 -> {
          broker.signals().drain(signal -> {}, 1000);
          broker.up = false;
          broker.unanswered.clear();
          world.step.close();
          journal.close();
          journal = open("journal-" + seed + ".db", random);
        }
        default -> {}
      }
      if (broker.holdsAcks && random.nextBoolean()) {
        broker.answer();
      }
      world.run(1000 + random.nextInt(3000));
    }
    broker.isDown = false;
    broker.holdsAcks = false;
    broker.answer();
    broker.reason = message -> 0;
    for (int i = 0; i < 10; i++) {
      world.run(100_000);
    }
    StoreSnapshot state = journal.state();
    assertEquals(0, state.waiting(), "seed " + seed + ": " + state);
    Map<String, String> received = new HashMap<>();
    for (Got one : broker.got) {
      Matcher record = RECORD.matcher(one.message().text());
      while (record.find()) {
        String key = record.group(1) + "/" + record.group(2);
        String before = received.put(key, record.group());
        assertTrue(
            before == null || before.equals(record.group()),
            "seed " + seed + ": two contents under " + key);
      }
    }
    for (long seq = 1; seq <= state.last(); seq++) {
      assertTrue(
          received.containsKey(state.epoch() + "/" + seq), "seed " + seed + ": no seq " + seq);
    }
    world.step.close();
    journal.close();
  }
}
