package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.gpio.ChipLook;
import io.lingtan.agent.desk.CheckFinding;
import io.lingtan.agent.desk.PortCheck;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that runs excuses what it has itself, and nothing else that is taken. */
final class HereCheckTest {

  @TempDir Path folder;

  private Site site(int push, int page) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: here-test
            site: {region: CN-JS}
            lines:
              - id: ingest
                coap-server: {listen: "127.0.0.1:%d"}
                devices:
                  - {id: tank, profile: senml}
            mqtt: {servers: ["mqtt://127.0.0.1:1"]}
            journal: {path: journal.db, max_size: 64MB}
            status: {listen: "127.0.0.1:%d"}
            clock: {trust: [system]}
            """
                .formatted(push, page));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private static CheckFinding.Mark markOf(String what, Site site, Site agents)
      throws InterruptedException {
    HereCheck check = new HereCheck(site, new AgentHere(77, agents), PortCheck.here());
    List<CheckFinding.Mark> marks =
        check.run().stream()
            .filter(each -> each.what().equals(what))
            .map(CheckFinding::mark)
            .distinct()
            .toList();
    return marks.isEmpty() ? CheckFinding.Mark.GOOD : marks.getFirst();
  }

  @Test
  void aBusyPortIsExcusedOnlyWhereTheAgentHasIt() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (DatagramSocket push = new DatagramSocket(0, loopback);
        ServerSocket page = new ServerSocket(0, 5, loopback)) {
      Site wanted = site(push.getLocalPort(), page.getLocalPort());
      assertEquals(CheckFinding.Mark.GOOD, markOf("line ingest", wanted, wanted));
      assertEquals(CheckFinding.Mark.GOOD, markOf("status page", wanted, wanted));
      Site before = site(1, 2);
      assertEquals(CheckFinding.Mark.BAD, markOf("line ingest", wanted, before));
      assertEquals(CheckFinding.Mark.BAD, markOf("status page", wanted, before));
    }
  }

  @Test
  void anInputIsOursByTheNameThatTheAgentGaveIt() {
    assertTrue(new ChipLook.Input("water", "GPIO17 (pin 11)", true, "'lingtan water'").isOurs());
    assertFalse(new ChipLook.Input("water", "GPIO17 (pin 11)", true, "'spi0 CS1'").isOurs());
  }
}
