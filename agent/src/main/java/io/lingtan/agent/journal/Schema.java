package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.Names;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.commit.Kept;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.file.JournalUnavailable;
import io.lingtan.agent.journal.number.Serials;
import io.lingtan.agent.journal.number.Signatures;
import io.lingtan.agent.journal.number.Totals;
import io.lingtan.agent.reading.Sentence;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The tables, their version, and whether a file is one of ours and whole. */
final class Schema {
  /**
   * The highest form that this software reads. A file has the lowest one in which all that is in it
   * can be said ({@link Names#LEAST_FORM}, or higher for some points): so the software before reads
   * it until something is written that it does not know, and refuses it from then on.
   */
  static final int VERSION = 7;

  /** "LTJ1" in the file's header, so that another program's database is not taken for ours. */
  private static final int APPLICATION = 0x4c544a31;

  /** Up to here a file is looked through at start; beyond it that would take too long on a card. */
  private static final long LOOKED_THROUGH_PAGES = 16 * 1024;

  private static final int CORRUPT = 11;

  private Schema() {}

  /**
   * Makes the tables in a new file, or checks an existing one. A file that is not ours is not
   * changed.
   *
   * @throws SQLException with the code of damage if it is damaged
   * @throws JournalUnavailable if it is whole, but not for us
   */
  static void ready(Database db, Path file, int walPages) throws SQLException {
    long version = db.number("PRAGMA user_version", 0);
    long tables = db.number("SELECT count(*) FROM sqlite_master", 0);
    if (version == 0 && tables == 0) {
      db.makeReady(true, walPages);
      create(db);
      return;
    }
    if (db.number("PRAGMA application_id", 0) != APPLICATION) {
      throw new JournalUnavailable(
          new Sentence(
              file + " is the database of another program. Give journal.path another name.",
              file + " 是别的程序的数据库：给 journal.path 换一个名字。"),
          null);
    }
    if (version > VERSION) {
      throw new JournalUnavailable(
          new Sentence(
              "%s was written by a newer version (schema %d, this one knows %d). Install that version, or move the file away to begin a new one."
                  .formatted(file, version, VERSION),
              "%s 由更新的版本写成（格式 %d，本版本只认到 %d）：装上那个版本，或移走此文件重新开始。".formatted(file, version, VERSION)),
          null);
    }
    db.makeReady(false, walPages);
    check(db);
    if (version < Names.LEAST_FORM) {
      upgrade(db, version);
    }
  }

  /**
   * Version 1 had no totals of pulse inputs, version 2 no signatures, version 3 no serial numbers
   * of meters, version 4 nothing that is kept for years, version 5 no sums: what it wrote is not
   * checked until it is written again.
   */
  private static void upgrade(Database db, long version) throws SQLException {
    db.begin();
    if (version < 2) {
      Totals.create(db);
    }
    if (version < 3) {
      Signatures.create(db);
    }
    if (version < 4) {
      Serials.create(db);
    }
    if (version < 5) {
      Kept.create(db);
    }
    for (String table : List.of("epoch", "name", "boot")) {
      db.run("ALTER TABLE " + table + " ADD COLUMN sum INTEGER");
    }
    db.run("PRAGMA user_version=" + Names.LEAST_FORM);
    db.commit();
  }

  private static void check(Database db) throws SQLException {
    if (db.number("PRAGMA page_count", 0) <= LOOKED_THROUGH_PAGES) {
      try (ResultSet rows = db.statement("PRAGMA quick_check(1)").executeQuery()) {
        String found = rows.next() ? rows.getString(1) : "nothing";
        if (!found.equals("ok")) {
          throw new SQLException(found, "", CORRUPT);
        }
      }
    }
    for (Segment.Part part : Segment.Part.values()) {
      for (String end : new String[] {"min", "max"}) {
        db.number(
            "SELECT length(body) FROM %1$s WHERE id = (SELECT %2$s(id) FROM %1$s)"
                .formatted(part.table(), end),
            0);
      }
    }
  }

  private static void create(Database db) throws SQLException {
    db.begin();
    // Whole numbers first and the body last: what a search looks at is then never on an overflow
    // page.
    for (Segment.Part part : Segment.Part.values()) {
      db.run(
          "CREATE TABLE %s (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, intervals INTEGER NOT NULL, boot INTEGER NOT NULL, ms INTEGER, body BLOB NOT NULL)"
              .formatted(part.table()));
    }
    db.run(
        "CREATE TABLE epoch (number INTEGER PRIMARY KEY, id TEXT NOT NULL, since_ms INTEGER,"
            + " since_boot TEXT NOT NULL, since_nanos INTEGER NOT NULL, ended TEXT,"
            + " commits INTEGER NOT NULL, last INTEGER NOT NULL, acked INTEGER NOT NULL,"
            + " ahead BLOB NOT NULL, sum INTEGER)");
    db.run("CREATE TABLE declared (epoch INTEGER PRIMARY KEY, drops BLOB NOT NULL)");
    db.run(
        "CREATE TABLE chain (epoch INTEGER PRIMARY KEY, upto INTEGER NOT NULL,"
            + " streams BLOB NOT NULL)");
    db.run("CREATE TABLE name (number INTEGER PRIMARY KEY, text TEXT NOT NULL, sum INTEGER)");
    db.run("CREATE TABLE mark (id INTEGER PRIMARY KEY, ms INTEGER NOT NULL)");
    db.run(
        "CREATE TABLE boot (number INTEGER PRIMARY KEY, id TEXT NOT NULL, offset_ms INTEGER,"
            + " released INTEGER NOT NULL, held INTEGER NOT NULL, sum INTEGER)");
    db.run(
        "CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1),"
            + " number INTEGER NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,"
            + " state BLOB NOT NULL)");
    db.run(
        "CREATE TABLE machine (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL,"
            + " boot TEXT NOT NULL, clean INTEGER NOT NULL)");
    Totals.create(db);
    Signatures.create(db);
    Serials.create(db);
    Kept.create(db);
    db.run("PRAGMA application_id=" + APPLICATION);
    db.run("PRAGMA user_version=" + Names.LEAST_FORM);
    db.commit();
  }
}
