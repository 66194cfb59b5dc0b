package io.lingtan.agent.run;

/**
 * Time that moves only when told to, for tests and the simulator. The wall clock can be stepped,
 * distrusted, and the machine "rebooted". Used from one thread.
 */
public final class VirtualTime implements Time {

  private MonotonicInstant now = new MonotonicInstant(0);
  private int boots = 1;
  private Wall wall;

  /** Starts a first boot at the wall time given, trusted. */
  public VirtualTime(long wallMillisAtBoot) {
    this.wall = new Wall(wallMillisAtBoot, true, "system");
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
    return wall;
  }

  /** Moves on to {@code instant}; time never goes back. */
  public void advanceTo(MonotonicInstant instant) {
    if (instant.isBefore(now)) {
      throw new IllegalArgumentException(
          "time never goes back: from " + now.nanos() + " to " + instant.nanos());
    }
    now = instant;
  }

  public void advanceMillis(long millis) {
    advanceTo(now.plusMillis(millis));
  }

  /** Steps the wall clock without touching the monotonic one. */
  public void stepWallMillis(long millis) {
    wall = new Wall(wall.offsetMillis() + millis, wall.trusted(), wall.source());
  }

  public void trust(boolean trusted) {
    wall = new Wall(wall.offsetMillis(), trusted, trusted ? "system" : "none");
  }

  /** A new boot: another id, monotonic time from zero, the wall clock where it was plus the gap. */
  public void reboot(long millisAway) {
    long wallNow = wall.millisAt(now) + millisAway;
    boots++;
    now = new MonotonicInstant(0);
    wall = new Wall(wallNow, wall.trusted(), wall.source());
  }
}
