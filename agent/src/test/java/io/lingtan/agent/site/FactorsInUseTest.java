package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Standing;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Factor files beside each other in one site: which may be used, and whether they agree. */
final class FactorsInUseTest {

  private static final String SITE =
      """
      gateway: g1
      site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
      lines:
        - id: a
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 60}
      mqtt: {servers: ["mqtt://localhost:1883"]}
      factors: own
      carbon: %s
      """;

  @TempDir private Path folder;

  private void file(String name, String... factors) throws IOException {
    Files.writeString(
        Files.createDirectories(folder.resolve("own")).resolve(name + ".yaml"),
        """
        name: %s
        version: "1"
        defaults: {carrier: electricity, region: CN-JS, basis: location, gas: CO2, unit: kg/(kW.h), status: official, publication: p}
        publications: {p: {document: D}}
        factors:
          - {%s}
        """
            .formatted(name, String.join("}\n  - {", factors)));
  }

  private Loaded load(String carbon) {
    return new SiteLoader()
        .read(folder.resolve("site.yaml"), SITE.formatted(carbon).getBytes(StandardCharsets.UTF_8));
  }

  private List<String> errors(String carbon) {
    return load(carbon).problems().stream()
        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
        .map(problem -> problem.line() + ":" + problem.column() + ": " + problem.message())
        .toList();
  }

  @Test
  void whatNobodyInChargePublishedIsRefusedUnlessTheSiteAcceptsIt() throws IOException {
    file(
        "feed",
        "id: a/2023, value: '0.5', data_year: 2023",
        "id: a/2024, value: '0.5', data_year: 2024, status: demo",
        "id: a/2025, value: '0.5', data_year: 2025, status: demo",
        "id: a/2026, value: '0.5', data_year: 2026, status: non-official");
    assertEquals(
        List.of(
            "13:20: factor a/2024 of feed has status demo, and 1 more have: write accept: [demo]"
                + " under carbon if figures may rest on it; each of them is marked so",
            "13:20: factor a/2026 of feed has status non-official: write accept: [non-official]"
                + " under carbon if figures may rest on it; each of them is marked so"),
        errors("{factors: [feed]}").stream().sorted().toList());
    Site site = load("{factors: [feed], accept: [demo, non-official]}").site();
    assertNotNull(site);
    assertEquals(Set.of(Standing.DEMO, Standing.NON_OFFICIAL), site.carbon().accepted());
  }

  @Test
  void aPlaceOfWhichNothingIsConfirmedIsRefusedUnlessTheSiteAcceptsIt() throws IOException {
    file("mine", "id: a/2023, value: '0.5', data_year: 2023, status: unconfirmed");
    assertEquals(
        List.of(
            "2:49: the only location factors of region CN-JS are unconfirmed, such as a/2023: write"
                + " accept: [unconfirmed] under carbon if figures may rest on them; each of them is"
                + " marked so"),
        errors("{factors: [mine, cn-tce]}"));
    assertEquals(List.of(), errors("{factors: [mine, cn-tce], accept: [unconfirmed]}"));
  }

  @Test
  void twoFilesDoNotGiveAFactorForTheSameDay() throws IOException {
    file(
        "mine",
        "id: mine/2023, value: '0.5', data_year: 2023, valid_from: 2023-12-31, valid_to:"
            + " 2024-06-30");
    assertEquals(
        List.of(
            "13:36: cn-elec/CN-JS/2023 of cn-electricity and mine/2023 of mine both hold on"
                + " 2023-12-31: name one of the files only, or end the validity of one"),
        errors("{factors: [cn-electricity, mine]}"));
    file("mine", "id: mine/2024, value: '0.5', data_year: 2024");
    assertEquals(List.of(), errors("{factors: [cn-electricity, mine]}"));
    file("mine", "id: cn-elec/CN-JS/2023, value: '0.5', data_year: 2025");
    assertEquals(
        List.of(
            "13:36: factor cn-elec/CN-JS/2023 stands in cn-electricity and in mine: name one of the"
                + " files only, or end the validity of one"),
        errors("{factors: [cn-electricity, mine]}"));
  }

  @Test
  void aFactorThatIsNotTakenIsInNobodysWay() throws IOException {
    file("mine", "id: bj/2021, region: CN-BJ, value: '0.5', data_year: 2021");
    assertEquals(List.of(), errors("{factors: [cn-electricity, mine]}"));
    assertEquals(1, errors("{factors: [cn-electricity, mine], accept: [unconfirmed]}").size());
  }

  @Test
  void aSiteInNoKnownPlaceIsRefused() {
    String told =
        new SiteLoader()
            .read(
                folder.resolve("site.yaml"),
                SITE.formatted("{}")
                    .replace("factors: own\n", "")
                    .replace("region: CN-JS", "region: CN-JSS")
                    .getBytes(StandardCharsets.UTF_8))
            .problems()
            .toString();
    assertTrue(told.contains("2:49: error: no location factor for region CN-JSS"), told);
  }
}
