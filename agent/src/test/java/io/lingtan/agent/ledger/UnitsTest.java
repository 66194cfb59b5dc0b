package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.sheet.Level;
import io.lingtan.agent.reading.Interval;
import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.DeviceProfile.Kind;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Figure;
import io.lingtan.agent.site.Role;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Sites;
import io.lingtan.testing.Ucum;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Every unit that leaves this agent is UCUM. */
final class UnitsTest {

  /** It is valid and means (g/kW)·h. */
  private static final String TRAP = "g/kW.h";

  @Test
  void theCodesOfS08AreWhatTheyAre() {
    int codes = 0;
    for (Node each : WorkedExamples.cases("S08")) {
      String code = each.at("code").text();
      assertEquals(each.at("valid").value(), Ucum.isValid(code), code);
      codes++;
    }
    assertEquals(11, codes);
    assertFalse(Ucum.isValid("kW.h)"));
    assertFalse(Ucum.isValid("kW..h"));
  }

  @Test
  void ourUnitsAreValidAndNoneIsATrap() {
    Set<String> units = new TreeSet<>();
    for (Quantity quantity : Quantity.values()) {
      units.add(quantity.ucum());
    }
    for (Figure figure : Figure.values()) {
      units.add(figure.ucum());
    }
    for (Level.Kind kind : Level.Kind.values()) {
      units.add(kind.ucum());
    }
    for (String name : Catalogue.factors(null).names()) {
      FactorTable table = Objects.requireNonNull(Catalogue.factors(null).load(name).value());
      table.factors().forEach(factor -> units.add(factor.ucum()));
    }
    Site site =
        Sites.microgrid().meter("tank", Role.H2_STORAGE, Kind.SENSOR, 0, "mass").jiangsu().site();
    Collected out = new Collected();
    Fold fold = new Fold(site);
    fold.indicators().values().forEach(indicator -> units.add(indicator.ucum()));
    Played world = new Played(io.lingtan.agent.run.Randomness.seeded(1), 60_000);
    while (world.millis() < Played.START + 26 * 3_600_000L) {
      world.step().forEach(r -> fold.observe(r.sample(), r.tsMillis(), out));
    }
    for (Interval interval : out.intervals) {
      interval.metrics().values().forEach(metric -> units.add(metric.ucum()));
      interval.factors().values().forEach(factor -> units.add(factor.ucum()));
    }
    assertTrue(units.size() > 20, units.toString());
    for (String unit : units) {
      assertTrue(Ucum.isValid(unit), unit + " is not UCUM");
      assertFalse(unit.contains(TRAP), unit);
    }
    for (String unit : Set.of("t{ce}/(10*4.{CNY})", "kg/(100.km)", "kW.h/m3", "kg/km")) {
      assertTrue(Ucum.isValid(unit), unit);
    }
  }
}
