package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ScheduleSnapshot;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.line.Recorder;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.Planning;
import io.lingtan.agent.acquire.wire.Channel.Trouble;
import io.lingtan.agent.acquire.wire.LateReplies;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Poll;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The devices of a line: whose turn it is, who is offline, and what their polls have come to. Asks
 * nobody itself.
 */
final class Roster {

  private static final long MILLI = 1_000_000L;

  private final Line line;
  private final Outlet outlet;
  private final List<Station> stations = new ArrayList<>();
  private final Map<Object, LateReplies> lateByName = new HashMap<>();

  /** What the journal has of each device's serial number, or will have. */
  private final Map<String, String> serials = new HashMap<>();

  /** How many stations are offline: none but on a bad day. */
  private int offline;

  private long skipped;

  /** Names that somebody asked by hand are many on a bad day; those that owe nothing are let go. */
  private static final int MOST_NAMES = 1024;

  /**
   * @param now when the first device is asked first
   */
  Roster(Line line, Outlet outlet, long now) {
    this.line = line;
    this.outlet = outlet;
    for (int i = 0; i < line.devices().size(); i++) {
      Device device = line.devices().get(i);
      String address = device.address();
      Object name =
          address == null ? Integer.valueOf(device.unit()) : Address.of(address).toString();
      Phase phase = Phase.of(line.devices(), i, now);
      stations.add(new Station(line, device, late(name), outlet.boot(), phase));
    }
  }

  /**
   * What a unit may still answer late.
   *
   * @param name unit id of a Modbus unit, twelve digits of a DL/T 645 meter
   */
  LateReplies late(Object name) {
    if (lateByName.size() >= MOST_NAMES && !lateByName.containsKey(name)) {
      lateByName.values().removeIf(late -> !isOfStation(late));
    }
    return lateByName.computeIfAbsent(name, any -> new LateReplies());
  }

  private boolean isOfStation(LateReplies late) {
    return stations.stream().anyMatch(station -> station.late() == late);
  }

  /** Character form of a known unit, else the line's; null where that is not ours to say. */
  @Nullable CharacterFormat formatOf(int unit) {
    for (Station station : stations) {
      if (station.address() == null && station.device().unit() == unit) {
        return station.format();
      }
    }
    return ownFormat();
  }

  /** The same of a DL/T 645 meter. */
  @Nullable CharacterFormat formatOf(Address meter) {
    for (Station station : stations) {
      if (meter.equals(station.address())) {
        return station.format();
      }
    }
    return ownFormat();
  }

  private @Nullable CharacterFormat ownFormat() {
    return line instanceof Line.Serial serial ? serial.format() : null;
  }

  /** A device that answers under the unit id in Modbus; null if there is none. */
  @Nullable Station station(int unit) {
    for (int i = 0; i < stations.size(); i++) {
      Station station = stations.get(i);
      if (station.address() == null && station.device().unit() == unit) {
        return station;
      }
    }
    return null;
  }

  /** Whether the line has no devices of its own. */
  boolean isEmpty() {
    return stations.isEmpty();
  }

  /**
   * Whether the line can do something else for so long and still every poll ends before its
   * deadline, those included that fall due meanwhile (the demand of each task up to each deadline;
   * Baruah, Rosier and Howell 1990).
   */
  boolean hasRoom(long nanos, long now) {
    for (int i = 0; i < stations.size(); i++) {
      List<Task> tasks = stations.get(i).tasks();
      for (int j = 0; j < tasks.size() && !stations.get(i).breaker().isOpen(); j++) {
        long until = tasks.get(j).deadlineNanos();
        if (now + nanos + demandNanos(until) > until) {
          return false;
        }
      }
    }
    return true;
  }

  /** Line time that an inquiry of a unit takes that answers its polls; -1 of any other. */
  long nanosAnswered(InquiryRun run) {
    for (int i = 0; i < stations.size(); i++) {
      Station station = stations.get(i);
      if (station.late() == run.late()) {
        return station.isAnswering() ? station.measuredCost().nanos(run.sent()) : -1;
      }
    }
    return -1;
  }

  /** Line time of all polls that must be over by {@code until}, and a twentieth more. */
  private long demandNanos(long until) {
    long sum = 0;
    for (int i = 0; i < stations.size(); i++) {
      Station station = stations.get(i);
      List<Task> tasks = station.tasks();
      for (int j = 0; j < tasks.size() && !station.breaker().isOpen(); j++) {
        Task task = tasks.get(j);
        long deadline = task.deadlineNanos();
        if (deadline <= until) {
          Planning planner = task.planner();
          long cost = planner == null ? UNPLANNED_NANOS : planner.nanos(station.measuredCost());
          sum += ((until - deadline) / task.everyNanos() + 1) * cost;
        }
      }
    }
    return sum + sum / 20;
  }

  /** What a device is given that must be searched for its map first. */
  private static final long UNPLANNED_NANOS = 300 * MILLI;

  // Whose turn it is.

  /** The task to do now, earliest deadline first; null if none is due. */
  @Nullable Task due(long now) {
    Task first = null;
    for (int i = 0; i < stations.size(); i++) {
      Station station = stations.get(i);
      if (station.breaker().isOpen() || station.isAsked()) {
        continue;
      }
      List<Task> tasks = station.tasks();
      for (int j = 0; j < tasks.size(); j++) {
        Task task = tasks.get(j);
        if (task.releaseNanos() <= now) {
          skipMissed(task, now);
          if (station.notBeforeNanos() <= now
              && (first == null || task.deadlineNanos() < first.deadlineNanos())) {
            first = task;
          }
        }
      }
    }
    return first;
  }

  private void skipMissed(Task task, long now) {
    long missed = task.skipMissed(now);
    skipped += missed;
    if (missed > 0 && !task.isGroup()) {
      record(task.station().recorder().due(task.releaseNanos()));
    }
  }

  /** An offline device whose probe is due; null if there is none. */
  @Nullable Station probeDue(long now) {
    for (int i = 0; i < stations.size() && offline > 0; i++) {
      Station station = stations.get(i);
      if (station.breaker().isOpen()
          && !station.isAsked()
          && station.breaker().probeDueNanos() <= now
          && station.notBeforeNanos() <= now) {
        return station;
      }
    }
    return null;
  }

  /** When something is due next on a line that is open and idle from {@code quietUntil} on. */
  long nextTurn(long quietUntil) {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < stations.size(); i++) {
      Station station = stations.get(i);
      if (station.isAsked()) {
        continue;
      }
      long turn = Long.MAX_VALUE;
      if (station.breaker().isOpen()) {
        turn = station.breaker().probeDueNanos();
      } else {
        turn = nextRelease(station);
      }
      next = Math.min(next, Math.max(turn, station.notBeforeNanos()));
    }
    return Math.max(next, quietUntil);
  }

  /** When the next poll of a device that is not offline is due, be the line open or not. */
  long nextRelease() {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < stations.size(); i++) {
      if (!stations.get(i).breaker().isOpen()) {
        next = Math.min(next, nextRelease(stations.get(i)));
      }
    }
    return next;
  }

  private static long nextRelease(Station station) {
    long next = Long.MAX_VALUE;
    List<Task> tasks = station.tasks();
    for (int j = 0; j < tasks.size(); j++) {
      next = Math.min(next, tasks.get(j).releaseNanos());
    }
    return next;
  }

  // What polls come to.

  /**
   * A poll is over: records it, and notices when the device has gone offline.
   *
   * @param probeCostNanos line time that a probe of this device takes in vain
   */
  void finish(PollRun poll, long probeCostNanos, long now) {
    poll.finish();
    Task task = poll.task();
    Station station = task.station();
    Recorder recorder = station.recorder();
    String id = station.device().id();
    long next = task.releaseNanos();
    if (poll.isAnswered()) {
      station.identity().answered(now);
      Values values = poll.values();
      SortedMap<Point, Reason> bad = poll.bad();
      station.polled(task, new Poll.Answered(id, poll.atNanos(), values, bad), bad);
      if (task.isGroup()) {
        recorder.answeredGroup(
            station.groupOf(task), poll.atNanos(), poll.hasCounters(), values, bad);
      } else {
        record(
            recorder.answered(
                poll.scheduled(), poll.atNanos(), poll.hasCounters(), values, bad, next));
      }
      return;
    }
    Reason known = poll.reason();
    Reason reason = known != null ? known : nothingToAsk(poll);
    station.polled(task, new Poll.Failed(id, now, reason, poll.detail()), poll.bad());
    if (task.isGroup()) {
      recorder.failedGroup(station.groupOf(task), now, poll.bad());
    } else {
      record(recorder.failed(poll.scheduled(), now, reason, next));
    }
    if (!poll.isHeard()) {
      station.unheard(now);
    }
    boolean silent = !poll.isHeard() && !poll.isLeftAlone() && known != null;
    if (silent && station.breaker().pollFailed()) {
      offline(station, reason, poll.detail(), probeCostNanos, now);
    }
  }

  /** Every value of the plan has been refused, or it has none. */
  private static Reason nothingToAsk(PollRun poll) {
    return poll.bad().isEmpty() ? Reason.CONFIG : poll.bad().firstEntry().getValue();
  }

  /** Without a line each poll that is due fails at once and costs nothing. Returns how many. */
  int failDue(Trouble trouble, long probeCostNanos, long now) {
    int failed = 0;
    for (Station station : stations) {
      for (Task task : station.tasks()) {
        if (!station.breaker().isOpen() && !station.isAsked() && task.releaseNanos() <= now) {
          skipMissed(task, now);
          PollRun poll = new PollRun(task, task.begin());
          poll.failed(trouble.reason(), trouble.words().english());
          finish(poll, probeCostNanos, now);
          failed++;
        }
      }
    }
    return failed;
  }

  private void record(List<Sample> samples) {
    for (int i = 0; i < samples.size(); i++) {
      outlet.offer(samples.get(i));
    }
  }

  /** Records the minute's sample of each offline device; returns how many. */
  int recordOffline(long now) {
    int recorded = 0;
    for (int i = 0; i < stations.size() && offline > 0; i++) {
      Station station = stations.get(i);
      if (station.breaker().isOpen()) {
        Sample sample = station.recorder().stillOffline(now);
        if (sample != null) {
          outlet.offer(sample);
          recorded++;
          if (station.isAsleep() && !outlet.isDark(now)) {
            overslept(station, now);
          }
        }
      }
    }
    return recorded;
  }

  /** When the next such sample is due. */
  long nextOfflineRecord() {
    long next = Long.MAX_VALUE;
    for (int i = 0; i < stations.size() && offline > 0; i++) {
      if (stations.get(i).breaker().isOpen()) {
        next = Math.min(next, stations.get(i).recorder().offlineDueNanos());
      }
    }
    return next;
  }

  /** Records what has been polled since the last record. */
  void close(long now) {
    for (Station station : stations) {
      if (!station.breaker().isOpen()) {
        record(station.recorder().end(now));
      }
    }
  }

  // Who is there.

  private void offline(
      Station station, Reason reason, String detail, long probeCostNanos, long now) {
    offline++;
    record(station.recorder().offline(reason, now));
    planProbe(station, probeCostNanos, now);
    if (station.maySleep() && outlet.isDark(now)) {
      station.sleep(true);
      outlet.notice(
          Event.of("meter.asleep", Severity.INFO, station.device().id()).with("line", line.id()),
          now);
    } else {
      tellOffline(station, reason.code(), detail, now);
    }
    station.changed();
  }

  private void tellOffline(Station station, String reason, String detail, long now) {
    outlet.notice(
        Event.of("meter.offline", Severity.WARNING, station.device().id())
            .with("line", line.id())
            .with("reason", reason)
            .with("detail", detail),
        now);
  }

  /** The sun is up, and it does not answer. */
  private void overslept(Station station, long now) {
    DeviceSnapshot shown = station.snapshot();
    Reason reason = shown.failure();
    String detail = shown.failureDetail();
    station.sleep(false);
    tellOffline(
        station,
        reason == null ? Reason.TIMEOUT.code() : reason.code(),
        detail == null ? "" : detail,
        now);
    station.changed();
  }

  /** The device has said something valid. */
  void heard(Station station, long now) {
    station.heard(now);
    boolean first = !station.breaker().isKnown();
    if (station.breaker().answered()) {
      online(station, now);
    } else if (first) {
      nudgeOthers(now);
    }
  }

  private void online(Station station, long now) {
    offline--;
    station.sleep(false);
    outlet.notice(
        Event.of("meter.online", Severity.INFO, station.device().id()).with("line", line.id()),
        now);
    station.forgetRefusals();
    station.rediscover();
    station.identity().renew();
    for (Task task : station.tasks()) {
      task.resume(now);
    }
    nudgeOthers(now);
    station.changed();
  }

  /** What an earlier run has kept of who is where; who has told another name already is another. */
  void keep(Map<String, String> kept, long now) {
    for (Station station : stations) {
      String id = station.device().id();
      String before = kept.get(id);
      String told = station.identity().known().get(Identity.SERIAL);
      if (before == null) {
        continue;
      }
      if (told == null) {
        serials.put(id, before);
        station.identity().keep(before);
      } else if (!told.equals(before)) {
        exchanged(station, before, told, now);
      }
    }
  }

  /** Whether it matters what an earlier run has kept. */
  boolean hasSerials() {
    return stations.stream().anyMatch(station -> station.hasSerial());
  }

  private void exchanged(Station station, String before, String after, long now) {
    record(station.recorder().end(now));
    SequencedMap<String, String> detail = new LinkedHashMap<>();
    detail.put("old_serial", before);
    detail.put("new_serial", after);
    outlet.exchanged(station.device().id(), detail, now);
    station.exchanged();
  }

  /** The device has said who it is. */
  void named(Station station, Identity.Change change, long now) {
    String id = station.device().id();
    String oldSerial = change.oldSerial();
    if (oldSerial != null) {
      exchanged(station, oldSerial, change.newSerial(), now);
    }
    String serial = change.newSerial();
    if (oldSerial == null && !serial.isEmpty() && !serial.equals(serials.put(id, serial))) {
      outlet.identified(id, serial);
    } else if (oldSerial != null) {
      serials.put(id, serial);
    }
    Set<Point> before = station.suspects();
    Set<String> differing = station.compareRatios();
    if (!before.equals(station.suspects())) {
      outlet.notice(ratioEvent(station, differing), now);
    }
    station.changed();
  }

  private static Event ratioEvent(Station station, Set<String> differing) {
    Device device = station.device();
    Event event =
        Event.of(
            differing.isEmpty() ? "meter.ratio_good" : "meter.ratio",
            differing.isEmpty() ? Severity.INFO : Severity.ALARM,
            device.id());
    for (String name : differing) {
      BigDecimal site = name.equals(Identity.CT) ? device.ct() : device.pt();
      event =
          event
              .with(name + "_site", site.toPlainString())
              .with(name + "_meter", station.identity().known().getOrDefault(name, "?"));
    }
    return event;
  }

  /** The line was away: any of its meters may have been exchanged meanwhile. */
  void renewIdentities() {
    for (Station station : stations) {
      station.identity().renew();
    }
  }

  private void nudgeOthers(long now) {
    for (Station other : stations) {
      other.breaker().nudge(now);
    }
  }

  /** The line itself is back: each offline device is asked at once. */
  void probeAllNow(long now) {
    for (Station station : stations) {
      station.breaker().probeNow(now);
    }
  }

  /** Plans the next probe of an offline device after one in vain. */
  void planProbe(Station station, long costNanos, long now) {
    station.breaker().planProbe(now, costNanos, offline, offline < stations.size());
  }

  // For whoever looks.

  List<DeviceSnapshot> snapshots() {
    DeviceSnapshot[] devices = new DeviceSnapshot[stations.size()];
    for (int i = 0; i < devices.length; i++) {
      devices[i] = stations.get(i).snapshot();
    }
    return List.of(devices);
  }

  /** What the line is asked for, units that are offline left out. */
  ScheduleSnapshot schedule() {
    int blocks = 0;
    long cycleNanos = 0;
    double share = 0;
    for (Station station : stations) {
      if (station.breaker().isOpen()) {
        continue;
      }
      WireCost cost = station.measuredCost();
      for (Task task : station.tasks()) {
        Planning planner = task.planner();
        if (planner != null) {
          long nanos = planner.nanos(cost);
          blocks += planner.blocks().size();
          cycleNanos += nanos;
          share += (double) nanos / task.everyNanos();
        }
      }
    }
    return new ScheduleSnapshot(blocks, cycleNanos / 1000, (int) Math.round(100 * share));
  }

  /** Polls left out since start because the line was behind. */
  long skipped() {
    return skipped;
  }
}
