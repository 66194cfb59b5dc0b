package io.lingtan.simulator.check;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.device.Endpoint;
import io.lingtan.simulator.device.Measuring;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.Placed;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.fault.MeterFault;
import io.lingtan.simulator.fault.Touch;
import io.lingtan.simulator.world.World;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the meters served, when it arrived, and whether a careful reader may take it for
 * the answer to what it had asked. A delivered value is right if the meter served it in a reply
 * that arrived in time and in its own name, in the poll of which a reply arrived at the reading's
 * time stamp; of what a node tells by itself, in the message that arrived at that time, behind none
 * that left after it. Remembers {@value #KEPT_MILLIS} ms; older readings cannot be judged.
 */
public final class Witness implements Endpoint.Log {

  /** Longer than any backlog of a run takes to arrive. */
  static final long KEPT_MILLIS = 4 * 3_600_000L;

  /** Longest from the first block of a poll to the last: a few timeouts. */
  static final long POLL_MILLIS = 5_000;

  /** The same where each value is asked for by itself, and the answers come slowly. */
  private static final long LONG_POLL_MILLIS = 15_000;

  /** A stamp has whole milliseconds, and what arrives is seen within one. */
  static final long EXACT_MILLIS = 2;

  /** Where clocks are slewed it may be so far off. */
  static final long STAMP_MILLIS = 30;

  /** A message of a node is under way for no longer: a minute late, and held back before that. */
  private static final long UNDER_WAY_MILLIS = 120_000;

  /** The requests of a poll follow one another at once; polls of a second have more between. */
  private static final long PAUSE_MILLIS = 400;

  private final World world;
  private final FaultPlan faults;
  private final Map<String, Deque<Entry>> log = new HashMap<>();

  /** World time before which a device had served nothing. */
  private final Map<String, Long> since = new HashMap<>();

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

    Entry(String device, Served served, List<MeterFault> faults) {
      this.device = device;
      this.served = served;
      this.faults = faults;
    }

    /** Whether it came by itself, or as the whole answer to a question. */
    boolean isMessage() {
      return served instanceof Served.ByName;
    }

    /** Whether the register may have said something else than what it counts. */
    boolean isFalse(Point point) {
      for (MeterFault fault : faults) {
        if ((fault instanceof MeterFault.Stuck stuck && stuck.point().equals(point))
            || (fault instanceof MeterFault.Spike spike && spike.point().equals(point))) {
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
    /** Served, in a reply that counts, but not in the poll that the time stamp is of. */
    MISTIMED
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
    pending.add(entry);
  }

  /**
   * A device told of its values without registers, in a message that is on its way.
   *
   * @param values in the order of its points, in millionths of their units
   * @param millis the world's time that they are of
   * @param arrives world time at which the message is there
   * @param freshUntil world time until which a reader may believe that nothing has changed
   */
  public void told(Measuring device, long[] values, long millis, long arrives, long freshUntil) {
    Served told = new Served.ByName(device.points(), values.clone(), millis);
    Entry entry = new Entry(device.id(), told, List.of());
    entry.arrived = arrives;
    entry.believable = true;
    entry.freshUntil = freshUntil;
    overtake(entry);
    remember(entry);
  }

  /** A message that comes behind one that left after it tells what is no longer so. */
  private void overtake(Entry latest) {
    long left = latest.served.at();
    var newestFirst = log.getOrDefault(latest.device, new ArrayDeque<>()).descendingIterator();
    while (newestFirst.hasNext()) {
      Entry earlier = newestFirst.next();
      long before = earlier.served.at();
      if (before < left - UNDER_WAY_MILLIS) {
        return;
      }
      if (before > left && earlier.arrived <= latest.arrived) {
        latest.believable = false;
      } else if (before < left && earlier.arrived > latest.arrived) {
        earlier.believable = false;
      }
    }
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

  /** Faults that were there when somebody looked. */
  Set<Fault> struck() {
    return faults.touches().stream().map(Touch::fault).collect(Collectors.toSet());
  }

  static boolean isCounter(Point point) {
    return point.quantity().isRegister() || point.quantity() == Quantity.MASS;
  }

  /** What may have made a reply false. A spike is in some, and says nothing of those between. */
  private List<MeterFault> faults(Meter meter, long millis) {
    List<Fault> holding = faults.at(meter.id(), millis);
    if (holding.isEmpty()) {
      return List.of();
    }
    List<MeterFault> own = new ArrayList<>();
    for (Fault fault : holding) {
      boolean passed = fault instanceof MeterFault.Spike spike && !meter.isSpiked(spike.point());
      if (fault instanceof MeterFault meterFault && !passed) {
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
    since.putIfAbsent(entry.device, entry.served.at() - POLL_MILLIS);
    Deque<Entry> entries = log.computeIfAbsent(entry.device, id -> new ArrayDeque<>());
    entries.addLast(entry);
    while (entries.getFirst().served.at() < entry.served.at() - KEPT_MILLIS) {
      entries.removeFirst();
    }
  }

  /** The replies of one device around one instant, to judge a reading by. */
  final class Scene {

    /** Of the poll that the instant belongs to. */
    private final List<Entry> near = new ArrayList<>();

    /** Also of those before and after it. */
    private final List<Entry> around = new ArrayList<>();

    private final long at;
    private final long tolerance;
    private final boolean forgotten;

    private Scene(String device, long at, Sight sight) {
      this.at = at;
      this.tolerance = sight.toleranceMillis;
      Deque<Entry> entries = log.getOrDefault(device, new ArrayDeque<>());
      this.forgotten =
          at >= since.getOrDefault(device, Long.MAX_VALUE)
              && entries.getFirst().served.at() > at - POLL_MILLIS
              && entries.getLast().served.at() - at > KEPT_MILLIS - 2 * POLL_MILLIS;
      long poll = sight.lasts == Lasts.LONGEST ? LONG_POLL_MILLIS : POLL_MILLIS;
      var newestFirst = entries.descendingIterator();
      while (newestFirst.hasNext()) {
        Entry entry = newestFirst.next();
        if (entry.isMessage()) {
          if (entry.served.at() < at - UNDER_WAY_MILLIS) {
            break;
          }
          message(entry);
          continue;
        }
        if (entry.served.at() > at + poll) {
          continue;
        }
        if (entry.served.at() < at - 2 * poll) {
          break;
        }
        around.add(entry);
      }
      if (!around.isEmpty() && around.getFirst().isMessage()) {
        return;
      }
      long pause = sight.lasts == Lasts.USUAL ? PAUSE_MILLIS : POLL_MILLIS;
      for (int i = 0; i < around.size(); i++) {
        if (isStamp(around.get(i))) {
          add(i, pause);
        }
      }
    }

    /** A message is a poll of its own: none before or after it speaks for its instant. */
    private void message(Entry entry) {
      if (entry.arrived < at - 2 * POLL_MILLIS || entry.arrived > at + POLL_MILLIS) {
        return;
      }
      around.add(entry);
      if (Math.abs(entry.arrived - at) <= tolerance) {
        near.add(entry);
      }
    }

    /** The replies before and after this one that no longer pause lies between. */
    private void add(int stamp, long pause) {
      int newest = stamp;
      while (newest > 0 && pause(around.get(newest), around.get(newest - 1)) <= pause) {
        newest--;
      }
      int oldest = stamp;
      while (oldest < around.size() - 1
          && pause(around.get(oldest + 1), around.get(oldest)) <= pause) {
        oldest++;
      }
      near.addAll(around.subList(newest, oldest + 1));
    }

    private static long pause(Entry earlier, Entry later) {
      return later.served.at() - Math.max(earlier.served.at(), earlier.arrived);
    }

    private boolean isStamp(Entry entry) {
      return entry.believable && Math.abs(entry.arrived - at) <= tolerance;
    }

    /** The instant, world time. */
    long at() {
      return at;
    }

    boolean isForgotten() {
      return forgotten;
    }

    /** Whether a reply that counts arrived at this instant. */
    boolean isStamped() {
      return !near.isEmpty();
    }

    /** When replies arrived around it, for a person. */
    String words() {
      StringBuilder words = new StringBuilder();
      for (Entry entry : around.reversed()) {
        String when =
            entry.arrived == 0
                ? "asked %+d, no reply".formatted(entry.served.at() - at)
                : "asked %+d, reply %+d".formatted(entry.served.at() - at, entry.arrived - at);
        words.append(words.isEmpty() ? "" : "; ").append(when);
        words.append(entry.believable ? "" : " not for it");
      }
      return words.isEmpty() ? "nobody asked it then" : words + " ms";
    }

    /**
     * Judges one value.
     *
     * @param scale what the reader multiplies the point by, in relation to what is right
     */
    Judged judge(Point point, long micros, BigDecimal scale) {
      Entry other = null;
      String shown = "";
      for (Entry entry : near) {
        int place = place(entry, point);
        if (place < 0) {
          continue;
        }
        boolean absent = entry.served.isAbsent(place);
        long said = absent ? 0 : entry.served.saidMicros(place);
        boolean means = !absent && means(entry, place, said, micros, scale);
        boolean counts = entry.believable && entry.arrived > 0;
        if (means && counts) {
          return new Judged(Finding.TRUE, counted(entry, place), "");
        }
        if (means) {
          other = entry;
        } else if (shown.isEmpty() && counts) {
          shown = absent ? "not available" : Decimals.text(said);
        }
      }
      Entry elsewhen = elsewhen(point, micros, scale);
      if (elsewhen != null) {
        return new Judged(
            Finding.MISTIMED,
            Long.MIN_VALUE,
            "is of a reply that arrived "
                + (elsewhen.arrived - at)
                + " ms after the time stamp, in another poll");
      }
      if (other != null) {
        long late = other.arrived - other.served.at();
        return new Judged(
            Finding.WRONG,
            Long.MIN_VALUE,
            other.isMessage()
                ? "was in a message that came after " + late + " ms, behind a newer one"
                : "was in a reply that came "
                    + late
                    + " ms after the request or in another unit's name");
      }
      return new Judged(
          Finding.WRONG,
          Long.MIN_VALUE,
          shown.isEmpty() ? "the meter served nothing then" : "the meter said " + shown);
    }

    /** Whether a value is what was said, to half a step. */
    private static boolean means(Entry entry, int place, long said, long micros, BigDecimal scale) {
      boolean unscaled = scale.compareTo(BigDecimal.ONE) == 0;
      if (unscaled && said == micros) {
        return true;
      }
      long step = entry.served.stepMicros(place);
      if (unscaled) {
        return 2 * Math.abs(said - micros) <= step;
      }
      BigDecimal scaled = scale.multiply(BigDecimal.valueOf(said));
      BigDecimal off = scaled.subtract(BigDecimal.valueOf(micros)).abs();
      // And what a millionth that is cut off may be.
      BigDecimal most = scale.multiply(BigDecimal.valueOf(step)).add(BigDecimal.ONE);
      return off.add(off).compareTo(most) <= 0;
    }

    /** A reply of another poll that counts and says this; null if there is none. */
    private @Nullable Entry elsewhen(Point point, long micros, BigDecimal scale) {
      for (Entry entry : around) {
        int place = place(entry, point);
        if (place >= 0
            && entry.believable
            && entry.arrived > 0
            && !entry.served.isAbsent(place)
            && means(entry, place, entry.served.saidMicros(place), micros, scale)) {
          return entry;
        }
      }
      return null;
    }

    /** Whether the meter said "not available" in a reply that counts. */
    boolean isAbsent(Point point) {
      for (Entry entry : around) {
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
      if (entry.served.point(i).equals(point)) {
        return i;
      }
    }
    return -1;
  }

  /** How long the polls of a device may last. */
  enum Lasts {
    /** One request follows the other at once. */
    USUAL,
    /** Something disturbs the line, or there are answers between that nobody writes down. */
    LONGER,
    /** Both. */
    LONGEST
  }

  /**
   * How sharply one can look at an instant.
   *
   * @param toleranceMillis how far a time stamp may be from the instant, ms
   */
  record Sight(long toleranceMillis, Lasts lasts) {}

  /** What there is to judge a reading of a device by, stamped with this world time. */
  Scene scene(String device, long worldMillis, Sight sight) {
    return new Scene(device, worldMillis, sight);
  }
}
