package io.lingtan.simulator.prove.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.coap.CoapStep;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Arrival.Recorded;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.CoapResource;
import io.lingtan.agent.site.CoapResource.Format;
import io.lingtan.agent.site.Line;
import io.lingtan.simulator.device.CoapNode;
import io.lingtan.simulator.device.WorldClock;
import io.lingtan.simulator.fault.CoapFault;
import io.lingtan.simulator.fault.FaultPlan;
import io.lingtan.simulator.prove.VirtualRun;
import io.lingtan.simulator.world.Plant;
import io.lingtan.simulator.world.World;
import io.lingtan.testing.CoapSites;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The agent's CoAP step beside the simulated tank, with everything that can go wrong between. */
final class MemoryCoapTest {

  private static final Point PRESSURE = Point.of("pressure");
  private static final Point TEMPERATURE = Point.of("temperature");
  private static final long DELAY_MILLIS = 20;

  private final World world = new World(Plant.demo(760));
  private final World truth = new World(Plant.demo(760));
  private final long start = world.stepStart();
  private final VirtualTime time = new VirtualTime(start);
  private final WorldClock clock = WorldClock.realTime(new MonotonicInstant(0), start);
  private final FaultPlan faults = new FaultPlan();
  private final CoapNode node = CoapNode.tank("tank1", "/tank/1");
  private final Inbox<Arrival> inbox = new Inbox<>(100_000);
  private final List<Sample> samples = new ArrayList<>();
  private final MemoryCoap port =
      new MemoryCoap(
          "tanks", List.of(node), world, faults, time, clock, DELAY_MILLIS, 700, 5, null);
  private final Line.Coap line =
      new Line.Coap(
          "tanks",
          "coap://memory",
          null,
          null,
          Duration.ofSeconds(1),
          List.of(
              CoapSites.device(
                  "tank1",
                  CoapSites.builtIn("senml"),
                  new CoapResource("/tank/1", true, Format.AUTO, null, null, null),
                  Duration.ofSeconds(1),
                  Duration.ofSeconds(1))));
  private final CoapStep step =
      new CoapStep(line, time, new Outlet(line.devices(), inbox, time), port);

  private void run(Duration duration) {
    VirtualRun run = new VirtualRun(List.of(step), time);
    run.until(time.now().plus(duration));
    inbox.drain(
        arrival -> {
          if (arrival instanceof Recorded(var sample)) {
            samples.add(sample);
          }
        },
        Integer.MAX_VALUE);
  }

  /** Each value is what the tank showed when the message left, and no other. */
  private int compared() {
    int compared = 0;
    for (Sample sample : samples) {
      if (sample.values().has(PRESSURE)) {
        long millis = start + sample.atNanos() / 1_000_000 - DELAY_MILLIS;
        truth.advanceTo(Math.max(millis, truth.stepStart()));
        assertEquals(node.trueMicros(PRESSURE, truth, millis), sample.values().micros(PRESSURE));
        assertEquals(
            node.trueMicros(TEMPERATURE, truth, millis), sample.values().micros(TEMPERATURE));
        compared++;
      }
    }
    return compared;
  }

  @Test
  void theTankIsReadAsItIs() {
    run(Duration.ofMinutes(5));
    assertTrue(compared() > 200, "only " + samples.size());
    assertTrue(samples.stream().allMatch(sample -> sample.failed() == null));
  }

  @Test
  void noFaultMakesAWrongNumberAndEachIsSeen() {
    long minute = 60_000;
    faults.add(new CoapFault.Loss("tank1", start + minute, start + 2 * minute, 3));
    faults.add(new CoapFault.Duplicate("tank1", start + 2 * minute, start + 3 * minute, 2));
    faults.add(new CoapFault.Stale("tank1", start + 4 * minute, start + 5 * minute));
    run(Duration.ofMinutes(7));
    assertTrue(compared() > 200, "only " + samples.size());
    assertEquals(
        List.of("coap_duplicate", "coap_loss", "coap_stale"),
        List.copyOf(faults.injected().keySet()));
    assertTrue(step.snapshot().foreign() > 20, "duplicates: " + step.snapshot().foreign());
    assertTrue(samples.stream().anyMatch(sample -> Reason.STALE.equals(sample.failed())));
    assertTrue(samples.getLast().failed() == null, "it came back");
  }

  @Test
  void whatComesInTheWrongOrderNeverReplacesTheNewer() {
    faults.add(new CoapFault.Reordering("tank1", start + 10_000, start + 130_000, 3, 0));
    run(Duration.ofMinutes(3));
    assertTrue(compared() > 100, "only " + samples.size());
    assertTrue(step.snapshot().foreign() > 20, "late ones: " + step.snapshot().foreign());
  }

  @Test
  void whatComesLongBehindTheNewerNeverReplacesIt() {
    faults.add(new CoapFault.Reordering("tank1", start + 10_000, start + 130_000, 3, 2_500));
    run(Duration.ofMinutes(3));
    assertTrue(compared() > 100, "only " + samples.size());
    assertTrue(step.snapshot().foreign() > 20, "late ones: " + step.snapshot().foreign());
  }
}
