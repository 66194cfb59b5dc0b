package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An agent that is stopped while what runs beside the flow is in the middle of something. */
@Timeout(60)
final class StopTest {

  /** The thread of {@link io.lingtan.agent.fleet.FleetStep}. */
  private static final String HELD = "fleet";

  @TempDir private Path folder;

  /** The machine's, which holds up one thread. */
  private static final class Held implements Time {
    private final Time of = new SystemTime(List.of("system"));
    private final CountDownLatch isHeld = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    @Override
    public MonotonicInstant now() {
      if (Thread.currentThread().getName().equals(HELD)) {
        isHeld.countDown();
        try {
          assertTrue(goesOn.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      return of.now();
    }

    @Override
    public String boot() {
      return of.boot();
    }

    @Override
    public Wall wall() {
      return of.wall();
    }
  }

  private Site site() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: stopped
            site: {region: CN}
            mqtt: {servers: ["mqtt://127.0.0.1:1"]}
            fleet: {key: cRNaKoCGPqDcKVJj3PCOegoJjfb3Rpl1LtwdXZYgiaw}
            status: {enabled: false}
            clock: {trust: [system]}
            """);
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  @Test
  void theStoresStayOpenUntilWhoObeysTheCentreHasEnded() throws Exception {
    Held time = new Held();
    RunningAgent agent =
        RunningAgent.start(
            site(),
            time,
            Randomness.seeded(20261130),
            Supervisor.of(Map.of()),
            Duration.ofSeconds(2),
            FieldPorts.real());
    assertTrue(time.isHeld.await(30, TimeUnit.SECONDS));
    CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(agent::stop);
    try {
      stopped.get(700, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // It waits.
    }
    assertFalse(stopped.isDone(), "it does not wait");
    time.goesOn.countDown();
    assertEquals(true, stopped.get(30, TimeUnit.SECONDS));
  }
}
