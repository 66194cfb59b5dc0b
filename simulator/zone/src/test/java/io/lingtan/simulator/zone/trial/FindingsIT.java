package io.lingtan.simulator.zone.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.zone.trial.Findings.Expected;
import io.lingtan.testing.Postgres;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What each kind of mistake would leave in the tables, and that the verdict falls for it. */
@Timeout(120)
final class FindingsIT {
  private static final long START = 1_780_000_200_000L;
  private static Postgres postgres;

  @BeforeAll
  static void begin() throws Exception {
    postgres = Postgres.start();
  }

  @AfterAll
  static void end() {
    postgres.close();
  }

  @BeforeEach
  void aGoodRun() throws Exception {
    postgres.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    for (String script :
        List.of(
            "/io/lingtan/config/central/postgres.sql",
            "/io/lingtan/simulator/zone/sink/zone.sql")) {
      try (InputStream in = FindingsIT.class.getResourceAsStream(script)) {
        postgres.run(
            new String(Objects.requireNonNull(in, script).readAllBytes(), StandardCharsets.UTF_8));
      }
    }
    for (int seq = 1; seq <= 3; seq++) {
      keep(seq, 1.5);
    }
    postgres.run(
        "SELECT keep('lingtan/v1/gw/store',"
            + " '{\"epoch\":\"e1\",\"ts\":1,\"last\":3,\"acked\":3,\"ahead\":[],\"dropped\":[]}')");
    postgres.run(
        "INSERT INTO zone_sum VALUES ('1m', to_timestamp(%d), to_timestamp(%d), 1, 2, '{\"elec.grid.import\": 5000000}', '{\"elec.grid.import\": 2}')"
            .formatted(START / 1_000, START / 1_000 + 60));
    postgres.run(
        "INSERT INTO zone_root VALUES ('1m', to_timestamp(%d), 0, 'x', '{\"leaves\":2,\"figures\":{\"elec.grid.import\":{\"total\":\"5000000\"}}}')"
            .formatted(START / 1_000));
    postgres.run(
        "INSERT INTO zone_closed VALUES ('1m', to_timestamp(%d), 2)".formatted(START / 1_000 + 60));
    for (String reason : BadInput.REASONS) {
      postgres.run(
          "INSERT INTO dead_letter VALUES ('%s', now(), 'gw', 'event', '%s', '', '')"
              .formatted(reason, reason));
    }
  }

  private static void keep(int seq, double power) throws Exception {
    postgres.run(
        "SELECT keep_records('gw', '[{\"epoch\":\"e1\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"device\":\"m\",\"values\":{\"power\":%s}}]')"
            .formatted(seq, seq - 1, START, power));
  }

  private static List<String> failures() throws Exception {
    var truth = new TreeMap<>(Map.of(START, new TreeMap<>(Map.of("elec.grid.import", 5_000_000L))));
    try (Connection connection = postgres.connect()) {
      return Findings.of(connection, new Expected(3, 2, new TreeMap<>(truth))).failures();
    }
  }

  private static void assertFails(String word) throws Exception {
    List<String> failures = failures();
    assertTrue(failures.stream().anyMatch(said -> said.contains(word)), failures::toString);
  }

  @Test
  void aGoodRunAgrees() throws Exception {
    assertEquals(List.of(), failures());
  }

  @Test
  void aBridgeThatAcknowledgesBeforeKafkaHasItLeavesAHole() throws Exception {
    postgres.run("DELETE FROM record WHERE seq = 2");
    postgres.run("UPDATE epoch SET kept = kept - int8multirange(int8range(2, 2, '[]'))");
    assertFails("1 undeclared holes");
    assertFails("3 records were numbered, 2 are in the table");
  }

  @Test
  void aFoldThatAddsARevisionLeavesAnotherSum() throws Exception {
    postgres.run("UPDATE zone_sum SET amounts = '{\"elec.grid.import\": 5000001}'");
    assertFails("is 5,000,001 and was 5,000,000 in truth");
  }

  @Test
  void aFoldThatClosesTooEarlyLeavesAnIntervalThatIsNotComplete() throws Exception {
    postgres.run("UPDATE zone_sum SET gateways = 1");
    assertFails("1 of 2 complete");
    postgres.run("UPDATE zone_sum SET gateways = 2; DELETE FROM zone_closed");
    assertFails("closed: false");
  }

  @Test
  void aSinkThatWritesTwiceLeavesMoreRowsThanKeys() throws Exception {
    postgres.run("INSERT INTO record SELECT * FROM record WHERE seq = 2");
    assertFails("4 rows for 3 keys");
  }

  @Test
  void aSecondContentUnderOneKeyIsFound() throws Exception {
    keep(2, 99);
    assertFails("1 keys with two contents");
  }

  @Test
  void aDeadLetterThatGotLostIsFound() throws Exception {
    postgres.run("DELETE FROM dead_letter WHERE reason = 'cloned_id'");
    assertFails("dead letters for");
  }

  @Test
  void aRootOfAnotherTotalOrNoneIsFound() throws Exception {
    postgres.run(
        "UPDATE zone_root SET statement = replace(statement::text, '5000000', '4999999')::json");
    assertFails("1 closed intervals have no root of their total");
    postgres.run("DELETE FROM zone_root");
    assertFails("1 closed intervals have no root of their total");
  }

  @Test
  void anIntervalThatNobodyHasAValueOfHasARootWithoutFigures() throws Exception {
    postgres.run(
        "INSERT INTO zone_sum VALUES ('1m', to_timestamp(%d), to_timestamp(%d), 1, 2, '{}', '{}')"
            .formatted(START / 1_000 - 60, START / 1_000));
    assertFails("1 closed intervals have no root of their total");
    postgres.run(
        "INSERT INTO zone_root VALUES ('1m', to_timestamp(%d), 0, 'x', '{\"leaves\":2,\"figures\":{}}')"
            .formatted(START / 1_000 - 60));
    assertEquals(List.of(), failures());
  }
}
