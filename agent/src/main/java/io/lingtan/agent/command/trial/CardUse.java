package io.lingtan.agent.command.trial;

import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.commit.Space;
import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.WalMeter;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a site's journal writes and how it grows while every device answers and the broker takes all
 * at once, measured before the site runs: made-up readings of its devices ({@link TrialDevice}) go
 * through the agent's own ledger and journal in virtual time, into a temporary folder that is gone
 * afterwards. Held against what the agent of simulated sites writes by {@code CardUseTest}, which
 * allows a fifth.
 *
 * @param bytesPerDay that the kernel writes in blocks of 4 KiB, without those of the file system
 *     itself; while the journal's file grows
 * @param growthPerDay bytes by which the file grows in a day
 * @param emptyBytes of the file before the first record
 * @param measured how much of a day this rests on
 * @param commits in that time
 */
public record CardUse(
    double bytesPerDay, double growthPerDay, long emptyBytes, Duration measured, long commits) {

  private static final double DAY_NANOS = 86_400e9;

  // Whichever comes first: most of what it costs is to begin.
  private static final long MOST_VALUES = 120_000;
  private static final long MOST_COMMITS = 1_000;
  private static final long MOST_NANOS = 86_400_000_000_000L;

  /** In a smaller one nothing could be told of growth: it would begin to forget. */
  private static final long LEAST_JOURNAL = 256L << 20;

  private static final int ARRIVALS = 4_096;
  private static final long PAGE = 1_024;
  private static final long HOUR_MILLIS = 3_600_000;

  /**
   * Why it cannot be said, null if it can: of devices with deadbands as much is recorded as
   * changes.
   */
  public static @Nullable String notForetold(Site site) {
    if (site.devices().isEmpty()) {
      return "not foretold without devices";
    }
    return site.devices().stream().allMatch(device -> device.deadband().isEmpty())
        ? null
        : "not foretold with deadband, where as much is recorded as changes";
  }

  /** Days that unsent records last in a journal of so many bytes. */
  public double daysOffline(long maxSize) {
    return Math.max(0, Space.limit(maxSize) - emptyBytes) / growthPerDay;
  }

  /**
   * Of a site of which it can be said.
   *
   * @param nowMillis UTC, near which the trial plays
   * @param where its folder is made, for as long as it takes
   * @throws IOException if no journal can be kept there
   */
  public static CardUse of(Site site, long nowMillis, Path where) throws IOException {
    Path folder = Files.createTempDirectory(where, "lingtan-check-");
    try {
      return new Trial(site, nowMillis, folder).run();
    } catch (SQLException | RuntimeException e) {
      throw new IOException("no journal can be kept in " + folder + ": " + e.getMessage(), e);
    } finally {
      remove(folder);
    }
  }

  /** The stages, in virtual time. */
  private static final class Trial {
    private final Site site;
    private final Path folder;
    private final VirtualTime time;
    private final RandomGenerator random = Randomness.seeded(1);
    private final Inbox<Arrival> arrivals = new Inbox<>(ARRIVALS);
    private final List<TrialDevice> devices = new ArrayList<>();
    private @Nullable Connection writer;
    private long values;
    private long commits;
    private long committedNanos;

    Trial(Site site, long nowMillis, Path folder) {
      this.site = site;
      this.folder = folder;
      this.time = new VirtualTime(nowMillis - nowMillis % HOUR_MILLIS);
      for (Line line : site.lines()) {
        devices.addAll(TrialDevice.of(line, time.boot(), 0, random));
      }
    }

    CardUse run() throws SQLException {
      Path file = folder.resolve("journal.db");
      Connector sqlite = Connector.sqlite();
      JournalOptions options =
          new JournalOptions(
              file,
              Math.max(site.journal().maxSize(), LEAST_JOURNAL),
              "trial",
              path -> {
                Connection opened = sqlite.connect(path);
                writer = writer == null ? opened : writer;
                return opened;
              },
              folder.resolve("volatile"),
              null);
      try (WalMeter meter = new WalMeter(file)) {
        long before;
        long after;
        long empty;
        long begun;
        try (Journal journal = Journal.open(options, time, random);
            Outbox outbox = journal.outbox()) {
          Connection used = Objects.requireNonNull(writer, "the journal is not open");
          try (Statement statement = used.createStatement()) {
            // The same is written, and nobody waits for the card.
            statement.execute("PRAGMA synchronous=OFF");
          }
          LedgerStep ledger = new LedgerStep(site, journal, arrivals, time);
          settle(ledger, meter, journal, outbox);
          before = meter.written();
          empty = pages(used);
          begun = commits;
          while (values < MOST_VALUES
              && commits < begun + MOST_COMMITS
              && time.now().nanos() < MOST_NANOS) {
            advance(ledger);
            settle(ledger, meter, journal, outbox);
          }
          after = pages(used);
        }
        double days = committedNanos / DAY_NANOS;
        return new CardUse(
            (meter.copied() - before) / days,
            (after - empty) * PAGE / days,
            empty * PAGE,
            Duration.ofNanos(committedNanos),
            commits - begun);
      }
    }

    /** To the next arrival, or what the ledger has to do before. */
    private void advance(LedgerStep ledger) {
      long next = ledger.due().nanos();
      for (TrialDevice device : devices) {
        next = Math.min(next, device.dueNanos());
      }
      // A step may say that it is due now though it was idle just now: time has to pass.
      long now = Math.max(next, time.now().nanos() + 1);
      time.advanceTo(new MonotonicInstant(now));
      for (TrialDevice device : devices) {
        for (Arrival arrival : device.arrivals(now)) {
          values += arrival instanceof Arrival.Recorded(Sample sample) ? sample.values().size() : 0;
          arrivals.offer(arrival);
        }
      }
    }

    private void settle(LedgerStep ledger, WalMeter meter, Journal journal, Outbox outbox) {
      while (ledger.step(time.now()) > 0) {
        // until it is idle; it commits once in an instant
      }
      meter.written();
      long made = ledger.snapshot().commits();
      committedNanos = made > commits ? time.now().nanos() : committedNanos;
      commits = made;
      if (site.mqtt().isConfigured()) {
        StoreSnapshot state = journal.state();
        for (long seq = state.acked() + 1; seq <= state.last(); seq++) {
          outbox.acknowledged(state.epoch(), seq);
        }
      }
    }

    private static long pages(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("PRAGMA page_count")) {
        return rows.next() ? rows.getLong(1) : 0;
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes how) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path done, @Nullable IOException failed)
              throws IOException {
            Files.delete(done);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
