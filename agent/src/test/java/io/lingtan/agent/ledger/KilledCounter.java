package io.lingtan.agent.ledger;

import io.lingtan.agent.acquire.gpio.GpioChip;
import io.lingtan.agent.acquire.gpio.InputLine;
import io.lingtan.agent.acquire.gpio.PulseStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.GpioInput.Pin;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.testing.Inputs;
import io.lingtan.testing.Sites;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Counts pulses until it is killed: a process for {@link PulseSigkillIT}. There is a pulse at each
 * multiple of {@value #PERIOD_NANOS} ns of the monotonic clock, so that anybody can tell how many
 * there were between two instants.
 */
final class KilledCounter {

  static final long PERIOD_NANOS = 20_000_000L;

  private KilledCounter() {}

  /** Arguments: the journal. Prints the instant from which it counts, and how it dates. */
  public static void main(String[] args) {
    Time time = new SystemTime(List.of("system"));
    Site site = Sites.microgrid().base("1m").site();
    Journal journal =
        Journal.open(options(Path.of(args[0]), site), time, Randomness.seeded(time.now().nanos()));
    Inbox<Arrival> inbox = new Inbox<>(4096);
    LedgerStep ledger = new LedgerStep(site, journal, inbox, time);
    Line.Gpio line =
        new Line.Gpio(
            "header",
            "auto",
            Duration.ofSeconds(1),
            List.of(Inputs.pulses("water", 17, "0.01", "volume", Duration.ZERO)));
    new Loop(
            new PulseStep(
                line, new Outlet(line.devices(), inbox, time), new Punctual(time), ledger.totals()),
            time)
        .start();
    new Loop(ledger, time).start();
  }

  static JournalOptions options(Path file, Site site) {
    return new JournalOptions(file, 64_000_000, "machine");
  }

  /** A chip whose one input gives pulses by the clock. */
  private static final class Punctual implements GpioChip, InputLine {
    private final Time time;
    private final Waiter waiter = Waiter.parking();
    private long next;
    private long numbered;

    Punctual(Time time) {
      this.time = time;
    }

    @Override
    public String where() {
      return "the clock";
    }

    @Override
    public Claim claim(String device, Pin pin) {
      long now = time.now().nanos();
      next = now / PERIOD_NANOS + 1;
      System.out.println("counting from " + now + " offset " + time.wall().offsetMillis() + " .");
      return new Claim.Claimed(this);
    }

    @Override
    public Waiter waiter() {
      return waiter;
    }

    @Override
    public MonotonicInstant arrival() {
      return new MonotonicInstant(next * PERIOD_NANOS);
    }

    @Override
    public State level() {
      return State.INACTIVE;
    }

    @Override
    public int drain(Edges to, int most) {
      long now = time.now().nanos();
      int drained = 0;
      for (; next * PERIOD_NANOS <= now && drained < most; drained++) {
        to.edge(next * PERIOD_NANOS, true, ++numbered);
        next++;
      }
      return drained;
    }

    @Override
    public void close() {}

    @Override
    public void release() {}
  }
}
