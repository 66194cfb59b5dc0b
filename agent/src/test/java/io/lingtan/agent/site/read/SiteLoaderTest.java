package io.lingtan.agent.site.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.DeviceProfile;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.Site.Allocation;
import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class SiteLoaderTest {

  private static final String SMALLEST =
      """
      gateway: g1
      lines:
        - id: a
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: eastron-sdm630}
      metering:
        meters:
          - {id: grid, device: gate, role: grid, rated_kw: 60}
      mqtt: {servers: ["mqtt://broker"]}
      """;

  @TempDir private Path folder;

  @Test
  void theFleetsKeyStandsInTheFileOrInOneOfItsOwn() throws IOException {
    String key = "cRNaKoCGPqDcKVJj3PCOegoJjfb3Rpl1LtwdXZYgiaw";
    String file = "../fleet-keys/public.";
    for (String written : List.of(key, key + "=", file + "jwk", file + "txt")) {
      Site site = Objects.requireNonNull(fleet(written).site(), written);
      Path in =
          written.startsWith(key)
              ? null
              : Path.of("src/test/resources/sites", written).toAbsolutePath().normalize();
      Site.Centre read = Objects.requireNonNull(site.fleet());
      assertEquals(new Site.Centre(key, in, "roofs", Duration.ofMinutes(10)), read, written);
    }
    String x = "\"x\":\"" + key + "\"}";
    assertNoKey("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"\"," + x, "the private key, which");
    assertNoKey("{\"kty\":\"OKP\",\"crv\":\"X25519\"," + x, "no Ed25519 public key");
    assertNoKey("{\"kty\":\"EC\",\"crv\":\"P-256\"," + x, "no Ed25519 public key");
  }

  private void assertNoKey(String content, String says) throws IOException {
    Loaded mistaken = fleet(Files.writeString(folder.resolve("key"), content).toString());
    assertTrue(mistaken.problems().toString().contains(says), mistaken.problems()::toString);
    assertNull(mistaken.site());
  }

  private static Loaded fleet(String key) {
    String text = SMALLEST + "fleet: {key: " + key + ", group: roofs}\n";
    return new SiteLoader()
        .read(Path.of("src/test/resources/sites/x.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  /** A journal in place of the site file would move that away, and a PIN the signing key. */
  @Test
  void whatTheAgentWritesHasAFileOfItsOwn() {
    for (String taken :
        List.of(
            "journal: {path: site.yaml}",
            "journal: {key_file: journal.db}",
            "journal: {path: secrets/pin}",
            "status: {pin_file: secrets/../secrets/signing.key}",
            "status: {pin_file: pw}\n"
                + "mqtt: {servers: [\"mqtt://broker\"], username: a, password_file: pw}")) {
      Path file = folder.resolve("site.yaml");
      String text =
          taken.contains("mqtt:") ? SMALLEST.replaceFirst("(?m)^mqtt:.*\n", "") : SMALLEST;
      List<Problem> problems =
          new SiteLoader()
              .read(file, (text + taken + "\n").getBytes(StandardCharsets.UTF_8))
              .problems();
      assertEquals(
          1,
          problems.stream().filter(each -> each.message().contains("a file of its own")).count(),
          () -> taken + problems);
    }
  }

  /** Whoever opened it would wait for a writer, or read for ever. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeOrADeviceIsNoSiteFileAndIsNotRead() throws Exception {
    Path pipe = pipe("site.yaml");
    assertOnly(
        "is no regular file, but a folder, a pipe or a device: not a site file",
        new SiteLoader().load(pipe));
    assertOnly(
        "is no regular file, but a folder, a pipe or a device: not a site file",
        new SiteLoader().load(Path.of("/dev/zero")));
    assertOnly("is a folder; name the site file in it", new SiteLoader().load(folder));
    Files.write(folder.resolve("large"), new byte[1_000_001]);
    assertOnly(
        "is larger than 1000000 bytes: not a site file",
        new SiteLoader().load(folder.resolve("large")));
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeIsNothingElseThatASiteFileNamesEither() throws Exception {
    Files.createDirectory(folder.resolve("own"));
    pipe("own/eastron-sdm630.yaml");
    pipe("pw");
    pipe("feed.csv");
    for (String named :
        List.of(
            "profiles: own",
            "status: {pin_file: pw}",
            "carbon: {factors: [cn-electricity], feeds: [feed.csv]}",
            "carbon: {factors: [cn-electricity], certificates: feed.csv}",
            "mqtt: {servers: [\"mqtt://broker\"], user: a, password_file: pw}")) {
      String text =
          named.contains("mqtt:") ? SMALLEST.replaceFirst("(?m)^mqtt:.*\n", "") : SMALLEST;
      assertTold("is no regular file", Problem.Severity.ERROR, text + named + "\n");
    }
  }

  @Test
  void whatTheAgentWritesIsNoFolderAndHasAFolderToBeIn() throws Exception {
    Files.createDirectory(folder.resolve("here"));
    Files.writeString(folder.resolve("plain"), "");
    for (String key : List.of("journal: {path", "journal: {key_file", "status: {pin_file")) {
      assertTold("is no regular file", Problem.Severity.ERROR, SMALLEST + key + ": here}\n");
      assertTold("is no folder", Problem.Severity.ERROR, SMALLEST + key + ": plain/b/c}\n");
      assertTrue(
          new SiteLoader()
                  .read(
                      folder.resolve("site.yaml"),
                      (SMALLEST + key + ": new/b/c}\n").getBytes(StandardCharsets.UTF_8))
                  .problems()
                  .stream()
                  .noneMatch(each -> each.message().startsWith(key.split("\\{")[1])),
          key);
    }
  }

  @Test
  void whatThisUserCannotWriteIsTold() throws Exception {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeFalse(Files.isWritable(closed), "root may write everywhere");
    assertTold(
        "cannot be written by this user",
        Problem.Severity.WARNING,
        SMALLEST + "journal: {path: closed/journal.db}\n");
  }

  private Path pipe(String name) throws Exception {
    Path pipe = folder.resolve(name);
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    return pipe;
  }

  private static void assertOnly(String message, Loaded loaded) {
    assertNull(loaded.site());
    assertEquals(List.of(message), loaded.problems().stream().map(Problem::message).toList());
  }

  private void assertTold(String message, Problem.Severity severity, String text) {
    List<Problem> problems =
        new SiteLoader()
            .read(folder.resolve("site.yaml"), text.getBytes(StandardCharsets.UTF_8))
            .problems();
    assertTrue(
        problems.stream()
            .anyMatch(each -> each.severity() == severity && each.message().contains(message)),
        () -> text + problems);
  }

  @Test
  void whatIsNotWrittenIsAsTheReadmeSays() {
    Site site = good(SMALLEST);
    assertEquals("g1", site.place().name());
    assertEquals("Asia/Shanghai", site.place().zone().getId());
    assertEquals("CN", site.place().region());
    assertTrue(Double.isNaN(site.place().lat()));

    Line.ModbusTcp line = (Line.ModbusTcp) site.lines().getFirst();
    assertEquals(502, line.port());
    assertEquals(Duration.ofSeconds(1), line.timeout());

    Device device = line.devices().getFirst();
    assertEquals(1, device.unit());
    assertEquals(Duration.ofSeconds(1), device.every());
    assertEquals(Duration.ofSeconds(10), device.record());
    assertEquals(BigDecimal.ONE, device.ct());

    assertEquals("15m", site.metering().interval());
    assertEquals(Allocation.PRIORITY, site.metering().allocation());
    assertEquals(Duration.ofMinutes(5), site.metering().maxInterpolation());
    assertEquals(Duration.ofSeconds(20), site.metering().closeAfter());
    assertEquals(
        List.of("cn-electricity", "cn-fuels", "cn-tce"),
        site.carbon().tables().stream().map(FactorTable::name).toList());
    assertEquals(List.of("location"), site.carbon().methods());

    assertEquals(List.of("mqtt://broker:1883"), site.mqtt().servers());
    assertEquals(Duration.ZERO, site.mqtt().batch());
    assertEquals(60_000, site.mqtt().maxPayload());
    assertEquals(folder.resolve("journal.db"), site.journal().path());
    assertEquals(2_000_000_000L, site.journal().maxSize());
    assertEquals(Duration.ofSeconds(1), site.journal().commit());
    assertEquals("0.0.0.0", site.status().host());
    assertEquals(8080, site.status().port());
    assertTrue(site.status().open());
    assertEquals(List.of("ntp"), site.clock().trust());
    assertEquals(Duration.ofMinutes(10), site.clock().maxHold());
  }

  @Test
  void heatThatIsMadeHereIsOwn() {
    Site site =
        good(
            """
            gateway: wx-1
            site: {zone: Asia/Shanghai, region: CN-JS}
            lines:
              - id: a
                modbus-tcp: {host: 127.0.0.1}
                devices:
                  - {id: gate, profile: acrel-dtsd1352, unit: 1}
                  - {id: engine, profile: acrel-dtsd1352, unit: 2}
                  - {id: warm, profile: acrel-dtsd1352, unit: 3}
                  - {id: boiler, profile: acrel-dtsd1352, unit: 4}
                  - {id: street, profile: acrel-dtsd1352, unit: 5}
              - id: io
                gpio: {chip: gpiochip0}
                devices:
                  - {id: fuel, profile: s0, offset: 17, per_pulse: 0.1, point: volume}
            metering:
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 400}
                - {id: chp, device: engine, role: chp, rated_kw: 400, fuel: gas, heat: chp-heat, heat_efficiency: 0.8, power_efficiency: 0.35}
                - {id: gas, device: fuel, role: gas, gas_celsius: 20, max_rate: 100}
                - {id: chp-heat, device: warm, role: heat, max_rate: 500}
                - {id: boiler-heat, device: boiler, role: heat, max_rate: 500, own: true}
                - {id: bought, device: street, role: heat, max_rate: 500}
            mqtt: {servers: ["mqtt://b"]}
            """);
    assertEquals(
        List.of("chp-heat", "boiler-heat"),
        site.metering().meters().stream().filter(Site.Meter::own).map(Site.Meter::id).toList());
  }

  /** By the temperature of the gas at the nozzle nobody knows how full a vehicle is. */
  @Test
  void howFullAVehicleIsNeedsTheTemperatureInIt() {
    for (String of : List.of("", ", temperature_of: nozzle", ", temperature_of: vehicle")) {
      Site site =
          good(
              """
              gateway: wx-1
              site: {zone: Asia/Shanghai, region: CN-JS}
              lines:
                - id: a
                  modbus-tcp: {host: 127.0.0.1}
                  devices:
                    - {id: gate, profile: acrel-dtsd1352, unit: 1}
                    - {id: pump, profile: example-h2-dispenser, unit: 2}
              metering:
                meters:
                  - {id: grid, device: gate, role: grid, rated_kw: 400}
                  - {id: p, device: pump, role: h2_dispenser, max_rate: 216, nominal_mpa: 35%s}
              mqtt: {servers: ["mqtt://b"]}
              """
                  .formatted(of));
      assertEquals(
          of.endsWith("vehicle") ? 35 : Double.NaN,
          site.metering().meters().getLast().nozzle().nominalMpa(),
          of);
    }
  }

  @Test
  void whatIsWrittenArrives() {
    Site site =
        good(
            """
            gateway: wx-1
            site: {name: 示范站, zone: Asia/Urumqi, region: CN-JS, lat: 31.49, lon: 120.31}
            lines:
              - id: rs485-1
                serial: {port: /dev/ttyAMA0, baud: 19200, parity: even, stop_bits: 2, rs485: rts, echo: true, timeout: 300ms}
                devices:
                  - id: gate
                    profile: acrel-dtsd1352
                    unit: 0x11
                    every: 500ms
                    record: 500ms
                    ct: 80
                    pt: 100.5
                    deadband: {power: 50, voltage_l1: 0.5}
                    max_interval: 5m
              - id: roof
                modbus-rtu-tcp: {host: "[fe80::1]", port: 4001, after_timeout: reconnect}
                devices:
                  - {id: bat, profile: example-battery, unit: 2, every: 30s}
            metering:
              interval: 1m
              allocation: proportional
              max_interpolation: 2m
              close_after: 30s
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 400, reverse: true}
                - {id: store, device: bat, role: battery, rated_kw: 250, capacity_kwh: 500.5}
            mqtt: {servers: ["mqtts://a", "mqtt://b:1884"], batch: 60s, max_payload: 30000, require_app_ack: true, state: true}
            journal: {path: /var/lib/lingtan/j.db, max_size: 64MB, commit: 10s}
            status: {listen: "[::1]:0", view: pin, enabled: false}
            clock: {trust: [system], max_hold: 0s}
            """);
    Line.Serial serial = (Line.Serial) site.lines().getFirst();
    assertEquals(12, serial.format().bits());
    assertEquals("rts", serial.rs485());
    assertTrue(serial.echo());
    assertEquals(Duration.ofMillis(300), serial.timeout());
    Device gate = serial.devices().getFirst();
    assertEquals(17, gate.unit());
    assertEquals(gate.every(), gate.record());
    assertEquals(new BigDecimal("100.5"), gate.pt());
    assertEquals(
        Map.of(Point.of("power"), 50_000_000L, Point.of("voltage_l1"), 500_000L), gate.deadband());
    assertEquals(Duration.ofMinutes(5), gate.maxInterval());

    Line.ModbusRtuTcp roof = (Line.ModbusRtuTcp) site.lines().get(1);
    assertTrue(roof.reconnectAfterTimeout());
    assertEquals(Duration.ofSeconds(30), roof.devices().getFirst().record());

    assertEquals(Duration.ofMinutes(1), site.metering().base());
    assertEquals(Duration.ofSeconds(30), site.metering().closeAfter());
    assertTrue(site.metering().meters().getFirst().reverse());
    assertEquals(500.5, site.metering().meters().get(1).capacityKwh());
    assertEquals(List.of("mqtts://a:8883", "mqtt://b:1884"), site.mqtt().servers());
    assertEquals(Path.of("/var/lib/lingtan/j.db"), site.journal().path());
    assertEquals("::1", site.status().host());
    assertEquals(List.of("system"), site.clock().trust());
  }

  @Test
  void anIntervalWaitsTwiceTheSlowestDeviceWithinLimits() {
    assertEquals(
        Duration.ofMinutes(2),
        good(SMALLEST.replace("sdm630}", "sdm630, every: 5m}")).metering().closeAfter());
    assertEquals(
        Duration.ofSeconds(10),
        good(SMALLEST.replace("sdm630}", "sdm630, record: 1s}")).metering().closeAfter());
  }

  @Test
  void aSiteOfEveryKindOfLineIsTakenWhole() throws IOException {
    Path file = Path.of("src/test/resources/sites/many-things.yaml");
    Site site = new SiteLoader().load(file).site();
    assertNotNull(site);
    assertEquals(
        List.of("rs485-1", "roof", "tanks", "push", "pulses"),
        site.lines().stream().map(Line::id).toList());
    assertEquals(
        List.of("gate", "ely-meter", "pv1", "tank1", "node1", "water"),
        site.devices().stream().map(Device::id).toList());
    assertEquals(
        List.of("grid", "pv", "ely", "tank"),
        site.metering().meters().stream().map(Site.Meter::id).toList());
    assertEquals(List.of("ntp", "rtc", "phone"), site.clock().trust());
  }

  @Test
  void anInputSaysWhatItCountsOrTells() {
    Site site =
        good(
            SMALLEST.replace(
                "metering:",
                """
                  - id: header
                    gpio: {}
                    devices:
                      - {id: water, profile: s0, offset: 17, per_pulse: 0.01, point: volume, bias: pull-up, active_low: true}
                      - {id: door, profile: contact, offset: 22, debounce: 50ms, active: open, inactive: closed}
                metering:\
                """));
    Line.Gpio line = (Line.Gpio) site.lines().getLast();
    assertEquals("auto", line.chip());
    Device water = line.devices().getFirst();
    GpioInput.Pulses pulses = (GpioInput.Pulses) Objects.requireNonNull(water.gpio());
    assertEquals(
        new GpioInput.Pin(17, GpioInput.Bias.PULL_UP, true, Duration.ofMillis(20)), pulses.pin());
    assertEquals(Point.of("volume"), pulses.point());
    assertEquals(12_340_000, pulses.micros(1234, water.ct()));
    assertEquals(
        List.of("volume", "pulses"),
        water.profile().allPoints().stream().map(p -> String.valueOf(p.point())).toList());
    GpioInput.Level door = (GpioInput.Level) Objects.requireNonNull(line.devices().get(1).gpio());
    assertEquals(Duration.ofMillis(50), door.pin().debounce());
    assertEquals("open", door.active());
    assertEquals("closed", door.inactive());
  }

  @Test
  void theConfigurationIsNamedByItsBytes() {
    assertEquals(64, good(SMALLEST).sha256().length());
    assertEquals(good(SMALLEST).sha256(), good(SMALLEST).sha256());
    assertTrue(!good(SMALLEST).sha256().equals(good(SMALLEST + "# a note\n").sha256()));
  }

  @Test
  void aSecretThatOthersCanReadIsAWarning() throws IOException {
    Path secret = Files.writeString(folder.resolve("password"), "x");
    String text = SMALLEST.replace("broker\"]}", "broker\"], user: u, password_file: password}");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(
        List.of(
            "site.yaml:10:60: warning: password_file: everybody on this machine can read "
                + secret
                + "; run: chmod o-rwx "
                + secret),
        told(text));
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-r-----"));
    assertEquals(List.of(), told(text));
    assertEquals(secret, good(text).mqtt().passwordFile());
  }

  /** They lie where they usually do, and no key of the site file says so. */
  @Test
  void aSigningKeyOrPinThatOthersCanReadIsAWarningWhereverItLies() throws IOException {
    Path secrets = Files.createDirectory(folder.resolve("secrets"));
    Path key = Files.writeString(secrets.resolve("signing.key"), "x");
    Path pin = Files.writeString(secrets.resolve("pin"), "x");
    for (Path each : List.of(key, pin)) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-r--r--"));
    }
    List<String> told = told(SMALLEST);
    assertEquals(2, told.size(), told::toString);
    assertTrue(told.toString().contains("key_file: everybody on this machine can read " + key));
    assertTrue(told.toString().contains("pin_file: everybody on this machine can read " + pin));
    for (Path each : List.of(key, pin)) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rw-------"));
    }
    assertEquals(List.of(), told(SMALLEST));
  }

  @Test
  void anOwnProfileWinsAndItsProblemsAreTold() throws IOException {
    Path own = Files.createDirectory(folder.resolve("meters"));
    String profile =
        """
        name: mine
        kind: meter
        maker: M
        document: D
        source: S
        points:
          power: {address: 1, base: 1, type: int16, unit: kW, reverse: true}
        """;
    Files.writeString(own.resolve("mine.yaml"), profile);
    String text = SMALLEST.replace("eastron-sdm630", "mine") + "profiles: meters\n";
    DeviceProfile.RegisterPoint power =
        good(text).devices().getFirst().profile().points().getFirst();
    assertEquals(0, power.address());
    assertEquals(0, new BigDecimal(-1000).compareTo(power.scale()));

    Files.writeString(own.resolve("mine.yaml"), profile.replace("kW,", "MWh,"));
    Loaded loaded = load(text);
    assertNull(loaded.site());
    assertEquals(
        List.of(
            own.resolve("mine.yaml")
                + ":7:51: error: power is not measured in 'MWh'; possible: MW W kW mW, each with a"
                + " step in front: 0.1W",
            folder.resolve("site.yaml") + ":6:29: error: profile mine has errors of its own"),
        loaded.problems().stream()
            .filter(problem -> problem.severity() == Problem.Severity.ERROR)
            .map(Problem::toString)
            .toList());
  }

  @Test
  void autoIsTheBoardsSerialNumberOrElseAHashOfTheMachineId() throws IOException {
    String text = SMALLEST.replace("gateway: g1", "gateway: auto");
    Path machine = Files.createDirectory(folder.resolve("machine"));
    assertEquals(
        List.of(
            "site.yaml:1:10: error: auto found neither a serial number in /proc/cpuinfo nor"
                + " /etc/machine-id: write a name"),
        errors(new SiteLoader(machine), text));

    Files.createDirectory(machine.resolve("etc"));
    Files.writeString(machine.resolve("etc/machine-id"), "0123456789abcdef0123456789abcdef\n");
    String hashed = named(machine, text);
    assertTrue(hashed.matches("gw-[0-9a-f]{12}"), hashed);
    assertTrue(!hashed.contains("0123456789ab"), "the machine id itself must not be shown");

    Path tree = Files.createDirectories(machine.resolve("sys/firmware/devicetree/base"));
    Files.writeString(tree.resolve("serial-number"), "00000000ABCD1234\0");
    assertEquals("gw-abcd1234", named(machine, text), "a kernel that shows it there alone");

    Files.delete(tree.resolve("serial-number"));
    Files.createDirectory(machine.resolve("proc"));
    Files.writeString(
        machine.resolve("proc/cpuinfo"), "processor\t: 0\nSerial\t\t: 00000000ABCD1234\n");
    assertEquals("gw-abcd1234", named(machine, text));
  }

  @Test
  void aFileThatIsNotThereIsAProblem() {
    assertEquals(
        "does not exist; config/sites/one-meter.yaml is one to start from",
        new SiteLoader().load(folder.resolve("x.yaml")).problems().getFirst().message());
    assertEquals(
        "is a folder; name the site file in it",
        new SiteLoader().load(folder).problems().getFirst().message());
  }

  @Test
  void aFileInAnotherEncodingIsToldWhereItIsNotUtf8() {
    byte[] gbk = "gateway: g1\nsite: {name: \u00ce\u00de}\n".getBytes(StandardCharsets.ISO_8859_1);
    Loaded loaded = new SiteLoader().read(Path.of("site.yaml"), gbk);
    assertEquals(
        List.of("site.yaml:2:14: error: the file is not UTF-8 here; save it as UTF-8"),
        loaded.problems().stream().map(Problem::toString).toList());
  }

  private static String named(Path machine, String text) {
    Site site =
        new SiteLoader(machine)
            .read(Path.of("site.yaml"), text.getBytes(StandardCharsets.UTF_8))
            .site();
    assertNotNull(site);
    return site.gateway();
  }

  private static List<String> errors(SiteLoader loader, String text) {
    return loader
        .read(Path.of("site.yaml"), text.getBytes(StandardCharsets.UTF_8))
        .problems()
        .stream()
        .filter(problem -> problem.severity() == Problem.Severity.ERROR)
        .map(Problem::toString)
        .toList();
  }

  @Test
  void onlyTheProfilesThatASiteNamesAreParsed() throws IOException {
    Path profiles = Files.createDirectory(folder.resolve("meters"));
    Files.writeString(profiles.resolve("broken.yaml"), "name: [");
    Files.writeString(
        profiles.resolve("mine.yaml"),
        """
        name: mine
        kind: meter
        maker: M
        document: D
        source: S
        points: {power: {address: 0, type: int16, unit: W}}
        """);
    String site =
        """
        gateway: g1
        site: {region: CN-JS}
        profiles: meters
        lines: [{id: a, modbus-tcp: {host: 127.0.0.1}, devices: [{id: d, profile: %s}]}]
        mqtt: {servers: ["mqtt://localhost:1883"]}
        """;
    assertEquals(
        "mine",
        good(site.formatted("mine")).lines().getFirst().devices().getFirst().profile().name());
    assertTrue(told(site.formatted("broken")).toString().contains("broken"));
  }

  private Loaded load(String text) {
    return new SiteLoader()
        .read(folder.resolve("site.yaml"), text.getBytes(StandardCharsets.UTF_8));
  }

  /** Everything told but the missing region. */
  private List<String> told(String text) {
    return load(text).problems().stream()
        .filter(problem -> !problem.message().contains("site.region"))
        .map(problem -> problem.toString().replace(folder + "/site.yaml", "site.yaml"))
        .toList();
  }

  private Site good(String text) {
    Loaded loaded = load(text);
    assertNotNull(loaded.site(), () -> loaded.problems().toString());
    return loaded.site();
  }
}
