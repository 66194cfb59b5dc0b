package io.lingtan.packaged;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.KeptRecords;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The package that {@code mvn -Pdeb package} leaves, on a Debian that was never told anything. */
@Tag("campaign")
@RequiresTool({
  "dpkg-deb",
  "mmdebstrap",
  "systemd-nspawn",
  "nsenter",
  "lintian",
  "systemd-analyze",
  "python3"
})
@SuppressWarnings({"NullAway", "unchecked"}) // a member that is not there fails the test by itself
final class PackageIT {

  @TempDir Path folder;

  /** Versions that follow. */
  private static final List<String> LATER = List.of("1.0", "1.1", "1.2", "1.3");

  private static final String NATIVE = "/usr/lib/lingtan/native/sqlite-*.so";
  private static final String CACHE = "/usr/lib/lingtan/cache/lingtan.aot";
  private static final Path ROOT = Path.of("target/debian/root.tar").toAbsolutePath();

  /** Where power fails while a newer version is installed: what is in the machine's folder then. */
  private enum Cut {
    /** Files of both versions lie side by side. */
    UNPACKING {
      @Override
      boolean isNow(Path root) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("usr/lib/lingtan/lib"))) {
          return files.anyMatch(file -> file.toString().endsWith(".dpkg-new"));
        }
      }
    },
    /** All are the new one's, and it is not configured. */
    UNPACKED {
      @Override
      boolean isNow(Path root) throws IOException {
        return status(root).contains("\nStatus: install ok unpacked\n");
      }
    },
    /** {@code postinst} runs. */
    CONFIGURING {
      @Override
      boolean isNow(Path root) throws IOException {
        return status(root).contains("\nStatus: install ok half-configured\n");
      }
    };

    abstract boolean isNow(Path root) throws IOException;

    /** What dpkg has noted, of this package and all others: only this one is between two states. */
    private static String status(Path root) throws IOException {
      StringBuilder text = new StringBuilder(Files.readString(root.resolve("var/lib/dpkg/status")));
      try (Stream<Path> updates = Files.list(root.resolve("var/lib/dpkg/updates"))) {
        for (Path update : updates.toList()) {
          text.append(Files.exists(update) ? Files.readString(update) : "");
        }
      } catch (NoSuchFileException e) {
        // It has just been taken into the status file.
      }
      return text.toString();
    }
  }

  /**
   * The same package as of a later version: another number, and jars of other names, as each
   * release has.
   */
  static Path later(Path deb, Path folder, String version) throws Exception {
    Path tree = folder.resolve("deb-" + version);
    Path later = folder.resolve("lingtan_" + version + "_all.deb");
    Launched made =
        Launched.run(
            Map.of(),
            "bash",
            "-euc",
            """
            dpkg-deb --raw-extract "$1" "$2"
            sed -i "s/^Version: .*/Version: $4/" "$2/DEBIAN/control"
            cd "$2/usr/lib/lingtan/lib"
            for jar in lingtan-agent-*.jar; do mv "$jar" "lingtan-agent-$4.jar"; done
            cd "$2"
            find usr -type f -exec md5sum {} + >DEBIAN/md5sums
            dpkg-deb --root-owner-group -Zgzip --build "$2" "$3"
            """,
            "later",
            deb.toString(),
            tree.toString(),
            later.toString(),
            version);
    assertEquals(0, made.exit(), made::toString);
    return later;
  }

  /** Without a class cache, which takes 8 s to make. */
  private static final String INSTALL = "JAVA_TOOL_OPTIONS=-XX:+NoSuchOption dpkg -i %s 2>&1";

  private static String version(Booted machine) throws Exception {
    return machine.sh("dpkg-query -W -f '${Status} ${Version}' lingtan");
  }

  /**
   * Power fails during an upgrade; after the next boot whoever was at it does it once more, and
   * everything is as if it had not happened.
   */
  private static void failsAt(Cut cut, Booted machine, String version) throws Exception {
    String site = machine.sh("sha256sum </etc/lingtan/site.yaml");
    Object epoch = store(machine).get("epoch");
    long before = last(machine);
    long kept = kept(machine);
    try (Child _ =
        machine.inside(
            machine.root().resolve("dpkg.log"), INSTALL.formatted("/" + version + ".deb"))) {
      long until = System.nanoTime() + 60_000_000_000L;
      while (!cut.isNow(machine.root())) {
        assertTrue(System.nanoTime() < until, () -> cut + " was never seen");
      }
      machine.powerCut();
    }
    String left = version(machine);
    assertNotEquals("install ok installed " + version, left, "it was through already");
    boolean ran = isActive(machine);
    machine.sh("dpkg --configure -a 2>&1 || :");
    machine.sh(INSTALL.formatted("/" + version + ".deb"));
    assertEquals("install ok installed " + version, version(machine));
    assertEquals("", machine.sh("dpkg --audit"));
    await(machine, "it after " + cut, 60, () -> isActive(machine) && kept(machine) > kept);
    assertEquals("0", store(machine).get("dropped").toString());
    // A boot that follows no clean end begins another epoch, and says where the one before ends.
    Matcher ended =
        Pattern.compile("\"previous\":\"" + epoch + "\",\"previous_last\":\"(\\d+)\"")
            .matcher(get(machine, "/api/events"));
    assertTrue(ended.find(), "no end of epoch " + epoch);
    assertTrue(Long.parseLong(ended.group(1)) >= before, ended::group);
    assertEquals(site, machine.sh("sha256sum </etc/lingtan/site.yaml"));
    assertEquals(
        "lingtan-agent-" + version + ".jar",
        machine.sh("cd /usr/lib/lingtan/lib && ls lingtan-agent-*"));
    System.out.printf(
        "power cut while %s: dpkg said '%s', it %s%n", cut, left, ran ? "ran" : "did not run");
  }

  /** What {@code mvn -Pdeb package} left. */
  static Path deb() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.toString().endsWith("_all.deb"))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no package: mvn -Pdeb package makes it"));
    }
  }

  @Test
  void lintianFindsNoError() throws Exception {
    Launched lintian =
        Launched.run(Map.of(), "lintian", "--allow-root", "--fail-on", "error", deb().toString());
    assertEquals(0, lintian.exit(), lintian::toString);
    System.out.printf("%s: %.1f MB%n", deb().getFileName(), Files.size(deb()) / 1e6);
  }

  /** As root, who can read the pass of this machine's programs. */
  private static String get(Booted machine, String path) throws Exception {
    return machine.sh(
        """
        pass=$(cut -d' ' -f2 /var/lib/lingtan/journal.db.pass)
        exec 3<>/dev/tcp/127.0.0.1/8080
        printf 'GET %s HTTP/1.0\\r\\nHost: localhost\\r\\nAuthorization: Bearer %%s\\r\\n\\r\\n' "$pass" >&3
        cat <&3
        """
            .formatted(path));
  }

  /** Whoever has become the service's user: puts a link to root's secret where root may look. */
  private static final String LINKS =
      """
      exec setpriv --reuid lingtan --regid lingtan --clear-groups sh -c '
        while [ ! -e /var/lib/lingtan/enough ]; do
          for each in /var/lib/lingtan/training.* /usr/lib/lingtan/training; do
            [ ! -d "$each" ] || ln -sfn /root/secret "$each/lingtan.aot"
          done
        done' 2>/dev/null
      """;

  /** The service is stopped. What it may write is no way to make root read, or wait. */
  private static void itsUserShowsRootOtherFiles(Booted machine) throws Exception {
    machine.sh(
        "dpkg-deb -e /lingtan.deb /root/control && cd /var/lib/lingtan && mv journal.db kept");
    for (String other : List.of("ln -s /root/secret", "mkfifo")) {
      machine.sh(
          "cd /var/lib/lingtan && " + other + " journal.db && chown -h lingtan:lingtan journal.db");
      Launched looked = machine.tryTo("timeout", "30", "/root/control/preinst", "upgrade");
      assertEquals(0, looked.exit(), () -> other + ": " + looked);
      machine.sh("rm /var/lib/lingtan/journal.db");
    }
    machine.sh("cd /var/lib/lingtan && mv kept journal.db");
  }

  /** It is started, a bad file lies there, and the machine boots: it goes on by the one before. */
  private static void aRefusedFileIsSaidAndSurvivesABoot(Booted machine) throws Exception {
    machine.sh("cp -p /etc/lingtan/site.yaml /root/good.yaml");
    machine.sh("echo 'lines: {}' >> /etc/lingtan/site.yaml");
    Launched reload = machine.tryTo("systemctl", "reload", "lingtan");
    assertNotEquals(0, reload.exit(), "systemctl reload says so");
    String status = machine.tryTo("systemctl", "status", "--no-pager", "lingtan").out();
    assertTrue(status.contains("active (running)"), status);
    assertTrue(status.contains("the site file is refused"), status);
    assertTrue(status.contains("site.yaml:"), status);
    machine.powerCut();
    await(machine, "it by the file before", 60, () -> isActive(machine));
    assertTrue(
        ((Map<?, ?>) snapshot(machine).get("config"))
            .get("refused")
            .toString()
            .contains("site.yaml:"));
    assertTrue(
        machine
            .sh("journalctl --no-pager -b -u lingtan")
            .contains("the site file that was in use last"));
    assertTrue(get(machine, "/api/events").contains("config.refused"));
    machine.sh("cat /root/good.yaml > /etc/lingtan/site.yaml && systemctl reload lingtan");
    assertFalse(((Map<?, ?>) snapshot(machine).get("config")).containsKey("refused"));
  }

  private static Map<String, Object> snapshot(Booted machine) throws Exception {
    String answer = get(machine, "/api/snapshot");
    return Json.object(answer.substring(answer.indexOf("\r\n\r\n") + 4));
  }

  /**
   * Asks the page to do something, as a browser elsewhere does.
   *
   * @param pin empty for none
   * @return the status line and what follows the headers
   */
  private static String[] post(Booted machine, String action, String json, String pin)
      throws Exception {
    String authorization =
        Base64.getEncoder().encodeToString((":" + pin).getBytes(StandardCharsets.UTF_8));
    String answer =
        machine.sh(
            """
            exec 3<>/dev/tcp/127.0.0.1/8080
            printf 'POST /api/action/%s HTTP/1.0\\r\\nHost: 192.168.1.5:8080\\r\\n%s' >&3
            printf 'Content-Type: application/json\\r\\nX-Lingtan: 1\\r\\n' >&3
            printf 'Content-Length: %d\\r\\n\\r\\n%%s' '%s' >&3
            cat <&3
            """
                .formatted(
                    action,
                    pin.isEmpty() ? "" : "Authorization: Basic " + authorization + "\\r\\n",
                    json.length(),
                    json));
    return new String[] {
      answer.substring(0, answer.indexOf("\r\n")),
      answer.substring(answer.indexOf("\r\n\r\n") + 4).strip()
    };
  }

  /** What somebody wants of the site file is proposed, and made; ends when it is in use. */
  private static void change(Booted machine, String edit, String pin) throws Exception {
    String[] proposed = post(machine, "propose", edit, pin);
    assertEquals("HTTP/1.1 200 OK", proposed[0], proposed[1]);
    Object id = Json.object(proposed[1]).get("id");
    String[] applied = post(machine, "apply", "{\"id\": \"" + id + "\"}", pin);
    assertEquals("HTTP/1.1 202 Accepted", applied[0], applied[1]);
    await(
        machine,
        "the change",
        20,
        () -> id.equals(((Map<?, ?>) snapshot(machine).get("config")).get("sha256")));
  }

  /** The service may write its site file, and keeps the one before; no line that stays notices. */
  private static void changeTheSiteFromThePage(Booted machine) throws Exception {
    String pin = machine.sh("head -n 1 /var/lib/lingtan/secrets/pin");
    String roof =
        "{\"edit\": \"add_line\", \"id\": \"roof\", \"kind\": \"modbus-tcp\","
            + " \"host\": \"127.0.0.1\", \"port\": \"1503\"}";
    String revert = "{\"edit\": \"revert\"}";
    String before = machine.sh("sha256sum </etc/lingtan/site.yaml");
    assertEquals("HTTP/1.1 401 Unauthorized", post(machine, "propose", roof, "")[0]);
    assertEquals("600 lingtan", machine.sh("stat -c '%a %U' /var/lib/lingtan/journal.db.pass"));
    change(machine, roof, pin);
    assertEquals(2, ((List<?>) snapshot(machine).get("lines")).size());
    assertEquals(before, machine.sh("sha256sum </etc/lingtan/site.yaml.1"));
    assertEquals(
        "lingtan:lingtan 640\nlingtan:lingtan 640",
        machine.sh("stat -c '%U:%G %a' /etc/lingtan/site.yaml /etc/lingtan/site.yaml.1"));
    change(machine, revert, pin);
    assertEquals(1, ((List<?>) snapshot(machine).get("lines")).size());
    assertEquals(before, machine.sh("sha256sum </etc/lingtan/site.yaml"));

    // Where it may not write it says so, and nothing is changed.
    machine.sh("chown root:root /etc/lingtan && chmod 0755 /etc/lingtan");
    Object id = Json.object(post(machine, "propose", revert, pin)[1]).get("id");
    String[] refused = post(machine, "apply", "{\"id\": \"" + id + "\"}", pin);
    assertEquals("HTTP/1.1 409 Conflict", refused[0]);
    assertTrue(refused[1].contains("give the agent's user its folder"), refused[1]);
    assertEquals(before, machine.sh("sha256sum </etc/lingtan/site.yaml"));
    machine.sh("chown lingtan:lingtan /etc/lingtan && chmod 0750 /etc/lingtan");
  }

  private static Map<String, Object> store(Booted machine) throws Exception {
    return (Map<String, Object>) snapshot(machine).get("store");
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Booted machine, String what, int seconds, Condition condition)
      throws Exception {
    for (int left = seconds * 5; ; left--) {
      try {
        if (condition.holds()) {
          return;
        }
      } catch (AssertionError e) {
        if (left <= 0) {
          throw e;
        }
      }
      if (left <= 0) {
        throw new AssertionError(
            "waited for " + what + ":\n" + machine.sh("journalctl --no-pager -u lingtan -n 60"));
      }
      Thread.sleep(200);
    }
  }

  private static long last(Booted machine) throws Exception {
    return Long.parseLong(store(machine).get("last").toString());
  }

  /** Records of all epochs, of which nobody has taken any. */
  private static long kept(Booted machine) throws Exception {
    return Long.parseLong(store(machine).get("waiting").toString());
  }

  private static boolean isActive(Booted machine) throws Exception {
    return machine.tryTo("systemctl", "is-active", "lingtan").out().strip().equals("active");
  }

  /** A meter on port 502 of the machine's own 127.0.0.1. */
  private Child meter(Booted machine) throws IOException {
    Path script = folder.resolve("pymodbus_meter.py");
    try (InputStream in =
        PackageIT.class.getResourceAsStream("/io/lingtan/agent/acquire/pymodbus_meter.py")) {
      Files.write(script, Objects.requireNonNull(in).readAllBytes());
    }
    return machine.inItsNetwork(
        folder.resolve("served.log"), "/usr/bin/python3", script.toString(), "tcp", "502", "1");
  }

  /**
   * After one kill, an upgrade and an end: every number has its record, and of what the meter
   * served nothing is missing but what a commit of 1 s holds and what was under way three times.
   */
  private void assertNothingIsLost(Booted machine, List<Long> served) throws IOException {
    KeptRecords kept = assertNumbered(machine, "journal.db");
    List<Long> energies = kept.energies("m1");
    assertTrue(served.containsAll(energies), () -> energies + " and served was only " + served);
    List<Long> missing = new ArrayList<>(served);
    missing.removeAll(energies);
    System.out.printf("%d readings served, not kept: %s%n", served.size(), missing);
    assertTrue(missing.size() <= 2 + 3, () -> "served and not kept: " + missing);
  }

  /** Every number has its record. */
  private KeptRecords assertNumbered(Booted machine, String name) throws IOException {
    Path copy = folder.resolve(name);
    Files.copy(machine.root().resolve("var/lib/lingtan/journal.db"), copy);
    KeptRecords kept = new KeptRecords(copy);
    kept.epochs()
        .forEach(
            (epoch, records) -> {
              for (int i = 0; i < records.size(); i++) {
                assertEquals(i + 1, records.get(i).seq(), epoch);
              }
            });
    return kept;
  }

  /**
   * Follows {@code config/deploy/README.md}: a card is made an image, which starts as a machine of
   * its own; then one with a journal is put into another machine. The service is stopped before.
   *
   * @return the epoch in the end
   */
  private static String isImagedAndCloned(Booted machine) throws Exception {
    machine.sh("sed -i 's/^gateway: .*/gateway: auto/' /etc/lingtan/site.yaml");
    String guide = Files.readString(Path.of("../config/deploy/README.md"));
    for (String command : List.of("rm -rf /var/lib/lingtan/*", "truncate -s 0 /etc/machine-id")) {
      assertTrue(guide.contains("sudo " + command), command);
      machine.sh(command);
    }
    assertEquals("", machine.sh("ls -A /var/lib/lingtan"), "no journal, no key, no PIN");
    machine.powerCut();
    await(machine, "the first machine", 60, () -> isActive(machine) && last(machine) > 0);
    List<String> first = own(machine);
    assertEquals("32", machine.sh("tr -d '\\n' </etc/machine-id | wc -c"), "its own machine-id");

    // The card with what it has in another machine.
    machine.sh(
        "systemctl stop lingtan; tr 0-9a-f 1-9a-f0 </etc/machine-id >/tmp/id && cat /tmp/id"
            + " >/etc/machine-id");
    machine.sh("systemctl start lingtan");
    await(machine, "the second machine", 60, () -> isActive(machine) && last(machine) > 0);
    List<String> second = own(machine);
    for (int i = 0; i < first.size(); i++) {
      assertNotEquals(first.get(i), second.get(i), "name, epoch, PIN or key of another machine");
    }
    assertTrue(
        get(machine, "/api/events").contains("\"previous\":\"" + first.get(1) + "\""),
        "what the first has read goes on under its name");
    return second.get(1);
  }

  /** What each machine has of its own: its name, epoch, PIN and signing key. */
  private static List<String> own(Booted machine) throws Exception {
    return List.of(
        snapshot(machine).get("gateway").toString(),
        store(machine).get("epoch").toString(),
        machine.sh("head -n 1 /var/lib/lingtan/secrets/pin"),
        machine.sh("sha256sum </var/lib/lingtan/secrets/signing.key"));
  }

  /** Kernels of 16 kB pages, as the Raspberry Pi 5 has, load no segment that is aligned to less. */
  @Test
  void itsNativesForArmSuitLargerPages() throws Exception {
    Path tree = folder.resolve("tree");
    Launched unpacked = Launched.run(Map.of(), "dpkg-deb", "-x", deb().toString(), tree.toString());
    assertEquals(0, unpacked.exit(), unpacked::toString);
    List<String> seen = new ArrayList<>();
    try (Stream<Path> jars = Files.list(tree.resolve("usr/lib/lingtan/lib"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
          for (ZipEntry entry : Collections.list(zip.entries())) {
            if (entry.getName().matches(".*(aarch64|armv8_64)/.*\\.so")) {
              seen.add(entry.getName());
              assertLoadsOnLargerPages(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
          }
        }
      }
    }
    assertEquals(2, seen.size(), seen::toString);
  }

  /** ELF-64 of System V's ABI: program headers of type PT_LOAD. */
  private static void assertLoadsOnLargerPages(String name, byte[] library) {
    ByteBuffer elf = ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0x464C457F, elf.getInt(0), name);
    assertEquals(2, elf.get(4), "64 bits");
    assertEquals(183, elf.getShort(18), "EM_AARCH64");
    int loads = 0;
    for (int i = 0; i < elf.getShort(56); i++) {
      int header = Math.toIntExact(elf.getLong(32)) + i * elf.getShort(54);
      if (elf.getInt(header) == 1) {
        loads++;
        long aligned = elf.getLong(header + 48);
        assertTrue(aligned >= 0x4000, () -> name + " is aligned to " + aligned);
        assertEquals(0, (elf.getLong(header + 16) - elf.getLong(header + 8)) % aligned, name);
      }
    }
    assertTrue(loads > 0, name);
  }

  @Test
  @Timeout(600)
  void itIsInstalledRunsIsKilledReloadedUpgradedAndPurged() throws Exception {
    Path deb = deb();
    try (Booted machine = Booted.start(ROOT);
        Child meter = meter(machine)) {
      Files.copy(deb, machine.root().resolve("lingtan.deb"));
      for (String version : LATER) {
        Files.move(later(deb, folder, version), machine.root().resolve(version + ".deb"));
      }

      // Nothing is edited.
      String installed = machine.sh("apt-get install -qq -y /lingtan.deb 2>&1");
      assertNotEquals(
          machine.tryTo("test", "-s", CACHE).exit() == 0,
          installed.contains("class cache could not be made"),
          installed);
      await(machine, "the service", 60, () -> isActive(machine));
      String maps = "cat /proc/$(systemctl show -P MainPID lingtan)/maps";
      assertTrue(machine.sh(maps).contains("/usr/lib/lingtan/native/sqlite-"));
      assertNotEquals(0, machine.tryTo("test", "-e", "/var/lib/lingtan/native").exit());
      assertTrue(get(machine, "/healthz").startsWith("HTTP/1.1 200"));
      assertTrue(get(machine, "/text").contains("no lines: nothing is read yet"));
      assertEquals("", machine.sh("systemctl --failed --no-legend"));
      assertEquals("enabled", machine.sh("systemctl is-enabled lingtan"));
      assertTrue(machine.sh("systemctl show -P StatusText lingtan").contains("0 lines, 0 devices"));
      assertEquals("", machine.sh("systemd-analyze verify --man=no lingtan.service 2>&1"));
      String secured =
          machine.sh("systemd-analyze security --no-pager --threshold=25 lingtan.service");
      System.out.println(secured.lines().toList().getLast());
      assertEquals("lingtan:lingtan 640", machine.sh("stat -c '%U:%G %a' /etc/lingtan/site.yaml"));
      assertEquals("600", machine.sh("stat -c %a /var/lib/lingtan/secrets/pin"));
      assertEquals("", machine.sh("journalctl -q --no-pager -u lingtan -p err"));
      System.out.println(
          machine.sh(
              "ls -l /usr/lib/lingtan/cache; systemctl status --no-pager lingtan | head -12"));

      // Nobody sets a clock in a container, and what is read would wait for a date.
      machine.sh("echo 'clock: {trust: [system]}' >> /etc/lingtan/site.yaml");
      machine.sh("systemctl restart lingtan");
      await(machine, "it with a clock", 60, () -> isActive(machine));
      String epoch = store(machine).get("epoch").toString();

      // A changed file, and one that is refused.
      machine.sh("cp /etc/lingtan/site.yaml /root/kept.yaml");
      machine.sh(
          "printf '%s\\n"
              + "' 'lines:' '  - id: hall' '    modbus-tcp: {host: 127.0.0.1}' '    devices:' '    "
              + "  - {id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}'"
              + " >> /etc/lingtan/site.yaml");
      String running = machine.sh("systemctl show -P MainPID lingtan");
      machine.sh("systemctl reload lingtan");
      await(machine, "the line", 20, () -> ((List<?>) snapshot(machine).get("lines")).size() == 1);
      machine.sh("echo 'lines: []' >> /etc/lingtan/site.yaml");
      assertNotEquals(0, machine.tryTo("systemctl", "reload", "lingtan").exit());
      await(
          machine,
          "the refusal",
          20,
          () -> ((Map<?, ?>) snapshot(machine).get("config")).containsKey("refused"));
      await(
          machine,
          "a word of it",
          20,
          () -> machine.sh("systemctl show -P StatusText lingtan").contains("refused"));
      assertEquals(running, machine.sh("systemctl show -P MainPID lingtan"));
      machine.sh("sed -i '$d' /etc/lingtan/site.yaml && systemctl reload lingtan");
      String kept = machine.sh("sha256sum </etc/lingtan/site.yaml");
      await(
          machine,
          "the mended file",
          20,
          () -> !((Map<?, ?>) snapshot(machine).get("config")).containsKey("refused"));
      changeTheSiteFromThePage(machine);

      // A hanging process.
      await(machine, "readings", 20, () -> KeptRecords.served(meter.output()).size() > 5);
      long before = last(machine);
      machine.sh("kill -STOP " + running);
      await(
          machine,
          "the watchdog",
          75,
          () -> !machine.sh("systemctl show -P MainPID lingtan").equals(running));
      await(machine, "it to come back", 60, () -> isActive(machine) && last(machine) > before + 5);
      assertEquals(epoch, store(machine).get("epoch"));
      assertTrue(machine.sh("journalctl --no-pager -u lingtan").contains("Watchdog timeout"));

      // A later version, where the class cache cannot be made.
      long atUpgrade = last(machine);
      machine.sh(
          "umask 077 && for i in 1 2 3 4 5 6 7 8 9; do echo of root alone; done >/root/secret");
      String upgraded;
      try (Child _ = machine.inside(machine.root().resolve("links.log"), LINKS)) {
        upgraded = machine.sh(INSTALL.formatted("/1.0.deb"));
        machine.sh("touch /var/lib/lingtan/enough");
      }
      assertEquals(
          "", machine.sh("grep -rl 'of root alone' /usr/lib/lingtan /var/lib/lingtan || :"));
      assertEquals("install ok installed 1.0", version(machine));
      assertTrue(upgraded.contains("class cache could not be made; it runs without"), upgraded);
      assertNotEquals(0, machine.tryTo("test", "-e", CACHE).exit());
      assertEquals("", machine.sh("ls -d " + NATIVE + " 2>/dev/null || :"));
      await(
          machine,
          "it after the upgrade",
          60,
          () -> isActive(machine) && last(machine) > atUpgrade);
      assertNotEquals(running, machine.sh("systemctl show -P MainPID lingtan"));
      assertEquals(epoch, store(machine).get("epoch"));
      assertEquals(kept, machine.sh("sha256sum </etc/lingtan/site.yaml"));

      // One whose journal only a newer version can read. There is none yet: its header says so.
      machine.sh("systemctl stop lingtan");
      assertEquals("0", machine.sh("systemctl show -P ExecMainStatus lingtan"));
      assertNothingIsLost(machine, KeptRecords.served(meter.output()));
      itsUserShowsRootOtherFiles(machine);
      try (RandomAccessFile journal =
          new RandomAccessFile(
              machine.root().resolve("var/lib/lingtan/journal.db").toFile(), "rw")) {
        journal.seek(60);
        int form = journal.readInt();
        journal.seek(60);
        journal.writeInt(
            1 + Integer.parseInt(machine.sh("sed -n s/^knows=//p /root/control/preinst")));
        Launched refused = machine.tryTo("dpkg", "-i", "/lingtan.deb");
        assertNotEquals(0, refused.exit());
        assertTrue(refused.err().contains("was written by a newer version"), refused::toString);
        journal.seek(60);
        journal.writeInt(form);
      }

      machine.sh("systemctl start lingtan");
      await(machine, "it with its journal", 60, () -> isActive(machine));
      aRefusedFileIsSaidAndSurvivesABoot(machine);
      Iterator<String> versions = LATER.listIterator(1);
      for (Cut cut : Cut.values()) {
        failsAt(cut, machine, versions.next());
      }
      // An older one that can read it is let in.
      epoch = store(machine).get("epoch").toString();
      machine.sh(INSTALL.formatted("/lingtan.deb"));
      await(machine, "the older one", 60, () -> isActive(machine));
      assertEquals(epoch, store(machine).get("epoch"));
      machine.sh("systemctl stop lingtan");
      assertEquals(2 + Cut.values().length, assertNumbered(machine, "cuts.db").epochs().size());
      epoch = isImagedAndCloned(machine);

      machine.sh("apt-get purge -qq -y lingtan 2>&1");
      assertFalse(Files.exists(machine.root().resolve("etc/lingtan")));
      assertTrue(Files.exists(machine.root().resolve("var/lib/lingtan/journal.db")));
      assertTrue(Files.exists(machine.root().resolve("var/lib/lingtan/secrets/signing.key")));
      assertFalse(Files.exists(machine.root().resolve("usr/lib/lingtan")));
      assertEquals("", machine.sh("systemctl --failed --no-legend"));

      // It goes on with what was left, and takes that along when it is asked to.
      machine.sh("apt-get install -qq -y /lingtan.deb 2>&1");
      await(machine, "it again", 60, () -> isActive(machine));
      assertEquals(epoch, store(machine).get("epoch"));
      machine.sh("touch /var/lib/lingtan/purge && apt-get purge -qq -y lingtan 2>&1");
      assertFalse(Files.exists(machine.root().resolve("var/lib/lingtan")));
    }
  }
}
