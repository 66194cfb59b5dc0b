package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.meter.PowerComparison.Verdict;
import io.lingtan.agent.meter.PowerComparison.Window;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which windows say something of a register and its power. */
final class PowerComparisonTest {

  private static final Point POWER = Point.of(Quantity.POWER);
  private static final long MINUTE = 60_000;

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

  /**
   * A register that lacks a phase, beside 100 kW for an hour and then beside a compressor that goes
   * on and off each minute: of that nobody can say whether it is right, so that nothing is over.
   */
  @Test
  void whatIsSuspectStaysSoAsLongAsNoWindowSaysThatItIsRight() {
    Device device = Sites.microgrid().site().devices().getFirst();
    RegisterSpec spec = new RegisterSpec(0, 1000, 0, 1_000, 400_000_000);
    PowerComparison comparison = new PowerComparison(device, POWER, 1, spec, 5 * MINUTE);
    List<Verdict> verdicts = new ArrayList<>();
    long reading = 0;
    for (long minute = 0; minute < 60 + 8 * 60; minute++) {
      long kilowatts = minute < 60 ? 100 : minute % 2 * 100;
      long grown = kilowatts * 1_000_000 / 60 * 2 / 3;
      reading += grown;
      Values values = new Values.Builder().put(POWER, kilowatts * 1_000_000_000).build();
      Sample sample = Sample.of("grid-dev", "b", minute * MINUTE * 1_000_000, values);
      Mark at = new Mark(0, minute * MINUTE * 1_000_000, minute * MINUTE);
      Window window = comparison.observe(grown, reading, sample, at);
      if (window != null) {
        verdicts.add(window.verdict());
      }
    }
    assertEquals(Verdict.SUSPECT, verdicts.getFirst());
    assertEquals(Verdict.SUSPECT, verdicts.getLast(), verdicts.toString());
    assertTrue(comparison.isSuspectIn(7 * 60 * MINUTE, 8 * 60 * MINUTE));
  }
}
