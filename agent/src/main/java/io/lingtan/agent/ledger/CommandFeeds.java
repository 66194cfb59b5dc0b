package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.code.FeedCodec;
import io.lingtan.agent.meter.CheckpointReader;
import io.lingtan.agent.meter.CheckpointWriter;
import io.lingtan.agent.site.Certificates.Applied;
import io.lingtan.agent.site.Feeds;
import io.lingtan.agent.site.Feeds.BusDay;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.activity.Activity;
import java.time.LocalDate;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What commands have told that no meter knows, beside the site's own feed files, and why more of it
 * is not taken.
 */
final class CommandFeeds {

  /** How long intervals of days wait for what people tell, after their end. */
  private static final long FED_MILLIS = 3 * 24 * 3_600_000L;

  /** The same where nobody has told anything yet: a first word may be of yesterday. */
  private static final long FIRST_FED_MILLIS = 24 * 3_600_000L;

  /** What commands tell of older days is forgotten: their year is over and told. */
  private static final int LONGEST_TOLD_DAYS = 400;

  /** Of what commands tell, because each checkpoint holds them all. */
  private static final int MOST_ROWS = 4000;

  private final Feeds filed;
  private final boolean hearsCommands;
  private Feeds told = Feeds.NONE;

  CommandFeeds(Site site) {
    this.filed = site.carbon().fed();
    this.hearsCommands = site.mqtt().isConfigured();
  }

  /** What commands told. */
  Feeds told() {
    return told;
  }

  /** With what is in the site's files. */
  Feeds all() {
    return filed.and(told);
  }

  /** How long an interval of days is kept for what people may still tell of it. */
  long waitMillis() {
    boolean fed = !filed.isEmpty() || !told.isEmpty();
    return fed ? FED_MILLIS : hearsCommands ? FIRST_FED_MILLIS : 0;
  }

  /**
   * Takes more, to which there is no {@link #objection}.
   *
   * @param today of the newest sample; null before the first
   */
  void tell(Feeds feeds, @Nullable LocalDate today) {
    told = with(feeds, today);
  }

  private Feeds with(Feeds feeds, @Nullable LocalDate today) {
    Feeds all = told.and(feeds);
    return today == null ? all : all.since(today.minusDays(LONGEST_TOLD_DAYS));
  }

  /**
   * Why more is not taken; null if it can be, as a whole.
   *
   * @param isNew whether what was told before is no news, and so refused
   * @param today of the newest sample; null before the first
   * @param isClosed whether the record of the interval of a length that begins on a day is told
   *     again no more
   */
  @Nullable String objection(
      Feeds feeds,
      boolean isNew,
      @Nullable LocalDate today,
      BiPredicate<String, LocalDate> isClosed) {
    List<String> before = isNew ? all().toldAlready(feeds) : List.of();
    if (!before.isEmpty()) {
      return "told before: " + String.join("; ", before) + "; nothing is counted twice";
    }
    List<String> twice = all().claimedOtherwise(feeds);
    if (!twice.isEmpty()) {
      return String.join(", ", twice) + " was claimed before, otherwise: energy claimed twice";
    }
    String refused = refused(feeds, isClosed);
    if (refused != null) {
      return refused;
    }
    if (with(feeds, today).size() > MOST_ROWS) {
      return "at most "
          + MOST_ROWS
          + " rows are kept of what commands tell: name a file in carbon.feeds";
    }
    return null;
  }

  /**
   * Why what was told is not taken. What is of a day or a month whose record is not told again any
   * more would be in the year and not in itself.
   */
  private @Nullable String refused(Feeds feeds, BiPredicate<String, LocalDate> isClosed) {
    List<String> otherwise = all().toldOtherwise(feeds);
    if (!otherwise.isEmpty()) {
      return "told before, otherwise: "
          + String.join("; ", otherwise)
          + "; put it right in a file of carbon.feeds, where 0 takes it back";
    }
    for (Activity row : feeds.activities()) {
      if (row.isWithdrawal()) {
        return row.key() + ": 0 takes back what was told, and only a file of carbon.feeds does";
      }
      if (isClosed.test("1d", row.day())) {
        return closed(row.key().toString(), "day");
      }
    }
    for (BusDay row : feeds.buses()) {
      if (isClosed.test("1d", row.day())) {
        return closed(row.bus() + " of " + row.day(), "day");
      }
    }
    for (Feeds.Output row : feeds.outputs()) {
      if (isClosed.test("1M", row.month().atDay(1))) {
        return closed(row.denominator() + " of " + row.month(), "month");
      }
    }
    for (Applied row : feeds.certificates().applied()) {
      if (isClosed.test("1M", row.month().atDay(1))) {
        return closed(row.reference() + " of " + row.month(), "month");
      }
    }
    return null;
  }

  private static String closed(String row, String time) {
    return row
        + ": the records of that "
        + time
        + " are told and closed; put the row into a file of carbon.feeds, by which they are told"
        + " again at the next start";
  }

  void write(CheckpointWriter to) {
    FeedCodec.write(told, to);
  }

  void read(CheckpointReader from) {
    told = FeedCodec.read(from);
  }
}
