package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.VirtualTime;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code lingtan fleet} makes, and what it says where it cannot. */
final class FleetCommandTest {

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path key;
  private Path site;

  @BeforeEach
  void make() throws IOException {
    key = folder.resolve("fleet.key");
    site = Files.writeString(folder.resolve("new.yaml"), "site: {region: CN}\nlines: []\n");
    assertEquals(0, fleet("key", key.toString()));
  }

  private int fleet(String... words) {
    CommandLine line = Commands.line(new VirtualTime(1_790_000_000_000L));
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("fleet"));
    all.addAll(List.of(words));
    return line.execute(all.toArray(String[]::new));
  }

  private void assertRefused(String says, String... words) {
    err.getBuffer().setLength(0);
    assertEquals(2, fleet(words), err::toString);
    assertTrue(err.toString().contains(says), err::toString);
  }

  @Test
  void thePrivateKeyIsItsOwnersAlone() throws IOException {
    assertTrue(out.toString().matches("[A-Za-z0-9_-]{43}\\R"), out::toString);
    assertTrue(Files.readString(key).contains("\"x\":\"" + out.toString().strip() + '"'));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
    String before = Files.readString(key);
    assertRefused("is there already", "key", key.toString());
    assertEquals(before, Files.readString(key));
    assertRefused("no such file or folder", "key", folder.resolve("none/key").toString());
  }

  @Test
  void withoutASerialItIsTheTimeAndWithoutAnExpiryTwoDays() {
    assertEquals(
        0, fleet("sign", "--key", key.toString(), "--group", "all", "--config", site.toString()));
    assertEquals("", err.toString(), "a group's file need not name the gateway");
    assertTrue(
        out.toString()
            .contains(
                "\"expires\":1790172800000,\"group\":\"all\",\"kind\":\"config\","
                    + "\"serial\":1790000000,\"sig\":"),
        out::toString);
  }

  @Test
  void aSerialThatLeavesNoneAboveItIsNotSignedAndOneAboveTheTimeIsSaid() {
    String[] sign = {"sign", "--key", key.toString(), "--group", "a", "--config", site.toString()};
    assertRefused("higher ones", with(sign, "--serial", "9007199254740991"));
    err.getBuffer().setLength(0);
    assertEquals(0, fleet(with(sign, "--serial", "1790000000000")));
    assertTrue(err.toString().contains("note: --serial 1790000000000 is above"), err::toString);
    err.getBuffer().setLength(0);
    assertEquals(0, fleet(with(sign, "--serial", "1790000001")));
    assertEquals("", err.toString());
  }

  @Test
  void aWaveThatCannotBeMeantIsSaid() {
    String config = site.toString();
    String state = folder.resolve("wave.json").toString();
    String[] wave = {"wave", "--broker", "mqtt://127.0.0.1:1", "--state", state};
    assertRefused("--documents", wave);
    assertRefused("go together", with(wave, "--config", config));
    assertRefused("go together", with(wave, "--documents", config, "--fleet-key", key.toString()));
    assertRefused("no private key", with(wave, "--config", config, "--fleet-key", config));
    assertRefused("no such file", with(wave, "--documents", config + "x"));
    for (String steps : List.of("10,1,100", "1,10", "0,100", "1,200", "a,100")) {
      assertRefused("--steps", with(wave, "--documents", config, "--steps", steps));
    }
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void aPackageIsSignedByItsNameSizeAndHash() throws IOException {
    Path deb = Files.writeString(folder.resolve("lingtan_1.2_all.deb"), "a package");
    String[] sign = {"sign", "--key", key.toString(), "--group", "all"};
    out.getBuffer().setLength(0);
    assertEquals(
        0,
        fleet(with(sign, "--software", deb.toString(), "--url", "https://deb.example/lingtan")),
        err::toString);
    assertTrue(
        out.toString()
            .matches(
                "\\{\"expires\":1790172800000,\"group\":\"all\",\"kind\":\"software\","
                    + "\"serial\":1790000000,\"sha256\":\"[0-9a-f]{64}\",\"sig\":\"[^\"]+\","
                    + "\"size\":9,\"url\":\"https://deb.example/lingtan\",\"version\":\"1.2\"}\\R"),
        out::toString);
    assertRefused("go together", with(sign, "--software", deb.toString()));
    assertRefused("go together", with(sign, "--config", site.toString(), "--url", "http://a"));
    assertRefused(
        "url is", with(sign, "--software", deb.toString(), "--url", "https://a/$(reboot)"));
    assertRefused(
        "_all.deb", with(sign, "--software", site.toString(), "--url", "https://deb.example"));
  }

  @Test
  void whatCannotBeMeantIsSaid() throws IOException {
    String file = key.toString();
    String config = site.toString();
    assertRefused("--gateway", "sign", "--key", file, "--config", config);
    assertRefused(
        "exclusive", "sign", "--key", file, "--config", config, "--gateway", "a", "--group", "b");
    assertRefused("no private key", "sign", "--key", config, "--config", config, "--group", "b");
    assertRefused("none.yaml", "sign", "--key", file, "--config", "none.yaml", "--group", "b");
    assertRefused(
        "serial", "sign", "--key", file, "--config", config, "--group", "b", "--serial", "0");
    assertRefused("base", "sign", "--key", file, "--config", config, "--group", "b", "--base", "x");
    assertRefused(
        "ten years",
        "sign",
        "--key",
        file,
        "--config",
        config,
        "--group",
        "b",
        "--expires",
        "9999d");
    Files.writeString(site, "#" + "\u20ac".repeat(87_380) + "\n");
    assertRefused("too large", "sign", "--key", file, "--config", config, "--group", "b");
    Files.writeString(site, "#" + "x".repeat(262_144) + "\n");
    assertRefused("larger than", "sign", "--key", file, "--config", config, "--group", "b");
    Files.write(site, "site: {name: 无锡}\n".getBytes(Charset.forName("GBK")));
    assertRefused("is not UTF-8", "sign", "--key", file, "--config", config, "--group", "b");
    assertRefused("name a command");
  }
}
