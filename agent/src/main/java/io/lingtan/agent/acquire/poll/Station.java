package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.item.Address;
import io.lingtan.agent.acquire.item.ItemRead;
import io.lingtan.agent.acquire.line.Breaker;
import io.lingtan.agent.acquire.line.LastRead;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.Recorder;
import io.lingtan.agent.acquire.modbus.BlockRead;
import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.DataItem;
import io.lingtan.agent.acquire.plan.Identity;
import io.lingtan.agent.acquire.plan.Planning;
import io.lingtan.agent.acquire.plan.Ratios;
import io.lingtan.agent.acquire.plan.RecordValue;
import io.lingtan.agent.acquire.plan.Register;
import io.lingtan.agent.acquire.plan.SunSpecChain;
import io.lingtan.agent.acquire.plan.WireValue;
import io.lingtan.agent.acquire.wire.Ask;
import io.lingtan.agent.acquire.wire.LateReplies;
import io.lingtan.agent.acquire.wire.WireCost;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Poll;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.Protocol;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Line.CharacterFormat;
import io.lingtan.agent.site.reply.InReply.RecordKey;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A device as its line sees it: what to ask, how it has answered so far, whether it is there. */
public final class Station {

  /** The SunSpec model in which a device names itself. */
  private static final Point POWER = Point.of(Quantity.POWER);

  /** A hundredth of its rating, where it is known. */
  private static final double IDLE_MICROS_PER_KILOWATT = 1e7;

  private static final int COMMON_MODEL = 1;

  private static final int REPLAN_FIRST = 32;
  private static final int REPLAN_EVERY = 1024;
  private static final long REPLAN_LEAST_NANOS = 2_000_000L;

  /** Nobody exchanges a meter faster. */
  private static final long SILENCE_NANOS = 10_000_000_000L;

  private static final int MOST_SERIALS = 16;

  private static final long FORGET_NANOS = 3_600_000_000_000L;

  /**
   * What every DL/T 645 meter has, to ask for where its answer is wanted only to bring the order
   * back: the forward energy and the time of day.
   */
  private static final List<Ask.Item> COMMON_ITEMS =
      List.of(
          new Ask.Item(new ItemRead(0x0001_0000, 4)), new Ask.Item(new ItemRead(0x0400_0102, 3)));

  private final Device device;
  private final WireCost initialCost;
  private final @Nullable CharacterFormat format;
  private final @Nullable Address address;
  private final List<Task> tasks = new ArrayList<>();
  private final Breaker breaker = new Breaker();
  private boolean asleep;
  private final LateReplies late;
  private final Recorder recorder;
  private @Nullable SunSpecChain chain;
  private Identity identity;
  private Set<Point> suspects = Set.of();
  private boolean asked;
  private int sunspecBase = 40_000;

  private long notBeforeNanos;
  private long meanReplyNanos;
  private long meanDelayNanos;
  private long longestReplyNanos;
  private long replies;
  private long learnedNanos;

  private long heardNanos = Long.MIN_VALUE;
  private long polls;
  private long timeouts;
  private long crcErrors;
  private long exceptions;
  private long answeredNanos = -1;
  private DeviceSnapshot snapshot;

  /**
   * @param late what its unit may still answer; shared by all that is asked under one unit id
   * @param phase when it is asked
   */
  Station(Line line, Device device, LateReplies late, String boot, Phase phase) {
    this.device = device;
    this.late = late;
    this.initialCost = WireCost.of(line, device);
    this.format =
        line instanceof Line.Serial serial
            ? Objects.requireNonNullElse(device.framing(), serial.format())
            : null;
    String digits = device.address();
    this.address = digits == null ? null : Address.of(digits);
    this.identity = new Identity(device.profile(), 0);
    long own = device.every().toNanos();
    long first = phase.firstNanos();
    this.recorder = new Recorder(device, boot, phase.ofNanos(own));
    tasks.add(new Task(this, false, own, first, phase.ofNanos(own)));
    for (Device.Group group : device.groups()) {
      long every = group.every().toNanos();
      tasks.add(new Task(this, true, every, first, phase.ofGroupNanos(every, own)));
    }
    if (isSunSpec()) {
      chain = new SunSpecChain();
    } else {
      plan(values(device, Map.of()));
    }
    snapshot = shoot();
  }

  Device device() {
    return device;
  }

  /** Address of a meter that has one; null of a Modbus unit. */
  @Nullable Address address() {
    return address;
  }

  /**
   * Speed and character form that the port must have for it; null where that is not ours to say.
   */
  @Nullable CharacterFormat format() {
    return format;
  }

  /** Whether a request to it is out, or a poll of it under way. */
  boolean isAsked() {
    return asked;
  }

  void asked(boolean now) {
    asked = now;
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

  /** Whether it is a source that sleeps at night, and gave next to nothing when it last said. */
  boolean maySleep() {
    if (!device.profile().sleepsAtNight() || !device.profile().kind().isSource()) {
      return false;
    }
    Values last = tasks.getFirst().lastRead().values();
    return !last.has(POWER)
        || Math.abs(last.micros(POWER)) < device.ratedKw() * IDLE_MICROS_PER_KILOWATT;
  }

  /** Whether it is silent because it sleeps. */
  boolean isAsleep() {
    return asleep;
  }

  void sleep(boolean sleeps) {
    asleep = sleeps;
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
    List<WireValue> values =
        found.isFound() ? values(device, found.models()) : List.<WireValue>of();
    if (values.isEmpty()) {
      chain = new SunSpecChain();
      return false;
    }
    sunspecBase = found.baseAddress();
    SunSpecChain.Model common = found.models().get(COMMON_MODEL);
    if (common != null) {
      identity = new Identity(device.profile(), common.address()).after(identity);
    }
    plan(values);
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

  private void plan(List<WireValue> values) {
    for (int i = 0; i < tasks.size(); i++) {
      List<WireValue> members = membersOf(device, values, i - 1);
      tasks.get(i).plan(Planning.of(members, device.profile().maxWords(), initialCost));
    }
  }

  /** The values of group number {@code group}, or for -1 of no group. */
  static List<WireValue> membersOf(Device device, List<WireValue> values, int group) {
    Set<Point> points = new HashSet<>();
    if (group >= 0) {
      points.addAll(device.groups().get(group).points());
      return values.stream().filter(value -> points.contains(value.point())).toList();
    }
    for (Device.Group other : device.groups()) {
      points.addAll(other.points());
    }
    return values.stream().filter(value -> !points.contains(value.point())).toList();
  }

  /**
   * Every value of the device at its place.
   *
   * @param models where each SunSpec model is; a point that several models have is taken from the
   *     first in the profile's order, and what a shorter model than the profile's lacks from none
   */
  public static List<WireValue> values(Device device, Map<Integer, SunSpecChain.Model> models) {
    DeviceProfile profile = device.profile();
    List<WireValue> values = new ArrayList<>();
    if (profile.protocol() != Protocol.SUNSPEC) {
      for (RegisterPoint source : profile.points()) {
        add(values, source, 0, device);
      }
      return values;
    }
    Set<Point> taken = new HashSet<>();
    for (var model : profile.models().entrySet()) {
      SunSpecChain.Model found = models.get(model.getKey());
      if (found != null) {
        for (RegisterPoint source : model.getValue()) {
          if (found.has(source) && taken.add(source.point())) {
            add(values, source, found.address(), device);
          }
        }
      }
    }
    return values;
  }

  private static void add(List<WireValue> to, RegisterPoint source, int base, Device device) {
    Point point = source.point();
    if (point != null) {
      BigDecimal ratio = device.ratio(source.ratio());
      if (source.place() instanceof RecordKey key) {
        to.add(new RecordValue(source, key, point, ratio));
        return;
      }
      boolean sunspec = device.profile().protocol() == Protocol.SUNSPEC;
      to.add(
          source.function() == RegisterPoint.ITEM
              ? new DataItem(source, point, ratio)
              : new Register(source, point, base, ratio, sunspec));
    }
  }

  /** One value that the device is likely to answer for. */
  Ask probe() {
    for (Task task : tasks) {
      if (!task.blocks().isEmpty()) {
        return switch (task.blocks().getFirst().ask()) {
          case Ask.Registers(var first) ->
              new Ask.Registers(new BlockRead(first.function(), first.address(), 1));
          case Ask.Item item -> item;
          case Ask.AnyMeter any -> any;
          case Ask.Telegrams all -> all;
        };
      }
    }
    return address != null
        ? COMMON_ITEMS.getFirst()
        : new Ask.Registers(new BlockRead(3, isSunSpec() ? sunspecBase : 0, 1));
  }

  /**
   * What to ask instead of {@code wanted}, so that no late reply can be taken for its own; null if
   * there is nothing of the kind, and its polls fail until its late replies are past.
   */
  @Nullable Ask distinct(Ask wanted, long now) {
    return switch (wanted) {
      case Ask.Registers(var read) -> {
        BlockRead other = late.distinct(read, device.profile().maxWords(), now);
        yield other == null ? null : other.equals(read) ? wanted : new Ask.Registers(other);
      }
      case Ask.Item item -> distinctItem(item, now);
      case Ask.AnyMeter any -> any;
      case Ask.Telegrams all -> all;
    };
  }

  private @Nullable Ask distinctItem(Ask.Item wanted, long now) {
    if (!late.isOwed(wanted, now)) {
      return wanted;
    }
    if (device.profile().protocol() == Protocol.CJT188) {
      return distinctSerial(wanted.read(), now);
    }
    for (Task task : tasks) {
      for (Block block : task.blocks()) {
        if (!late.isOwed(block.ask(), now)) {
          return block.ask();
        }
      }
    }
    for (Ask common : COMMON_ITEMS) {
      if (!late.isOwed(common, now)) {
        return common;
      }
    }
    return null;
  }

  /** The same with another serial, by which its answer is known. */
  private @Nullable Ask distinctSerial(ItemRead read, long now) {
    for (int serial = 1; serial <= MOST_SERIALS; serial++) {
      Ask other = new Ask.Item(new ItemRead(read.id(), read.bytes(), serial));
      if (!late.isOwed(other, now)) {
        return other;
      }
    }
    return null;
  }

  // Who it says it is.

  Identity identity() {
    return identity;
  }

  /** Whether the device has a serial number to tell. */
  boolean hasSerial() {
    return device.profile().identity().containsKey(Identity.SERIAL)
        || device.profile().protocol() == Protocol.MBUS;
  }

  /** Points whose ratio the meter contradicts. */
  Set<Point> suspects() {
    return suspects;
  }

  /**
   * Compares the meter's own ratios with the site file's.
   *
   * @return the names of the ratios that differ: {@code ct pt}
   */
  Set<String> compareRatios() {
    Ratios ratios = Ratios.of(device, identity);
    suspects = ratios.suspects();
    return ratios.differing();
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
      Planning planner = task.planner();
      if (planner != null && planner.hasRefusals()) {
        planner.forget();
      }
    }
  }

  // How it answers.

  /** It has said something valid. */
  void heard(long now) {
    heardNanos = now;
  }

  /**
   * A poll is over in which it said nothing valid. Once it has been silent for as long as somebody
   * needs to put another meter in its place, it has to say who it is before its values count.
   */
  void unheard(long now) {
    if (heardNanos == Long.MIN_VALUE || now - heardNanos >= SILENCE_NANOS) {
      identity.unheard();
    }
  }

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
      Planning planner = task.planner();
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

  /**
   * A poll of the task is over, for whoever looks.
   *
   * @param bad points of which it gave no value, and why
   */
  void polled(Task task, Poll poll, Map<Point, Reason> bad) {
    polls++;
    switch (poll) {
      case Poll.Answered(var id, var at, var values, var absent) -> {
        answeredNanos = at;
        task.lastRead().answered(at, values, absent);
      }
      case Poll.Failed(var id, var at, var reason, var detail) ->
          task.lastRead().failed(reason, detail, bad);
    }
    snapshot = shoot();
  }

  /** Another meter is in its place. */
  void exchanged() {
    forgetRefusals();
    tasks.forEach(task -> task.lastRead().forget());
  }

  /** Something beside a poll has changed that the page shows. */
  void changed() {
    snapshot = shoot();
  }

  DeviceSnapshot snapshot() {
    return snapshot;
  }

  /** What asking it costs with the delay that has been measured. */
  WireCost measuredCost() {
    return replies == 0 ? initialCost : initialCost.withDelay(meanDelayNanos);
  }

  /** Whether it has answered, and is not offline. */
  boolean isAnswering() {
    return replies > 0 && !breaker.isOpen();
  }

  private int blocks() {
    int blocks = 0;
    for (int i = 0; i < tasks.size(); i++) {
      blocks += tasks.get(i).blocks().size();
    }
    return blocks;
  }

  private DeviceSnapshot shoot() {
    LastRead own = tasks.getFirst().lastRead();
    List<LineSnapshot.ReadSnapshot> reads = own.reads();
    Map<Point, Reason> bad = own.bad();
    LastRead failed = own;
    if (tasks.size() > 1) {
      reads = new ArrayList<>();
      bad = new HashMap<>();
      for (Task task : tasks) {
        LastRead last = task.lastRead();
        reads.addAll(last.reads());
        bad.putAll(last.bad());
        if (failed.failure() == null) {
          failed = last;
        }
      }
    }
    Reason failure = failed.failure();
    return new DeviceSnapshot(
        device.id(),
        device.profile().name(),
        address == null ? Integer.toString(device.unit()) : address.toString(),
        device.every().toMillis(),
        answeredNanos,
        reads,
        bad,
        failure,
        failure == null ? null : failed.detail(),
        polls,
        timeouts,
        crcErrors,
        exceptions,
        meanReplyNanos / 1000,
        breaker.isOpen(),
        meanDelayNanos / 1000,
        blocks(),
        identity.known(),
        breaker.isOpen() ? breaker.probeDueNanos() : tasks.getFirst().releaseNanos(),
        asleep);
  }
}
