package io.lingtan.agent.acquire.gpio;

import io.lingtan.agent.acquire.gpio.GpioChip.Claim;
import io.lingtan.agent.acquire.gpio.InputLine.State;
import io.lingtan.agent.acquire.line.LastRead;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.line.Recorder;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Micros;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.GpioInput;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A device at an input of a chip: whether it can be had, its total, and what is recorded of it. */
final class GpioStation {

  private static final long MINUTE_NANOS = 60_000_000_000L;
  private static final Point PULSES = Point.of(Quantity.PULSES);
  private static final Point POWER = Point.of(Quantity.POWER);

  private final Device device;
  private final GpioInput input;
  private final Outlet outlet;
  private final Recorder recorder;
  private final InputWatch watch;

  /** Null where no active energy is counted. */
  private final @Nullable PulsePower power;

  private @Nullable InputLine line;
  private Sentence refusal = new Sentence("not taken yet", "还没有取得");
  private long takenNanos;
  private long pulsesWhenTaken;
  private long countedUntilNanos = -1;
  private boolean inGap;
  private long gapSinceMillis;

  /** Pulses of earlier runs; -1 while that is not known. */
  private long base = -1;

  private boolean isNew;
  private long offered = -1;
  private long lost;
  private boolean lostInPeriod;

  private long scheduledNanos;
  private long failedRecordNanos = Long.MIN_VALUE;
  private long polls;
  private long answeredNanos = -1;
  private final LastRead lastRead;

  /**
   * @param phaseNanos when it is recorded first
   */
  GpioStation(Device device, Outlet outlet, long phaseNanos) {
    this.device = device;
    this.input = Objects.requireNonNull(device.gpio(), "a device of a GPIO line has an input");
    this.outlet = outlet;
    this.recorder = new Recorder(device, outlet.boot(), phaseNanos);
    this.lastRead = new LastRead(device.every().toNanos());
    this.scheduledNanos = phaseNanos;
    boolean risingOnly = input.pin().debounce().isZero();
    this.power =
        input instanceof GpioInput.Pulses pulses && pulses.powerSign() != 0
            ? new PulsePower(pulses, device.ct().multiply(device.pt()))
            : null;
    this.watch = new InputWatch(input.pin().debounce(), risingOnly && isPulses(), sink);
  }

  private boolean isPulses() {
    return input instanceof GpioInput.Pulses;
  }

  private final InputWatch.Sink sink =
      new InputWatch.Sink() {
        @Override
        public void changed(boolean active, long atNanos) {
          if (input instanceof GpioInput.Level level) {
            outlet.notice(
                Event.of("meter.state", Severity.INFO, device.id())
                    .with("before", word(level, !active))
                    .with("after", word(level, active)),
                atNanos);
          }
        }

        @Override
        public void pulse(long atNanos) {
          if (power != null) {
            power.pulse(atNanos);
          }
        }

        @Override
        public void lost(long edges, long pulses, long atNanos) {
          if (power != null) {
            power.interrupted();
          }
          if (isPulses()) {
            lost += pulses;
            lostInPeriod = true;
            boolean exact = input.pin().debounce().isZero();
            outlet.notice(
                Event.of("meter.lost_pulses", Severity.WARNING, device.id())
                    .with(exact ? "pulses" : "pulses_at_most", pulses)
                    .with("edges", edges),
                atNanos);
          }
        }
      };

  // The input.

  /** Takes the input if it is not taken; returns why it cannot be, null if it is. */
  @Nullable Sentence claim(GpioChip chip, long now) {
    if (line != null) {
      return null;
    }
    switch (chip.claim(device.id(), input.pin())) {
      case Claim.Refused(Sentence words) -> refusal = words;
      case Claim.Claimed(InputLine taken) -> {
        State level = taken.level();
        if (level != State.GONE) {
          line = taken;
          // To take one can last: until now nobody counted.
          takenNanos = outlet.nowNanos();
          pulsesWhenTaken = watch.pulses();
          watch.begin(level == State.ACTIVE, now);
          return null;
        }
        taken.close();
        refusal =
            new Sentence(
                "the input of " + device.id() + " cannot be read", device.id() + " 的输入读不出来");
      }
    }
    return refusal;
  }

  /** Whether it is taken. */
  boolean isTaken() {
    return line != null;
  }

  /** Takes what has come to the input; returns how many edges. */
  int drain(long now) {
    InputLine taken = line;
    if (taken == null) {
      return 0;
    }
    long before = watch.pulses();
    int drained = watch.drain(taken, now);
    if (drained < 0) {
      lose(taken, now);
      return 1;
    }
    // A pulse that is under way is not in the total: an end now would lose it.
    countedUntilNanos = Math.min(now, watch.openSinceNanos());
    // A level that has turned out to hold is something that happened, though no edge came.
    return drained + (watch.pulses() != before ? 1 : 0);
  }

  private void lose(InputLine taken, long now) {
    taken.close();
    line = null;
    refusal =
        new Sentence("the input of " + device.id() + " has gone away", device.id() + " 的输入不见了");
    watch.end();
    if (power != null) {
      power.interrupted();
    }
    if (!inGap) {
      inGap = true;
      gapSinceMillis = outlet.millis(countedUntilNanos < 0 ? now : countedUntilNanos);
    }
  }

  // The total.

  /**
   * Goes on from the total that an earlier run has kept.
   *
   * @param kept null if that cannot be told yet
   */
  void total(@Nullable Map<String, PulseTotal> kept) {
    if (!isPulses()) {
      return;
    }
    if (base < 0 && kept != null) {
      PulseTotal total = kept.get(device.id());
      base = total == null ? 0 : total.pulses();
      isNew = total == null;
      if (total != null) {
        inGap = true;
        gapSinceMillis = total.tsMillis();
      }
    }
    if (base < 0) {
      return;
    }
    if (isNew && line != null) {
      isNew = false;
      outlet.notice(
          Event.of("meter.counting", Severity.INFO, device.id()).with("pulses", base), takenNanos);
    }
    if (inGap && line != null) {
      inGap = false;
      // The next record says so too, or nobody who adds up the records would know.
      lostInPeriod = true;
      Event event = Event.of("meter.uncounted", Severity.WARNING, device.id());
      // The event's own time is the end of the span.
      outlet.notice(
          (gapSinceMillis < 0 ? event : event.with("since", gapSinceMillis))
              .with("pulses", base + pulsesWhenTaken),
          takenNanos);
    }
    if (total() != offered) {
      offerTotal();
    }
  }

  private long total() {
    return base + watch.pulses();
  }

  /** A total holds up to when the input was read last, which may be a while ago. */
  private void offerTotal() {
    if (countedUntilNanos >= 0 && outlet.count(device.id(), countedUntilNanos, total())) {
      offered = total();
    }
  }

  // What is recorded.

  /** Records what is due; returns how many polls that were. */
  int poll(long now) {
    if (now < scheduledNanos) {
      return 0;
    }
    long every = device.every().toNanos();
    long scheduled = scheduledNanos + (now - scheduledNanos) / every * every;
    scheduledNanos = scheduled + every;
    polls++;
    InputLine taken = line;
    if (taken != null && !watch.look(taken, now)) {
      lose(taken, now);
    }
    if (line == null) {
      failed(now, Reason.CONFIG);
    } else if (isPulses() && base < 0) {
      failed(now, Reason.STALE);
    } else {
      answered(scheduled, now);
    }
    return 1;
  }

  private void answered(long scheduled, long now) {
    failedRecordNanos = Long.MIN_VALUE;
    answeredNanos = now;
    SortedMap<Point, Reason> bad = new TreeMap<>();
    Values values = read(now, bad);
    lastRead.answered(now, values, bad);
    List<Sample> samples = recorder.answered(scheduled, now, true, values, bad, scheduledNanos);
    samples.forEach(outlet::offer);
    if (!samples.isEmpty()) {
      lostInPeriod = false;
      if (isPulses()) {
        // Also one that has not grown: until when it is whole says where a gap begins.
        offerTotal();
      }
    }
  }

  private Values read(long now, SortedMap<Point, Reason> bad) {
    Values.Builder read = new Values.Builder();
    switch (input) {
      case GpioInput.Level level -> read.state(word(level, watch.isActive()));
      case GpioInput.Pulses pulses -> {
        Point point = pulses.point();
        if (lostInPeriod) {
          bad.put(PULSES, Reason.LOST_PULSES);
          if (point != null) {
            bad.put(point, Reason.LOST_PULSES);
          }
          if (power != null) {
            bad.put(POWER, Reason.LOST_PULSES);
          }
          return Values.NONE;
        }
        read.put(PULSES, Math.multiplyExact(total(), Micros.ONE));
        if (point != null) {
          amount(pulses, point, read, bad);
        }
        if (power != null) {
          power(power, now, read, bad);
        }
      }
    }
    return read.build();
  }

  private void amount(
      GpioInput.Pulses pulses, Point point, Values.Builder read, SortedMap<Point, Reason> bad) {
    try {
      read.put(point, pulses.micros(total(), device.ct().multiply(device.pt())));
    } catch (ArithmeticException e) {
      bad.put(point, Reason.RANGE);
    }
  }

  /** Its time is that of the reading: until then no other pulse has come. */
  private static void power(
      PulsePower power, long now, Values.Builder read, SortedMap<Point, Reason> bad) {
    try {
      Long micros = power.read(now);
      if (micros == null) {
        bad.put(POWER, Reason.STALE);
      } else {
        read.put(POWER, micros);
      }
    } catch (ArithmeticException e) {
      bad.put(POWER, Reason.RANGE);
    }
  }

  private static String word(GpioInput.Level level, boolean active) {
    return active ? level.active() : level.inactive();
  }

  /** Recorded at once, and then once a minute. */
  private void failed(long now, Reason reason) {
    lastRead.failed(reason, problem(), Map.of());
    if (failedRecordNanos == Long.MIN_VALUE) {
      recorder.end(now).forEach(outlet::offer);
    }
    if (failedRecordNanos == Long.MIN_VALUE || now - failedRecordNanos >= MINUTE_NANOS) {
      failedRecordNanos = now;
      outlet.offer(Sample.failed(device.id(), outlet.boot(), now, reason));
    }
  }

  /** When there is something to do though no edge comes. */
  long dueNanos() {
    return Math.min(scheduledNanos, watch.dueNanos());
  }

  /** Pulses lost in the kernel since start; where both edges are taken, at most. */
  long lost() {
    return lost;
  }

  /** Edges since start that were bounce or noise. */
  long discarded() {
    return watch.discarded();
  }

  private String problem() {
    return line == null
        ? refusal.english()
        : "the total is not known until the journal can be read";
  }

  DeviceSnapshot snapshot() {
    Reason failure = lastRead.failure();
    return new DeviceSnapshot(
        device.id(),
        device.profile().name(),
        "offset " + input.pin().offset(),
        device.every().toMillis(),
        answeredNanos,
        lastRead.reads(),
        lastRead.bad(),
        failure,
        failure == null ? null : lastRead.detail(),
        polls,
        0,
        0,
        0,
        0,
        line == null && failure != null,
        0,
        0,
        Collections.emptySortedMap(),
        -1,
        false);
  }

  /** Records what has come since the last record, and gives the input back. */
  void close(long now) {
    if (line != null && (!isPulses() || base >= 0)) {
      SortedMap<Point, Reason> bad = new TreeMap<>();
      Values values = read(now, bad);
      recorder
          .answered(scheduledNanos, now, true, values, bad, scheduledNanos)
          .forEach(outlet::offer);
      recorder.end(now).forEach(outlet::offer);
    }
    InputLine taken = line;
    if (taken != null) {
      taken.close();
      line = null;
    }
  }
}
