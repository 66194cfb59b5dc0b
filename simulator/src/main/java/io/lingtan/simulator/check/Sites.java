package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Ratio;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.device.Measuring;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway's site file said, and when: which devices there were, under which ids, how their
 * registers were scaled, and which figures follow from it. The first file has everything that any
 * later one has. Times are the world's.
 */
public final class Sites {

  /** From a start to the first record: what came before is of the file before. */
  private static final long START_MILLIS = 1_000;

  /** A gateway's clock that is slewed may be so far off. */
  static final long CLOCK_MILLIS = 30_000;

  private final Map<String, Measuring> meters;
  private final Version whole;
  private final NavigableMap<Long, Version> versions = new TreeMap<>();

  /**
   * One site file.
   *
   * @param devices what it says of each device that there is, by the id that this has in the first
   * @param meant ids of the first file, by those of this one
   * @param metered devices that measure a meter
   * @param expected by device, as far as it was asked for: {@link #expected(Version, String)}
   */
  record Version(
      Site site,
      Map<String, Device> devices,
      Map<String, String> meant,
      Set<String> metered,
      Figure.Book book,
      Map<String, List<Point>> expected) {}

  /**
   * @param meters the simulated ones, by device id
   */
  Sites(Site first, Map<String, Measuring> meters) {
    this.meters = meters;
    this.whole = version(first, Map.of(), new Figure.Book(first, meters));
    versions.put(Long.MIN_VALUE, whole);
  }

  private static Version version(Site site, Map<String, String> renamed, Figure.Book book) {
    Map<String, Device> devices = new HashMap<>();
    Map<String, String> meant = new HashMap<>();
    for (Device device : site.devices()) {
      String id = renamed.getOrDefault(device.id(), device.id());
      devices.put(id, device);
      meant.put(device.id(), id);
    }
    Set<String> metered = new HashSet<>();
    site.metering().meters().forEach(meter -> metered.add(meant.get(meter.device())));
    return new Version(site, devices, meant, metered, book, new HashMap<>());
  }

  /**
   * A gateway starts with a site file.
   *
   * @param since when the agent ended that had the file before
   * @param renamed which device of the first file another id in this one means
   */
  public void inForce(long since, Site site, Map<String, String> renamed) {
    if (site.sha256().equals(last().site.sha256())) {
      return;
    }
    Map<String, Measuring> named = new HashMap<>(meters);
    renamed.forEach((id, device) -> named.put(id, meters.get(device)));
    Figure.Book book = new Figure.Book(site, named, whole.book.counters());
    if (book.counters().size() != whole.book.counters().size()) {
      throw new IllegalArgumentException("a later site file counts what the first does not");
    }
    versions.put(since, version(site, renamed, book));
  }

  /** The first file. */
  Version whole() {
    return whole;
  }

  /** The one that is in force in the end. */
  Version last() {
    return versions.lastEntry().getValue();
  }

  /** The file that an agent had at a time. */
  Version at(long millis) {
    return versions.lowerEntry(millis - START_MILLIS).getValue();
  }

  /** The file of which a record is; null if it may be one or another. */
  @Nullable Version of(List<Long> worlds) {
    Version found = null;
    for (long world : worlds) {
      Version version = at(world);
      if (found != null && !found.site.sha256().equals(version.site.sha256())) {
        return null;
      }
      found = version;
    }
    return found;
  }

  /** The device that an id means in a record, by its id in the first file; null if it is none. */
  @Nullable String meant(String id, List<Long> worlds) {
    for (int i = worlds.size() - 1; i >= 0; i--) {
      String meant = at(worlds.get(i)).meant.get(id);
      if (meant != null) {
        return meant;
      }
    }
    return null;
  }

  /**
   * Until when a device last had the id that it has at a time, before it had another; the time
   * itself if it always had it, or got it back more than {@code recently} ago.
   */
  long lastNamed(String device, long at, long recently) {
    String id = id(at(at), device);
    long began = at;
    boolean hadAnother = false;
    for (Map.Entry<Long, Version> each :
        versions.headMap(at - START_MILLIS, false).descendingMap().entrySet()) {
      boolean isSame = Objects.equals(id, id(each.getValue(), device));
      if (isSame && hadAnother) {
        return began;
      }
      if (!isSame && !hadAnother && began < at - recently) {
        return at;
      }
      hadAnother |= !isSame;
      began = each.getKey();
    }
    return at;
  }

  private static @Nullable String id(Version version, String device) {
    Device now = version.devices.get(device);
    return now == null ? null : now.id();
  }

  /** The files that were in force at any time of a span. */
  private Collection<Version> within(long from, long until) {
    Long first = versions.floorKey(from);
    return versions.subMap(first == null ? Long.MIN_VALUE : first, true, until, true).values();
  }

  /** Whether in all of a span a device was read, measured a meter, and was scaled as before. */
  boolean isSteady(String device, long from, long until) {
    for (Version version : within(from, until)) {
      if (!version.metered.contains(device)) {
        return false;
      }
    }
    return !isRescaled(device, from, until);
  }

  /** Whether the scale of a device's registers was changed in a span. */
  boolean isRescaled(String device, long from, long until) {
    Device before = null;
    for (Version version : within(from, until)) {
      Device now = version.devices.get(device);
      if (now != null
          && before != null
          && (before.ct().compareTo(now.ct()) != 0 || before.pt().compareTo(now.pt()) != 0)) {
        return true;
      }
      before = now == null ? before : now;
    }
    return false;
  }

  /** Whether the file in force gives a device another ratio than the first, the meter's own. */
  boolean isMisread(String device, long at) {
    return isMisread(device, at(at));
  }

  /**
   * Since when the files gave a device another ratio than the one that it shows: all that its
   * registers count is suspect then. The time itself if they did not.
   */
  long suspectSince(String device, long at) {
    long since = at;
    for (Map.Entry<Long, Version> each :
        versions.headMap(at - START_MILLIS, false).descendingMap().entrySet()) {
      if (!showsRatio(device) || !isMisread(device, each.getValue())) {
        break;
      }
      since = each.getKey();
    }
    return since;
  }

  /** Until when they do, {@link Long#MAX_VALUE} for ever. */
  long suspectUntil(String device, long at) {
    if (!showsRatio(device) || !isMisread(device, at)) {
      return at;
    }
    for (Map.Entry<Long, Version> each : versions.tailMap(at, false).entrySet()) {
      if (!isMisread(device, each.getValue())) {
        return each.getKey();
      }
    }
    return Long.MAX_VALUE;
  }

  private boolean isMisread(String device, Version version) {
    Device own = whole.devices.get(device);
    Device now = version.devices.get(device);
    return own != null
        && now != null
        && (own.ct().compareTo(now.ct()) != 0 || own.pt().compareTo(now.pt()) != 0);
  }

  /**
   * Whether a device shows a transformer ratio of its own: one that is read by another is suspect
   * then, and nothing good may rest on it.
   */
  boolean showsRatio(String device) {
    Device own = whole.devices.get(device);
    return own != null
        && (own.profile().identity().containsKey("ct")
            || own.profile().identity().containsKey("pt"));
  }

  /** Whether every file of a span names just the same meters. */
  boolean isSame(long from, long until) {
    Set<String> before = null;
    for (Version version : within(from, until)) {
      if (before != null && !before.equals(version.metered)) {
        return false;
      }
      before = version.metered;
    }
    return true;
  }

  /**
   * What every reading of a device tells of, by one file: all points that it has, that its profile
   * names, and that are neither held back by a deadband nor asked for at times of their own.
   */
  List<Point> expected(Version version, String device) {
    return version.expected.computeIfAbsent(
        device, id -> expected(version.devices.get(id), meters.get(id)));
  }

  private static List<Point> expected(@Nullable Device device, @Nullable Measuring meter) {
    if (device == null || meter == null || !device.groups().isEmpty()) {
      return List.of();
    }
    Set<Point> named = new HashSet<>();
    device.profile().allPoints().forEach(register -> named.add(register.point()));
    return meter.points().stream()
        .filter(point -> named.isEmpty() || named.contains(point))
        .filter(point -> !device.deadband().containsKey(point))
        .toList();
  }

  /** The longest record period of a device in a span, ms; 0 if it is in no file. */
  long recordMillis(String device, long from, long until) {
    long longest = 0;
    for (Version version : within(from - CLOCK_MILLIS, until + CLOCK_MILLIS)) {
      Device now = version.devices.get(device);
      longest = Math.max(longest, now == null ? 0 : now.record().toMillis());
    }
    return longest;
  }

  /** A time in which a device was in no file. */
  record Absence(String device, long from, long until) {}

  /** Every time in which a device was in no file, up to the start after it. */
  List<Absence> absences() {
    List<Absence> absences = new ArrayList<>();
    for (String device : whole.devices.keySet()) {
      for (Map.Entry<Long, Version> each : versions.entrySet()) {
        if (!each.getValue().devices.containsKey(device)) {
          Long next = versions.higherKey(each.getKey());
          absences.add(new Absence(device, each.getKey(), next == null ? Long.MAX_VALUE : next));
        }
      }
    }
    return absences;
  }

  /** The greatest that a point of a device is multiplied by in a span, as {@link #scale}. */
  BigDecimal scale(String device, Point point, long from, long until) {
    if (versions.size() == 1) {
      return BigDecimal.ONE;
    }
    BigDecimal greatest = null;
    for (Version version : within(from, until)) {
      BigDecimal scale = scale(version, device, point);
      greatest = greatest == null ? scale : greatest.max(scale);
    }
    return greatest == null ? BigDecimal.ONE : greatest;
  }

  /** The same as far as it may be believed. */
  BigDecimal believed(Version version, String device, Point point) {
    return showsRatio(device) ? BigDecimal.ONE : scale(version, device, point);
  }

  /** What a point of a device is multiplied by in a file, in relation to what is right. */
  BigDecimal scale(Version version, String device, Point point) {
    Device now = version.devices.get(device);
    Device right = whole.devices.get(device);
    if (now == null || right == null || versions.size() == 1) {
      return BigDecimal.ONE;
    }
    for (RegisterPoint register : now.profile().allPoints()) {
      if (point.equals(register.point())) {
        return ratio(now, register.ratio()).divide(ratio(right, register.ratio()));
      }
    }
    return BigDecimal.ONE;
  }

  private static BigDecimal ratio(Device device, Ratio ratio) {
    return switch (ratio) {
      case NONE -> BigDecimal.ONE;
      case CT -> device.ct();
      case PT -> device.pt();
      case CT_PT -> device.ct().multiply(device.pt());
    };
  }
}
