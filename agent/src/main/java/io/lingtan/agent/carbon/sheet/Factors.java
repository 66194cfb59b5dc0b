package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Interval.FactorUsed;
import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.FactorTable.Factor;
import io.lingtan.agent.site.Regions;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the factor for a place and a day: of the region and the year; else of the region's newest
 * earlier year, then provisional; else of its grid region; else of the country. It never crosses
 * the basis: a residual or footprint factor does not stand in for a location factor. A factor that
 * nobody in charge stands behind is taken only where the site accepts its status. A location factor
 * of a wider place is such a one: nobody published it for this place, so it is non-official here.
 */
public final class Factors {

  private static final String ELECTRICITY = "electricity";
  private static final String LOCATION = "location";

  private final List<FactorTable> tables;
  private final ZoneId zone;
  private final List<String> regions;
  private final Set<Standing> accepted;

  /** Carrier and basis of what was looked up since {@link #takeAsked} was called last. */
  private Set<String> asked = new TreeSet<>();

  /** Of official factors. */
  public Factors(List<FactorTable> tables, String region, ZoneId zone) {
    this(tables, Set.of(), region, zone);
  }

  /**
   * @param accepted beside official factors
   * @param region where the site is, such as {@code CN-JS}
   */
  public Factors(List<FactorTable> tables, Set<Standing> accepted, String region, ZoneId zone) {
    this.tables = List.copyOf(tables);
    this.accepted = Set.copyOf(accepted);
    this.zone = zone;
    this.regions = Regions.widening(region);
  }

  /**
   * A factor as it applies to one interval.
   *
   * @param provisional its year is not the year of consumption, or it was published as such
   */
  public record InForce(Factor factor, String version, boolean provisional) {

    /** How an interval record shows it. */
    public FactorUsed used() {
      return new FactorUsed(
          factor.value(), factor.ucum(), version, provisional, standing(), factor.u95Percent());
    }

    public Standing standing() {
      return Standing.of(factor.status());
    }

    /**
     * Kilograms, in millionths, that belong to a quantity; half-even.
     *
     * @param micros of the quantity, in millionths of {@code ucum}
     * @throws IllegalStateException if the factor is not for quantities of that unit
     */
    public long kilograms(long micros, String ucum) {
      return Rounding.whole(kilogramsPer(ucum).multiply(BigDecimal.valueOf(micros)));
    }

    /** Kilograms for one {@code ucum}, exact. */
    public BigDecimal kilogramsPer(String ucum) {
      return FactorUnit.of(factor).kilogramsPer(ucum, new BigDecimal(factor.value()));
    }
  }

  /**
   * The electricity factor for an interval that starts at {@code startMillis}, null if there is
   * none.
   *
   * @param basis {@code location residual ...}
   */
  public @Nullable InForce electricity(String basis, long startMillis) {
    return find(ELECTRICITY, basis, startMillis);
  }

  /** The same for any carrier, such as {@code natural_gas}. */
  public @Nullable InForce find(String carrier, String basis, long startMillis) {
    asked.add(carrier + " " + basis);
    return find(carrier, basis, date(startMillis), this::isTaken);
  }

  /**
   * What was looked up, found or not, since this was called last: carrier and basis, such as {@code
   * electricity location}.
   */
  public Set<String> takeAsked() {
    Set<String> taken = asked;
    asked = new TreeSet<>();
    return taken;
  }

  /**
   * The factor for a carrier and basis, as {@link #takeAsked} names them; null if none is there.
   */
  public @Nullable InForce inForce(String carrierAndBasis, LocalDate day) {
    int space = carrierAndBasis.indexOf(' ');
    return find(
        carrierAndBasis.substring(0, space),
        carrierAndBasis.substring(space + 1),
        day,
        this::isTaken);
  }

  /** The set of warming potentials that gases count by; null where none is in use. */
  public @Nullable String potentials() {
    return tables.stream()
        .map(FactorTable::potentials)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Whether any factor in use has this basis. */
  public boolean has(String basis) {
    return tables.stream()
        .flatMap(table -> table.factors().stream())
        .anyMatch(factor -> factor.basis().equals(basis));
  }

  /** Says which factor is not there. */
  public String lacking(String carrier, String basis, long startMillis) {
    LocalDate day = date(startMillis);
    InForce refused = find(carrier, basis, day, factor -> !isTaken(factor));
    String why =
        "no %s factor of %s for %s on %s".formatted(basis, carrier, regions.getFirst(), day);
    return refused == null
        ? why
        : "%s: %s is %s%s, and carbon.accept does not name that"
            .formatted(
                why,
                refused.factor.id(),
                refused.factor.status(),
                refused.factor.region().equals(regions.getFirst()) ? "" : " for it");
  }

  private boolean isTaken(Factor factor) {
    return factor.isTaken(accepted);
  }

  /** The local date at {@code millis}. */
  LocalDate date(long millis) {
    return LocalDate.ofInstant(Instant.ofEpochMilli(millis), zone);
  }

  private @Nullable InForce find(
      String carrier, String basis, LocalDate day, Predicate<Factor> taken) {
    for (String region : regions) {
      boolean elsewhere = basis.equals(LOCATION) && !region.equals(regions.getFirst());
      InForce best = null;
      for (FactorTable table : tables) {
        for (Factor published : table.factors()) {
          if (!published.carrier().equals(carrier)
              || !published.basis().equals(basis)
              || !published.isOf(region)) {
            continue;
          }
          Factor factor = elsewhere ? standIn(published) : published;
          if (taken.test(factor)
              && !factor.validFrom().isAfter(day)
              && factor.dataYear() <= day.getYear()) {
            InForce found = inForce(factor, table.version(), day);
            best = best == null || isBetter(found, best, day) ? found : best;
          }
        }
      }
      if (best != null) {
        return best;
      }
    }
    return null;
  }

  /** The factor of another place, as it counts here. */
  private static Factor standIn(Factor factor) {
    return Standing.of(factor.status()) == Standing.OFFICIAL
        ? factor.as(Standing.NON_OFFICIAL.word())
        : factor;
  }

  private static InForce inForce(Factor factor, String version, LocalDate day) {
    boolean outOfYear = isYearly(factor) && factor.dataYear() != day.getYear();
    boolean provisional =
        outOfYear || !factor.isValidOn(day) || factor.status().equals("provisional");
    return new InForce(factor, version, provisional);
  }

  /** Factors of the grid describe one year; a fuel's or a coefficient holds until replaced. */
  private static boolean isYearly(Factor factor) {
    return factor.carrier().startsWith(ELECTRICITY) && !factor.basis().equals("equivalent");
  }

  private static boolean isBetter(InForce a, InForce b, LocalDate day) {
    if (a.factor.isValidOn(day) != b.factor.isValidOn(day)) {
      return a.factor.isValidOn(day);
    }
    return a.factor.dataYear() > b.factor.dataYear();
  }
}
