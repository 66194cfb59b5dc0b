package io.lingtan.agent.audit;

import static io.lingtan.agent.audit.Conversation.EPOCH;
import static io.lingtan.agent.audit.Conversation.record;
import static io.lingtan.agent.audit.Conversation.storeOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command against Debian's mosquitto; the gateway is mosquitto_pub and a hand. */
@RequiresTool({"mosquitto", "mosquitto_pub", "mosquitto_passwd"})
final class AuditIT {

  private static final String ROOT = "lingtan/v1/gw/";

  @TempDir Path folder;
  private Mosquitto mosquitto;
  private final List<AuditStep> steps = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
  }

  @AfterEach
  void stop() {
    steps.forEach(AuditStep::close);
    mosquitto.close();
  }

  /** What a run of the command left. */
  private record Ran(int exit, String out, String err) {}

  private Ran audit(String... options) {
    return audit(new AuditCommand(new RealTime(), Randomness.seeded(1), hook -> {}), options);
  }

  private Ran audit(AuditCommand command, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>();
    if (!List.of(options).contains("--client-id")) {
      all.addAll(List.of("--client-id", "audit-it"));
    }
    if (!List.of(options).contains("--broker")) {
      all.addAll(List.of("--broker", mosquitto.url()));
    }
    all.addAll(List.of(options));
    int exit =
        new CommandLine(command)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    return new Ran(exit, out.toString(), err.toString());
  }

  private void publish(String topic, boolean retain, String... lines) throws Exception {
    List<String> command = new ArrayList<>(List.of("mosquitto_pub", "-V", "mqttv5", "-q", "1"));
    command.addAll(List.of("-p", String.valueOf(mosquitto.port()), "-t", ROOT + topic, "-l"));
    if (retain) {
      command.add("-r");
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(String.join("\n", lines).concat("\n").getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), said);
    assertEquals(0, process.exitValue(), said);
  }

  private void publishData(long from, long to, long... without) throws Exception {
    List<String> lines = new ArrayList<>();
    for (long seq = from; seq <= to; seq++) {
      long number = seq;
      if (java.util.Arrays.stream(without).noneMatch(other -> other == number)) {
        lines.add(record(EPOCH, seq, seq - 1, "pv1", seq));
      }
    }
    publish("data/pv1", false, lines.toArray(String[]::new));
  }

  private void publishStore(long last, long acked) throws Exception {
    publish("store", true, storeOf(EPOCH, last, acked, ""));
  }

  private void born() throws Exception {
    publish("status", true, "online");
    publish("meta", true, "{\"devices\":[\"pv1\"]}");
    publish("meta/pv1", true, "{\"record_ms\":1000}");
  }

  @Test
  void onceFindsEverythingThatCameWhileItWasAway() throws Exception {
    Ran first = audit("--once", "--wait", "1500ms");
    assertEquals(1, first.exit(), first::toString);
    assertTrue(first.out().contains("no gateway was heard"), first::toString);

    born();
    publishData(1, 200);
    publishStore(200, 200);
    Ran second = audit("--once");
    assertEquals(0, second.exit(), second::toString);
    assertTrue(
        second
            .out()
            .endsWith(
                "COMPLETE: 1 gateway, 200 records received, 0 missing, 0 contradictions, "
                    + "0 unexplained gaps, 0 in transit\n"),
        second::toString);
    assertEquals("", second.err());
  }

  @Test
  void onceFindsAHole() throws Exception {
    audit("--once", "--wait", "1500ms");
    born();
    publishData(1, 50, 7, 8, 30);
    publishStore(50, 50);
    Ran ran = audit("--once");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("missing: 7..8, 30"), ran::toString);
    assertTrue(ran.out().contains("\nFAILED: "), ran::toString);
  }

  @Test
  void onceFindsTwoContentsUnderOneNumber() throws Exception {
    audit("--once", "--wait", "1500ms");
    born();
    publishData(1, 3);
    publish("data/pv1", false, record(EPOCH, 2, 1, "pv1", 2, "\"values\":{\"power\":2.0}"));
    publishStore(3, 3);
    Ran ran = audit("--once", "--json");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("\"contradicted\":[2]"), ran::toString);
    assertTrue(ran.out().startsWith("{\"at\":"), ran::toString);
    assertEquals(1, ran.out().lines().count());
  }

  @Test
  void onceWaitsForWhatIsInTransitAndThenEndsAllTheSame() throws Exception {
    audit("--once", "--wait", "1500ms");
    born();
    publishData(1, 5);
    publishStore(9, 5);
    Ran ran = audit("--once", "--wait", "3s");
    assertEquals(0, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("in transit: 6..9"), ran::toString);
    assertTrue(ran.out().contains("\nOPEN: "), ran::toString);
  }

  @Test
  void theStateFileCarriesOnFromRunToRun() throws Exception {
    String state = folder.resolve("audit.state").toString();
    audit("--once", "--wait", "1500ms", "--state", state);
    born();
    publishData(1, 20);
    publishStore(20, 20);
    Thread.sleep(Completeness.STEADY_MILLIS); // else what follows could be from before listening
    assertEquals(0, audit("--once", "--state", state).exit());
    publishData(21, 30, 25);
    publishStore(30, 30);
    Ran ran = audit("--once", "--state", state);
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("30 numbered, 29 received, 1 missing"), ran::toString);
    // Nothing new is needed to say it again.
    assertEquals(1, audit("--once", "--state", state).exit());
  }

  @Test
  void whatWasThereBeforeTheFirstRunIsNotCalledMissing() throws Exception {
    born();
    publishStore(900, 900);
    Ran ran = audit("--once");
    assertEquals(0, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("not judged: 900 delivered"), ran::toString);
  }

  @Test
  void oneGatewayCanBeAuditedAlone() throws Exception {
    born();
    publishStore(1, 1);
    publish("../other/status".replace("../", "x/"), true, "ignored");
    Ran ran = audit("--once", "--gateway", "nobody", "--wait", "2s");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("no gateway was heard"), ran::toString);
    assertEquals(0, audit("--once", "--gateway", "gw", "--client-id", "another").exit());
  }

  // Following.

  private AuditStep follow(Completeness completeness, @Nullable StateFile file) {
    AuditStep step =
        new AuditStep(
            new AuditClient.Options(
                BrokerAddress.parse(mosquitto.url()), "follower", null, null, null, true),
            null,
            completeness,
            file,
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

  private static GatewayReport gateway(AuditStep step) {
    return step.report(new RealTime().now()).gateways().getFirst();
  }

  @Test
  void aBrokerThatStopsAndComesBackCostsNothing() throws Exception {
    AuditStep step = follow(Completeness.ofAllTopics(), null);
    run(step, "subscribed", () -> step.followingSince() != null);
    born();
    publishData(1, 100);
    run(step, "first hundred", () -> received(step) == 100);
    // Published and acknowledged while the audit does not look, then the broker goes.
    publishData(101, 200);
    mosquitto.stop();
    run(step, "broker lost", () -> step.followingSince() == null);
    mosquitto.restart();
    // The gateway is back before the audit is.
    publishData(201, 400);
    publishStore(400, 400);
    run(step, "all", () -> received(step) == 400 && gateway(step).storeHeardMillis() > 0);
    assertEquals(0, gateway(step).missing());
    assertEquals(0, gateway(step).epochs().getLast().unseen());
    assertEquals(Verdict.COMPLETE, gateway(step).verdict());
  }

  @Test
  void aBrokerThatForgetsTheSessionIsNoFaultOfTheGateway() throws Exception {
    AuditStep step = follow(Completeness.ofAllTopics(), null);
    run(step, "subscribed", () -> step.followingSince() != null);
    Thread.sleep(Completeness.STEADY_MILLIS);
    born();
    publishData(1, 20, 9);
    publishStore(20, 20);
    run(step, "store", () -> received(step) == 19 && gateway(step).storeHeardMillis() > 0);
    mosquitto.stop();
    Files.delete(folder.resolve("broker/mosquitto.db"));
    mosquitto.restart();
    publishData(21, 30);
    publishStore(30, 30);
    run(step, "store", () -> gateway(step).epochs().getLast().acked() == 30);
    assertEquals(1, gateway(step).missing());
    assertEquals(10, gateway(step).epochs().getLast().unseen());
  }

  @Test
  void anAuditThatIsKilledGetsAgainWhatItHadNotSaved() throws Exception {
    StateFile file = new StateFile(folder.resolve("audit.state"));
    AuditStep killed = follow(Completeness.ofAllTopics(), file);
    run(killed, "subscribed", () -> killed.followingSince() != null);
    born();
    publishData(1, 300);
    run(killed, "some", () -> received(killed) >= 70);
    // Never called again: what it holds in memory only is gone, as after SIGKILL.
    publishData(301, 500);
    publishStore(500, 500);
    Completeness saved = file.load();
    assertNotNull(saved);
    AuditStep next = follow(saved, file);
    assertTrue(received(next) < 300);
    run(next, "all", () -> received(next) == 500 && gateway(next).storeHeardMillis() > 0);
    run(next, "unpaced", () -> gateway(next).epochs().getLast().acked() == 500);
    assertEquals(0, gateway(next).missing());
    assertEquals(0, gateway(next).contradicted());
  }

  @Test
  void whileTheStateCannotBeWrittenTheBrokerKeepsEverything() throws Exception {
    Path place = Files.createDirectory(folder.resolve("place"));
    StateFile file = new StateFile(place.resolve("audit.state"));
    AuditStep step = follow(Completeness.ofAllTopics(), file);
    run(step, "subscribed", () -> step.followingSince() != null);
    Files.delete(place);
    born();
    publishData(1, 600);
    run(step, "trouble", () -> step.saveTrouble() != null);
    run(step, "as many as may be unacknowledged", () -> received(step) >= 250);
    assertTrue(received(step) <= AuditClient.RECEIVE_MAXIMUM, () -> "" + received(step));
    Files.createDirectory(place);
    run(step, "all", () -> received(step) == 600);
    assertEquals(null, step.saveTrouble());
  }

  @Test
  void atCtrlCTheReportComesAndItsExitCodeCounts() throws Exception {
    BlockingQueue<Runnable> hooks = new ArrayBlockingQueue<>(1);
    BlockingQueue<Integer> halted = new ArrayBlockingQueue<>(1);
    BlockingQueue<Ran> ran = new ArrayBlockingQueue<>(1);
    AuditCommand command =
        new AuditCommand(new RealTime(), Randomness.seeded(1), hooks::add, halted::add);
    Thread thread = new Thread(() -> ran.add(audit(command)));
    thread.start();
    Runnable hook = hooks.poll(10, TimeUnit.SECONDS);
    assertNotNull(hook);
    Thread.sleep(Completeness.STEADY_MILLIS + 1500);
    born();
    publishData(1, 3, 2);
    publishStore(3, 3);
    Thread.sleep(2500);
    hook.run();
    assertEquals(1, halted.poll(10, TimeUnit.SECONDS));
    Ran done = ran.poll(10, TimeUnit.SECONDS);
    assertNotNull(done);
    assertTrue(
        done.out().contains("gw online, epoch 5f1c09ab: 2 received, 1 missing, 0 in transit"),
        done::toString);
    assertTrue(done.out().contains("\nFAILED: "), done::toString);
    thread.join();
  }

  // What goes wrong before anything is received.

  @Test
  void aBrokerThatIsNotThereIsNamedWithWhatToDo() throws Exception {
    String url = "mqtt://127.0.0.1:" + Ports.free();
    Ran ran = audit("--broker", url, "--once", "--wait", "1s");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.err().contains("cannot reach broker " + url), ran::toString);
    assertTrue(ran.err().contains("start it, or check host, port and firewall"), ran::toString);
    assertEquals("", ran.out());
  }

  @Test
  void aBrokerThatTakesTheConnectionAndSaysNothingIsNamed() throws Exception {
    try (var deaf = new java.net.ServerSocket(0, 5, java.net.InetAddress.getLoopbackAddress())) {
      String url = "mqtt://127.0.0.1:" + deaf.getLocalPort();
      Ran ran = audit("--broker", url, "--once", "--wait", "12s");
      assertEquals(1, ran.exit(), ran::toString);
      assertTrue(ran.err().contains("does not answer"), ran::toString);
    }
  }

  @Test
  void aWrongPasswordEndsAtOnceAndARightOneWorks() throws Exception {
    mosquitto.close();
    Path passwords = folder.resolve("passwords");
    Process made =
        new ProcessBuilder("mosquitto_passwd", "-b", "-c", passwords.toString(), "me", "right")
            .start();
    assertEquals(0, made.waitFor());
    Path password = Files.writeString(folder.resolve("password"), "wrong\n");
    mosquitto =
        Mosquitto.start(
            Files.createDirectory(folder.resolve("closed")),
            "allow_anonymous false",
            "password_file " + passwords);
    String[] options = {"--once", "--user", "me", "--password-file", password.toString()};
    Ran wrong = audit(options);
    assertEquals(1, wrong.exit(), wrong::toString);
    assertTrue(wrong.err().contains("check --user and --password-file"), wrong::toString);
    assertFalse(wrong.err().contains("trying again"), wrong::toString);

    Files.writeString(password, "right\n");
    List<String> shorter = new ArrayList<>(List.of(options));
    shorter.addAll(List.of("--wait", "1500ms"));
    Ran right = audit(shorter.toArray(String[]::new));
    assertTrue(right.out().contains("no gateway was heard"), right::toString);
  }

  @Test
  void aSecondAuditUnderTheSameNameIsTold() {
    AuditStep first = follow(Completeness.ofAllTopics(), null);
    run(first, "subscribed", () -> first.followingSince() != null);
    AuditStep second = follow(Completeness.ofAllTopics(), null);
    run(second, "subscribed", () -> second.followingSince() != null);
    run(first, "told", () -> first.trouble() != null);
    Trouble trouble = first.trouble();
    assertNotNull(trouble);
    assertTrue(trouble.hopeless(), trouble::toString);
    assertTrue(trouble.message().contains("another program uses the client id"), trouble::message);
  }

  @Test
  void wrongUsageExits2() {
    assertEquals(2, audit("--broker", "http://x").exit());
    assertEquals(2, audit("--wait", "soon").exit());
    assertEquals(2, audit("--gateway", "a b").exit());
    assertEquals(2, audit("--no-session", "--state", "x").exit());
  }

  @Test
  void aStateFileThatIsSomethingElseIsRefusedAndLeftAlone() throws IOException {
    Path file = Files.writeString(folder.resolve("letter.txt"), "Dear Sir");
    Ran ran = audit("--once", "--state", file.toString());
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.err().contains("move it away"), ran::toString);
    assertEquals("Dear Sir", Files.readString(file));
  }
}
