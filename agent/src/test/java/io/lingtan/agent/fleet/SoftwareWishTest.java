package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.fleet.FleetDocument.Software;
import io.lingtan.agent.publish.UplinkSnapshot;
import io.lingtan.agent.publish.lane.LatencySnapshot;
import io.lingtan.agent.publish.lane.RefusedTopicsSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's half of an update; root's half is played by what stands in its file. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class SoftwareWishTest {

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(1));
  private static final SigningKey OTHER = SigningKey.make(Randomness.seeded(2));
  private static final long NOW = 1_790_000_000_000L;
  private static final Software SOFTWARE =
      new Software("1.1", "a".repeat(64), 7, "https://deb.example/lingtan/");

  @TempDir Path folder;
  private final VirtualTime time = new VirtualTime(NOW);
  private final List<Event> events = new ArrayList<>();
  private Fitness fitness = new Fitness("", 2);
  private long acked = 5;
  private Site site;
  private SoftwareWish wish;

  @BeforeEach
  void open() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            "gateway: gw\n"
                + "site: {region: CN}\n"
                + "lines: []\n"
                + "mqtt: {servers: [\"mqtt://127.0.0.1:1\"]}\n"
                + "fleet: {key: "
                + KEY.open().x()
                + ", group: roofs}\n");
    site = Objects.requireNonNull(new SiteLoader().load(file).site());
    Files.writeString(folder.resolve("update.conf"), "key=" + KEY.open().x());
    start();
  }

  private void start() {
    wish =
        new SoftwareWish(
            new SoftwareWish.Places(
                folder.resolve("update"), folder.resolve("update.conf"), folder.resolve("state")),
            () -> fitness,
            events::add,
            time);
  }

  private UplinkSnapshot link() {
    return new UplinkSnapshot(
        new UplinkSnapshot.Link("", 1, -1, 1, null, null, null, RefusedTopicsSnapshot.NONE),
        new UplinkSnapshot.Delivery(0, 0, 0, false, 0, 0, -1, -1),
        LatencySnapshot.NONE,
        new UplinkSnapshot.RecordCounts(acked, acked, 0, 0, 0, 0),
        UplinkSnapshot.Mishaps.NONE,
        UplinkSnapshot.ReplayCounts.NONE);
  }

  private void step(@Nullable String document) {
    time.advanceMillis(2_000);
    wish.step(
        document == null ? null : document.getBytes(UTF_8),
        site,
        Objects.requireNonNull(site.fleet()),
        link(),
        time.now());
  }

  private void settle() {
    time.advanceMillis(60_000);
    step(null);
  }

  private void root(String phase, long serial, String why) throws IOException {
    Files.writeString(
        folder.resolve("state"),
        "serial=%d\nsha256=%s\nversion=1.1\nphase=%s\nnonce=abc\nwhy=%s\n"
            .formatted(serial, "a".repeat(64), phase, why));
    step(null);
  }

  private static String document(long serial, SigningKey key) {
    return new FleetDocument(null, "roofs", serial, null, NOW + 3_600_000, "", SOFTWARE)
        .signed(key);
  }

  private String said(String name) throws IOException {
    String text = io.lingtan.agent.reading.Json.object(json -> wish.report(json));
    Object software = Json.object(text).get("software");
    return software == null ? "" : String.valueOf(((Map<?, ?>) software).get(name));
  }

  private boolean is(String file) {
    return Files.exists(folder.resolve("update").resolve(file));
  }

  private String reason() {
    return events.isEmpty() ? "" : String.valueOf(events.getLast().detail().get("reason"));
  }

  @Test
  void whatTheCentreSignedIsWishedForAsItIsAndWhatBecomesOfItIsSaid() throws IOException {
    assertEquals("", said("state"));
    String document = document(7, KEY);
    step(document);
    assertFalse(is("wish"), "nobody knows yet how many lines answer");
    settle();
    String canonical =
        "{\"expires\":1790003600000,\"group\":\"roofs\",\"kind\":\"software\",\"serial\":7,"
            + "\"sha256\":\""
            + "a".repeat(64)
            + "\",\"size\":7,\"url\":\"https://deb.example/lingtan/\",\"version\":\"1.1\"}";
    String written = Files.readString(folder.resolve("update/wish"));
    assertEquals(canonical, written.lines().findFirst().orElseThrow());
    assertTrue(document.contains("\"sig\":\"" + written.lines().toList().get(1) + '"'));
    assertEquals("2", Files.readString(folder.resolve("update/lines")));
    assertEquals("pending", said("state"));
    root("installing", 7, "");
    root("trial", 7, "");
    assertFalse(is("healthy"), "the process that wished is not the new version");
    start();
    step(document);
    assertFalse(is("healthy"), "what was acknowledged before proves nothing");
    acked = 6;
    fitness = new Fitness("", 1);
    step(null);
    assertEquals(
        "abc 1 lines answer, 2 did before", Files.readString(folder.resolve("update/unwell")));
    fitness = new Fitness("line roof has ended", 2);
    step(null);
    assertFalse(is("healthy"));
    fitness = new Fitness("", 2);
    step(null);
    assertEquals(
        "abc it has not run for long enough", Files.readString(folder.resolve("update/unwell")));
    assertFalse(is("healthy"), "a line that ends soon has not ended yet");
    settle();
    assertEquals("abc", Files.readString(folder.resolve("update/healthy")));
    root("applied", 7, "");
    assertEquals("applied", said("state"));
    assertEquals("7", said("serial"));
    step(document);
    assertEquals("applied", said("state"), "the same once more changes nothing");
    assertEquals("agent.updated", events.getLast().name());
    root("put_back", 7, "not healthy");
    assertEquals("put_back", said("state"));
    assertEquals("not healthy", said("why"));
  }

  @Test
  void whatExpiredByAWrongClockIsWishedForOnceTheClockIsRight() throws IOException {
    settle();
    time.stepWallMillis(2 * 3_600_000);
    step(document(7, KEY));
    assertEquals("expired", reason());
    step(null);
    assertFalse(is("wish"));
    time.stepWallMillis(-2 * 3_600_000);
    step(null);
    assertTrue(is("wish"));
  }

  @Test
  void whatIsRefusedIsNotWishedFor() throws IOException {
    step(document(7, OTHER));
    assertEquals("wrongly_signed", reason());
    assertEquals("", said("state"), "what a stranger sends is not reported");
    step("{}");
    assertEquals("unsigned", reason());
    step(new FleetDocument("gw", null, 7, null, NOW, "", SOFTWARE).signed(KEY));
    assertEquals("expired", reason());
    assertEquals("refused", said("state"));
    step(new FleetDocument("other", null, 7, null, NOW + 3_600_000, "", SOFTWARE).signed(KEY));
    assertEquals("other_gateway", reason());
    step(new FleetDocument("gw", null, 7, null, NOW + 3_600_000, "lines: []").signed(KEY));
    assertEquals("form", reason());
    root("applied", 9, "");
    step(document(8, KEY));
    assertEquals("old_serial", reason());
    Files.delete(folder.resolve("update.conf"));
    step(document(10, KEY));
    assertEquals("no_updater", reason());
    assertFalse(is("wish"));
    step("");
    assertEquals("applied", said("state"), "taken back");
  }

  @Test
  void whatRootDeclinesIsSaidAndWhatIsTakenBackIsNotWishedForAnyMore() throws IOException {
    settle();
    step(document(7, KEY));
    assertEquals("pending", said("state"));
    Files.writeString(folder.resolve("declined"), "serial=6\nwhy=older\n");
    step(null);
    assertEquals("pending", said("state"), "that is of another");
    Files.writeString(folder.resolve("declined"), "serial=7\nwhy=it is for group other\n");
    step(null);
    assertEquals("refused", said("state"));
    assertEquals("it is for group other", said("why"));
    assertEquals("package", reason());
    assertEquals(1, events.size());
    step(null);
    assertEquals(1, events.size(), "once");
    Files.delete(folder.resolve("declined"));
    root("fetching", 7, "");
    assertEquals("pending", said("state"));
    step("");
    assertFalse(is("wish"));
    root("taken_back", 7, "");
    assertEquals("", said("state"));
    step(document(7, KEY));
    assertTrue(is("wish"), "the same once more");
    assertEquals("pending", said("state"));
    root("applied", 7, "");
    assertEquals("applied", said("state"));
  }

  private Object written() throws IOException {
    return Files.getAttribute(folder.resolve("update/wish"), "unix:ino");
  }

  @Test
  void aWishThatNobodyTakesUpIsWrittenAgainUntilItIsTaken() throws IOException {
    root("applied", 6, "");
    settle();
    step(document(7, KEY));
    Object first = written();
    String text = Files.readString(folder.resolve("update/wish"));
    step(null);
    assertEquals(first, written());
    settle();
    Object second = written();
    assertNotEquals(first, second, "the path unit sees no change while its service runs");
    assertEquals(text, Files.readString(folder.resolve("update/wish")));
    settle();
    assertEquals(second, written(), "each time it waits twice as long");
    settle();
    Object third = written();
    assertNotEquals(second, third);
    root("fetching", 7, "");
    time.advanceMillis(3_600_000);
    settle();
    assertEquals(third, written());
  }

  @Test
  void aStrangerChangesNothingOfWhatWaits() throws IOException {
    step(document(7, KEY));
    step(document(9, OTHER));
    step("{}");
    settle();
    assertTrue(is("wish"));
    assertEquals("7", said("serial"));
    step(new FleetDocument("other", null, 8, null, NOW + 3_600_000, "", SOFTWARE).signed(KEY));
    assertEquals("refused", said("state"));
    step(document(9, OTHER));
    assertEquals("refused", said("state"));
  }

  /** Whoever may publish may not keep what the centre sent wrong from being told. */
  @Test
  void manyStrangersDoNotSilenceWhatTheCentreIsToldOfItsOwn() {
    for (int i = 0; i < 40; i++) {
      step(i % 2 == 0 ? "x" + i : "{\"x\":" + i + "}");
    }
    int told = events.size();
    assertTrue(told < 25, "told: " + told);
    step(new FleetDocument("gw", null, 7, null, NOW, "", SOFTWARE).signed(KEY));
    assertEquals(told + 1, events.size());
    assertEquals("expired", reason());
    time.advanceMillis(600_000);
    step("y");
    assertEquals(40L - told, events.getLast().detail().get("untold"));
    assertEquals(41L, events.getLast().detail().get("count"));
  }
}
