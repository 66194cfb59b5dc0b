package io.lingtan.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.link.AuditClient;
import io.lingtan.agent.audit.link.BrokerAddress;
import io.lingtan.agent.audit.link.Trouble;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Following a gateway by Debian's mosquitto, which stops, forgets and comes back. */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_pub"})
final class AuditStepIT {

  @TempDir Path folder;
  private Mosquitto mosquitto;
  private HandGateway gateway;
  private final List<AuditStep> steps = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    gateway = new HandGateway(mosquitto);
  }

  @AfterEach
  void stop() {
    steps.forEach(AuditStep::close);
    mosquitto.close();
  }

  private AuditStep follow(Completeness completeness, @Nullable StateFile file) {
    AuditStep step =
        new AuditStep(
            new AuditClient.Options(
                BrokerAddress.parse(mosquitto.url()), "follower", null, null, null, true),
            null,
            completeness,
            file,
            null,
            null,
            null,
            new RealTime(),
            Randomness.seeded(1));
    steps.add(step);
    return step;
  }

  private static void run(AuditStep step, String until, BooleanSupplier reached) {
    RealTime time = new RealTime();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!reached.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> until + ": " + step.report(time.now()).text());
      if (step.step(time.now()) == 0) {
        step.waiter().await(10_000_000);
      }
    }
  }

  private static long received(AuditStep step) {
    return step.report(new RealTime().now()).gateways().stream()
        .mapToLong(GatewayReport::received)
        .sum();
  }

  private static GatewayReport heard(AuditStep step) {
    return step.report(new RealTime().now()).gateways().getFirst();
  }

  @Test
  void aBrokerThatStopsAndComesBackCostsNothing() throws Exception {
    AuditStep step = follow(new Completeness(), null);
    run(step, "subscribed", () -> step.followingSince() != null);
    gateway.born();
    gateway.publishData(1, 100);
    run(step, "first hundred", () -> received(step) == 100);
    // Published and acknowledged while the audit does not look, then the broker goes.
    gateway.publishData(101, 200);
    mosquitto.stop();
    run(step, "broker lost", () -> step.followingSince() == null);
    mosquitto.restart();
    // The gateway is back before the audit is.
    gateway.publishData(201, 400);
    gateway.publishStore(400, 400);
    run(step, "all", () -> received(step) == 400 && heard(step).storeHeardMillis() > 0);
    assertEquals(0, heard(step).missing());
    assertEquals(0, heard(step).epochs().getLast().unseen());
    assertEquals(Verdict.COMPLETE, heard(step).verdict());
  }

  @Test
  void aBrokerThatForgetsTheSessionIsNoFaultOfTheGateway() throws Exception {
    AuditStep step = follow(new Completeness(), null);
    run(step, "subscribed", () -> step.followingSince() != null);
    Thread.sleep(Completeness.STEADY_MILLIS);
    gateway.born();
    gateway.publishData(1, 20, 9);
    gateway.publishStore(20, 20);
    run(step, "store", () -> received(step) == 19 && heard(step).storeHeardMillis() > 0);
    mosquitto.stop();
    Files.delete(folder.resolve("broker/mosquitto.db"));
    mosquitto.restart();
    gateway.publishData(21, 30);
    gateway.publishStore(30, 30);
    run(step, "store", () -> heard(step).epochs().getLast().acked() == 30);
    assertEquals(1, heard(step).missing());
    assertEquals(10, heard(step).epochs().getLast().unseen());
  }

  @Test
  void anAuditThatIsKilledGetsAgainWhatItHadNotSaved() throws Exception {
    StateFile file = new StateFile(folder.resolve("audit.state"));
    AuditStep killed = follow(new Completeness(), file);
    run(killed, "subscribed", () -> killed.followingSince() != null);
    gateway.born();
    gateway.publishData(1, 300);
    run(killed, "some that were saved", () -> received(killed) >= 200);
    // Never called again: what it holds in memory only is gone, as after SIGKILL.
    gateway.publishData(301, 500);
    gateway.publishStore(500, 500);
    Completeness saved = file.load();
    assertNotNull(saved);
    AuditStep next = follow(saved, file);
    assertTrue(received(next) < 300);
    run(next, "all", () -> received(next) == 500 && heard(next).storeHeardMillis() > 0);
    run(next, "unpaced", () -> heard(next).epochs().getLast().acked() == 500);
    assertEquals(0, heard(next).missing());
    assertEquals(0, heard(next).contradicted());
  }

  @Test
  void whileTheStateCannotBeWrittenTheBrokerKeepsEverything() throws Exception {
    Path place = Files.createDirectory(folder.resolve("place"));
    StateFile file = new StateFile(place.resolve("audit.state"));
    AuditStep step = follow(new Completeness(), file);
    run(step, "subscribed", () -> step.followingSince() != null);
    Files.delete(place);
    gateway.born();
    gateway.publishData(1, 600);
    run(step, "trouble", () -> step.saveTrouble() != null);
    run(step, "as many as may be unacknowledged", () -> received(step) >= 250);
    assertTrue(received(step) <= AuditClient.RECEIVE_MAXIMUM, () -> "" + received(step));
    Files.createDirectory(place);
    run(step, "all", () -> received(step) == 600);
    assertEquals(null, step.saveTrouble());
  }

  @Test
  void aSecondAuditUnderTheSameNameIsTold() {
    AuditStep first = follow(new Completeness(), null);
    run(first, "subscribed", () -> first.followingSince() != null);
    AuditStep second = follow(new Completeness(), null);
    run(second, "subscribed", () -> second.followingSince() != null);
    run(first, "told", () -> first.trouble() != null);
    Trouble trouble = first.trouble();
    assertNotNull(trouble);
    assertTrue(trouble.hopeless(), trouble::toString);
    assertTrue(trouble.message().contains("another program uses the client id"), trouble::message);
  }
}
