package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.FakeCoap;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.ReadSnapshot;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.CoapSites;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One CoAP line on virtual time. */
final class CoapStepTest {

  private static final Duration EVERY = Duration.ofSeconds(10);

  private final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  private final Inbox<Arrival> inbox = new Inbox<>(10_000);
  private final FakeCoap port = new FakeCoap();
  private final List<Sample> samples = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private CoapStep step = step(device("tank1", true));

  private static Device device(String id, boolean observe) {
    return CoapSites.device(
        id,
        CoapSites.builtIn("senml"),
        new CoapResource("/" + id, observe, Format.AUTO, null, null, null),
        EVERY,
        EVERY);
  }

  private CoapStep step(Device... devices) {
    Line.Coap line =
        new Line.Coap("tanks", "coap://fake", null, null, Duration.ofSeconds(1), List.of(devices));
    return new CoapStep(line, time, new Outlet(line.devices(), inbox, time), port);
  }

  private static String pressure(String megapascal) {
    return "[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":" + megapascal + "}]";
  }

  private void run(long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    for (int rounds = 0; time.now().isBefore(end); rounds++) {
      assertTrue(rounds < 100_000, "the step spins at " + time.now());
      if (step.step(time.now()) == 0) {
        MonotonicInstant next = step.due().min(end);
        time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusMillis(1));
      }
      take();
    }
    step.step(time.now());
    take();
  }

  private void take() {
    inbox.drain(
        arrival -> {
          switch (arrival) {
            case Arrival.Recorded(var sample) -> samples.add(sample);
            case Arrival.Noticed(var event, var boot, var at) -> events.add(event);
            case Arrival.Exchanged exchange -> events.add(exchange.event());
            case Arrival.Fed fed -> {}
            case Arrival.FeedTried tried -> {}
            case Arrival.HoldEnded ended -> {}
            case Arrival.Counted counted -> {}
            case Arrival.Identified identified -> {}
          }
        },
        Integer.MAX_VALUE);
  }

  private DeviceSnapshot first() {
    return step.snapshot().devices().getFirst();
  }

  private List<String> values() {
    return samples.stream().map(sample -> sample.values().toString()).toList();
  }

  @Test
  void aDeviceThatIsPolledIsAskedOncePerPeriod() {
    step = step(device("tank1", false));
    port.resources.put("/tank1", pressure("35"));
    run(45_000);
    assertEquals(5, port.asked.size());
    assertEquals(List.of("{pressure=35}"), values().stream().distinct().toList());
    assertEquals(5, samples.size());
  }

  @Test
  void anObservedDeviceIsLeftAloneWhileWhatItToldHolds() {
    port.resources.put("/tank1", pressure("35"));
    run(55_000);
    assertEquals(1, port.asked.size());
    assertEquals(List.of("{pressure=35}", "{}", "{}", "{}", "{}"), values().subList(0, 5));
    assertTrue(samples.stream().allMatch(sample -> sample.failed() == null));
  }

  @Test
  void itIsAskedAgainWhenWhatItToldIsOlderThanItsMaxAge() {
    port.resources.put("/tank1", pressure("35"));
    port.maxAge = 30;
    run(65_000);
    assertEquals(3, port.asked.size(), "at 0, 30 and 60 s");
    assertTrue(port.asked.stream().allMatch(question -> question.observe()));
  }

  @Test
  void aChangeIsRecordedWithTheTimeAtWhichItCame() {
    port.resources.put("/tank1", pressure("35"));
    run(23_000);
    port.notify(port.number++, pressure("34"));
    run(1_000);
    Sample change = samples.getLast();
    assertEquals("{pressure=34}", change.values().toString());
    assertEquals(23_000_000_000L, change.atNanos());
  }

  @Test
  void valuesOfADeviceThatFellSilentAreStaleAndNotTheLastOnes() {
    port.resources.put("/tank1", pressure("35"));
    run(25_000);
    port.silent = true;
    run(60_000);
    assertTrue(
        samples.stream().anyMatch(sample -> Reason.STALE.equals(sample.failed())),
        samples::toString);
    int told = samples.size();
    run(120_000);
    assertTrue(
        samples.subList(told, samples.size()).stream().allMatch(s -> s.values().isEmpty()),
        samples::toString);
  }

  @Test
  void aLateNotificationAndTheSameAgainAreNotTaken() {
    port.resources.put("/tank1", pressure("35"));
    run(1_000);
    port.notify(10, pressure("34"));
    run(1_000);
    port.notify(9, pressure("36"));
    port.notify(10, pressure("37"));
    run(1_000);
    assertEquals("{pressure=34}", first().values().toString());
    assertEquals(2, step.snapshot().foreign());
  }

  @Test
  void aNotificationOfAnEarlierObservationIsNotTaken() {
    port.resources.put("/tank1", pressure("35"));
    run(1_000);
    port.answer(port.lastId + 100, 205, 50, pressure("1"));
    run(1_000);
    assertEquals("{pressure=35}", first().values().toString());
    assertEquals(1, step.snapshot().foreign());
  }

  @Test
  void whoCannotBeObservedIsPolled() {
    port.observable = false;
    port.resources.put("/tank1", pressure("35"));
    run(35_000);
    assertEquals(4, port.asked.size());
  }

  @Test
  void threeTimeoutsInARowMakeANewConnection() {
    port.silent = true;
    run(60_000);
    assertTrue(port.renewals > 0);
    assertTrue(first().offline());
    assertTrue(events.stream().anyMatch(event -> event.name().equals("meter.offline")));
    port.silent = false;
    port.resources.put("/tank1", pressure("35"));
    run(60_000);
    assertFalse(first().offline());
    assertEquals("{pressure=35}", first().values().toString());
    assertTrue(events.stream().anyMatch(event -> event.name().equals("meter.online")));
  }

  @Test
  void aResourceThatIsDeadDoesNotStopTheOthers() {
    step = step(device("tank1", false), device("tank2", false));
    port.resources.put("/tank2", pressure("20"));
    run(45_000);
    List<Sample> alive = samples.stream().filter(s -> s.device().equals("tank2")).toList();
    assertEquals(5, alive.size());
    assertTrue(alive.stream().allMatch(s -> s.values().toString().equals("{pressure=20}")));
    assertEquals(5, first().exceptions());
    assertEquals(Reason.exception(404), first().failure());
  }

  @Test
  void whatIsRefusedGivesAReasonAndIsCounted() {
    step = step(device("tank1", false));
    port.resources.put("/tank1", "[{\"n\":\"pressure\",\"v\":35,\"xxx_\":1}]");
    run(25_000);
    assertEquals(3, first().crcErrors());
    assertEquals(Reason.CONFIG, first().failure());
    assertTrue(samples.stream().allMatch(sample -> sample.values().isEmpty()));
  }

  @Test
  void aFloodOfNotificationsDoesNotFloodTheLedger() {
    port.resources.put("/tank1", pressure("35"));
    run(1_000);
    for (int i = 0; i < 1000; i++) {
      port.notify(port.number++, pressure("34." + i));
      run(5);
    }
    assertTrue(samples.size() <= 4, samples.size() + " samples");
    assertEquals("{pressure=34.999}", first().values().toString());
    assertTrue(step.snapshot().skipped() > 900);
  }

  @Test
  void aFloodOfTheSameMeasurementOrOfNoneDoesNotEither() {
    long measured = time.wall().millisAt(time.now()) / 1000;
    String same = "[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35,\"t\":" + measured + "}]";
    port.resources.put("/tank1", same);
    run(1_000);
    for (int i = 0; i < 2000; i++) {
      port.notify(port.number++, i < 1000 ? same : "[{\"n\":\"pressure\",\"v\":35,\"xxx_\":1}]");
      run(5);
    }
    assertTrue(samples.size() <= 6, samples.size() + " samples");
    assertEquals(Reason.CONFIG, first().failure());
    assertTrue(step.snapshot().skipped() > 1900, () -> step.snapshot().toString());
  }

  @Test
  void aMeasurementThatIsSentAgainKeepsItsTime() {
    step = step(device("tank1", false));
    long measured = time.wall().millisAt(time.now()) / 1000;
    port.resources.put(
        "/tank1", "[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35,\"t\":" + measured + "}]");
    run(35_000);
    assertEquals(1, values().stream().filter(v -> v.equals("{pressure=35}")).count());
    run(60_000);
    assertEquals(Reason.STALE, first().bad().values().iterator().next());
  }

  /** Why the present snapshot does not vouch for the value of a point; null if it does. */
  private @Nullable Reason why(String point) {
    DeviceSnapshot device = first();
    Point wanted = Point.of(point);
    ReadSnapshot read =
        device.reads().stream().filter(r -> r.values().has(wanted)).findFirst().orElseThrow();
    return device.why(read, wanted, time.now().nanos());
  }

  @Test
  void aPointThatItTellsNoMoreGrowsOldBesideTheOthers() {
    step = step(device("tank1", false));
    port.maxAge = 10;
    String temperature = ",{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20}]";
    port.resources.put("/tank1", pressure("35").replace("]", temperature));
    run(5_000);
    assertNull(why("temperature"));
    port.resources.put("/tank1", pressure("36"));
    run(40_000);
    assertEquals(Reason.STALE, why("temperature"), "told 45 s ago, asked each 10 s");
    assertNull(why("pressure"));
  }

  @Test
  void whatWasToldBeforeTheLastAnswerWithoutUseIsNoPresentValue() {
    step = step(device("tank1", false));
    port.resources.put("/tank1", pressure("35"));
    run(5_000);
    port.resources.put("/tank1", "rubbish");
    run(10_000);
    assertEquals("{pressure=35}", first().values().toString(), "it can still be seen");
    assertEquals(first().failure(), why("pressure"));
    assertNotNull(why("pressure"));
  }

  @Test
  void whatAnObservedDeviceVouchesForIsFreshUntilItsMaxAge() {
    port.resources.put("/tank1", pressure("35"));
    port.maxAge = 60;
    run(55_000);
    assertEquals(1, port.asked.size());
    assertNull(why("pressure"), "55 s old, and it would have told of a change");
  }

  @Test
  void aProblemOfTheLineIsShownAndGoesWhenItWorks() {
    port.silent = true;
    run(100);
    port.signals()
        .offer(
            new CoapSignal.Failed(
                port.lastId, Reason.CONFIG, new Sentence("no such key", "没有这个密钥")));
    run(100);
    assertEquals("no such key", String.valueOf(step.snapshot().problem()));
    port.silent = false;
    port.resources.put("/tank1", pressure("35"));
    run(30_000);
    assertNull(step.snapshot().problem());
    assertEquals(
        List.of("line.down", "line.up"),
        events.stream().map(Event::name).filter(name -> name.startsWith("line.")).toList());
  }
}
