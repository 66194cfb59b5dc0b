package io.lingtan.agent.carbon.sheet;

import io.lingtan.agent.reading.Quality;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Accuracy;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What each source of error adds to the standard uncertainty of a figure, with its sign and in the
 * figure's unit (JCGM 100:2008, GUM). A source that stands in several figures is one and the same
 * error: budgets are added source by source (5.2.2), and only in the end the sources in squares
 * (5.1.2).
 *
 * <p>Of a register the class of its meter is one source, whatever the time: what a meter shows too
 * much in one interval it shows too much in all. Its step is another, which counts at the two
 * readings between which it counted, and so once over a day as over a quarter of an hour. What is
 * estimated is taken as anything between nothing and twice as much.
 */
public final class UncertaintyBudget {

  /** Coverage factor of 95 %. */
  private static final double K = 2;

  public static final UncertaintyBudget NOTHING = new UncertaintyBudget(new LinkedHashMap<>());

  private final SequencedMap<String, Double> sources;

  private UncertaintyBudget(SequencedMap<String, Double> sources) {
    this.sources = sources;
  }

  /**
   * Of one source.
   *
   * @param standard uncertainty that it causes, in the figure's unit
   */
  public static UncertaintyBudget of(String source, double standard) {
    SequencedMap<String, Double> one = new LinkedHashMap<>();
    one.put(source, standard);
    return new UncertaintyBudget(one);
  }

  /**
   * Of what a register counted, in millionths; null where its meter's class is not declared, where
   * no register counted it, where a person put a value in place of what was counted, where the
   * class does not concern the quantity, and where gas is corrected by a temperature and a pressure
   * of which nobody says how far they are off.
   */
  public static @Nullable UncertaintyBudget of(Count count) {
    Accuracy accuracy = count.meter().accuracy();
    Long micros = count.amount().micros();
    boolean isCounted =
        count.step() != 0
            && count.amount().quality() != Quality.SUBSTITUTED
            && !count.meter().gas().isRaw();
    if (accuracy == null || micros == null || !isCounted || !isOfTheClass(count)) {
      return null;
    }
    String register = count.meter().id() + "/" + count.figure().metric();
    UncertaintyBudget budget =
        of(count.meter().id(), micros * accuracy.relative()).plus(step(register, count.step()));
    int estimated = count.amount().estimated();
    return estimated == 0
        ? budget
        : budget.plus(of(register + "/estimated", micros * estimated / 100.0 / Math.sqrt(3)));
  }

  /** Of the step of a register that was read twice, each time somewhere within it. */
  private static UncertaintyBudget step(String register, long step) {
    return of(register + "/step", step / Math.sqrt(12) * Math.sqrt(2));
  }

  /** An electricity meter's class is that of its active energy. */
  private static boolean isOfTheClass(Count count) {
    Role role = count.meter().role();
    Figure figure = count.figure();
    return switch (role) {
      case GAS, HEAT, H2_DISPENSER -> true;
      default -> figure.ucum().equals(Sheet.KWH);
    };
  }

  /** Of the sum of both figures. */
  public UncertaintyBudget plus(UncertaintyBudget other) {
    SequencedMap<String, Double> sum = new LinkedHashMap<>(sources);
    other.sources.forEach((source, standard) -> sum.merge(source, standard, Double::sum));
    return new UncertaintyBudget(sum);
  }

  /** Of the first figure less the other one. */
  public UncertaintyBudget minus(UncertaintyBudget other) {
    return plus(other.times(-1));
  }

  /** Of a multiple of the figure. */
  public UncertaintyBudget times(double by) {
    SequencedMap<String, Double> product = new LinkedHashMap<>();
    sources.forEach((source, standard) -> product.put(source, standard * by));
    return new UncertaintyBudget(product);
  }

  /** Combined standard uncertainty. */
  public double standard() {
    double squares = 0;
    for (double each : sources.values()) {
      squares += each * each;
    }
    return Math.sqrt(squares);
  }

  /** Expanded uncertainty, 95 %. */
  public double expanded() {
    return K * standard();
  }
}
