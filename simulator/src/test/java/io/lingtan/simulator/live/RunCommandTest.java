package io.lingtan.simulator.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.Main;
import io.lingtan.simulator.device.site.SimulatedSite;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class RunCommandTest {
  @TempDir Path folder;

  private final StringWriter err = new StringWriter();

  private int execute(String... words) {
    return new CommandLine(new Main()).setErr(new PrintWriter(err, true)).execute(words);
  }

  @Test
  void aPortInUseIsNamedWithWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = String.valueOf(taken.getLocalPort());
      assertEquals(1, execute("run", "--port", port));
      String said = err.toString();
      assertTrue(said.contains(port) && said.contains("roof") && said.contains("--port"), said);
    }
  }

  @Test
  void aSiteFileThatCannotBeWrittenIsNamedWithWhatToDo() {
    assertEquals(1, execute("run", "--port", "0", "--site-file", "/no/such/folder/site.yaml"));
    assertTrue(err.toString().contains("/no/such/folder/site.yaml"), err::toString);
    assertTrue(err.toString().contains("--site-file"), err::toString);
  }

  @Test
  void anUdpPortInUseIsNamedWithWhatToDo() throws IOException {
    // The line on TCP takes the port before, which is free.
    try (DatagramSocket taken = new DatagramSocket(0, InetAddress.ofLiteral("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertEquals(1, execute("run", "--site", udpOnly(), "--port", String.valueOf(port)));
      String said = err.toString();
      assertTrue(said.contains(port + " for line yard") && said.contains("--port"), said);
    }
  }

  private String udpOnly() throws IOException {
    Files.writeString(
        folder.resolve("yard.yaml"),
        """
        gateway: yard
        site: {name: yard, zone: Asia/Shanghai, region: CN-JS, lat: 31.49, lon: 120.31}
        lines:
          - id: yard
            coap: {uri: "coap://127.0.0.1:5683"}
            devices:
              - {id: tank1, profile: senml, path: /tank/1}
        metering: {meters: []}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        journal: {path: journal.db}
        status: {listen: "127.0.0.1:8080", view: open}
        clock: {trust: [system]}
        """);
    Files.writeString(
        folder.resolve("yard.world.yaml"),
        """
        world: {tank_m3: 12}
        devices:
          tank1: {sees: tank}
        """);
    return folder.resolve("yard.yaml").toString();
  }

  @Test
  void aSiteOfOnesOwnInWhichNoPlaceCanBePutIsToldAndNoCrash() throws IOException {
    String site = udpOnly();
    Path file = Path.of(site);
    Files.writeString(file, Files.readString(file).replaceFirst("journal: .*\n", ""));
    assertEquals(
        1,
        execute(
            "run", "--site", site, "--port", "0", "--site-file", folder.resolve("x").toString()));
    String said = err.toString();
    assertTrue(said.contains("path: journal.db") && said.contains("--site-file"), said);
  }

  @ParameterizedTest
  @CsvSource({
    "--coap-psk, nokey",
    "--port, 70000",
    "--port, x",
    "--reply-delay, -1",
    "--host, nowhere",
    "--sed, 1"
  })
  void wrongUseExits2(String option, String value) {
    assertEquals(2, execute("run", option, value));
    assertTrue(err.toString().contains(option), err::toString);
  }

  @Test
  void aSiteThatIsNotThereIsToldWithThoseThatAre() {
    assertEquals(2, execute("run", "--site", "atlantis"));
    assertTrue(err.toString().contains("hydrogen-depot"), err::toString);
  }

  @Test
  void whatIsWrongInASiteOfOnesOwnHasItsPlace() throws IOException {
    Path site = folder.resolve("mine.yaml");
    Files.copy(Path.of("../config/sites/pv-rooftop.yaml"), site);
    assertEquals(2, execute("run", "--site", site.toString()));
    assertTrue(err.toString().contains("mine.world.yaml"), err::toString);
    Files.writeString(folder.resolve("mine.world.yaml"), "world: {pv_kv: 3}\ndevices: {}\n");
    assertEquals(2, execute("run", "--site", site.toString()));
    assertTrue(err.toString().contains("mine.world.yaml:1:9"), err::toString);
    assertTrue(err.toString().contains("pv_kw"), err::toString);
  }

  @Test
  void aScenarioThatIsWrongOrDoesNotFitIsToldBeforeAnythingIsServed() throws IOException {
    Path file = folder.resolve("wrong.yaml");
    Files.writeString(file, "faults:\n  - {kind: silense, at: 2m}\n");
    assertEquals(2, execute("run", "--port", "0", "--scenario", file.toString()));
    assertTrue(err.toString().contains("wrong.yaml:2:12"), err::toString);
    assertTrue(err.toString().contains("silence"), err::toString);
    Files.writeString(file, "faults:\n  - {kind: silence, on: [nobody], at: 2m}\n");
    assertEquals(2, execute("run", "--port", "0", "--scenario", file.toString()));
    assertTrue(err.toString().contains("wrong.yaml:2:26"), err::toString);
    assertTrue(err.toString().contains("nobody"), err::toString);
    Files.writeString(file, "faults:\n  - {kind: rollover, on: house, at: 0s}\n");
    assertEquals(2, execute("run", "--port", "0", "--scenario", file.toString()));
    assertTrue(err.toString().contains("rollover cannot strike 'house'"), err::toString);
  }

  @Test
  void whatConcernsTheMasterIsLeftOutOfAScenario() throws IOException {
    Path file = folder.resolve("mixed.yaml");
    Files.writeString(
        file,
        """
        lasts: 1h
        faults:
          - {kind: silence, on: [gate], at: 2m, for: 1m}
          - {kind: black_hole, on: [roof], at: 3m, for: 1m}
          - {kind: broker_down, at: 4m, for: 1m}
        """);
    SimulatedSite site = SimulatedSite.of("demo-microgrid", 1, 0);
    LiveFaults faults = LiveFaults.add(file, site, 1);
    assertEquals(List.of(), faults.problems());
    assertEquals(2, faults.planned());
    assertEquals(1, faults.leftOut());
    long then = site.world().stepStart() + 150_000;
    assertEquals(1, site.faults().strike("gate", then).size());
  }

  @Test
  void aSerialPortThatCannotBeMadeIsNamedWithWhatToDo() throws IOException {
    assertEquals(1, execute("run", "--site", "pv-rooftop", "--port", "0", "--pty-dir", "/no/such"));
    assertTrue(err.toString().contains("/no/such"), err::toString);
    Files.createFile(folder.resolve("rs485-1"));
    assertEquals(
        1, execute("run", "--site", "pv-rooftop", "--port", "0", "--pty-dir", folder.toString()));
    String said = err.toString();
    assertTrue(said.contains("rs485-1") && said.contains("--pty-dir"), said);
  }

  @Test
  void withoutACommandTheUsageIsTold() {
    assertEquals(2, execute());
    assertTrue(err.toString().contains("run"), err::toString);
  }
}
