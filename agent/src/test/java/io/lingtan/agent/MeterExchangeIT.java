package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Child;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A meter that nobody here wrote gets another serial number: another meter is in its place. */
@RequiresTool("python3")
final class MeterExchangeIT {

  private static final String PYTHON = "/usr/bin/python3";

  @TempDir Path folder;
  private int page;
  private @Nullable Child running;

  private Site site(int port) throws IOException {
    page = Ports.free();
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: exchange-test
            site: {region: CN-JS}
            lines:
              - id: roof
                modbus-tcp: {host: 127.0.0.1, port: %d, timeout: 300ms}
                devices:
                  - {id: gate, profile: eastron-sdm630, unit: 1, every: 200ms, record: 1s}
            mqtt: {servers: ["mqtt://127.0.0.1:%d"]}
            journal: {path: journal.db, max_size: 64MB}
            status: {listen: "127.0.0.1:%d"}
            clock: {trust: [system]}
            """
                .formatted(port, Ports.free(), page));
    return Objects.requireNonNull(new SiteLoader().load(file).site());
  }

  private static RunningAgent start(Site site) {
    return RunningAgent.start(site, new SystemTime(List.of("system")), Randomness.system());
  }

  @AfterEach
  void endTheMeter() {
    Child left = running;
    if (left != null) {
      left.close();
    }
  }

  private Child meter(int port, Path serial) throws IOException {
    Path script = folder.resolve("pymodbus_meter.py");
    try (InputStream in = getClass().getResourceAsStream("acquire/pymodbus_meter.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    Child started =
        Child.start(
            folder.resolve("meter.log"),
            Map.of("METER_SERIAL", serial.toString()),
            List.of(PYTHON, script.toString(), "tcp", Integer.toString(port), "1"));
    running = started;
    return started;
  }

  /** The events that the agent has kept, one to a line. */
  private String events() {
    try (ZipInputStream zip =
        new ZipInputStream(
            URI.create("http://127.0.0.1:" + page + "/api/bundle").toURL().openStream())) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals("events.ndjson")) {
          return new String(zip.readAllBytes(), StandardCharsets.UTF_8);
        }
      }
    } catch (IOException e) {
      return "";
    }
    return "";
  }

  private long exchanges() {
    return events().lines().filter(line -> line.contains("meter.exchange")).count();
  }

  /** Whether it is told; the page may be busy at any one moment. */
  private boolean isTold(String before, String after) {
    return events().contains("\"old_serial\":\"" + before + "\",\"new_serial\":\"" + after + "\"");
  }

  private String identity() {
    try (InputStream in =
        URI.create("http://127.0.0.1:" + page + "/api/snapshot").toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void isNoticedAfterASilenceAndAfterTheAgentWasAway() throws Exception {
    Path serial = Files.writeString(folder.resolve("serial.txt"), "1001");
    int port = Ports.free();
    Site site = site(port);
    Child meter = meter(port, serial);
    meter.await("pymodbus to listen", 20, () -> Ports.answers(port));
    RunningAgent agent = start(site);
    try {
      meter.await("the serial number", 20, () -> identity().contains("1001"));
      // Somebody takes it down and puts another one up.
      meter.kill();
      Files.writeString(serial, "2002");
      meter = meter(port, serial);
      meter.await("an exchange", 40, () -> isTold("1001", "2002"));
    } finally {
      assertTrue(agent.stop());
    }
    agent = start(site);
    try {
      meter.await("the same meter again", 20, () -> identity().contains("2002"));
      meter.await("one exchange: a start is none", 20, () -> exchanges() == 1);
    } finally {
      assertTrue(agent.stop());
    }
    Files.writeString(serial, "3003");
    agent = start(site);
    try {
      meter.await("the exchange while it was away", 20, () -> isTold("2002", "3003"));
      meter.await("both, and no third", 20, () -> exchanges() == 2);
    } finally {
      assertTrue(agent.stop());
    }
  }
}
