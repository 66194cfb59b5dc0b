package io.lingtan.agent.status.wiring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import io.lingtan.agent.status.wiring.Look.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which turn closes the balance, and when nothing is said. */
final class WiringTest {

  private static final long SECOND = 1_000_000_000L;

  private final Wiring wiring = new Wiring();
  private long now;

  /** Powers into the busbar, kW; the gate has what the others leave. */
  private static Look site(double pv, double battery, double load, double unmetered) {
    return of(-(pv + battery + load) + unmetered, pv, battery, load);
  }

  private static Look of(double gate, double pv, double battery, double load) {
    List<Part> parts =
        List.of(
            new Part("grid", "gate", "grid", gate * 1000, 400_000, false, 80),
            new Part("pv", "pv1", "pv", pv * 1000, 160_000, false, 1),
            new Part("battery", "bat1", "battery", battery * 1000, 250_000, false, 1),
            new Part("buildings", "house", "load", load * 1000, 120_000, false, 1));
    return new Look(parts, (gate + pv + battery + load) * 1000, List.of(), List.of());
  }

  private Verdicts look(Look look) {
    now += SECOND;
    return wiring.take(look, now);
  }

  private Verdicts after(List<Look> looks) {
    Verdicts last = look(looks.getFirst());
    for (Look each : looks.subList(1, looks.size())) {
      last = look(each);
    }
    return last;
  }

  private static List<String> words(Verdicts verdicts) {
    List<String> words = new ArrayList<>();
    for (Finding finding : verdicts.findings()) {
      words.add(
          "%s %s x%.0f %d/%d%s"
              .formatted(
                  finding.kind(),
                  finding.device(),
                  finding.factor(),
                  finding.votes(),
                  finding.looks(),
                  finding.isAlone() ? "" : " or another"));
    }
    return words;
  }

  /** A minute of a site in which everything moves. */
  private static List<Look> minute(Fault fault) {
    List<Look> looks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      double pv = 62 + 3 * i;
      double battery = -18 + i;
      double load = -31 - i % 3;
      double gate = -(pv + battery + load) + 0.1;
      looks.add(fault.on(gate, pv, battery, load));
    }
    return looks;
  }

  private interface Fault {
    Look on(double gate, double pv, double battery, double load);
  }

  @Test
  void aSiteThatIsRightHasNoFinding() {
    Verdicts verdicts = after(minute(WiringTest::of));
    assertEquals(List.of(), words(verdicts));
    assertTrue(verdicts.json().contains("\"closed\":true"), verdicts.json());
  }

  @Test
  void theOneTurnThatClosesTheBalanceIsProposed() {
    Verdicts verdicts = after(minute((gate, pv, battery, load) -> of(-gate, pv, battery, load)));
    assertEquals(List.of("REVERSED gate x1 10/10"), words(verdicts));
    assertEquals(100, Objects.requireNonNull(verdicts.findings().getFirst().residualWatts()), 1);
  }

  @Test
  void aLoadThatGivesIsToldAsTheTransformerThatIsTurned() {
    assertEquals(
        List.of("REVERSED house x1 10/10"),
        words(after(minute((gate, pv, battery, load) -> of(gate, pv, battery, -load)))));
  }

  @Test
  void aFactorIsFoundWithoutAnybodyReadingADisplay() {
    assertEquals(
        List.of("RATIO house x100 10/10"),
        words(after(minute((gate, pv, battery, load) -> of(gate, pv, battery, 100 * load)))));
    now += 200 * SECOND;
    assertEquals(
        List.of("RATIO gate x80 10/10"),
        words(after(minute((gate, pv, battery, load) -> of(80 * gate, pv, battery, load)))));
  }

  @Test
  void twoThatAreAlikeAreBothNamed() {
    List<Look> looks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      // Turned by chance the battery would close it as well as the gate.
      looks.add(of(20, 60, 20, -60));
    }
    assertEquals(
        List.of("REVERSED bat1 x1 5/5 or another", "REVERSED gate x1 5/5 or another"),
        words(after(looks)));
  }

  /**
   * A gate by its phases alone, or beside one load of so many kW.
   *
   * @param rotated by how many degrees the meter's angle is another than the site's
   */
  private static Look gate(double kw, double kvar, double rotated, boolean tells, double load) {
    double angle = Math.atan2(kvar, kw) + Math.toRadians(rotated);
    double apparent = Math.hypot(kw, kvar) * 1000;
    double watts = apparent * Math.cos(angle);
    double amps = apparent / 3 / 230;
    Look.Phases phases =
        new Look.Phases(
            "gate",
            List.of(230.0, 230.0, 230.0),
            List.of(amps, amps, amps),
            List.of(watts / 3, watts / 3, watts / 3),
            tells ? apparent * Math.sin(angle) : null);
    List<Part> parts = new ArrayList<>();
    parts.add(new Part("grid", "gate", "grid", watts, 400_000, false, 80));
    parts.add(new Part("shop", "shop", "load", -load * 1000, 400_000, false, 1));
    Double residual = load == 0 ? null : watts - load * 1000;
    return new Look(parts, residual, List.of(), List.of(phases));
  }

  private Verdicts gates(
      double kvar, double rotated, boolean tells, boolean balanced, double... kw) {
    now += 200 * SECOND; // the looks before are forgotten
    List<Look> looks = new ArrayList<>();
    for (double each : kw) {
      looks.add(gate(each, kvar, rotated, tells, balanced ? each : 0));
    }
    return after(looks);
  }

  /** The sun makes most of the power, and the reactive power still comes from the grid. */
  @Test
  void aGateWithALowPowerFactorAtMiddayIsNotMoved() {
    assertEquals(List.of(), words(gates(30, 0, true, false, 4, 4, 4, 4)));
    assertEquals(List.of(), words(gates(30, 0, true, false, 4, 9, 14, 7, 2)));
    assertEquals(List.of(), words(gates(30, 0, true, true, 4, 4, 4, 4)));
    assertEquals(List.of(), words(gates(30, 0, false, true, 4, 4, 4, 4)));
  }

  @Test
  void withoutReactivePowerAndBalanceItMayBeMovedAtMost() {
    Verdicts verdicts = gates(30, 0, false, false, 4, 4, 4, 4);
    assertEquals(List.of("MOVED gate x1 4/4 or another"), words(verdicts));
    assertTrue(verdicts.json().contains("\"alone\":false"), verdicts.json());
    assertTrue(verdicts.json().indexOf("\"verdict\":\"moved\"") < 0, verdicts.json());
    assertEquals(Map.of(), verdicts.phases());
  }

  @Test
  void itIsMovedWhereItsPowerTurnedByAPhaseClosesTheBalance() {
    for (double rotated : new double[] {120, -120}) {
      assertEquals(
          List.of("MOVED gate x1 4/4"), words(gates(10, rotated, true, true, 100, 120, 90, 140)));
    }
  }

  @Test
  void itMayBeMovedWhereItsChangesAreOfTheWrongAngle() {
    assertEquals(
        List.of("MOVED gate x1 5/5 or another"),
        words(gates(10, 120, true, false, 100, 120, 90, 140, 160)));
  }

  @Test
  void twoLooksAreNotEnoughAndOldOnesAreForgotten() {
    Look wrong = of(9, 60, -18, -33);
    assertEquals(List.of(), words(look(wrong)));
    assertEquals(List.of(), words(look(wrong)));
    assertEquals(2, look(of(-9, 60, -18, -33)).looks() - 1);
    now += 200 * SECOND;
    assertEquals(1, look(wrong).looks());
  }

  @Test
  void looksOfOneSecondAreOneLookAndThereAreNeverMoreThanSixty() {
    Look right = site(60, -20, -30, 0);
    for (int i = 0; i < 200; i++) {
      wiring.take(right, i * SECOND / 10);
    }
    assertTrue(wiring.take(right, 20 * SECOND).looks() <= 24);
    for (int i = 0; i < 200; i++) {
      look(right);
    }
    assertEquals(60, look(right).looks());
  }

  @Test
  void aLoadThatNoMeterHasIsNobodysFault() {
    List<Look> looks = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      looks.add(site(40 + 7 * i, -20, -30, 12));
    }
    assertEquals(List.of(), words(after(looks)));
  }

  @Test
  void whatItSaysIsJson() throws IOException {
    String json = after(minute((gate, pv, bat, load) -> of(-gate, pv, bat, load))).json();
    try (var parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        parser.getText();
      }
    }
    assertTrue(json.contains("\"kind\":\"reversed\",\"meter\":\"grid\""), json);
  }
}
