package io.lingtan.simulator.zone.sink;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.Outcome.Kept;
import io.lingtan.simulator.zone.fold.ZoneSum;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Writes what the fold made into the tables. A batch is one transaction; written twice it leaves
 * what it left once. What the tables refuse by its content becomes a dead letter and holds nothing
 * up; any other failure is the caller's, who tries the whole batch again.
 */
final class Tables {

  /** Both lie on the class path: the agent's jar brings the first, for its own audit. */
  private static final List<String> SCRIPTS =
      List.of(
          "/io/lingtan/config/central/postgres.sql", "/io/lingtan/simulator/zone/sink/zone.sql");

  private static final String REFUSED = "refused_by_table";

  /** SQLSTATE classes that speak of the content: data exception, integrity, syntax of a value. */
  private static final List<String> CONTENT = List.of("22", "23", "54");

  private static final String RECORDS =
      "SELECT keep_records(of, array_json::json) FROM unnest(?, ?) AS each (of, array_json)";
  private static final String SAID = "SELECT keep(?, ?::json)";
  private static final String SUM =
      """
      INSERT INTO zone_sum AS s (length, start, until, rev, gateways, amounts, counts)
      VALUES (?, ?, ?, ?, ?, ?::jsonb, ?::jsonb)
      ON CONFLICT (length, start) DO UPDATE SET until = excluded.until, rev = excluded.rev,
        gateways = excluded.gateways, amounts = excluded.amounts, counts = excluded.counts
      WHERE excluded.rev > s.rev
      """;
  private static final String CLOSED =
      """
      INSERT INTO zone_closed AS c (length, until, members) VALUES (?, ?, ?)
      ON CONFLICT (length) DO UPDATE SET until = excluded.until, members = excluded.members
      WHERE excluded.until > c.until
      """;
  private static final String LEAF =
      """
      INSERT INTO zone_leaf AS l (length, start, gateway, root, epoch, seq, rev, figure)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?::json)
      ON CONFLICT (length, start, gateway, root) DO UPDATE SET epoch = excluded.epoch,
        seq = excluded.seq, rev = excluded.rev, figure = excluded.figure
      WHERE (excluded.rev, excluded.epoch, excluded.seq) > (l.rev, l.epoch, l.seq)
      """;
  private static final String ROOT =
      """
      INSERT INTO zone_root (length, start, rev, root, statement) VALUES (?, ?, ?, ?, ?::json)
      ON CONFLICT DO NOTHING
      """;
  private static final String DEAD =
      """
      INSERT INTO dead_letter (place, arrived, gateway, topic, reason, detail, content)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """;

  private final Connection connection;

  private Tables(Connection connection) {
    this.connection = connection;
  }

  /** Makes tables and views where there are none. */
  static Tables in(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      for (String script : SCRIPTS) {
        statement.execute(text(script));
      }
    }
    connection.commit();
    return new Tables(connection);
  }

  private static String text(String script) {
    try (InputStream in = Tables.class.getResourceAsStream(script)) {
      return new String(Objects.requireNonNull(in, script).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a batch and commits it. */
  void write(Iterable<ConsumerRecord<String, byte[]>> batch) throws SQLException {
    Map<String, List<ConsumerRecord<String, byte[]>>> records = new LinkedHashMap<>();
    List<ConsumerRecord<String, byte[]>> others = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> one : batch) {
      if (isRecord(one)) {
        records.computeIfAbsent(one.key(), gateway -> new ArrayList<>()).add(one);
      } else {
        others.add(one);
      }
    }
    try {
      if (!isWrittenAtOnce(records, others)) {
        for (List<ConsumerRecord<String, byte[]>> ofOne : records.values()) {
          writeRecords(ofOne);
        }
        for (ConsumerRecord<String, byte[]> other : others) {
          guarded(other, () -> writeOther(other));
        }
      }
      connection.commit();
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    }
  }

  /** Without a way back to the one before; nothing is written if one of them is refused. */
  private boolean isWrittenAtOnce(
      Map<String, List<ConsumerRecord<String, byte[]>>> records,
      List<ConsumerRecord<String, byte[]>> others)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      if (!records.isEmpty()) {
        keep(records);
      }
      for (ConsumerRecord<String, byte[]> other : others) {
        writeOther(other);
      }
      return true;
    } catch (SQLException e) {
      if (!isContent(e)) {
        throw e;
      }
    } catch (RuntimeException e) {
      // Which one it was shows when they are written one by one.
    }
    connection.rollback(before);
    return false;
  }

  private static boolean isRecord(ConsumerRecord<String, byte[]> one) {
    return one.topic().equals(ZoneTopic.KEPT.topic())
        && TextHeaders.get(one.headers(), ZoneTopic.TOPIC).equals(Kept.RECORD);
  }

  private interface Writing {
    void run() throws SQLException;
  }

  /** All of a gateway at once; one by one where one of them is refused. */
  private void writeRecords(List<ConsumerRecord<String, byte[]>> ofOne) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      keep(Map.of(ofOne.getFirst().key(), ofOne));
    } catch (SQLException e) {
      if (!isContent(e)) {
        throw e;
      }
      connection.rollback(before);
      for (ConsumerRecord<String, byte[]> one : ofOne) {
        guarded(one, () -> keep(Map.of(one.key(), List.of(one))));
      }
    }
  }

  private void keep(Map<String, List<ConsumerRecord<String, byte[]>>> records) throws SQLException {
    String[] arrays =
        records.values().stream()
            .map(
                ofOne ->
                    ofOne.stream()
                        .map(one -> utf8(one.value()))
                        .collect(Collectors.joining(",", "[", "]")))
            .toArray(String[]::new);
    try (PreparedStatement keep = connection.prepareStatement(RECORDS)) {
      keep.setArray(1, connection.createArrayOf("text", records.keySet().toArray()));
      keep.setArray(2, connection.createArrayOf("text", arrays));
      keep.execute();
    }
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static boolean isContent(SQLException e) {
    String state = e.getSQLState();
    return state != null && state.length() >= 2 && CONTENT.contains(state.substring(0, 2));
  }

  private void guarded(ConsumerRecord<String, byte[]> one, Writing writing) throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      writing.run();
      connection.releaseSavepoint(before);
    } catch (SQLException e) {
      if (!isContent(e)) {
        throw e;
      }
      connection.rollback(before);
      dead(one, REFUSED, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      connection.rollback(before);
      dead(one, REFUSED, e.toString());
    }
  }

  private void writeOther(ConsumerRecord<String, byte[]> one) throws SQLException {
    if (one.topic().equals(ZoneTopic.SUMS.topic())) {
      if (one.value() == null) {
        return; // Beyond the horizon of the streams: what is in the table stays there.
      }
      if (one.key().contains(" ")) {
        sum(one.key(), ZoneSum.read(one.value()));
      } else {
        closed(one.value());
      }
    } else if (one.topic().equals(ZoneTopic.LEAVES.topic())) {
      leaf(one.key(), one.value());
    } else if (one.topic().equals(ZoneTopic.ROOTS.topic())) {
      root(one.value());
    } else if (one.topic().equals(ZoneTopic.DEAD.topic())) {
      dead(
          one,
          TextHeaders.get(one.headers(), ZoneTopic.REASON),
          TextHeaders.get(one.headers(), ZoneTopic.DETAIL));
    } else {
      said(one);
    }
  }

  private void said(ConsumerRecord<String, byte[]> one) throws SQLException {
    try (PreparedStatement keep = connection.prepareStatement(SAID)) {
      String topic = TextHeaders.get(one.headers(), ZoneTopic.TOPIC);
      keep.setString(1, "lingtan/v1/" + one.key() + "/" + topic);
      keep.setString(2, one.value().length == 0 ? null : utf8(one.value()));
      keep.execute();
    }
  }

  private void sum(String key, ZoneSum sum) throws SQLException {
    int space = key.indexOf(' ');
    try (PreparedStatement upsert = connection.prepareStatement(SUM)) {
      upsert.setString(1, key.substring(0, space));
      upsert.setTimestamp(2, new Timestamp(Long.parseLong(key.substring(space + 1))));
      upsert.setTimestamp(3, new Timestamp(sum.end()));
      upsert.setLong(4, sum.rev());
      upsert.setLong(5, sum.gateways());
      upsert.setString(6, utf8(Tree.bytes(sum.decimals())));
      upsert.setString(7, utf8(Tree.bytes(new LinkedHashMap<>(sum.counts()))));
      upsert.execute();
    }
  }

  private void closed(byte[] json) throws SQLException {
    try (PreparedStatement upsert = connection.prepareStatement(CLOSED)) {
      Tree tree = Tree.parse(json);
      upsert.setString(1, tree.text("length"));
      upsert.setTimestamp(2, new Timestamp(tree.number("until")));
      upsert.setInt(3, Math.toIntExact(tree.number("members")));
      upsert.execute();
    } catch (Malformed e) {
      throw new IllegalArgumentException("not a closing: " + e.getMessage(), e);
    }
  }

  private void leaf(String key, byte[] json) throws SQLException {
    Figure figure = Figure.read(json);
    try (PreparedStatement upsert = connection.prepareStatement(LEAF)) {
      upsert.setString(1, figure.length());
      upsert.setTimestamp(2, new Timestamp(figure.start()));
      upsert.setString(3, figure.gateway());
      upsert.setInt(4, Integer.parseInt(key.substring(key.lastIndexOf(' ') + 1)));
      upsert.setString(5, figure.epoch());
      upsert.setLong(6, figure.seq());
      upsert.setLong(7, figure.rev());
      upsert.setString(8, utf8(json));
      upsert.execute();
    }
  }

  private void root(byte[] json) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(ROOT)) {
      Tree tree = Tree.parse(json);
      insert.setString(1, tree.text("interval"));
      insert.setTimestamp(2, new Timestamp(tree.number("start")));
      insert.setInt(3, Math.toIntExact(tree.number("rev")));
      insert.setString(4, tree.text("root"));
      insert.setString(5, utf8(json));
      insert.execute();
    } catch (Malformed e) {
      throw new IllegalArgumentException("not a root: " + e.getMessage(), e);
    }
  }

  private void dead(ConsumerRecord<String, byte[]> one, String reason, String detail)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(DEAD)) {
      insert.setString(1, one.topic() + " " + one.partition() + " " + one.offset());
      insert.setTimestamp(2, new Timestamp(one.timestamp()));
      insert.setString(3, readable(one.key()));
      insert.setString(4, readable(TextHeaders.get(one.headers(), ZoneTopic.TOPIC)));
      insert.setString(5, reason);
      insert.setString(6, readable(detail));
      insert.setBytes(7, one.value() == null ? new byte[0] : one.value());
      insert.execute();
    }
  }

  /** PostgreSQL has no text with U+0000. */
  private static String readable(String text) {
    return text.replace('\u0000', '\ufffd');
  }
}
