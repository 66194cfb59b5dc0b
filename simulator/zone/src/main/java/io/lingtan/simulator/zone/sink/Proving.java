package io.lingtan.simulator.zone.sink;

import io.lingtan.agent.audit.message.Malformed;
import io.lingtan.agent.audit.verify.SealedRecord;
import io.lingtan.agent.audit.zone.ZoneNode;
import io.lingtan.agent.audit.zone.ZoneProof;
import io.lingtan.agent.audit.zone.ZoneRoot;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.simulator.zone.fold.Figure;
import io.lingtan.simulator.zone.fold.ZoneTree;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A proof as the tables have it.
 *
 * @param root as it is published, to the byte
 * @param record as the gateway signed it, to the byte
 */
record Proving(ZoneProof proof, String root, String record) {

  private static final String ROOT =
      "SELECT rev, statement FROM zone_root WHERE (length, start) = (?, ?)"
          + " AND (rev = ? OR ? < 0) ORDER BY rev DESC LIMIT 1";

  /** Of each gateway the newest leaf that is in the root. */
  private static final String LEAVES =
      "SELECT DISTINCT ON (gateway COLLATE \"C\") figure FROM zone_leaf"
          + " WHERE (length, start) = (?, ?) AND root <= ?"
          + " ORDER BY gateway COLLATE \"C\", root DESC";

  /** A made-up sample may have come first under its number. */
  private static final String RECORD =
      "WITH n AS (SELECT ? AS gateway, ? AS epoch, ?::bigint AS seq)"
          + " SELECT record FROM record JOIN n USING (gateway, epoch, seq) WHERE kind = 'interval'"
          + " UNION ALL SELECT record FROM contradiction JOIN n USING (gateway, epoch, seq)";

  private static final int MOST_AT_ONCE = 1_000;

  /** Why there is no proof, for a person. */
  static final class NoProof extends Exception {
    private static final long serialVersionUID = 1L;

    NoProof(String why) {
      super(why);
    }
  }

  /**
   * Makes the proof, and looks whether it holds.
   *
   * @param connection which does not commit by itself, so that rows come in parts
   * @param start UTC ms
   * @param rev of the root, below 0 for the newest
   */
  static Proving of(Connection connection, String gateway, String length, long start, int rev)
      throws SQLException, NoProof {
    String statement;
    int found;
    try (PreparedStatement ask = connection.prepareStatement(ROOT)) {
      ask.setString(1, length);
      ask.setTimestamp(2, new Timestamp(start));
      ask.setInt(3, rev);
      ask.setInt(4, rev);
      try (ResultSet row = ask.executeQuery()) {
        if (!row.next()) {
          throw new NoProof(
              "there is no root%s of %s from %s: the interval is not closed yet, or is none"
                  .formatted(
                      rev < 0 ? "" : " of revision " + rev, length, Instant.ofEpochMilli(start)));
        }
        found = row.getInt(1);
        statement = row.getString(2);
      }
    }
    List<ZoneNode> leaves = new ArrayList<>();
    Figure own = null;
    int at = 0;
    try (PreparedStatement ask = connection.prepareStatement(LEAVES)) {
      ask.setFetchSize(MOST_AT_ONCE);
      ask.setString(1, length);
      ask.setTimestamp(2, new Timestamp(start));
      ask.setInt(3, found);
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          Figure figure = Figure.read(row.getString(1).getBytes(StandardCharsets.UTF_8));
          if (figure.gateway().equals(gateway)) {
            own = figure;
            at = leaves.size();
          }
          leaves.add(ZoneNode.of(figure.leaf()));
        }
      }
    }
    if (own == null) {
      throw new NoProof(
          gateway + " has told nothing of that interval, so that it is not in the total");
    }
    ZoneTree tree = new ZoneTree(leaves);
    ZoneProof proof =
        new ZoneProof(
            gateway,
            own.epoch(),
            own.seq(),
            length,
            start,
            found,
            at,
            leaves.size(),
            tree.path(at));
    try {
      String record = record(connection, own);
      check(proof, record, statement);
      return new Proving(proof, statement, record);
    } catch (Malformed | NotJson e) {
      throw new NoProof("what the tables have is no root and record: " + e.getMessage());
    }
  }

  private static String record(Connection connection, Figure own)
      throws SQLException, NoProof, Malformed, NotJson {
    try (PreparedStatement ask = connection.prepareStatement(RECORD)) {
      ask.setString(1, own.gateway());
      ask.setString(2, own.epoch());
      ask.setLong(3, own.seq());
      try (ResultSet row = ask.executeQuery()) {
        while (row.next()) {
          String record = row.getString(1);
          if (Digest.of(CanonicalJson.of(JsonValue.object(record))).equals(own.hash())) {
            return record;
          }
        }
        throw new NoProof(
            "the record, epoch %s seq %d, is not in the table".formatted(own.epoch(), own.seq()));
      }
    }
  }

  /** What would be refused is not handed out; whose key has signed the record is not known here. */
  private static void check(ZoneProof proof, String record, String statement)
      throws NoProof, Malformed, NotJson {
    ZoneProof.Verdict verdict =
        proof.check(
            SealedRecord.of(1, JsonValue.object(record)), ZoneRoot.Published.read(statement));
    if (verdict instanceof ZoneProof.Refused(String why)) {
      throw new NoProof("what the tables have does not lead to the published root: " + why);
    }
  }
}
