package io.lingtan.agent.desk;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.Lineup;
import io.lingtan.agent.acquire.line.LineStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.Actions;
import io.lingtan.agent.status.Actions.Action;
import io.lingtan.agent.status.Actions.Busy;
import io.lingtan.agent.status.Actions.Result;
import io.lingtan.agent.status.Why;
import io.lingtan.agent.status.event.Lifecycle.Standing;
import io.lingtan.agent.status.event.Lifecycle.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is begun for those who ask, and what is not. */
final class FieldDeskTest {

  private final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  private final Inbox<Arrival> arrivals = new Inbox<>(100);
  private final FieldDesk desk = desk();

  /** The answer's beginning, where a test looks at what happens meanwhile. */
  private static final class Begun extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final Map<String, Standing> kept = new HashMap<>();

  /** What is past by all that is known beside the clock. */
  private Instant past = Instant.EPOCH;

  private void keep(long seq, long acknowledged) {
    Event event = Event.of("line.down", Event.Severity.ALARM).with("line", "roof");
    kept.put(
        "e1/" + seq,
        new Standing(
            new EventRecord("e1", seq, 0, "boot", 1, 1, event), State.ACTIVE, 0, acknowledged));
  }

  @Test
  void anAcknowledgementIsAnEventOnce() throws InterruptedException {
    keep(7, 0);
    keep(8, 5);
    FieldDesk desk = desk();
    assertEquals(202, acknowledge(desk, "e1", "7"));
    Arrival.Noticed noted = (Arrival.Noticed) Objects.requireNonNull(arrivals.poll());
    assertEquals("command.event_acknowledged", noted.event().name());
    assertEquals("{epoch=e1, seq=7, event=line.down}", noted.event().detail().toString());
    assertEquals(202, acknowledge(desk, "e1", "8"));
    assertNull(arrivals.poll(), "it has been acknowledged before");
    assertEquals(404, acknowledge(desk, "e2", "7"));
    assertEquals(400, acknowledge(desk, "e1", "x"));
    for (int i = 0; i < 40; i++) {
      acknowledge(desk, "e1", "8");
    }
    assertEquals(429, acknowledge(desk, "e1", "7"));
  }

  private static int acknowledge(FieldDesk desk, String epoch, String seq)
      throws InterruptedException {
    Map<String, String> wanted = Map.of("epoch", epoch, "seq", seq);
    return desk.act(Action.ACKNOWLEDGE, wanted, FieldDeskTest::never).status();
  }

  @ParameterizedTest
  @CsvSource({
    "2026-05-30T12:00:00Z, CLOCK_DOUBTFUL",
    "2026-05-31T12:00:00Z, CLOCK_NOT_TRUSTED",
    "2029-05-30T12:00:00Z, CLOCK_NOT_TRUSTED",
    "2029-06-02T12:00:00Z, CLOCK_DOUBTFUL",
    "2099-05-08T12:00:00Z, CLOCK_DOUBTFUL",
  })
  void aPhoneThatContradictsWhatIsKnownIsAskedAbout(Instant phone, Why why)
      throws InterruptedException {
    past = Instant.parse("2026-06-01T00:00:00Z");
    String now = String.valueOf(phone.toEpochMilli());
    assertEquals(why, refused(Map.of("now", now)));
    assertEquals(Why.CLOCK_NOT_TRUSTED, refused(Map.of("now", now, "sure", "true")));
    past = Instant.EPOCH;
    assertEquals(Why.CLOCK_NOT_TRUSTED, refused(Map.of("now", now)), "nothing is known");
  }

  private Why refused(Map<String, String> wanted) throws InterruptedException {
    Actions.Refused no = (Actions.Refused) desk().act(Action.CLOCK, wanted, FieldDeskTest::never);
    return no.why();
  }

  private FieldDesk desk() {
    return desk("");
  }

  private FieldDesk desk(String more) {
    String yaml =
        more
            + """
            gateway: gw-1
            lines:
              - id: roof
                modbus-tcp: {host: 127.0.0.1}
                devices:
                  - {id: pv1, profile: eastron-sdm630, unit: 1, every: 1s}
            mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
            """;
    Site site =
        Objects.requireNonNull(
            new SiteLoader()
                .read(Path.of("site.yaml"), yaml.getBytes(StandardCharsets.UTF_8))
                .site());
    List<LineStep> steps = new ArrayList<>();
    for (Line line : site.lines()) {
      steps.add(
          new PolledLineStep(
              line, new Outlet(line.devices(), arrivals, time), FieldPorts.real().channel(line)));
    }
    Lineup lineup = new Lineup(site, steps);
    return new FieldDesk(
        () -> lineup,
        time,
        arrivals,
        (epoch, seq) -> kept.get(epoch + "/" + seq),
        () -> {},
        line -> null,
        null,
        null,
        () -> past);
  }

  private static Consumer<String> never() {
    throw new AssertionError("it was begun");
  }

  private static Consumer<String> begun() {
    throw new Begun();
  }

  private int read(String... fields) throws InterruptedException {
    Map<String, String> wanted = new java.util.HashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      wanted.put(fields[i], fields[i + 1]);
    }
    return desk.act(Action.READ, wanted, FieldDeskTest::never).status();
  }

  @Test
  @Timeout(30)
  void whoAsksALineThatEndsIsToldAtOnceAndTheNextMayAsk() throws Exception {
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    Map<String, String> wanted =
        Map.of("line", "roof", "from", "1", "to", "247", "meters", "false");
    Thread asking =
        Thread.ofVirtual()
            .start(() -> assertDoesNotThrow(() -> desk.act(Action.SCAN, wanted, () -> said::add)));
    while (desk.busy() == null) {
      Thread.sleep(10);
    }
    desk.abandon(Set.of("another"));
    assertFalse(asking.join(Duration.ofMillis(100)), "its line goes on");
    desk.abandon(Set.of("roof"));
    assertTrue(asking.join(Duration.ofSeconds(10)), "nobody runs the line: it would wait for 40 s");
    assertTrue(
        String.join("\n", said).contains("the line has been changed meanwhile"), said::toString);
    assertNull(desk.busy());
  }

  @Test
  void aProfileOfTheSitesOwnFolderIsKnown(@TempDir Path own) throws Exception {
    String text;
    try (var built =
        Objects.requireNonNull(
            Site.class.getResourceAsStream("/io/lingtan/config/profiles/eastron-sdm630.yaml"))) {
      text = new String(built.readAllBytes(), StandardCharsets.UTF_8);
    }
    Files.writeString(
        own.resolve("our-meter.yaml"), text.replace("name: eastron-sdm630", "name: our-meter"));
    FieldDesk with = desk("profiles: " + own + "\n");
    Map<String, String> wanted = Map.of("line", "roof", "profile", "our-meter");
    assertThrows(Begun.class, () -> with.act(Action.READ, wanted, FieldDeskTest::begun));
    assertEquals(400, read("line", "roof", "profile", "our-meter"), "elsewhere it is not");
  }

  @Test
  void whatIsNotThereOrNotUnderstoodIsRefused() throws InterruptedException {
    assertEquals(404, read());
    assertEquals(404, read("line", "cellar"));
    assertEquals(404, read("device", "nobody"));
    assertEquals(400, read("line", "roof", "device", "nobody"));
    assertEquals(400, read("line", "roof"));
    assertEquals(400, read("line", "roof", "address", "x"));
    assertEquals(400, read("line", "roof", "address", "0", "count", "126"));
    assertEquals(400, read("line", "roof", "address", "0", "timeout_ms", "99999"));
    assertEquals(400, read("line", "roof", "profile", "no-such"));
    assertEquals(400, read("line", "roof", "meter", "123", "item", "zz"));
    Map<String, String> wide = Map.of("line", "roof", "from", "1", "to", "999");
    assertEquals(400, desk.act(Action.SCAN, wide, FieldDeskTest::never).status());
    Map<String, String> odd = Map.of("line", "roof", "sweep", "9600X1");
    assertEquals(400, desk.act(Action.SCAN, odd, FieldDeskTest::never).status());
    assertEquals(0, arrivals.size(), "nothing was begun");
  }

  @Test
  void oneAtATimeAndEachIsAnEvent() throws InterruptedException {
    Map<String, String> registers = Map.of("line", "roof", "address", "0");
    List<Result> second = new ArrayList<>();
    Supplier<Consumer<String>> meanwhile =
        () -> {
          assertEquals(new Busy(Action.SCAN, "roof", 0, -1), desk.busy());
          time.advanceMillis(7_000);
          assertEquals(new Busy(Action.SCAN, "roof", 7_000, -1), desk.busy());
          try {
            second.add(desk.act(Action.READ, registers, FieldDeskTest::never));
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          throw new Begun();
        };
    assertThrows(Begun.class, () -> desk.act(Action.SCAN, Map.of("line", "roof"), meanwhile));
    assertEquals(409, second.getFirst().status());
    assertEquals(
        "a scan of line roof has been running for 7 s: wait for its end", second.getFirst().text());
    // What failed is over all the same.
    assertNull(desk.busy());
    assertThrows(Begun.class, () -> desk.act(Action.READ, registers, FieldDeskTest::begun));
    List<String> events = new ArrayList<>();
    arrivals.drain(
        arrival -> {
          if (arrival instanceof Arrival.Noticed(var event, var boot, var at)) {
            events.add(event.name());
          }
        },
        100);
    assertEquals(List.of("command.scan", "command.read"), events);
  }

  @Test
  void whoAsksInALoopIsStoppedForAMinute() throws InterruptedException {
    for (int i = 0; i < 30; i++) {
      assertEquals(404, read("line", "cellar"));
    }
    assertEquals(429, read("line", "cellar"));
    time.advanceMillis(60_000);
    assertEquals(404, read("line", "cellar"));
    assertTrue(arrivals.size() == 0);
  }
}
