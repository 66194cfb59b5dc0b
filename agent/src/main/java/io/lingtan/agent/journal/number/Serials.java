package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.file.Database;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/**
 * Which meter was in each device's place when it was read last: its serial number, one row each.
 * What was exchanged while the agent was away is noticed by it.
 */
public final class Serials {

  private Serials() {}

  public static void create(Database db) throws SQLException {
    db.run("CREATE TABLE serial (device TEXT PRIMARY KEY, text TEXT NOT NULL)");
  }

  /** Writes serial numbers by device, in the transaction. */
  public static void save(Database db, Map<String, String> serials) throws SQLException {
    for (Map.Entry<String, String> serial : serials.entrySet()) {
      PreparedStatement insert =
          db.statement("INSERT OR REPLACE INTO serial (device, text) VALUES (?, ?)");
      insert.setString(1, serial.getKey());
      insert.setString(2, serial.getValue());
      insert.executeUpdate();
    }
  }

  /** All of them, by device. */
  public static Map<String, String> load(Database db) throws SQLException {
    Map<String, String> serials = new HashMap<>();
    try (ResultSet rows = db.statement("SELECT device, text FROM serial").executeQuery()) {
      while (rows.next()) {
        serials.put(rows.getString(1), rows.getString(2));
      }
    }
    return serials;
  }
}
