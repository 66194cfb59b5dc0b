package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.RealTime;
import io.lingtan.agent.command.AuditCommand;
import io.lingtan.agent.publish.JournalGateway;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.Randomness;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Postgres;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import picocli.CommandLine;

/** A subscriber that lost records heals itself: mosquitto, a real journal, and the command. */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_sub", "mosquitto_pub", "mosquitto_rr"})
final class RepairIT {

  private static final int HOUR = 3600;
  private static final long LARGE = 64L << 20;

  @TempDir Path folder;
  private Mosquitto mosquitto;
  private JournalGateway gateway;
  private @Nullable Postgres postgres;
  private final AtomicLong sinceCommit = new AtomicLong();
  private final AtomicLong mostSinceCommit = new AtomicLong();
  private final AtomicInteger replayMessages = new AtomicInteger();

  @BeforeEach
  void start() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    gateway = gateway(LARGE);
  }

  private JournalGateway gateway(long maxSize) {
    return new JournalGateway(
        folder.resolve("journal-" + maxSize + ".db"), maxSize, mosquitto.url(), this::published);
  }

  /** On the publisher's thread: how many parts of a replay go before what was just committed. */
  private void published(Message message) {
    if (message.topic().contains("/reply/replay/")) {
      replayMessages.incrementAndGet();
      sinceCommit.incrementAndGet();
    } else if (message.topic().contains("/data/")) {
      mostSinceCommit.accumulateAndGet(sinceCommit.getAndSet(0), Math::max);
    }
  }

  @AfterEach
  void stop() {
    gateway.close();
    mosquitto.close();
  }

  /** What a run of the command left. */
  private record Ran(int exit, String out, String err) {}

  private Ran audit(String client, String... options) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>();
    all.addAll(List.of("--broker", mosquitto.url(), "--client-id", client));
    all.addAll(List.of("--state", folder.resolve(client + ".state").toString()));
    Postgres database = postgres;
    if (database == null || client.equals("reference")) {
      all.addAll(List.of("--archive", archive(client).toString()));
    } else {
      all.addAll(List.of("--archive", "postgresql://lingtan@" + database.address()));
      all.addAll(List.of("--archive-driver", Postgres.driver().toString()));
    }
    all.addAll(List.of(options));
    int exit =
        new CommandLine(new AuditCommand(new RealTime(), Randomness.seeded(1), hook -> {}))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all.toArray(String[]::new));
    return new Ran(exit, out.toString(), err.toString());
  }

  private Path archive(String client) {
    return folder.resolve(client + ".db");
  }

  /** What an archive has, by key. */
  private Map<String, String> records(String client) throws SQLException {
    Map<String, String> found = new TreeMap<>();
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + archive(client));
        Statement statement = db.createStatement();
        ResultSet rows = statement.executeQuery("SELECT epoch, seq, json FROM record")) {
      while (rows.next()) {
        found.put(rows.getString(1) + "/" + rows.getLong(2), rows.getString(3));
      }
    }
    return found;
  }

  /** Who was there all the time, and somebody who is there now and then. */
  private void bothListen() throws Exception {
    audit("reference", "--once", "--wait", "3s");
    audit("mine", "--once", "--wait", "3s");
    gateway.deliver(200);
    Ran first = audit("mine", "--once");
    assertEquals(0, first.exit(), first::toString);
  }

  /** The broker forgets what it kept for me. */
  private void mySessionIsLost() throws Exception {
    Launched ended =
        Launched.run(
            Map.of(),
            "mosquitto_sub",
            "-V",
            "5",
            "-p",
            "" + mosquitto.port(),
            "-i",
            "mine",
            "-t",
            "x",
            "-E");
    assertEquals(0, ended.exit(), ended::toString);
  }

  private void assertHealed() throws SQLException {
    Ran all = audit("reference", "--once");
    assertEquals(0, all.exit(), all::toString);
    Map<String, String> reference = records("reference");
    for (int i = 0; i < 5 && records("mine").size() < reference.size(); i++) {
      audit("mine", "--once"); // the broker had not given all of it yet when it was quiet for long
    }
    Map<String, String> mine = records("mine");
    assertEquals(reference.size(), mine.size());
    reference.forEach((key, json) -> assertEquals(json, mine.get(key), key));
  }

  @Test
  void whoWasAwayWithoutASessionForAnHourIsHealedByteForByte() throws Exception {
    bothListen();
    mySessionIsLost();
    gateway.deliver(HOUR);
    Ran without = audit("mine", "--once");
    assertEquals(1, without.exit(), without::toString);
    assertTrue(without.out().contains("\nPARTIAL: "), without::toString);
    Ran healed = audit("mine", "--repair");
    assertEquals(0, healed.exit(), healed::toString);
    assertTrue(healed.out().contains("records brought back, 0 still missing"), healed::toString);
    assertHealed();
    assertEquals(0, gateway.uplink().replays().waiting());
    assertTrue(gateway.uplink().replays().records() >= HOUR, () -> gateway.uplink().toString());
  }

  @Test
  @RequiresTool({"initdb", "setpriv"})
  void anArchiveInPostgresqlIsHealedByteForByteToo() throws Exception {
    try (Postgres database = Postgres.start()) {
      postgres = database;
      bothListen();
      mySessionIsLost();
      gateway.deliver(HOUR);
      Ran healed = audit("mine", "--repair");
      assertEquals(0, healed.exit(), healed::toString);
      Ran all = audit("reference", "--once");
      assertEquals(0, all.exit(), all::toString);
      Map<String, String> mine = new TreeMap<>();
      database
          .rows("SELECT epoch || '/' || seq, record FROM record")
          .forEach(row -> mine.put(String.valueOf(row.getFirst()), String.valueOf(row.getLast())));
      assertEquals(records("reference"), mine);
    }
  }

  @Test
  @RequiresTool({"initdb", "setpriv"})
  void aFirstRunEndsWithATableInWhichNothingIsMissing() throws Exception {
    try (Postgres database = Postgres.start()) {
      postgres = database;
      gateway.deliver(300);
      long before = gateway.last();
      CountDownLatch seconds = new CountDownLatch(8);
      Thread site =
          new Thread(
              () -> {
                try {
                  while (!Thread.interrupted()) {
                    Thread.sleep(400);
                    gateway.commit(2);
                    seconds.countDown();
                  }
                } catch (InterruptedException e) {
                  // The test is over.
                }
              });
      site.start();
      assertTrue(seconds.await(60, TimeUnit.SECONDS)); // as old is the store that the broker keeps
      Ran first = audit("newcomer", "--repair", "--all");
      site.interrupt();
      site.join();
      assertEquals(0, first.exit(), first::toString);
      assertTrue(first.out().contains("\nCOMPLETE: "), first::toString);
      assertFalse(first.out().contains("not judged:"), first::toString);
      List<@Nullable String> row =
          database.rows("SELECT max(seq), count(*) FROM record").getFirst();
      long highest = Long.parseLong(String.valueOf(row.getFirst()));
      long count = Long.parseLong(String.valueOf(row.getLast()));
      assertTrue(highest > before + 2, "nothing came live: " + highest + " after " + before);
      assertEquals(highest, count, first::toString);
    }
  }

  @Test
  void anHourThatIsDeletedIsHealedByteForByte() throws Exception {
    bothListen();
    byte[] before = Files.readAllBytes(folder.resolve("mine.state"));
    gateway.deliver(HOUR);
    assertEquals(0, audit("mine", "--once").exit());
    // State and archive as of an hour ago; the broker has nothing left to send again.
    Files.write(folder.resolve("mine.state"), before);
    try (Connection db = DriverManager.getConnection("jdbc:sqlite:" + archive("mine"));
        Statement statement = db.createStatement()) {
      assertTrue(statement.executeUpdate("DELETE FROM record WHERE seq > 205") >= HOUR);
    }
    Ran healed = audit("mine", "--repair", "--json");
    assertEquals(0, healed.exit(), healed::toString);
    assertTrue(healed.out().contains("\"repair\":{\"requests\":"), healed::toString);
    assertTrue(healed.out().contains("\"left\":[]"), healed::toString);
    assertHealed();
  }

  @Test
  @Tag("campaign")
  void whatIsNewIsNotDelayedWhileAReplayGoesOn() throws Exception {
    bothListen();
    mySessionIsLost();
    gateway.deliver(2 * HOUR);
    sinceCommit.set(0);
    mostSinceCommit.set(0);
    CompletableFuture<Ran> healed = CompletableFuture.supplyAsync(() -> audit("mine", "--repair"));
    int live = 0;
    int before = replayMessages.get();
    while (!healed.isDone()) {
      sinceCommit.set(0);
      gateway.commit(1);
      live++;
      Thread.sleep(20);
    }
    assertEquals(0, healed.get().exit(), () -> healed.join().toString());
    assertTrue(replayMessages.get() - before > 20, () -> "" + replayMessages.get());
    assertTrue(live > 50, "" + live);
    // One may be on its way when something new is committed, and one more be begun just before.
    assertTrue(mostSinceCommit.get() <= 2, () -> "replays before what is new: " + mostSinceCommit);
    gateway.awaitDelivered();
    assertEquals(0, audit("mine", "--once").exit());
    assertHealed();
  }

  @Test
  @Tag("campaign")
  void aGatewayThatIsRestartedInTheMiddleIsAskedAgain() throws Exception {
    bothListen();
    mySessionIsLost();
    gateway.deliver(4 * HOUR);
    CompletableFuture<Ran> healed = CompletableFuture.supplyAsync(() -> audit("mine", "--repair"));
    while (replayMessages.get() < 10 && !healed.isDone()) {
      Thread.sleep(5);
    }
    assertFalse(healed.isDone(), "too fast to be restarted in the middle");
    gateway.restart();
    assertEquals(0, healed.get().exit(), () -> healed.join().toString());
    assertTrue(
        Pattern.compile("repair: [2-9] requests").matcher(healed.get().out()).find(),
        healed.get()::toString);
    assertHealed();
  }

  @Test
  @Tag("campaign")
  void anEpochOfBeforeAPowerCutIsHealedUnderItsName() throws Exception {
    bothListen();
    mySessionIsLost();
    gateway.deliver(500);
    String before = gateway.epoch();
    gateway.powerCut();
    gateway.deliver(300);
    assertFalse(before.equals(gateway.epoch()));
    Ran healed = audit("mine", "--repair");
    assertEquals(0, healed.exit(), healed::toString);
    assertHealed();
    assertTrue(records("mine").containsKey(before + "/" + 500));
    assertTrue(records("mine").containsKey(gateway.epoch() + "/1"));
  }

  @Test
  @Tag("campaign")
  void twoWhoAskAtOnceBothGetWhatTheyAskedFor() throws Exception {
    audit("other", "--once", "--wait", "3s"); // before a store that is older than its session
    bothListen();
    Ran also = audit("other", "--once");
    assertEquals(0, also.exit(), also::toString);
    byte[] mine = Files.readAllBytes(folder.resolve("mine.state"));
    byte[] others = Files.readAllBytes(folder.resolve("other.state"));
    gateway.deliver(HOUR);
    audit("mine", "--once");
    audit("other", "--once");
    Files.write(folder.resolve("mine.state"), mine);
    Files.write(folder.resolve("other.state"), others);
    Files.delete(archive("mine"));
    Files.delete(archive("other"));
    CompletableFuture<Ran> one = CompletableFuture.supplyAsync(() -> audit("mine", "--repair"));
    CompletableFuture<Ran> two = CompletableFuture.supplyAsync(() -> audit("other", "--repair"));
    assertEquals(0, one.get().exit(), () -> one.join().toString());
    assertEquals(0, two.get().exit(), () -> two.join().toString());
    assertEquals(0, audit("reference", "--once").exit());
    Map<String, String> reference = records("reference");
    for (String client : List.of("mine", "other")) {
      Map<String, String> got = records(client);
      assertTrue(got.size() >= HOUR, client + " " + got.size());
      got.forEach((key, json) -> assertEquals(reference.get(key), json, key));
    }
  }

  @Test
  @Tag("campaign")
  void whatIsGoneIsSaidAndFails() throws Exception {
    gateway.close();
    gateway = gateway(512 * 1024);
    bothListen();
    mySessionIsLost();
    gateway.deliver(5 * HOUR);
    Ran ran = audit("mine", "--repair");
    assertEquals(1, ran.exit(), ran::toString);
    assertTrue(ran.out().contains("gone: the gateway no longer has it"), ran::toString);
    assertTrue(ran.out().contains("FAILED"), ran::toString);
    Map<String, String> reference = new TreeMap<>();
    audit("reference", "--once");
    reference.putAll(records("reference"));
    Map<String, String> mine = records("mine");
    assertTrue(mine.size() > 500, "what there was came: " + mine.size());
    mine.forEach((key, json) -> assertEquals(reference.get(key), json, key));
  }

  @Test
  void theFifthWhoAsksIsToldToComeLater() throws Exception {
    gateway.deliver(6 * HOUR);
    try (Child answers =
        Child.start(
            folder.resolve("answers.out"),
            Map.of(),
            List.of(
                "mosquitto_sub",
                "-V",
                "5",
                "-q",
                "1",
                "-p",
                "" + mosquitto.port(),
                "-t",
                "lingtan/v1/gw/reply/replay/#",
                "-F",
                "%t %p"))) {
      Thread.sleep(1000);
      for (int i = 1; i <= 5; i++) {
        String payload = "{\"epoch\":\"" + gateway.epoch() + "\",\"from\":1,\"to\":null}";
        Launched sent =
            Launched.run(
                Map.of(),
                "mosquitto_pub",
                "-V",
                "5",
                "-q",
                "1",
                "-p",
                "" + mosquitto.port(),
                "-t",
                "lingtan/v1/gw/cmd/replay",
                "-D",
                "publish",
                "response-topic",
                "lingtan/v1/gw/reply/replay/" + i,
                "-m",
                payload);
        assertEquals(0, sent.exit(), sent::toString);
      }
      answers.await(
          "five answers", 60, () -> count(answers, "reply/replay/\\d \\{\"ok\":(true|false)") == 5);
      assertEquals(1, count(answers, "reply/replay/5 \\{\"ok\":false,.*\"busy\":true\\}"));
      assertEquals(4, count(answers, "reply/replay/[1-4] \\{\"ok\":true,\"queued\":"));
    }
  }

  private static int count(Child child, String pattern) {
    try {
      return (int) Pattern.compile(pattern).matcher(child.output()).results().count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsAskedWronglyIsRefusedAndHarmless() throws Exception {
    gateway.deliver(50);
    Map<String, String> wrong =
        Map.of(
            "{}",
            "replay wants",
            "[1,2]",
            "replay wants",
            "{\"epoch\":\"EPOCH\",\"from\":5,\"to\":2}",
            "lies before from",
            "{\"epoch\":\"EPOCH\",\"from\":1,\"to\":999999}",
            "ends at",
            "{\"epoch\":\"deadbeef\",\"from\":1,\"to\":2}",
            "there is no epoch deadbeef",
            " ".repeat(70_000),
            "at most 65536 bytes");
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      assertRefused(each.getKey(), each.getValue());
    }
    gateway.deliver(50);
  }

  private void assertRefused(String payload, String words) throws Exception {
    String sent = payload.replace("EPOCH", gateway.epoch());
    Launched answered =
        Launched.run(
            Map.of(),
            "mosquitto_rr",
            "-V",
            "5",
            "-W",
            "10",
            "-q",
            "1",
            "-p",
            "" + mosquitto.port(),
            "-t",
            "lingtan/v1/gw/cmd/replay",
            "-e",
            "lingtan/v1/gw/reply/replay/mine",
            "-m",
            sent);
    assertTrue(answered.out().startsWith("{\"ok\":false,\"error\":"), answered::toString);
    assertTrue(answered.out().contains(words), answered::toString);
    for (int i = 0; i < 100 && !gateway.told("command.refused"); i++) {
      assertTrue(i < 99, "no event");
      Thread.sleep(50);
    }
  }
}
