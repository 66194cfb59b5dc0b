package io.lingtan.agent.acquire.poll;

import io.lingtan.agent.acquire.item.ItemReply;
import io.lingtan.agent.acquire.line.LastRead;
import io.lingtan.agent.acquire.line.LineSnapshot;
import io.lingtan.agent.acquire.line.Plausible;
import io.lingtan.agent.acquire.mbus.Telegrams;
import io.lingtan.agent.acquire.modbus.ModbusReply.Words;
import io.lingtan.agent.acquire.plan.Block;
import io.lingtan.agent.acquire.plan.DataItem;
import io.lingtan.agent.acquire.plan.Planning;
import io.lingtan.agent.acquire.plan.RecordValue;
import io.lingtan.agent.acquire.plan.Register;
import io.lingtan.agent.acquire.plan.WireValue;
import io.lingtan.agent.acquire.wire.Outcome;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Values;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One poll under way: which blocks are still to be asked, and what has come of the others. */
final class PollRun {

  /** A unit that is silent so often within one poll is not asked for the rest. */
  private static final int MOST_SILENT = 2;

  private static final int MOST_RETRIES = 4;

  private final Task task;
  private final long scheduled;
  private final Deque<Block> todo = new ArrayDeque<>();
  private final Values.Builder values = new Values.Builder();
  private final SortedMap<Point, Reason> bad = new TreeMap<>();
  private final List<WireValue> zeros = new ArrayList<>(0);
  private boolean accumulates;
  private int answered;
  private int refused;
  private int retries;
  private boolean heard;
  private boolean leftAlone;
  private boolean over;

  /** Whether what was counted has been held against the last poll, and whether it is less. */
  private boolean compared;

  private boolean fell;
  private int silent;
  private boolean counters;
  private long atNanos;
  private @Nullable Reason reason;
  private String detail = "";

  PollRun(Task task, long scheduled) {
    this.task = task;
    this.scheduled = scheduled;
    load();
  }

  /** Takes the blocks of the task's plan, which a discovery may just have made. */
  void load() {
    todo.addAll(task.blocks());
    Planning planner = task.planner();
    if (planner != null && !planner.refused().isEmpty()) {
      bad.putAll(planner.refused());
    }
  }

  /** The unit said something valid, be it a refusal. */
  void hear() {
    heard = true;
  }

  /**
   * Nothing can be asked at present without taking a late reply for its answer. The poll failed;
   * where it had not asked anything yet, that says nothing of the unit.
   */
  void leaveAlone() {
    leftAlone = silent == 0;
    failed(Reason.TIMEOUT, "left alone until no late reply can be mistaken any more");
  }

  boolean isLeftAlone() {
    return leftAlone;
  }

  boolean isHeard() {
    return heard;
  }

  /** The present block must be asked again; false if that has been tried often enough. */
  boolean retry() {
    retries++;
    return retries <= MOST_RETRIES;
  }

  Task task() {
    return task;
  }

  long scheduled() {
    return scheduled;
  }

  /**
   * Whether nothing is left to ask, or can be asked; not so while the map is searched for, nor
   * while a meter whose counter fell has not said whether it is still the same one.
   */
  boolean isOver(long now) {
    Station station = task.station();
    if (over || station.chain() != null || !todo.isEmpty()) {
      return over;
    }
    if (counters && !compared) {
      compared = true;
      fell = hasFallen(task.lastRead(), values.build());
      if (fell) {
        station.identity().doubt(now);
      }
    }
    return !fell || !station.identity().isDue(now);
  }

  /** Whether a counter reads less than at the last poll. */
  private static boolean hasFallen(LastRead before, Values now) {
    for (LineSnapshot.ReadSnapshot read : before.reads()) {
      Values last = read.values();
      for (int i = 0; i < last.size(); i++) {
        Point point = last.point(i);
        if (point.quantity().isRegister() && now.has(point) && now.micros(point) < last.micros(i)) {
          return true;
        }
      }
    }
    return false;
  }

  /** The block to ask next; null if there is none. */
  @Nullable Block next() {
    return todo.peekFirst();
  }

  void answered(Words words, long at) {
    List<? extends WireValue> sought = take(at);
    for (int i = 0; i < sought.size(); i++) {
      if (sought.get(i) instanceof Register register) {
        note(register, register.decode(words, values));
      }
    }
  }

  void answered(ItemReply.Item item, long at) {
    List<? extends WireValue> sought = take(at);
    for (int i = 0; i < sought.size(); i++) {
      if (sought.get(i) instanceof DataItem value) {
        note(value, value.decode(item, values));
      }
    }
  }

  /** What the counters show is of the time at which their telegram came. */
  void answered(Outcome.Telegrams telegrams) {
    Telegrams told = telegrams.told();
    int first = 0;
    for (WireValue value : Objects.requireNonNull(todo.peekFirst()).values()) {
      if (value.counts() && value instanceof RecordValue record) {
        first = record.telegram(told);
        break;
      }
    }
    int last = telegrams.arrivals().size() - 1;
    List<? extends WireValue> sought = take(telegrams.arrivals().get(Math.min(first, last)));
    for (int i = 0; i < sought.size(); i++) {
      if (sought.get(i) instanceof RecordValue value) {
        note(value, value.decode(told, values));
      }
    }
  }

  /** The present block has been answered: what is to be taken out of it. */
  private List<? extends WireValue> take(long at) {
    Block block = todo.removeFirst();
    answered++;
    boolean counts = block.counts();
    if (counts || !counters) {
      atNanos = at;
      counters |= counts;
    }
    return block.values();
  }

  private void note(WireValue value, @Nullable Reason why) {
    if (why == null) {
      accumulates |= value.isAccumulator();
    } else if (why.equals(Register.ZERO_ACCUMULATOR)) {
      zeros.add(value);
    } else {
      bad.put(value.point(), why);
    }
  }

  /**
   * The device refused the block with an exception.
   *
   * @param instead what to ask in its place, in this very poll
   */
  void refused(Reason why, String what, List<Block> instead, long at) {
    Block block = todo.removeFirst();
    refused++;
    note(why, what);
    if (answered == 0) {
      atNanos = at;
    }
    if (instead.isEmpty()) {
      giveUp(block, why);
    } else {
      for (Block part : instead.reversed()) {
        todo.addFirst(part);
      }
    }
  }

  /** The block's answer was garbled: it is given up, the next one is tried. */
  void garbled(String what) {
    note(Reason.CRC, what);
    giveUp(todo.removeFirst(), Reason.CRC);
  }

  /**
   * No answer came: after a second time, or a first without any success, the rest is given up.
   *
   * @param last whether the unit must be left alone now
   */
  void silent(Reason why, String what, boolean last) {
    note(why, what);
    giveUp(todo.removeFirst(), why);
    silent++;
    if (last || silent >= MOST_SILENT || answered + refused == 0) {
      end(why);
    }
  }

  /** The rest cannot be asked. */
  void failed(Reason why, String what) {
    over = true;
    note(why, what);
    end(why);
  }

  private void note(Reason why, String what) {
    reason = why;
    detail = what;
  }

  private void end(Reason why) {
    while (!todo.isEmpty()) {
      giveUp(todo.removeFirst(), why);
    }
  }

  private void giveUp(Block block, Reason why) {
    for (WireValue value : block.values()) {
      bad.put(value.point(), why);
    }
  }

  /** Decides about accumulators that read 0. Call once, at the end. */
  void finish() {
    for (WireValue zero : zeros) {
      Reason why = accumulates ? zero.putZero(values) : Reason.SENTINEL;
      if (why != null) {
        bad.put(zero.point(), why);
      }
    }
  }

  /** Whether the device gave values or refused some itself; false if the poll failed wholly. */
  boolean isAnswered() {
    return answered + refused > 0;
  }

  /** Whether a block with energy registers was answered. */
  boolean hasCounters() {
    return counters;
  }

  /**
   * Arrival of the block that holds the energy registers, or of the last that gave values; of the
   * last refusal where all were refused.
   */
  long atNanos() {
    return atNanos;
  }

  /** What was read, but for what cannot be, or depends on a ratio that the meter contradicts. */
  Values values() {
    Values read = Plausible.of(task.station().device(), values.build(), bad);
    Set<Point> suspects = task.station().suspects();
    if (suspects.isEmpty()) {
      return read;
    }
    for (Point point : suspects) {
      if (read.has(point)) {
        bad.put(point, Reason.SUSPECT);
      }
    }
    return read.without(suspects);
  }

  SortedMap<Point, Reason> bad() {
    return bad;
  }

  /** Why the last block without success had none. */
  @Nullable Reason reason() {
    return reason;
  }

  String detail() {
    return detail;
  }
}
