package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import org.junit.jupiter.api.Test;

final class HydrogenDensityTest {

  @Test
  void thePublishedCheckValuesAndOperatingPointsOfE01() {
    for (Node example : WorkedExamples.cases("E01")) {
      double kelvin = example.at("T_K").number();
      double pressure = example.at("p_MPa_abs").number();
      Node expected = example.at("expected");
      assertClose(example, expected.at("Z"), HydrogenDensity.compressibility(kelvin, pressure));
      if (expected.has("rho_mol_per_L")) {
        assertClose(
            example, expected.at("rho_mol_per_L"), HydrogenDensity.molesPerLitre(kelvin, pressure));
      } else {
        assertClose(
            example,
            expected.at("rho_kg_per_m3"),
            HydrogenDensity.kilogramsPerCubicMetre(kelvin, pressure));
      }
    }
  }

  private static void assertClose(Node example, Node expected, double actual) {
    double printed = Math.pow(10, -expected.decimal().scale()) / 2;
    double tolerance =
        example.has("tolerance_abs")
            ? example.at("tolerance_abs").number()
            : Math.max(printed, expected.number() * example.at("tolerance_rel").number());
    assertEquals(expected.number(), actual, tolerance, expected.path());
  }

  @Test
  void theBusFillOfE02() {
    Node example = WorkedExamples.example("E02");
    Node in = example.at("inputs");
    double volume = in.at("V_m3").number();
    double before = volume * density(in.at("before"));
    double after = volume * density(in.at("after"));
    double reference = HydrogenDensity.kilogramsPerCubicMetre(288.15, in.at("NWP_MPa").number());
    Node expected = example.at("expected");
    double tolerance = example.at("tolerance_rel").number();
    assertRelative(expected.at("m_before_kg"), before, tolerance);
    assertRelative(expected.at("m_after_kg"), after, tolerance);
    assertRelative(expected.at("dispensed_kg"), after - before, tolerance);
    assertRelative(expected.at("rho_ref_35MPa_15C_kg_per_m3"), reference, tolerance);
    assertRelative(expected.at("SOC_after_pct"), 100 * after / volume / reference, tolerance);
  }

  private static double density(Node state) {
    return HydrogenDensity.kilogramsPerCubicMetre(
        state.at("T_K").number(), state.at("p_MPa_abs").number());
  }

  private static void assertRelative(Node expected, double actual, double tolerance) {
    assertEquals(expected.number(), actual, expected.number() * tolerance, expected.path());
  }

  @Test
  void whatTheEquationDoesNotCoverIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> HydrogenDensity.compressibility(199, 10));
    assertThrows(IllegalArgumentException.class, () -> HydrogenDensity.compressibility(300, 201));
    assertThrows(
        IllegalArgumentException.class, () -> HydrogenDensity.compressibility(Double.NaN, 1));
  }
}
