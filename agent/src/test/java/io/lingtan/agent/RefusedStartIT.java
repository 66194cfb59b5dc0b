package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A service whose site file is refused, as a process with the folders that systemd gives it. */
@Timeout(180)
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class RefusedStartIT {

  @TempDir Path folder;
  private Path file;
  private int port;
  private Map<String, String> environment;

  @BeforeEach
  void write() throws IOException {
    port = Ports.free();
    file = Files.createDirectory(folder.resolve("etc")).resolve("site.yaml");
    Path state = Files.createDirectory(folder.resolve("state"));
    Path run = Files.createDirectory(folder.resolve("run"));
    environment = Map.of("STATE_DIRECTORY", state.toString(), "RUNTIME_DIRECTORY", run.toString());
    Files.writeString(
        file,
        """
        gateway: refused-start
        site: {region: CN}
        lines: []
        journal: {path: ../state/journal.db, max_size: 64MB}
        status: {listen: "127.0.0.1:%d"}
        clock: {trust: [system]}
        """
            .formatted(port));
  }

  private Child start(String name, Map<String, String> more) throws IOException {
    return Child.start(
        folder.resolve(name + ".log"),
        more,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "io.lingtan.agent.Main",
            "run",
            "--config",
            file.toString()));
  }

  private Map<?, ?> config() throws IOException {
    try (InputStream in =
        URI.create("http://127.0.0.1:" + port + "/api/snapshot").toURL().openStream()) {
      return (Map<?, ?>)
          Json.object(new String(in.readAllBytes(), StandardCharsets.UTF_8)).get("config");
    }
  }

  private Launched reload(Child agent) throws Exception {
    return Launched.run(
        Map.of(
            "MAINPID",
            String.valueOf(agent.pid()),
            "RUNTIME_DIRECTORY",
            environment.get("RUNTIME_DIRECTORY")),
        "sh",
        "src/main/deb/reload.sh");
  }

  @Test
  void itStartsByTheFileThatWasInUseLastAndSaysSo() throws Exception {
    String good = Files.readString(file);
    Path kept = folder.resolve("state/site.last-good.yaml");
    try (Child agent = start("good", environment)) {
      agent.await("the page", 60, () -> Ports.answers(port));
      assertEquals(good, Files.readString(kept));
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)));
      assertEquals(0, reload(agent).exit());
      Files.writeString(file, good + "lines: {}\n");
      Launched refused = reload(agent);
      assertEquals(1, refused.exit(), refused::toString);
      assertTrue(refused.err().contains("site.yaml:"), refused::toString);
      assertEquals(good, Files.readString(kept), "what is refused was never in use");
      assertEquals(0, agent.stop(45), agent.output());
    }
    try (Child agent = start("again", environment)) {
      agent.await("the page", 60, () -> Ports.answers(port));
      assertTrue(
          agent.output().contains("with the site file that was in use last"), agent.output());
      assertTrue(config().get("refused").toString().contains("site.yaml:"), config()::toString);
      Files.writeString(file, good.replace("region: CN", "region: CN-JS"));
      Launched mended = reload(agent);
      assertEquals(0, mended.exit(), mended::toString);
      assertFalse(config().containsKey("refused"));
      assertEquals(Files.readString(file), Files.readString(kept));
      assertEquals(0, agent.stop(45), agent.output());
    }
    KeptRecords records = new KeptRecords(folder.resolve("state/journal.db"));
    assertEquals(2, records.events("config.refused").size(), "one of the reload, one of the start");
  }

  @Test
  void byHandARefusedFileIsWrongUsage() throws Exception {
    Files.writeString(file, "gateway: [\n");
    try (Child agent = start("hand", Map.of())) {
      assertEquals(2, agent.join(60), agent.output());
    }
    try (Child agent = start("first", environment)) {
      assertEquals(2, agent.join(60), "nothing was ever in use");
    }
  }
}
