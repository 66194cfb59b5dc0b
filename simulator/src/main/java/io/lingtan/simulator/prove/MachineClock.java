package io.lingtan.simulator.prove;

import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.ClockFault;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of a simulated machine. Knows the world's time, which the machine does not: the
 * monotonic clock runs with it from each boot's zero, the wall clock as wrongly as the faults have
 * it. Used from one thread.
 */
final class MachineClock implements Time {

  /** As in the real one: smaller differences between the two clocks do not move the offset. */
  private static final long JITTER_MILLIS = 20;

  /** Whoever learns the time has written that down by then. */
  private static final long COMMIT_MILLIS = 5_000;

  private final List<ClockFault> faults;
  private final Holding<ClockFault> holding;
  private final SortedMap<String, Long> met = new TreeMap<>();
  private final Set<String> dated = new HashSet<>();
  private long worldAtBoot;
  private MonotonicInstant now = new MonotonicInstant(0);
  private int boots = 1;
  private long offset;
  private long metUntil;
  private @Nullable MonotonicInstant trusted;
  private long nextMeeting = Long.MAX_VALUE;

  /**
   * A machine that boots at this time of the world.
   *
   * @param worldMillis UTC ms
   */
  public MachineClock(long worldMillis, List<ClockFault> faults) {
    this.worldAtBoot = worldMillis;
    this.faults = List.copyOf(faults);
    this.holding = new Holding<>(faults);
    for (ClockFault fault : faults) {
      nextMeeting = Math.min(nextMeeting, fault.fromMillis());
    }
    this.metUntil = worldMillis;
    this.offset = worldMillis + wrongBy(worldMillis);
  }

  @Override
  public MonotonicInstant now() {
    return now;
  }

  @Override
  public String boot() {
    return "boot-" + boots;
  }

  @Override
  public Wall wall() {
    long world = worldMillis();
    long seen = worldAtBoot + wrongBy(world);
    if (Math.abs(seen - offset) > JITTER_MILLIS) {
      offset = seen;
    }
    if (!isTrusted(world)) {
      return new Wall(offset, false, "none");
    }
    MonotonicInstant since = trusted;
    if (since == null) {
      trusted = now;
    } else if (now.millisSince(since) >= COMMIT_MILLIS) {
      dated.add(boot());
    }
    return new Wall(offset, true, "ntp");
  }

  /** Whether somebody was told in a boot what time it was, and asked again a while later. */
  boolean wasDated(String boot) {
    return dated.contains(boot);
  }

  private long wrongBy(long world) {
    long wrong = 0;
    for (ClockFault fault : holding.at(world)) {
      wrong +=
          switch (fault) {
            case ClockFault.Absent absent -> absent.isAt(worldAtBoot) ? absent.wrongByMillis() : 0;
            case ClockFault.Stepped stepped -> stepped.byMillis();
            case ClockFault.Drift drift -> drift.wrongByMillis(world);
          };
    }
    return wrong;
  }

  private boolean isTrusted(long world) {
    for (ClockFault fault : holding.at(world)) {
      if (fault instanceof ClockFault.Absent && fault.isAt(worldAtBoot)) {
        return false;
      }
    }
    return true;
  }

  /** The true time, UTC ms. */
  public long worldMillis() {
    return worldAtBoot + now.millis();
  }

  /** The true time of an instant of this boot. */
  public WorldClock world() {
    return instant -> worldAtBoot + instant.millis();
  }

  /**
   * When the world shows {@code worldMillis}, on this boot's clock; its zero if that was before.
   */
  public MonotonicInstant instantAt(long worldMillis) {
    return MonotonicInstant.ofMillis(Math.max(0, worldMillis - worldAtBoot));
  }

  /** Moves on; time never goes back. */
  public void advanceTo(MonotonicInstant instant) {
    if (instant.isBefore(now)) {
      throw new IllegalArgumentException(
          "time never goes back: from " + now.nanos() + " to " + instant.nanos());
    }
    now = instant;
    meet();
  }

  /** The machine boots when the world shows {@code worldMillis}. */
  public void reboot(long worldMillis) {
    if (worldMillis < worldMillis()) {
      throw new IllegalArgumentException("a machine boots after it went down");
    }
    boots++;
    trusted = null;
    worldAtBoot = worldMillis;
    now = new MonotonicInstant(0);
    offset = worldMillis + wrongBy(worldMillis);
    meet();
  }

  private void meet() {
    long world = worldMillis();
    if (world < nextMeeting && now.nanos() > 0) {
      return;
    }
    nextMeeting = Long.MAX_VALUE;
    for (ClockFault fault : faults) {
      boolean begun =
          fault instanceof ClockFault.Absent
              ? now.nanos() == 0 && fault.isAt(worldAtBoot)
              : fault.fromMillis() > metUntil && fault.fromMillis() <= world;
      if (begun) {
        met.merge(fault.kind(), 1L, Long::sum);
      }
      if (fault.fromMillis() > world) {
        nextMeeting = Math.min(nextMeeting, fault.fromMillis());
      }
    }
    metUntil = world;
  }

  /** How many faults of each kind the machine has met. */
  public SortedMap<String, Long> injected() {
    return new TreeMap<>(met);
  }
}
