package io.lingtan.simulator.zone.trial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.zone.trial.SitePlan.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sites of a zone, and what is true of them. */
final class SitePlanTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 200, 4_999})
  void thePvOfTheZoneSumsTo160Megawatts(int gateways) {
    List<SitePlan> plans = SitePlan.draw(gateways, 60_000, new Random(gateways));
    assertEquals(gateways, plans.size());
    assertEquals(160_000, plans.stream().mapToLong(SitePlan::pvKilowatts).sum());
    assertEquals(
        gateways > 1 ? 1 : 0, plans.stream().filter(plan -> plan.kind() == Kind.BUS_DEPOT).count());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5_000})
  void aZoneOfThreeHasOneOfEachKind(int gateways) {
    Set<Kind> kinds = new TreeSet<>();
    SitePlan.draw(gateways, 0, new Random(1), 0, 3).forEach(plan -> kinds.add(plan.kind()));
    assertEquals(Set.of(Kind.values()), kinds);
  }

  @Test
  void aPartOfTheZoneIsDrawnAsTheWhole() {
    List<SitePlan> whole = SitePlan.draw(40, 60_000, new Random(8));
    List<SitePlan> part = SitePlan.draw(40, 60_000, new Random(8), 7, 21);
    assertEquals(14, part.size());
    for (int i = 0; i < part.size(); i++) {
      assertEquals(whole.get(7 + i).truth(60), part.get(i).truth(60));
      assertEquals(whole.get(7 + i).key().open().x(), part.get(i).key().open().x());
      assertEquals(whole.get(7 + i).silentFrom(), part.get(i).silentFrom());
    }
  }

  @Test
  void aSeedDrawsTheSameZone() {
    assertEquals(
        SitePlan.draw(9, 60_000, new Random(4)).toString().replaceAll("SigningKey@\\w+", ""),
        SitePlan.draw(9, 60_000, new Random(4)).toString().replaceAll("SigningKey@\\w+", ""));
  }

  @Test
  void whatFlowsInFlowsOut() {
    for (SitePlan plan : SitePlan.draw(50, 60_000, new Random(5))) {
      var truth = plan.truth(60);
      long in =
          truth.getOrDefault("elec.grid.import", 0L) + truth.getOrDefault("elec.pv.generation", 0L);
      long out =
          truth.getOrDefault("elec.grid.export", 0L)
              + truth.getOrDefault("elec.load.total", 0L)
              + truth.getOrDefault("elec.battery.charge", 0L);
      assertEquals(in, out, plan.gateway());
      assertTrue(truth.getOrDefault("elec.load.total", -1L) >= 0, plan.gateway());
    }
  }

  @Test
  void theAgentTakesEachSite() throws Exception {
    for (SitePlan plan : SitePlan.draw(9, 60_000, new Random(6))) {
      Path file = folder.resolve(plan.gateway() + ".yaml");
      Files.writeString(file, plan.siteFile("mqtt://127.0.0.1:1", plan.gateway() + ".db"));
      var loaded = new SiteLoader().load(file);
      assertTrue(loaded.site() != null, () -> plan.kind() + " " + loaded.problems());
    }
  }
}
