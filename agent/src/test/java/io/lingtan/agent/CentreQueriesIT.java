package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.testing.Postgres;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The questions of {@code config/central/QUERIES.md}, planned for a month of twenty sites. */
@RequiresTool({"initdb", "setpriv"})
final class CentreQueriesIT {

  private static final Path FOLDER = Path.of("..", "config", "central");

  /** A table of so many rows may be read from end to end. */
  private static final int SMALL = 1_000;

  private static final Pattern QUERY = Pattern.compile("```sql\n(.*?);\n```", Pattern.DOTALL);
  private static final Pattern WHOLE = Pattern.compile("Seq Scan on (\\w+)");

  private static Postgres postgres;

  @BeforeAll
  static void fill() throws Exception {
    postgres = Postgres.start();
    postgres.run(Files.readString(FOLDER.resolve("postgres.sql")));
    postgres.run(CentreMonth.sql(20, 30, 900));
  }

  @AfterAll
  static void end() {
    postgres.close();
  }

  @Test
  void noneOfTheTenReadsALargeTableFromEndToEnd() throws Exception {
    Matcher query = QUERY.matcher(Files.readString(FOLDER.resolve("QUERIES.md")));
    int queries = 0;
    while (query.find()) {
      String sql = query.group(1);
      assertEquals(List.of(), readWhole(sql), sql);
      queries++;
    }
    assertEquals(10, queries);
  }

  @Test
  void aQuestionWithoutAnIndexIsFound() throws SQLException {
    assertEquals(
        List.of("record_interval"),
        readWhole("SELECT * FROM record_interval WHERE rev = 3").stream().distinct().toList());
  }

  @Test
  void theOnesAboutWhatIsThereHaveAnAnswer() throws Exception {
    String all = Files.readString(FOLDER.resolve("QUERIES.md"));
    for (int number : List.of(1, 2, 3, 4, 6, 7, 9, 10)) {
      Matcher query = QUERY.matcher(all.substring(all.indexOf("## " + number + ". ")));
      query.find();
      String sql = query.group(1).replace("81234", "8123");
      assertFalse(postgres.rows(sql).isEmpty(), sql);
    }
  }

  /** Which large tables the plan reads as a whole. */
  private static List<String> readWhole(String sql) throws SQLException {
    List<String> tables = new ArrayList<>();
    for (var line : postgres.rows("EXPLAIN " + sql)) {
      Matcher whole = WHOLE.matcher(String.valueOf(line.getFirst()));
      if (whole.find() && rows(whole.group(1)) > SMALL) {
        tables.add(whole.group(1));
      }
    }
    return tables;
  }

  private static double rows(String table) throws SQLException {
    return Double.parseDouble(
        String.valueOf(
            postgres
                .rows("SELECT reltuples FROM pg_class WHERE relname = '" + table + "'")
                .getFirst()
                .getFirst()));
  }
}
