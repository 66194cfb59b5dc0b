package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code lingtan profiles} prints. */
final class ProfilesCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    return new CommandLine(new ProfilesCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words);
  }

  @Test
  void everyProfileHasALineWithItsMakerAndDocument() {
    assertEquals(0, run());
    List<String> lines = out.toString().lines().toList();
    for (String name : Catalogue.profiles(null).names()) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(name + " ")), name);
    }
    assertTrue(out.toString().contains("Huawei"), out::toString);
    assertTrue(out.toString().contains("(made-up example)"), out::toString);
  }

  @Test
  void aProfileIsShownWithUnitsPlacesAndWhatPlusMeans() {
    assertEquals(0, run("huawei-luna2000"));
    String shown = out.toString();
    assertTrue(shown.contains("delivered by the device"), shown);
    assertTrue(shown.contains("SUN2000 Modbus Interface Definitions"), shown);
    assertTrue(shown.contains("FC3 37765 (0x9385) int32"), shown);
    assertTrue(shown.lines().anyMatch(line -> line.matches(" +power +W +FC3 .* -1")), shown);
    assertTrue(shown.contains("2 running"), shown);
  }

  @Test
  void theModelsThatItIsForAreShown() throws IOException {
    assertEquals(0, run("janitza-umg96"));
    assertTrue(out.toString().contains("fits      UMG 96RM, UMG 96RM-E\n"), out::toString);
    out.getBuffer().setLength(0);
    assertEquals(0, run("--json", "janitza-umg96"));
    assertEquals(List.of("UMG 96RM", "UMG 96RM-E"), Json.object(out.toString()).get("fits"));
  }

  @Test
  void theOrderOfBytesAndTheBitsOfAValueAreShown() {
    assertEquals(0, run("sungrow-sh-battery"));
    String shown = out.toString();
    assertTrue(shown.contains("FC4 13026 (0x32E2) uint32 CDAB"), shown);
    assertTrue(shown.contains("FC4 13000 (0x32C8) bits 1..2"), shown);
  }

  @Test
  void aTableOfOnesOwnIsShownWithWhatItsBitsMean(@TempDir Path folder) throws IOException {
    Files.writeString(
        folder.resolve("boiler.yaml"),
        """
        name: boiler
        kind: sensor
        own: {alarms: {address: 9, type: uint16, bits: {0: overload, 3: {zh: 缺相, en: phase lost}}}}
        """);
    assertEquals(0, run("--profiles", folder.toString(), "boiler"));
    assertTrue(out.toString().contains("bits 0 overload, 3 phase lost"), out::toString);
    assertFalse(out.toString().contains("maker"), out::toString);
    assertEquals(2, run("boiler"));
    assertTrue(err.toString().contains("--profiles DIR"), err::toString);
  }

  @Test
  void theListIsAlsoForPrograms() throws IOException {
    assertEquals(0, run("--json"));
    List<?> list = (List<?>) Json.parse(out.toString());
    assertEquals(Catalogue.profiles(null).names().size(), list == null ? 0 : list.size());
  }

  @Test
  void oneProfileIsAlsoForPrograms() throws IOException {
    assertEquals(0, run("--json", "sunspec"));
    Map<String, Object> profile = Json.object(out.toString());
    assertEquals("sunspec", profile.get("protocol"));
    assertTrue(((Map<?, ?>) Objects.requireNonNull(profile.get("models"))).containsKey("160"));
  }

  @Test
  void aNameThatThereIsNotIsToldWithTheNearest() {
    assertEquals(2, run("huawei-sun200"));
    assertTrue(err.toString().contains("did you mean 'huawei-sun2000'?"), err::toString);
    assertEquals("", out.toString());
  }
}
