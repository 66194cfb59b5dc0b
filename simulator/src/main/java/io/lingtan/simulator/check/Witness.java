package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Placed;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.world.World;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Remembers what the meters served, when it arrived, and whether a careful reader may take it for
 * the answer to what it had asked. A delivered value is right if the meter served it in a reply
 * that arrived in time and in its own name, not long before the reading's time stamp. Remembers
 * {@value #KEPT_MILLIS} ms; older readings cannot be judged.
 */
public final class Witness implements Endpoint.Log {

  /** Longer than any backlog of a run takes to arrive. */
  static final long KEPT_MILLIS = 4 * 3_600_000L;

  /** Longest from the first block of a poll to the last: a few timeouts. */
  static final long POLL_MILLIS = 5_000;

  /** The function that data items are served under, which are no registers. */
  private static final int ITEM = 0;

  /** Clocks are slewed, and a stamp has whole milliseconds. */
  static final long STAMP_MILLIS = 30;

  private final World world;
  private final FaultPlan faults;
  private final Map<String, Deque<Entry>> log = new HashMap<>();
  private final Map<Meter, Map<Long, List<Placed>>> layouts = new HashMap<>();
  private final List<Entry> pending = new ArrayList<>();

  /** A reply and what became of it. */
  private static final class Entry {
    private final String device;
    private final Served served;
    private final List<MeterFault> faults;

    /** World time at which it had arrived; 0 if it did not. */
    private long arrived;

    private int sent;

    /** World time until which what it told may pass for the present; 0 of an answer to a poll. */
    private long freshUntil;

    /** Whether a reader may believe it, once it has arrived. */
    private boolean believable;

    /** How long after a reading's time stamp it may have been served all the same. */
    private long afterMillis = STAMP_MILLIS;

    Entry(String device, Served served, List<MeterFault> faults) {
      this.device = device;
      this.served = served;
      this.faults = faults;
    }

    /** Whether the register may have said something else than what it counts. */
    boolean isFalse(Point point) {
      for (MeterFault fault : faults) {
        if ((fault instanceof MeterFault.Stuck stuck && stuck.point() == point)
            || (fault instanceof MeterFault.Spike spike && spike.point() == point)) {
          return true;
        }
      }
      return false;
    }
  }

  /** What became of a delivered value. */
  enum Finding {
    /** Served, in time, near the time stamp. */
    TRUE,
    /** Nothing of the kind was served in a reply that counts. */
    WRONG,
    /** Served at another time than the record says. */
    MISTIMED,
    /** Too long ago. */
    FORGOTTEN
  }

  /**
   * A judged value.
   *
   * @param counted what the counter truly stood at when it was read; {@link Long#MIN_VALUE} for
   *     what is no counter, or was served falsely
   * @param words for a person, where it is not true
   */
  record Judged(Finding finding, long counted, String words) {}

  public Witness(World world, FaultPlan faults) {
    this.world = world;
    this.faults = faults;
  }

  @Override
  public void served(
      Meter meter, int function, int address, int count, long millis, byte[] reply, int at) {
    List<Placed> points =
        layouts
            .computeIfAbsent(meter, one -> new HashMap<>())
            .computeIfAbsent(
                (long) function << 32 | (long) address << 16 | count,
                block -> List.copyOf(meter.placed(function, address, count)));
    long[] counted = new long[points.size()];
    for (int i = 0; i < counted.length; i++) {
      counted[i] =
          isCounter(points.get(i).point())
              ? points.get(i).trueMicros(world, millis)
              : Long.MIN_VALUE;
    }
    byte[] registers = Arrays.copyOfRange(reply, at, at + 2 * count);
    Entry entry =
        new Entry(
            meter.id(),
            new Served.Registers(points, registers, millis, counted),
            faults(meter, millis));
    if (function == ITEM) {
      // One item after the other, and the stamp is that of the energies, which come first.
      entry.afterMillis = POLL_MILLIS;
    }
    pending.add(entry);
  }

  /**
   * A device told of its values without registers, in a message that is on its way.
   *
   * @param values in the order of its points, in millionths of their units
   * @param millis the world's time that they are of
   * @param arrives world time at which the message is there
   * @param believable whether a careful reader takes it: not if a newer one was there before
   * @param freshUntil world time until which a reader may believe that nothing has changed
   */
  public void told(
      Measuring device,
      long[] values,
      long millis,
      long arrives,
      boolean believable,
      long freshUntil) {
    Served told = new Served.Told(device.points(), values.clone(), millis);
    Entry entry = new Entry(device.id(), told, List.of());
    entry.arrived = arrives;
    entry.believable = believable;
    entry.freshUntil = freshUntil;
    remember(entry);
  }

  /**
   * World time until which a device's last message holds that had come by then; {@link
   * Long#MIN_VALUE} if none had come or nothing is remembered of that time.
   */
  long freshUntil(String device, long worldMillis) {
    Deque<Entry> entries = log.getOrDefault(device, new ArrayDeque<>());
    var newestFirst = entries.descendingIterator();
    while (newestFirst.hasNext()) {
      Entry entry = newestFirst.next();
      if (entry.believable && entry.arrived <= worldMillis + STAMP_MILLIS) {
        return entry.freshUntil;
      }
    }
    return Long.MIN_VALUE;
  }

  static boolean isCounter(Point point) {
    return point.quantity().isRegister() || point.quantity() == Quantity.MASS;
  }

  private List<MeterFault> faults(Meter meter, long millis) {
    List<Fault> holding = faults.at(meter.id(), millis);
    if (holding.isEmpty()) {
      return List.of();
    }
    List<MeterFault> own = new ArrayList<>();
    for (Fault fault : holding) {
      if (fault instanceof MeterFault meterFault) {
        own.add(meterFault);
      }
    }
    return own;
  }

  /** A request goes to a device: whatever was served before belongs to others. */
  public void asked() {
    pending.clear();
  }

  /**
   * Bytes of a reply with registers go out. It is there with the last of those that it needs; what
   * follows, such as the same reply again, is of no account.
   *
   * @param arrives world time at which the last of these bytes is there, UTC ms
   * @param believable whether they are in time and in the device's own name
   * @param bytes how many
   * @param overhead bytes of a reply beside the registers
   */
  public void sentRegisters(long arrives, boolean believable, int bytes, int overhead) {
    for (Entry entry : pending) {
      if (entry.served instanceof Served.Registers registers) {
        sent(entry, arrives, believable, bytes, registers.registers().length + overhead);
      }
    }
  }

  /**
   * The same for a reply of another kind.
   *
   * @param needed bytes of the whole reply
   */
  public void sent(long arrives, boolean believable, int bytes, int needed) {
    for (Entry entry : pending) {
      sent(entry, arrives, believable, bytes, needed);
    }
  }

  private void sent(Entry entry, long arrives, boolean believable, int bytes, int needed) {
    if (entry.sent >= needed) {
      return;
    }
    if (entry.sent == 0) {
      remember(entry);
      entry.believable = true;
    }
    entry.sent += bytes;
    entry.believable &= believable;
    if (entry.sent >= needed) {
      entry.arrived = arrives;
    }
  }

  private void remember(Entry entry) {
    Deque<Entry> entries = log.computeIfAbsent(entry.device, id -> new ArrayDeque<>());
    entries.addLast(entry);
    while (entries.getFirst().served.at() < entry.served.at() - KEPT_MILLIS) {
      entries.removeFirst();
    }
  }

  /** The replies of one device around one instant, to judge a reading by. */
  final class Scene {
    private final List<Entry> near = new ArrayList<>();
    private final long at;
    private final boolean forgotten;

    private Scene(String device, long at) {
      this.at = at;
      Deque<Entry> entries = log.getOrDefault(device, new ArrayDeque<>());
      this.forgotten =
          !entries.isEmpty()
              && entries.getFirst().served.at() > at - POLL_MILLIS
              && entries.getLast().served.at() - at > KEPT_MILLIS - 2 * POLL_MILLIS;
      var newestFirst = entries.descendingIterator();
      while (newestFirst.hasNext()) {
        Entry entry = newestFirst.next();
        if (entry.served.at() > at + entry.afterMillis) {
          continue;
        }
        if (entry.served.at() < at - 2 * POLL_MILLIS) {
          break;
        }
        near.add(entry);
      }
    }

    boolean isForgotten() {
      return forgotten;
    }

    /** Whether a reply that counts arrived at this instant. */
    boolean isStamped() {
      return near.stream()
          .anyMatch(entry -> entry.believable && Math.abs(entry.arrived - at) <= STAMP_MILLIS);
    }

    /** Judges one value. */
    Judged judge(Point point, long micros) {
      Entry other = null;
      String shown = "";
      for (Entry entry : near) {
        int place = place(entry, point);
        if (place < 0) {
          continue;
        }
        boolean absent = entry.served.isAbsent(place);
        long said = absent ? 0 : entry.served.saidMicros(place);
        long step = absent ? 0 : entry.served.stepMicros(place);
        boolean means = !absent && 2 * Math.abs(said - micros) <= step;
        boolean counts = entry.believable && entry.arrived > 0 && entry.arrived <= at + POLL_MILLIS;
        if (means && counts) {
          return new Judged(Finding.TRUE, counted(entry, place), "");
        }
        if (means) {
          other = entry;
        } else if (shown.isEmpty() && counts) {
          shown = absent ? "not available" : Decimals.text(said);
        }
      }
      if (other != null) {
        long late = other.arrived - other.served.at();
        return new Judged(
            Finding.WRONG,
            Long.MIN_VALUE,
            "was in a reply that came " + late + " ms after the request or in another unit's name");
      }
      return new Judged(
          Finding.WRONG,
          Long.MIN_VALUE,
          shown.isEmpty() ? "the meter served nothing then" : "the meter said " + shown);
    }

    /** Whether the meter said "not available" in a reply that counts. */
    boolean isAbsent(Point point) {
      for (Entry entry : near) {
        int place = place(entry, point);
        if (place >= 0 && entry.believable && entry.served.isAbsent(place)) {
          return true;
        }
      }
      return false;
    }

    private long counted(Entry entry, int place) {
      return entry.isFalse(entry.served.point(place))
          ? Long.MIN_VALUE
          : entry.served.trueMicros(place);
    }
  }

  private static int place(Entry entry, Point point) {
    for (int i = 0; i < entry.served.size(); i++) {
      if (entry.served.point(i) == point) {
        return i;
      }
    }
    return -1;
  }

  /** What there is to judge a reading of a device by, stamped with this world time. */
  Scene scene(String device, long worldMillis) {
    return new Scene(device, worldMillis);
  }
}
