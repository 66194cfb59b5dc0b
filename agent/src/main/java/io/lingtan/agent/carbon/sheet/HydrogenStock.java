package io.lingtan.agent.carbon.sheet;

/**
 * The carbon of the hydrogen in a site's tanks as one mix: what is made adds its own, what is given
 * takes out its share of all that is given or left. So hydrogen that was vented, or leaked, takes
 * none away: the rest bears it. Carbon in = carbon out + carbon stored, to the milligram.
 *
 * <p>What was in the tanks when counting began, or was not counted in between, has an unknown mix:
 * it is believed again once three times as much was given, which leaves a twentieth of it.
 *
 * @param held hydrogen by the books, mg, ≥ 0: where tanks hold less it went; a little more is
 *     measured no better than that, and waits until it is much
 * @param carbon CO2 that came with it, mg, ≥ 0
 * @param doubt hydrogen yet to be given before the mix is believed, mg, ≥ 0; {@link Long#MAX_VALUE}
 *     before anything is known
 */
public record HydrogenStock(long held, long carbon, long doubt) {

  /** Before anything was counted. */
  public static final HydrogenStock UNKNOWN = new HydrogenStock(0, 0, Long.MAX_VALUE);

  private static final long TIMES = 3;

  public HydrogenStock {
    if (held < 0 || carbon < 0 || doubt < 0) {
      throw new IllegalArgumentException(
          "a stock holds nothing negative: %d mg, %d mg of CO2, doubt %d mg"
              .formatted(held, carbon, doubt));
    }
  }

  /** The same once it is known how much there was to begin with, though not of which mix. */
  public HydrogenStock begunWith(long amount) {
    return new HydrogenStock(amount, carbon, TIMES * amount);
  }

  /**
   * Something was not counted: the books go on, but are not believed for a while.
   *
   * @param left what there is now, mg
   * @param unknown hydrogen of an unknown mix in it, mg
   */
  public HydrogenStock doubted(long left, long unknown) {
    return new HydrogenStock(left, carbon, isUnknown() ? doubt : Math.max(doubt, TIMES * unknown));
  }

  /** The same with so much by the books. */
  public HydrogenStock holding(long amount) {
    return new HydrogenStock(amount, carbon, doubt);
  }

  /** Whether not even the amount was known when counting began. */
  public boolean isUnknown() {
    return doubt == Long.MAX_VALUE;
  }

  public boolean isBelieved() {
    return doubt == 0;
  }

  /**
   * What is left and what went out.
   *
   * @param carbon CO2 of the hydrogen that was given, mg
   */
  public record Given(HydrogenStock left, long carbon) {}

  /** What there is by the books after so much was made and given, mg; below 0 they are wrong. */
  public long left(long made, long given) {
    return held + made - given;
  }

  /**
   * Hydrogen is made, and some is given.
   *
   * @param madeCarbon CO2 of what was made, mg
   * @param given mg
   * @param left what the tanks hold afterwards, mg
   */
  public Given give(long madeCarbon, long given, long left) {
    long all = carbon + madeCarbon;
    long out = given + left == 0 ? 0 : Rounding.share(all, given, given + left);
    long rest = isUnknown() ? doubt : Math.max(0, doubt - given);
    return new Given(new HydrogenStock(left, all - out, rest), out);
  }
}
