package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.AgentPage;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.seal.KeyFile;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.agent.status.access.Pass;
import io.lingtan.agent.status.access.PinFile;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page whose port somebody else has when the agent starts. */
final class LatePageIT {

  @TempDir Path folder;

  private Site site(int port) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: late-page
            site: {region: CN-JS}
            lines: []
            journal: {path: journal.db, max_size: 64MB}
            status: {listen: "127.0.0.1:%d"}
            clock: {trust: [system]}
            """
                .formatted(port));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  @Test
  void itOpensOnceThePortIsFree() throws Exception {
    RunningAgent agent;
    Site site;
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      site = site(other.getLocalPort());
      agent = RunningAgent.start(site, new SystemTime(List.of("system")), Randomness.seeded(1));
      assertTrue(agent.greeting().contains("no status page yet"), agent::greeting);
    }
    try {
      AgentPage page = AgentPage.of(site);
      long until = System.nanoTime() + 30_000_000_000L;
      while (!page.isOf("late-page") && System.nanoTime() < until) {
        Thread.sleep(100);
      }
      assertTrue(page.isOf("late-page"), "it is tried again each 5 s");
      assertTrue(agent.greeting().contains("page http://127.0.0.1:"), agent::greeting);
    } finally {
      agent.stop();
    }
  }

  @Test
  void whatCouldNotBeWrittenAtTheStartIsOnTheCardOnceItCanBe() throws Exception {
    Path secrets = Files.writeString(folder.resolve("secrets"), "a file where a folder should be");
    Path pass = folder.resolve("journal.db.pass");
    Files.createDirectories(pass.resolve("in the way"));
    Site site = site(Ports.free());
    RunningAgent agent = start(site);
    try {
      assertTrue(events(site).contains("key_not_kept"), () -> "it goes on without");
      Files.delete(secrets);
      Files.delete(pass.resolve("in the way"));
      Files.delete(pass);
      await(() -> events(site).contains("agent.secrets_kept"));
      String key = new KeyFile(secrets.resolve("signing.key"), Machine.identity()).published().x();
      assertTrue(events(site).contains(key), "the key in memory is the one that is kept");
      assertTrue(
          new PinFile(secrets.resolve("pin"), Machine.identity()).published().matches("\\d{6}"));
      assertEquals(site.status().port(), Pass.read(pass).port());
    } finally {
      agent.stop();
    }
    RunningAgent again = start(site);
    try {
      assertEquals(2, events(site).split("\"event\":\"chain.start\"", -1).length);
    } finally {
      again.stop();
    }
  }

  private static RunningAgent start(Site site) {
    return RunningAgent.start(site, new SystemTime(List.of("system")), Randomness.seeded(1));
  }

  private static String events(Site site) {
    URI page = URI.create("http://127.0.0.1:" + site.status().port() + "/api/events");
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return e.toString();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < until, "not within 30 s");
      Thread.sleep(100);
    }
  }
}
