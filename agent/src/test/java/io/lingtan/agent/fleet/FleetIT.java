package io.lingtan.agent.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.Sha256;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway as a process of its own, its broker, and the centre's commands, as people use them. */
@Timeout(300)
@RequiresTool({"mosquitto", "mosquitto_sub", "mosquitto_pub"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class FleetIT {

  /** Kills at random moments; {@code -Dfleet.rounds=100} for more. */
  private static final int ROUNDS = Integer.getInteger("fleet.rounds", 3);

  private static final long SEED = Long.getLong("fleet.seed", 20261129);

  @TempDir Path folder;
  private final List<Child> children = new ArrayList<>();
  private Mosquitto mosquitto;
  private Child heard;
  private Child agent;
  private Path file;
  private String site;

  @BeforeEach
  void open() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("mosquitto")));
    heard = tool("heard", "mosquitto_sub", "-V", "5", "-t", "lingtan/v1/#", "-F", "%t %p");
    Launched key = command("fleet", "key", folder.resolve("fleet.key").toString());
    assertEquals(0, key.exit(), key.err());
    file = Files.createDirectory(folder.resolve("etc")).resolve("site.yaml");
    site =
        """
        gateway: gw
        site: {name: one, region: CN}
        lines: []
        mqtt: {servers: ["%s"], spread: 0s}
        journal: {path: ../journal.db, max_size: 64MB}
        status: {enabled: false}
        clock: {trust: [system]}
        fleet: {key: %s, confirm: 5s}
        """
            .formatted(mosquitto.url(), key.out().strip());
    Files.writeString(file, site);
  }

  @AfterEach
  void close() {
    children.reversed().forEach(Child::close);
    mosquitto.close();
  }

  private Child tool(String name, String... command) throws IOException {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(1, List.of("-h", "127.0.0.1", "-p", String.valueOf(mosquitto.port())));
    Child child = Child.start(folder.resolve(name + ".log"), Map.of(), words);
    children.add(child);
    return child;
  }

  private static List<String> lingtan(String... words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.lingtan.agent.Main"));
    command.addAll(List.of(words));
    return command;
  }

  private static Launched command(String... words) throws Exception {
    return Launched.run(Map.of(), lingtan(words).toArray(String[]::new));
  }

  private void start() throws IOException {
    agent =
        Child.start(
            folder.resolve("agent-" + children.size() + ".log"),
            Map.of("STATE_DIRECTORY", folder.toString()),
            lingtan("run", "--config", file.toString()));
    children.add(agent);
  }

  private Path signed(long serial, String text, String... more) throws Exception {
    Path next = Files.writeString(folder.resolve("new.yaml"), text);
    List<String> words =
        new ArrayList<>(List.of("fleet", "sign", "--key", folder.resolve("fleet.key").toString()));
    words.addAll(List.of("--gateway", "gw", "--config", next.toString()));
    words.addAll(List.of("--serial", String.valueOf(serial)));
    words.addAll(List.of(more));
    Launched document = command(words.toArray(String[]::new));
    assertEquals(0, document.exit(), document.err());
    return Files.writeString(folder.resolve("document-" + serial + ".json"), document.out());
  }

  private void publish(Path document) throws Exception {
    Launched sent =
        Launched.run(
            Map.of(),
            "mosquitto_pub",
            "-h",
            "127.0.0.1",
            "-p",
            String.valueOf(mosquitto.port()),
            "-V",
            "5",
            "-q",
            "1",
            "-r",
            "-t",
            "lingtan/v1/gw/desired/config",
            "-f",
            document.toString());
    assertEquals(0, sent.exit(), sent.err());
  }

  /** What the gateway said last. */
  private Map<?, ?> reported() {
    try {
      String last =
          heard
              .output()
              .lines()
              .filter(line -> line.startsWith("lingtan/v1/gw/reported {"))
              .reduce("", (one, other) -> other);
      return last.isEmpty()
          ? Map.of()
          : (Map<?, ?>) Json.object(last.substring(last.indexOf('{'))).get("config");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isReported(long serial, String... states) {
    Map<?, ?> said = reported();
    return said.get("serial") instanceof Number number
        && number.longValue() == serial
        && List.of(states).contains(said.get("state"));
  }

  private void await(long serial, String... states) throws Exception {
    heard.await(
        "serial " + serial + " " + List.of(states) + ", not " + reported(),
        60,
        () -> isReported(serial, states));
  }

  private String hash() throws IOException {
    return Sha256.hex(Files.readAllBytes(file));
  }

  private String bad() {
    return site.replace(mosquitto.url(), "mqtt://127.0.0.1:1");
  }

  @Test
  void aGoodChangeIsMadeAndABadOneUndoesItself() throws Exception {
    String two = site.replace("name: one", "name: two");
    publish(signed(1, two, "--base", hash()));
    start();
    await(1, "applied");
    assertEquals(two, Files.readString(file));
    assertEquals(site, Files.readString(file.resolveSibling("site.yaml.1")));

    publish(signed(2, bad()));
    heard.await("the change", 30, () -> isText(bad()));
    await(2, "put_back");
    assertEquals(two, Files.readString(file));
    assertEquals(hash(), reported().get("hash"));
    assertTrue(reported().get("why").toString().contains("nobody listens"), reported()::toString);

    publish(signed(1, site));
    await(1, "refused");
    assertEquals(two, Files.readString(file));
    publish(signed(3, two.replace("64MB", "65MB")));
    await(3, "refused");
    assertTrue(reported().get("why").toString().contains("journal"), reported()::toString);

    // What is larger than a gateway takes comes as far as it, and changes nothing of what it says:
    // nobody has signed it who may.
    publish(
        Files.writeString(
            folder.resolve("large.json"), "{\"body\":\"" + "x".repeat(300_000) + "\"}"));
    agent.await("too large", 30, () -> isLogged("at most 262144"));
    assertTrue(isReported(3, "refused"), reported()::toString);
    String whole = two + "# " + "y".repeat(200_000) + "\n";
    publish(signed(4, whole));
    await(4, "applied");
    assertEquals(whole, Files.readString(file));

    Launched status = command("fleet", "status", "--broker", mosquitto.url());
    assertEquals(0, status.exit(), status.err());
    assertTrue(
        status.out().matches("(?s)gateway .*\ngw +" + hash().substring(0, 12) + " +4 +applied.*"),
        status.out());
    Launched json = command("fleet", "status", "--broker", mosquitto.url(), "--json");
    assertTrue(json.out().contains("\"hash\":\"" + hash() + "\",\"serial\":4"), json.out());
    assertEquals(0, agent.stop(45), agent.output());
    for (String event :
        List.of(
            "\"config.confirmed\",\"severity\":\"info\",\"detail\":{\"serial\":1,",
            "\"config.put_back\",\"severity\":\"warning\",\"detail\":{\"serial\":2,",
            "\"config.remote_refused\",\"severity\":\"warning\",\"detail\":{\"reason\":\"old_serial",
            "\"config.remote_refused\",\"severity\":\"warning\",\"detail\":{\"reason\":\"protected",
            "\"config.remote_refused\",\"severity\":\"warning\",\"detail\":{\"reason\":\"too_large")) {
      assertTrue(heard.output().contains(event), event);
    }
  }

  private boolean isLogged(String text) {
    try {
      return agent.output().contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isText(String text) {
    try {
      return Files.readString(file).equals(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As from a copy of it that was made after the first of three documents. */
  @Test
  void aRestoredCardObeysNoOldDocumentHoweverOftenItStarts() throws Exception {
    start();
    publish(signed(1, site + "# 1\n"));
    await(1, "applied");
    Path note = file.resolveSibling("site.yaml.fleet");
    byte[] noteThen = Files.readAllBytes(note);
    publish(signed(2, site + "# 2\n"));
    await(2, "applied");
    publish(signed(3, site + "# 3\n"));
    await(3, "applied");
    assertEquals(0, agent.stop(45), agent.output());
    Files.write(note, noteThen);
    Files.writeString(file, site + "# 1\n");
    publish(folder.resolve("document-2.json"));
    for (int round = 0; round < 2; round++) {
      start();
      agent.await("its refusal", 60, () -> isLogged("is below 3"));
      await(2, "refused");
      assertEquals(3, ((Number) reported().get("obeyed")).longValue(), reported()::toString);
      assertTrue(isText(site + "# 1\n"));
      assertEquals(0, agent.stop(45), agent.output());
    }
    publish(folder.resolve("document-3.json"));
    start();
    await(3, "applied");
    assertTrue(isText(site + "# 3\n"));
    assertEquals(0, agent.stop(45), agent.output());
  }

  @Test
  void killsBetweenAnyTwoStepsEndInOneFileOrTheOther() throws Exception {
    System.out.println("fleet.seed " + SEED);
    Random random = new Random(SEED);
    String good = site;
    start();
    heard.await("the gateway", 60, () -> !reported().isEmpty());
    for (int round = 1; round <= ROUNDS; round++) {
      boolean isBad = round % 3 != 2;
      String wanted = isBad ? bad() + "# " + round + "\n" : site + "# " + round + "\n";
      publish(signed(round, wanted));
      if (random.nextBoolean()) {
        heard.await("the change", 30, () -> isText(wanted));
      }
      Thread.sleep(random.nextInt(1500));
      agent.kill();
      assertTrue(isText(good) || isText(wanted), "round " + round);
      start();
      await(round, isBad ? "put_back" : "applied");
      good = isBad ? good : wanted;
      assertEquals(good, Files.readString(file), "round " + round);
      assertEquals(hash(), reported().get("hash"));
    }
    assertEquals(0, agent.stop(45), agent.output());
  }

  @Test
  void aGatewayThatCannotStartWithAChangeStartsWithoutIt() throws Exception {
    start();
    heard.await("the gateway", 60, () -> !reported().isEmpty());
    Path feed = Files.writeString(folder.resolve("etc/feed.csv"), "date,bus,km\n2026-06-18,b1,1\n");
    publish(signed(1, bad() + "carbon: {feeds: [feed.csv], factors: [cn-fuels]}\n"));
    heard.await(
        "the change",
        30,
        () -> isText(bad() + "carbon: {feeds: [feed.csv], factors: [cn-fuels]}\n"));
    agent.kill();
    Files.delete(feed);
    Files.createDirectory(feed);
    start();
    await(1, "put_back");
    assertEquals(site, Files.readString(file));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("fleet.key"))));
  }
}
