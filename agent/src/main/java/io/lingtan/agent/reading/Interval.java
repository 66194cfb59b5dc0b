package io.lingtan.agent.reading;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of one interval of local time, left-closed, before they are numbered.
 *
 * @param length {@code 1m 5m 10m 15m 30m 1h 1d 1M 1Y}
 * @param startMillis start, UTC ms, inclusive
 * @param endMillis end, UTC ms, exclusive
 * @param rev 0 when first closed, +1 for each revision
 * @param metrics by name, in the order in which the record lists them
 * @param registers {@code meter/point} to the register's value at start and end in millionths of
 *     its unit, for the registers known at both
 * @param factors by id, the factors that the metrics name
 * @param corrections by id, what people put in place of what meters counted in it
 */
public record Interval(
    String length,
    long startMillis,
    long endMillis,
    int rev,
    SequencedMap<String, Metric> metrics,
    SequencedMap<String, Span> registers,
    SequencedMap<String, FactorUsed> factors,
    SequencedMap<String, Correction> corrections) {

  /** One that nobody corrected. */
  public Interval(
      String length,
      long startMillis,
      long endMillis,
      int rev,
      SequencedMap<String, Metric> metrics,
      SequencedMap<String, Span> registers,
      SequencedMap<String, FactorUsed> factors) {
    this(length, startMillis, endMillis, rev, metrics, registers, factors, new LinkedHashMap<>());
  }

  public Interval {
    if (endMillis <= startMillis || rev < 0) {
      throw new IllegalArgumentException(
          "an interval ends after its start and rev >= 0: " + startMillis + ".." + endMillis);
    }
    metrics = new LinkedHashMap<>(metrics);
    registers = new LinkedHashMap<>(registers);
    factors = new LinkedHashMap<>(factors);
    corrections = new LinkedHashMap<>(corrections);
  }

  /**
   * What counts of two records of one interval: the higher revision, whichever came first. Of one
   * revision the one that came later, which says the same.
   *
   * @param later what came later
   */
  public Interval orNewer(Interval later) {
    return later.rev >= rev ? later : this;
  }

  /** The same under another revision. */
  public Interval rev(int other) {
    return new Interval(
        length, startMillis, endMillis, other, metrics, registers, factors, corrections);
  }

  /**
   * The same, none of whose values is believed.
   *
   * @param reason why
   */
  public Interval doubted(String reason) {
    SequencedMap<String, Metric> doubtful = new LinkedHashMap<>();
    metrics.forEach((name, metric) -> doubtful.put(name, metric.doubted(reason)));
    return new Interval(
        length, startMillis, endMillis, rev, doubtful, registers, factors, corrections);
  }

  /** A register's value at an interval's two boundaries, in millionths of its unit. */
  public record Span(long start, long end) {}

  /**
   * A factor as used.
   *
   * @param value decimal text
   * @param version of its table
   * @param provisional that of the interval's own year is not out
   * @param standing who stands behind it
   * @param u95Percent its expanded uncertainty (95 %, k = 2) as published, decimal text in percent;
   *     null where its publisher states none
   */
  public record FactorUsed(
      String value,
      String ucum,
      String version,
      boolean provisional,
      Standing standing,
      @Nullable String u95Percent) {

    /** An official one without a stated uncertainty. */
    public FactorUsed(String value, String ucum, String version, boolean provisional) {
      this(value, ucum, version, provisional, Standing.OFFICIAL, null);
    }

    /** The same factor used a second time: provisional if it was once. */
    public FactorUsed and(FactorUsed again) {
      return again.provisional || !provisional
          ? again
          : new FactorUsed(
              again.value, again.ucum, again.version, true, again.standing, again.u95Percent);
    }
  }

  /**
   * One figure.
   *
   * @param micros millionths of the unit (kWh: milliwatt-hours; kg: milligrams); null exactly when
   *     the quality is {@code missing}
   * @param ucum unit
   * @param coverage whole percent of the time that was covered by samples, 0..100
   * @param estimated whole percent of the energy that is estimated, 0..100
   * @param of the energy metric that a carbon figure is worked out from
   * @param factor id of the factor used; null without one, and where they are several
   * @param why what is missing and why, for a missing figure; why a suspect one is not believed
   *     where that does not show in what it is made of; else null
   * @param text the word that the value stands for, such as a class; else null
   * @param factors ids of the factors used where they are several, in the order of their use; else
   *     empty
   * @param standing the worst of the factors that it rests on, directly or not
   * @param lacking the times of the interval that the amount does not account for: an amount over a
   *     silence is measured and lacks nothing, though no sample covers it, while one whose register
   *     was reset lacks what was counted until the reset. Not in a record. None for a figure that
   *     is partial without knowing of which times.
   * @param pm half the width of the interval around the value in which the true one lies with 95 %
   *     (GUM, k = 2), millionths of the unit; null where nobody can say it
   */
  public record Metric(
      @Nullable Long micros,
      String ucum,
      Quality quality,
      int coverage,
      int estimated,
      @Nullable String of,
      @Nullable String factor,
      @Nullable String why,
      @Nullable String text,
      List<String> factors,
      Standing standing,
      Times lacking,
      @Nullable Long pm) {

    /** A value that is made of no other figure and no factor. */
    public Metric(
        @Nullable Long micros, String ucum, Quality quality, int coverage, int estimated) {
      this(micros, ucum, quality, coverage, estimated, null, null, null);
    }

    /** A figure that stands for itself. */
    public Metric(
        @Nullable Long micros,
        String ucum,
        Quality quality,
        int coverage,
        int estimated,
        @Nullable String of,
        @Nullable String factor,
        @Nullable String why) {
      this(
          micros,
          ucum,
          quality,
          coverage,
          estimated,
          of,
          factor,
          why,
          null,
          List.of(),
          Standing.OFFICIAL,
          Times.NONE,
          null);
    }

    public Metric {
      if ((micros == null) != (quality == Quality.MISSING)) {
        throw new IllegalArgumentException("a figure has a value exactly unless it is missing");
      }
      if (micros == null && why == null) {
        throw new IllegalArgumentException("a missing figure has a why");
      }
      if (coverage < 0 || coverage > 100 || estimated < 0 || estimated > 100) {
        throw new IllegalArgumentException(
            "percentages are 0..100, were " + coverage + " and " + estimated);
      }
      if (pm != null && (micros == null || pm < 0)) {
        throw new IllegalArgumentException("a value is known to within 0 or more, was " + pm);
      }
      factors = List.copyOf(factors);
      if (factors.size() == 1 || (factor != null && !factors.isEmpty())) {
        throw new IllegalArgumentException(
            "a figure names one factor or several, was " + factor + " and " + factors);
      }
    }

    /** The same figure, worked out with other factors: none, one, or several. */
    public Metric by(SequencedCollection<String> used) {
      boolean several = used.size() > 1;
      return new Metric(
          micros,
          ucum,
          quality,
          coverage,
          estimated,
          of,
          several || used.isEmpty() ? null : used.getFirst(),
          why,
          text,
          several ? List.copyOf(used) : List.of(),
          standing,
          lacking,
          pm);
    }

    /** The factors used, in the order of their use. */
    public List<String> allFactors() {
      return factor == null ? factors : List.of(factor);
    }

    /** The same figure, resting on a factor of this standing too. */
    public Metric restingOn(Standing factorStanding) {
      Standing worst = standing.worse(factorStanding);
      return worst == standing
          ? this
          : new Metric(
              micros, ucum, quality, coverage, estimated, of, factor, why, text, factors, worst,
              lacking, pm);
    }

    /** The same figure, which has a value, in another quality than {@code missing}. */
    public Metric of(Quality other) {
      return new Metric(
          micros, ucum, other, coverage, estimated, of, factor, why, text, factors, standing,
          lacking, pm);
    }

    /** The same figure, whose value is not believed; one without a value stays as it is. */
    Metric doubted(String reason) {
      return micros == null
          ? this
          : new Metric(
              micros,
              ucum,
              Quality.SUSPECT,
              coverage,
              estimated,
              of,
              factor,
              reason,
              text,
              factors,
              standing,
              lacking,
              null);
    }

    /** The same figure with a word to it. */
    public Metric saying(String word) {
      return new Metric(
          micros, ucum, quality, coverage, estimated, of, factor, why, word, factors, standing,
          lacking, pm);
    }

    /** The same figure, which has a value and does not account for these times. */
    public Metric lacking(Times times) {
      return new Metric(
          micros, ucum, quality, coverage, estimated, of, factor, why, text, factors, standing,
          times, pm);
    }

    /** The same figure, which has a value, known to within so much; null if nobody can say. */
    public Metric within(@Nullable Long expanded) {
      return new Metric(
          micros, ucum, quality, coverage, estimated, of, factor, why, text, factors, standing,
          lacking, expanded);
    }

    /** Whether it accounts for all of its interval. */
    public boolean isWhole() {
      return micros != null && quality != Quality.PARTIAL && lacking.isNone();
    }

    public static Metric missing(String ucum, String why) {
      return new Metric(null, ucum, Quality.MISSING, 0, 0, null, null, why);
    }
  }
}
