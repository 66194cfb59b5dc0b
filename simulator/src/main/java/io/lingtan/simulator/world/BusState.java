package io.lingtan.simulator.world;

/**
 * A bus at an instant.
 *
 * @param metres odometer
 * @param milligrams hydrogen in its tank
 * @param filledMilligrams hydrogen ever taken from the dispenser
 */
public record BusState(Activity activity, long metres, long milligrams, long filledMilligrams) {

  /** What a bus does. */
  public enum Activity {
    RESTING,
    DRIVING,
    WAITING_FOR_FUEL,
    FUELLING
  }
}
