package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.AgentPage;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
}
