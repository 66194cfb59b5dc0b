package io.lingtan.agent.acquire.gpio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.FakeChip;
import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.LineSnapshot.PulseSnapshot;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.PulseTotal;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Device;
import io.lingtan.agent.site.GpioInput;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.Inputs;
import io.lingtan.testing.WorkedExamples;
import io.lingtan.testing.WorkedExamples.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pulses and levels at the inputs of a chip in memory, on virtual time. */
final class PulseStepTest {

  private static final long MILLI = 1_000_000L;
  private static final long SECOND = 1000 * MILLI;
  private static final Point VOLUME = Point.of("volume");
  private static final Point PULSES = Point.of("pulses");
  private static final Point POWER = Point.of("power");

  private final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  private Inbox<Arrival> inbox = new Inbox<>(4096);
  private final FakeChip chip = new FakeChip(time);
  private final CompletableFuture<Map<String, PulseTotal>> kept = new CompletableFuture<>();
  private final List<Sample> samples = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final Map<String, Long> totals = new TreeMap<>();
  private final List<Arrival.Counted> counts = new ArrayList<>();

  private PulseStep step(Device... devices) {
    time.advanceMillis(1000);
    Line.Gpio line = new Line.Gpio("header", "auto", Duration.ofSeconds(1), List.of(devices));
    return new PulseStep(line, new Outlet(line.devices(), inbox, time), chip, kept);
  }

  private static Device water() {
    return Inputs.pulses("water", 17, "0.01", "volume", Duration.ofMillis(20));
  }

  private void run(PulseStep step, long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    int rounds = 0;
    do {
      while (step.step(time.now()) > 0) {
        take();
        assertTrue(++rounds < 1_000_000, "the step is never idle");
      }
      take();
      MonotonicInstant next = step.due().min(end);
      time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusNanos(1000));
    } while (time.now().isBefore(end));
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
            case Arrival.Identified identified -> {}
            case Arrival.Counted counted -> {
              totals.put(counted.device(), counted.pulses());
              counts.add(counted);
            }
            case Arrival.Fed fed -> {}
            case Arrival.FeedTried tried -> {}
            case Arrival.HoldEnded ended -> {}
          }
        },
        Integer.MAX_VALUE);
  }

  private List<Event> events(String name) {
    return events.stream().filter(event -> event.name().equals(name)).toList();
  }

  private void pulses(int offset, int count, long everyNanos, long widthNanos) {
    for (int i = 0; i < count; i++) {
      chip.pulse(offset, time.now().nanos() + 500 * MILLI + i * everyNanos, widthNanos);
    }
  }

  @Test
  void eachPulseIsCountedAndIsWorthWhatTheSiteFileSays() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    pulses(17, 250, 100 * MILLI, 40 * MILLI);
    run(step, 40_000);
    assertEquals(250, totals.get("water"));
    Sample last = samples.getLast();
    assertEquals(2_500_000, last.values().micros(VOLUME));
    assertEquals(250_000_000, last.values().micros(PULSES));
    assertEquals(List.of("meter.counting"), events.stream().map(Event::name).toList());
  }

  private static Device energy(String point) {
    return Inputs.pulses("meter", 17, "0.001", point, Duration.ofMillis(20));
  }

  private static Sample at(List<Sample> samples, int fromEnd) {
    return samples.get(samples.size() - 1 - fromEnd);
  }

  /** A pulse every three seconds at 1,000 per kWh. */
  @Test
  void theTimeBetweenPulsesIsAPower() {
    PulseStep step = step(energy("energy_import"));
    kept.complete(Map.of());
    pulses(17, 20, 3 * SECOND, 40 * MILLI);
    run(step, 1_000);
    assertEquals(Reason.STALE, samples.getFirst().bad().get(POWER), "nothing is known yet");
    assertFalse(samples.getFirst().values().has(POWER));
    run(step, 57_000);
    List<Sample> told = samples.stream().filter(sample -> sample.values().has(POWER)).toList();
    assertEquals(samples.size() - 1, told.size(), "all but the first, which has one pulse at most");
    told.forEach(sample -> assertEquals(1.2e9, (double) sample.values().micros(POWER), 1e6));
    // Nothing comes any more: at most one pulse in the time since.
    run(step, 600_000);
    long since = at(samples, 0).atNanos() - (500 + 1000 + 57_000) * MILLI;
    long most = at(samples, 0).values().micros(POWER);
    assertEquals(3_600e6 * SECOND / since, (double) most, most / 50d);
    run(step, 3_600_000);
    assertFalse(at(samples, 0).values().has(POWER), "after an hour nobody knows");
    assertEquals(Reason.STALE, at(samples, 0).bad().get(POWER));
    assertEquals(20_000, at(samples, 0).values().micros(Point.of("energy_import")));
  }

  @Test
  void whatFlowsOutHasAPowerBelowZero() {
    PulseStep step = step(energy("energy_export"));
    kept.complete(Map.of());
    pulses(17, 40, SECOND, 40 * MILLI);
    run(step, 35_000);
    assertEquals(-3.6e9, (double) at(samples, 0).values().micros(POWER), 1e6);
  }

  @Test
  void waterHasNoPowerAndLostPulsesHaveNone() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    pulses(17, 40, SECOND, 40 * MILLI);
    run(step, 30_000);
    assertFalse(at(samples, 0).values().has(POWER));
    assertFalse(at(samples, 0).bad().containsKey(POWER));
  }

  @Test
  void aLineThatStoodStillCountsOnAndTellsThatThereAreNoReadings() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    pulses(17, 300, 200 * MILLI, 40 * MILLI);
    run(step, 20_000);
    assertEquals(List.of(), events("poll.late"));
    time.advanceMillis(30_000);
    run(step, 20_000);
    assertEquals(1, events("poll.late").size());
    assertEquals(300, totals.get("water"));
  }

  @Test
  void theWorkedExamplesAmountsAreExact() {
    for (Node each : WorkedExamples.cases("E04")) {
      if (each.at("inputs").has("pulses")) {
        Node in = each.at("inputs");
        GpioInput.Pulses input =
            (GpioInput.Pulses)
                Inputs.pulses("m", 1, "0.000625", "energy_import", Duration.ZERO).gpio();
        assertNotNull(input);
        assertEquals(1600, in.at("imp_per_kWh").decimal().intValueExact());
        assertEquals(
            each.at("expected").at("energy_kWh").micros(),
            input.micros(
                in.at("pulses").decimal().longValueExact(),
                in.at("CT").decimal().multiply(in.at("PT").decimal())));
      }
    }
  }

  @Test
  void bounceAndNoiseAreNoPulsesAndAreSeen() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    long from = time.now().nanos() + 500 * MILLI;
    for (int i = 0; i < 100; i++) {
      long at = from + i * 200L * MILLI;
      chip.pulse(17, at, MILLI);
      chip.pulse(17, at + 3 * MILLI, 50 * MILLI);
      chip.pulse(17, at + 55 * MILLI, MILLI);
      // 100 Hz for the rest.
      for (int n = 0; n < 8; n++) {
        chip.pulse(17, at + 100 * MILLI + n * 10L * MILLI, 5 * MILLI);
      }
    }
    run(step, 30_000);
    assertEquals(100, totals.get("water"));
    assertEquals(new PulseSnapshot(0, 100 * 20), step.snapshot().pulses());
  }

  @Test
  void withoutDebouncingEachRisingEdgeIsOne() {
    PulseStep step = step(Inputs.pulses("fast", 5, null, null, Duration.ZERO));
    kept.complete(Map.of());
    pulses(5, 1000, 2 * MILLI, MILLI);
    run(step, 12_000);
    assertEquals(1000, totals.get("fast"));
    assertEquals(1_000_000_000, samples.getLast().values().micros(PULSES));
  }

  @Test
  void whatTheKernelHadNoRoomForIsTold() {
    PulseStep step = step(Inputs.pulses("fast", 5, "1", "volume", Duration.ZERO));
    kept.complete(Map.of());
    run(step, 3000);
    samples.clear();
    pulses(5, 1500, 2 * MILLI, MILLI);
    time.advanceMillis(5000);
    run(step, 7000);
    assertEquals(1024, totals.get("fast"));
    Event lost = events("meter.lost_pulses").getFirst();
    assertEquals(476L, lost.detail().get("pulses"));
    assertEquals(1, events("meter.lost_pulses").size());
    assertEquals(new PulseSnapshot(476, 0), step.snapshot().pulses());
    assertEquals(
        Map.of(PULSES, Reason.LOST_PULSES, VOLUME, Reason.LOST_PULSES), samples.getFirst().bad());
    assertTrue(samples.getFirst().values().isEmpty());
    run(step, 10_000);
    assertEquals(1_024_000_000, samples.getLast().values().micros(VOLUME));
    assertTrue(samples.getLast().bad().isEmpty());
  }

  /** The level before the gap is not known to have held until the edge behind it. */
  @Test
  void noPulseIsMadeUpAcrossTheEdgesThatTheKernelHadNoRoomFor() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    run(step, 3000);
    long at = time.now().nanos() + 10 * MILLI;
    // A rising edge, as of a bounce, that the agent has taken before it stalls.
    chip.turn(17, true, at);
    time.advanceMillis(11);
    step.step(time.now());
    // It ends at once, and 2,000 edges of a hum follow, of which the kernel keeps the last 1,024;
    // the first of them comes long after the edge before the gap.
    chip.turn(17, false, at + 2 * MILLI);
    for (int i = 0; i < 1000; i++) {
      chip.pulse(17, at + (100 + 4L * i) * MILLI, 2 * MILLI);
    }
    time.advanceMillis(5000);
    run(step, 7000);
    assertEquals(0, totals.getOrDefault("water", 0L), "a hum is no pulse");
    Event lost = events("meter.lost_pulses").getFirst();
    assertEquals(977L, lost.detail().get("edges"));
    assertEquals(489L, lost.detail().get("pulses_at_most"), "with the one that was under way");
  }

  @Test
  void aTotalGoesOnFromWhatWasKeptAndTheGapIsTold() {
    PulseStep step = step(water());
    kept.complete(Map.of("water", new PulseTotal("water", 1000, 1_764_059_000_000L)));
    pulses(17, 10, 100 * MILLI, 40 * MILLI);
    run(step, 5000);
    assertEquals(1010, totals.get("water"));
    // What came in the gap is in no number: the first record says so, and only that one.
    assertEquals(
        Map.of(PULSES, Reason.LOST_PULSES, VOLUME, Reason.LOST_PULSES), samples.getFirst().bad());
    run(step, 10_000);
    assertEquals(10_100_000, samples.getLast().values().micros(VOLUME));
    assertTrue(samples.getLast().bad().isEmpty());
    Event gap = events("meter.uncounted").getFirst();
    assertEquals(1_764_059_000_000L, gap.detail().get("since"));
    assertEquals(1000L, gap.detail().get("pulses"));
    assertTrue(events("meter.counting").isEmpty());
  }

  @Test
  void beforeTheJournalCanTellPulsesAreCountedButNoTotalIsClaimed() {
    PulseStep step = step(water());
    pulses(17, 10, 100 * MILLI, 40 * MILLI);
    run(step, 5000);
    assertTrue(totals.isEmpty());
    assertEquals(List.of(Reason.STALE), samples.stream().map(Sample::failed).toList());
    kept.complete(Map.of("water", new PulseTotal("water", 7, 1_764_059_000_000L)));
    run(step, 2000);
    assertEquals(17, totals.get("water"));
    run(step, 10_000);
    assertEquals(17_000_000, samples.getLast().values().micros(PULSES) + 0L);
  }

  @Test
  void anInputThatCannotBeHadIsAProblemOfItsOwn() {
    PulseStep step = step(water(), Inputs.pulses("hall", 4, "1", "volume", Duration.ofMillis(20)));
    kept.complete(Map.of());
    chip.refusals.put(4, "GPIO4 (pin 7) is in use by 'spi0 CS1'");
    pulses(17, 10, 100 * MILLI, 40 * MILLI);
    run(step, 5000);
    assertEquals(10, totals.get("water"));
    assertEquals(
        "GPIO4 (pin 7) is in use by 'spi0 CS1'", String.valueOf(step.snapshot().problem()));
    assertEquals(1, events("line.down").size());
    List<Sample> hall = samples.stream().filter(s -> s.device().equals("hall")).toList();
    assertEquals(List.of(Reason.CONFIG), hall.stream().map(Sample::failed).toList());
    DeviceSnapshot shown = step.snapshot().devices().get(1);
    assertTrue(shown.offline());
    assertEquals("GPIO4 (pin 7) is in use by 'spi0 CS1'", shown.failureDetail());
    assertFalse(totals.containsKey("hall"), "nobody has counted there");

    chip.refusals.clear();
    pulses(4, 10, 100 * MILLI, 40 * MILLI);
    run(step, 12_000);
    assertNull(step.snapshot().problem());
    assertEquals(1, events("line.up").size());
    assertFalse(step.snapshot().devices().get(1).offline());
  }

  @Test
  void anInputThatGoesAwayAndComesBackLeavesAToldGap() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    pulses(17, 10, 100 * MILLI, 40 * MILLI);
    run(step, 5000);
    chip.refusals.put(17, "no chip");
    chip.unplug(17);
    pulses(17, 10, 100 * MILLI, 40 * MILLI);
    long away = time.wall().millisAt(time.now());
    run(step, 5000);
    assertEquals("no chip", String.valueOf(step.snapshot().problem()));
    chip.refusals.clear();
    run(step, 10_000);
    pulses(17, 10, 100 * MILLI, 40 * MILLI);
    run(step, 5000);
    assertEquals(20, totals.get("water"));
    Event gap = events("meter.uncounted").getFirst();
    long since = Long.parseLong(String.valueOf(gap.detail().get("since")));
    assertTrue(Math.abs(since - away) <= 1000, gap + " at " + away);
    assertEquals(1, events("meter.uncounted").size());
  }

  @Test
  void aLevelIsAStateAndItsChangesAreEvents() {
    PulseStep step = step(Inputs.contact("door", 22, "open", "closed", Duration.ofMillis(50)));
    run(step, 2000);
    assertEquals("closed", samples.getFirst().values().state());
    long opened = time.now().nanos() + 100 * MILLI;
    chip.pulse(22, opened, 10 * MILLI);
    chip.pulse(22, opened + 20 * MILLI, 5 * SECOND);
    run(step, 3000);
    Event change = events("meter.state").getFirst();
    assertEquals("closed", change.detail().get("before"));
    assertEquals("open", change.detail().get("after"));
    assertEquals(1, events("meter.state").size());
    assertEquals("open", step.snapshot().devices().getFirst().values().state());
    run(step, 4000);
    assertEquals(2, events("meter.state").size());
    assertTrue(totals.isEmpty(), "a level is no total");
  }

  @Test
  void aQueueThatIsHalfFullIsLeftToSamples() {
    inbox = new Inbox<>(8);
    PulseStep step = step(water());
    kept.complete(Map.of());
    pulses(17, 100, 100 * MILLI, 40 * MILLI);
    MonotonicInstant end = time.now().plusMillis(12_000);
    while (time.now().isBefore(end)) {
      step.step(time.now());
      time.advanceMillis(10);
    }
    assertEquals(0, inbox.refused());
    assertTrue(inbox.size() <= 6, "there are " + inbox.size());
    take();
    step.step(time.now());
    take();
    assertEquals(100, totals.get("water"));
  }

  @Test
  void aTotalHasEachPulseThatBeganBeforeItsTime() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    long first = time.now().nanos() + 999 * MILLI;
    // Nobody knows yet whether the level holds when it is polled, and every ten seconds recorded.
    for (int i = 0; i < 25; i++) {
      chip.pulse(17, first + i * SECOND, 40 * MILLI);
    }
    run(step, 30_000);
    assertEquals(25, totals.get("water"));
    assertTrue(counts.size() > 26, () -> counts.size() + " totals");
    for (Arrival.Counted each : counts) {
      long begun = IntStream.range(0, 25).filter(i -> first + i * SECOND < each.atNanos()).count();
      assertEquals(begun, each.pulses(), each::toString);
    }
  }

  @Test
  void whatTheKernelHoldsAtTheEndIsCounted() {
    PulseStep step = step(water());
    kept.complete(Map.of());
    run(step, 1000);
    pulses(17, 20, 100 * MILLI, 40 * MILLI);
    time.advanceMillis(4000);
    step.close();
    take();
    assertEquals(20, totals.get("water"));
    assertEquals(20_000_000, samples.getLast().values().micros(PULSES));
  }
}
