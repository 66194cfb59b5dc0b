package io.lingtan.simulator.zone.trial;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What stands in PostgreSQL, held against the truth.
 *
 * @param rows records in the table
 * @param keys different (gateway, epoch, seq) of them
 * @param failures for a person; empty where everything agrees
 */
record Findings(long rows, long keys, int intervals, int revised, List<String> failures) {

  private static final String BASE = "1m";
  private static final int MOST_TOLD = 10;

  /** The newest root of each closed interval, as it is published, beside the sum. */
  private static final String ROOTLESS =
      """
      SELECT count(*) FROM zone_sum s JOIN zone_closed c USING (length)
      WHERE s.until <= c.until AND NOT EXISTS (
        SELECT FROM (
          SELECT statement FROM zone_root r WHERE (r.length, r.start) = (s.length, s.start)
          ORDER BY r.rev DESC LIMIT 1) AS newest
        WHERE (statement->>'leaves')::bigint = s.gateways
          AND (SELECT jsonb_object_agg(f.key, f.value->>'total')
            FROM json_each(statement->'figures') AS f) IS NOT DISTINCT FROM (
            SELECT jsonb_object_agg(a.key, a.value) FROM jsonb_each_text(s.amounts) AS a))
      """;

  Findings {
    failures = List.copyOf(failures);
  }

  /** What is to be found. */
  record Expected(long numbered, int members, SortedMap<Long, SortedMap<String, Long>> truth) {}

  /** With more that does not agree. */
  Findings and(List<String> more) {
    List<String> all = new ArrayList<>(failures);
    all.addAll(more);
    return new Findings(rows, keys, intervals, revised, all);
  }

  static Findings of(Connection connection, Expected expected) throws SQLException {
    List<String> failures = new ArrayList<>();
    long rows = number(connection, "SELECT count(*) FROM record");
    long keys =
        number(
            connection,
            "SELECT count(*) FROM (SELECT DISTINCT gateway, epoch, seq FROM record) AS keys");
    long distinct = expected.numbered;
    if (rows != keys) {
      failures.add("%,d rows for %,d keys".formatted(rows, keys));
    }
    if (keys != distinct) {
      failures.add("%,d records were numbered, %,d are in the table".formatted(distinct, keys));
    }
    long holes = number(connection, "SELECT coalesce(sum(missing), 0) FROM hole");
    if (holes != 0) {
      failures.add("%,d undeclared holes".formatted(holes));
    }
    long contradictions = number(connection, "SELECT count(*) FROM contradiction");
    if (contradictions != 0) {
      failures.add("%,d keys with two contents".formatted(contradictions));
    }
    sums(connection, expected, failures);
    long rootless = number(connection, ROOTLESS);
    if (rootless != 0) {
      failures.add("%,d closed intervals have no root of their total".formatted(rootless));
    }
    deadLetters(connection, failures);
    int revised =
        (int)
            number(
                connection,
                "SELECT count(*) FROM (SELECT DISTINCT gateway, at FROM record"
                    + " WHERE kind = 'interval' AND name = '"
                    + BASE
                    + "' AND rev > 0) AS revised");
    return new Findings(
        rows,
        keys,
        expected.truth.size(),
        revised,
        failures.subList(0, Math.min(MOST_TOLD, failures.size())));
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void sums(Connection connection, Expected expected, List<String> failures)
      throws SQLException {
    SortedMap<Long, SortedMap<String, Long>> found = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (extract(epoch FROM start) * 1000)::bigint, figure,"
                    + " (value * 1000000)::bigint, told, members, closed"
                    + " FROM zone_figure WHERE length = '"
                    + BASE
                    + "'")) {
      while (row.next()) {
        long start = row.getLong(1);
        if (!expected.truth.containsKey(start)) {
          continue;
        }
        found.computeIfAbsent(start, each -> new TreeMap<>()).put(row.getString(2), row.getLong(3));
        if (!row.getBoolean(6) || row.getLong(4) != expected.members) {
          failures.add(
              "%s of %d: %d of %d complete, closed: %s"
                  .formatted(
                      row.getString(2), start, row.getLong(4), row.getLong(5), row.getBoolean(6)));
        }
      }
    }
    if (expected.truth.isEmpty()) {
      failures.add("no interval to judge: let it run longer");
    }
    expected.truth.forEach(
        (start, amounts) ->
            amounts.forEach(
                (metric, amount) -> {
                  Long sum = found.getOrDefault(start, new TreeMap<>()).get(metric);
                  if (sum == null || sum.longValue() != amount) {
                    failures.add(
                        "%s of %d is %s and was %,d in truth"
                            .formatted(
                                metric,
                                start,
                                sum == null ? "absent" : "%,d".formatted(sum),
                                amount));
                  }
                }));
  }

  private static void deadLetters(Connection connection, List<String> failures)
      throws SQLException {
    Set<String> reasons = new TreeSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT DISTINCT reason FROM dead_letter")) {
      while (row.next()) {
        reasons.add(row.getString(1));
      }
    }
    if (!reasons.equals(BadInput.REASONS)) {
      failures.add("dead letters for " + reasons + ", bad input was " + BadInput.REASONS);
    }
  }
}
