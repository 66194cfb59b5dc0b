package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.acquire.line.LineHealth;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.PulseSnapshot;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Counts the pulses and follows the levels at the inputs of one GPIO chip. Runs on the line's own
 * thread, or by hand on virtual time.
 *
 * <p>Crash contract: a total goes to the ledger as soon as it has grown, and is on the card with
 * the ledger's next commit. A crash costs at most the pulses since the last commit and those that
 * came while nobody counted; {@code meter.uncounted} then names the span. While this step is held
 * up, the kernel keeps {@code 1024} edges of each input; more are lost, and told as such.
 */
public final class PulseStep implements LineStep {

  private static final long MILLI = 1_000_000L;
  private static final long SPREAD_NANOS = 1_000 * MILLI;
  private static final long RETRY_NANOS = 10_000 * MILLI;

  private final Line.Gpio line;
  private final GpioChip chip;
  private final Outlet outlet;
  private final Future<Map<String, PulseTotal>> kept;
  private final List<GpioStation> stations = new ArrayList<>();
  private MonotonicInstant last = new MonotonicInstant(0);
  private MonotonicInstant due = new MonotonicInstant(0);
  private long claimDueNanos;
  private final LineHealth health;
  private boolean begun;
  private volatile LineSnapshot snapshot;

  /**
   * Opens nothing yet.
   *
   * @param outlet where samples, totals and events go
   * @param kept totals that an earlier run has kept, by device, as soon as the journal can tell;
   *     until then pulses are counted, but no total is known
   */
  public PulseStep(
      Line.Gpio line, Outlet outlet, GpioChip chip, Future<Map<String, PulseTotal>> kept) {
    this.line = line;
    this.chip = chip;
    this.outlet = outlet;
    this.health = new LineHealth(line.id(), chip::where, outlet);
    this.kept = kept;
    this.snapshot =
        LineSnapshot.ofInputs(
            line.id(), chip.where(), null, 0, 0, new PulseSnapshot(0, 0), List.of());
  }

  @Override
  public Waiter waiter() {
    return chip.waiter();
  }

  @Override
  public MonotonicInstant due() {
    return due.min(chip.arrival());
  }

  @Override
  public LineSnapshot snapshot() {
    return snapshot;
  }

  /** Runs on the line's thread. Returns how many things happened, 0 when idle. */
  @Override
  public int step(MonotonicInstant instant) {
    last = instant;
    long now = instant.nanos();
    if (!begun) {
      begin(now);
    }
    outlet.flush();
    int done = 0;
    if (now >= claimDueNanos) {
      claim(now);
      done++;
    }
    Map<String, PulseTotal> totals = totals();
    for (GpioStation station : stations) {
      boolean taken = station.isTaken();
      done += station.drain(now);
      station.total(totals);
      done += station.poll(now);
      if (taken && !station.isTaken()) {
        claimDueNanos = now;
      }
    }
    if (done > 0) {
      publish();
    }
    due = nextDue(now);
    return done;
  }

  private void begin(long now) {
    begun = true;
    claimDueNanos = now;
    int count = line.devices().size();
    long spread = SPREAD_NANOS;
    for (Device device : line.devices()) {
      spread = Math.min(spread, device.every().toNanos());
    }
    for (int i = 0; i < count; i++) {
      stations.add(new GpioStation(line.devices().get(i), outlet, now + spread * i / count));
    }
  }

  /** Takes the inputs that are not taken yet. */
  private void claim(long now) {
    List<Sentence> refused = new ArrayList<>();
    for (GpioStation station : stations) {
      Sentence words = station.claim(chip, now);
      if (words != null) {
        refused.add(words);
      }
    }
    claimDueNanos = refused.isEmpty() ? Long.MAX_VALUE : now + RETRY_NANOS;
    if (refused.isEmpty()) {
      health.works(now);
    } else {
      health.failsAnew(joined(refused), now);
    }
  }

  private static Sentence joined(List<Sentence> all) {
    List<Sentence> told = all.stream().distinct().toList();
    return new Sentence(
        told.stream().map(Sentence::english).collect(Collectors.joining("; ")),
        told.stream().map(Sentence::chinese).collect(Collectors.joining("；")));
  }

  private @Nullable Map<String, PulseTotal> totals() {
    return kept.state() == Future.State.SUCCESS ? kept.resultNow() : null;
  }

  private MonotonicInstant nextDue(long now) {
    long next = claimDueNanos;
    for (GpioStation station : stations) {
      next = Math.min(next, station.dueNanos());
    }
    if (outlet.isWaiting()) {
      next = Math.min(next, now + 100 * MILLI);
    }
    return new MonotonicInstant(Math.max(0, next));
  }

  private void publish() {
    List<DeviceSnapshot> devices = new ArrayList<>();
    long lost = 0;
    long discarded = 0;
    for (GpioStation station : stations) {
      devices.add(station.snapshot());
      lost += station.lost();
      discarded += station.discarded();
    }
    snapshot =
        LineSnapshot.ofInputs(
            line.id(),
            chip.where(),
            health.problem(),
            outlet.refusedSamples(),
            outlet.droppedEvents(),
            new PulseSnapshot(lost, discarded),
            devices);
  }

  /** Counts what the kernel still holds, records it, and gives the inputs back. */
  @Override
  public void close() {
    long now = last.nanos();
    Map<String, PulseTotal> totals = totals();
    for (GpioStation station : stations) {
      while (station.drain(now) > 0) {
        // until the kernel's buffer is empty
      }
      station.total(totals);
      station.close(now);
    }
    outlet.close();
    chip.release();
  }
}
