package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.desk.SiteDesk;
import io.lingtan.agent.publish.DesiredState;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Sha256;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.agent.status.Actions.Progress;
import io.lingtan.testing.Json;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents of a fleet's centre, on real files and the real desk; clock and uplink are the test's.
 */
@Timeout(60)
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class FleetStepTest {

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(1));
  private static final SigningKey OTHER = SigningKey.make(Randomness.seeded(2));
  private static final long NOW = 1_790_000_000_000L;
  private static final long LATER = NOW + 3_600_000;

  private static final String SITE =
      """
      gateway: gw-1
      site: {region: CN}
      lines:
        - id: roof
          modbus-tcp: {host: 127.0.0.1}
          devices:
            - {id: pv1, profile: eastron-sdm630, unit: 1, every: 1s}
      mqtt: {servers: ["mqtt://127.0.0.1:1883"], user: a, password_file: secrets/mqtt}
      journal: {max_size: 64MB}
      status: {pin_file: secrets/pin}
      fleet: {key: %s, group: roofs, confirm: 10m}
      """
          .formatted(KEY.open().x());

  private static final String NEXT = SITE.replace("unit: 1", "unit: 7");

  private static final MessageSchemas SCHEMAS = schemas();

  private static MessageSchemas schemas() {
    try {
      return MessageSchemas.of(Path.of("../config/schema"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TempDir Path folder;
  private final VirtualTime time = new VirtualTime(NOW);
  private final List<Event> events = new ArrayList<>();
  private final DesiredState desired = new DesiredState();
  private Path file;
  private volatile Site running;
  private volatile @Nullable Sentence refusing;
  private volatile boolean passing;
  private volatile UplinkSnapshot uplink = uplink(true, 5);
  private SiteDesk desk;
  private FleetStep step;

  @BeforeEach
  void open() throws IOException {
    file = Files.writeString(folder.resolve("site.yaml"), SITE);
    Files.writeString(folder.resolve("fleet.pub"), KEY.open().x());
    start();
  }

  /** A new process. */
  private void start() {
    if (desk != null) {
      desk.close();
    }
    running = load();
    desk =
        new SiteDesk(
            () -> running,
            () -> {
              if (refusing == null) {
                running = load();
              }
              return new SiteDesk.Reloaded(refusing, false, passing);
            });
    step =
        new FleetStep(
            () -> running,
            desk,
            desired,
            () -> uplink,
            () -> new Fitness("", 1),
            events::add,
            time);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private Site load() {
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private static UplinkSnapshot uplink(boolean up, long acked) {
    return new UplinkSnapshot(
        new UplinkSnapshot.Link(
            "mqtt://127.0.0.1:1883",
            up ? 1 : -1,
            -1,
            1,
            up ? null : "nobody listens",
            null,
            null,
            RefusedTopicsSnapshot.NONE),
        new UplinkSnapshot.Delivery(0, 0, 0, false, 0, 0, -1, -1),
        LatencySnapshot.NONE,
        new UplinkSnapshot.RecordCounts(acked, acked, 0, 0, 0, 0),
        UplinkSnapshot.Mishaps.NONE,
        UplinkSnapshot.ReplayCounts.NONE);
  }

  private static String document(long serial, String body) {
    return new FleetDocument("gw-1", null, serial, null, LATER, body).signed(KEY);
  }

  private void want(String document) {
    desired.want(document.getBytes(UTF_8));
    step.step(time.now());
  }

  private void until(String what, BooleanSupplier holds) throws InterruptedException {
    for (int i = 0; !holds.getAsBoolean(); i++) {
      assertTrue(i < 400, () -> what + ": " + said() + " " + events);
      Thread.sleep(25);
      step.step(time.now());
    }
  }

  private Map<?, ?> said() {
    try {
      assertEquals(List.of(), SCHEMAS.problems("reported", desired.reported()));
      return (Map<?, ?>) Json.object(desired.reported()).get("config");
    } catch (IOException e) {
      throw new AssertionError(desired.reported(), e);
    }
  }

  private boolean is(String state) {
    return state.equals(said().get("state"));
  }

  private List<String> names() {
    return events.stream().map(Event::name).toList();
  }

  private Obeyed kept() {
    try {
      return ObeyedFile.beside(file).read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In use, and on trial. */
  private void bringIntoUse(String document, String body) throws InterruptedException {
    want(document);
    until(
        "in use",
        () ->
            running.sha256().equals(Sha256.hex(body.getBytes(UTF_8)))
                && names().contains("config.pending"));
    assertTrue(is("pending"));
  }

  @Test
  void aGoodChangeIsMadeAndStaysOnceARecordIsAcknowledged() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    step.step(time.now());
    assertTrue(is("pending"), "what was acknowledged before proves nothing");
    uplink = uplink(false, 6);
    step.step(time.now());
    assertTrue(is("pending"), "the link is down again");
    uplink = uplink(true, 6);
    step.step(time.now());
    assertTrue(is("applied"), () -> said().toString());
    assertEquals(3, ((Number) said().get("serial")).intValue());
    assertEquals(Sha256.hex(NEXT.getBytes(UTF_8)), said().get("hash"));
    assertEquals(List.of("config.pending", "config.confirmed"), names());
    assertEquals(NEXT, Files.readString(file));
    assertEquals(SITE, Files.readString(folder.resolve("site.yaml.1")));
    time.advanceMillis(3_600_000);
    want(document(3, NEXT));
    assertTrue(is("applied"), "the same once more, although it has expired, changes nothing");
    assertEquals(2, events.size());
    Files.writeString(file, NEXT + "# by hand\n");
    running = load();
    step.step(time.now());
    assertEquals("the site file was changed at the site since", said().get("why"));
  }

  @Test
  void aChangeThatDoesNotProveItselfIsPutBack() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    uplink = uplink(false, 0);
    time.advanceMillis(599_000);
    step.step(time.now());
    assertTrue(is("pending"));
    time.advanceMillis(2_000);
    until("put back", () -> is("put_back"));
    assertEquals(SITE, Files.readString(file));
    assertEquals(NEXT, Files.readString(folder.resolve("site.yaml.refused")));
    assertEquals(load().sha256(), said().get("hash"));
    assertTrue(said().get("why").toString().contains("nobody listens"), () -> said().toString());
    assertEquals(List.of("config.pending", "config.put_back"), names());
    start();
    want(document(3, NEXT));
    assertTrue(is("put_back"), "it is not obeyed twice, also not by another process");
    assertEquals(SITE, Files.readString(file));
  }

  @Test
  void twoDocumentsInTurnChangeNothingTwice() throws Exception {
    bringIntoUse(document(4, NEXT), NEXT);
    uplink = uplink(true, 6);
    until("applied", () -> is("applied"));
    events.clear();
    for (int i = 0; i < 3; i++) {
      want(document(3, SITE));
      assertTrue(is("refused"));
      want(document(4, NEXT));
      assertTrue(is("applied"));
    }
    assertEquals(List.of("config.remote_refused"), names(), "and are told of once");
    assertEquals("old_serial", events.getFirst().detail().get("reason"));
    assertEquals(NEXT, Files.readString(file));
  }

  @Test
  void theNewestWaitsForTheEndOfATrial() throws Exception {
    bringIntoUse(document(4, NEXT), NEXT);
    want(document(5, SITE));
    want(document(6, SITE + "# six\n"));
    assertEquals(NEXT, Files.readString(file));
    uplink = uplink(true, 6);
    until(
        "the next", () -> running.sha256().equals(Sha256.hex((SITE + "# six\n").getBytes(UTF_8))));
    assertEquals(6, kept().serial());
  }

  @Test
  void whatTheAgentCannotTakeIsPutBackAtOnce() throws Exception {
    refusing = new Sentence("not today", "今天不行");
    want(document(3, NEXT));
    until("refused", () -> is("refused"));
    assertEquals("not today", said().get("why"));
    assertEquals(SITE, Files.readString(file));
    assertEquals(Obeyed.Fate.REFUSED, kept().fate());
  }

  @Test
  void aHandAtTheSiteHasTheLastWord() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    Files.writeString(file, SITE + "# by hand\n");
    running = load();
    uplink = uplink(false, 0);
    until("over", () -> is("put_back"));
    time.advanceMillis(700_000);
    step.step(time.now());
    assertEquals(SITE + "# by hand\n", Files.readString(file));
  }

  @Test
  void aGroupsDocumentNeedNotNameTheGateway() throws Exception {
    String body = NEXT.replace("gateway: gw-1\n", "");
    String document =
        new FleetDocument(null, "roofs", 9, running.sha256(), LATER, body).signed(KEY);
    assertEquals(List.of(), SCHEMAS.problems("desired", document));
    bringIntoUse(document, NEXT);
  }

  /** Every point at which a process may be killed, as the next start finds it. */
  @Test
  void aKillAnywhereEndsInOneFileOrTheOther() throws Exception {
    String hash = Sha256.hex(NEXT.getBytes(UTF_8));
    String before = running.sha256();
    FleetDocument asked = new FleetDocument("gw-1", null, 3, null, LATER, NEXT);
    Obeyed pending = new Obeyed(3, asked.digest(), hash, before, 1, Obeyed.Fate.PENDING, null);

    // Noted, and not in place yet: obeyed when it comes again.
    ObeyedFile.beside(file).write(pending);
    assertFalse(ObeyedFile.atStart(file, false, () -> false));
    start();
    Path full = fill();
    step.step(time.now());
    assertTrue(kept().isOpen());
    free(full);
    step.step(time.now());
    assertTrue(is("refused"), () -> said().toString());
    want(document(2, SITE + "# older\n"));
    assertEquals(SITE, Files.readString(file), "an older one still is an older one");
    bringIntoUse(document(3, NEXT), NEXT);

    // In place: on trial again, three starts at most.
    assertEquals(1, kept().starts());
    for (int starts = 2; starts <= ObeyedFile.MOST_STARTS; starts++) {
      assertFalse(ObeyedFile.atStart(file, false, () -> false));
      assertEquals(starts, kept().starts());
      start();
      step.step(time.now());
      assertTrue(is("pending"));
    }
    assertTrue(ObeyedFile.atStart(file, false, () -> false));
    assertEquals(SITE, Files.readString(file));
    assertEquals(Obeyed.Fate.PUT_BACK, kept().fate());
    start();
    step.step(time.now());
    assertTrue(is("put_back"));
    assertFalse(kept().isOpen());
    assertFalse(ObeyedFile.atStart(file, false, () -> false));

    // About to be put back, and not done.
    Files.writeString(file, NEXT);
    Files.writeString(folder.resolve("site.yaml.1"), SITE);
    ObeyedFile.beside(file).write(pending.undone("late"));
    start();
    until("put back", () -> is("put_back") && running.sha256().equals(before));
    assertEquals(SITE, Files.readString(file));

    // In place, and the agent cannot start with it.
    Files.writeString(file, NEXT);
    Files.writeString(folder.resolve("site.yaml.1"), SITE);
    ObeyedFile.beside(file).write(pending);
    assertTrue(ObeyedFile.atStart(file, true, () -> false));
    assertEquals(SITE, Files.readString(file));
  }

  @Test
  void withoutAClockADocumentWaits() throws Exception {
    time.trust(false);
    want(document(3, NEXT));
    assertEquals(List.of("config.remote_refused"), names());
    assertEquals("clock", events.getFirst().detail().get("reason"));
    assertEquals(SITE, Files.readString(file));
    time.trust(true);
    until("in use", () -> names().contains("config.pending"));
  }

  @Test
  void aDocumentThatExpiredByAWrongClockIsObeyedOnceTheClockIsRight() throws Exception {
    long years = 72 * 365 * 86_400_000L;
    time.stepWallMillis(years);
    want(document(3, NEXT));
    assertEquals("expired", events.getFirst().detail().get("reason"));
    step.step(time.now());
    assertEquals("refused", said().get("state"));
    time.stepWallMillis(-years);
    until("in use", () -> names().contains("config.pending"));
  }

  @Test
  void aDocumentThatTheCentreTakesBackWhileItWaitsIsNotObeyed() throws Exception {
    time.trust(false);
    want(document(3, NEXT));
    want("");
    time.trust(true);
    time.advanceMillis(60_000);
    step.step(time.now());
    assertEquals(List.of("config.remote_refused"), names());
    assertEquals(SITE, Files.readString(file));
    assertTrue(said().get("serial") == null, () -> said().toString());
  }

  @Test
  void whatAFileBesideHoldsIsNotToldToTheCentre() throws Exception {
    Files.createDirectories(folder.resolve("secrets"));
    Files.writeString(folder.resolve("secrets/mqtt"), "hunter2\n");
    want(document(3, bill() + "lins: []\n"));
    assertEquals("site_file", events.getFirst().detail().get("reason"));
    assertTrue(said().get("why").toString().contains("secrets/mqtt line 1"), said()::toString);
    assertFalse(said().toString().contains("hunter2"), said()::toString);
    List<Problem> atTheSite = new SiteLoader().read(file, bill().getBytes(UTF_8)).problems();
    assertFalse(atTheSite.isEmpty());
    assertFalse(atTheSite.toString().contains("hunter2"), atTheSite::toString);
  }

  private static String bill() {
    return NEXT + "bill: {class: industry, kva: 100, prices: secrets/mqtt}\n";
  }

  @Test
  void aRefusedFileThatCannotBePutBackDoesNotStayWithoutATrial() throws Exception {
    refusing = new Sentence("lines are being changed", "正在更换线路");
    Path inTheWay = Files.createDirectories(folder.resolve("site.yaml.refused/x"));
    want(document(3, NEXT));
    until("tried", () -> desk.change() != null && desk.change().progress() == Progress.REFUSED);
    step.step(time.now());
    assertEquals(NEXT, Files.readString(file));
    assertEquals(Obeyed.Fate.PUT_BACK, kept().fate());
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());
    refusing = null;
    time.advanceMillis(31_000);
    until("put back", () -> names().contains("config.put_back"));
    assertEquals(SITE, Files.readString(file));
    assertFalse(kept().isOpen());
  }

  /** As a disk that is full: nothing is written beside the site file. */
  private Path fill() throws IOException {
    Path inTheWay = Files.createDirectory(folder.resolve("site.yaml.fleet.new"));
    return Files.createFile(inTheWay.resolve("x"));
  }

  private static void free(Path filled) throws IOException {
    Files.delete(filled);
    Files.delete(filled.getParent());
  }

  @Test
  void onAFullDiskADocumentWaits() throws Exception {
    Path full = fill();
    want(document(3, NEXT));
    assertEquals("not_written", events.getFirst().detail().get("reason"));
    assertEquals(SITE, Files.readString(file));
    free(full);
    time.advanceMillis(31_000);
    until("in use", () -> names().contains("config.pending"));
  }

  @Test
  void aTrialThatEndsOnAFullDiskEndsOnceThereIsRoom() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    Path full = fill();
    uplink = uplink(true, 6);
    step.step(time.now());
    assertTrue(kept().isOpen(), "what cannot be noted has not happened");
    free(full);
    until("applied", () -> is("applied"));

    bringIntoUse(document(4, SITE), SITE);
    full = fill();
    uplink = uplink(false, 0);
    time.advanceMillis(601_000);
    until("put back", () -> running.sha256().equals(Sha256.hex(NEXT.getBytes(UTF_8))));
    assertEquals(NEXT, Files.readString(file), "a full disk keeps nothing from being put back");
    assertEquals(Obeyed.Fate.PUT_BACK, kept().fate(), "and it is noted before");
    free(full);
    until("over", () -> names().contains("config.put_back"));
    assertTrue(is("put_back"));
    assertFalse(kept().isOpen());
  }

  /** Neither is a copy needed of what goes, nor a note that can be written. */
  @Test
  void aStartOnAFullDiskPutsBackWhatItCannotCount() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    Path full = fill();
    Files.createDirectories(folder.resolve(".site.yaml.new/x"));
    assertTrue(ObeyedFile.atStart(file, false, () -> false));
    assertEquals(SITE, Files.readString(file));
    assertEquals(NEXT, Files.readString(folder.resolve("site.yaml.refused")));
    assertEquals(Obeyed.Fate.PUT_BACK, kept().fate());
    free(full);
    start();
    step.step(time.now());
    assertTrue(is("put_back"));
  }

  @Test
  void aSecondAgentBesideIsNoStart() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    for (int i = 0; i < 5; i++) {
      assertFalse(ObeyedFile.atStart(file, false, () -> true));
    }
    assertEquals(1, kept().starts());
    uplink = uplink(true, 6);
    until("applied", () -> is("applied"));
    assertEquals(NEXT, Files.readString(file));
  }

  /** Such as a journal that cannot be written: the document is as good a while later. */
  @Test
  void whatPassesUsesUpNoSerial() throws Exception {
    refusing = new Sentence("the journal cannot be written", "本地存储写不进去");
    passing = true;
    want(document(3, NEXT));
    until("refused", () -> is("refused") && kept().serial() == 0);
    assertEquals(SITE, Files.readString(file));
    assertEquals("busy", events.getFirst().detail().get("reason"), events::toString);
    time.advanceMillis(31_000);
    step.step(time.now());
    until("refused again", () -> kept().serial() == 0);
    refusing = null;
    time.advanceMillis(31_000);
    until("in use", () -> names().contains("config.pending"));
    assertEquals(3, kept().serial());
    assertEquals(NEXT, Files.readString(file));
  }

  /** Whoever may publish at the broker may not say what becomes of a document. */
  @Test
  void aStrangerChangesNothingThatIsReported() throws Exception {
    bringIntoUse(document(3, NEXT), NEXT);
    uplink = uplink(true, 6);
    until("applied", () -> is("applied"));
    String before = desired.reported();
    events.clear();
    List<String> strange =
        List.of(
            "{}",
            "no JSON",
            document(9, SITE).replace("\"serial\":9", "\"serial\":10"),
            new FleetDocument("gw-1", null, 9, null, LATER, SITE).signed(OTHER),
            document(9, SITE + "#" + "x".repeat(256 * 1024)));
    for (String each : strange) {
      want(each);
      assertEquals(before, desired.reported(), each);
    }
    want("");
    assertEquals(before, desired.reported());
    assertEquals(5, events.size(), events::toString);
    assertEquals(5L, events.getLast().detail().get("count"));

    // Nor do they push out what waits, or keep the centre's own refusals from being told.
    time.trust(false);
    want(document(4, SITE));
    before = desired.reported();
    for (int i = 0; i < 40; i++) {
      want("x" + i);
    }
    assertEquals(before, desired.reported());
    events.clear();
    want(document(2, SITE));
    assertEquals("old_serial", events.getFirst().detail().get("reason"), events::toString);
    want(document(4, SITE));
    time.trust(true);
    until("in use", () -> names().contains("config.pending"));
    assertEquals(4, kept().serial());
  }

  /** As from a copy of it that was made before the last documents. */
  @Test
  void aRestoredCardObeysNoDocumentBelowWhatTheBrokerHasKept() throws Exception {
    bringIntoUse(document(7, NEXT), NEXT);
    uplink = uplink(true, 6);
    until("applied", () -> is("applied"));
    Files.delete(folder.resolve("site.yaml.fleet"));
    Files.writeString(file, SITE);
    start();
    step.step(time.now());
    assertEquals(null, said().get("obeyed"), "nothing is known of it");
    desired.recall(7);
    step.step(time.now());
    assertEquals(
        7, ((Number) said().get("obeyed")).intValue(), "it is still known at the next start");
    assertEquals(null, said().get("serial"));
    events.clear();
    want(document(6, NEXT + "# six\n"));
    assertEquals("old_serial", events.getFirst().detail().get("reason"), events::toString);
    assertEquals(SITE, Files.readString(file));
    bringIntoUse(document(7, NEXT), NEXT);
  }

  @Test
  void nothingStandsAtReportedWithoutAFleet() throws Exception {
    want(document(2, "gateway: ["));
    assertNotNull(desired.reported());
    Files.writeString(file, SITE.replace("fleet: ", "#fleet: "));
    running = load();
    step.step(time.now());
    assertEquals(null, desired.reported());
    assertTrue(ObeyedFile.isBeside(file), "so that the next process knows that it once had one");
  }

  @Test
  void aLineIsTheDocumentsOwn() throws Exception {
    String body = NEXT.replace("gateway: gw-1\n", "") + "lins: []\n";
    want(new FleetDocument(null, "roofs", 9, null, LATER, body).signed(KEY));
    long line = body.lines().count();
    assertTrue(said().get("why").toString().contains("line " + line + ": "), said()::toString);
  }

  @Test
  void withoutTheNoteOfWhatWasObeyedNothingIs() throws Exception {
    Files.writeString(folder.resolve("site.yaml.fleet"), "{\"serial\":");
    want(document(3, NEXT));
    assertEquals("not_written", events.getFirst().detail().get("reason"));
    assertEquals(SITE, Files.readString(file));
  }

  record Bad(String reason, String document, @Nullable String says) {
    @Override
    public String toString() {
      return reason + " " + says;
    }
  }

  private static Bad forbidden(String what, String from, String to) {
    assertTrue(SITE.contains(from), from);
    return new Bad("protected", document(9, SITE.replace(from, to)), what);
  }

  /** A good document, at the topic of the others. */
  private static final String SOFTWARE =
      new FleetDocument(
              "gw-1",
              null,
              9,
              null,
              LATER,
              "",
              new FleetDocument.Software("1.1", "0".repeat(64), 5, "https://deb.example/lingtan"))
          .signed(KEY);

  static Stream<Bad> bad() {
    String good = document(9, NEXT);
    return Stream.of(
        new Bad("not_json", "", null),
        new Bad("not_json", "gateway: gw-1\n", null),
        new Bad("not_json", good + good, null),
        new Bad("not_json", good.replace("\"serial\":9", "\"serial\":9,\"serial\":10"), "serial"),
        new Bad("unsigned", good.replaceFirst(",\"sig\":\"[^\"]*\"", ""), "not signed"),
        new Bad("wrongly_signed", good.replace("\"serial\":9", "\"serial\":10"), "changed"),
        new Bad("wrongly_signed", good.replace("unit: 7", "unit: 8"), "changed"),
        new Bad("wrongly_signed", good.replaceFirst("\"sig\":\"....", "\"sig\":\"AAAA"), "changed"),
        new Bad(
            "wrongly_signed",
            new FleetDocument("gw-1", null, 9, null, LATER, NEXT).signed(OTHER),
            "fleet.key"),
        new Bad(
            "expired", new FleetDocument("gw-1", null, 9, null, NOW, NEXT).signed(KEY), "2026-"),
        new Bad(
            "other_gateway",
            new FleetDocument("gw-2", null, 9, null, LATER, NEXT).signed(KEY),
            "gw-2"),
        new Bad(
            "other_gateway",
            new FleetDocument(null, "cellars", 9, null, LATER, NEXT).signed(KEY),
            "cellars, not roofs"),
        new Bad(
            "other_base",
            new FleetDocument("gw-1", null, 9, "0".repeat(64), LATER, NEXT).signed(KEY),
            "000"),
        new Bad("form", SOFTWARE, "desired/software"),
        new Bad("too_large", document(9, NEXT + "#" + "x".repeat(256 * 1024)), "262144"),
        new Bad("site_file", document(9, NEXT + "lins: []\n"), "lins"),
        new Bad("site_file", document(9, "gateway: [\n"), null),
        new Bad("site_file", document(9, NEXT + "clock: {trust: [rtc]}\n"), "clock"),
        forbidden("gateway", "gateway: gw-1", "gateway: gw-2"),
        forbidden("journal", "64MB", "65MB"),
        forbidden("journal", "max_size: 64MB", "max_size: 64MB, key_file: /etc/shadow"),
        forbidden("status.pin_file", "secrets/pin", "secrets/other"),
        forbidden("status.tls", "secrets/pin}", "secrets/pin, tls: {cert: a.pem, key: b.pem}}"),
        forbidden("mqtt.password_file", "secrets/mqtt", "/etc/shadow"),
        forbidden("mqtt.tls", "user: a", "user: a, tls: {ca: other.pem}"),
        forbidden("fleet", "confirm: 10m", "confirm: 20m"),
        forbidden("fleet", KEY.open().x(), OTHER.open().x()),
        forbidden("fleet", KEY.open().x(), "fleet.pub"),
        forbidden("fleet", "fleet: ", "#fleet: "),
        forbidden(
            "of a view",
            "user: a",
            "views: [{kind: sparkplug, group: g, user: b, password_file: /etc/shadow}], user: a"),
        forbidden(
            "of a view",
            "user: a",
            "views: [{kind: sparkplug, group: g, servers: ['mqtts://b:8883'],"
                + " tls: {ca: secrets/mqtt}}], user: a"),
        forbidden("in clear", "mqtt://127.0.0.1:1883", "mqtt://192.0.2.1:1883"),
        forbidden(
            "in clear",
            "user: a",
            "views: [{kind: sparkplug, group: g, servers: ['mqtt://192.0.2.1:1883']}], user: a"),
        forbidden(
            "of a line",
            "modbus-tcp: {host: 127.0.0.1}\n    devices:\n",
            """
            coap: {uri: "coaps://127.0.0.1", identity: gw, key_file: /etc/shadow}
                devices: []
              - id: hall
                modbus-tcp: {host: 127.0.0.1}
                devices:
            """));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void badInputIsRefusedByNameAndChangesNothing(Bad bad) throws Exception {
    // A broker shows nothing at all when nothing is retained.
    want(bad.document().isEmpty() ? " " : bad.document());
    assertEquals(List.of("config.remote_refused"), names());
    Map<String, Object> detail = events.getFirst().detail();
    assertEquals(bad.reason(), detail.get("reason"), detail::toString);
    String why = String.valueOf(detail.get("why"));
    assertTrue(bad.says() == null || why.contains(bad.says()), why);
    boolean isSigned =
        !Set.of("too_large", "not_json", "unsigned", "wrongly_signed").contains(bad.reason());
    assertEquals(isSigned ? "refused" : "applied", said().get("state"));
    assertEquals(isSigned ? why : null, said().get("why"));
    assertEquals(
        isSigned && !bad.document().equals(SOFTWARE) ? "9" : "null",
        String.valueOf(said().get("serial")),
        "the number of a site file, and of nothing else");
    assertEquals(running.sha256(), said().get("hash"));
    assertEquals(SITE, Files.readString(file));
    assertEquals(Obeyed.NOTHING, kept());
    assertFalse(Files.exists(folder.resolve("site.yaml.1")));
  }

  @Test
  void manyRefusalsAreToldOfNowAndThen() {
    for (int i = 0; i < 60; i++) {
      want("x" + i);
    }
    assertEquals(20, events.size());
    time.advanceMillis(601_000);
    want("y");
    assertEquals(40L, events.getLast().detail().get("untold"));
  }

  @Test
  void aSiteFileWithoutAFleetObeysNobody() throws Exception {
    Files.writeString(file, SITE.replace("fleet: ", "#fleet: "));
    start();
    want(document(3, NEXT));
    assertEquals(List.of(), events);
    assertEquals(null, desired.reported());
    assertNotNull(running);
  }
}
