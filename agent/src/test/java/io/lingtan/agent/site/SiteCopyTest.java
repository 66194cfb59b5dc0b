package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SiteCopyTest {

  @TempDir private Path folder;

  @Test
  void commentsAndCredentialsAreLeftOutAndLinesStayWhereTheyAre() {
    String copy =
        SiteCopy.withoutSecrets(
            """
            # the password is swordfish
            gateway: gw # swordfish
            site: {name: "a # b", zone: Asia/Shanghai} # c
            mqtt: {servers: ["mqtts://me:swordfish@broker.example:8883"]}
            x: a#b
            """);
    assertEquals(
        """

        gateway: gw
        site: {name: "a # b", zone: Asia/Shanghai}
        mqtt: {servers: ["mqtts://broker.example:8883"]}
        x: a#b
        """,
        copy);
  }

  @Test
  void profilesOfItsOwnComeWithIt() throws IOException {
    Path mine = Files.createDirectories(folder.resolve("etc/mine"));
    Files.writeString(mine.resolve("my-meter.yaml"), "name: my-meter # secret\n");
    Files.writeString(mine.resolve("notes.txt"), "secret");
    Path site = folder.resolve("site.yaml");
    Files.writeString(
        Files.createDirectories(folder.resolve("times")).resolve("next.yaml"), "name: next\n");
    Files.writeString(site, "gateway: gw\nprofiles: \"etc/mine\"\ntariffs: times\n");
    Map<String, String> copy = SiteCopy.of(site);
    assertEquals(
        Map.of(
            "site.yaml", "gateway: gw\nprofiles: profiles\ntariffs: tariffs\n",
            "tariffs/next.yaml", "name: next\n",
            "profiles/my-meter.yaml", "name: my-meter\n"),
        copy);
  }

  @Test
  void filesThatItNamesComeWithItAndSecretsDoNot() throws IOException {
    String corrections = "id,meter,figure,from,to,value\nC-1,shop,elec.load,,,1\n";
    Files.writeString(folder.resolve("corr.csv"), corrections);
    Path far = Files.createDirectories(folder.resolve("far/away"));
    Files.writeString(far.resolve("fuel.csv"), "date,fuel\n2026-01-01,diesel\n");
    Files.writeString(folder.resolve("prices.yaml"), "# ours\nprices: []\n");
    Files.writeString(folder.resolve("pin"), "471100\n");
    Path etc = Files.createDirectories(folder.resolve("etc"));
    Path site = etc.resolve("site.yaml");
    Files.writeString(
        site,
        """
        gateway: gw
        metering: {interval: 1m, corrections: "../corr.csv"}
        carbon:
          feeds: [%s, ../pin]
          certificates: ../gone.csv
        bill: {prices: ../prices.yaml, kva: 630}
        """
            .formatted(far.resolve("fuel.csv")));
    Map<String, String> copy = SiteCopy.of(site);
    assertEquals(
        """
        gateway: gw
        metering: {interval: 1m, corrections: "files/corr.csv"}
        carbon:
          feeds: ["files/fuel.csv", ../pin]
          certificates: ../gone.csv
        bill: {prices: "files/prices.yaml", kva: 630}
        """,
        copy.get("site.yaml"));
    assertEquals(corrections, copy.get("files/corr.csv"));
    assertEquals("\nprices: []\n", copy.get("files/prices.yaml"));
    assertEquals("date,fuel\n2026-01-01,diesel\n", copy.get("files/fuel.csv"));
    assertEquals(4, copy.size());
  }

  @Test
  void theCopyOfEverySiteOfOursIsTheSameSite() throws IOException {
    List<Path> sites;
    try (var files = Files.list(Path.of("../config/sites"))) {
      sites =
          files
              .filter(file -> file.toString().endsWith(".yaml"))
              .filter(file -> !file.toString().endsWith(".world.yaml"))
              .sorted()
              .toList();
    }
    assertFalse(sites.isEmpty());
    for (Path file : sites) {
      Path copied = folder.resolve(file.getFileName());
      Files.writeString(copied, SiteCopy.of(file).get("site.yaml"));
      Site site = new SiteLoader().load(file).site();
      Site copy = new SiteLoader().load(copied).site();
      assertNotNull(site, file.toString());
      assertNotNull(copy, copied.toString());
      assertEquals(site.lines(), copy.lines());
      assertEquals(site.metering(), copy.metering());
    }
  }
}
