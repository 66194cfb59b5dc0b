package io.lingtan.agent.journal.file;

import io.lingtan.agent.reading.Sentence;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One connection and its prepared statements. Used by one thread at a time. */
public final class Database implements AutoCloseable {
  /** Bytes in a page: small, because each commit rewrites a few pages for a few bytes in them. */
  public static final int PAGE = 1024;

  /** A page in the WAL, with its frame header. */
  public static final int FRAME = PAGE + 24;

  private static final int ERROR = 1;
  private static final int BUSY = 5;
  private static final int READ_ONLY = 8;
  private static final int IO_ERROR = 10;
  private static final int CORRUPT = 11;
  private static final int FULL = 13;
  private static final int CANNOT_OPEN = 14;
  private static final int NOT_A_DATABASE = 26;

  private static final Pattern MISSING =
      Pattern.compile("no such (table|column)|has no column named");

  /** How a commit left the file: nobody else writes it. */
  private record Left(long size, FileTime modified) {
    static @Nullable Left of(Path file) {
      try {
        BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class);
        return new Left(is.size(), is.lastModifiedTime());
      } catch (IOException e) {
        return null; // nothing is there: whoever looks for the file finds that out
      }
    }
  }

  private final Path file;
  private final Connection connection;
  private final Map<String, PreparedStatement> statements = new HashMap<>();

  private @Nullable Left left;

  /** Of this connection; SQLite locks nothing of it, so closing it lets no lock go. */
  private @Nullable FileChannel wal;

  private Database(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /** The one writer, before {@link #makeReady}. */
  public static Database writer(Connector connector, Path file) throws SQLException {
    return connect(connector, file);
  }

  /**
   * Sets how the file is written. Not before it is known to be ours, because this changes it.
   *
   * @param empty whether nothing is in it yet
   * @param walPages pages in the WAL at which it is copied into the file
   */
  public void makeReady(boolean empty, int walPages) throws SQLException {
    if (empty) {
      run("PRAGMA page_size=" + PAGE);
      run("PRAGMA auto_vacuum=INCREMENTAL");
    }
    run("PRAGMA journal_mode=WAL");
    run("PRAGMA synchronous=NORMAL"); // SQLite syncs around a checkpoint; each commit we do
    run("PRAGMA wal_autocheckpoint=" + walPages);
    run("PRAGMA journal_size_limit=" + (long) walPages * FRAME);
    run("PRAGMA cache_size=-512");
    run("PRAGMA temp_store=MEMORY");
  }

  /** A reader: cannot write nor make the file, waits at most a second for a lock. */
  public static Database reader(Connector connector, Path file) throws SQLException {
    if (!Files.exists(file)) {
      throw new SQLException("there is no file " + file, "", CANNOT_OPEN);
    }
    Database db = connect(connector, file);
    try {
      db.run("PRAGMA query_only=1");
      db.run("PRAGMA cache_size=-256");
      return db;
    } catch (SQLException e) {
      db.close();
      throw e;
    }
  }

  private static Database connect(Connector connector, Path file) throws SQLException {
    Database db = new Database(file, connector.connect(file));
    try {
      db.run("PRAGMA busy_timeout=1000");
      return db;
    } catch (SQLException e) {
      db.close();
      throw e;
    }
  }

  /** The statement for this text, prepared once. Its parameters keep their last values. */
  public PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement statement = statements.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      statements.put(sql, statement);
    }
    return statement;
  }

  public void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Runs a change with whole numbers as parameters. */
  public void change(String sql, long... parameters) throws SQLException {
    PreparedStatement statement = statement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setLong(i + 1, parameters[i]);
    }
    statement.executeUpdate();
  }

  /** The first column of the first row; {@code otherwise} if there is none or it is null. */
  public long number(String sql, long otherwise, long... parameters) throws SQLException {
    PreparedStatement statement = statement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setLong(i + 1, parameters[i]);
    }
    try (ResultSet rows = statement.executeQuery()) {
      if (!rows.next()) {
        return otherwise;
      }
      long number = rows.getLong(1);
      return rows.wasNull() ? otherwise : number;
    }
  }

  /** Bytes of the pages that hold something. */
  long usedBytes() throws SQLException {
    return PAGE * (number("PRAGMA page_count", 0) - number("PRAGMA freelist_count", 0));
  }

  /** Writes all that has been committed into a new file. It is not synced. */
  void copyTo(Path file) throws SQLException {
    try (PreparedStatement copy = connection.prepareStatement("VACUUM INTO ?")) {
      copy.setString(1, file.toString());
      copy.execute();
    }
  }

  /** Gives free pages at the file's end back, in the transaction. */
  public void shrink(int mostPages) throws SQLException {
    long pages = Math.min(mostPages, number("PRAGMA freelist_count", 0));
    // One by one: the driver takes a single step of the statement, which is one page.
    for (long i = 0; i < pages; i++) {
      run("PRAGMA incremental_vacuum(1)");
    }
  }

  public void begin() throws SQLException {
    statement("BEGIN IMMEDIATE").execute();
    if (wal == null) {
      try {
        // Before anything is written: who opens a file after its write failed is not told of it.
        Path real = file.toRealPath(); // SQLite follows a link, too
        wal =
            FileChannel.open(
                real.resolveSibling(real.getFileName() + "-wal"), StandardOpenOption.WRITE);
      } catch (IOException e) {
        throw unsynced(e);
      }
    }
  }

  /**
   * Commits, and returns when it is on the card.
   *
   * @throws SQLException also when it may be in the file, and not on the card
   */
  public void commit() throws SQLException {
    statement("COMMIT").execute();
    sync();
    left = Left.of(file);
  }

  /**
   * SQLite would call {@code fsync}, which writes the time of the WAL's change along: three blocks
   * of the file system's own for each commit. {@code fdatasync} leaves it out while the WAL keeps
   * its length.
   */
  private void sync() throws SQLException {
    FileChannel open = wal;
    if (open == null) {
      throw new IllegalStateException("not begun");
    }
    try {
      open.force(false);
    } catch (IOException e) {
      throw unsynced(e);
    }
  }

  private static SQLException unsynced(IOException e) {
    return new SQLException("the WAL cannot be synced: " + e.getMessage(), "", IO_ERROR, e);
  }

  /**
   * Copies all that was committed from the WAL into the file, and syncs it there. The next commit
   * begins the WAL anew.
   *
   * @throws SQLException also if a reader keeps it from that for a second
   */
  public void copyBack() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet done = statement.executeQuery("PRAGMA wal_checkpoint(RESTART)")) {
      if (!done.next() || done.getInt(1) != 0) {
        throw new SQLException("the WAL is in use", "", BUSY);
      }
    }
  }

  /** Whether nobody has written into the file, or cut it, since this connection's last commit. */
  boolean isAsLeft() {
    Left before = left;
    Left now = before == null ? null : Left.of(file);
    return now == null || now.equals(before);
  }

  /** Whether it is shorter than this connection's last commit left it. */
  boolean isCut() {
    Left before = left;
    Left now = Left.of(file);
    return before != null && now != null && now.size() < before.size();
  }

  /** Ends without keeping a transaction that is open. Never throws: it is called after failures. */
  @Override
  public void close() {
    try {
      for (PreparedStatement statement : statements.values()) {
        statement.close();
      }
      statements.clear();
    } catch (SQLException e) {
      statements.clear();
    }
    try {
      connection.close();
    } catch (SQLException e) {
      // Nothing is lost by it: what was not committed is not kept anyway.
    }
    try {
      FileChannel open = wal;
      wal = null;
      if (open != null) {
        open.close();
      }
    } catch (IOException e) {
      // All that was committed is synced.
    }
  }

  /** Whether the file itself is wrong, so that trying again cannot help. */
  public static boolean isDamage(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    // What we ask for fits our tables: if it does not, a bit of their definition has changed.
    return code == CORRUPT
        || code == NOT_A_DATABASE
        || (code == ERROR && MISSING.matcher(String.valueOf(e.getMessage())).find());
  }

  public static boolean isFull(SQLException e) {
    return (e.getErrorCode() & 0xff) == FULL;
  }

  public static boolean isBusy(SQLException e) {
    return (e.getErrorCode() & 0xff) == BUSY;
  }

  public static boolean isReadOnly(SQLException e) {
    return (e.getErrorCode() & 0xff) == READ_ONLY;
  }

  /** What a reader is told that would keep the writer from writing. */
  public static SQLException notReadable() {
    return new SQLException("the journal cannot be written yet", "", READ_ONLY);
  }

  /** What was seen and what to do about it, in one sentence each. */
  public static Sentence advice(Throwable failure) {
    if (failure instanceof Place.Unusable unusable) {
      return unusable.said();
    }
    if (failure instanceof NativeLibrary.Missing missing) {
      return missing.said();
    }
    String seen = String.valueOf(failure.getMessage());
    if (!(failure instanceof SQLException e)) {
      return new Sentence(
          seen + ". Check the folder, its owner and the disk.", seen + "。检查目录、属主和磁盘。");
    }
    return switch (e.getErrorCode() & 0xff) {
      case FULL ->
          new Sentence(
              "the disk is full. Free space on it, or lower journal.max_size.",
              "磁盘已满。请清理磁盘，或调小 journal.max_size。");
      case READ_ONLY ->
          new Sentence(
              "the file or its file system is read-only. Mount it writable, or give the agent's"
                  + " user the right to write there.",
              "文件或文件系统只读。请以可写方式挂载，或给网关程序的用户写权限。");
      case CANNOT_OPEN ->
          new Sentence(
              "it cannot be opened. The folder must exist and the agent's user must be allowed to"
                  + " write in it.",
              "打不开。目录必须存在，且网关程序的用户能在里面写。");
      case IO_ERROR ->
          new Sentence(
              "the disk answered with an I/O error ("
                  + seen
                  + "). See dmesg; a card that"
                  + " does this is at its end.",
              "磁盘读写出错（" + seen + "）。看 dmesg；这样的存储卡已到寿命，请更换。");
      case BUSY ->
          new Sentence("another program has it locked. End that program.", "被别的程序锁住。请结束那个程序。");
      case CORRUPT, NOT_A_DATABASE ->
          new Sentence(
              "it is damaged (" + seen + "). It is set aside.", "文件已损坏（" + seen + "），已另存，新开一份。");
      default -> new Sentence(seen + ".", "出错：" + seen + "。");
    };
  }
}
