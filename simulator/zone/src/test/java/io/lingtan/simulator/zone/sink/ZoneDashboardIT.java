package io.lingtan.simulator.zone.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.Grafana;
import io.lingtan.testing.Grafana.Rule;
import io.lingtan.testing.Postgres;
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
import org.junit.jupiter.api.Timeout;

/** Dashboard and alerts of a zone, on a day of its tables. */
@Timeout(120)
final class ZoneDashboardIT {

  private static final Path FOLDER = Path.of("grafana");

  /** Three gateways, of which one revised its last hour; closed until the quarter before. */
  private static final String HEALTHY =
      """
      INSERT INTO zone_sum SELECT '15m', t, t + interval '15 minutes', 3, 3,
        '{"elec.load.total": 60000000, "elec.grid.import": 40000000, "co2.total": 20000000}',
        '{"elec.load.total": 3, "elec.grid.import": 3, "co2.total": 3}'
      FROM generate_series(date_trunc('hour', now()) - interval '1 day', now() - interval '30 minutes',
        interval '15 minutes') AS t;
      UPDATE zone_sum SET rev = 5 WHERE start >= now() - interval '1 hour';
      INSERT INTO zone_closed SELECT '15m', max(until), 3 FROM zone_sum;
      INSERT INTO zone_closed VALUES ('1d', date_trunc('day', now()), 3);
      INSERT INTO dead_letter VALUES ('zone.dead 0 1', now() - interval '2 days', 'gw', 'event', 'garbage', 'not JSON', '{');
      SELECT keep('lingtan/v1/gw/store', '{"epoch": "e", "last": 0, "acked": 0, "dropped": []}');
      """;

  private static final String LETTER =
      "INSERT INTO dead_letter VALUES ('zone.dead 0 2', now(), 'gw', 'event', 'garbage', 'not"
          + " JSON', '\\x007fff')";

  /** What has to happen for each rule, and the label that it raises. */
  private static final Map<String, List<String>> TROUBLES =
      new TreeMap<>(
          Map.of(
              "lingtan-zone-open",
              List.of(
                  "UPDATE zone_closed SET until = until - interval '3 hours' WHERE length = '15m'",
                  "15m"),
              "lingtan-zone-untold",
              List.of(
                  "UPDATE zone_sum SET gateways = 2 WHERE start BETWEEN now() - interval '3 hours'"
                      + " AND now() - interval '2 hours'",
                  "15m"),
              "lingtan-zone-dead",
              List.of(LETTER, "garbage")));

  private static Postgres postgres;

  @BeforeAll
  static void fill() throws Exception {
    postgres = Postgres.start();
    try (Connection connection = postgres.connect()) {
      Tables.in(connection);
    }
    postgres.run(HEALTHY);
  }

  @AfterAll
  static void end() {
    postgres.close();
  }

  @Test
  void everyPanelShowsWhatItsTitleAndColumnsSay() throws Exception {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute(LETTER);
      statement.execute(
          "SELECT keep('lingtan/v1/gw/store', '{\"epoch\": \"e\", \"last\": 9, \"acked\": 5,"
              + " \"dropped\": []}')");
      Grafana.assertShows(FOLDER.resolve("zone.json"), connection);
      connection.rollback();
    }
  }

  @Test
  void eachRuleIsRaisedByWhatItIsForAndByNothingElse() throws Exception {
    List<Rule> rules = Grafana.rules(FOLDER.resolve("alerts.yaml"));
    assertEquals(List.copyOf(TROUBLES.keySet()), rules.stream().map(Rule::uid).sorted().toList());
    for (Rule rule : rules) {
      try (Connection connection = postgres.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        assertEquals(List.of(), rule.raised(connection), rule.uid());
        List<String> trouble = Objects.requireNonNull(TROUBLES.get(rule.uid()));
        statement.execute(trouble.getFirst());
        assertEquals(List.of(List.of(trouble.getLast())), rule.raised(connection), rule.uid());
        connection.rollback();
      }
    }
  }

  @Test
  void aSumThatARevisionChangedHasOne() throws SQLException {
    assertEquals(
        List.of(List.of("0"), List.of("1")),
        postgres.rows("SELECT DISTINCT revisions FROM zone_figure ORDER BY 1"));
  }
}
