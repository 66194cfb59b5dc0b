package io.lingtan.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.SystemTime;
import io.lingtan.simulator.Main;
import io.lingtan.simulator.beside.WorkFolder;
import io.lingtan.testing.Captured;
import io.lingtan.testing.Child;
import io.lingtan.testing.RequiresTool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many gateways' real stages against mosquitto, which is restarted. */
@Timeout(240)
@RequiresTool({"mosquitto", "mosquitto_sub"})
final class FleetIT {
  /** A thousand journals on one slow disk are not what is tried. */
  private static final Path MEMORY = Path.of("/dev/shm");

  @TempDir private Path folder;
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  private FleetReport run(int gateways, long seconds, Storm storm) throws Exception {
    FleetOptions options =
        new FleetOptions(gateways, null, 0, null, null, 1, seconds, List.of(storm));
    PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    try (WorkFolder folder =
            WorkFolder.open(null, Files.isWritable(MEMORY) ? MEMORY : null, "lingtan-fleet-it-");
        Fleet fleet = Fleet.start(options, folder.path(), new SystemTime(List.of("system")), out)) {
      FutureTask<Child> listens =
          new FutureTask<>(() -> listen(folder.path().resolve("heard.txt")));
      Thread.ofVirtual().start(listens);
      FleetReport report = fleet.run();
      try (Child listening = listens.get()) {
        listening.stop(10);
        assertDescribed(listening.output(), gateways);
      }
      return report;
    }
  }

  /** Beside the fleet's own auditor, and back by itself after the restart. */
  private Child listen(Path heard) throws IOException, InterruptedException {
    Pattern address = Pattern.compile("connected to mqtt://127\\.0\\.0\\.1:(\\d+)");
    Matcher url = address.matcher(said.toString(StandardCharsets.UTF_8));
    while (!url.find()) {
      Thread.sleep(20);
      url = address.matcher(said.toString(StandardCharsets.UTF_8));
    }
    List<String> command = new ArrayList<>(List.of("mosquitto_sub", "-V", "5", "-q", "1"));
    command.addAll(List.of("-p", url.group(1), "-t", "lingtan/v1/#", "-F", "%t %p"));
    return Child.start(heard, Map.of(), command);
  }

  /** What gateways of the fleet publish is what any gateway does. */
  private static void assertDescribed(String heard, int gateways) throws IOException {
    Captured captured =
        Captured.of(heard.substring(0, heard.lastIndexOf('\n') + 1).lines().toList());
    assertEquals(List.of(), captured.problems());
    assertTrue(captured.count("data") >= gateways, () -> "data of " + captured.count("data"));
    assertTrue(captured.count("meta") >= gateways, () -> "meta of " + captured.count("meta"));
    assertTrue(captured.count("store") >= gateways, () -> "store of " + captured.count("store"));
  }

  private static void assertComplete(FleetReport report, int gateways, long seconds) {
    assertTrue(report.isGood(), report::text);
    assertEquals(gateways, report.numbered().size());
    // One a second and the events of start and outage; a second of leeway at each end.
    for (long numbered : report.numbered().values()) {
      assertTrue(numbered >= seconds - 1, report::text);
    }
    assertEquals(2L * gateways, report.connects(), report::text);
    assertTrue(report.reconnects().getFirst().allMillis() >= 0, report::text);
  }

  @Test
  void everyRecordOfTwentyGatewaysOutlivesARestartOfTheBroker() throws Exception {
    FleetReport report = run(20, 8, new Storm(3, 1));
    assertComplete(report, 20, 8);
    assertTrue(report.text().contains("COMPLETE"), report::text);
    assertTrue(
        report.costs().stream().allMatch(cost -> cost.known() && cost.peakBytes() > 1_000_000),
        report::text);
    assertEquals(
        report.numbered().values().stream().mapToLong(Long::longValue).sum(),
        report.audit().objects("gateways").stream().mapToLong(g -> g.number("received", 0)).sum());
  }

  /** Measured with a hundred gateways and two busy cores: 1.2 s. */
  @Test
  void aFleetEndsSoonWhenItIsAskedTo() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of(Main.class.getName(), "fleet", "--gateways", "3", "--storm", "none"));
    try (Child fleet = Child.start(folder.resolve("fleet.log"), Map.of(), command)) {
      fleet.await("three gateways", 90, () -> prints(fleet, "3 gateways are connected"));
      new ProcessBuilder("kill", "-INT", Long.toString(fleet.pid())).start().waitFor();
      assertEquals(130, fleet.join(3), fleet.output());
      assertTrue(prints(fleet, "ended early"), fleet.output());
    }
  }

  private static boolean prints(Child child, String words) {
    try {
      return child.output().contains(words);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @Tag("campaign")
  void everyRecordOfAThousandGatewaysOutlivesARestartOfTheBroker() throws Exception {
    FleetReport report = run(1_000, 40, new Storm(15, 5));
    assertComplete(report, 1_000, 40);
  }
}
