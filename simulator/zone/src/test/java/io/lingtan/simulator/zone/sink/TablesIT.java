package io.lingtan.simulator.zone.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.message.MessageReader;
import io.lingtan.agent.audit.zone.ZoneNode;
import io.lingtan.agent.audit.zone.ZoneRoot;
import io.lingtan.agent.command.VerifyCommand;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.GatewayFold;
import io.lingtan.simulator.zone.fold.Incoming;
import io.lingtan.simulator.zone.fold.Outcome.Kept;
import io.lingtan.simulator.zone.fold.PaperGateway;
import io.lingtan.simulator.zone.fold.ZoneSum;
import io.lingtan.simulator.zone.fold.ZoneTree;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import io.lingtan.testing.Postgres;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

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

  private ConsumerRecord<String, byte[]> leaf(Figure figure, int root) {
    return at(
        ZoneTopic.LEAVES,
        figure.zoneKey() + " " + figure.gateway() + " " + root,
        figure.json(),
        Map.of());
  }

  private ConsumerRecord<String, byte[]> root(int rev, Figure... figures) {
    List<ZoneNode> nodes = Stream.of(figures).map(each -> ZoneNode.of(each.leaf())).toList();
    ZoneRoot root = new ZoneRoot("15m", PaperGateway.START, rev, new ZoneTree(nodes).top());
    return at(
        ZoneTopic.ROOTS,
        "15m " + PaperGateway.START + " " + rev,
        root.json().getBytes(StandardCharsets.UTF_8),
        Map.of());
  }

  /** The figure of a gateway's record, by the fold. */
  private static Figure figure(PaperGateway of, Incoming record) {
    return new GatewayFold(of.id)
        .take(record, new MessageReader(), List.of(of.key.open())).stream()
            .filter(Figure.class::isInstance)
            .map(Figure.class::cast)
            .findFirst()
            .orElseThrow();
  }

  /** Two gateways; of one a revision came after the close, and both roots are there. */
  private void closeAndRevise() throws SQLException {
    PaperGateway other = new PaperGateway("a-gate", "e9", new Random(2));
    Incoming first = gateway.interval(0, 0, 5_000_000, 1);
    Incoming second = gateway.interval(0, 1, 6_000_000, 1);
    Figure before = figure(gateway, first);
    Figure after = figure(gateway, second);
    Figure theirs = figure(other, other.interval(0, 0, 7_000_000, 1));
    List<ConsumerRecord<String, byte[]>> batch =
        List.of(
            record(new String(first.payload(), StandardCharsets.UTF_8)),
            record(new String(second.payload(), StandardCharsets.UTF_8)),
            leaf(before, 0),
            leaf(theirs, 0),
            root(0, theirs, before),
            leaf(after, 1),
            root(1, theirs, after));
    try (Connection connection = postgres.connect()) {
      Tables tables = Tables.in(connection);
      tables.write(batch);
      tables.write(batch);
    }
  }

  private static int prove(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--postgres", postgres.jdbcUrl().substring(5)));
    arguments.addAll(List.of("--interval", Instant.ofEpochMilli(PaperGateway.START).toString()));
    arguments.addAll(List.of(more));
    return new CommandLine(new ProveCommand())
        .setErr(new PrintWriter(new StringWriter()))
        .execute(arguments.toArray(String[]::new));
  }

  private String verify(int code, Path... files) {
    StringWriter out = new StringWriter();
    assertEquals(
        code,
        new CommandLine(new VerifyCommand(InputStream.nullInputStream()))
            .setOut(new PrintWriter(out))
            .execute(
                "--key",
                files[0].toString(),
                "--proof",
                files[1].toString(),
                "--root",
                files[2].toString(),
                files[3].toString()),
        out::toString);
    return out.toString();
  }

  @Test
  void aProofOutOfTheTablesIsAcceptedOfflineForTheRootOfTheCloseAndForTheNewest(
      @TempDir Path folder) throws Exception {
    closeAndRevise();
    Path key = folder.resolve("gw.key");
    Files.writeString(key, gateway.key.open().jwk());
    List<Path> roots = new ArrayList<>();
    for (String revision : List.of("0", "-1")) {
      Path proof = folder.resolve("proof" + revision);
      Path root = folder.resolve("root" + revision);
      Path record = folder.resolve("record" + revision);
      roots.add(root);
      assertEquals(
          0,
          prove(
              "--gateway",
              "gw",
              "--revision",
              revision,
              "--out",
              proof.toString(),
              "--root",
              root.toString(),
              "--record",
              record.toString()));
      String said = verify(0, key, proof, root, record);
      assertTrue(
          said.contains(
              revision.equals("0")
                  ? "elec.grid.import 5.000000 of 12.000000 kWh (2 gateways)"
                  : "elec.grid.import 6.000000 of 13.000000 kWh (2 gateways)"),
          said);
    }
    String said =
        verify(1, key, folder.resolve("proof0"), roots.getLast(), folder.resolve("record0"));
    assertTrue(said.contains("revision 0, the root of"), said);
    Path others = folder.resolve("others.key");
    Files.writeString(others, SigningKey.make(new Random(3)).open().jwk());
    verify(1, others, folder.resolve("proof0"), roots.getFirst(), folder.resolve("record0"));
  }

  @Test
  void thereIsNoProofOfWhatIsNotClosedOrNotTold() throws SQLException {
    try (Connection connection = postgres.connect()) {
      Tables.in(connection);
    }
    assertEquals(1, prove("--gateway", "gw"));
    closeAndRevise();
    assertEquals(0, prove("--gateway", "gw"));
    assertEquals(1, prove("--gateway", "nobody"));
    assertEquals(1, prove("--gateway", "gw", "--revision", "2"));
    assertEquals(1, prove("--gateway", "gw", "--length", "1h"));
    postgres.run("UPDATE zone_leaf SET figure = replace(figure::text, '7000000', '4')::json");
    assertEquals(1, prove("--gateway", "gw", "--revision", "0"), "the other's leaf is another one");
  }

  @Test
  void aMadeUpSampleUnderItsNumberDoesNotHideTheSignedRecord(@TempDir Path folder)
      throws SQLException {
    closeAndRevise();
    postgres.run(
        "INSERT INTO contradiction (gateway, epoch, seq, record)"
            + " SELECT gateway, epoch, seq, record FROM record;"
            + "UPDATE record SET record = '{\"interval\":\"15m\"}'");
    assertEquals(0, prove("--gateway", "gw", "--out", folder.resolve("proof").toString()));
  }
}
