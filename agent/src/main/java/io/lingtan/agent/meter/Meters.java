package io.lingtan.agent.meter;

import io.lingtan.agent.meter.Roles.Source;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Times;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.agent.site.place.Sun;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Every figure of every meter of a site, fed by samples. */
public final class Meters {

  private final IntervalGrid grid;
  private final List<MeterChannel> channels = new ArrayList<>();
  private final Map<String, List<MeterChannel>> byDevice = new HashMap<>();
  private final Set<String> failing = new HashSet<>();
  private long touchedFrom = Long.MAX_VALUE;

  public Meters(Site site, IntervalGrid grid) {
    this.grid = grid;
    Map<String, Device> devices = new HashMap<>();
    site.devices().forEach(device -> devices.put(device.id(), device));
    Sun sun = new Sun(site.place().lat(), site.place().lon());
    long maxInterpolation = site.metering().maxInterpolation().toMillis();
    List<Meter> behind = site.metering().meters().stream().filter(Meter::isBehindInverter).toList();
    Set<String> bridges = new HashSet<>();
    for (Meter meter : site.metering().meters()) {
      Device device = devices.get(meter.device());
      if (device == null) {
        throw new IllegalArgumentException(
            "meter " + meter.id() + " names device " + meter.device() + ", which is not there");
      }
      List<Source> sources = new ArrayList<>(Roles.of(meter, device));
      if (meter.role() == Role.PV && meter.isBehindInverter() && bridges.add(device.id())) {
        sources.addAll(Roles.bridge(meter, device, behind));
      }
      for (Source source : sources) {
        MeterChannel channel =
            new MeterChannel(meter, device, source, grid, maxInterpolation, sun, site.place());
        channels.add(channel);
        byDevice.computeIfAbsent(device.id(), id -> new ArrayList<>()).add(channel);
      }
    }
  }

  /** In the site file's order. */
  public List<MeterChannel> channels() {
    return List.copyOf(channels);
  }

  /** Takes a sample; tells what its registers did. */
  public void observe(Sample sample, Mark at, Consumer<Event> events) {
    for (MeterChannel channel : byDevice.getOrDefault(sample.device(), List.of())) {
      try {
        touchedFrom = Math.min(touchedFrom, channel.observe(sample, at, events));
        failing.remove(channel.name());
      } catch (RuntimeException e) {
        // One register's fault must not stop the others'.
        if (failing.add(channel.name())) {
          events.accept(
              Event.of("meter.not_counted", Severity.ALARM, sample.device())
                  .with("register", channel.key())
                  .with("why", String.valueOf(e.getMessage())));
        }
      }
    }
  }

  /** What is counted in these times is not believed. */
  public void doubt(Times times) {
    channels.forEach(channel -> channel.doubt(times));
  }

  /** Another meter hangs in the place of {@code device}. */
  public void exchanged(String device) {
    byDevice.getOrDefault(device, List.of()).forEach(MeterChannel::exchanged);
  }

  /** What the journal had was taken up, and new readings follow. */
  public void resumed() {
    channels.forEach(MeterChannel::resumed);
  }

  /** Whether every figure has a believed reading at or after {@code end}. */
  public boolean isKnownUntil(long end) {
    for (MeterChannel channel : channels) {
      if (channel.knownUntil() < end) {
        return false;
      }
    }
    return true;
  }

  /**
   * The hour in which the oldest gap begins that is still open and is not longer than {@code
   * longest}: base intervals from there on wait for its end. {@code horizon} if none is that old.
   */
  public long openSince(long horizon, long longest) {
    long since = horizon;
    for (MeterChannel channel : channels) {
      long known = channel.knownUntil();
      if (known < since && known >= horizon - longest) {
        since = grid.start("1h", known);
      }
    }
    return since;
  }

  /**
   * The earliest instant whose figures may have changed since this was last asked, {@link
   * Long#MAX_VALUE} if none have.
   */
  public long takeTouchedFrom() {
    long from = touchedFrom;
    touchedFrom = Long.MAX_VALUE;
    return from;
  }

  /** Forgets boundaries before {@code horizon}, except those in {@code pins}. */
  public void forget(long horizon, Collection<Long> pins) {
    channels.forEach(channel -> channel.forget(horizon, pins));
  }

  /** Writes all state down, for {@link #restore}. */
  public void checkpoint(CheckpointWriter to) {
    to.text(grid.zone().getId()).text(grid.base()).number(touchedFrom);
    to.number(failing.size());
    failing.stream().sorted().forEach(to::text);
    to.number(channels.size());
    for (MeterChannel channel : channels) {
      CheckpointWriter own = new CheckpointWriter();
      channel.checkpoint(own);
      to.text(channel.name()).bytes(own.bytes());
    }
  }

  /**
   * Takes up what {@link #checkpoint} wrote. The site may have changed: a channel that is not there
   * any more is forgotten, a new one starts empty.
   *
   * @return the grid on which that was: {@link #regrid} if its base intervals are others
   * @throws IllegalArgumentException if the bytes are torn
   */
  public IntervalGrid restore(CheckpointReader from) {
    IntervalGrid before = grid(from.text(), from.text());
    boolean sameGrid = before.isSame(grid);
    touchedFrom = from.number();
    for (int left = from.count(); left > 0; left--) {
      failing.add(from.text());
    }
    Map<String, MeterChannel> byName = new HashMap<>();
    channels.forEach(channel -> byName.put(channel.name(), channel));
    for (int left = from.count(); left > 0; left--) {
      MeterChannel channel = byName.get(from.text());
      byte[] own = from.bytes();
      if (channel != null) {
        channel.restore(new CheckpointReader(own), sameGrid);
      }
    }
    return before;
  }

  private static IntervalGrid grid(String zone, String base) {
    try {
      return new IntervalGrid(ZoneId.of(zone), base);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("the checkpoint names no zone but " + zone, e);
    }
  }

  /**
   * An interval that the wall clock leaves.
   *
   * @param left until when base intervals were told
   * @param until how far it was counted
   */
  public LeftInterval left(long start, long end, long left, long until) {
    Map<String, LeftInterval.Counted> counts = new HashMap<>();
    channels.forEach(channel -> channel.left(start, until, counts));
    return new LeftInterval(start, end, left, counts);
  }

  /**
   * The wall clock was set back by hours: every line begins again there, with what it has counted
   * since the last interval that was told.
   *
   * @param to where it goes on, UTC ms
   * @param next end of what was told
   * @param keep where intervals begin that go on
   * @param back intervals that the clock returns to, latest first
   */
  public void setBack(long to, long next, Collection<Long> keep, List<LeftInterval> back) {
    channels.forEach(channel -> channel.setBack(to, next, keep, back));
  }

  /**
   * The wall clock returns to time that it had left: what was counted until here lies where it was,
   * what is counted from here on lies there.
   *
   * @param to where it goes on, UTC ms, a boundary
   * @param now the time by now
   * @param ends boundaries that are skipped
   * @param back intervals that the clock returns to, latest first
   */
  public void goOn(long to, long now, Collection<Long> ends, List<LeftInterval> back) {
    channels.forEach(channel -> channel.goOn(to, now, ends, back));
  }

  /** Begins anew at the last readings: boundaries of another grid mean nothing. */
  public void regrid() {
    channels.forEach(MeterChannel::regrid);
  }
}
