package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.PulseTotal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What pulse inputs have counted in all: one row each, beside the records and older than any epoch.
 * A cloned or restored file goes on from its totals, as a meter that changes its place does.
 */
public final class Totals {

  private Totals() {}

  public static void create(Database db) throws SQLException {
    db.run("CREATE TABLE total (device TEXT PRIMARY KEY, pulses INTEGER NOT NULL, ms INTEGER)");
  }

  /** Writes totals, in the transaction. */
  public static void save(Database db, Collection<PulseTotal> totals) throws SQLException {
    for (PulseTotal total : totals) {
      PreparedStatement insert =
          db.statement("INSERT OR REPLACE INTO total (device, pulses, ms) VALUES (?, ?, ?)");
      insert.setString(1, total.device());
      insert.setLong(2, total.pulses());
      if (total.tsMillis() == JournalRecord.UNDATED) {
        insert.setNull(3, java.sql.Types.INTEGER);
      } else {
        insert.setLong(3, total.tsMillis());
      }
      insert.executeUpdate();
    }
  }

  /** All of them, by device. */
  public static Map<String, PulseTotal> load(Database db) throws SQLException {
    Map<String, PulseTotal> totals = new HashMap<>();
    try (ResultSet rows = db.statement("SELECT device, pulses, ms FROM total").executeQuery()) {
      while (rows.next()) {
        long millis = rows.getLong(3);
        long ts = rows.wasNull() ? JournalRecord.UNDATED : millis;
        totals.put(rows.getString(1), new PulseTotal(rows.getString(1), rows.getLong(2), ts));
      }
    }
    return totals;
  }
}
