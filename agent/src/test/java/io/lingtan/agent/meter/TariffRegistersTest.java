package io.lingtan.agent.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.meter.TariffRegisters.Difference;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site.Meter;
import io.lingtan.testing.Parts;
import io.lingtan.testing.Sites;
import io.lingtan.testing.TruthCases;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A meter's registers by tariff and its total. */
final class TariffRegistersTest {

  private static final Point TOTAL = Point.of("energy_import");

  private static TariffRegisters registers(int tariffs, long step) {
    var points = new ArrayList<>(List.of(Sites.register("energy_import", 0)));
    for (int i = 1; i <= tariffs; i++) {
      points.add(Sites.register("energy_import_t" + i, 4 * i));
    }
    Meter meter =
        Parts.meter("grid", "gate", Role.GRID, 0, false, null, 0, Double.NaN, 0, Double.NaN);
    Device device = new Sites().meter(meter, Kind.METER, points).site().devices().iterator().next();
    TariffRegisters made =
        TariffRegisters.of(device, TOTAL, new RegisterSpec(0, step, 0, 60_000, 0));
    assertNotNull(made);
    return made;
  }

  private static Values values(long... tariffs) {
    Values.Builder read = new Values.Builder();
    for (int i = 0; i < tariffs.length; i++) {
      read.put(Point.of("energy_import_t" + (i + 1)), tariffs[i]);
    }
    return read.build();
  }

  static List<Node> cases() {
    List<Node> cases = TruthCases.of("tariff_registers");
    assertFalse(cases.isEmpty());
    return cases;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theyMayDifferByOneStepEach(Node each) {
    List<Node> rows = each.at("inputs").at("rows").list();
    for (int row = 0; row < rows.size(); row++) {
      Node in = rows.get(row);
      long total = TruthCases.micros(in, "total_kWh");
      long[] tariffs =
          in.at("tariff_kWh").list().stream()
              .mapToLong(kwh -> TruthCases.number(kwh).movePointRight(6).longValueExact())
              .toArray();
      Node expected = each.at("expected").at("rows").list().get(row);
      TariffRegisters registers = registers(tariffs.length, TruthCases.micros(in, "step_kWh"));
      assertNull(registers.observe(total, values(tariffs)), "judged by the next reading");
      @Nullable Difference told = registers.observe(total, values(tariffs));
      assertEquals(expected.at("verdict").text().equals("ok"), told == null, expected.path());
      if (told != null) {
        assertEquals(
            TruthCases.micros(expected, "difference_kWh"), Math.abs(told.total() - told.sum()));
        assertFalse(told.over());
      }
    }
  }

  @Test
  void whatIsCountedWhileTheyAreReadIsNoDifference() {
    TariffRegisters registers = registers(2, 10_000);
    long total = 900_000_000;
    for (int i = 0; i < 20; i++) {
      // A megawatt, and a second for each register.
      assertNull(registers.observe(total, values(500_000_000, total - 500_000_000 + 500_000)));
      total += 5_000_000;
    }
  }

  @Test
  void itIsToldOnceAndAgainWhenTheyAgree() {
    TariffRegisters registers = registers(2, 10_000);
    List<@Nullable Difference> told = new ArrayList<>();
    for (long sum : List.of(9L, 9L, 9L, 5L, 5L, 5L, 9L, 9L)) {
      told.add(registers.observe(9_000_000, values(sum * 1_000_000 - 1, 1)));
    }
    told.add(registers.observe(9_000_000, values(1)));
    assertEquals(
        List.of(
            new Difference(9_000_000, 5_000_000, false),
            new Difference(9_000_000, 9_000_000, true)),
        told.stream().filter(each -> each != null).toList());
  }
}
