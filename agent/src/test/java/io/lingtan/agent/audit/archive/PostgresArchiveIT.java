package io.lingtan.agent.audit.archive;

import static io.lingtan.agent.audit.Conversation.EPOCH;
import static io.lingtan.agent.audit.Conversation.T0;
import static io.lingtan.agent.audit.Conversation.event;
import static io.lingtan.agent.audit.Conversation.record;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.Conversation;
import io.lingtan.testing.Postgres;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An archive in a PostgreSQL that is real, with the driver from a file. */
@RequiresTool({"initdb", "setpriv"})
final class PostgresArchiveIT {

  private static final Path TABLES = Path.of("..", "config", "central", "postgres.sql");

  @TempDir Path folder;
  private Postgres postgres;

  @BeforeEach
  void start() throws Exception {
    postgres = Postgres.start();
  }

  @AfterEach
  void stop() {
    postgres.close();
  }

  private Archive open() throws IOException {
    return new ArchivePlace("postgresql://lingtan@" + postgres.address(), 0, Postgres.driver())
        .open();
  }

  private static Conversation into(Archive archive) {
    Conversation said = Conversation.withSession();
    said.completeness.onRecord(archive::add);
    return said;
  }

  @Test
  void eachKeyHasOneRowByteForByteInTheTableOfTheConsumers() throws Exception {
    // As no writer of JSON would print it again.
    String odd =
        "{ \"seq\":21,\"after\":20, \"epoch\":\"5f1c09ab\",\"ts\":1764060000123"
            + " ,\"device\":\"pv1\",\"values\":{\"power\":48215.0,\"state\":\"运行 \\u0000\"}}";
    try (Archive archive = open()) {
      Conversation said = into(archive);
      said.data(1, 20).says("data/pv1", odd).says("event", event(22, 0, 22, "meter.reset", ""));
      archive.commit();
      said.data(5, 9);
      archive.commit();
    }
    // The tables that the consumers begin with fit those that were made, and the other way round.
    postgres.run(Files.readString(TABLES));
    try (Archive archive = open()) {
      into(archive).data(1, 1000);
      archive.commit();
      assertEquals(2, archive.contradictions(), "21 and 22 came with another content");
    }
    assertEquals(List.of(List.of("1000")), postgres.rows("SELECT count(*) FROM record"));
    assertEquals(
        List.of(List.of("gw", EPOCH, "3", "data", "pv1", "2", "" + (T0 + 3000))),
        postgres.rows(
            "SELECT gateway, epoch, seq, kind, name, after, (extract(epoch FROM at) * 1000)::bigint"
                + " FROM record WHERE seq = 3"));
    assertEquals(
        List.of(List.of(record(EPOCH, 3, 2, "pv1", 3)), List.of(odd)),
        postgres.rows("SELECT record FROM record WHERE seq IN (3, 21) ORDER BY seq"));
    assertEquals(
        List.of(List.of("2025-11-25 08:40:00.123")),
        postgres.rows("SELECT at AT TIME ZONE 'UTC' FROM record WHERE seq = 21"));
    assertEquals(List.of(), postgres.rows("SELECT * FROM hole"));
  }

  @Test
  void whileTheDatabaseIsAwayEverythingIsHeldAndGoesWithTheNext() throws Exception {
    try (Archive archive = open()) {
      Conversation said = into(archive);
      said.data(1, 3);
      archive.commit();
      postgres.stop();
      said.data(4, 6);
      IOException away = assertThrows(IOException.class, archive::commit);
      assertTrue(String.valueOf(away.getMessage()).contains("check that the database runs"));
      assertThrows(IOException.class, archive::commit);
      postgres.restart();
      said.data(7, 7);
      archive.commit();
      assertEquals(0, archive.contradictions());
    }
    assertEquals(
        List.of(List.of("7", "1", "7")),
        postgres.rows("SELECT count(*), min(seq), max(seq) FROM record"));
  }

  @Test
  void whatIsNotCommittedIsNotThere() throws Exception {
    try (Archive archive = open()) {
      into(archive).data(1, 3);
    }
    assertEquals(List.of(List.of("0")), postgres.rows("SELECT count(*) FROM record"));
  }

  @Test
  void aTableOfSomebodyElseAWrongDatabaseAndAMissingDriverAreSaid() throws Exception {
    postgres.run("CREATE TABLE record (mine text)");
    assertTrue(refusal(postgres.address(), Postgres.driver()).contains("gateway"));
    assertEquals(List.of(), postgres.rows("SELECT * FROM record"));
    String other = postgres.address().replace("/postgres", "/nowhere");
    assertTrue(refusal(other, Postgres.driver()).contains("\"nowhere\" does not exist"));
    Path none = folder.resolve("none.jar");
    assertTrue(refusal(other, none).contains("libpostgresql-jdbc-java"));
    Files.writeString(none, "not a jar");
    assertTrue(refusal(other, none).contains("is no PostgreSQL driver"));
  }

  private static String refusal(String address, Path driver) {
    ArchivePlace archiving = new ArchivePlace("postgresql://lingtan@" + address, 0, driver);
    return String.valueOf(assertThrows(IOException.class, archiving::open).getMessage());
  }
}
