package io.lingtan.agent.ledger;

import io.lingtan.agent.ledger.RandomSite.Power;
import io.lingtan.agent.ledger.RandomSite.Register;
import io.lingtan.agent.ledger.RandomSite.SiteMeter;
import io.lingtan.agent.ledger.RandomSite.Trouble;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sample.Stat;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Feeds a site's readings to the ledger's fold, on virtual time. */
final class SitePlay {

  private static final long BOOTED_BEFORE = 1_000_000;

  final Collected out = new Collected();

  /** When each device was read, ms since the world began. */
  final Map<SiteMeter, TreeSet<Long>> read = new HashMap<>();

  /** When its registers were. */
  final Map<SiteMeter, TreeSet<Long>> counted = new HashMap<>();

  private final RandomSite random;
  private final Site site;
  private Fold fold;
  private String boot = "boot-1";
  private long bootedAt = -BOOTED_BEFORE;

  SitePlay(RandomSite random, Site site) {
    this.random = random;
    this.site = site;
    this.fold = new Fold(site);
  }

  /** Wall time then, UTC ms. */
  long wall(long millis) {
    boolean isSet = random.trouble == Trouble.CLOCK_STEP && millis >= random.from;
    return random.startMillis + millis + (isSet ? (long) random.factor : 0);
  }

  void run() {
    List<SiteMeter> inOrder = new ArrayList<>(random.meters);
    inOrder.sort(Comparator.comparingLong(meter -> meter.phaseMillis + meter.lateMillis));
    for (SiteMeter meter : inOrder) {
      read.put(meter, new TreeSet<>());
      counted.put(meter, new TreeSet<>());
    }
    boolean isAway = random.trouble == Trouble.RESTART || random.trouble == Trouble.REBOOT;
    boolean noticed = random.trouble != Trouble.EXCHANGED_NOTICED;
    boolean stopped = false;
    for (long at = 0; at < random.world.endMillis(); at += random.recordMillis) {
      if (isAway && at >= random.from && at < random.until) {
        stopped = true;
        continue;
      }
      if (stopped || random.killed.contains(at)) {
        fold = Fold.from(site, fold.checkpoint());
        fold.resumed();
        if (stopped && random.trouble == Trouble.REBOOT) {
          boot = "boot-2";
          bootedAt = at - 20_000;
        }
        stopped = false;
      }
      for (SiteMeter meter : inOrder) {
        long now = at + meter.phaseMillis;
        if (at % meter.recordMillis != 0) {
          continue;
        }
        if (!noticed && meter == random.broken && now >= random.from) {
          fold.exchanged(meter.device());
          noticed = true;
        }
        fold.observe(sample(meter, now), wall(now), out);
      }
      fold.revise(out);
    }
    // What people would see a little later, when all is told that is due.
    long last = random.world.endMillis();
    fold.closeOverdue(boot, nanos(last), wall(last), out);
    fold.revise(out);
  }

  private long nanos(long millis) {
    return (millis - bootedAt) * 1_000_000;
  }

  private Sample sample(SiteMeter meter, long now) {
    if (random.isSilent(meter, now)) {
      return Sample.failed(meter.device(), boot, nanos(now), Reason.TIMEOUT);
    }
    Objects.requireNonNull(read.get(meter)).add(now);
    Values.Builder values = new Values.Builder();
    SortedMap<Point, Reason> bad = new TreeMap<>();
    boolean isGap =
        random.trouble == Trouble.GAP_OF_REGISTERS
            && meter == random.broken
            && now >= random.from
            && now < random.until;
    boolean isDue = now / meter.recordMillis % meter.everySample == 0;
    for (Register register : meter.registers) {
      Point point = Point.of(register.point());
      if (isGap) {
        bad.put(point, Reason.exception(2));
      } else if (isDue) {
        values.put(point, random.reads(meter, register, now));
        Objects.requireNonNull(counted.get(meter)).add(now);
      }
    }
    SortedMap<Point, Stat> stats = new TreeMap<>();
    for (Power power : meter.powers) {
      values.put(Point.of(power.point()), random.watts(meter, power, now));
      if (meter.hasStats) {
        long mean = random.watts(meter, power, now - meter.recordMillis, now);
        long first = random.watts(meter, power, now - meter.recordMillis);
        long last = random.watts(meter, power, now);
        long least = Math.min(mean, Math.min(first, last));
        stats.put(
            Point.of(power.point()), new Stat(least, mean, Math.max(mean, Math.max(first, last))));
      }
    }
    return new Sample(meter.device(), boot, nanos(now), values.build(), stats, bad, null);
  }
}
