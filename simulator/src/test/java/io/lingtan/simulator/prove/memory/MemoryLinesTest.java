package io.lingtan.simulator.prove.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.acquire.poll.PolledLineStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Arrival.Recorded;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.device.Meter;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.device.site.DemoMicrogrid;
import io.lingtan.simulator.fault.WireFault;
import io.lingtan.simulator.world.Plant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The agent's real line steps read the simulated meters on virtual time. */
final class MemoryLinesTest {
  private static final long MINUTE = 60_000L;

  private final DemoMicrogrid simulated = new DemoMicrogrid(Plant.demo(17), 0);
  private final long start = simulated.world().stepStart();
  private final VirtualTime time = new VirtualTime(start);
  private final Site site =
      Objects.requireNonNull(
          new SiteLoader().load(Path.of("../config/sites/demo-microgrid.yaml")).site());
  private final Inbox<Arrival> inbox = new Inbox<>(10_000);
  private final List<Step> lines = new ArrayList<>();
  private final Map<String, Integer> good = new HashMap<>();
  private final Map<String, Integer> failed = new HashMap<>();
  private final List<Sample> samples = new ArrayList<>();

  MemoryLinesTest() {
    WorldClock clock = WorldClock.realTime(time.now(), start);
    MemoryLines memory = new MemoryLines(simulated.endpoints(), time, clock, null);
    for (Line line : site.lines()) {
      lines.add(
          new PolledLineStep(line, new Outlet(line.devices(), inbox, time), memory.channel(line)));
    }
  }

  private void runFor(long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    while (time.now().isBefore(end)) {
      MonotonicInstant next = end;
      for (Step line : lines) {
        for (int most = 100; line.step(time.now()) > 0 && most > 0; most--) {
          inbox.drain(this::take, 1_000);
        }
        inbox.drain(this::take, 1_000);
        next = next.min(line.due());
      }
      // A step that is due now but had nothing to do waits for the next millisecond.
      time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusMillis(1));
    }
  }

  /**
   * Lives through the same world again and compares: without delay a value arrives in the very
   * millisecond that it is of. Where a poll takes several requests and one of them went wrong, this
   * is so of the energies only: they date the sample.
   *
   * @return how many values were compared
   */
  private int compare() {
    DemoMicrogrid again = new DemoMicrogrid(Plant.demo(17), 0);
    samples.sort(Comparator.comparingLong(Sample::atNanos));
    boolean undisturbed = simulated.faults().injected().isEmpty();
    int values = 0;
    for (Sample sample : samples) {
      long millis = start + sample.atNanos() / 1_000_000L;
      again.world().advanceTo(millis);
      Meter meter = again.meter(sample.device());
      Values read = sample.values();
      for (int i = 0; i < read.size(); i++) {
        Point point = read.point(i);
        if (meter.points().contains(point) && (undisturbed || point.quantity().isRegister())) {
          assertEquals(
              meter.shownMicros(point, again.world(), millis),
              read.micros(i),
              () -> sample.device() + " " + point + " at " + millis);
          values++;
        }
      }
    }
    return values;
  }

  private void take(Arrival arrival) {
    if (arrival instanceof Recorded(Sample sample)) {
      (sample.failed() == null ? good : failed).merge(sample.device(), 1, Integer::sum);
      samples.add(sample);
    }
  }

  @Test
  void theAgentReadsEachValueAsTheMeterShowsIt() {
    runFor(10 * MINUTE);
    for (var device : site.devices()) {
      int samples = good.getOrDefault(device.id(), 0);
      assertTrue(samples >= 590, () -> device.id() + " gave only " + samples + " samples");
    }
    assertEquals(Map.of(), failed);
    int values = compare();
    assertTrue(values > 40_000, () -> "only " + values + " values were compared");
  }

  @Test
  void aLateReplyIsNeverTakenForAnotherAndADeadMeterNeverForZero() {
    long now = start;
    simulated.faults().add(new WireFault.LateReplies("gate", now, now + 2 * MINUTE, 3, 1_300));
    simulated.faults().add(new WireFault.Silence("pv1", now + MINUTE, now + 2 * MINUTE));
    simulated.faults().add(new WireFault.CorruptByte("ely1", now, now + 2 * MINUTE, 5));
    runFor(4 * MINUTE);
    assertTrue(compare() > 2_000);
    assertTrue(failed.getOrDefault("pv1", 0) > 0, "the dead inverter was never missed");
    assertTrue(good.getOrDefault("pv1", 0) > 150, () -> "good " + good);
    assertTrue(good.getOrDefault("gate", 0) > 100, () -> "good " + good);
    Map<String, Long> injected = simulated.faults().injected();
    assertTrue(injected.getOrDefault("late_reply", 0L) > 10, injected::toString);
    assertTrue(injected.getOrDefault("corrupt", 0L) > 5, injected::toString);
    assertTrue(injected.getOrDefault("silence", 0L) > 0, injected::toString);
  }

  @Test
  void aLineThatTheSiteLacksIsNamed() {
    MemoryLines memory =
        new MemoryLines(List.of(), time, WorldClock.realTime(time.now(), start), null);
    assertThrows(IllegalArgumentException.class, () -> memory.channel(site.lines().getFirst()));
  }
}
