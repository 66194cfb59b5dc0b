package io.lingtan.agent.publish.retained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.retained.MetaJson.Detail;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a subscriber learns of a gateway once and for all. */
final class MetaJsonTest {

  /** Thirty provinces that no figure here can rest on would crowd it out of small packets. */
  @Test
  void theFactorsAreThoseOfTheSitesPlace() throws IOException {
    Site site = new SiteLoader().load(Path.of("../config/sites/hydrogen-depot.yaml")).site();
    assertNotNull(site);
    assertEquals("CN-JS", site.place().region());
    String meta = MetaJson.site(site, new Birth("1.0", new LinkedHashMap<>()), Detail.ALL);
    Map<?, ?> factors = (Map<?, ?>) Json.object(meta).get("factors");
    assertNotNull(factors);
    for (Object id : factors.keySet()) {
      assertTrue(
          String.valueOf(id).matches("cn-elec(-footprint)?/(CN|CN-EAST|CN-JS)/.*"), () -> "" + id);
    }
    assertEquals("CO2", ((Map<?, ?>) of(factors, "cn-elec/CN-JS/2023")).get("gas"));
    assertEquals("CO2e", ((Map<?, ?>) of(factors, "cn-elec-footprint/CN/2024")).get("gas"));
  }

  private static Object of(Map<?, ?> factors, String id) {
    Object factor = factors.get(id);
    assertNotNull(factor, () -> id + " of " + factors.keySet());
    return factor;
  }
}
