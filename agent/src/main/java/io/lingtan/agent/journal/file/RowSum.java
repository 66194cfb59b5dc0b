package io.lingtan.agent.journal.file;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.zip.CRC32;

/**
 * The check sum of a row, because SQLite has none: a bit that changed in a number or a name would
 * otherwise be believed.
 */
public final class RowSum {
  private static final int CORRUPT = 11;

  private RowSum() {}

  /** The CRC-32 of what a row says. */
  public static long of(Object... values) {
    CRC32 sum = new CRC32();
    for (Object value : values) {
      sum.update(value instanceof byte[] bytes ? bytes : String.valueOf(value).getBytes(UTF_8));
      sum.update(0);
    }
    return sum.getValue();
  }

  /**
   * @param column of the sum; null in it is of a version that had none
   * @throws SQLException with the code of damage if it is another one
   */
  public static void check(ResultSet row, int column, Object... values) throws SQLException {
    long expected = row.getLong(column);
    if (!row.wasNull() && expected != of(values)) {
      throw new SQLException("the sum of a row is wrong: " + values[0], "", CORRUPT);
    }
  }
}
