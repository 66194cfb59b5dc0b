package io.lingtan.simulator.zone.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lingtan.simulator.zone.fold.Outcome.Kept;
import io.lingtan.simulator.zone.fold.PaperGateway;
import io.lingtan.simulator.zone.fold.ZoneSum;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import io.lingtan.testing.Postgres;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the sink writes, again and again. */
@Timeout(120)
final class TablesIT {
  private static final String START = "to_timestamp(" + PaperGateway.START + " / 1000.0)";
  private static Postgres postgres;

  private final PaperGateway gateway = new PaperGateway("gw", "e1", new Random(1));
  private long offset;

  @BeforeAll
  static void begin() throws Exception {
    postgres = Postgres.start();
  }

  @AfterAll
  static void end() {
    postgres.close();
  }

  @BeforeEach
  void clear() throws SQLException {
    postgres.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  }

  private ConsumerRecord<String, byte[]> at(
      ZoneTopic topic, String key, byte[] value, Map<String, String> headers) {
    RecordHeaders texts = new RecordHeaders();
    headers.forEach((name, text) -> TextHeaders.put(texts, name, text));
    return new ConsumerRecord<>(
        topic.topic(),
        0,
        offset++,
        PaperGateway.START,
        TimestampType.CREATE_TIME,
        key.length(),
        value.length,
        key,
        value,
        texts,
        Optional.empty());
  }

  private ConsumerRecord<String, byte[]> record(String json) {
    return at(
        ZoneTopic.KEPT,
        "gw",
        json.getBytes(StandardCharsets.UTF_8),
        Map.of(ZoneTopic.TOPIC, Kept.RECORD));
  }

  private ConsumerRecord<String, byte[]> sum(long rev, long amount) {
    ZoneSum sum =
        new ZoneSum(
            PaperGateway.START + PaperGateway.QUARTER,
            rev,
            1,
            new TreeMap<>(Map.of("elec.grid.import", BigInteger.valueOf(amount))),
            new TreeMap<>(Map.of("elec.grid.import", 1L)));
    return at(ZoneTopic.SUMS, "15m " + PaperGateway.START, sum.json(), Map.of());
  }

  private static String one(String sql) throws SQLException {
    return String.valueOf(postgres.rows(sql).getFirst().getFirst());
  }

  @Test
  void aBatchThatIsWrittenTwiceIsThereOnce() throws SQLException {
    var store = gateway.store(2, PaperGateway.START);
    List<ConsumerRecord<String, byte[]>> batch =
        List.of(
            record(gateway.sample("pv1", PaperGateway.START)),
            record(gateway.sample("pv1", PaperGateway.START + 1)),
            at(ZoneTopic.KEPT, "gw", store.payload(), Map.of(ZoneTopic.TOPIC, "store")),
            sum(1, 5_000_000));
    try (Connection connection = postgres.connect()) {
      Tables tables = Tables.in(connection);
      tables.write(batch);
      tables.write(batch);
    }
    assertEquals("2", one("SELECT count(*) FROM record"));
    assertEquals("0", one("SELECT count(*) FROM hole"));
    assertEquals("1", one("SELECT count(*) FROM zone_sum"));
  }

  @Test
  void anOlderSumNeverReplacesANewerOne() throws SQLException {
    try (Connection connection = postgres.connect()) {
      Tables tables = Tables.in(connection);
      tables.write(List.of(sum(3, 7_000_000)));
      tables.write(List.of(sum(2, 5_000_000)));
    }
    assertEquals(
        "7.0000000000000000",
        one("SELECT value FROM zone_figure WHERE length = '15m' AND start = " + START));
  }

  @Test
  void anIntervalIsClosedOnceTheZoneIs() throws SQLException {
    String closed = "SELECT closed, told, members FROM zone_figure";
    try (Connection connection = postgres.connect()) {
      Tables tables = Tables.in(connection);
      tables.write(List.of(sum(1, 5_000_000)));
      assertEquals("f", postgres.rows(closed).getFirst().getFirst());
      String json =
          "{\"length\":\"15m\",\"until\":%d,\"members\":3}"
              .formatted(PaperGateway.START + PaperGateway.QUARTER);
      tables.write(
          List.of(at(ZoneTopic.SUMS, "15m", json.getBytes(StandardCharsets.UTF_8), Map.of())));
    }
    assertEquals(List.of("t", "1", "3"), postgres.rows(closed).getFirst());
  }

  @Test
  void whatATableRefusesIsADeadLetterAndTheRestIsWritten() throws SQLException {
    String good = gateway.sample("pv1", PaperGateway.START);
    String bad = gateway.sample("pv1", PaperGateway.START).replace("\"after\":1", "\"after\":1e99");
    try (Connection connection = postgres.connect()) {
      Tables.in(connection).write(List.of(record(bad), record(good)));
    }
    assertEquals("1", one("SELECT count(*) FROM record"));
    assertEquals(
        List.of("refused_by_table", "gw"),
        postgres.rows("SELECT reason, gateway FROM dead_letters").getFirst());
  }

  @Test
  void whatFailsBeforeItReachesATableIsADeadLetterToo() throws SQLException {
    var bad = at(ZoneTopic.SUMS, "15m x 1764059400000", sum(1, 5_000_000).value(), Map.of());
    try (Connection connection = postgres.connect()) {
      Tables.in(connection).write(List.of(bad, sum(1, 5_000_000)));
    }
    assertEquals("1", one("SELECT count(*) FROM zone_sum"));
    assertEquals("refused_by_table", one("SELECT reason FROM dead_letters"));
  }

  @Test
  void anEventThatLooksLikeAnIntervalIsNoFigure() throws SQLException {
    String event =
        "{\"epoch\":\"e1\",\"seq\":1,\"after\":0,\"ts\":1,\"event\":\"x\",\"interval\":\"15m\","
            + "\"start\":0,\"rev\":99,\"metrics\":{\"elec.grid.import\":{\"v\":0,\"q\":\"measured\"}}}";
    try (Connection connection = postgres.connect()) {
      Tables.in(connection).write(List.of(record(event)));
    }
    assertEquals("event", one("SELECT kind FROM record"));
    assertEquals("0", one("SELECT count(*) FROM figure"));
  }

  @Test
  void aBatchThatFailsInTheMiddleIsNotThereInPart() throws SQLException {
    try (Connection connection = postgres.connect()) {
      Tables tables = Tables.in(connection);
      postgres.run("DROP TABLE zone_sum CASCADE");
      assertThrows(
          SQLException.class,
          () ->
              tables.write(List.of(record(gateway.sample("pv1", PaperGateway.START)), sum(1, 1))));
    }
    assertEquals("0", one("SELECT count(*) FROM record"));
  }
}
