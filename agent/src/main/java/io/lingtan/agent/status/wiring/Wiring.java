package io.lingtan.agent.status.wiring;

import io.lingtan.agent.status.wiring.Look.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns each meter in thought, and says which turn makes the balance close: not once, when two
 * powers may be alike by chance, but look after look while power flows. At most {@value
 * #MOST_LOOKS} looks of the last two minutes are remembered.
 */
public final class Wiring {

  private static final int MOST_LOOKS = 60;
  private static final long OLDEST_NANOS = 120_000_000_000L;
  private static final long APART_NANOS = 900_000_000L;

  /** Less than this share of its rated power may flow either way by chance. */
  private static final double LEAST_SHARE = 0.02;

  /** Ratios and decimal points that are usually mistaken; a meter's own {@code ct} beside them. */
  private static final double[] FACTORS = {
    10, 20, 30, 40, 50, 60, 80, 100, 120, 160, 200, 240, 300, 400, 500, 600, 800, 1000
  };

  private record Seen(long atNanos, Look look) {}

  private final Deque<Seen> seen = new ArrayDeque<>();

  /** Remembers a look, unless the one before was just now; returns what all of them say. */
  public synchronized Verdicts take(Look look, long nowNanos) {
    seen.removeIf(old -> nowNanos - old.atNanos > OLDEST_NANOS || nowNanos < old.atNanos);
    Seen last = seen.peekLast();
    if (last == null || nowNanos - last.atNanos >= APART_NANOS) {
      seen.addLast(new Seen(nowNanos, look));
    }
    while (seen.size() > MOST_LOOKS) {
      seen.removeFirst();
    }
    int balanced = 0;
    int closed = 0;
    for (Seen one : seen) {
      boolean known = one.look.residualWatts() != null;
      balanced += known ? 1 : 0;
      closed += known && one.look.isClosed() ? 1 : 0;
    }
    return new Verdicts(look, seen.size(), balanced, closed, findings());
  }

  private record Ballot(Finding.Kind kind, @Nullable String meter, String device, String phases) {}

  /** Votes as they are counted. */
  private static final class Count {
    int votes;
    Finding last = new Finding(Finding.Kind.REVERSED, null, "", List.of(), 1, 0, 0, null, false);
  }

  private List<Finding> findings() {
    Map<Ballot, Count> counts = new HashMap<>();
    int unbalanced = 0;
    int looks = seen.size();
    for (Seen one : seen) {
      List<Finding> said = new ArrayList<>(balance(one.look));
      unbalanced += said.isEmpty() && one.look.isClosed() ? 0 : 1;
      said.addAll(roles(one.look));
      said.addAll(phases(one.look));
      for (Finding finding : said) {
        Ballot ballot =
            new Ballot(
                finding.kind(), finding.meter(), finding.device(), finding.phases().toString());
        Count count = counts.computeIfAbsent(ballot, fresh -> new Count());
        count.votes++;
        count.last = finding;
      }
    }
    List<Finding> sure = new ArrayList<>();
    int closers = 0;
    for (Count count : counts.values()) {
      int possible = isOfBalance(count.last) ? unbalanced : looks;
      if (Look.agree(count.votes, possible)) {
        Finding last = count.last;
        MovedPhases moved =
            last.kind() == Finding.Kind.MOVED
                ? MovedPhases.of(last.device(), seen.stream().map(Seen::look).toList())
                : MovedPhases.MOVED;
        if (moved == MovedPhases.NOT) {
          continue;
        }
        closers += isOfBalance(last) ? 1 : 0;
        sure.add(
            new Finding(
                last.kind(),
                last.meter(),
                last.device(),
                last.phases(),
                last.factor(),
                count.votes,
                possible,
                last.residualWatts(),
                moved == MovedPhases.MOVED));
      }
    }
    boolean isOne = closers <= 1;
    Set<String> explained = new HashSet<>();
    for (Finding finding : sure) {
      if (finding.kind() == Finding.Kind.REVERSED || finding.kind() == Finding.Kind.SWAPPED) {
        explained.add(finding.device());
      }
    }
    return sure.stream()
        .filter(
            finding ->
                finding.kind() != Finding.Kind.AGAINST_ROLE
                    || !explained.contains(finding.device()))
        .map(finding -> isOfBalance(finding) && !isOne ? notAlone(finding) : finding)
        .sorted(Comparator.comparing(Finding::kind).thenComparing(Finding::device))
        .toList();
  }

  private static Finding notAlone(Finding one) {
    return new Finding(
        one.kind(),
        one.meter(),
        one.device(),
        one.phases(),
        one.factor(),
        one.votes(),
        one.looks(),
        one.residualWatts(),
        false);
  }

  private static boolean isOfBalance(Finding finding) {
    return finding.kind() == Finding.Kind.REVERSED || finding.kind() == Finding.Kind.RATIO;
  }

  private static List<Finding> balance(Look look) {
    List<Finding> found = new ArrayList<>();
    Double residual = look.residualWatts();
    if (residual == null || look.isClosed()) {
      return found;
    }
    for (Part part : look.parts()) {
      double turned = residual - 2 * part.intoWatts();
      if (Math.abs(turned) <= look.toleranceWatts()) {
        found.add(of(Finding.Kind.REVERSED, part, 1, turned));
      }
      Finding ratio = ratio(part, residual);
      if (ratio != null) {
        found.add(ratio);
      }
    }
    return found;
  }

  /** By which factor a part shows too much, if that alone opens the balance. */
  private static @Nullable Finding ratio(Part part, double residual) {
    double others = residual - part.intoWatts();
    // What a meter may well have says nothing: by chance the rest makes some factor of it.
    boolean isPossible = part.ratedWatts() > 0 && Math.abs(part.intoWatts()) <= part.ratedWatts();
    if (isPossible || others * part.intoWatts() >= 0) {
      return null;
    }
    double factor = -part.intoWatts() / others;
    double best = 0;
    for (double usual : FACTORS) {
      best = nearer(factor, usual, best);
    }
    if (part.ct() > 1) {
      best = nearer(factor, part.ct(), best);
    }
    return best == 0 ? null : of(Finding.Kind.RATIO, part, best, others + part.intoWatts() / best);
  }

  /** Meters are not read at one instant, and a great factor makes a great error of it. */
  private static double nearer(double factor, double usual, double best) {
    boolean isNear = Math.abs(factor / usual - 1) <= 0.1;
    boolean isNearer = best == 0 || Math.abs(factor / usual - 1) < Math.abs(factor / best - 1);
    return isNear && isNearer ? usual : best;
  }

  private static Finding of(Finding.Kind kind, Part part, double factor, double residual) {
    return new Finding(kind, part.meter(), part.device(), List.of(), factor, 1, 1, residual, true);
  }

  private static List<Finding> roles(Look look) {
    List<Finding> found = new ArrayList<>();
    for (Part part : look.parts()) {
      double least = Math.max(200, LEAST_SHARE * part.ratedWatts());
      boolean against =
          switch (part.role()) {
            case "load", "electrolyser", "compressor" -> part.intoWatts() > least;
            case "pv", "chp" -> part.intoWatts() < -least;
            default -> false;
          };
      if (against) {
        found.add(
            new Finding(
                Finding.Kind.AGAINST_ROLE,
                part.meter(),
                part.device(),
                List.of(),
                1,
                1,
                1,
                null,
                true));
      }
    }
    return found;
  }

  private static List<Finding> phases(Look look) {
    List<Finding> found = new ArrayList<>();
    for (Look.Phases phases : look.phases()) {
      PhaseAngles.Verdict verdict = PhaseAngles.of(phases).verdict();
      if (verdict != null && verdict.kind() != PhaseAngles.Kind.STRAIGHT) {
        Finding.Kind kind =
            switch (verdict.kind()) {
              case TURNED -> Finding.Kind.TURNED;
              case SWAPPED -> Finding.Kind.SWAPPED;
              case MOVED, STRAIGHT -> Finding.Kind.MOVED;
            };
        found.add(new Finding(kind, null, phases.device(), verdict.phases(), 1, 1, 1, null, true));
      }
    }
    return found;
  }
}
