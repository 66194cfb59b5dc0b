package io.lingtan.agent.status.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.status.wiring.Look.Phases;
import io.lingtan.agent.status.wiring.PhaseAngles.Kind;
import io.lingtan.agent.status.wiring.PhaseAngles.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which six wires and three transformers are put wrong, at loads of every kind. */
final class PhaseAnglesTest {

  private static final double[] VOLTS = {0, -120, 120};

  /** Powers as a meter measures them: the current of another phase, or turned round. */
  private static @Nullable Verdict judged(
      double degrees, int sign, int[] current, int[] turned, double... amps) {
    List<Double> watts = new ArrayList<>();
    List<Double> flowing = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      double between = VOLTS[i] - VOLTS[current[i]] + degrees;
      double own = amps[current[i]];
      flowing.add(own);
      watts.add(sign * turned[i] * 230 * own * Math.cos(Math.toRadians(between)));
    }
    return PhaseAngles.of(new Phases("m", List.of(230.0, 230.0, 230.0), flowing, watts, null))
        .verdict();
  }

  private static final int[] OWN = {0, 1, 2};
  private static final int[] PLUS = {1, 1, 1};

  @ParameterizedTest
  @ValueSource(doubles = {-25, -10, 0, 6, 14, 25})
  void everyWayOfWiringIsToldFromTheOthersInBothDirections(double degrees) {
    for (int sign : new int[] {1, -1}) {
      double[] amps = {50, 41, 63};
      Verdict straight = new Verdict(Kind.STRAIGHT, List.of());
      assertEquals(straight, judged(degrees, sign, OWN, PLUS, amps));
      assertEquals(
          new Verdict(Kind.TURNED, List.of(2)),
          judged(degrees, sign, OWN, new int[] {1, -1, 1}, amps));
      assertEquals(
          new Verdict(Kind.SWAPPED, List.of(1, 2)),
          judged(degrees, sign, new int[] {1, 0, 2}, PLUS, amps));
      assertEquals(
          new Verdict(Kind.SWAPPED, List.of(2, 3)),
          judged(degrees, sign, new int[] {0, 2, 1}, PLUS, amps));
    }
  }

  @Test
  void aPoorPowerFactorIsNoFault() {
    assertEquals(new Verdict(Kind.STRAIGHT, List.of()), judged(43, 1, OWN, PLUS, 10, 12, 11));
  }

  @Test
  void allOnTheNextPhaseIsToldByAllBeingFarTooSmall() {
    // cos(120° + 14°) thrice: an angle that no site has, and its own only at 46°.
    assertEquals(
        new Verdict(Kind.MOVED, List.of()), judged(4, 1, new int[] {1, 2, 0}, PLUS, 10, 12, 11));
  }

  @Test
  void whereNothingFlowsInOnePhaseNothingIsTold() {
    assertNull(judged(14, 1, new int[] {1, 0, 2}, PLUS, 20, 20, 0.2));
    assertNull(judged(14, 1, new int[] {1, 0, 2}, PLUS, 0.1, 0.1, 0.1));
  }

  @Test
  void aPowerThatVoltsAndAmpsCannotMakeTellsNothing() {
    Phases impossible =
        new Phases(
            "m",
            List.of(230.0, 230.0, 230.0),
            List.of(5.0, 5.0, 5.0),
            List.of(9e4, 9e4, -9e4),
            null);
    assertNull(PhaseAngles.of(impossible).verdict());
  }
}
