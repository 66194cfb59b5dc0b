package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Supervisor;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Waiter;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Child;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a service manager is told, heard on the socket that it gives. */
@RequiresTool("socat")
@Execution(ExecutionMode.CONCURRENT)
final class SupervisorIT {

  @TempDir Path folder;

  private static boolean heard(Child ear, String words) {
    try {
      return ear.output().contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void itIsToldOfReadinessLifeReloadAndEnd() throws Exception {
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        "gateway: told\nsite: {region: CN}\nstatus: {enabled: false}\nclock: {trust: [system]}\n");
    Site site = new SiteLoader().load(file).site();
    assertTrue(site != null);
    Path socket = folder.resolve("notify");
    try (Child ear =
        Child.start(
            folder.resolve("heard"),
            Map.of(),
            List.of("socat", "-u", "UNIX-RECV:" + socket, "STDOUT"))) {
      ear.await("the socket", 10, () -> Files.exists(socket));
      Supervisor supervisor =
          Supervisor.of(Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "300000"));
      RunningAgent agent =
          RunningAgent.start(
              site,
              new SystemTime(site.clock().trust()),
              Randomness.seeded(7),
              supervisor,
              LastGood.of(Map.of()),
              null);
      ear.await("readiness", 20, () -> heard(ear, "READY=1"));
      ear.await("life", 20, () -> heard(ear, "WATCHDOG=1"));
      ear.await("a word on how it is", 20, () -> heard(ear, "STATUS=told: 0 lines"));
      assertFalse(heard(ear, "RELOADING=1"));
      Files.writeString(file, "gateway: told\nlines: {}\n");
      agent.reload();
      ear.await("the reload", 20, () -> heard(ear, "RELOADING=1\nMONOTONIC_USEC="));
      ear.await("the refusal", 20, () -> heard(ear, "the site file is refused"));
      ear.await("its reason", 20, () -> heard(ear, "site.yaml:2"));
      assertFalse(heard(ear, "STOPPING=1"));
      assertTrue(agent.stop());
      ear.await("the end", 10, () -> heard(ear, "STOPPING=1"));
    }
  }

  @Test
  void oneStepThatHangsEndsTheWordsOfLife() throws Exception {
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: told
        site: {region: CN}
        lines:
          - id: hanging
            modbus-tcp: {host: 127.0.0.1}
            devices: [{id: gate, profile: eastron-sdm120, unit: 1}]
        status: {enabled: false}
        clock: {trust: [system]}
        """);
    Site site = new SiteLoader().load(file).site();
    assertTrue(site != null);
    Path socket = folder.resolve("notify");
    HangingChannel channel = new HangingChannel();
    try (Child ear =
        Child.start(
            folder.resolve("heard"),
            Map.of(),
            List.of("socat", "-u", "UNIX-RECV:" + socket, "STDOUT"))) {
      ear.await("the socket", 10, () -> Files.exists(socket));
      Supervisor supervisor =
          Supervisor.of(Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "300000"));
      RunningAgent agent =
          RunningAgent.start(
              site,
              new SystemTime(site.clock().trust()),
              Randomness.seeded(7),
              supervisor,
              Duration.ofSeconds(5),
              line -> channel);
      try {
        ear.await("life", 20, () -> heard(ear, "WATCHDOG=1"));
        channel.hangs = true;
        ear.await("the name of what hangs", 60, () -> heard(ear, "line hanging has not moved"));
        long words = lives(ear);
        Thread.sleep(1_500);
        assertEquals(words, lives(ear), "no word of life while one step hangs");
        channel.goOn.countDown();
        ear.await("life again", 20, () -> lives(ear) > words);
      } finally {
        channel.goOn.countDown();
        agent.stop();
      }
    }
  }

  /** One after the other they would take as long as all their patience together. */
  @Test
  void linesThatHangShareOnePatienceAndTheLedgerHasItsOwn() throws Exception {
    Path file = folder.resolve("site.yaml");
    StringBuilder text =
        new StringBuilder(
            """
            gateway: told
            site: {region: CN}
            status: {enabled: false}
            clock: {trust: [system]}
            lines:
            """);
    int lines = 4;
    for (int i = 0; i < lines; i++) {
      text.append(
          """
            - id: l%1$d
              modbus-tcp: {host: 127.0.0.1, port: %2$d}
              devices: [{id: d%1$d, profile: eastron-sdm120, unit: 1}]
          """
              .formatted(i, 1 + i));
    }
    Files.writeString(file, text);
    Site site = new SiteLoader().load(file).site();
    assertTrue(site != null);
    HangingChannel channel = new HangingChannel();
    channel.hangs = true;
    RunningAgent agent =
        RunningAgent.start(
            site,
            new SystemTime(site.clock().trust()),
            Randomness.seeded(7),
            Supervisor.of(Map.of()),
            Duration.ofSeconds(5),
            line -> channel);
    try {
      assertTrue(channel.waiting.await(20, TimeUnit.SECONDS));
      long began = System.nanoTime();
      assertFalse(agent.stop(), "a line has not ended");
      long took = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
      assertTrue(took < 20, () -> "it took " + took + " s");
    } finally {
      channel.goOn.countDown();
    }
    KeptRecords kept = new KeptRecords(folder.resolve("journal.db"));
    assertEquals(1, kept.events("agent.stop").size());
  }

  private static long lives(Child ear) {
    try {
      return ear.output().split("WATCHDOG=1", -1).length - 1L;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A driver that does not come back. */
  private static final class HangingChannel implements Channel {
    private final Waiter waiter = Waiter.parking();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch waiting = new CountDownLatch(4);
    private volatile boolean hangs;

    @Override
    public String where() {
      return "nowhere";
    }

    @Override
    public Opening open() {
      if (hangs) {
        waiting.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      return Opening.FAILED;
    }

    @Override
    public int send(ByteBuffer bytes) {
      return -1;
    }

    @Override
    public int receive(ByteBuffer into) {
      return -1;
    }

    @Override
    public Trouble trouble() {
      return new Trouble(Reason.TIMEOUT, new Sentence("it is a test's", "测试用"));
    }

    @Override
    public void close() {}

    @Override
    public Waiter waiter() {
      return waiter;
    }
  }

  @Test
  void withoutOneNothingIsTold() {
    assertFalse(Supervisor.of(Map.of()).isThere());
    assertFalse(Supervisor.of(Map.of("NOTIFY_SOCKET", "vsock:2:1")).isThere());
    Supervisor gone = Supervisor.of(Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString()));
    gone.tell("READY=1"); // is logged, and costs nothing
    assertTrue(gone.watchdog().isZero());
    Supervisor of =
        Supervisor.of(
            Map.of("NOTIFY_SOCKET", "@x", "WATCHDOG_USEC", "5000000", "WATCHDOG_PID", "1"));
    assertTrue(of.isThere() && of.watchdog().isZero());
  }
}
