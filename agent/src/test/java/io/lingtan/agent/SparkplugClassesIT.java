package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lingtan.testing.Child;
import io.lingtan.testing.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is not asked for costs no memory: the classes of the Sparkplug view. */
@Timeout(120)
final class SparkplugClassesIT {
  private static final String VIEW = "io.lingtan.agent.publish.sparkplug.";

  @TempDir Path folder;

  /** Classes of the view that an agent loads until it has been up for a while. */
  private List<String> loaded(String views) throws Exception {
    Path own = Files.createTempDirectory(folder, "agent");
    Path log = own.resolve("classes.log");
    Path site =
        Files.writeString(
            own.resolve("site.yaml"),
            """
            gateway: g1
            site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
            lines:
              - id: a
                modbus-tcp: {host: 127.0.0.1, port: %1$d}
                devices:
                  - {id: gate, profile: eastron-sdm630, unit: 1}
            metering:
              meters:
                - {id: grid, device: gate, role: grid, rated_kw: 60}
            mqtt: {servers: ["mqtt://127.0.0.1:%1$d"], views: [%2$s]}
            status: {listen: "127.0.0.1:0"}
            clock: {trust: [system]}
            """
                .formatted(Ports.free(), views));
    try (Child agent =
        Child.start(
            own.resolve("agent.out"),
            Map.of(),
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + log,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lingtan.agent.Main",
                "run",
                "--config",
                site.toString()))) {
      agent.await("its greeting", 60, () -> has(agent, "gateway g1"));
      agent.await("a try to connect", 60, () -> has(agent, "nobody listens there"));
      Thread.sleep(1000); // and what comes after it
      agent.stop(10);
    }
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.contains(VIEW)).toList();
    }
  }

  private static boolean has(Child agent, String word) {
    try {
      return agent.output().contains(word);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void noClassOfTheViewIsLoadedWhereItIsNotAskedFor() throws Exception {
    assertEquals(List.of(), loaded(""));
    assertEquals(List.of(), loaded("{kind: homeassistant}"));
    assertFalse(loaded("{kind: sparkplug, group: wuxi}").isEmpty());
  }
}
