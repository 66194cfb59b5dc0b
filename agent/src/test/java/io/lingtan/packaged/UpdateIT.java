package io.lingtan.packaged;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.fleet.FleetDocument;
import io.lingtan.agent.fleet.FleetDocument.Software;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Sha256;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fresh package on a Debian with systemd: it enrols by what its sticker says, and then takes
 * versions from afar: a good one, one that does not start, one during which the power fails, and
 * what nobody signed who may. A broker, an EST server and a web server are all that the machine
 * sees of the world.
 */
@Tag("campaign")
@RequiresTool({
  "dpkg-deb",
  "mmdebstrap",
  "systemd-nspawn",
  "nsenter",
  "mosquitto",
  "mosquitto_pub",
  "mosquitto_sub",
  "openssl",
  "python3"
})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class UpdateIT {

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(1));
  private static final SigningKey OTHER = SigningKey.make(Randomness.seeded(2));
  private static final Path ROOT = Path.of("target/debian/root.tar").toAbsolutePath();
  private static final Path CENTRAL = Path.of("../config/central").toAbsolutePath().normalize();
  private static final String STATE = "/var/lib/lingtan-update/state";

  @TempDir Path folder;
  private final List<Child> world = new ArrayList<>();
  private Booted machine;
  private long serial;

  private interface Condition {
    boolean holds() throws Exception;
  }

  private void await(String what, int seconds, Condition condition) throws Exception {
    for (int left = seconds * 2; !condition.holds(); left--) {
      if (left == 0) {
        throw new AssertionError(
            "waited for "
                + what
                + ":\n"
                + machine.tryTo("cat", STATE)
                + machine.sh(
                    "journalctl --no-pager -n 60 -u lingtan -u lingtan-update -u '*.path'"));
      }
      Thread.sleep(500);
    }
  }

  private void openTheWorld() throws IOException {
    world.forEach(Child::close);
    world.clear();
    Path broker =
        Files.writeString(
            folder.resolve("mosquitto.conf"),
            "listener 1883 127.0.0.1\nallow_anonymous true\nuser root\npersistence true\n"
                + "persistence_location "
                + folder
                + "/\nautosave_interval 1\n");
    world.add(
        machine.inItsNetwork(
            folder.resolve("mosquitto.log"), "/usr/sbin/mosquitto", "-c", broker.toString()));
    world.add(
        machine.inItsNetwork(
            folder.resolve("web.log"),
            "/usr/bin/python3",
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            "--directory",
            folder.toString(),
            "8000"));
  }

  private String out(String... command) throws Exception {
    Path output = folder.resolve("out-" + System.nanoTime());
    try (Child child = machine.inItsNetwork(output, command)) {
      child.join(20);
      return child.output();
    }
  }

  private void want(Path deb, String version, SigningKey key) throws Exception {
    byte[] bytes = Files.readAllBytes(deb);
    Software software =
        new Software(version, Sha256.hex(bytes), bytes.length, "http://127.0.0.1:8000");
    String document =
        new FleetDocument("gw", null, ++serial, null, 4_000_000_000_000L, "", software).signed(key);
    Path file = Files.writeString(folder.resolve("document.json"), document, UTF_8);
    String sent =
        out(
            "mosquitto_pub",
            "-V",
            "5",
            "-q",
            "1",
            "-r",
            "-t",
            "lingtan/v1/gw/desired/software",
            "-f",
            file.toString());
    assertEquals("", sent);
  }

  private static String run(String... command) throws Exception {
    Launched done = Launched.run(Map.of(), command);
    assertEquals(0, done.exit(), done::toString);
    return done.out().strip();
  }

  private static String central(String name) {
    return CENTRAL.resolve(name).toString();
  }

  /**
   * Nobody has written a broker, a name or a key anywhere at the machine: its user is given the
   * text of the sticker, and the service is started once more.
   */
  private void itEnrolsByItsSticker() throws Exception {
    String authority = folder.resolve("authority").toString();
    run(central("ca.sh"), "init", authority, "127.0.0.1");
    run(central("ca.sh"), "est", authority, "127.0.0.1");
    run(central("ca.sh"), "central", authority, "archive");
    Path broker =
        Files.writeString(
            folder.resolve("tls.conf"),
            Files.readString(CENTRAL.resolve("mosquitto.conf"))
                    .replace("/etc/mosquitto/lingtan", authority)
                    .replace("listener 8883", "listener 8883 127.0.0.1")
                + "\nuser root\n");
    world.add(
        machine.inItsNetwork(
            folder.resolve("tls.log"), "/usr/sbin/mosquitto", "-c", broker.toString()));
    world.add(
        machine.inItsNetwork(
            folder.resolve("est.log"),
            central("est.py"),
            "serve",
            authority,
            "--listen",
            "127.0.0.1:8443"));
    String sticker =
        run(
            (central("est.py") + " token " + authority + " --est 127.0.0.1:8443")
                .concat(" --broker 127.0.0.1:8883 --next wx-{:03d}")
                .split(" "));
    machine.sh("echo 'clock: {trust: [system]}' >>/etc/lingtan/site.yaml"); // nobody sets it here
    String site = machine.sh("cat /etc/lingtan/site.yaml");
    assertTrue(site.contains("\ngateway: auto ") && !site.contains("\nmqtt:"), site);
    await("the service", 60, this::isActive);
    machine.sh(
        "echo '%s' | runuser -u lingtan -- lingtan enroll --config /etc/lingtan/site.yaml -"
            .formatted(sticker));
    machine.sh("systemctl restart lingtan");
    String[] listen =
        ("mosquitto_sub -V 5 -h 127.0.0.1 -p 8883 -C 1 -W 5 -t lingtan/v1/wx-001/store --cafile "
                + "%1$s/ca.pem --cert %1$s/archive.pem --key %1$s/archive.key")
            .formatted(authority)
            .split(" ");
    await(
        "an acknowledged record",
        60,
        () -> out(listen).matches("(?s).*\"acked\":[1-9].*\"dropped\":\\[].*"));
    assertEquals(
        "lingtan:lingtan 600", machine.sh("stat -c '%U:%G %a' /etc/lingtan/tls/gateway.pem"));
    System.out.println(
        "enrolled: " + machine.sh("systemctl show -P StatusText lingtan") + ", " + out(listen));
  }

  private boolean isReported(String state) throws Exception {
    return out("mosquitto_sub", "-V", "5", "-C", "1", "-W", "5", "-t", "lingtan/v1/gw/reported")
        .matches(
            "(?s).*\"software\":\\{\"version\":\"[^\"]*\",\"serial\":"
                + serial
                + ",\"state\":\""
                + state
                + "\".*");
  }

  private String version() throws Exception {
    return machine.sh("dpkg-query -W -f '${db:Status-Status} ${Version}' lingtan");
  }

  private String phase() throws Exception {
    return machine.tryTo("sed", "-n", "s/^phase=//p", STATE).out().strip();
  }

  private boolean isActive() throws Exception {
    return machine.tryTo("systemctl", "is-active", "lingtan").out().strip().equals("active");
  }

  /** The same, but that its program ends at once. */
  static void spoil(Path deb, Path tree) throws Exception {
    Launched made =
        Launched.run(
            Map.of(),
            "bash",
            "-euc",
            """
            rm -rf "$2" && dpkg-deb --raw-extract "$1" "$2"
            printf '#!/bin/sh\\nexit 1\\n' >"$2/usr/lib/lingtan/bin/lingtan"
            (cd "$2" && find usr -type f -exec md5sum {} + >DEBIAN/md5sums)
            dpkg-deb --root-owner-group -Zgzip --build "$2" "$1"
            """,
            "spoil",
            deb.toString(),
            tree.toString());
    assertEquals(0, made.exit(), made::toString);
  }

  @Test
  @Timeout(1200)
  void versionsFromAfarStayIfTheyAreHealthyAndElseGoBack() throws Exception {
    Path deb = PackageIT.deb();
    Path good = PackageIT.later(deb, folder, "1.0");
    Path bad = PackageIT.later(deb, folder, "1.1");
    Path cut = PackageIT.later(deb, folder, "1.2");
    spoil(bad, folder.resolve("spoilt"));
    try (Booted booted = Booted.start(ROOT)) {
      machine = booted;
      Files.copy(deb, machine.root().resolve("lingtan.deb"));
      machine.sh("dpkg -i /lingtan.deb 2>&1");
      itEnrolsByItsSticker();
      openTheWorld();
      machine.sh(
          "printf '%s\\n"
              + "' 'gateway: gw' 'site: {region: CN}' 'lines: []' 'journal: {max_size: 64MB}'"
              + " 'mqtt: {servers: [\"mqtt://127.0.0.1:1883\"], spread: 0s}' 'clock: {trust:"
              + " [system]}' 'fleet: {key: "
              + KEY.open().x()
              + "}' >/etc/lingtan/site.yaml && systemctl restart lingtan");
      String first = version();

      // Root has not said whose updates are obeyed.
      want(good, "1.0", KEY);
      await("a refusal", 60, () -> isReported("refused"));
      machine.sh("printf 'key=%s\\nminutes=5\\n' " + KEY.open().x() + " >/etc/lingtan-update.conf");
      want(good, "1.0", OTHER);

      want(good, "1.0", KEY);
      await("the good one", 300, () -> phase().equals("applied"));
      assertEquals("installed 1.0", version());
      await("its word", 60, () -> isReported("applied"));
      System.out.println("good: " + first + " -> " + version());

      // Whoever has become the service's user cannot have root install what another key signed.
      Software forged =
          new Software(
              "1.1", Sha256.hex(Files.readAllBytes(bad)), Files.size(bad), "http://127.0.0.1:8000");
      String document =
          new FleetDocument("gw", null, 1_000, null, 4_000_000_000_000L, "", forged).signed(OTHER);
      String sig = document.replaceAll(".*\"sig\":\"([^\"]*)\".*", "$1");
      String unsigned = document.replaceAll(",?\"sig\":\"[^\"]*\"", "");
      Files.writeString(machine.root().resolve("forged"), unsigned + "\n" + sig + "\n");
      machine.sh(
          "setpriv --reuid lingtan --regid lingtan --clear-groups sh -c 'cat /forged"
              + " >/var/lib/lingtan/update/wish'");
      await(
          "a word on it",
          60,
          () ->
              machine
                  .sh("journalctl --no-pager -u lingtan-update")
                  .contains("is not signed with the key"));
      assertEquals("installed 1.0", version());

      machine.sh("sed -i s/minutes=5/minutes=1/ /etc/lingtan-update.conf");
      want(bad, "1.1", KEY);
      await("the bad one to go", 300, () -> phase().equals("put_back"));
      assertEquals("installed 1.0", version());
      await("the one before", 60, this::isActive);
      await("its word", 60, () -> isReported("put_back"));
      System.out.println("bad: " + machine.sh("sed -n 's/^why=//p' " + STATE));

      machine.sh("sed -i s/minutes=1/minutes=5/ /etc/lingtan-update.conf");
      want(cut, "1.2", KEY);
      await("the installation", 120, () -> phase().equals("installing"));
      machine.powerCut();
      System.out.println(
          "power cut: "
              + phase()
              + " "
              + machine.tryTo("dpkg-query", "-W", "lingtan").out().strip());
      assertFalse(phase().equals("applied"), "too late to tell anything");
      openTheWorld();
      await("it all the same", 300, () -> phase().equals("applied"));
      assertEquals("installed 1.2", version());
      await("its word", 60, () -> isReported("applied"));
      assertEquals("", machine.sh("dpkg --audit"));
      assertTrue(isActive());
    } finally {
      world.forEach(Child::close);
    }
  }
}
