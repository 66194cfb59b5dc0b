package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.Completeness;
import io.lingtan.agent.audit.HandGateway;
import io.lingtan.agent.audit.RealTime;
import io.lingtan.agent.command.AuditCommand;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import io.lingtan.testing.ScriptedBroker;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import picocli.CommandLine;

/** The command against Debian's mosquitto; the gateway is mosquitto_pub and a hand. */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_pub", "mosquitto_passwd"})
final class AuditIT {

  @TempDir Path folder;
  private Mosquitto mosquitto;
  private HandGateway gateway;

  @BeforeEach
  void start() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    gateway = new HandGateway(mosquitto);
  }

  @AfterEach
  void stop() {
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

  @Test
  void onceFindsEverythingThatCameWhileItWasAway() throws Exception {
    Ran first = audit("--once", "--wait", "1500ms");
    assertEquals(1, first.exit(), first::toString);
    assertTrue(first.out().contains("no gateway was heard"), first::toString);

    gateway.born();
    gateway.publishData(1, 200);
    gateway.publishStore(200, 200);
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
    gateway.born();
    gateway.publishData(1, 50, 7, 8, 30);
    gateway.publishStore(50, 50);
    Ran ran = audit("--once");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("missing: 7..8, 30"), ran::toString);
    assertTrue(ran.out().contains("\nFAILED: "), ran::toString);
  }

  @Test
  void onceFindsTwoContentsUnderOneNumber() throws Exception {
    audit("--once", "--wait", "1500ms");
    gateway.born();
    gateway.publishData(1, 3);
    gateway.contradict(2);
    gateway.publishStore(3, 3);
    Ran ran = audit("--once", "--json");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("\"contradicted\":[2]"), ran::toString);
    assertTrue(ran.out().startsWith("{\"at\":"), ran::toString);
    assertEquals(1, ran.out().lines().count());
  }

  @Test
  void onceWaitsForWhatIsInTransitAndThenEndsAllTheSame() throws Exception {
    audit("--once", "--wait", "1500ms");
    gateway.born();
    gateway.publishData(1, 5);
    gateway.publishStore(9, 5);
    Ran ran = audit("--once", "--wait", "3s");
    assertEquals(0, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("in transit: 6..9"), ran::toString);
    assertTrue(ran.out().contains("\nOPEN: "), ran::toString);
  }

  @Test
  void aStoreThatIsOlderThanWhatFollowsItIsNotTheEnd() throws Exception {
    audit("--once", "--wait", "1500ms");
    gateway.born();
    // More than are in flight at once, so that it answers the subscription between.
    gateway.publishData(1, 300);
    gateway.publishStore(300, 300);
    gateway.publishData(301, 308); // the next store is up to a minute away
    try (SlowLink slow = new SlowLink(mosquitto.port(), "/store", 2_500)) {
      Ran ran = audit("--once", "--broker", slow.url());
      assertEquals(0, ran.exit(), ran::toString);
      assertTrue(ran.out().contains("308 records received"), ran::toString);
    }
  }

  /** Passes on what a broker says, and keeps quiet for a time after one kind of message. */
  private static final class SlowLink implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());

    /**
     * @param topic what the topic of the message ends with, the first of which is followed by
     *     silence
     */
    SlowLink(int broker, String topic, int millis) throws IOException {
      Thread.ofVirtual()
          .start(
              () -> {
                try (Socket here = server.accept();
                    Socket there = new Socket(InetAddress.getLoopbackAddress(), broker)) {
                  Thread.ofVirtual().start(() -> passOn(here, there));
                  down(there, here, topic, millis);
                } catch (IOException | InterruptedException e) {
                  // One of both has gone, or the test is over.
                }
              });
    }

    String url() {
      return "mqtt://127.0.0.1:" + server.getLocalPort();
    }

    private static void passOn(Socket from, Socket to) {
      try {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException e) {
        // The same.
      }
    }

    private static void down(Socket from, Socket to, String topic, int millis)
        throws IOException, InterruptedException {
      DataInputStream in = new DataInputStream(from.getInputStream());
      boolean silent = false;
      while (true) {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int first = in.readUnsignedByte();
        head.write(first);
        int length = 0;
        for (int shift = 0, more = 0x80; (more & 0x80) != 0; shift += 7) {
          more = in.readUnsignedByte();
          head.write(more);
          length |= (more & 0x7f) << shift;
        }
        byte[] body = in.readNBytes(length);
        head.write(body);
        to.getOutputStream().write(head.toByteArray());
        if (!silent && first >> 4 == ScriptedBroker.PUBLISH) {
          int end = 2 + (ByteBuffer.wrap(body).getShort() & 0xffff);
          if (new String(body, 2, end - 2, StandardCharsets.UTF_8).endsWith(topic)) {
            silent = true;
            Thread.sleep(millis);
          }
        }
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  @Test
  void theStateFileCarriesOnFromRunToRun() throws Exception {
    String state = folder.resolve("audit.state").toString();
    audit("--once", "--wait", "1500ms", "--state", state);
    gateway.born();
    gateway.publishData(1, 20);
    gateway.publishStore(20, 20);
    Thread.sleep(Completeness.STEADY_MILLIS); // else what follows could be from before listening
    assertEquals(0, audit("--once", "--state", state).exit());
    gateway.publishData(21, 30, 25);
    gateway.publishStore(30, 30);
    Ran ran = audit("--once", "--state", state);
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("30 numbered, 29 received, 1 missing"), ran::toString);
    // Nothing new is needed to say it again.
    assertEquals(1, audit("--once", "--state", state).exit());
  }

  /** A card that has turned read-only: its status and its numbers stay as they were. */
  @Test
  void aGatewayThatRecordsNothingNewIsNotCalledComplete() throws Exception {
    String state = folder.resolve("audit.state").toString();
    audit("--once", "--wait", "1500ms", "--state", state);
    gateway.born();
    gateway.publishData(1, 20);
    gateway.publish(
        "store",
        true,
        "{\"epoch\":\"5f1c09ab\",\"since\":1,\"first\":1,\"last\":20,\"acked\":20,\"ahead\":[],\"dropped\":[],\"previous\":[],\"blocked_since\":1764000000000}");
    for (int run = 0; run < 2; run++) {
      Ran ran = audit("--once", "--state", state);
      assertEquals(0, ran.exit(), ran::toString);
      assertTrue(ran.out().contains("nothing new is recorded there since 2025-11-24"), ran.out());
      assertTrue(ran.out().contains("\nOPEN: 1 gateway, 20 records received"), ran::toString);
    }
  }

  @Test
  void whatWasThereBeforeTheFirstRunIsNotCalledMissing() throws Exception {
    gateway.born();
    gateway.publishStore(900, 900);
    Ran ran = audit("--once");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("not judged: 900 delivered"), ran::toString);
    assertTrue(
        ran.out()
            .endsWith(
                "PARTIAL: 1 gateway, 0 records received, 0 missing, 0 contradictions,"
                    + " 0 unexplained gaps, 0 in transit, 900 not judged;"
                    + " complete as far as judged: 0 of 900\n"),
        ran::toString);
  }

  @Test
  void aProgramCanTellWhatWasNotJudged() throws Exception {
    audit("--once", "--wait", "1500ms");
    gateway.born();
    gateway.publishData(3, 20);
    gateway.publishStore(20, 20);
    Ran all = audit("--once", "--json");
    assertEquals(1, all.exit(), all::toString);
    assertTrue(all.out().contains("\"verdict\":\"partial\",\"good\":false"), all::toString);
    assertTrue(all.out().contains("\"not_judged\":2,\"of\":20"), all::toString);
  }

  @Test
  void whatWasThereBeforeTheFirstRunIsLeftOutWhereAskedFor() throws Exception {
    String state = folder.resolve("audit.state").toString();
    gateway.born();
    gateway.publishStore(900, 900);
    audit("--once", "--state", state);
    gateway.publishData(901, 920);
    gateway.publishStore(920, 920);
    Ran all = audit("--once", "--state", state);
    assertEquals(1, all.exit(), all::toString);
    assertTrue(all.out().contains("complete as far as judged: 20 of 920\n"), all::toString);
    Ran since = audit("--once", "--state", state, "--since-listening");
    assertEquals(0, since.exit(), since::toString);
    assertTrue(since.out().contains("left out: 900 from before"), since::toString);
    assertTrue(since.out().contains("\nCOMPLETE: "), since::toString);
  }

  @Test
  void whoMayOnlyReadWaitsForWhatTheGatewaySaysNext() throws Exception {
    mosquitto.close();
    Path rights = folder.resolve("acl");
    StringBuilder text = new StringBuilder("topic read lingtan/v1/#\n");
    for (String topic : List.of("status", "meta", "meta/#", "data/#", "store")) {
      text.append("topic write lingtan/v1/gw/").append(topic).append('\n');
    }
    Files.writeString(rights, text);
    mosquitto =
        Mosquitto.start(
            Files.createDirectory(folder.resolve("closed")), "acl_file " + rights.toAbsolutePath());
    gateway = new HandGateway(mosquitto);
    String state = folder.resolve("audit.state").toString();
    audit("--once", "--wait", "1500ms", "--state", state);
    gateway.born();
    gateway.publishData(1, 5);
    gateway.publishStore(5, 5);
    Ran early = audit("--once", "--wait", "3s", "--state", state);
    assertEquals(1, early.exit(), early::toString);
    assertTrue(
        early.out().contains("let this user publish lingtan/v1/gw/cmd/ping"), early::toString);
    assertTrue(
        early.out().contains("complete as far as judged: 5 of 5, 1 gateways not of late"),
        early::toString);
    Thread saying =
        new Thread(
            () -> {
              try {
                while (!Thread.interrupted()) {
                  Thread.sleep(1000);
                  gateway.publishStore(5, 5);
                }
              } catch (Exception e) {
                // The test is over.
              }
            });
    saying.start();
    Ran late = audit("--once", "--state", state);
    saying.interrupt();
    saying.join();
    assertEquals(0, late.exit(), late::toString);
    assertTrue(late.out().contains("\nCOMPLETE: "), late::toString);
  }

  @Test
  void oneGatewayCanBeAuditedAlone() throws Exception {
    gateway.born();
    gateway.publishStore(1, 1);
    gateway.publish("../other/status".replace("../", "x/"), true, "ignored");
    Ran ran = audit("--once", "--gateway", "nobody", "--wait", "2s");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("no gateway was heard"), ran::toString);
    Ran alone = audit("--once", "--gateway", "gw", "--client-id", "another");
    assertTrue(alone.out().contains("PARTIAL: 1 gateway, "), alone::toString);
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
    gateway.born();
    gateway.publishData(1, 3, 2);
    gateway.publishStore(3, 3);
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
