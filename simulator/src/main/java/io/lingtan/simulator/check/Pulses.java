package io.lingtan.simulator.check;

import io.lingtan.simulator.check.record.Decimals;
import io.lingtan.simulator.device.contact.PulseOutput;
import io.lingtan.simulator.fault.Fault;
import io.lingtan.simulator.fault.PulseFault;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Totals of pulse inputs against the pulses that there were. A total is what the gateway said when
 * it began to count, plus every pulse since that an input could see. When it begins again it says
 * since when it has not counted: the total it begins with is what had been counted by then, and
 * between then and its end lie no more pulses than in the commit that its end cost. What is lost
 * beside is told with {@code meter.lost_pulses}. Times are the world's.
 */
public final class Pulses implements PulseOutput.Log {

  /** From an edge to its being believed, and the grain of time stamps. */
  private static final long SLACK_MILLIS = 150;

  /** The grain of time stamps, and of the clock that they are of. */
  private static final long STAMP_MILLIS = 1_000;

  /** Bounce and hum move the edge that leads to a level by a little. */
  private static final long EDGE_MILLIS = 10;

  /** Longer than a step of the agent is held up between two polls. */
  private static final long LOOK_MILLIS = 300_000;

  /** By which the gateway's clock may be fast or slow. */
  private static final double CLOCK = 0.01;

  /** Millionths of a watt of a millionth of a kWh in a millisecond. */
  private static final double MICROWATT = 3.6e9;

  /** From a start to what it found being told, and to the inputs being taken. */
  private static final long START_MILLIS = 60_000;

  private final Map<String, Output> outputs = new HashMap<>();
  private final List<End> ends = new ArrayList<>();

  /** World times at which the file with the totals was set aside; each event's may be several. */
  private final List<Long> setAside = new ArrayList<>();

  /**
   * The gateway ended, or could not count any more.
   *
   * @param device empty for all of them
   * @param costMillis how much of what it had counted may not have been kept
   */
  private record End(String device, long at, long costMillis) {}

  /**
   * What was said of a total.
   *
   * @param worlds times that are possible, where the clock was set more than one
   * @param begins whether counting begins with it
   * @param again whether it says that it had stopped
   * @param since since when nobody counted, {@link Long#MIN_VALUE} if that is not said
   */
  private record Said(
      List<Long> worlds,
      long total,
      boolean begins,
      boolean again,
      List<Long> since,
      String words) {
    long at() {
      return worlds.getLast();
    }

    /**
     * The same at the one of its times that follows soonest upon a chance to begin: a stamp that a
     * clock has shown twice says of neither time that it is the other.
     */
    Said begunAfter(List<Long> chances) {
      long world =
          Collections.min(
              worlds.reversed(), Comparator.comparingLong((Long at) -> sinceOne(chances, at)));
      return new Said(List.of(world), total, begins, again, since, words);
    }

    private static long sinceOne(List<Long> chances, long at) {
      return chances.stream()
          .filter(chance -> chance <= at + STAMP_MILLIS)
          .mapToLong(chance -> Math.abs(at - chance))
          .min()
          .orElse(Long.MAX_VALUE);
    }
  }

  /** What was said of the power that pulses stand for, without its sign. */
  private record Power(List<Long> worlds, long micros, String words) {}

  /** One output. */
  private static final class Output {
    private final String id;
    private final long perPulseMicros;
    private final List<Said> said = new ArrayList<>();
    private final List<Power> powers = new ArrayList<>();
    private long[] millis = new long[1_024];
    private long[] numbers = new long[1_024];
    private int[] keptBefore = new int[1_024];
    private int size;
    private int kept;
    private long lostTold;
    private long lossesTold;

    Output(PulseOutput output) {
      this.id = output.id();
      this.perPulseMicros = output.perPulseMicros();
    }

    void add(long at, long number, boolean lost) {
      if (size == millis.length) {
        millis = Arrays.copyOf(millis, 2 * size);
        numbers = Arrays.copyOf(numbers, 2 * size);
        keptBefore = Arrays.copyOf(keptBefore, 2 * size);
      }
      millis[size] = at;
      numbers[size] = number;
      keptBefore[size++] = kept;
      kept += lost ? 0 : 1;
    }

    /** When counting was told to begin as it is asked for. */
    List<List<Long>> begun(Predicate<Said> like) {
      return said.stream().filter(one -> one.begins && like.test(one)).map(Said::worlds).toList();
    }

    /** How many pulses there were up to this time, in the array. */
    private int until(long at) {
      int place = Arrays.binarySearch(millis, 0, size, at);
      if (place < 0) {
        return -place - 1;
      }
      while (place < size && millis[place] == at) {
        place++;
      }
      return place;
    }

    private int keptUntil(long at) {
      int place = until(at);
      return place == size ? kept : keptBefore[place];
    }

    /** Pulses that an input could see, after {@code from} until {@code to}. */
    long between(long from, long to) {
      return to <= from ? 0L : (long) keptUntil(to) - keptUntil(from);
    }

    /** The same and those that are lost: a look at the level may have caught one in passing. */
    long atMost(long from, long to) {
      return to <= from ? 0L : (long) until(to) - until(from);
    }

    /**
     * Whether this can be the power at a time: no more than one pulse in the time since the last
     * one, and among the powers between the pulses shortly before.
     */
    boolean canBe(long micros, long at) {
      int seen = until(at - SLACK_MILLIS);
      int last = until(at + SLACK_MILLIS);
      int first = Math.max(1, Math.min(until(at - LOOK_MILLIS), seen - 1));
      if (last < 2 || first >= last) {
        return false;
      }
      double most = 0;
      double least = Double.MAX_VALUE;
      for (int i = first; i < last; i++) {
        double gap = millis[i] - millis[i - 1];
        most = Math.max(most, MICROWATT * perPulseMicros / Math.max(1, gap - EDGE_MILLIS));
        least = Math.min(least, MICROWATT * perPulseMicros / (gap + EDGE_MILLIS));
      }
      long since = seen == 0 ? 0 : at - SLACK_MILLIS - millis[seen - 1];
      if (since > 0) {
        most = Math.min(most, MICROWATT * perPulseMicros / since);
        least = Math.min(least, MICROWATT * perPulseMicros / (since + 2 * SLACK_MILLIS));
      }
      // Of edges that nobody kept the gateway may not know yet.
      int keptThere = (last == size ? kept : keptBefore[last]) - keptBefore[first - 1];
      boolean lost = keptThere < last - first + 1;
      return micros <= most * (1 + CLOCK) && (lost || micros >= least * (1 - CLOCK));
    }

    /** Whether a pulse that an input could see came in a span, and the one before was lost. */
    boolean isLossNoticed(long from, long to) {
      for (int i = Math.max(1, until(from)); i < until(to); i++) {
        boolean isKept = (i + 1 < size ? keptBefore[i + 1] : kept) > keptBefore[i];
        if (isKept && keptBefore[i] == keptBefore[i - 1]) {
          return true;
        }
      }
      return false;
    }

    /** Pulses whose edges nobody kept. */
    long lost() {
      return (long) size - kept;
    }

    /**
     * What the meter itself had counted, in millionths of its unit. The next pulse shows what came
     * before it while nobody looked.
     */
    long countedMicros(long at) {
      int place = until(at);
      if (place < size) {
        return (numbers[place] - 1) * perPulseMicros;
      }
      return size == 0 ? 0 : numbers[size - 1] * perPulseMicros;
    }
  }

  /** An output whose pulses will be told. Before the first of them. */
  public void watch(PulseOutput output) {
    outputs.put(output.id(), new Output(output));
    output.log(this);
  }

  @Override
  public void pulsed(PulseOutput output, long millis, long number, boolean lost) {
    Output told = outputs.get(output.id());
    if (told != null) {
      told.add(millis, number, lost);
    }
  }

  /**
   * The gateway ends.
   *
   * @param worldMillis the last time at which it could count
   * @param costMillis how much of what it has counted may not have been kept
   */
  public void ended(long worldMillis, long costMillis) {
    ends.add(new End("", worldMillis, costMillis));
  }

  /** The input of a device goes away. */
  public void gone(String device, long worldMillis, long costMillis) {
    ends.add(new End(device, worldMillis, costMillis));
  }

  /**
   * Whether the first pulse after lost ones came in a span: the input shows only then what it
   * lacks, and slow pulses may come minutes later.
   */
  boolean isLossNoticed(String device, long fromMillis, long toMillis) {
    Output output = outputs.get(device);
    return output != null && output.isLossNoticed(fromMillis, toMillis);
  }

  /** Whether it is an output whose pulses are told. */
  public boolean has(String device) {
    return outputs.containsKey(device);
  }

  /** A delivered total. */
  void reading(String device, List<Long> worlds, long total, String words) {
    of(device).said.add(new Said(worlds, total, false, false, List.of(), words));
  }

  /** A delivered power. */
  void power(String device, List<Long> worlds, long micros, String words) {
    of(device).powers.add(new Power(worlds, Math.abs(micros), words));
  }

  /**
   * Counting begins, or begins again.
   *
   * @param again whether that is said
   * @param since since when nobody counted; empty if that is not said
   */
  void begins(String device, List<Long> worlds, long total, boolean again, List<Long> since) {
    of(device).said.add(new Said(worlds, total, true, again, since, "counting of " + device));
  }

  /** The gateway says that it lost pulses. */
  void lost(String device, long pulses) {
    Output output = of(device);
    output.lostTold += pulses;
    output.lossesTold++;
  }

  /**
   * The file with the totals was set aside: they begin anew.
   *
   * @param worlds world times at which that may have been
   */
  void setAside(List<Long> worlds) {
    setAside.addAll(worlds);
  }

  private boolean isAfterSetAside(Said said) {
    return setAside.stream()
        .anyMatch(
            at -> said.worlds.stream().anyMatch(world -> Math.abs(world - at) <= START_MILLIS));
  }

  /** What the meter itself had counted at a time of the world, in millionths of its unit. */
  long countedMicros(String device, long worldMillis) {
    return of(device).countedMicros(worldMillis);
  }

  private Output of(String device) {
    Output output = outputs.get(device);
    if (output == null) {
      throw new IllegalArgumentException("no pulse output " + device);
    }
    return output;
  }

  /**
   * Says what is wrong with the totals.
   *
   * @param until when the run was over
   */
  void finish(Happened happened, long until, Findings findings) {
    ends.sort(Comparator.comparingLong(End::at));
    for (Output output : outputs.values()) {
      List<Long> chances = chances(happened, output.id);
      output.said.replaceAll(said -> said.begins ? said.begunAfter(chances) : said);
      judge(output, findings);
      Pauses.of(happened, output.id, until)
          .judge(
              output.id,
              output.begun(said -> said.again || isAfterSetAside(said)),
              output.begun(said -> true),
              findings);
    }
  }

  /** When counting of an input can have begun: an agent starts, or the input is there again. */
  private static List<Long> chances(Happened happened, String device) {
    List<Long> chances = new ArrayList<>();
    happened.outages().forEach(away -> chances.add(away.until()));
    for (Fault fault : happened.faults()) {
      if (fault instanceof PulseFault.Gone gone && gone.device().equals(device)) {
        chances.add(gone.untilMillis());
      }
    }
    return chances;
  }

  private void judge(Output output, Findings findings) {
    output.said.sort(Comparator.comparingLong(Said::at).thenComparing(said -> !said.begins));
    List<Said> begun = new ArrayList<>();
    for (Said said : output.said) {
      if (said.begins) {
        begins(output, begun, said, findings);
        begun.add(said);
      }
    }
    for (Said said : output.said) {
      if (!said.begins) {
        total(output, begun, said, findings);
      }
    }
    for (Power power : output.powers) {
      if (power.worlds.stream().noneMatch(world -> output.canBe(power.micros, world))) {
        findings.add(
            Verdict.WRONG_BUT_GOOD,
            power.worlds.getLast(),
            "power %s of %s by its pulses".formatted(Decimals.text(power.micros), power.words));
      }
    }
    // Of edges that are missing two are a pulse, and one of its two may have been seen.
    if (output.lostTold > output.lost() + output.lossesTold) {
      findings.add(
          Verdict.UNFOUNDED,
          Long.MAX_VALUE,
          "that %s lost %d pulses, where %d were lost,"
              .formatted(output.id, output.lostTold, output.lost()));
    }
    // One at each end that no edge followed cannot be known of.
    if (output.lostTold + begun.size() < output.lost()) {
      findings.add(
          Verdict.UNDECLARED,
          Long.MAX_VALUE,
          "%s lost %d pulses and told of %d; the time of the others"
              .formatted(output.id, output.lost(), output.lostTold));
    }
  }

  /** A time stamp that may be of several times has to fit what was begun before one of them. */
  private static void total(Output output, List<Said> begun, Said said, Findings findings) {
    for (long world : said.worlds) {
      Said base = before(begun, world);
      if (base != null && fits(output, base, List.of(world), said.total)) {
        return;
      }
    }
    Said base = before(begun, said.at());
    findings.add(
        Verdict.WRONG_BUT_GOOD,
        said.at(),
        base == null
            ? said.words + " before counting began"
            : "total %d of %s (%d were counted when it began at %d, and %d came since)"
                .formatted(
                    said.total,
                    said.words,
                    base.total,
                    base.at(),
                    output.between(base.at(), said.at())));
  }

  private static @Nullable Said before(List<Said> begun, long world) {
    Said last = null;
    for (Said said : begun) {
      last = said.at() <= world ? said : last;
    }
    return last;
  }

  private static boolean fits(Output output, Said base, List<Long> worlds, long total) {
    for (long at : worlds) {
      long least = output.between(base.at() + SLACK_MILLIS, at - SLACK_MILLIS);
      long most = output.atMost(base.at() - SLACK_MILLIS, at + SLACK_MILLIS);
      if (total >= base.total + least && total <= base.total + most) {
        return true;
      }
    }
    return false;
  }

  /** Of the beginnings before, the last one until then: its total was on the card. */
  private static Said base(List<Said> begun, long since) {
    Said base = begun.getFirst();
    for (Said earlier : begun) {
      if (earlier.at() <= since + SLACK_MILLIS) {
        base = earlier;
      }
    }
    return base;
  }

  private void begins(Output output, List<Said> begun, Said said, Findings findings) {
    if (begun.isEmpty() || (said.total == 0 && isAfterSetAside(said))) {
      if (said.total != 0) {
        findings.add(
            Verdict.WRONG_BUT_GOOD, said.at(), said.words + " with " + said.total + " of nowhere");
      }
      return;
    }
    End end = endBefore(output.id, said.at());
    if (end == null) {
      findings.add(
          Verdict.UNDECLARED, said.at(), said.words + " began again though nothing had ended it");
      return;
    }
    if (said.since.isEmpty()) {
      Said base = begun.getLast();
      long kept = end.at - end.costMillis;
      long least = output.between(base.at() + SLACK_MILLIS, kept - SLACK_MILLIS);
      long most = output.atMost(base.at() - SLACK_MILLIS, end.at + SLACK_MILLIS);
      if (said.total < base.total + least || said.total > base.total + most) {
        wrongBase(base, said, findings);
      }
      return;
    }
    long ofOneCommit = output.between(end.at - end.costMillis - SLACK_MILLIS, end.at);
    for (long since : said.since) {
      if (fits(output, base(begun, since), List.of(since), said.total)
          && output.between(since + SLACK_MILLIS, end.at) <= ofOneCommit) {
        return;
      }
    }
    long since = said.since.getLast();
    Said base = base(begun, since);
    if (!fits(output, base, List.of(since), said.total)) {
      wrongBase(base, said, findings);
    }
    long uncounted = output.between(since + SLACK_MILLIS, end.at);
    if (uncounted > ofOneCommit) {
      findings.add(
          Verdict.LOST,
          said.at(),
          "%s: %d pulses between %d and the end at %d, where %d could be; they"
              .formatted(said.words, uncounted, since, end.at, ofOneCommit));
    }
  }

  private static void wrongBase(Said base, Said said, Findings findings) {
    findings.add(
        Verdict.WRONG_BUT_GOOD,
        said.at(),
        "%s begins with %d at %d since %s; it had begun with %d at %d, and"
            .formatted(said.words, said.total, said.at(), said.since, base.total, base.at()));
  }

  private @Nullable End endBefore(String device, long at) {
    End last = null;
    for (End end : ends) {
      if (end.at <= at + SLACK_MILLIS && (end.device.isEmpty() || end.device.equals(device))) {
        last = end;
      }
    }
    return last;
  }
}
