package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.FakeChip;
import io.lingtan.agent.acquire.gpio.PulseStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Kill;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Inputs;
import io.lingtan.testing.Sites;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The steps that count pulses, on a real journal: killed a hundred times at random moments, with
 * and without a reboot, while a meter goes on giving pulses. The chip's own list says what there
 * was to count.
 */
final class PulseKillTest {

  private static final long MILLI = 1_000_000L;
  private static final int ROUNDS = 100;

  /** An edge is believed a debounce and {@code InputWatch}'s patience after it came. */
  private static final long BELIEVED_AFTER_MILLIS = 20 + 10;

  @TempDir Path folder;

  private final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  private final Site site = Sites.microgrid().base("1m").site();
  private final FakeChip chip = new FakeChip(time);
  private final RandomGenerator random = Randomness.seeded(20_261_125);

  /** Wall times of the pulses that were given, UTC ms. */
  private final NavigableSet<Long> given = new TreeSet<>();

  private Journal journal;
  private LedgerStep ledger;
  private PulseStep pulses;

  @BeforeEach
  void start() {
    journal =
        Journal.open(
            new JournalOptions(folder.resolve("journal.db"), 64_000_000, "machine"),
            time,
            Randomness.seeded(random.nextLong()));
    Inbox<Arrival> inbox = new Inbox<>(4096);
    ledger = new LedgerStep(site, journal, inbox, time);
    Line.Gpio line =
        new Line.Gpio(
            "header",
            "auto",
            Duration.ofSeconds(1),
            List.of(Inputs.pulses("water", 17, "0.01", "volume", Duration.ofMillis(20))));
    pulses = new PulseStep(line, new Outlet(line.devices(), inbox, time), chip, ledger.totals());
  }

  private void kill() {
    Kill.kill(journal);
    chip.forget();
  }

  /** Lets the meter turn; nobody need be there to count. */
  private void turn(long millis) {
    long end = wallMillis() + millis;
    long at = given.isEmpty() ? wallMillis() + 500 : Math.max(given.last() + 70, wallMillis() + 70);
    while (at + 40 < end) {
      given.add(at);
      long nanos = (at - time.wall().offsetMillis()) * MILLI;
      chip.pulse(17, nanos, 35 * MILLI);
      at += random.nextLong(70, 400);
    }
  }

  private long wallMillis() {
    return time.wall().millisAt(time.now());
  }

  private void run(long millis) {
    MonotonicInstant end = time.now().plusNanos(millis * MILLI + random.nextLong(MILLI));
    while (time.now().isBefore(end)) {
      while (pulses.step(time.now()) + ledger.step(time.now()) > 0) {
        // until both are idle
      }
      MonotonicInstant next = pulses.due().min(ledger.due()).min(end);
      time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusNanos(MILLI));
    }
  }

  private List<EventRecord> events(String name) {
    List<EventRecord> found = new ArrayList<>();
    List<String> epochs = new ArrayList<>();
    journal.state().previous().forEach(previous -> epochs.add(previous.epoch()));
    epochs.add(journal.state().epoch());
    try (Outbox outbox = journal.outbox()) {
      for (String epoch : epochs) {
        long from = 1;
        List<JournalRecord> some;
        do {
          some = outbox.read(epoch, EnumSet.of(Kind.EVENT), from, 1000);
          for (JournalRecord record : some) {
            if (record instanceof EventRecord event && event.event().name().equals(name)) {
              found.add(event);
            }
            from = record.seq() + 1;
          }
        } while (!some.isEmpty());
      }
    }
    return found;
  }

  private long between(long fromMillis, long toMillis) {
    return fromMillis >= toMillis ? 0 : given.subSet(fromMillis, true, toMillis, true).size();
  }

  @Test
  void anyKillCostsAtMostOneCommitAndTheTimeAwayAndTheSpanIsTold() {
    long commit = site.journal().commit().toMillis();
    long lost = 0;
    long killedMillis = 0;
    PulseTotal before = null;
    for (int round = 0; round < ROUNDS; round++) {
      long began = wallMillis();
      long ranMillis = random.nextLong(200, 8000);
      turn(ranMillis);
      run(ranMillis);
      String where = "round " + round + ", seed 20261125";
      if (before != null) {
        // Events are committed by now, unless the round was shorter than a commit.
        List<EventRecord> told = events("meter.uncounted");
        if (!told.isEmpty() && told.getLast().tsMillis() >= began) {
          EventRecord gap = told.getLast();
          Object since = gap.event().detail().get("since");
          assertEquals(before.tsMillis(), since, where);
          assertEquals(before.pulses(), gap.event().detail().get("pulses"), where);
          assertTrue(gap.tsMillis() >= killedMillis, where);
        } else {
          assertTrue(ranMillis < 2 * commit, where + ": the gap is not told");
        }
      }
      kill();
      killedMillis = wallMillis();
      // What a commit before the kill had, and nothing that was not given.
      start();
      PulseTotal kept = ledger.totals().resultNow().get("water");
      if (kept == null) {
        // Killed before the first commit of all: as if it had never run.
        lost = between(0, killedMillis);
      } else {
        long counted = kept.pulses();
        long basis = before == null ? 0 : before.pulses();
        long should = between(began, killedMillis - BELIEVED_AFTER_MILLIS);
        long recent = between(killedMillis - BELIEVED_AFTER_MILLIS - commit, killedMillis);
        assertTrue(counted - basis <= between(began, killedMillis), where + ": counted too much");
        assertTrue(
            should - (counted - basis) <= recent,
            where
                + ": lost "
                + (should - counted + basis)
                + " of "
                + should
                + ", recent "
                + recent);
        lost += between(began, killedMillis) - (counted - basis);
      }
      before = kept;
      long away = random.nextLong(0, 5000);
      long gone = wallMillis();
      if (random.nextBoolean()) {
        turn(away);
        time.advanceMillis(away);
        lost += between(gone, wallMillis() - 1);
      } else {
        time.reboot(away);
        kill();
        start();
      }
    }
    assertNotNull(before);
    assertEquals(given.size(), before.pulses() + lost, "every pulse is counted, or in a told gap");
    kill();
  }
}
