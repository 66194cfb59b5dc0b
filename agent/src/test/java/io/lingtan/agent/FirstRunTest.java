package io.lingtan.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.command.ExitCode;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Json;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that was installed and told nothing yet. */
@SuppressWarnings({"NullAway", "unchecked"}) // a member that is not there fails the test by itself
final class FirstRunTest {

  @TempDir Path folder;
  private int port;

  private Site site(String more) throws IOException {
    port = Ports.free();
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: first
        site: {name: First, zone: Asia/Shanghai, region: CN-JS}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        %s
        """
            .formatted(port, more));
    var loaded = new SiteLoader().load(file);
    assertTrue(loaded.site() != null, loaded.problems().toString());
    return loaded.site();
  }

  private String get(String path) throws IOException {
    try (InputStream in = URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  private Map<String, Object> part(String name) throws IOException {
    return (Map<String, Object>) Json.object(get("/api/snapshot")).get(name);
  }

  private Map<String, Object> store() throws IOException {
    return part("store");
  }

  private RunningAgent start(Site site) {
    return RunningAgent.start(
        site, new SystemTime(site.clock().trust()), Randomness.seeded(20261127));
  }

  @Test
  void withoutLinesAndWithoutABrokerItRunsAndItsPageSaysWhatIsMissing() throws Exception {
    RunningAgent agent = start(site(""));
    try {
      String text = get("/text");
      assertTrue(text.contains("not configured, records are kept here alone"), text);
      assertTrue(text.contains("no lines: nothing is read yet"), text);
      assertTrue(text.contains(folder.resolve("site.yaml").toString()), text);
      assertEquals(false, part("uplink").get("configured"));
      get("/healthz"); // throws unless 200
      assertFalse(get("/metrics").contains("lingtan_uplink_"));
      assertTrue(get("/").contains("First"));
    } finally {
      assertTrue(agent.stop());
    }
  }

  @Test
  @Timeout(30)
  void whatWasKeptWithoutABrokerIsThereForTheFirstOne() throws Exception {
    RunningAgent without = start(site(""));
    while (store().get("last").toString().equals("0")) {
      Thread.sleep(20); // the surroundings end it
    }
    assertTrue(without.stop());
    RunningAgent with = start(site("mqtt: {servers: [\"mqtt://127.0.0.1:1\"]}"));
    try {
      assertEquals(true, part("uplink").get("configured"));
      Map<String, Object> store = store();
      assertEquals("0", store.get("acked").toString());
      // agent.start and agent.stop of the first run at least
      assertTrue(Long.parseLong(store.get("waiting").toString()) >= 2, store.toString());
    } finally {
      assertTrue(with.stop());
    }
  }

  @Test
  void commandsTakeSuchASiteFile() throws Exception {
    String file = site("").file().toString();
    assertEquals(ExitCode.GOOD, Main.execute("check", file));
    assertEquals(ExitCode.GOOD, Main.execute("check", "--here", file));
    for (List<String> words :
        List.of(
            List.of("scan", "--config", file, "--line", "a"),
            List.of("read", "--config", file, "meter"))) {
      assertEquals(ExitCode.WRONG_USAGE, Main.execute(words.toArray(String[]::new)));
    }
  }
}
