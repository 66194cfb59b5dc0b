package io.lingtan.agent.carbon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.reading.Indicator.Presence;
import io.lingtan.agent.reading.Indicator.Rolling;
import io.lingtan.agent.reading.Indicators;
import io.lingtan.testing.Ucum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of figures, and the table that people read of it. */
final class ListedTest {

  private static final Path README = Path.of("..", "config", "README.md");
  private static final String HEAD = "| figure | unit | in | needs | rolls | what it is |";

  @Test
  void theReadmesTableIsTheList() throws IOException {
    List<String> expected = table();
    List<String> written =
        Files.readAllLines(README).stream()
            .dropWhile(line -> !line.equals(HEAD))
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    assertEquals(
        String.join("\n", expected),
        String.join("\n", written),
        () -> "the table of config/README.md ought to be\n" + String.join("\n", expected));
  }

  /** One line for neighbours that differ in nothing but name and unit. */
  private static List<String> table() {
    List<String> lines = new ArrayList<>(List.of(HEAD, "|---|---|---|---|---|---|"));
    List<Indicator> together = new ArrayList<>();
    for (Indicator each : SiteFigures.LISTED.all()) {
      if (!together.isEmpty() && !rest(together.getFirst()).equals(rest(each))) {
        lines.add(line(together));
        together.clear();
      }
      together.add(each);
    }
    lines.add(line(together));
    return lines;
  }

  private static String rest(Indicator of) {
    String document = of.reference().isEmpty() ? "" : " (" + of.reference() + ")";
    return "%s | %s | %s | %s |"
        .formatted(
            String.join(" ", of.lengths()),
            of.needs().stream().map(word -> "`" + word + "`").collect(Collectors.joining(", ")),
            of.rolling().word(),
            of.rule() + document);
  }

  private static String line(List<Indicator> together) {
    List<String> units = together.stream().map(ListedTest::unit).toList();
    return "| %s | %s | %s"
        .formatted(
            together.stream().map(of -> "`" + of.name() + "`").collect(Collectors.joining(" ")),
            units.stream().distinct().count() == 1 ? units.getFirst() : String.join(", ", units),
            rest(together.getFirst()));
  }

  private static String unit(Indicator of) {
    return of.symbol().isEmpty() ? "1" : of.symbol();
  }

  @Test
  void whatIsListedIsWhole() {
    for (Indicator each : SiteFigures.LISTED.all()) {
      String name = each.name();
      assertTrue(Ucum.isValid(each.ucum()), name + " in " + each.ucum());
      assertTrue(!each.rule().isEmpty() && !each.chinese().isEmpty(), name);
      assertTrue(!each.needs().isEmpty() && !each.lengths().isEmpty(), name);
      for (String input : each.inputs()) {
        assertTrue(
            SiteFigures.LISTED.all().stream().anyMatch(other -> other.name().equals(input)),
            name + " follows from " + input + ", which nobody lists");
      }
      boolean monthly = each.lengths().contains("1M");
      assertEquals(monthly, each.unreported().isEmpty(), name + " " + each.unreported());
      boolean several = each.lengths().size() > 1;
      assertTrue(several || each.rolling() != Rolling.SUMMED, name);
    }
  }

  @Test
  void aNameInARecordIsFound() {
    Indicators listed = SiteFigures.LISTED;
    for (String[] pair :
        new String[][] {
          {"elec.load.total", "elec.load.total", ""},
          {"elec.load.ely", "elec.load.{id}", "ely"},
          {"elec.pv.generation", "elec.pv.generation", ""},
          {"elec.pv.generation.east", "elec.pv.generation", "east"},
          {"elec.grid.import.peak", "elec.grid.import.{period}", "peak"},
          {"storage.soc.b2", "storage.soc", "b2"},
          {"co2.chp.heat.engine", "co2.chp.heat", "engine"},
          {"tce.intensity.gdp", "tce.intensity.{denominator}", "gdp"},
          {"pf", "pf", ""}
        }) {
      Indicator found = listed.find(pair[0]);
      assertNotNull(found, pair[0]);
      assertEquals(pair[1], found.name());
      assertEquals(pair[2], listed.part(pair[0]));
    }
    assertNull(listed.find("elec.nothing.at.all"));
    assertNull(listed.find("nothing"));
  }

  @Test
  void theRulesOfRollUpsFollowFromTheList() {
    assertTrue(SiteFigures.isSummed("flow.pv_to_load"));
    assertTrue(SiteFigures.isSummed("co2.load.ely"));
    assertTrue(SiteFigures.isSummed("elec.grid.import.peak"));
    for (String name :
        List.of("elec.load.total", "co2.per_load_kwh", "co2.scope2.market", "h2.ci", "unknown")) {
      assertTrue(!SiteFigures.isSummed(name), name);
    }
    assertTrue(SiteFigures.isGreatest("1M", "demand.block"));
    assertTrue(!SiteFigures.isGreatest("1d", "demand.block"));
    assertTrue(SiteFigures.isZeroWhenAbsent("flow.grid_to_grid"));
    assertTrue(!SiteFigures.isObserved("cert.applied"));
    Indicator factor = SiteFigures.LISTED.find("grid.factor");
    assertNotNull(factor);
    assertEquals(Presence.UNOBSERVED, factor.presence());
  }
}
