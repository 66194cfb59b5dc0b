package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.AgentHere;
import io.lingtan.agent.command.CheckCommand;
import io.lingtan.agent.command.ReadCommand;
import io.lingtan.agent.command.ScanCommand;
import io.lingtan.agent.command.draft.NewProfileCommand;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Child;
import io.lingtan.testing.Dump;
import io.lingtan.testing.Json;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code lingtan scan} and {@code lingtan read}, on meters that nobody here wrote. */
@RequiresTool("python3")
final class FieldCommandsIT {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private int port;
  private Child meters;

  /** Units 1 and 3: an Eastron SDM120 and an Acrel ADW300, with the values of their documents. */
  @BeforeEach
  void serve() throws IOException, InterruptedException {
    StringBuilder words = new StringBuilder();
    Map.of(1, "eastron-sdm120", 3, "acrel-adw300")
        .forEach(
            (unit, profile) -> {
              for (Dump.Typed line : dump(profile)) {
                for (int i = 0; i < line.words().size() && !line.value().equals("absent"); i++) {
                  words.append(
                      "%d %d %d %d%n"
                          .formatted(
                              unit, line.function(), line.address() + i, line.words().get(i)));
                }
              }
            });
    Path file = Files.writeString(folder.resolve("words.txt"), words);
    Path script = folder.resolve("pymodbus_dump.py");
    try (InputStream in = getClass().getResourceAsStream("acquire/pymodbus_dump.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    port = Ports.free();
    meters =
        Child.start(
            folder.resolve("meters.log"),
            Map.of(),
            List.of(PYTHON, script.toString(), Integer.toString(port), file.toString()));
    meters.await("pymodbus to listen", 20, () -> Ports.answers(port));
  }

  private static List<Dump.Typed> dump(String profile) {
    try {
      return Dump.of(profile).lines();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterEach
  void stop() throws Exception {
    meters.close();
  }

  private int run(Object command, String... words) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(words);
  }

  private int scan(String... words) {
    return run(new ScanCommand(time(), false, processes()), words);
  }

  private int read(String... words) {
    return run(new ReadCommand(time(), processes()), words);
  }

  private static SystemTime time() {
    return new SystemTime(List.of("system"));
  }

  /** Whoever runs an agent on this machine has nothing to do with what is tried here. */
  private Path processes() {
    return folder.resolve("processes");
  }

  private String host() {
    return "127.0.0.1:" + port;
  }

  @Test
  void aDraftOfTheMakersTableReadsTheMeterAsItsProfileDoes() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("drafted.csv"),
            """
            地址,名称,数据类型,功能码,单位
            20,A相电压,UINT16,03H,0.1V
            26,A相电流,UINT16,03H,0.01A
            36,总有功功率,INT32,03H,W
            62,正向有功电能,INT32,03H,0.01kWh
            """);
    assertEquals(0, run(new NewProfileCommand(), table.toString()), err::toString);
    Path own = Files.createDirectory(folder.resolve("profiles"));
    Files.writeString(own.resolve("drafted.yaml"), out.toString());
    String[] meter = {"--unit", "3", "--host", host(), "--profile"};
    int exit = read(with(meter, "acrel-adw300"));
    assertEquals(0, exit, err::toString);
    List<String> byHand = out.toString().lines().toList();
    exit = read(with(meter, "drafted", "--profiles", own.toString()));
    assertEquals(0, exit, err::toString);
    for (String point : List.of("voltage_l1", "current_l1", "power", "energy_import")) {
      String value = line(byHand, point);
      assertEquals(value, line(out.toString().lines().toList(), point), out::toString);
    }
  }

  private static String[] with(String[] words, String... more) {
    return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
  }

  private static String line(List<String> told, String point) {
    return told.stream()
        .map(String::strip)
        .filter(line -> line.startsWith(point + " "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aScanWithoutAnySiteFilePrintsLinesThatCheckAccepts() throws IOException {
    int exit = scan("--host", host(), "--units", "1-4", "--timeout", "300");
    String told = out + "\n" + err;
    assertEquals(0, exit, told);
    assertTrue(told.contains("unit 1 answers"), told);
    assertTrue(told.matches("(?s).*[0-9]+ %  eastron-sdm120 .*"), told);
    assertTrue(told.matches("(?s).*[0-9]+ %  acrel-adw300 .*"), told);
    String yaml = out.toString().substring(out.toString().indexOf("lines:"));
    Path site =
        Files.writeString(
            folder.resolve("new.yaml"),
            "gateway: new\nsite: {region: CN-JS}\n"
                + yaml
                + "mqtt: {servers: [\"mqtt://127.0.0.1:1883\"]}\n");
    assertEquals(0, run(new CheckCommand(processes()), site.toString()), () -> yaml + out + err);
    assertTrue(out.toString().contains("2 devices"), out::toString);
  }

  @Test
  void aReadShowsFramesRegistersAndHowEachPointIsDecoded() {
    int exit = read("--host", host(), "--unit", "1", "--profile", "eastron-sdm120");
    assertEquals(0, exit, () -> out + "\n" + err);
    String told = out.toString();
    assertTrue(told.matches("(?s).* → 00 .*"), told);
    assertTrue(told.matches("(?s).*frequency +42[0-9A-F]{2} [0-9A-F]{4} → float32 ABCD .*"), told);
    assertTrue(told.contains(" Hz  good"), told);
  }

  @Test
  void registersAreReadByAddressToo() throws IOException {
    assertEquals(
        0,
        read(
            "--host",
            host(),
            "--unit",
            "1",
            "--function",
            "4",
            "--address",
            "0x46",
            "--count",
            "2",
            "--json"));
    Map<?, ?> told = Json.object(out.toString());
    Map<?, ?> step = (Map<?, ?>) ((List<?>) Objects.requireNonNull(told.get("steps"))).getFirst();
    assertEquals("value", step.get("outcome"));
    assertEquals(2, ((List<?>) Objects.requireNonNull(step.get("registers"))).size());
    assertTrue(String.valueOf(step.get("sent")).endsWith("010400460002"), out::toString);
  }

  @Test
  void whoDoesNotAnswerIsExitOneAndWrongWordsAreExitTwo() throws IOException {
    assertEquals(1, read("--host", host(), "--unit", "9", "--address", "0", "--timeout", "100"));
    assertTrue(out.toString().contains("no answer"), out::toString);
    assertEquals(1, scan("--host", host(), "--units", "9-10", "--timeout", "100"));
    assertTrue(out.toString().contains("nobody answers"), out::toString);
    assertEquals(1, scan("--host", "127.0.0.1:" + Ports.free(), "--units", "1"));
    assertTrue(err.toString().contains("refused connection"), err::toString);
    assertEquals(1, scan("--port", folder.resolve("ttyNONE").toString(), "--units", "1"));
    assertTrue(err.toString().contains("does not exist"), err::toString);
    assertEquals(2, scan());
    assertTrue(err.toString().contains("--port DEV, --host IP"), err::toString);
    assertEquals(2, scan("--host", host(), "--units", "many"));
    assertEquals(2, scan("--host", "a:b:c"));
    assertEquals(2, read("--host", host(), "--unit", "1"));
    assertEquals(2, read("--host", host(), "--unit", "1", "--profile", "nothing-like-it"));
    assertTrue(err.toString().contains("no profile is called"), err::toString);
    assertEquals(2, read("--host", host(), "--unit", "1", "--address", "0", "--count", "126"));
    assertTrue(err.toString().contains("1..125"), err::toString);
  }

  private Path site(int page) throws IOException {
    return site("site.yaml", page, "{id: gate, profile: eastron-sdm120, unit: 1, every: 1s}", "");
  }

  private Path site(String name, int page, String gate, String more) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        """
        gateway: field-test
        site: {region: CN-JS}
        lines:
          - id: roof
            modbus-tcp: {host: 127.0.0.1, port: %d, timeout: 500ms}
            devices:
              - %s
        mqtt: {servers: ["mqtt://127.0.0.1:%d"]}
        journal: {path: journal.db, max_size: 64MB}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        %s
        """
            .formatted(port, gate, Ports.free(), page, more));
  }

  /** The device's line of the agent's page as plain text. */
  private String page(int at) throws IOException {
    try (InputStream in =
        java.net.URI.create("http://127.0.0.1:" + at + "/api/snapshot").toURL().openStream()) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  @Test
  void aRunningAgentIsAskedAndGoesOnReading() throws Exception {
    int at = Ports.free();
    Path file = site(at);
    Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
    RunningAgent agent = RunningAgent.start(site, time(), Randomness.system());
    try {
      meters.await("the first reading", 20, () -> isRead(at));
      assertEquals(
          0,
          scan("--config", file.toString(), "--line", "roof", "--units", "1-5", "--timeout", "200"),
          () -> out + "\n" + err);
      assertTrue(err.toString().contains("field-test has this line"), err::toString);
      assertTrue(out.toString().contains("gate of the site file"), out::toString);
      assertTrue(out.toString().contains("acrel-adw300"), out::toString);
      assertEquals(0, read("--config", file.toString(), "gate"), () -> out + "\n" + err);
      assertTrue(err.toString().contains("asking it between its polls"), err::toString);
      assertTrue(out.toString().contains(" Hz  good"), out::toString);
      assertEquals(
          1,
          read(
              "--config",
              file.toString(),
              "--line",
              "roof",
              "--unit",
              "77",
              "--address",
              "0",
              "--timeout",
              "100"));
      assertTrue(out.toString().contains("no answer"), out::toString);
      Map<?, ?> snapshot = Json.object(page(at));
      Map<?, ?> line =
          (Map<?, ?>) ((List<?>) Objects.requireNonNull(snapshot.get("lines"))).getFirst();
      assertEquals("0", String.valueOf(line.get("skipped")), snapshot::toString);
    } finally {
      assertTrue(agent.stop());
    }
    assertEquals(0, read("--config", file.toString(), "gate"), () -> out + "\n" + err);
    assertFalse(err.toString().contains("asking it"), err::toString);
  }

  /** What it answers must be of what was asked, or it answers nothing. */
  @Test
  void aRunningAgentThatReadsByAnotherFileRefusesToAnswerForIt() throws Exception {
    int at = Ports.free();
    Path file = site(at);
    Site site = Objects.requireNonNull(new SiteLoader().load(file).site());
    Path own = Files.createDirectory(folder.resolve("own"));
    String sdm120 = Files.readString(Path.of("../config/profiles/eastron-sdm120.yaml"));
    Files.writeString(
        own.resolve("eastron-sdm120.yaml"),
        sdm120.replace("0x46, unit: Hz", "0x46, unit: Hz, scale: 2"));
    RunningAgent agent = RunningAgent.start(site, time(), Randomness.system());
    try {
      meters.await("the first reading", 20, () -> isRead(at));
      Path other = site("other.yaml", at, "{id: gate, profile: acrel-adw300, unit: 3}", "");
      assertEquals(1, read("--config", other.toString(), "gate"), () -> out + "\n" + err);
      assertTrue(err.toString().contains("says otherwise of gate (unit 1, "), err::toString);
      assertEquals("", out.toString());
      Path alike =
          site("alike.yaml", at, "{id: gate, profile: eastron-sdm120, unit: 1, every: 5s}", "");
      assertEquals(0, read("--config", alike.toString(), "gate"), () -> out + "\n" + err);
      Path profiles =
          site(
              "profiles.yaml",
              at,
              "{id: gate, profile: eastron-sdm120, unit: 1}",
              "profiles: " + own);
      assertEquals(1, read("--config", profiles.toString(), "gate"), () -> out + "\n" + err);
      assertEquals(
          1,
          read(
              "--config",
              profiles.toString(),
              "--line",
              "roof",
              "--unit",
              "1",
              "--profile",
              "eastron-sdm120"),
          () -> out + "\n" + err);
      assertTrue(err.toString().contains("of the profile eastron-sdm120"), err::toString);
      assertEquals(
          1,
          scan("--config", profiles.toString(), "--line", "roof", "--units", "1"),
          () -> out + "\n" + err);
      assertTrue(err.toString().contains("otherwise of the profiles"), err::toString);
    } finally {
      assertTrue(agent.stop());
    }
  }

  /** Another user's agent, or one in a container. */
  @Test
  void anAgentWhoseSiteFileCannotBeReadIsWarnedOfAndTheLineIsAsked() throws IOException {
    Path process = Files.createDirectories(processes().resolve("4711"));
    Files.writeString(
        process.resolve("cmdline"), "java\0io.lingtan.agent.Main\0run\0--config\0/no/site.yaml\0");
    int exit = read("--host", host(), "--unit", "1", "--profile", "eastron-sdm120");
    assertEquals(0, exit, () -> out + "\n" + err);
    assertTrue(err.toString().contains("warning: process 4711 is an agent"), err::toString);
    assertEquals(0, scan("--host", host(), "--units", "1", "--timeout", "300"), err::toString);
  }

  private boolean isRead(int at) {
    try {
      return page(at).contains("\"frequency\"");
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void anAgentOfAnotherProcessIsFoundByItsPort() throws IOException {
    Path file = site(Ports.free());
    Path process = Files.createDirectories(folder.resolve("proc/4711"));
    Files.writeString(
        process.resolve("cmdline"),
        "java\0-Xmx48m\0io.lingtan.agent.Main\0run\0--config\0" + file + "\0");
    Files.createSymbolicLink(process.resolve("exe"), JAVA);
    Files.createDirectories(folder.resolve("proc/4712"));
    Files.writeString(folder.resolve("proc/4712/cmdline"), "sh\0-c\0lingtan run\0");
    List<AgentHere> agents = AgentHere.in(folder.resolve("proc"), 1);
    assertEquals(1, agents.size());
    assertEquals(4711, agents.getFirst().pid());
    var same =
        new io.lingtan.agent.site.Line.ModbusTcp(
            "x",
            "localhost",
            port,
            false,
            false,
            1,
            false,
            java.time.Duration.ofSeconds(1),
            List.of(),
            null);
    assertEquals("roof", Objects.requireNonNull(agents.getFirst().line(same)).id());
    assertEquals(List.of(), AgentHere.in(folder.resolve("proc"), 4711));
    assertEquals(List.of(), AgentHere.unknown(folder.resolve("proc"), 1));
    Files.writeString(file, "gateway: [");
    assertEquals(List.of(), AgentHere.in(folder.resolve("proc"), 1));
    assertEquals(
        List.of(new AgentHere.Running(4711, file, true)),
        AgentHere.unknown(folder.resolve("proc"), 1),
        "nobody can say which lines it has");
  }

  /** Whoever believed it would show the agent's pass to whom its site file names. */
  @Test
  void whatOnlyLooksLikeAnAgentIsNotBelieved() throws IOException {
    Path file = site(Ports.free());
    Path process = Files.createDirectories(folder.resolve("proc/4711"));
    Files.writeString(
        process.resolve("cmdline"), "su\0io.lingtan.agent.Main\0run\0--config\0" + file + "\0");
    Path exe = Files.createSymbolicLink(process.resolve("exe"), Path.of("/usr/bin/su"));
    List<AgentHere.Running> unknown = List.of(new AgentHere.Running(4711, file, false));
    assertEquals(List.of(), AgentHere.in(folder.resolve("proc"), 1));
    assertEquals(unknown, AgentHere.unknown(folder.resolve("proc"), 1));
    Files.delete(exe);
    Files.createSymbolicLink(exe, JAVA);
    assertEquals(1, AgentHere.in(folder.resolve("proc"), 1).size());
    try {
      Files.setAttribute(process, "unix:uid", 65_534);
    } catch (IOException e) {
      return; // not root
    }
    assertEquals(List.of(), AgentHere.in(folder.resolve("proc"), 1));
    assertEquals(unknown, AgentHere.unknown(folder.resolve("proc"), 1));
  }
}
