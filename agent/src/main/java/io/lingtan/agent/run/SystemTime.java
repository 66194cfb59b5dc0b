package io.lingtan.agent.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The machine's own clocks.
 *
 * <p>The monotonic clock is Linux {@code CLOCK_MONOTONIC}, which {@code System.nanoTime} reads; it
 * is the same in every process of one boot. The wall clock is turned into one offset that stays as
 * it is until the wall clock has really been stepped: reading two clocks one after the other
 * jitters, and jitter must not move time stamps.
 */
public final class SystemTime implements Time {

  /** Smaller differences between the two clocks are jitter of reading them. */
  private static final long JITTER_MILLIS = 20;

  private static final long TRUST_EVERY_NANOS = 1_000_000_000L;
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final List<String> trust;
  private final String boot;
  private volatile Wall wall;
  private volatile long trustCheckedNanos;
  private volatile @Nullable Long phoneOffsetMillis;

  /**
   * @param trust what may vouch for the wall clock, of {@code ntp rtc phone system}
   * @throws UncheckedIOException if the kernel does not name its boot
   */
  public SystemTime(List<String> trust) {
    this.trust = List.copyOf(trust);
    try {
      this.boot = Files.readString(BOOT_ID).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + BOOT_ID + ": Lingtan needs Linux", e);
    }
    this.trustCheckedNanos = System.nanoTime();
    this.wall = look();
  }

  @Override
  public MonotonicInstant now() {
    return new MonotonicInstant(System.nanoTime());
  }

  @Override
  public String boot() {
    return boot;
  }

  @Override
  public Wall wall() {
    Wall known = wall;
    long nanos = System.nanoTime();
    if (nanos - trustCheckedNanos >= TRUST_EVERY_NANOS) {
      trustCheckedNanos = nanos;
      Wall seen = look();
      boolean stepped = Math.abs(seen.offsetMillis() - known.offsetMillis()) > JITTER_MILLIS;
      if (stepped || seen.trusted() != known.trusted()) {
        known =
            new Wall(
                stepped ? seen.offsetMillis() : known.offsetMillis(),
                seen.trusted(),
                seen.source());
        wall = known;
      }
    }
    return known;
  }

  @Override
  public ClockAnswer tell(long wallMillis) {
    if (!trust.contains("phone")) {
      return ClockAnswer.NOT_TRUSTED;
    }
    String source = look().source();
    if (source.equals("ntp") || source.equals("system")) {
      return ClockAnswer.NOT_NEEDED;
    }
    long offset = wallMillis - now().millis();
    phoneOffsetMillis = offset;
    wall = new Wall(offset, true, "phone");
    return ClockAnswer.TAKEN;
  }

  private Wall look() {
    Long phone = phoneOffsetMillis;
    long offset = System.currentTimeMillis() - System.nanoTime() / 1_000_000L;
    for (String source : trust) {
      boolean vouches =
          switch (source) {
            case "system" -> true;
            case "ntp" -> KernelClock.synchronised();
            // Whoever stands before the machine has looked: that is better than its battery.
            case "rtc" -> phone == null && KernelClock.startedFromRtc();
            case "phone" -> phone != null;
            default -> false;
          };
      if (vouches) {
        long dated = source.equals("phone") && phone != null ? phone : offset;
        return new Wall(dated, true, source);
      }
    }
    return new Wall(offset, false, "none");
  }
}
