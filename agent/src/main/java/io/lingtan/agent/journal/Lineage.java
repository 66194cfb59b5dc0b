package io.lingtan.agent.journal;

import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.Epoch;
import io.lingtan.agent.journal.number.Epochs;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.JournalRecord;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The processes that gave out numbers of this file, and above which number each began: so that of
 * two copies of one file each can tell where they parted. And the numbers that another copy has
 * used, which therefore never leave. Ledger thread; what says so any.
 *
 * <p>Crash contract: a process is on the card before it numbers anything, and what another copy has
 * used before anything is sent that came after it was found.
 */
final class Lineage {

  /** Processes that are remembered of an epoch; of those before nothing more is known. */
  static final int MOST_RUNS = 64;

  /** Of these, the latest that are told. */
  private static final int TOLD_RUNS = 8;

  private static final Pattern TOLD_RUN = Pattern.compile("([0-9a-f]+)-(\\d{1,9})-(\\d{1,18})");

  /**
   * A process that numbered in an epoch.
   *
   * @param epoch its number, in the order of the file
   * @param above the last number before its first
   */
  private record Run(int epoch, String id, long above) {
    @Override
    public String toString() {
      return id + "-" + epoch + "-" + above;
    }
  }

  private final String own;
  private String file = "";
  private volatile List<Run> runs = List.of();
  private volatile Map<Integer, Range> reused = Map.of();
  private volatile String name = "";

  Lineage(RandomGenerator random) {
    this.own = word(random);
  }

  private static String word(RandomGenerator random) {
    return HexFormat.of().toHexDigits(random.nextInt());
  }

  /** Notes that this process goes on with an epoch, in the transaction. */
  void enter(Database db, Epoch epoch, RandomGenerator random) throws SQLException {
    create(db);
    Copies.create(db);
    Retold.create(db);
    if (db.number("SELECT count(*) FROM run WHERE number = 0", 0) == 0) {
      insert(db, 0, new Run(0, word(random), 0));
    }
    int last = (int) db.number("SELECT max(number) FROM run", 0);
    if (isNoted(db, last, epoch)) {
      return; // the file was opened anew, after an error
    }
    insert(db, last + 1, new Run(epoch.number(), own, epoch.last()));
    db.change(
        "DELETE FROM run WHERE epoch = ? AND number <= (SELECT number FROM run WHERE epoch = ?"
            + " ORDER BY number DESC LIMIT 1 OFFSET ?)",
        epoch.number(),
        epoch.number(),
        MOST_RUNS);
    db.run("DELETE FROM run WHERE number > 0 AND epoch NOT IN (SELECT number FROM epoch)");
    db.run("DELETE FROM reused WHERE epoch NOT IN (SELECT number FROM epoch)");
  }

  /** An older version leaves them as they are, so that it can still read the file. */
  private static void create(Database db) throws SQLException {
    db.run(
        "CREATE TABLE IF NOT EXISTS run (number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,"
            + " id TEXT NOT NULL, above INTEGER NOT NULL)");
    db.run(
        "CREATE TABLE IF NOT EXISTS reused (epoch INTEGER PRIMARY KEY, first INTEGER NOT NULL,"
            + " last INTEGER NOT NULL)");
  }

  private static void insert(Database db, int number, Run run) throws SQLException {
    PreparedStatement insert =
        db.statement("INSERT INTO run (number, epoch, id, above) VALUES (?, ?, ?, ?)");
    insert.setInt(1, number);
    insert.setInt(2, run.epoch());
    insert.setString(3, run.id());
    insert.setLong(4, run.above());
    insert.executeUpdate();
  }

  private boolean isNoted(Database db, int number, Epoch epoch) throws SQLException {
    PreparedStatement select = db.statement("SELECT epoch, id FROM run WHERE number = ?");
    select.setInt(1, number);
    try (ResultSet row = select.executeQuery()) {
      return row.next() && row.getInt(1) == epoch.number() && row.getString(2).equals(own);
    }
  }

  /** Notes what another copy has used, in the transaction. */
  static void reuse(Database db, Epoch epoch, Range numbers) throws SQLException {
    db.change(
        "INSERT INTO reused (epoch, first, last) VALUES (?, ?, ?) ON CONFLICT (epoch) DO UPDATE"
            + " SET first = min(first, excluded.first), last = max(last, excluded.last)",
        epoch.number(),
        numbers.from(),
        numbers.to());
  }

  /** The transaction ended well. */
  void load(Database db, Epoch current) throws SQLException {
    List<Run> loaded = new ArrayList<>();
    try (ResultSet rows =
        db.statement("SELECT number, epoch, id, above FROM run ORDER BY number").executeQuery()) {
      while (rows.next()) {
        if (rows.getInt(1) == 0) {
          file = rows.getString(3);
        } else {
          loaded.add(new Run(rows.getInt(2), rows.getString(3), rows.getLong(4)));
        }
      }
    }
    Map<Integer, Range> used = new HashMap<>();
    try (ResultSet rows = db.statement("SELECT epoch, first, last FROM reused").executeQuery()) {
      while (rows.next()) {
        used.put(rows.getInt(1), new Range(rows.getLong(2), rows.getLong(3)));
      }
    }
    runs = List.copyOf(loaded);
    reused = Map.copyOf(used);
    String trail =
        loaded.subList(Math.max(0, loaded.size() - TOLD_RUNS), loaded.size()).stream()
            .map(Run::toString)
            .collect(Collectors.joining(" "));
    name = file + "-" + own + "-" + current.number() + " " + trail;
  }

  /**
   * What this process is called in {@code store}: the file, the process, and which epoch of the
   * file it is, with hyphens between; and after a space its trail, the latest processes of the file
   * and above which number of which epoch each began. Empty until it is on the card. Any thread.
   */
  String name() {
    return name;
  }

  /** What another copy of the file has used of an epoch's numbers; null if nothing. Any thread. */
  @Nullable Range reused(Epoch epoch) {
    return reused.get(epoch.number());
  }

  /**
   * Up to which number of an epoch what another process tells of it is what this file tells. Any
   * thread.
   *
   * @param told its name; null if it is of a version that had none
   * @param isListed whether it named the epoch; if not, there may be too many others since
   * @param mayBeLeftOut whether it says that it left out some
   * @param tsMillis UTC ms at which it told that, UNDATED if it does not say: what began later here
   *     it does not have
   * @return {@link Long#MAX_VALUE} if there is no other copy with this epoch
   */
  long common(
      Epoch epoch, @Nullable String told, boolean isListed, boolean mayBeLeftOut, long tsMillis) {
    List<Run> known = runs;
    List<Run> entered = known.stream().filter(run -> run.epoch() == epoch.number()).toList();
    if (entered.isEmpty()) {
      return Long.MAX_VALUE; // ended before processes were noted
    }
    String[] parts = told == null ? new String[0] : parts(told);
    if (told == null || parts.length < 3) {
      return isListed && epoch.ended() == null ? entered.getLast().above() : Long.MAX_VALUE;
    }
    int at = known.size() - 1;
    while (at >= 0 && !known.get(at).id().equals(parts[1])) {
      at--;
    }
    if (at >= 0) {
      // What went before it both have, and what came after it only one.
      int place = entered.lastIndexOf(known.get(at));
      if (place < 0) {
        return Long.MAX_VALUE;
      }
      return place + 1 < entered.size()
          ? entered.get(place + 1).above()
          : isListed ? epoch.lastGiven() : Long.MAX_VALUE;
    }
    Long began = epoch.since().millis();
    boolean mayHaveIt =
        isListed
            || ((mayBeLeftOut || (parts[0].equals(file) && forgotten(told, epoch.number()) > 0))
                && (began == null || tsMillis == JournalRecord.UNDATED || tsMillis >= began));
    return mayHaveIt ? parted(known, epoch.number(), trail(told), isListed) : Long.MAX_VALUE;
  }

  /**
   * Up to which number of an epoch two files are the same: as far as the last process that both
   * know was alone with it. Where they know none in common all of the epoch may be another's.
   */
  private static long parted(List<Run> ours, int epoch, List<Run> theirs, boolean isListed) {
    int there = lastCommon(ours, theirs);
    long above = nextAbove(theirs, there + 1, epoch);
    int common = there < 0 ? 0 : theirs.get(there).epoch();
    if (common > epoch || (common > 0 && common < epoch && above == Long.MAX_VALUE && !isListed)) {
      return Long.MAX_VALUE; // they parted after its end, or before it began
    }
    return common == epoch
        ? Math.min(above, nextAbove(ours, ours.lastIndexOf(theirs.get(there)) + 1, epoch))
        : nextAbove(ours, 0, epoch);
  }

  private static int lastCommon(List<Run> ours, List<Run> theirs) {
    int there = theirs.size() - 1;
    while (there >= 0 && !ours.contains(theirs.get(there))) {
      there--;
    }
    return there;
  }

  private static long nextAbove(List<Run> runs, int from, int epoch) {
    for (Run run : runs.subList(from, runs.size())) {
      if (run.epoch() == epoch) {
        return run.above();
      }
    }
    return Long.MAX_VALUE;
  }

  /**
   * The highest number of its present epoch that another process gave out, as far as is sure: at
   * least one above where its file and this one parted, whatever it has told. Any thread.
   *
   * @param told its name
   * @param last the highest that it told
   */
  long given(Epoch epoch, String told, long last) {
    List<Run> theirs = trail(told);
    int there = lastCommon(runs, theirs);
    boolean isParted =
        there >= 0
            && theirs.get(there).epoch() == epoch.number()
            && nextAbove(theirs, there + 1, epoch.number()) < Long.MAX_VALUE;
    return isParted
        ? Math.max(last, common(epoch, told, true, false, JournalRecord.UNDATED) + 1)
        : last;
  }

  /**
   * The key of the last number that this file and that of another process have in common; 0 if they
   * have none. Any thread.
   *
   * @param told its name
   */
  long parted(String told) {
    List<Run> known = runs;
    String[] parts = parts(told);
    int at = known.size() - 1;
    while (at >= 0 && !(parts.length == 3 && known.get(at).id().equals(parts[1]))) {
      at--;
    }
    if (at < 0) {
      List<Run> theirs = trail(told);
      int there = lastCommon(known, theirs);
      at = there < 0 ? -1 : known.lastIndexOf(theirs.get(there));
    }
    if (at < 0) {
      return 0;
    }
    Run next = known.get(Math.min(at + 1, known.size() - 1));
    return at + 1 < known.size() ? Segment.key(next.epoch(), next.above()) : Long.MAX_VALUE;
  }

  /** Whether the file of another process was copied from the one that this one was. Any thread. */
  boolean isSameFile(String told) {
    return parts(told)[0].equals(file);
  }

  private static String[] parts(String told) {
    return told.split(" ", 2)[0].split("-", 3);
  }

  private static List<Run> trail(String told) {
    return TOLD_RUN
        .matcher(told.substring(told.indexOf(' ') + 1))
        .results()
        .map(
            run ->
                new Run(Integer.parseInt(run.group(2)), run.group(1), Long.parseLong(run.group(3))))
        .toList();
  }

  /** Whether it is the name of a process that this file knows. Any thread. */
  boolean isOurs(String told) {
    String[] parts = parts(told);
    return parts.length == 3 && runs.stream().anyMatch(run -> run.id().equals(parts[1]));
  }

  /**
   * How many epochs from a number on there are of which a process tells no more.
   *
   * @param told its name
   * @param number of the epoch, in the order of its file
   */
  static long forgotten(String told, int number) {
    String[] parts = parts(told);
    try {
      long current = parts.length < 3 ? 0 : Integer.parseInt(parts[2]);
      return Math.max(0, current - Epochs.FINISHED_TOLD - number);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
