package io.lingtan.agent.wave;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.wave.SimulatedFleet.Gateway;
import io.lingtan.agent.wave.SimulatedFleet.Harm;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The centre's command, as a process of its own, against a thousand gateways and mosquitto. */
@Tag("campaign")
@Timeout(300)
@RequiresTool("mosquitto")
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class WaveIT {

  private static final int GATEWAYS = 1_000;

  /** Three in a hundred have another meter. */
  private static final List<String> RARE =
      IntStream.range(0, GATEWAYS)
          .filter(i -> i % 33 == 7)
          .limit(30)
          .mapToObj(WaveIT::name)
          .toList();

  /** A thousand gateways that sync their files on one slow disk are not what is tried. */
  private static final Path MEMORY = Path.of("/dev/shm");

  @TempDir static Path folder;
  private static Path memory;
  private static Mosquitto mosquitto;
  private static SimulatedFleet fleet;
  private static String site;
  private static int waves;

  private static String name(int i) {
    return "gw-%04d".formatted(i);
  }

  @BeforeAll
  static void open() throws Exception {
    memory =
        Files.isWritable(MEMORY)
            ? Files.createTempDirectory(MEMORY, "lingtan-wave-it-")
            : Files.createDirectory(folder.resolve("gateways"));
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("mosquitto")));
    Launched key = Launched.run(Map.of(), lingtan("key", path("fleet.key")));
    assertEquals(0, key.exit(), key::err);
    site =
        """
        site: {name: before, region: CN}
        lines: []
        mqtt: {servers: ["%s"]}
        journal: {max_size: 64MB}
        status: {enabled: false}
        clock: {trust: [system]}
        fleet: {key: %s, confirm: 5s, group: roofs}
        """
            .formatted(mosquitto.url(), key.out().strip());
    fleet =
        new SimulatedFleet(
            mosquitto.url(),
            memory,
            IntStream.range(0, GATEWAYS).mapToObj(WaveIT::name).toList(),
            site,
            name -> RARE.contains(name) ? "eastron-sdm630" : "sunspec");
  }

  @AfterAll
  static void close() throws Exception {
    fleet.close();
    mosquitto.close();
    try (Stream<Path> files = Files.walk(memory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static String[] lingtan(String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of("io.lingtan.agent.Main", "fleet"));
    command.addAll(List.of(words));
    return command.toArray(String[]::new);
  }

  /** A file with that name of the site, to be signed by the command. */
  private static String[] wave(String name, String... more) throws IOException {
    Path config =
        Files.writeString(
            folder.resolve("wave-" + ++waves + ".yaml"),
            site.replace("name: before", "name: " + name));
    List<String> words = new ArrayList<>(List.of("wave", "--broker", mosquitto.url(), "--json"));
    words.addAll(List.of("--state", path("wave-" + waves + ".json")));
    words.addAll(List.of("--config", config.toString(), "--fleet-key", path("fleet.key")));
    words.addAll(List.of("--wait", "60s"));
    words.addAll(List.of(more));
    return lingtan(words.toArray(String[]::new));
  }

  private static Launched run(String... command) throws Exception {
    return Launched.within(Duration.ofMinutes(4), Map.of(), command);
  }

  private static Map<?, ?> table(Launched done) throws IOException {
    return Json.object(done.out().strip());
  }

  private static long number(Map<?, ?> table, String name) {
    return ((Number) table.get(name)).longValue();
  }

  /** How many of the later waves nothing was published for. */
  private static long untouched(Map<?, ?> table) {
    return ((List<?>) table.get("gateways"))
        .stream()
            .map(Map.class::cast)
            .filter(one -> number(one, "wave") > 1)
            .filter(one -> one.get("state").equals("waiting") && !one.containsKey("why"))
            .count();
  }

  private static List<Gateway> running(String name) {
    return fleet.all().stream().filter(one -> says(one, "name: " + name + ",")).toList();
  }

  private static boolean says(Gateway one, String text) {
    try {
      return one.text().contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int published() {
    return fleet.all().stream().mapToInt(Gateway::documents).sum();
  }

  @Test
  void aThousandGatewaysTakeAChangeOnceWhoeverIsKilled() throws Exception {
    int before = published();
    List<Integer> changes = fleet.all().stream().map(Gateway::changes).toList();
    String[] command = wave("good", "--watch", "3s");
    for (int killedAt : List.of(1, 40, 500)) {
      try (Child killed =
          Child.start(folder.resolve("killed-" + killedAt + ".log"), Map.of(), List.of(command))) {
        killed.await("documents", 120, () -> published() - before >= killedAt);
        killed.kill();
      }
    }
    Launched done = run(command);
    assertEquals(0, done.exit(), done::toString);
    assertEquals(GATEWAYS, number(table(done), "applied"), done.out());
    assertEquals(GATEWAYS, running("good").size());
    for (int i = 0; i < GATEWAYS; i++) {
      assertEquals(changes.get(i) + 1, fleet.all().get(i).changes(), name(i));
    }
    // What was under way at a kill is sent once more, and nothing else is.
    assertTrue(
        published() - before <= GATEWAYS + 3 * 16, () -> published() - before + " documents");
    int after = published();
    Launched again = run(command);
    assertEquals(0, again.exit(), again::toString);
    assertEquals(after, published(), "all have it: nothing is published");
  }

  @Test
  void aChangeThatBreaksThreeInAHundredStopsInTheFirstWave() throws Exception {
    for (Harm harm : Harm.values()) {
      fleet.prone(RARE::contains);
      String[] command = wave(harm.name(), "--watch", "5s");
      Launched stopped = run(command);
      assertEquals(1, stopped.exit(), stopped::toString);
      Map<?, ?> table = table(stopped);
      System.out.println(harm + ": " + table.get("why"));
      assertEquals("stopped", table.get("state"), stopped.out());
      assertEquals(1, number(table, "wave"), stopped.out());
      assertEquals(1, number(table, "failed"), stopped.out());
      assertEquals(GATEWAYS - 10, untouched(table), stopped.out());
      // One that had not come to an end when the wave was stopped is taken back.
      assertEquals(
          GATEWAYS - 1, number(table, "waiting") + number(table, "applied"), stopped.out());
      assertTrue(running(harm.name()).size() <= 10, stopped::out);
      fleet.heal();
    }
  }

  /** Who is away is put off; more may fail; only those of a pattern. */
  @Test
  void aStoppedWaveGoesOnWhereMoreMayFail() throws Exception {
    fleet.prone(name -> name.equals("gw-0105"));
    String[] command =
        wave(Harm.CUTS_OFF + "-few", "--watch", "0s", "--gateways", "gw-010?", "--steps", "50,100");
    Launched stopped = run(command);
    Launched still = run(command);
    assertEquals(1, still.exit(), still::toString);
    assertEquals(table(stopped), table(still));
    List<String> more = new ArrayList<>(List.of(command));
    more.addAll(List.of("--failures", "1"));
    Launched done = run(more.toArray(String[]::new));
    assertEquals(1, stopped.exit(), stopped::toString);
    assertEquals(0, done.exit(), done::toString);
    assertEquals(9, number(table(done), "applied"), done.out());
    assertEquals(1, number(table(done), "failed"), done.out());
    assertEquals(9, running(Harm.CUTS_OFF + "-few").size());
    fleet.heal();
  }
}
