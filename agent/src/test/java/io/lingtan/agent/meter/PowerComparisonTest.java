package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which windows say something of a register and its power. */
final class PowerComparisonTest {

  static List<Node> windows() {
    List<Node> cases = TruthCases.of("register_window");
    assertFalse(cases.isEmpty());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("windows")
  void aWindowIsJudgedWhereItIsLongAndTheRegisterMoved(Node each) {
    List<Node> rows = each.at("inputs").at("windows").list();
    for (int i = 0; i < rows.size(); i++) {
      Node row = rows.get(i);
      long millis = row.at("window_min").decimal().longValueExact() * 60_000;
      long counted = TruthCases.micros(row, "register_kWh");
      long step = TruthCases.micros(row, "step_kWh");
      assertEquals(
          each.at("expected").at("judged").list().get(i).text().equals("yes"),
          PowerComparison.isLongEnough(millis, counted, step),
          row.path());
    }
  }
}
