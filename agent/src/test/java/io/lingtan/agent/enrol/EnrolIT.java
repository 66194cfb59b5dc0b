package io.lingtan.agent.enrol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From a sticker to the first acknowledged record and beyond, with what is shipped: the app folder,
 * the authority, the EST server, mosquitto's configuration and the package's own site file.
 */
@Timeout(300)
@RequiresTool({"mosquitto", "mosquitto_sub", "openssl", "python3"})
final class EnrolIT {

  private static final Path LINGTAN = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();
  private static final Path CONFIG = Path.of("../config").toAbsolutePath().normalize();

  /** Two minutes, in a sixth of the time: two thirds are over after 13 s. */
  private static final int LEAST_LIFE = Integer.getInteger("enrol.life", 20);

  /** How often the program starts and ends before a certificate does: on a busy machine as well. */
  private static final int STARTS_OF_A_LIFE = 10;

  @TempDir Path folder;
  private final List<Child> children = new ArrayList<>();
  private Mosquitto broker;
  private Path authority;
  private Path site;
  private int est;
  private int life;
  private int restarted;

  @BeforeEach
  void aCentre() throws Exception {
    authority = folder.resolve("authority");
    run(ca(), "init", authority.toString(), "127.0.0.1");
    run(ca(), "est", authority.toString(), "127.0.0.1");
    run(ca(), "central", authority.toString(), "archive");
    List<String> lines = new ArrayList<>();
    for (String line :
        Files.readAllLines(CONFIG.resolve("central/mosquitto.conf"), StandardCharsets.UTF_8)) {
      if (!line.startsWith("listener") && !line.startsWith("max_queued_messages")) {
        lines.add(line.replace("/etc/mosquitto/lingtan/", authority + "/"));
      }
    }
    broker =
        Mosquitto.start(
            Files.createDirectory(folder.resolve("mosquitto")), lines.toArray(String[]::new));
    est = Ports.free();
    long began = System.nanoTime();
    run(LINGTAN.toString(), "--version");
    life = Math.max(LEAST_LIFE, (int) ((System.nanoTime() - began) * STARTS_OF_A_LIFE / 1e9));
    child(
            "est",
            List.of(
                CONFIG.resolve("central/est.py").toString(),
                "serve",
                authority.toString(),
                "--listen",
                "127.0.0.1:" + est,
                "--life",
                life + "s"))
        .await("the EST server", 10, () -> Ports.answers(est));
    site = gateway("etc");
  }

  /** What the package installs, but for the folders and a page. */
  private Path gateway(String name) throws IOException {
    Path etc = Files.createDirectory(folder.resolve(name));
    return Files.writeString(
        etc.resolve("site.yaml"),
        Files.readString(CONFIG.resolve("deploy/site.yaml"))
            .replace("/var/lib/lingtan", etc + "/var")
            .replaceAll("(?m)^status:.*$", "status: {enabled: false}\nclock: {trust: [system]}"));
  }

  @AfterEach
  void close() {
    children.reversed().forEach(Child::close);
    broker.close();
  }

  private static String ca() {
    return CONFIG.resolve("central/ca.sh").toString();
  }

  private static String run(String... command) throws Exception {
    Launched done = Launched.run(Map.of(), command);
    assertEquals(0, done.exit(), done::toString);
    return done.out().strip();
  }

  private Child child(String name, List<String> command) throws IOException {
    Child child =
        Child.start(folder.resolve(name + ".log"), Map.of("PYTHONUNBUFFERED", "1"), command);
    children.add(child);
    return child;
  }

  private String sticker(String... whose) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                CONFIG.resolve("central/est.py").toString(),
                "token",
                authority.toString(),
                "--est",
                "127.0.0.1:" + est,
                "--broker",
                "127.0.0.1:" + broker.port()));
    words.addAll(List.of(whose));
    return run(words.toArray(String[]::new));
  }

  private Launched enrol(Path where, String text) throws Exception {
    return Launched.run(Map.of(), LINGTAN.toString(), "enroll", "--config", where.toString(), text);
  }

  private Path certificate() {
    return site.resolveSibling("tls/gateway.pem");
  }

  private static boolean is(Child child, String text) {
    try {
      return child.output().contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isAcknowledged(Child heard) {
    try {
      return Pattern.compile("wx-001/store .*\"acked\":[1-9]").matcher(heard.output()).find();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it logs from now on is of the time after. */
  private void restartBroker() throws Exception {
    broker.stop();
    restarted = broker.log().length();
    broker.restart();
  }

  private boolean isLogged(String text) {
    try {
      return broker.log().substring(restarted).contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BooleanSupplier ended(String certificate) {
    return () -> {
      try {
        return Launched.run(
                    Map.of(), "openssl", "x509", "-in", certificate, "-noout", "-checkend", "0")
                .exit()
            != 0;
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    };
  }

  @Test
  void aStickerMakesAGatewayThatRenewsItsCertificateUntilThatIsRevoked() throws Exception {
    Child heard =
        child(
            "heard",
            List.of(
                "mosquitto_sub",
                "-V",
                "5",
                "-h",
                "127.0.0.1",
                "-p",
                "" + broker.port(),
                "--cafile",
                authority.resolve("ca.pem").toString(),
                "--cert",
                authority.resolve("archive.pem").toString(),
                "--key",
                authority.resolve("archive.key").toString(),
                "-t",
                "lingtan/v1/+/store",
                "-t",
                "lingtan/v1/+/event",
                "-F",
                "%t %p"));
    String text = sticker("--next", "wx-{:03d}");
    String before = Files.readString(site);
    String others = text.replaceFirst("pin=.{43}", "pin=" + "A".repeat(43));
    Launched spoofed = enrol(site, others);
    assertEquals(1, spoofed.exit(), spoofed::toString);
    assertTrue(spoofed.err().contains("not the server that is meant"), spoofed::toString);
    assertEquals(before, Files.readString(site));
    assertFalse(Files.exists(certificate()));

    // The answer came and could not be kept, as on a full card: the same sticker goes on.
    Path inTheWay =
        Files.createDirectories(certificate().resolveSibling("gateway.pem.new").resolve("full"));
    Launched cut = enrol(site, text);
    assertEquals(1, cut.exit(), cut::toString);
    assertTrue(cut.err().contains("the same sticker can be tried again"), cut::toString);
    assertEquals(before, Files.readString(site));
    Files.delete(inTheWay);
    Files.delete(inTheWay.getParent());

    Launched done = enrol(site, text);
    assertEquals(0, done.exit(), done::toString);
    assertTrue(done.out().startsWith("gateway wx-001 has a certificate"), done::toString);
    assertEquals(
        "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(certificate())));
    assertFalse(Files.exists(Enrolment.pending(certificate())));
    Path first = Files.copy(certificate(), folder.resolve("first.pem"));
    Child agent = child("agent", List.of(LINGTAN.toString(), "run", "--config", site.toString()));
    heard.await("the first acknowledged record", life, () -> isAcknowledged(heard));

    // A token is good for one key, and the gateway that asks with another changes nothing.
    Launched twice = enrol(gateway("other"), text);
    assertEquals(1, twice.exit(), twice::toString);
    assertTrue(twice.err().contains("has been used for another key"), twice::toString);

    agent.await("the renewal", 2 * life + 20, () -> is(heard, "uplink.renewed"));
    assertNotEquals(
        run("openssl", "x509", "-in", first.toString(), "-noout", "-pubkey"),
        run("openssl", "x509", "-in", certificate().toString(), "-noout", "-pubkey"));
    agent.await("the end of the first", 2 * life + 20, ended(first.toString()));
    restartBroker();
    agent.await("a connection after that", 30, () -> isLogged("as wx-001"));

    String unused = sticker("--gateway", "wx-001");
    run(ca(), "revoke", authority.toString(), "wx-001");
    Launched late = enrol(gateway("late"), unused);
    assertEquals(1, late.exit(), late::toString);
    assertTrue(late.err().contains("no such token"), late::toString);
    restartBroker();
    agent.await("the refusal", 30, () -> isLogged("certificate verify failed"));
    agent.await("no renewal of it", 30, () -> is(agent, "the certificate is revoked"));
    assertFalse(isLogged("as wx-001"), agent.output() + broker.log());
    assertEquals(0, agent.stop(45), agent.output());
    String[] given = authority.resolve("issued").toFile().list();
    assertArrayEquals(new String[] {"wx-001"}, given, "nobody else was given a certificate");
  }
}
