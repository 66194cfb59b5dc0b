package io.lingtan.agent.acquire;

import io.lingtan.agent.acquire.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Poll;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A device as its line sees it: what to ask, how it has answered so far, whether it is there. */
final class Station {

  private static final int REPLAN_FIRST = 32;
  private static final int REPLAN_EVERY = 1024;
  private static final long REPLAN_LEAST_NANOS = 2_000_000L;
  private static final long FORGET_NANOS = 3_600_000_000_000L;

  private final Device device;
  private final WireCost initialCost;
  private final List<Task> tasks = new ArrayList<>();
  private final Breaker breaker = new Breaker();
  private final LateReplies late;
  private final Recorder recorder;
  private @Nullable SunSpecChain chain;
  private int sunspecBase = 40_000;

  private long notBeforeNanos;
  private long meanReplyNanos;
  private long meanDelayNanos;
  private long longestReplyNanos;
  private long replies;
  private long learnedNanos;

  private long polls;
  private long timeouts;
  private long crcErrors;
  private long exceptions;
  private long polledNanos = -1;
  private long answeredNanos = -1;
  private Values lastValues = Values.NONE;
  private Map<Point, Reason> lastBad = Map.of();
  private @Nullable Reason failure;
  private @Nullable String failureDetail;
  private DeviceSnapshot snapshot;

  /**
   * @param late what its unit may still answer; shared by all that is asked under one unit id
   * @param phaseNanos when it is asked first
   */
  Station(Device device, WireCost cost, LateReplies late, String boot, long phaseNanos) {
    this.device = device;
    this.late = late;
    this.initialCost = cost;
    this.recorder = new Recorder(device, boot, phaseNanos);
    tasks.add(new Task(this, false, device.every().toNanos(), phaseNanos));
    for (Device.Group group : device.groups()) {
      tasks.add(new Task(this, true, group.every().toNanos(), phaseNanos));
    }
    if (isSunSpec()) {
      chain = new SunSpecChain();
    } else {
      plan(registers(device, Map.of()));
    }
    snapshot = shoot();
  }

  Device device() {
    return device;
  }

  /**
   * What frames and pauses cost here; its delay is the one assumed before anything was measured.
   */
  WireCost cost() {
    return initialCost;
  }

  List<Task> tasks() {
    return tasks;
  }

  /** Number of the group whose points the task reads, from 0; -1 for the device's own. */
  int groupOf(Task task) {
    return tasks.indexOf(task) - 1;
  }

  Breaker breaker() {
    return breaker;
  }

  LateReplies late() {
    return late;
  }

  Recorder recorder() {
    return recorder;
  }

  private boolean isSunSpec() {
    return device.profile().protocol() == Protocol.SUNSPEC;
  }

  // What to ask.

  /** The discovery under way; null if the device's map is known. */
  @Nullable SunSpecChain chain() {
    return chain;
  }

  /**
   * Ends a discovery; returns whether the device has a model that the profile knows. If not, the
   * next poll searches again.
   */
  boolean adopt(SunSpecChain found) {
    List<Register> registers =
        found.isFound() ? registers(device, found.models()) : List.<Register>of();
    if (registers.isEmpty()) {
      chain = new SunSpecChain();
      return false;
    }
    sunspecBase = found.baseAddress();
    plan(registers);
    chain = null;
    return true;
  }

  /** Begins the discovery anew, because it failed half-way or the device was silent for a while. */
  void rediscover() {
    if (isSunSpec()) {
      chain = new SunSpecChain();
      for (Task task : tasks) {
        task.plan(null);
      }
    }
  }

  private void plan(List<Register> registers) {
    for (int i = 0; i < tasks.size(); i++) {
      List<Register> members = membersOf(device, registers, i - 1);
      tasks.get(i).plan(new Planner(members, device.profile().maxWords(), initialCost));
    }
  }

  /** The registers of group number {@code group}, or for -1 of no group. */
  static List<Register> membersOf(Device device, List<Register> registers, int group) {
    Set<Point> points = new HashSet<>();
    if (group >= 0) {
      points.addAll(device.groups().get(group).points());
      return registers.stream().filter(register -> points.contains(register.point())).toList();
    }
    for (Device.Group other : device.groups()) {
      points.addAll(other.points());
    }
    return registers.stream().filter(register -> !points.contains(register.point())).toList();
  }

  /**
   * Every value of the device at its place.
   *
   * @param models where each SunSpec model is; a point that several models have is taken from the
   *     first in the profile's order, and what a shorter model than the profile's lacks from none
   */
  static List<Register> registers(Device device, Map<Integer, SunSpecChain.Model> models) {
    DeviceProfile profile = device.profile();
    List<Register> registers = new ArrayList<>();
    if (profile.protocol() != Protocol.SUNSPEC) {
      for (RegisterPoint source : profile.points()) {
        add(registers, source, 0, device);
      }
      return registers;
    }
    Set<Point> taken = new HashSet<>();
    for (var model : profile.models().entrySet()) {
      SunSpecChain.Model found = models.get(model.getKey());
      if (found != null) {
        for (RegisterPoint source : model.getValue()) {
          if (found.has(source) && taken.add(source.point())) {
            add(registers, source, found.address(), device);
          }
        }
      }
    }
    return registers;
  }

  private static void add(List<Register> to, RegisterPoint source, int base, Device device) {
    Point point = source.point();
    if (point != null) {
      BigDecimal ratio =
          switch (source.ratio()) {
            case NONE -> BigDecimal.ONE;
            case CT -> device.ct();
            case PT -> device.pt();
            case CT_PT -> device.ct().multiply(device.pt());
          };
      boolean sunspec = device.profile().protocol() == Protocol.SUNSPEC;
      to.add(new Register(source, point, base, ratio, sunspec));
    }
  }

  /** One register that the device is likely to answer for. */
  BlockRead probe() {
    for (Task task : tasks) {
      if (!task.blocks().isEmpty()) {
        BlockRead first = task.blocks().getFirst().read();
        return new BlockRead(first.function(), first.address(), 1);
      }
    }
    return new BlockRead(3, isSunSpec() ? sunspecBase : 0, 1);
  }

  /** The device refused something: it is remembered, but not for ever. */
  void learned(long now) {
    learnedNanos = now;
  }

  /** Forgets refusals after an hour. */
  void refresh(long now) {
    if (now - learnedNanos >= FORGET_NANOS) {
      forgetRefusals();
    }
  }

  void forgetRefusals() {
    for (Task task : tasks) {
      Planner planner = task.planner();
      if (planner != null && planner.hasRefusals()) {
        planner.forget();
      }
    }
  }

  // How it answers.

  /** Not to be asked anything before. */
  long notBeforeNanos() {
    return notBeforeNanos;
  }

  void leaveAloneUntil(long nanos) {
    notBeforeNanos = Math.max(notBeforeNanos, nanos);
  }

  /** Longest time from request to reply seen lately; 0 if none was. */
  long longestReplyNanos() {
    return longestReplyNanos;
  }

  /** An answer came; from time to time the plan is made anew with the delay that was measured. */
  void replied(long replyNanos, long wireNanos) {
    long delay = Math.max(0, replyNanos - wireNanos);
    if (replies == 0) {
      meanReplyNanos = replyNanos;
      meanDelayNanos = delay;
    } else {
      meanReplyNanos += (replyNanos - meanReplyNanos) / 16;
      meanDelayNanos += (delay - meanDelayNanos) / 16;
    }
    // An outlier is remembered for a while, not for ever.
    longestReplyNanos = Math.max(replyNanos, longestReplyNanos - longestReplyNanos / 256);
    replies++;
    if (replies == REPLAN_FIRST || replies % REPLAN_EVERY == 0) {
      replan();
    }
  }

  private void replan() {
    for (Task task : tasks) {
      Planner planner = task.planner();
      if (planner != null) {
        long used = planner.cost().delayNanos();
        long change = Math.abs(meanDelayNanos - used);
        if (change > used / 2 && change > REPLAN_LEAST_NANOS) {
          planner.use(initialCost.withDelay(meanDelayNanos));
        }
      }
    }
  }

  void countTimeout() {
    timeouts++;
  }

  void countGarbled() {
    crcErrors++;
  }

  void countException() {
    exceptions++;
  }

  /** A poll is over, for whoever looks. */
  void polled(Poll poll, boolean group) {
    polls++;
    polledNanos = poll.atNanos();
    switch (poll) {
      case Poll.Answered(var id, var at, var values, var bad) -> {
        answeredNanos = at;
        boolean whole = !group && tasks.size() == 1 && bad.isEmpty();
        lastValues =
            whole
                ? values
                : new Values.Builder()
                    .putAll(lastValues.without(bad.keySet()))
                    .putAll(values)
                    .build();
        lastBad = bad;
        failure = null;
        failureDetail = null;
      }
      case Poll.Failed(var id, var at, var reason, var detail) -> {
        failure = reason;
        failureDetail = detail;
      }
    }
    snapshot = shoot();
  }

  /** Something beside a poll has changed that the page shows. */
  void changed() {
    snapshot = shoot();
  }

  DeviceSnapshot snapshot() {
    return snapshot;
  }

  private DeviceSnapshot shoot() {
    return new DeviceSnapshot(
        device.id(),
        device.profile().name(),
        Integer.toString(device.unit()),
        device.every().toMillis(),
        polledNanos,
        answeredNanos,
        lastValues,
        lastBad,
        failure,
        failureDetail,
        polls,
        timeouts,
        crcErrors,
        exceptions,
        meanReplyNanos / 1000,
        breaker.isOpen());
  }
}
