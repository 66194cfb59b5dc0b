package io.lingtan.agent.desk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.KeptFile;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.Actions.Action;
import io.lingtan.agent.status.Actions.Change;
import io.lingtan.agent.status.Actions.Progress;
import io.lingtan.agent.status.Actions.Refused;
import io.lingtan.agent.status.Actions.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A change is shown, made once, can be taken back, and never overwrites what it was not shown on.
 */
@SuppressWarnings("NullAway")
final class SiteDeskTest {

  private static final String SITE =
      """
      gateway: gw-1
      lines:
        - id: roof
          modbus-tcp: {host: 127.0.0.1}
          devices:
            - {id: pv1, profile: eastron-sdm630, unit: 1, every: 1s}
      mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
      """;

  @TempDir Path folder;
  private Path file;
  private volatile Site running;
  private final AtomicBoolean takes = new AtomicBoolean(true);
  private SiteDesk desk;

  @BeforeEach
  void open() throws IOException {
    file = Files.writeString(folder.resolve("site.yaml"), SITE);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    running = load();
    desk =
        new SiteDesk(
            () -> running,
            () -> {
              if (takes.get()) {
                running = load();
                return new SiteDesk.Reloaded(null, false);
              }
              return new SiteDesk.Reloaded(new Sentence("not today", "今天不行"), false);
            });
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private Site load() {
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private static String id(Result said) {
    assertEquals(200, said.status(), said.text());
    return said.text().replaceAll(".*\"id\":\"([0-9a-f]+)\".*", "$1");
  }

  private void apply(String id) throws InterruptedException {
    Result said = desk.apply(Map.of("id", id));
    assertEquals(202, said.status(), said.text());
    for (int i = 0; i < 100 && !running.sha256().equals(id); i++) {
      Thread.sleep(50);
    }
    assertEquals(id, running.sha256());
    for (int i = 0; i < 100 && desk.apply(Map.of("id", "")).text().contains("being made"); i++) {
      Thread.sleep(20);
    }
  }

  private static final Map<String, String> UNIT =
      Map.of("edit", "device", "device", "pv1", "key", "unit", "value", "7");

  @Test
  void anotherRatioSaysWhatBecomesOfTheEnergy() throws Exception {
    Files.writeString(
        file, SITE.replace("eastron-sdm630, unit: 1", "acrel-dtsd1352, ct: 80, unit: 1"));
    running = load();
    String shown =
        desk.propose(Map.of("edit", "device", "device", "pv1", "key", "ct", "value", "1")).text();
    assertTrue(shown.contains("100 kWh of now would be recorded as 1.25 kWh"), shown);
    assertTrue(shown.contains("现在记作 100 kWh 的电量，改后记作 1.25 kWh"), shown);
    assertFalse(desk.propose(UNIT).text().contains("100 kWh"), "another unit id is no other ratio");
  }

  @Test
  void aChangeIsShownThenMadeThenTakenBack() throws Exception {
    Result shown = desk.propose(UNIT);
    assertTrue(
        shown.text().contains("[\"-\",6,\"      - {id: pv1, profile: eastron-sdm630, unit: 1,"),
        shown.text());
    assertTrue(shown.text().contains("unit: 7"), shown.text());
    assertEquals(SITE, Files.readString(file), "nothing is changed by looking");
    apply(id(shown));
    assertEquals(SITE.replace("unit: 1", "unit: 7"), Files.readString(file));
    assertEquals(SITE, Files.readString(folder.resolve("site.yaml.1")));
    assertEquals("rw-r-----", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    apply(id(desk.propose(Map.of("edit", "revert"))));
    assertEquals(SITE, Files.readString(file));
  }

  private String kept(String kind, String text) {
    Result said = desk.keep(Map.of("kind", kind, "text", text));
    assertEquals(201, said.status(), said.text());
    return said.text().replaceAll(".*\"file\":\"(.*)\".*", "$1");
  }

  @Test
  void aPasswordIsAFileOfItsOwnSoThatTheFileBeforeFindsItsOwn() throws Exception {
    String first = kept("password", "one\n");
    assertEquals("secrets/page-password-1", first);
    assertEquals("one\n", Files.readString(folder.resolve(first)));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(first))));
    assertEquals(first, kept("password", "uno"), "nobody named the one before");
    Map<String, String> broker = Map.of("edit", "broker", "user", "gw-1", "password_file", first);
    Result shown = desk.propose(broker);
    assertTrue(
        shown.text().contains("user: \\\"gw-1\\\"") && !shown.text().contains("uno"), shown.text());
    apply(id(shown));
    String second = kept("password", "two");
    assertEquals("secrets/page-password-2", second);
    apply(id(desk.propose(Map.of("edit", "broker", "password_file", second))));
    assertEquals(second, String.valueOf(folder.relativize(running.mqtt().passwordFile())));
    apply(id(desk.propose(Map.of("edit", "revert"))));
    assertEquals("uno\n", Files.readString(running.mqtt().passwordFile()));
    // However often: of a kind there are so many as can be gone back to, and one more.
    for (int i = 0; i <= SiteSecrets.MOST; i++) {
      String name = kept("password", "p" + i);
      apply(id(desk.propose(Map.of("edit", "broker", "password_file", name))));
      assertEquals("p" + i + "\n", Files.readString(running.mqtt().passwordFile()));
    }
    try (var files = Files.list(folder.resolve("secrets"))) {
      assertEquals(SiteSecrets.MOST, files.count());
    }
  }

  @Test
  void aFileThatAPersonNamedWithoutQuotesIsNotWrittenOver() throws Exception {
    String first = kept("password", "one");
    Files.writeString(file, SITE + "# once it was password_file: " + first + "\n");
    assertEquals("secrets/page-password-2", kept("password", "two"));
    assertEquals("one\n", Files.readString(folder.resolve(first)));
  }

  @ParameterizedTest
  @CsvSource({
    "password, '', 一行",
    "pin, 12345, 6 到 32 位",
    "pin, 12 456, 6 到 32 位",
    "ca, hello, 没有证书",
    "key, hello, 不加密的私钥",
    "other, x, ''"
  })
  void whatIsNoSuchThingIsNotKept(String kind, String text, String chinese) {
    Result said = desk.keep(Map.of("kind", kind, "text", text));
    assertEquals(400, said.status(), said.text());
    assertTrue(
        ((Refused) said).values().getOrDefault("why_zh", "").contains(chinese), said.toString());
    assertFalse(Files.exists(folder.resolve("secrets")));
  }

  @Test
  void brokerPageFactorsAndTariffAreChangesAsAllOthers() throws Exception {
    apply(
        id(
            desk.propose(
                Map.of("edit", "broker", "servers", "mqtts://b.example:8883, mqtt://c.example"))));
    assertEquals(
        List.of("mqtts://b.example:8883", "mqtt://c.example:1883"), running.mqtt().servers());
    String page =
        id(desk.propose(Map.of("edit", "page", "pin_file", "secrets/page-pin-1", "view", "pin")));
    assertEquals("pin_file", desk.entrance(Action.APPLY, Map.of("id", page)));
    apply(page);
    assertFalse(running.status().open());
    String open = id(desk.propose(Map.of("edit", "page", "view", "open")));
    assertEquals("status", desk.entrance(Action.APPLY, Map.of("id", open)));
    String back = id(desk.propose(Map.of("edit", "revert")));
    assertEquals("pin_file", desk.entrance(Action.APPLY, Map.of("id", back)));
    assertEquals("pin_file", desk.entrance(Action.KEEP, Map.of("kind", "pin")));
    assertNull(desk.entrance(Action.KEEP, Map.of("kind", "ca")));
    assertEquals("status", desk.entrance(Action.PROPOSE, Map.of("edit", "page")));
    Result region =
        desk.propose(
            Map.of("edit", "carbon", "region", "CN-JS", "accept", "unconfirmed non-official"));
    assertNull(desk.entrance(Action.APPLY, Map.of("id", id(region))));
    apply(id(region));
    assertEquals("CN-JS", running.place().region());
    assertEquals(2, running.carbon().accepted().size());
    apply(id(desk.propose(Map.of("edit", "tariff", "tariff", "jiangsu-2025"))));
    assertEquals("jiangsu-2025", Objects.requireNonNull(running.metering().tariff()).name());
    for (Map<String, String> wrong :
        List.of(
            Map.of("edit", "broker", "servers", "b.example"),
            Map.of("edit", "broker", "user", "a\"b"),
            Map.of("edit", "page", "view", "nobody"),
            Map.of("edit", "page", "pin_file", "a b"),
            Map.of("edit", "carbon", "factors", ""),
            Map.of("edit", "tariff"))) {
      assertEquals(400, desk.propose(wrong).status(), wrong.toString());
    }
    assertEquals(422, desk.propose(Map.of("edit", "tariff", "tariff", "none-such")).status());
    String now = SettingsJson.of(running);
    assertTrue(now.contains("\"tariff\":[\"jiangsu-2025\"]"), now);
    assertTrue(now.contains("\"pin_file\":\"secrets/page-pin-1\""), now);
    assertTrue(now.contains("\"name\":\"cn-electricity\""), now);
  }

  /** Else whoever has the PIN has a broker of his own be sent the signing key as a password. */
  @Test
  void aFileIsNamedOnlyIfItWasKeptAtThePageForThat() throws Exception {
    for (String file :
        List.of(
            "secrets/signing.key",
            "/etc/passwd",
            "secrets/../secrets/signing.key",
            "secrets/page-key-1",
            "secrets/page-password-1x")) {
      Map<String, String> wrong = Map.of("edit", "broker", "password_file", file);
      assertEquals(400, desk.propose(wrong).status(), file);
    }
    for (String key : List.of("ca", "cert", "key")) {
      Map<String, String> wrong = Map.of("edit", "broker", key, "secrets/page-password-1");
      assertEquals(400, desk.propose(wrong).status(), key);
    }
    for (String key : List.of("pin_file", "cert", "key")) {
      Map<String, String> wrong = Map.of("edit", "page", key, "secrets/page-password-1");
      assertEquals(400, desk.propose(wrong).status(), key);
    }
  }

  private static Map<String, String> meter(String id, String profile, String... more) {
    Map<String, String> wanted =
        new HashMap<>(
            Map.of(
                "edit", "add_device", "line", "roof", "id", id, "profile", profile, "every", "5s"));
    for (int i = 0; i < more.length; i += 2) {
      wanted.put(more[i], more[i + 1]);
    }
    return wanted;
  }

  @Test
  void aTankAndAHeatMeterAreAddedWithWhatTheirRolesAskFor() throws Exception {
    apply(
        id(
            desk.propose(
                meter("gate", "eastron-sdm630", "unit", "5", "role", "grid", "rated_kw", "20"))));
    Result tank =
        desk.propose(
            meter("tank", "example-h2-tank", "unit", "9", "role", "h2_storage", "volume_m3", "12"));
    assertTrue(tank.text().contains("role: h2_storage, volume_m3: 12}"), tank.text());
    Result without =
        desk.propose(meter("tank", "example-h2-tank", "unit", "9", "role", "h2_storage"));
    assertEquals(422, without.status(), without.text());
    assertTrue(without.text().contains("volume_m3"), without.text());
    Result heat = desk.propose(meter("heat", "eastron-sdm630", "unit", "8", "role", "heat"));
    assertTrue(heat.text().contains("role: heat}"), heat.text());
  }

  @Test
  void aSerialLineForDlt645IsAddedAndAMeterOfItsOwnForm() throws Exception {
    Result line =
        desk.propose(
            Map.of(
                "edit",
                "add_line",
                "id",
                "rs485-2",
                "kind",
                "dlt645",
                "port",
                "/dev/ttyAMA9",
                "baud",
                "2400",
                "parity",
                "even"));
    assertTrue(line.text().contains("serial: {port:"), line.text());
    apply(id(line));
    Map<String, String> wanted =
        meter("ely", "dlt645-2007", "address", "000000123456", "framing", "1200 even");
    wanted.put("line", "rs485-2");
    Result meter = desk.propose(wanted);
    assertEquals(200, meter.status(), meter.text());
    assertTrue(
        meter.text().contains("address: \\\"000000123456\\\", every: 5s, framing: {baud: 1200,"),
        meter.text());
    wanted.put("framing", "even");
    assertEquals(400, desk.propose(wanted).status());
  }

  @Test
  void theLoadOfALineIsToldBeforeAMeterIsAdded() {
    Result shown =
        desk.propose(
            Map.of(
                "edit",
                "add_device",
                "line",
                "roof",
                "id",
                "new",
                "profile",
                "eastron-sdm630",
                "unit",
                "9",
                "every",
                "1s",
                "role",
                "grid",
                "rated_kw",
                "20"));
    assertTrue(
        shown.text().matches("(?s).*\"line\":\"roof\",\"before\":\\d+,\"after\":\\d+.*"),
        shown.text());
    assertTrue(shown.text().contains("role: grid, rated_kw: 20"), shown.text());
  }

  @Test
  void aProposalIsMadeOnceAndOnlyOnTheFileThatItWasShownOn() throws Exception {
    String id = id(desk.propose(UNIT));
    assertEquals(409, desk.apply(Map.of("id", "another")).status());
    String by = SITE.replace("every: 1s", "every: 2s");
    Files.writeString(file, by);
    assertEquals(409, desk.apply(Map.of("id", id)).status());
    assertEquals(by, Files.readString(file), "what a person wrote stays");
    assertEquals(409, desk.propose(UNIT).status(), "the file is not the one that runs");
    Files.writeString(file, SITE);
    String again = id(desk.propose(UNIT));
    apply(again);
    assertEquals(409, desk.apply(Map.of("id", again)).status());
  }

  @Test
  void whatIsNotTakenIsPutBack() throws Exception {
    takes.set(false);
    String id = id(desk.propose(UNIT));
    assertEquals(202, desk.apply(Map.of("id", id)).status());
    assertEquals(id, desk.change().id());
    while (desk.change().progress() == Progress.PENDING) {
      Thread.sleep(10);
    }
    assertEquals(
        new Change(id, Progress.REFUSED, new Sentence("not today", "今天不行")), desk.change());
    for (int i = 0; i < 100 && desk.apply(Map.of("id", "")).text().contains("being made"); i++) {
      Thread.sleep(20);
    }
    assertEquals(SITE, Files.readString(file));
    assertEquals(
        SITE.replace("unit: 1", "unit: 7"),
        Files.readString(folder.resolve("site.yaml.refused")),
        "for whoever wants to know what it was");
    assertEquals(
        404, desk.propose(Map.of("edit", "revert")).status(), "what was refused is no backup");
  }

  @Test
  void whatWouldBeNoGoodSiteFileIsRefusedWithTheReason() {
    Result same =
        desk.propose(
            Map.of(
                "edit",
                "add_device",
                "line",
                "roof",
                "id",
                "pv1",
                "profile",
                "eastron-sdm630",
                "unit",
                "9",
                "every",
                "1s"));
    assertEquals(422, same.status(), same.text());
    assertTrue(same.text().contains("pv1"), same.text());
    assertEquals(
        404, desk.propose(Map.of("edit", "revert")).status(), "nothing was changed before");
  }

  @ParameterizedTest
  @CsvSource({
    "key, unit, value, '7}, evil: {a'",
    "key, gateway, value, other",
    "value, '', ,",
    "device, nobody, ,",
    "edit, drop, ,",
    "value, 12345, ,",
  })
  void whatIsNotListedIsRefused(String name, String value, String more, String moreValue) {
    Map<String, String> wanted = new java.util.HashMap<>(UNIT);
    wanted.put(name, value == null ? "" : value);
    if (more != null) {
      wanted.put(more, moreValue);
    }
    Result said = desk.propose(wanted);
    assertEquals(400, said.status(), said.text());
  }

  @Test
  void thereAreNeverMoreThanEightBackups() throws Exception {
    KeptFile kept = KeptFile.of(file);
    for (int i = 0; i < 12; i++) {
      kept.replace(("# " + i + "\n").getBytes(StandardCharsets.UTF_8));
    }
    try (var files = Files.list(folder)) {
      assertEquals(1 + KeptFile.MOST_BACKUPS, files.count());
    }
    assertArrayEquals("# 10\n".getBytes(StandardCharsets.UTF_8), kept.before());
  }

  @Test
  void credentialsAreNotShownInADifference() {
    assertEquals(
        "mqtt://broker",
        TextDiff.of("a: mqtt://me:secret@broker\n", "b\n").getFirst().text().substring(3));
  }
}
