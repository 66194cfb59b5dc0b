package io.lingtan.agent.site;

import io.lingtan.agent.reading.Standing;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Emission factors and conversion coefficients of one publication series.
 *
 * @param name file name without ending, as in {@code carbon.factors}
 * @param version names this state of the table, such as {@code 2025-47}
 * @param potentials the set of warming potentials that other gases count by, such as {@code AR6};
 *     null where none does
 */
public record FactorTable(
    String name, String version, List<Factor> factors, @Nullable String potentials) {

  /** The basis of what a gas warms in 100 years, in kilograms of CO2 for one of it. */
  public static final String GWP100 = "gwp100";

  public FactorTable {
    factors = List.copyOf(factors);
  }

  /**
   * One factor.
   *
   * @param id such as {@code cn-elec/CN-JS/2023}
   * @param carrier {@code electricity diesel natural_gas hydrogen ...}
   * @param region {@code CN}, a grid region or a province such as {@code CN-JS}
   * @param basis {@code location residual fossil footprint project_om project_bm supplier
   *     instrument equivalent equal_value gwp100}; a lookup never crosses it
   * @param gas {@code CO2} or {@code CO2e}; empty for coefficients that are no emission
   * @param value decimal text, exactly as published
   * @param ucum unit
   * @param dataYear year that the data describe
   * @param validFrom first local day of validity, inclusive
   * @param validTo last local day of validity, inclusive
   * @param document the publication
   * @param url where it, or the copy that was read, can be seen; empty if no address is known
   * @param status {@code official provisional non-official unconfirmed demo}
   * @param u95Percent its expanded uncertainty (95 %, k = 2), decimal text in percent; null where
   *     its publisher states none
   */
  public record Factor(
      String id,
      String carrier,
      String region,
      String basis,
      String gas,
      String value,
      String ucum,
      int dataYear,
      LocalDate validFrom,
      @Nullable LocalDate validTo,
      String document,
      String url,
      String status,
      @Nullable String u95Percent) {

    /** Whether it may be used. */
    public boolean isTaken(Set<Standing> accepted) {
      Standing standing = Standing.of(status);
      return standing == Standing.OFFICIAL || accepted.contains(standing);
    }

    /** Whether it holds in a region; what a gas warms is the same in all. */
    public boolean isOf(String place) {
      return basis.equals(GWP100) || region.equals(place);
    }

    /** The same with another status. */
    public Factor as(String other) {
      return new Factor(
          id,
          carrier,
          region,
          basis,
          gas,
          value,
          ucum,
          dataYear,
          validFrom,
          validTo,
          document,
          url,
          other,
          u95Percent);
    }

    /** Whether its days contain this one. */
    public boolean isValidOn(LocalDate day) {
      LocalDate last = validTo;
      return !validFrom.isAfter(day) && (last == null || !last.isBefore(day));
    }
  }
}
