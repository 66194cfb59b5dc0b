package io.lingtan.agent.carbon.sheet;

import org.jspecify.annotations.Nullable;

/**
 * What a base interval hands on to the next one: the carbon of what is stored.
 *
 * @param battery null without a battery
 * @param hydrogen null where no hydrogen is made and given, and as older software wrote it down
 */
public record Carried(@Nullable CarbonPool battery, @Nullable HydrogenStock hydrogen) {

  /** Null where nothing is stored. */
  public static @Nullable Carried of(
      @Nullable CarbonPool battery, @Nullable HydrogenStock hydrogen) {
    return battery == null && hydrogen == null ? null : new Carried(battery, hydrogen);
  }
}
