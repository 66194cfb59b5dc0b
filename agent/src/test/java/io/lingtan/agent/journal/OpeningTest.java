package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import java.io.IOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.OSInfo;

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
  void aPlaceThatIsNoFolderIsRefusedWithAdvice() throws IOException {
    Path notAFolder = Files.createFile(folder.resolve("file"));
    Journal.Options options =
        new Journal.Options(
            notAFolder.resolve("journal.db"), Bench.LARGE, "m", Duration.ofSeconds(1));
    VirtualTime time = new VirtualTime(Bench.START);
    var refused =
        assertThrows(
            JournalUnavailable.class, () -> Journal.open(options, time, Randomness.seeded(1)));
    assertTrue(message(refused).contains("journal.path"), message(refused));
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
      assertEquals("", bench.journal().state().failure());
      assertEquals(
          List.of("journal.set_aside", "journal.epoch"), names(bench.journal().takeEvents()));
      bench.commit("a");
      assertEquals(2, bench.waiting().size());
      bench.killed();
      assertEquals(2, bench.waiting().size());
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

  @Test
  void theNativeLibraryIsMadeWholeAndOnce() throws IOException {
    URL packed =
        SQLiteJDBCLoader.class.getResource(
            "/org/sqlite/native/%s/%s"
                .formatted(
                    OSInfo.getNativeLibFolderPathForCurrentOS(),
                    System.mapLibraryName("sqlitejdbc")));
    Path target = folder.resolve("native").resolve("library");
    NativeLibrary.unpack(packed, target);
    byte[] whole = Files.readAllBytes(target);
    var time = Files.getLastModifiedTime(target);
    NativeLibrary.unpack(packed, target);
    assertEquals(time, Files.getLastModifiedTime(target));
    Files.write(target, new byte[100]);
    NativeLibrary.unpack(packed, target);
    assertArrayEquals(whole, Files.readAllBytes(target));
    try (Stream<Path> files = Files.list(target.getParent())) {
      assertEquals(1, files.count());
    }
  }
}
