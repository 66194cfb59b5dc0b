package io.lingtan.agent.command.draft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.DeviceProfile.RegisterPoint;
import io.lingtan.agent.site.read.Catalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Drafts of tables shaped as makers shape theirs: each loads, and says what the profile of the same
 * device says that was made by hand.
 */
final class NewProfileTest {

  private static final Path TABLES = Path.of("src/test/resources/tables");

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(Path table, String... more) {
    CommandLine command =
        new CommandLine(new NewProfileCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    return command.execute(
        Stream.concat(Stream.of(table.toString()), Stream.of(more)).toArray(String[]::new));
  }

  private static DeviceProfile load(String name, String yaml) {
    var loaded =
        Catalogue.profiles(null)
            .read(Path.of(name + ".yaml"), name, yaml.getBytes(StandardCharsets.UTF_8));
    return Objects.requireNonNull(loaded.value(), () -> loaded.problems() + "\n" + yaml);
  }

  private DeviceProfile draft(String file, String name, String... more) {
    assertEquals(0, run(TABLES.resolve(file), more), err::toString);
    return load(name, out.toString());
  }

  static List<Path> tables() throws IOException {
    try (Stream<Path> files = Files.list(TABLES)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("tables")
  void everyDraftLoadsAndSaysHowToGoOn(Path table) {
    String name = table.getFileName().toString().replaceFirst("\\..*", "");
    DeviceProfile profile = draft(table.getFileName().toString(), name);
    assertEquals(name, profile.name());
    assertTrue(profile.points().size() >= 8, out::toString);
    String next = "lingtan read --profiles profiles --profile " + name + " --unit 1";
    assertTrue(out.toString().contains("#   " + next), out::toString);
    assertTrue(err.toString().contains("  " + next), err::toString);
    assertTrue(err.toString().contains("Save it as profiles/" + name + ".yaml"), err::toString);
  }

  /** Function, place, type and step of each point, as they reach the wire and the record. */
  private static Map<String, String> meant(DeviceProfile profile) {
    Map<String, String> meant = new TreeMap<>();
    for (RegisterPoint register : profile.points()) {
      meant.put(
          String.valueOf(register.point()),
          "FC%d %d %s x %s"
              .formatted(
                  register.function(),
                  register.address(),
                  register.type(),
                  register.scale().stripTrailingZeros().toPlainString()));
    }
    return meant;
  }

  @ParameterizedTest
  @CsvSource({
    "eastron-sdm630.csv, eastron-sdm630, ''",
    "chint-dtsu666.csv, chint-dtsu666, ''",
    "huawei-sun2000.tsv, huawei-sun2000, 'energy_generated_dc state temperature'",
    "acrel-adl400.csv, acrel-adl400, 'current_l2 current_l3 power_l2 power_l3"
        + " reactive_energy_export'"
  })
  void aDraftSaysWhatTheProfileMadeByHandSays(String file, String name, String notThere) {
    Map<String, String> byHand =
        meant(Objects.requireNonNull(Catalogue.profiles(null).load(name).value()));
    List.of(notThere.split(" ")).forEach(byHand::remove);
    Map<String, String> draft = meant(draft(file, name));
    byHand.forEach((point, meaning) -> assertEquals(meaning, draft.get(point), point));
  }

  @Test
  void whatHasNoNameHereIsAPointOfItsOwnWithUnitAndName() {
    DeviceProfile profile = draft("weather-station.csv", "weather-station");
    Map<String, String> meant = meant(profile);
    assertEquals("FC4 5 INT16 x 1", meant.get("global_irradiance"));
    assertEquals("FC4 6 INT16 x 0.1", meant.get("module_temperature"));
    assertEquals("FC4 7 INT16 x 0.1", meant.get("temperature"));
    assertEquals("FC4 9 UINT16 x 0.1", meant.get("wind_speed"));
    assertEquals("FC4 11 UINT16 x 0.1", meant.get("air_pressure"));
    assertEquals("FC4 12 UINT32 x 0.01", meant.get("precipitation"));
    assertEquals("FC4 8 UINT16 x 0.1", meant.get("relative_humidity"));
    String yaml = out.toString();
    assertTrue(yaml.contains("unit: 0.1Cel"), yaml);
    assertTrue(yaml.contains("name: \"Global irradiance\""), yaml);
    assertTrue(yaml.contains("kind: sensor  # ? guessed"), yaml);
    assertTrue(
        yaml.lines()
            .anyMatch(line -> line.contains("brightness:") && line.contains("# ? unit 'klux' is")),
        yaml);
    assertTrue(
        yaml.lines()
            .anyMatch(line -> line.contains("device_status:") && line.contains("what each bit")),
        yaml);
  }

  @Test
  void aTextIsNoPointButTheSerialNumberIsTheDevices() {
    DeviceProfile profile = draft("huawei-sun2000.tsv", "huawei-sun2000");
    RegisterPoint serial = Objects.requireNonNull(profile.identity().get("serial"));
    assertEquals(30_015, serial.address());
    assertEquals(10, serial.words());
    assertTrue(
        err.toString().contains("huawei-sun2000.tsv:25:1: warning: can only be written"),
        err::toString);
    assertTrue(out.toString().contains("kind: inverter"), out::toString);
    assertEquals(30_000, Objects.requireNonNull(profile.identity().get("model")).address());
  }

  @Test
  void rowsThatHoldNoAddressAreToldWithFileAndLine() {
    draft("acrel-adl400.csv", "acrel-adl400");
    assertTrue(
        err.toString()
            .contains("acrel-adl400.csv:17:1: warning: '—' is no address such as 40001, 100 or"),
        err::toString);
    assertEquals(1, err.toString().lines().filter(line -> line.contains("warning")).count());
  }

  @Test
  void addressesCountAsOneSays() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("plain.csv"), "address,name,type,unit\n5,Voltage L1,uint16,V\n");
    assertEquals(0, run(table));
    assertTrue(out.toString().contains("voltage_l1: {address: 5, unit: V}"), out::toString);
    assertTrue(
        out.toString().contains("type: uint16}  # ? 3 (holding) or 4 (input"), out::toString);
    out.getBuffer().setLength(0);
    assertEquals(0, run(table, "--addresses", "one", "--function", "4", "--kind", "meter"));
    assertTrue(out.toString().contains("voltage_l1: {address: 4, unit: V}"), out::toString);
    assertTrue(out.toString().contains("defaults: {function: 4, type: uint16}"), out::toString);
    assertFalse(out.toString().contains("# ? 3"), out::toString);
  }

  /** The line of the one value that the table has, with its question if there is one. */
  private String drafted(String type, String scale) throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("one.csv"),
            "address,name,type,unit,scale,function\n5,Voltage L1,%s,V,%s,3\n"
                .formatted(type, scale));
    out.getBuffer().setLength(0);
    assertEquals(0, run(table), err::toString);
    load("one", out.toString());
    return out.toString().lines().filter(line -> line.contains("voltage_l1:")).findFirst().get();
  }

  @ParameterizedTest
  @CsvSource({
    "'', 1",
    "-, 1",
    "无, 1",
    "1, 1",
    "×1, 1",
    "0.1, 0.1",
    "x0.1, 0.1",
    "'\"0,1\"', 0.1",
    "/10, 0.1",
    "1/10, 0.1",
    "10^-1, 0.1",
    "1e-1, 0.1",
    "0.1V, 0.1",
    "V, 1"
  })
  void aScaleThatIsUnderstoodIsNotAsked(String cell, String factor) throws IOException {
    String line = drafted("uint16", cell);
    assertFalse(line.contains("# ?"), line);
    assertTrue(line.contains(factor.equals("1") ? "unit: V}" : "scale: " + factor), line);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.001*CT",
        "0.1×PT×CT",
        "U/10",
        "见备注",
        "PT",
        "0",
        "1/0",
        "10^99",
        "1e-99",
        "0.01 (CT=1)"
      })
  void aScaleThatIsNotUnderstoodIsAsked(String cell) throws IOException {
    String line = drafted("uint16", cell);
    String asked = "# ? scale '" + cell.toLowerCase(Locale.ROOT) + "' is not understood";
    assertTrue(line.contains(asked), line);
  }

  @ParameterizedTest
  @CsvSource({
    "INT16U, uint16",
    "INT32U, uint32",
    "Int 16 U, uint16",
    "INT64U, uint64",
    "UINT16, uint16",
    "unsigned int, uint16",
    "U32, uint32",
    "无符号整型, uint16",
    "INT16, int16",
    "INT32S, int32",
    "int16 units, int16",
    "有符号, int16",
    "S32, int32",
    "long, int32",
    "unsigned long long, uint64",
    "USINT, uint16",
    "INT, int16",
    "UINT, uint16",
    "DINT, int32",
    "UDINT, uint32",
    "LINT, int64",
    "ULINT, uint64",
    "WORD, uint16",
    "DWORD, uint32",
    "LWORD, uint64",
    "REAL, float32",
    "LREAL, float64",
    "double, float64",
    "float, float32"
  })
  void aTypeHasTheSignThatItNames(String cell, String type) throws IOException {
    String line = drafted(cell, "");
    assertFalse(line.contains("# ?"), line);
    assertTrue(out.toString().contains("type: " + type + "}"), out::toString);
  }

  @ParameterizedTest
  @CsvSource({"float32 CDAB, CDAB", "REAL-DCBA, DCBA", "UDINT (swapped), little", "S32 BADC, BADC"})
  void aTypeMayNameTheOrderOfItsWords(String cell, String order) throws IOException {
    String line = drafted(cell, "");
    assertFalse(line.contains("# ?"), line);
    assertTrue(out.toString().contains(order), out::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"T5", "Modbus", "数值"})
  void aTypeThatIsNotUnderstoodIsAskedWithWhatToWrite(String cell) throws IOException {
    String line = drafted(cell, "");
    String asked = "# ? type '" + cell + "' is not understood: write uint16, int16, uint32";
    assertTrue(line.contains(asked), line);
  }

  /** What has twice the registers that the table says is not read half. */
  @Test
  void aTypeThatIsWiderThanItsRegistersIsAsked() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("wide.csv"),
            "address,name,type,unit,words,function\n5,Voltage L1,DINT,V,1,3\n");
    assertEquals(0, run(table), err::toString);
    load("wide", out.toString());
    String asked = "# ? int32 has 2 registers, the table says 1";
    assertTrue(out.toString().contains(asked), out::toString);
  }

  @Test
  void whatIsNoTableIsRefusedWithWhatToDo() throws IOException {
    Path none = folder.resolve("none.csv");
    assertEquals(2, run(none));
    assertTrue(err.toString().contains("does not exist: name a table saved as CSV"), err::toString);
    Path prose = Files.writeString(folder.resolve("prose.csv"), "Dear Sir,\nplease find\n");
    assertEquals(2, run(prose));
    assertTrue(
        err.toString().contains("prose.csv:1:1: error: no line heads a column 'address' (地址)"),
        err::toString);
    Path open = Files.writeString(folder.resolve("open.csv"), "address,name\n1,\"a\n2,b\n");
    assertEquals(2, run(open));
    assertTrue(err.toString().contains("open.csv:2:1: error: a quotation mark"), err::toString);
    Path empty = Files.writeString(folder.resolve("empty.csv"), "address,name\n");
    assertEquals(2, run(empty));
    assertTrue(err.toString().contains("no row below these headings"), err::toString);
    Path workbook =
        Files.write(folder.resolve("book.xlsx"), new byte[] {'P', 'K', 3, 4, (byte) 0xFF});
    assertEquals(2, run(workbook));
    assertTrue(err.toString().contains("save the table as CSV UTF-8"), err::toString);
    assertEquals("", out.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Voltage; L1 # \"A\" {b}: c",
        "yaml: [",
        "power",
        "'''",
        "\u0007bell",
        "电压\\\"#",
        "a very long name that goes on and on and on and on and on and on and on and on and on",
        "\uD83D\uDE00",
        "-"
      })
  void namesOfAnyKindLeaveADraftThatLoads(String name) throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("odd.csv"),
            "address\tname\ttype\tunit\n7\t"
                + name.replace("\"", "\"\"")
                + "\tuint16\t\n8\tpower\tint16\tkW\n8\tpower\tint16\tkW\n9\tpower\tint16\tV\n");
    assertEquals(0, run(table), err::toString);
    assertTrue(load("odd", out.toString()).points().size() >= 2, out::toString);
  }

  /**
   * Cells that lost their places, doubled headings, wrong numbers: a draft that loads, or a word.
   */
  @Test
  void tablesOfAnyKindNeverEndInAnError() throws IOException {
    long seed = 20261130L;
    Random random = new Random(seed);
    List<String> words =
        List.of(
            "address", "name", "type", "unit", "地址", "名称", "0x10", "40001", "70000", "-1", "power",
            "A相电压", "float", "string", "uint32", "bit", "0.1V", "kWh", "10", "1/0", "10^99", "W",
            "\"", "", "1e-99", "3-9", "energy", "soc", "R/W", "W", "长度", "倍率", "0", "999");
    int drafts = 0;
    for (int i = 0; i < 600; i++) {
      StringBuilder text = new StringBuilder("address,name,type,unit,scale,words,function\n");
      for (int row = random.nextInt(12); row >= 0; row--) {
        for (int cell = 0; cell < 7; cell++) {
          text.append(words.get(random.nextInt(words.size()))).append(cell == 6 ? '\n' : ',');
        }
      }
      byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
      try {
        Draft draft = Draft.of(Path.of("t.csv"), bytes, new Draft.Wishes("t", null, null, null));
        load("t", draft.yaml());
        drafts++;
      } catch (Unusable e) {
        assertFalse(
            String.valueOf(e.getMessage()).matches("no profile (?:that loads|can be made).*"),
            "seed " + seed + ": " + e.getMessage() + "\n" + text);
      }
    }
    assertTrue(drafts > 100, "only " + drafts);
  }
}
