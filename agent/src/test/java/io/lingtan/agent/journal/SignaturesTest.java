package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.ChainSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord.IntervalRecord;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.seal.Signing;
import io.lingtan.agent.seal.VerifyingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The chain of interval records over everything that can happen to a journal. */
final class SignaturesTest {

  @TempDir private Path folder;

  private final VirtualTime time = new VirtualTime(Bench.START);
  private final RandomGenerator random = Randomness.seeded(11);
  private final List<JsonValue.Obj> records = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private String machine = "m";
  private boolean blocked;
  private Journal journal;
  private Signing signing;

  @BeforeEach
  void open() {
    signing = keyFile().open(random);
    journal =
        Journal.open(
            new JournalOptions(
                folder.resolve("journal.db"),
                Bench.LARGE,
                machine,
                this::connect,
                folder.resolve("volatile"),
                signing),
            time,
            random);
    events.addAll(journal.openingEvents());
  }

  @AfterEach
  void close() {
    journal.close();
  }

  private Connection connect(Path file) throws SQLException {
    if (blocked) {
      throw new SQLException("disk I/O error", "", 10);
    }
    return Connector.sqlite().connect(file);
  }

  private KeyFile keyFile() {
    return new KeyFile(folder.resolve("signing.key"), machine);
  }

  private void killed() {
    journal.crash();
    open();
  }

  private void restarted() {
    journal.close();
    open();
  }

  private long now() {
    return time.wall().millisAt(time.now());
  }

  /** Commits some intervals among other records, and takes them back out of the journal. */
  private void commit(int intervals) throws NotJson {
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    for (int i = 0; i < intervals; i++) {
      batch.event(Event.of("meter.online", Event.Severity.INFO), time.now().nanos(), now());
      batch.interval(Bench.quarter(i % 2 == 0 ? "15m" : "1h", now()));
    }
    batch.commit(now(), null);
    take(journal.state().epoch(), intervals);
  }

  private void take(String epoch, int intervals) throws NotJson {
    List<IntervalRecord> newest = new ArrayList<>();
    try (Outbox outbox = journal.outbox()) {
      List<io.lingtan.agent.reading.JournalRecord> all = new ArrayList<>();
      Bench.drain(outbox, epoch, all);
      all.stream()
          .filter(IntervalRecord.class::isInstance)
          .map(IntervalRecord.class::cast)
          .forEach(newest::add);
    }
    for (IntervalRecord record : newest.subList(newest.size() - intervals, newest.size())) {
      records.add(JsonValue.object(record.json()));
    }
  }

  private static String hash(JsonValue.Obj record) {
    return Digest.of(CanonicalJson.of(record));
  }

  private static boolean isSigned(JsonValue.Obj record, VerifyingKey key) {
    return key.signed(CanonicalJson.of(record.without("sig")), record.text("sig"));
  }

  /** Record i follows record {@code before}, or begins a chain where that is null. */
  private void assertFollows(int i, @Nullable Integer before) {
    assertEquals(
        before == null ? "A".repeat(43) : hash(records.get(before)),
        records.get(i).text("prev"),
        () -> "record " + i);
    assertTrue(isSigned(records.get(i), signing.key().open()), () -> "record " + i);
  }

  private List<String> starts() {
    List<String> reasons = new ArrayList<>();
    for (Event event : events) {
      if (event.name().equals("chain.start")) {
        reasons.add(String.valueOf(event.detail().get("reason")));
      }
    }
    return reasons;
  }

  @Test
  void eachRecordNamesTheOneBeforeItWhateverItsLength() throws NotJson {
    commit(3);
    commit(1);
    assertFollows(0, null);
    for (int i = 1; i < 4; i++) {
      assertFollows(i, i - 1);
    }
    ChainSnapshot chain = journal.chain();
    assertNotNull(chain);
    assertEquals(hash(records.getLast()), chain.head());
    assertEquals(signing.key().open().x(), chain.key());
    assertEquals(List.of("new"), starts());
  }

  @Test
  void theChainGoesOnAfterAKillAndAStop() throws NotJson {
    commit(2);
    killed();
    commit(1);
    restarted();
    commit(1);
    assertFollows(2, 1);
    assertFollows(3, 2);
    assertEquals(List.of("new"), starts());
  }

  @Test
  void theChainGoesOnIntoTheEpochAfterAPowerCut() throws NotJson {
    commit(2);
    String before = journal.state().epoch();
    journal.crash();
    time.reboot(5_000);
    open();
    commit(1);
    assertTrue(!journal.state().epoch().equals(before));
    assertFollows(2, 1);
    assertEquals(List.of("new"), starts());
  }

  @Test
  void aFailedCommitChangesNothing() throws NotJson {
    commit(1);
    time.advanceMillis(1000);
    journal.store().lose();
    commit(2);
    assertFollows(1, 0);
    assertFollows(2, 1);
  }

  /** Record i is the first of its chain and names the last one before. */
  private void assertNames(int i, int before) {
    assertFollows(i, null);
    JsonValue.Obj former = records.get(i).object("former");
    assertEquals(hash(records.get(before)), former.text("hash"));
    assertEquals(records.get(before).text("epoch"), former.text("epoch"));
    assertEquals(records.get(before).number("seq"), former.number("seq"));
  }

  @Test
  void aStoreThatWasAheadBeginsAnew() throws NotJson {
    commit(2);
    assertTrue(records.getFirst().get("former") == null, "nothing was before");
    Bench.endEpoch(journal, "store_ahead");
    events.addAll(journal.takeEvents());
    killed();
    // Until a record has said it, any number of starts and beginnings may be needed.
    Bench.endEpoch(journal, "store_ahead");
    events.addAll(journal.takeEvents());
    killed();
    commit(2);
    assertNames(2, 1);
    assertFollows(3, 2);
    assertTrue(records.get(3).get("former") == null);
    assertEquals(List.of("new", "store_ahead", "store_ahead"), starts());
  }

  /** They outlive the process, not the boot; whether more had left nobody knows. */
  @Test
  void whatWasSignedWhileTheCardFailedIsNamedByTheChainThatBeginsAnew() throws NotJson {
    commit(2);
    blocked = true;
    journal.store().lose();
    time.advanceMillis(1000);
    Batch batch = journal.begin();
    batch.interval(Bench.quarter("15m", now()));
    assertThrows(JournalUnavailable.class, () -> batch.commit(now(), null));
    assertTrue(batch.lend(now()));
    String epoch = journal.state().epoch();
    journal.crash();
    blocked = false;
    open();
    take(epoch, 1);
    commit(1);
    assertFollows(2, 1);
    assertNames(3, 2);
    assertEquals(List.of("new", "lent"), starts());
  }

  @Test
  void aRotationThatIsDueOutlivesAChainThatBeginsAnew() throws Exception {
    commit(2);
    VerifyingKey old = signing.key().open();
    keyFile().rotate(random);
    restarted();
    Bench.endEpoch(journal, "store_ahead");
    commit(1);
    assertNames(2, 1);
    JsonValue.Obj rotation = records.get(2).object("rotation");
    assertEquals(hash(records.get(1)), rotation.text("head"));
    assertTrue(isSigned(rotation, old));
    assertTrue(journal.isKeyRotated());

    // And the other way round, before any record.
    keyFile().forgetPrevious();
    restarted();
    Bench.endEpoch(journal, "store_ahead");
    keyFile().rotate(random);
    restarted();
    commit(1);
    assertNames(3, 2);
    assertTrue(records.get(3).get("rotation") != null);
  }

  @Test
  void aCopiedCardBeginsAnewWithAKeyOfItsOwn() throws NotJson {
    commit(2);
    journal.close();
    machine = "another";
    open();
    commit(1);
    assertNames(2, 1);
    assertEquals(List.of("new", "machine"), starts());
  }

  @Test
  void aReplacedFileDoesNotBreakTheChainOfARunningAgent() throws NotJson, IOException {
    commit(2);
    journal.store().lose();
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve("journal.db" + suffix));
    }
    commit(1);
    assertFollows(2, 1);
    killed();
    commit(1);
    assertFollows(3, 2);
  }

  @Test
  void whatItSignedIsItsOwnUntilItIsChanged() throws Exception {
    String text = "{\"epoch\":\"0a0a0a0a\",\"last\":7}";
    String signed;
    try (Outbox outbox = journal.outbox()) {
      signed = outbox.sign(text);
      assertTrue(isSigned(JsonValue.object(signed), signing.key().open()));
      assertTrue(outbox.isOurs(signed));
      for (String other :
          List.of(
              text,
              signed.replace(":7", ":8"),
              signed.replace("{", "{\"last\":8,"),
              signed.replace("{", "{\"more\":1e999,"),
              "[]",
              "")) {
        assertFalse(outbox.isOurs(other), other);
      }
    }
    keyFile().rotate(random);
    restarted();
    try (Outbox outbox = journal.outbox()) {
      assertTrue(outbox.isOurs(signed), "the key before still stands for it");
      assertNotEquals(signed, outbox.sign(text));
    }
  }

  @Test
  void theFirstRecordOfANewKeyCarriesTheOldOnesWord() throws Exception {
    commit(2);
    VerifyingKey old = signing.key().open();
    keyFile().rotate(random);
    restarted();
    // Until a record has carried it, any number of starts may be needed.
    killed();
    commit(2);
    assertFollows(2, null);
    assertFollows(3, 2);
    JsonValue.Obj rotation = records.get(2).object("rotation");
    assertEquals(old.x(), rotation.text("from"));
    assertEquals(signing.key().open().x(), rotation.text("to"));
    assertEquals(hash(records.get(1)), rotation.text("head"));
    assertTrue(isSigned(rotation, old));
    assertTrue(records.get(3).get("rotation") == null);

    assertTrue(journal.isKeyRotated());
    keyFile().forgetPrevious();
    restarted();
    commit(1);
    assertFollows(4, 3);
  }
}
