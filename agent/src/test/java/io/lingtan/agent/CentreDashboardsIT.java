package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Grafana;
import io.lingtan.testing.Grafana.Rule;
import io.lingtan.testing.Postgres;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Dashboards and alerts of {@code config/central/grafana}, on three days of two sites. */
@RequiresTool({"initdb", "setpriv"})
final class CentreDashboardsIT {

  private static final Path FOLDER = Path.of("..", "config", "central");

  /** What has to happen to a healthy fleet for each rule, and the first label that it raises. */
  private static final Map<String, List<String>> TROUBLES =
      new TreeMap<>(
          Map.ofEntries(
              trouble("nothing", "UPDATE epoch SET heard = now() - interval '6 minutes'", ""),
              trouble(
                  "quiet",
                  "UPDATE epoch SET heard = now() - interval '6 minutes' WHERE gateway = 'wx-001'",
                  "wx-001"),
              trouble(
                  "missing",
                  "UPDATE epoch SET kept = kept - '{[20,24)}'::int8multirange WHERE gateway ="
                      + " 'wx-001'",
                  "wx-001"),
              trouble(
                  "backlog",
                  store(0, millis("now()"), millis("now() - interval '20 minutes'")),
                  "wx-001"),
              trouble("clock", store(7, "null", "null"), "wx-001"),
              trouble(
                  "dropped", event("journal.dropped", "alarm", "\"count\":3", "1 hour"), "wx-001"),
              trouble("alarm", event("meter.reset", "alarm", "", "1 minute"), "wx-001"),
              trouble(
                  "contradiction",
                  "INSERT INTO contradiction VALUES ('wx-001', '5f1c09ab', 7, now(), '{}')",
                  "wx-001"),
              trouble(
                  "unreadable",
                  "SELECT keep('lingtan/v1/wx-001/meta/gate', '{\"record_ms\":\"10 s\"}')",
                  "wx-001"),
              trouble(
                  "silent",
                  "DELETE FROM record WHERE kind = 'data' AND gateway = 'wx-001' AND name = 'gate'"
                      + " AND at > now() - interval '1 hour'",
                  "wx-001"),
              trouble(
                  "certificate",
                  event(
                      "uplink.certificate",
                      "warning",
                      "\"days\":7,\"ends\":" + millis("now() + interval '7 days'"),
                      "1 minute"),
                  "wx-001"),
              trouble(
                  "hours",
                  "DELETE FROM record WHERE kind = 'interval' AND gateway = 'wx-001' AND at BETWEEN"
                      + " now() - interval '5 hours' AND now() - interval '3 hours'",
                  "wx-001")));

  private static Postgres postgres;

  private static Map.Entry<String, List<String>> trouble(String rule, String sql, String label) {
    return Map.entry("lingtan-" + rule, List.of(sql, label));
  }

  private static List<String> of(String uid) {
    return Objects.requireNonNull(TROUBLES.get(uid), uid);
  }

  private static String millis(String time) {
    return "' || (extract(epoch FROM " + time + ") * 1000)::bigint || '";
  }

  /** A store that has more than the one before, of which nothing more is delivered. */
  private static String store(int held, String now, String oldest) {
    return ("SELECT keep('lingtan/v1/wx-001/store', ('{\"epoch\":\"5f1c09ab\",\"last\":999999,"
            + "\"acked\":' || (SELECT acked FROM epoch WHERE gateway = 'wx-001') || ',\"ahead\":[],"
            + "\"dropped\":[],\"held\":%d,\"ts\":%s,\"oldest_unacked_ts\":%s}')::json)")
        .formatted(held, now, oldest);
  }

  private static String event(String name, String severity, String detail, String ago) {
    return "SELECT keep('lingtan/v1/wx-001/event', ('{\"epoch\":\"5f1c09ab\",\"seq\":999999,"
        + "\"after\":0,\"ts\":"
        + millis("now() - interval '" + ago + "'")
        + ",\"event\":\""
        + name
        + "\",\"severity\":\""
        + severity
        + "\",\"detail\":{"
        + detail
        + "}}')::json)";
  }

  @BeforeAll
  static void fill() throws Exception {
    postgres = Postgres.start();
    postgres.run(Files.readString(FOLDER.resolve("postgres.sql")));
    postgres.run(CentreMonth.sql(2, 3, 600));
    postgres.run("CREATE ROLE grafana; GRANT pg_read_all_data TO grafana"); // as README.md has it
  }

  @AfterAll
  static void end() {
    postgres.close();
  }

  private static List<Rule> rules() throws IOException {
    return Grafana.rules(FOLDER.resolve("grafana/alerts.yaml"));
  }

  @Test
  void everyPanelShowsWhatItsTitleAndColumnsSay() throws Exception {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String trouble :
          List.of("missing", "silent", "hours", "certificate", "contradiction", "dropped")) {
        statement.execute(of("lingtan-" + trouble).getFirst());
      }
      statement.execute(
          "UPDATE epoch SET dropped ="
              + " '[{\"from\":7,\"to\":9,\"count\":3,\"kind\":\"data\",\"reason\":\"space\"}]'");
      statement.execute("SET LOCAL ROLE grafana");
      for (String name : List.of("sites", "fleet", "gateway")) {
        Grafana.assertShows(FOLDER.resolve("grafana/" + name + ".json"), connection);
      }
      connection.rollback();
    }
  }

  @Test
  void panelsAndRulesAnswerWhateverOneGatewaySends() throws Exception {
    try (Connection connection = postgres.connect()) {
      connection.setAutoCommit(false);
      int evil = 0;
      for (CentrePoison poison : CentrePoison.all()) {
        if (!poison.isRefused()) {
          poison.send(
              connection, "zz-" + evil++, System.currentTimeMillis() / 3_600_000 * 3_600_000);
        }
      }
      for (String trouble :
          List.of("missing", "silent", "hours", "certificate", "contradiction", "dropped")) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(of("lingtan-" + trouble).getFirst());
        }
      }
      for (String name : List.of("sites", "fleet")) {
        Grafana.assertShows(FOLDER.resolve("grafana/" + name + ".json"), connection);
      }
      for (Rule rule : rules()) {
        boolean isTold =
            rule.raised(connection).stream()
                .anyMatch(labels -> labels.toString().startsWith("[zz-"));
        assertTrue(isTold || !rule.uid().equals("lingtan-unreadable"));
      }
      connection.rollback();
    }
  }

  @Test
  void noRuleIsRaisedByAHealthyFleet() throws Exception {
    try (Connection connection = postgres.connect()) {
      for (Rule rule : rules()) {
        assertEquals(List.of(), rule.raised(connection), rule.uid());
        assertTrue(rule.hold().matches("\\d+[mh]"), rule.hold());
      }
    }
  }

  @Test
  void eachRuleIsRaisedByWhatItIsForAndForWhomItHappens() throws Exception {
    assertEquals(List.copyOf(TROUBLES.keySet()), rules().stream().map(Rule::uid).sorted().toList());
    for (Rule rule : rules()) {
      List<String> trouble = of(rule.uid());
      try (Connection connection = postgres.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        statement.execute(trouble.getFirst());
        statement.execute("SET LOCAL ROLE grafana");
        List<String> raised =
            rule.raised(connection).stream()
                .map(labels -> labels.isEmpty() ? "" : labels.getFirst())
                .toList();
        assertEquals(List.of(trouble.getLast()), raised, rule.uid());
        connection.rollback();
      }
    }
  }

  @Test
  void aCertificateThatWasRenewedOrHasEndedAndIsStillUsedEndsNoMore() throws SQLException {
    String ends = "SELECT certificate_ends IS NULL FROM fleet WHERE gateway = 'wx-001'";
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(of("lingtan-certificate").getFirst());
      assertTrue(isFalse(statement, ends));
      statement.execute(
          event("uplink.renewed", "info", "\"view\":\"sparkplug\"", "1 second")
              .replace("999999", "999998"));
      assertTrue(isFalse(statement, ends), "that is the certificate of a view");
      statement.execute(
          event("uplink.renewed", "info", "", "1 second").replace("999999", "999997"));
      assertTrue(!isFalse(statement, ends));
      connection.rollback();
    }
  }

  private static boolean isFalse(Statement statement, String sql) throws SQLException {
    try (var rows = statement.executeQuery(sql)) {
      rows.next();
      return !rows.getBoolean(1);
    }
  }
}
