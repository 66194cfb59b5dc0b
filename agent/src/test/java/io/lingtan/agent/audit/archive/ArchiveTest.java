package io.lingtan.agent.audit.archive;

import static io.lingtan.agent.audit.Conversation.EPOCH;
import static io.lingtan.agent.audit.Conversation.T0;
import static io.lingtan.agent.audit.Conversation.batch;
import static io.lingtan.agent.audit.Conversation.event;
import static io.lingtan.agent.audit.Conversation.interval;
import static io.lingtan.agent.audit.Conversation.record;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.AuditReport;
import io.lingtan.agent.audit.Conversation;
import io.lingtan.agent.audit.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that came are kept as they came, once for each key. */
final class ArchiveTest {

  @TempDir Path folder;

  /** What comes to a listener that keeps it. */
  private static Conversation into(Archive archive) {
    Conversation said = Conversation.withSession();
    said.completeness.onRecord(archive::add);
    return said;
  }

  private static Archive open(Path file, long mostBytes) throws IOException {
    return new ArchivePlace(file.toString(), mostBytes, null).open();
  }

  private static List<List<String>> rows(Path file, String sql) throws SQLException {
    List<List<String>> found = new ArrayList<>();
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
          row.add(rows.getString(i));
        }
        found.add(row);
      }
    }
    return found;
  }

  @Test
  void aLineHasTheRecordByteForByte() throws IOException {
    Path file = folder.resolve("records.ndjson");
    // As no writer of JSON would print it again.
    String odd =
        "{ \"seq\":2,\"after\":1, \"epoch\":\"5f1c09ab\",\"ts\":1764060000123 ,\"device\":\"pv1\","
            + "\"values\":{\"power\":48215.0,\"state\":\"运行\"}}";
    try (Archive archive = open(file, Long.MAX_VALUE)) {
      Conversation said = into(archive);
      said.data(1, 0, 1).says("batch", batch(List.of(odd, interval(3, 0))));
      said.says("event", event(4, 0, 4, "meter.reset", "")).data(1, 0, 1);
      archive.commit();
    }
    assertEquals(
        List.of(
            "{\"gateway\":\"gw\",\"record\":" + record(EPOCH, 1, 0, "pv1", 1) + "}",
            "{\"gateway\":\"gw\",\"record\":" + odd + "}",
            "{\"gateway\":\"gw\",\"record\":" + interval(3, 0) + "}",
            "{\"gateway\":\"gw\",\"record\":" + event(4, 0, 4, "meter.reset", "") + "}"),
        Files.readAllLines(file));
  }

  @Test
  void aLineThatAKillCutShortIsTakenAwayBeforeTheNext() throws IOException {
    Path file = folder.resolve("records.ndjson");
    Files.writeString(file, "{\"gateway\":\"gw\",\"record\":{}}\n{\"gateway\":\"gw\",\"rec");
    try (Archive archive = open(file, Long.MAX_VALUE)) {
      into(archive).data(1, 0, 1);
      archive.commit();
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals(2, lines.size());
    assertTrue(lines.get(1).endsWith(record(EPOCH, 1, 0, "pv1", 1) + "}"));
    try (Archive archive = open(file, Long.MAX_VALUE)) {
      archive.commit();
    }
    assertEquals(lines, Files.readAllLines(file));
  }

  @Test
  void whatIsNotCommittedIsNotThere() throws IOException {
    Path file = folder.resolve("records.jsonl");
    try (Archive archive = open(file, Long.MAX_VALUE)) {
      into(archive).data(1, 5);
      assertEquals(0, Files.size(file));
      archive.commit();
      assertEquals(5, Files.readAllLines(file).size());
    }
  }

  @Test
  void aFileThatHasGrownLargeIsPutAsideAndNoneIsLost() throws IOException {
    Path file = folder.resolve("records.ndjson");
    try (Archive archive = open(file, 1000)) {
      Conversation said = into(archive);
      for (long seq = 1; seq <= 30; seq++) {
        said.data(seq, seq - 1, seq);
        archive.commit();
      }
    }
    List<String> all = new ArrayList<>();
    int number = 1;
    for (Path next = folder.resolve("records.1.ndjson"); Files.exists(next); number++) {
      assertTrue(Files.size(next) >= 1000 && Files.size(next) < 1300);
      all.addAll(Files.readAllLines(next));
      next = folder.resolve("records." + (number + 1) + ".ndjson");
    }
    assertTrue(number > 3, () -> "put aside " + all.size());
    all.addAll(Files.readAllLines(file));
    assertEquals(30, all.size());
    for (int i = 0; i < 30; i++) {
      assertTrue(all.get(i).contains("\"seq\":" + (i + 1) + ","));
    }
  }

  @Test
  void aDatabaseHasOneRowForEachKeyAndWhatCameFirstStays() throws Exception {
    Path file = folder.resolve("records.db");
    for (int run = 0; run < 2; run++) {
      try (Archive archive = open(file, Long.MAX_VALUE)) {
        Conversation said = into(archive);
        said.data(1, 20).says("event", event(21, 0, 4, "meter.reset", "")).data(3, 5);
        said.says(
            "undated",
            "{\"epoch\":\"5f1c09ab\",\"seq\":22,\"after\":20,\"boot\":\"b\",\"mono\":5,"
                + "\"device\":\"pv1\",\"values\":{}}");
        archive.commit();
        assertEquals(0, archive.contradictions());
      }
    }
    assertEquals(List.of(List.of("22")), rows(file, "SELECT count(*) FROM record"));
    assertEquals(
        List.of(
            List.of("gw", EPOCH, "3", "data/pv1", "" + (T0 + 3000), record(EPOCH, 3, 2, "pv1", 3))),
        rows(file, "SELECT gateway, epoch, seq, stream, ts, json FROM record WHERE seq = 3"));
    assertEquals(
        List.of(List.of("event", "1")),
        rows(file, "SELECT stream, ts IS NOT NULL FROM record WHERE seq = 21"));
    assertEquals(List.of(List.of("22")), rows(file, "SELECT seq FROM record WHERE ts IS NULL"));
  }

  @Test
  void anotherContentUnderAKeyIsCountedHoweverLongAgoTheFirstCame() throws Exception {
    Path file = folder.resolve("records.sqlite");
    try (Archive archive = open(file, Long.MAX_VALUE)) {
      into(archive).data(1, 10);
      archive.commit();
    }
    try (Archive archive = open(file, Long.MAX_VALUE)) {
      into(archive)
          .data(1, 4)
          .says("data/pv1", record(EPOCH, 5, 4, "pv1", 5, "\"values\":{\"power\":2.0}"));
      archive.commit();
      assertEquals(1, archive.contradictions());
      AuditReport report = new AuditReport(0, 0, List.of(), 0, archive.contradictions(), null);
      assertEquals(Verdict.FAILED, report.verdict());
      assertTrue(report.text().contains("1 times what came is not what the archive has"));
    }
    assertEquals(
        List.of(List.of(record(EPOCH, 5, 4, "pv1", 5))),
        rows(file, "SELECT json FROM record WHERE seq = 5"));
  }

  @Test
  void whileTheDatabaseCannotBeWrittenItIsHeldAndGoesWithTheNext() throws Exception {
    Path file = folder.resolve("records.db");
    try (Archive archive = open(file, Long.MAX_VALUE);
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement lock = other.createStatement()) {
      Conversation said = into(archive);
      said.data(1, 3);
      lock.execute("BEGIN IMMEDIATE");
      IOException failed = assertThrows(IOException.class, archive::commit);
      assertTrue(String.valueOf(failed.getMessage()).contains("records.db"), failed.getMessage());
      lock.execute("COMMIT");
      said.data(4, 4);
      archive.commit();
      assertEquals(0, archive.contradictions());
    }
    assertEquals(
        List.of(List.of("1"), List.of("2"), List.of("3"), List.of("4")),
        rows(file, "SELECT seq FROM record ORDER BY seq"));
  }

  @Test
  void aFileOfSomebodyElseIsRefusedAndLeftAlone() throws Exception {
    Path other = folder.resolve("other.db");
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + other);
        Statement statement = db.createStatement()) {
      statement.execute("CREATE TABLE record (mine TEXT)");
    }
    byte[] before = Files.readAllBytes(other);
    IOException refused = assertThrows(IOException.class, () -> open(other, Long.MAX_VALUE));
    assertTrue(String.valueOf(refused.getMessage()).contains("name another file"));
    assertArrayEquals(before, Files.readAllBytes(other));
    Path letter = Files.writeString(folder.resolve("letter.db"), "Dear Sir, ".repeat(100));
    assertThrows(IOException.class, () -> open(letter, Long.MAX_VALUE));
    assertEquals("Dear Sir, ".repeat(100), Files.readString(letter, StandardCharsets.UTF_8));
    for (String text : List.of("Dear Sir", "Dear Sir,\n", "Dear Sir,\n{\"gateway\":\"gw\"")) {
      Path lines = Files.writeString(folder.resolve("letter.ndjson"), text);
      assertThrows(IOException.class, () -> open(lines, Long.MAX_VALUE));
      assertEquals(text, Files.readString(lines));
    }
    for (String place :
        List.of("x.txt", "postgresql:///db", "postgresql://host/", "postgresql://u:secret@h/db")) {
      assertThrows(IllegalArgumentException.class, () -> new ArchivePlace(place, 1, null), place);
    }
  }
}
