package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lingtan verify --proof}, on a zone's tree that a Python script has made. */
final class ZoneVerifyTest {
  private static final Path MADE = Path.of("src/test/resources/io/lingtan/agent/audit/zone");
  private static final String RECORD = MADE.resolve("record.ndjson").toString();
  private static final String PROOF = MADE.resolve("proof.json").toString();

  @TempDir private Path folder;
  private String root;
  private String said = "";

  @BeforeEach
  void readRoot() throws IOException {
    root = Files.readString(MADE.resolve("root.json"));
  }

  private int verify(String key, String... arguments) {
    StringWriter out = new StringWriter();
    List<String> all = new ArrayList<>(List.of("--key", key));
    all.addAll(List.of(arguments));
    int code =
        new CommandLine(new VerifyCommand(InputStream.nullInputStream()))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out))
            .execute(all.toArray(String[]::new));
    said = out.toString();
    return code;
  }

  private int verify(String proof, String withRoot) {
    return verify(MADE.resolve("gw.key").toString(), "--proof", proof, "--root", withRoot, RECORD);
  }

  private String file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content).toString();
  }

  private String hash() {
    return root.replaceAll("(?s).*\"root\":\"([^\"]*)\".*", "$1");
  }

  @Test
  void whatAnotherLanguageMadeIsInsideByTheFileAndByTheHash() {
    for (String published : List.of(MADE.resolve("root.json").toString(), hash())) {
      assertEquals(0, verify(PROOF, published), () -> said);
      assertTrue(said.contains("GOOD\nINSIDE the zone's total of 15m from 2026-06-17T"), said);
      assertTrue(said.contains("elec.grid.import 10.938701 of 70.938701 kWh (5 gateways)"), said);
      assertTrue(
          said.contains(
              "elec.load.total 10.938701 of 3010.938698 kWh (5 gateways, after 0.000003 below"
                  + " zero)"),
          said);
      assertTrue(said.contains("co2.total 6.373981 of 6.373981 kg (1 gateways)"), said);
    }
  }

  @Test
  void whatIsForgedIsNotInsideWhateverTheRecordsAre() throws IOException {
    String proof = Files.readString(Path.of(PROOF));
    assertEquals(1, verify(file("1", proof.replace("wx-gate-001", "wx-gate-002")), hash()));
    assertTrue(said.contains("GOOD\nNOT INSIDE"), said);
    assertTrue(said.contains("the key of wx-gate-001"), said);
    assertEquals(1, verify(file("2", proof.substring(0, 200)), hash()));
    assertEquals(1, verify(file("3", proof + " ".repeat(100_000)), hash()));
    assertTrue(said.contains("larger than any proof"), said);
    assertEquals(1, verify(PROOF, file("4", root.replace("\"70938701\"", "\"70938702\""))));
    assertTrue(said.contains("it was changed"), said);
    assertEquals(1, verify(PROOF, "A".repeat(43)));
    assertTrue(said.contains(hash()), said);
  }

  @Test
  void aKeyThatNamesNoGatewayShowsNotWhoseRecordItIs() throws IOException {
    String meta = Files.readString(MADE.resolve("gw.key"));
    assertTrue(meta.contains("\"key\":{"), meta);
    String key = file("jwk", meta.replaceAll("(?s).*\"key\":(\\{[^}]*}).*", "$1"));
    String published = MADE.resolve("root.json").toString();
    assertEquals(0, verify(key, "--proof", PROOF, "--root", published, RECORD), () -> said);
    assertTrue(said.contains("5 gateways: a record of this key, epoch "), said);
    assertTrue(said.contains("Whose it is was not compared: the proof names wx-gate-001"), said);
    verify(key, "--json", "--proof", PROOF, "--root", published, RECORD);
    assertTrue(said.contains("\"gateway_compared\":false"), said);
    assertEquals(0, verify(PROOF, published));
    assertTrue(said.contains("5 gateways: gateway wx-gate-001, epoch "), said);
  }

  @Test
  void aProgramIsToldInOneLine() {
    String key = MADE.resolve("gw.key").toString();
    assertEquals(0, verify(key, "--json", "--proof", PROOF, "--root", hash(), RECORD));
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.startsWith("{\"good\":true,"), said);
    assertTrue(said.contains("\"zone\":{\"inside\":true,\"gateway\":\"wx-gate-001\""), said);
    assertTrue(
        said.contains(
            "\"elec.load.total\":{\"amount\":\"10938701\",\"total\":\"3010938698\",\"below_zero\":\"3\",\"gateways\":5}"),
        said);
    assertEquals(1, verify(key, "--json", "--proof", PROOF, "--root", "A".repeat(43), RECORD));
    assertTrue(said.startsWith("{\"good\":false,"), said);
    assertTrue(said.contains("\"zone\":{\"inside\":false,\"why\":\""), said);
  }

  @Test
  void aProofWithoutARootIsWrongUsage() {
    String key = MADE.resolve("gw.key").toString();
    assertEquals(2, verify(key, "--proof", PROOF, RECORD));
    assertEquals(2, verify(key, "--root", hash(), RECORD));
    assertEquals(2, verify(folder.resolve("none").toString(), hash()));
    assertEquals(2, verify(PROOF, folder.resolve("none").toString()));
  }
}
