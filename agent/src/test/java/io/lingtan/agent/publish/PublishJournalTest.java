package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.publish.MemoryBroker.Got;
import io.lingtan.agent.publish.lane.Window;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Randomness;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The publisher over the journal on a real file, through outages, refusals, kills and reboots. */
final class PublishJournalTest {

  private static final Pattern RECORD =
      Pattern.compile("\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),\"after.*?\\}(\\}|(?=[,\\]])|$)");

  /** Larger than the packets that the broker takes. */
  private static final int TOO_LARGE = 30_000;

  private static final int MAXIMUM_PACKET = 20_000;

  @TempDir Path folder;

  @Test
  void whateverHappensNothingIsLostAndAllGoesInOrderAndNoMoreThanNeedBeGoesTwice() {
    for (long seed = 1; seed <= 3; seed++) {
      new Round(seed).play();
    }
  }

  /** A key; the place of its epoch among all and its seq are its order. */
  private record Key(String epoch, int place, long seq) {
    boolean isAfter(Key other) {
      return place != other.place ? place > other.place : seq > other.seq;
    }

    @Override
    public String toString() {
      return epoch + "/" + seq;
    }
  }

  private final class Round {

    private final long seed;
    private final RandomGenerator random;

    /** Whether the broker ever refuses a topic: what it refused goes again, and so out of order. */
    private final boolean refuses;

    private final World world = new World();
    private final MemoryBroker broker = world.broker;
    private final List<String> epochs = new ArrayList<>();
    private final Map<String, Long> lastOf = new HashMap<>();
    private final Set<Key> tooLarge = new HashSet<>();

    /** What was sent under each key. */
    private final Map<Key, String> contents = new HashMap<>();

    /** What had a good PUBACK, and whether a commit has saved that: it must never go again. */
    private final Set<Key> saved = new HashSet<>();

    private final Set<Key> unsaved = new HashSet<>();

    /** What ever had a good PUBACK. */
    private final Set<Key> delivered = new HashSet<>();

    private final Map<String, Key> newestSent = new HashMap<>();
    private final Map<String, Key> newestDelivered = new HashMap<>();
    private final IdentityHashMap<Message, Map<Key, String>> parsed = new IdentityHashMap<>();
    private int refusing = -1;
    private int samples;
    private int resent;
    private Journal journal;

    Round(long seed) {
      this.seed = seed;
      this.random = Randomness.seeded(seed);
      this.refuses = seed % 2 == 0;
      broker.maximumPacket = MAXIMUM_PACKET;
      broker.onPublish = this::sent;
      broker.reason = this::answer;
      journal = open();
    }

    private Journal open() {
      Journal opened =
          Journal.open(
              new JournalOptions(
                  folder.resolve("journal-" + seed + ".db"), 64 << 20, "this machine"),
              world.time,
              random);
      world.step =
          new PublishStep(
              World.site(world.mqtt),
              new Birth("1.0", new LinkedHashMap<>()),
              opened.outbox(),
              opened::state,
              broker,
              world.ledger,
              world.time,
              random,
              null,
              new MonthReports());
      opened.onCommit(world.step::onCommit);
      return opened;
    }

    void play() {
      for (int epoch = 0; epoch < 2; epoch++) {
        for (int i = 0; i < 40; i++) {
          commit(1 + random.nextInt(40));
          trouble();
          if (broker.holdsAcks && random.nextBoolean()) {
            broker.answer();
          }
          world.run(1000 + random.nextInt(3000));
        }
        end(true);
      }
      away();
      end(true);
      away();
      broker.isDown = false;
      broker.receiveMaximum = 65_535;
      refusing = -1;
      end(true); // whoever starts anew waits for nothing
      drain();
      check();
      world.step.close();
      journal.close();
    }

    private void trouble() {
      switch (random.nextInt(12)) {
        case 0 -> broker.isDown = !broker.isDown;
        case 1 -> {
          if (broker.up) {
            broker.drop();
          }
        }
        case 2 -> broker.holdsAcks = !broker.holdsAcks;
        case 3 -> refusing = refuses ? random.nextInt(4) : -1;
        case 4 -> broker.receiveMaximum = 1 + random.nextInt(20);
        case 5 -> close();
        case 6 -> end(false);
        default -> {}
      }
    }

    /** Long enough for two chunks of data to wait. */
    private void away() {
      broker.isDown = true;
      if (broker.up) {
        broker.drop();
      }
      for (int i = 0; i < 40; i++) {
        commit(8);
        world.run(1000);
      }
    }

    /** Half a minute on a line with 50 ms there and back, while new records are committed. */
    private void drain() {
      broker.holdsAcks = true;
      for (int i = 0; i < 600; i++) {
        world.run(50);
        broker.answer();
        if (i < 200 && i % 2 == 0) {
          world.step.step(world.time.now()); // takes the PUBACKs
          commit(1);
        }
      }
      world.run(1);
    }

    private void commit(int count) {
      Batch batch = journal.begin();
      StoreSnapshot before = journal.state();
      if (!epochs.contains(before.epoch())) {
        epochs.add(before.epoch());
      }
      long at = world.time.now().nanos();
      for (int i = 0; i < count; i++) {
        Values.Builder values = new Values.Builder().put(Point.of("power"), ++samples);
        if (random.nextInt(300) == 0) {
          values.state("x".repeat(TOO_LARGE));
          tooLarge.add(key(before.epoch(), before.last() + 1 + i));
        }
        String device = "pv" + i % 3;
        batch.data(Sample.of(device, world.time.boot(), at, values.build()), samples);
      }
      if (random.nextInt(2) == 0) {
        batch.event(Event.of("agent.start", Event.Severity.INFO), at, samples);
      }
      if (random.nextInt(4) == 0) {
        batch.interval(
            new Interval(
                "15m",
                samples,
                samples + 900_000L,
                0,
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>()));
      }
      batch.commit(world.time.wall().millisAt(world.time.now()), null);
      saved.addAll(unsaved);
      unsaved.clear();
      lastOf.put(before.epoch(), journal.state().last());
    }

    private void close() {
      endsConnection();
      world.step.close();
      journal.close();
      saved.addAll(unsaved);
      unsaved.clear();
      forget();
      journal = open();
    }

    /** The process is killed, or the power is cut: then a new epoch begins. */
    private void end(boolean powerCut) {
      endsConnection();
      world.step.close(); // only for its open file
      Kill.kill(journal);
      unsaved.clear();
      forget();
      if (powerCut) {
        world.time.reboot(5000);
      }
      journal = open();
    }

    /** A refused topic leaves more gaps than a journal saves ranges. */
    private void forget() {
      if (refuses) {
        saved.clear();
      }
    }

    private void endsConnection() {
      broker.signals().drain(signal -> {}, 1024);
      broker.arrivals().drain(arrived -> {}, 1024);
      broker.up = false;
      broker.unanswered.clear();
      newestSent.clear(); // a new process counts its connections anew
    }

    private Key key(String epoch, long seq) {
      return new Key(epoch, epochs.indexOf(epoch), seq);
    }

    private Map<Key, String> records(Message message) {
      return parsed.computeIfAbsent(message, this::parse);
    }

    private Map<Key, String> parse(Message message) {
      Map<Key, String> found = new LinkedHashMap<>();
      Matcher record = RECORD.matcher(message.text());
      while (record.find()) {
        found.put(key(record.group(1), Long.parseLong(record.group(2))), record.group());
      }
      return found;
    }

    private void sent(Message message) {
      Key last = null;
      for (Map.Entry<Key, String> record : records(message).entrySet()) {
        Key key = record.getKey();
        String what = what(key + " on " + message.topic());
        String before = contents.put(key, record.getValue());
        assertTrue(before == null || before.equals(record.getValue()), what + " has two contents");
        resent += before == null ? 0 : 1;
        for (Got one : broker.unanswered) {
          assertFalse(
              records(one.message()).containsKey(key), what + " goes again while it is under way");
        }
        assertFalse(
            saved.contains(key) || unsaved.contains(key), what + " goes again although it arrived");
        assertTrue(last == null || key.isAfter(last), what + " follows " + last + " in its batch");
        last = key;
        if (!refuses && !message.topic().contains("/data/")) {
          Key newest = newestSent.put(broker.connection + message.topic(), key);
          assertTrue(newest == null || key.isAfter(newest), what + " follows " + newest);
        }
      }
    }

    private int answer(Message message) {
      if (refusing >= 0 && Math.floorMod(message.topic().hashCode(), 4) == refusing) {
        return 135;
      }
      for (Key key : records(message).keySet()) {
        unsaved.add(key);
        if (delivered.add(key) && message.topic().matches(".*/(event|interval/15m)")) {
          Key newest = newestDelivered.put(message.topic(), key);
          assertTrue(
              newest == null || key.isAfter(newest),
              what(key + " arrives on " + message.topic() + " after " + newest));
        }
      }
      return 0;
    }

    private void check() {
      StoreSnapshot state = journal.state();
      assertEquals(0, state.waiting(), what(state.toString()));
      assertTrue(broker.most <= Window.MOST_MESSAGES, what(broker.most + " under way"));
      assertTrue(resent > 0, what("nothing ever went again: there was no trouble"));
      assertTrue(epochs.size() >= 4, what(epochs.toString()));
      Map<String, List<Drop>> drops = new HashMap<>();
      drops.put(state.epoch(), state.dropped());
      state.previous().forEach(previous -> drops.put(previous.epoch(), previous.dropped()));
      for (String epoch : epochs) {
        long last = lastOf.getOrDefault(epoch, 0L);
        for (long seq = 1; seq <= last; seq++) {
          Key key = key(epoch, seq);
          assertTrue(delivered.contains(key) != tooLarge.contains(key), what("lost: " + key));
        }
      }
      for (Key key : tooLarge) {
        List<Drop> declared = drops.get(key.epoch());
        assertTrue(
            declared == null
                || declared.stream().anyMatch(d -> d.from() <= key.seq() && key.seq() <= d.to()),
            what("not declared: " + key));
      }
      assertFalse(tooLarge.isEmpty(), what("nothing was too large"));
    }

    private String what(String text) {
      return "seed " + seed + ": " + text;
    }
  }
}
