package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.carbon.SiteFigures;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Indicator;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What figures are called where hosts make tags of them. */
final class NodeMetricsTest {

  /** How Ignition wants each part of a tag's path between two slashes. */
  private static final String TAG = "[\\p{L}\\p{N}_][\\p{L}\\p{N}_ '\\-:()]*";

  @TempDir Path folder;

  private NodeMetrics of(List<String> names) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: gw
            site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
            lines:
              - id: a
                modbus-tcp: {host: 192.168.1.20}
                devices:
                  - {id: gate, profile: eastron-sdm630, unit: 1}
            metering:
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 60}
            """);
    Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
    LinkedHashMap<String, Indicator> figures = new LinkedHashMap<>();
    Indicator any = Objects.requireNonNull(SiteFigures.LISTED.find("elec.grid.import"));
    names.forEach(name -> figures.put(name, any));
    return new NodeMetrics(site, new Birth("1.0", figures));
  }

  @Test
  void eachNameIsATagsAndNoTwoAreOne() throws Exception {
    NodeMetrics catalogue =
        of(List.of("elec.load", "elec.load.a_b", "elec.load_a.b", "elec.load.A_b", "quality"));
    Set<String> seen = new HashSet<>();
    catalogue
        .figures()
        .values()
        .forEach(
            figure -> {
              for (String part : figure.name().split("/")) {
                assertTrue(part.matches(TAG), figure.name());
              }
              assertTrue(seen.add(figure.name().toLowerCase(Locale.ROOT)), figure.name());
            });
    assertEquals(25, seen.size());
    assertEquals(
        List.of(
            "15m/elec_load",
            "15m/elec_load_a_b",
            "15m/elec_load_a_b_2",
            "15m/elec_load_A_b_3",
            "15m/quality"),
        catalogue.figures().values().stream().map(NodeMetrics.Figure::name).limit(5).toList());
  }
}
