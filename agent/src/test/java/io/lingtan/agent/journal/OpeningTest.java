package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.Randomness;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever lies where the journal should be. */
final class OpeningTest {

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("journal.db");
  }

  private static List<String> names(List<Event> events) {
    return events.stream().map(Event::name).toList();
  }

  private void assertSetAside(byte[] content) throws IOException {
    try (Bench bench = new Bench(folder)) {
      assertEquals(
          List.of("journal.set_aside", "journal.epoch"), names(bench.journal().openingEvents()));
      bench.commit("a");
      assertEquals(1, bench.journal().state().last());
    }
    assertArrayEquals(content, Files.readAllBytes(folder.resolve("journal.db.corrupt-1")));
  }

  @Test
  void aTextFileIsSetAsideAndNothingOfItIsLost() throws IOException {
    byte[] text = "This is not a database.\n".repeat(200).getBytes(StandardCharsets.UTF_8);
    Files.write(file(), text);
    assertSetAside(text);
  }

  @Test
  void zeroBytesAreANewJournal() throws IOException {
    Files.createFile(file());
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      assertEquals(List.of("journal.epoch"), names(bench.journal().openingEvents()));
      assertEquals(1, bench.journal().state().last());
    }
  }

  @Test
  void zerosInsteadOfTheFileAreSetAside() throws IOException {
    byte[] zeros = new byte[8192];
    Files.write(file(), zeros);
    assertSetAside(zeros);
  }

  private void overwritePages() throws IOException {
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      byte[] page = new byte[1024];
      Arrays.fill(page, (byte) 0x5a);
      for (long at = 20 * 1024; at < channel.size(); at += 1024) {
        channel.write(ByteBuffer.wrap(page), at);
      }
    }
  }

  private void fill() {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 300; i++) {
        bench.commit("a", "b", "c");
      }
    }
  }

  @Test
  void aTruncatedDatabaseIsSetAside() throws IOException {
    fill();
    try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2 / 1024 * 1024);
    }
    assertSetAside(Files.readAllBytes(file()));
  }

  @Test
  void aDatabaseWithAForeignPageInTheMiddleIsSetAside() throws IOException {
    fill();
    overwritePages();
    assertSetAside(Files.readAllBytes(file()));
  }

  @Test
  void eachDamagedFileGetsAPlaceOfItsOwn() throws IOException {
    for (int n = 1; n <= 3; n++) {
      Files.writeString(file(), "not a database, number " + n + " of three of them");
      new Bench(folder).close();
      assertTrue(
          Files.readString(folder.resolve("journal.db.corrupt-" + n)).contains("number " + n));
    }
  }

  @Test
  void aJournalOfANewerVersionIsRefusedAndLeftAlone() throws IOException, SQLException {
    fill();
    run("PRAGMA user_version=99");
    byte[] before = Files.readAllBytes(file());
    var refused = assertThrows(JournalUnavailable.class, () -> new Bench(folder));
    assertTrue(message(refused).contains("newer version (schema 99"), message(refused));
    assertArrayEquals(before, Files.readAllBytes(file()));
  }

  @Test
  void theDatabaseOfAnotherProgramIsRefusedAndLeftAlone() throws IOException, SQLException {
    run("CREATE TABLE photos (id)");
    byte[] before = Files.readAllBytes(file());
    var refused = assertThrows(JournalUnavailable.class, () -> new Bench(folder));
    assertTrue(message(refused).contains("another program"), message(refused));
    assertArrayEquals(before, Files.readAllBytes(file()));
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  @Test
  void aSecondAgentOnTheSameFileIsRefused() {
    try (Bench bench = new Bench(folder)) {
      var refused = assertThrows(JournalUnavailable.class, () -> new Bench(folder));
      assertTrue(
          message(refused)
              .contains("in use by another agent (process " + ProcessHandle.current().pid() + ")"),
          message(refused));
      bench.commit("a");
    }
    new Bench(folder).close();
  }

  @Test
  void aPlaceThatCannotBeUsedIsWaitedForWithAdvice() throws IOException {
    Path inTheWay = Files.createFile(folder.resolve("file"));
    JournalOptions options = new JournalOptions(inTheWay.resolve("journal.db"), Bench.LARGE, "m");
    try (Bench bench = new Bench(folder);
        Journal journal = Journal.open(options, bench.time, Randomness.seeded(1));
        Outbox outbox = journal.outbox()) {
      assertTrue(
          String.valueOf(journal.state().failure()).contains("journal.path"),
          () -> "" + journal.state().failure());
      assertEquals("", journal.state().epoch());
      assertEquals(Bench.LARGE, journal.state().maxBytes());
      assertEquals(List.of(), outbox.read("", Bench.ALL, 1, 10));
      assertThrows(JournalUnavailable.class, journal::checkpoint);
      Batch batch = journal.begin();
      batch.data(bench.sample("a"), bench.now());
      assertThrows(JournalUnavailable.class, () -> batch.commit(bench.now(), null));
      Files.delete(inTheWay);
      batch.commit(bench.now(), null);
      assertNull(journal.state().failure());
      assertEquals(1, outbox.read(journal.state().epoch(), Bench.ALL, 1, 10).size());
      assertEquals(List.of("journal.epoch"), names(journal.takeEvents()));
    }
  }

  /** Such a connection would hold what its writer needs, as it finds it. */
  @Test
  void nobodyReadsAFileThatHasNotBeenTakenUp() throws IOException {
    fill();
    Path lock = folder.resolve("journal.db.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    AtomicInteger opened = new AtomicInteger();
    Connector counting =
        file -> {
          opened.incrementAndGet();
          return Connector.sqlite().connect(file);
        };
    JournalOptions options =
        new JournalOptions(
            file(), Bench.LARGE, Bench.MACHINE, counting, folder.resolve("volatile"), null);
    try (Bench bench = new Bench(folder.resolve("another"));
        Journal journal = Journal.open(options, bench.time, Randomness.seeded(1));
        Outbox outbox = journal.outbox()) {
      assertEquals(JournalRecord.UNDATED, outbox.datedUntil());
      assertEquals(0, opened.get());
      Files.delete(lock);
      Batch batch = journal.begin();
      batch.data(bench.sample("a"), bench.now());
      batch.commit(bench.now(), null);
      assertNotEquals(JournalRecord.UNDATED, outbox.datedUntil());
      assertEquals(2, opened.get(), "the writer and the reader");
    }
  }

  /**
   * A sync that fails leaves a hole in the WAL that no later sync fills, and behind which nothing
   * is found after a power cut: all must be in the file before more is committed.
   */
  @Test
  void whatACommitThatFailedMayHaveLeftOffTheCardIsWrittenOnceMore() throws Exception {
    AtomicBoolean fails = new AtomicBoolean();
    JournalOptions options = failing(fails);
    try (Bench bench = new Bench(folder.resolve("another"));
        Journal journal = Journal.open(options, bench.time, Randomness.seeded(1));
        Outbox outbox = journal.outbox()) {
      Batch first = journal.begin();
      first.data(bench.sample("a"), bench.now());
      first.commit(bench.now(), null);
      outbox.datedUntil(); // a second connection, with which the WAL stays
      fails.set(true);
      Batch second = journal.begin();
      second.data(bench.sample("a"), bench.now());
      assertThrows(JournalUnavailable.class, () -> second.commit(bench.now(), null));
      assertTrue(second.lend(bench.now()));
      Batch third = journal.begin();
      third.data(bench.sample("a"), bench.now());
      third.commit(bench.now(), null);
      assertEquals(3, journal.state().last());
      // Without its WAL.
      Path alone = Files.copy(file(), folder.resolve("alone.db"));
      try (Connection found = Connector.sqlite().connect(alone);
          ResultSet rows = found.createStatement().executeQuery("SELECT max(last) FROM epoch")) {
        assertEquals(2, rows.getLong(1));
      }
    }
  }

  /** Each process stands once in what {@code store} says of it: twice would be another copy's. */
  @Test
  void aBeginOfAnEpochThatIsTriedAgainIsOfOneProcess() throws Exception {
    AtomicBoolean fails = new AtomicBoolean();
    JournalOptions options = failing(fails);
    try (Bench bench = new Bench(folder.resolve("another"))) {
      Journal before = Journal.open(options, bench.time, Randomness.seeded(1));
      Batch batch = before.begin();
      batch.data(bench.sample("a"), bench.now());
      batch.commit(bench.now(), null);
      before.crash();
      bench.time.reboot(60_000);
      fails.set(true);
      try (Journal journal = Journal.open(options, bench.time, Randomness.seeded(2));
          Outbox outbox = journal.outbox()) {
        assertFalse(fails.get(), "its begin has failed");
        Batch next = journal.begin();
        next.data(bench.sample("a"), bench.now());
        next.commit(bench.now(), null);
        List<String> words = List.of(outbox.run().split(" "));
        assertEquals(words.stream().distinct().toList(), words);
      }
    }
  }

  /** Its next commit is on the card, and said to have failed. */
  private JournalOptions failing(AtomicBoolean fails) {
    return new JournalOptions(
        file(),
        Bench.LARGE,
        Bench.MACHINE,
        file -> failingAfterCommit(file, fails),
        folder.resolve("volatile"),
        null);
  }

  private static Connection failingAfterCommit(Path file, AtomicBoolean fails) throws SQLException {
    Connection real = Connector.sqlite().connect(file);
    Connection connection = mock(Connection.class, delegatesTo(real));
    PreparedStatement commit = real.prepareStatement("COMMIT");
    PreparedStatement failing = mock(PreparedStatement.class, delegatesTo(commit));
    doAnswer(
            call -> {
              boolean rows = commit.execute();
              if (fails.getAndSet(false)) {
                throw new SQLException("the WAL cannot be synced", "", 10);
              }
              return rows;
            })
        .when(failing)
        .execute();
    doReturn(failing).when(connection).prepareStatement("COMMIT");
    return connection;
  }

  @Test
  void whatLiesInAPlaceThatComesLaterIsTakenUpAsItIs() throws IOException {
    fill();
    Path lock = folder.resolve("journal.db.lock");
    Files.delete(lock);
    Files.createDirectory(lock);
    try (Bench bench = new Bench(folder)) {
      assertEquals("", bench.journal().state().epoch());
      Files.delete(lock);
      assertNull(bench.journal().checkpoint());
      assertEquals(List.of(), bench.journal().takeEvents());
      assertEquals(900, bench.journal().state().last());
      bench.commit("b");
      assertEquals(899, bench.waiting().getLast().after());
      assertEquals(901, bench.journal().state().last());
    }
  }

  @Test
  void whereWaitingCannotHelpASecondAgentStaysRefused() throws IOException {
    Path lock = Files.createDirectory(folder.resolve("journal.db.lock"));
    try (Bench late = new Bench(folder)) {
      Files.delete(lock);
      try (Bench bench = new Bench(folder)) {
        bench.commit("a");
        assertThrows(JournalUnavailable.class, late::commit);
        assertTrue(
            String.valueOf(late.journal().state().failure()).contains("in use by another agent"));
      }
      late.commit("a");
      assertEquals(2, late.journal().state().last());
    }
  }

  /** Another journal in place of the one in use, which can be read but not yet written. */
  private void putInPlace(Bench bench, String... changes) throws IOException, SQLException {
    Path other = Files.createDirectory(folder.resolve("other"));
    try (Bench another = new Bench(other, Bench.LARGE, 99)) {
      another.commit("a", "b");
    }
    bench.journal().store().lose();
    Files.deleteIfExists(folder.resolve("journal.db-wal"));
    Files.move(other.resolve("journal.db"), file(), StandardCopyOption.REPLACE_EXISTING);
    for (String change : changes) {
      run(change);
    }
  }

  private void assertTriesAgain(Bench bench) throws SQLException {
    try (Connection writing = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = writing.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThrows(JournalUnavailable.class, () -> bench.commit("a"));
      }
      statement.execute("ROLLBACK");
    }
    bench.commit("a");
    assertNull(bench.journal().state().failure());
    assertEquals(1, bench.journal().state().last());
    bench.commit("a");
    assertEquals(1, bench.waiting().getLast().after());
  }

  @Test
  void aNewFileThatCannotBeWrittenYetIsTriedAgain() throws IOException, SQLException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      putInPlace(bench, "DELETE FROM epoch", "DELETE FROM machine", "DELETE FROM data");
      assertTriesAgain(bench);
      assertEquals(List.of(), bench.journal().state().previous());
    }
  }

  @Test
  void anotherFileThatCannotBeWrittenYetStillBeginsANewEpoch() throws IOException, SQLException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      putInPlace(bench);
      assertTriesAgain(bench);
      StoreSnapshot.Previous before = bench.journal().state().previous().getFirst();
      assertEquals("replaced", before.reason());
      assertEquals(2, before.last());
    }
  }

  @Test
  void damageFoundWhileInUseCostsTheFileButNotTheBatch() throws IOException {
    try (Bench bench = new Bench(folder, 1 << 20, 1)) {
      for (int i = 0; i < 100; i++) {
        bench.commitWide(20);
      }
      String before = bench.journal().state().epoch();
      overwritePages();
      assertEquals(List.of(), bench.waiting());
      bench.commit("a");
      assertNotEquals(before, bench.journal().state().epoch());
      assertEquals(1, bench.journal().state().last());
      assertNull(bench.journal().state().failure());
      assertEquals(
          List.of("journal.set_aside", "journal.epoch"), names(bench.journal().takeEvents()));
      bench.commit("a");
      assertEquals(2, bench.waiting().size());
      bench.killed();
      assertEquals(2, bench.waiting().size());
    }
  }

  private void deleted() throws IOException {
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(folder.resolve("journal.db" + suffix));
    }
  }

  @Test
  void aFileThatIsDeletedWhileInUseIsPutBackWithAllThatWasInIt() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      String before = bench.journal().state().epoch();
      deleted();
      bench.commit("a");
      assertFalse(Files.exists(file()), "it is looked for every few seconds only");
      bench.time.advanceMillis(6_000);
      bench.commit("a");
      assertEquals(before, bench.journal().state().epoch());
      assertEquals(List.of("journal.file_gone"), names(bench.journal().takeEvents()));
      assertEquals(3, bench.waiting().size());
      bench.killed();
      assertEquals(before, bench.journal().state().epoch());
      assertEquals(3, bench.waiting().size());
    }
  }

  /** As {@code cp} and {@code truncate} do: the file stays the same one. */
  @ParameterizedTest
  @ValueSource(strings = {"nothing", "half", "older", "another"})
  void whatSomebodyMakesOfTheFileWhileInUseIsNoticedAtTheNextCommit(String becomes)
      throws IOException {
    byte[] another;
    try (Bench bench = new Bench(Files.createDirectory(folder.resolve("other")))) {
      bench.commitWide(500);
      bench.journal().close();
      another = Files.readAllBytes(folder.resolve("other/journal.db"));
    }
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(20);
      bench.restarted();
      final byte[] older = Files.readAllBytes(file());
      bench.commitWide(200);
      bench.restarted();
      bench.commit("a");
      final String before = bench.journal().state().epoch();
      byte[] whole = Files.readAllBytes(file());
      Files.write(
          file(),
          switch (becomes) {
            case "nothing" -> new byte[0];
            case "half" -> Arrays.copyOf(whole, whole.length / 2);
            case "older" -> older;
            default -> another;
          });
      bench.journal().takeEvents();
      bench.commit("b");
      List<Event> events = bench.journal().takeEvents();
      assertTrue(names(events).contains("journal.epoch"), events::toString);
      assertEquals(
          List.of(becomes.equals("another") ? "somebody wrote into it" : "it was cut short"),
          events.stream()
              .filter(event -> event.name().equals("journal.file_gone"))
              .map(event -> event.detail().get("why"))
              .toList());
      String since = bench.journal().state().epoch();
      assertNotEquals(before, since);
      bench.commit("c");
      bench.killed();
      assertEquals(since, bench.journal().state().epoch());
      assertNull(bench.journal().state().failure());
      assertEquals(
          List.of(1L, 2L),
          bench.waiting().stream()
              .filter(record -> record.epoch().equals(since))
              .map(JournalRecord::seq)
              .toList());
    }
  }

  @Test
  void aFileThatCannotBePutBackYetIsPutBackLater() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      String before = bench.journal().state().epoch();
      deleted();
      Path inTheWay = Files.createDirectories(folder.resolve("journal.db.restored/full"));
      bench.time.advanceMillis(6_000);
      bench.commit("a");
      Files.delete(inTheWay);
      bench.time.advanceMillis(6_000);
      bench.commit("a");
      assertEquals(
          List.of("journal.file_gone", "journal.file_gone"), names(bench.journal().takeEvents()));
      bench.killed();
      assertEquals(before, bench.journal().state().epoch());
      assertEquals(3, bench.waiting().size());
    }
  }

  @Test
  void aFileThatTookItsPlaceIsTakenUpInsteadOfTheOneThatIsGone() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      deleted();
      Path other = Files.createDirectory(folder.resolve("other"));
      try (Bench another = new Bench(other, Bench.LARGE, 99)) {
        another.commit("a", "b");
      }
      Files.move(other.resolve("journal.db"), file());
      bench.time.advanceMillis(6_000);
      bench.commit("a");
      assertEquals(1, bench.journal().state().last());
      assertEquals("replaced", bench.journal().state().previous().getFirst().reason());
    }
  }

  @Test
  void aFileThatIsTakenAwayIsReplacedByANewEpoch() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commit("a");
      bench.journal().crash();
      Files.delete(file());
      Files.deleteIfExists(folder.resolve("journal.db-wal"));
      bench.commit("a");
      assertEquals(1, bench.journal().state().last());
    }
  }
}
