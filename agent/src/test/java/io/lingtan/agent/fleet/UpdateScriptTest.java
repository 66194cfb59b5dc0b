package io.lingtan.agent.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.fleet.FleetDocument.Software;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.agent.site.Sha256;
import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Root's half of an update, in a folder in place of the machine: the real script and openssl, and a
 * dpkg that keeps a version in a file.
 */
@Timeout(120)
@RequiresTool({"sh", "openssl", "sha256sum", "timeout"})
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class UpdateScriptTest {

  private static final SigningKey KEY = SigningKey.make(Randomness.seeded(1));
  private static final SigningKey OTHER = SigningKey.make(Randomness.seeded(2));
  private static final long LATER = 4_000_000_000_000L;

  @TempDir private Path machine;
  private Path fakes;

  private void fake(String name, String body) throws IOException {
    Path file = fakes.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @BeforeEach
  void make() throws IOException {
    fakes = machine.resolve("fakes");
    Files.createDirectories(machine.resolve("var/lib/lingtan/update"));
    Files.createDirectories(machine.resolve("etc"));
    Files.writeString(machine.resolve("usr-version"), "1.0");
    Files.writeString(
        machine.resolve("etc/lingtan-update.conf"), "key=" + KEY.open().x() + "\nminutes=1\n");
    fake(
        "setpriv",
        """
        case $* in *_apt*) to=$(readlink /proc/$$/fd/1); echo "$to" >>"$M/written-to" ;; esac
        while [ "${1#-}" != "$1" ]; do case $1 in --reuid|--regid) shift;; esac; shift; done
        exec "$@"
        """);
    fake("systemctl", "exit 0\n");
    fake("chown", "exit 0\n");
    Files.createDirectories(machine.resolve("run"));
    // On a full card what was written is lost when it is to go there.
    fake("sync", "[ ! -e \"$M/full\" ] || { : >\"$1\"; exit 1; }\nexec /bin/sync \"$@\"\n");
    fake(
        "rm",
        """
        case $* in *previous.deb*)
          if [ -e "$M/cut-rm" ] && grep -qE 'phase=(trial|applied)' "$M/var/lib/lingtan-update/state"; then
            /bin/rm "$M/cut-rm"
            kill -9 $PPID
          fi ;;
        esac
        exec /bin/rm "$@"
        """);
    // The new version says that it is healthy while somebody waits for that; a bad one never does.
    fake(
        "sleep",
        """
        echo slept >>"$M/log"
        nonce=$(sed -n 's/^nonce=//p' "$M/var/lib/lingtan-update/state")
        [ ! -e "$M/says" ] || printf '%s %s' "$nonce" "$(cat "$M/says")" >"$M/var/lib/lingtan/update/unwell"
        [ -e "$M/ill" ] || printf %s "$nonce" >"$M/var/lib/lingtan/update/healthy"
        """);
    fake(
        "dpkg-query",
        """
        version=$(cat "$M/usr-version")
        case $* in
          *Installed-Size*) echo 100 ;;
          *Status-Status*) echo installed ;;
          -L*) echo /usr/bin/lingtan ;;
          -s*) printf 'Package: lingtan\\nStatus: x\\nArchitecture: all\\nVersion: %s\\n' "$version" ;;
          *) echo "$version" ;;
        esac
        """);
    fake(
        "dpkg-deb",
        """
        case $* in
          *--build*) while [ $# -gt 2 ]; do shift; done; cat "$1/DEBIAN/control" >"$2" ;;
          *) sed -n "s/^$3: //p" "$2" ;;
        esac
        """);
    fake(
        "dpkg",
        """
        case $* in
          --print-architecture) echo amd64 ;;
          --configure*) ;;
          *)
            while [ $# -gt 1 ]; do shift; done
            version=$(sed -n 's/^Version: //p' "$1")
            echo "dpkg $version" >>"$M/log"
            [ ! -e "$M/locked" ] || { echo "dpkg: error: dpkg frontend lock was locked by another process with pid 7"; exit 2; }
            [ ! -e "$M/stop" ] || { rm "$M/stop"; kill $PPID; }
            [ ! -e "$M/cut" ] || { rm "$M/cut"; kill -9 $PPID; }
            [ ! -e "$M/refuses-$version" ] || { echo "$version is refused"; exit 1; }
            printf %s "$version" >"$M/usr-version"
            ;;
        esac
        """);
    Path helper = machine.resolve("usr/lib/apt/apt-helper");
    fakes = helper.getParent();
    fake(
        "apt-helper",
        """
        echo "$*" >"$M/fetched"
        while [ "$1" != download-file ]; do shift; done
        cp "$M/web/${2##*/}" "$3"
        """);
    fakes = machine.resolve("fakes");
    Files.createDirectories(machine.resolve("usr/bin"));
    Files.writeString(machine.resolve("usr/bin/lingtan"), "the program");
    Files.createDirectories(machine.resolve("web"));
  }

  private int run() throws Exception {
    String path = fakes + ":" + System.getenv("PATH");
    Launched done =
        Launched.within(
            Duration.ofMinutes(1),
            Map.of("PATH", path, "M", machine.toString()),
            "sh",
            Path.of("src/main/deb/update.sh").toAbsolutePath().toString(),
            machine.toString());
    System.out.print(done.out() + done.err());
    return done.exit();
  }

  private Software software(String version, String content) throws IOException {
    byte[] bytes = content.getBytes(UTF_8);
    Files.write(machine.resolve("web/lingtan_" + version + "_all.deb"), bytes);
    return new Software(version, Sha256.hex(bytes), bytes.length, "https://deb.example/lingtan");
  }

  private static String deb(String version) {
    return "Package: lingtan\nArchitecture: all\nVersion: " + version + "\n";
  }

  private static FleetDocument document(long serial, long expires, Software software) {
    return new FleetDocument("gw", null, serial, null, expires, "", software);
  }

  private void wish(FleetDocument document, SigningKey key) throws IOException {
    wish(FleetDocument.wish(document.signed(key).getBytes(UTF_8)));
  }

  private void wish(String text) throws IOException {
    Files.writeString(machine.resolve("var/lib/lingtan/update/wish"), text);
  }

  private String state(String name) throws IOException {
    Path state = machine.resolve("var/lib/lingtan-update/state");
    return !Files.exists(state)
        ? ""
        : Files.readAllLines(state).stream()
            .filter(line -> line.startsWith(name + "="))
            .findFirst()
            .orElse("=")
            .split("=", 2)[1];
  }

  private String installed() throws IOException {
    return Files.readString(machine.resolve("usr-version"));
  }

  private String declined() throws IOException {
    return Files.readString(machine.resolve("var/lib/lingtan-update/declined"));
  }

  private String log() throws IOException {
    Path log = machine.resolve("log");
    return Files.exists(log) ? Files.readString(log) : "";
  }

  @Test
  void aVersionThatProvesHealthyStays() throws Exception {
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
    assertEquals("7", state("serial"));
    assertEquals("1.1", installed());
    assertEquals("dpkg 1.1\nslept\n", log());
    String writtenTo = Files.readString(machine.resolve("written-to"));
    assertTrue(writtenTo.startsWith("pipe:"), "whoever fetches has root's file open: " + writtenTo);
    assertEquals(0, run());
    assertEquals("dpkg 1.1\nslept\n", log(), "the same once more changes nothing");
    assertFalse(Files.exists(machine.resolve("var/lib/lingtan-update/previous.deb")));
    // A downgrade is what the centre may sign, with a higher number.
    wish(document(8, LATER, software("1.0", deb("1.0"))), KEY);
    assertEquals(0, run());
    assertEquals("1.0", installed());
  }

  @Test
  void aVersionThatIsNotHealthyGoesAndTheOneBeforeComesBack() throws Exception {
    Files.createFile(machine.resolve("ill"));
    Files.writeString(machine.resolve("says"), "no record is acknowledged");
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    assertEquals(0, run());
    assertEquals("put_back", state("phase"));
    assertEquals("1.0", installed());
    assertTrue(state("why").endsWith("1 minutes: no record is acknowledged"), state("why"));
    assertEquals(0, run());
    assertEquals("1.0", installed(), "and is not tried again");
    Files.delete(machine.resolve("says"));
    wish(document(8, LATER, software("1.1", deb("1.1"))), KEY);
    assertEquals(0, run());
    assertTrue(state("why").endsWith("its agent has said nothing"), state("why"));
  }

  @Test
  void aVersionThatDpkgRefusesLeavesTheOneBefore() throws Exception {
    Files.createFile(machine.resolve("refuses-1.1"));
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    assertEquals(0, run());
    assertEquals("put_back", state("phase"));
    assertEquals("1.0", installed());
    assertTrue(state("why").contains("1.1 is refused"), state("why"));
  }

  /** The power fails in dpkg; the next boot goes on, with nothing but the state. */
  @Test
  void aPowerCutIsTakenUp() throws Exception {
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    Files.createFile(machine.resolve("cut"));
    assertEquals(137, run());
    assertEquals("installing", state("phase"));
    Files.delete(machine.resolve("var/lib/lingtan/update/wish"));
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
    assertEquals("1.1", installed());
    wish(document(8, LATER, software("1.2", deb("1.2"))), KEY);
    for (int cut = 0; cut < 3; cut++) {
      Files.createFile(machine.resolve("cut"));
      assertEquals(137, run());
    }
    assertEquals(0, run());
    assertEquals("put_back", state("phase"), "three times are enough");
    assertEquals("1.1", installed());
  }

  @Test
  void whatIsNotSignedOrOldOrForOthersChangesNothing() throws Exception {
    Software software = software("1.1", deb("1.1"));
    String good = FleetDocument.wish(document(7, LATER, software).signed(KEY).getBytes(UTF_8));
    wish(document(7, LATER, software), OTHER);
    assertEquals(0, run());
    assertTrue(declined().startsWith("serial=7\nwhy=it is not signed with the key"), declined());
    wish(good.lines().findFirst().orElseThrow() + "\n");
    assertEquals(0, run());
    wish(good.replace("\"serial\":7", "\"serial\":8"));
    assertEquals(0, run());
    wish(document(7, 1_700_000_000_000L, software), KEY);
    assertEquals(0, run());
    assertEquals("serial=7\nwhy=it has expired\n", declined());
    wish("x".repeat(100_000));
    assertEquals(0, run());
    Files.delete(machine.resolve("var/lib/lingtan/update/wish"));
    Files.createSymbolicLink(machine.resolve("var/lib/lingtan/update/wish"), Path.of("/dev/zero"));
    assertEquals(0, run());
    Files.delete(machine.resolve("var/lib/lingtan/update/wish"));
    Path conf = machine.resolve("etc/lingtan-update.conf");
    String other = "key=" + KEY.open().x() + "\ngateway=another\n";
    String mine = Files.readString(conf);
    Files.writeString(conf, other);
    wish(good);
    assertEquals(0, run());
    Files.delete(conf);
    assertEquals(0, run());
    assertEquals("", state("phase"));
    assertEquals("", log());
    assertEquals(
        "serial=7\nwhy=it is for gateway gw, and " + conf + " names another\n", declined());
    // And that one is obeyed where it may be, and an older one is not after it.
    Files.writeString(conf, mine);
    assertEquals(0, run());
    assertEquals("1.1", installed());
    wish(document(6, LATER, software("1.0", deb("1.0"))), KEY);
    assertEquals(0, run());
    assertEquals("1.1", installed());
    assertEquals("7", state("serial"));
  }

  private void assertRefused(long serial, String why, Software software) throws Exception {
    wish(document(serial, LATER, software), KEY);
    assertEquals(0, run());
    assertEquals("refused", state("phase"));
    assertTrue(state("why").contains(why), state("why"));
    assertEquals("1.0", installed());
    assertEquals("", log());
  }

  @Test
  void anotherFileThanWasSignedIsRefused() throws Exception {
    assertRefused(8, "no package", software("1.1", "an archive that is none"));
    assertRefused(9, "another architecture", software("1.1", deb("1.1").replace("all", "riscv64")));
    assertRefused(10, "another version", software("1.1", deb("1.2")));
    assertRefused(11, "no package", software("1.1", deb("1.1").replace("lingtan", "other")));
  }

  /** A server, a cache or somebody on the way may have been bad: nothing of it is signed. */
  @Test
  void anotherFileThanWasSignedIsFetchedAgainAndThenRefused() throws Exception {
    Software signed = software("1.1", deb("1.1"));
    software("1.1", deb("1.1") + "more");
    wish(document(7, LATER, signed), KEY);
    for (int fetched = 1; fetched < 8; fetched++) {
      assertEquals(75, run(), "the service manager waits, and starts it again");
      assertEquals("fetching " + fetched, state("phase") + " " + state("fetches"));
    }
    assertTrue(state("why").contains("another file than was signed, 7 times"), state("why"));
    assertRefused(7, "was another file than was signed, 8 times", signed);
    assertEquals(0, run());
    assertEquals("8", state("fetches"), "and not again");
    wish(document(8, LATER, signed), KEY);
    assertEquals(75, run());
    assertEquals("1", state("fetches"), "each document has its own");
    assertFalse(Files.readString(machine.resolve("fetched")).contains("No-Cache"));
    software("1.1", deb("1.1"));
    assertEquals(0, run());
    assertTrue(
        Files.readString(machine.resolve("fetched")).startsWith("-qq -o Acquire::http::No-Cache"));
    assertEquals("applied", state("phase"));
    assertEquals("1.1", installed());
  }

  /** Nothing is changed, and it is tried again until the document expires. */
  @Test
  void aServerThatIsAwayAndAFullDiskWait() throws Exception {
    Software software = software("1.1", deb("1.1"));
    Path away = machine.resolve("web/lingtan_1.1_all.deb");
    Files.move(away, machine.resolve("kept"));
    wish(document(7, LATER, software), KEY);
    assertEquals(75, run());
    assertEquals("fetching", state("phase"));
    assertTrue(state("why").contains("cannot be fetched"), state("why"));
    Files.move(machine.resolve("kept"), away);
    fake("df", "echo a; echo x x x 7\n");
    assertEquals(75, run());
    assertTrue(state("why").contains("no room"), state("why"));
    Files.delete(fakes.resolve("df"));
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
    assertEquals("1.1", installed());
  }

  /** An empty state would be one in which no serial was ever taken. */
  @Test
  void aFullCardLeavesTheStateAsItWas() throws Exception {
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    Files.createFile(machine.resolve("cut"));
    assertEquals(137, run());
    Files.createFile(machine.resolve("full"));
    assertEquals(1, run());
    assertEquals("7", state("serial"));
    assertEquals("installing", state("phase"));
    Files.delete(machine.resolve("full"));
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
  }

  @Test
  void whatCannotBeFetchedIsTakenBackOrGivesWayToWhatIsNewer() throws Exception {
    Software software = software("1.1", deb("1.1"));
    Path web = machine.resolve("web/lingtan_1.1_all.deb");
    Path wish = machine.resolve("var/lib/lingtan/update/wish");
    Files.move(web, machine.resolve("kept"));
    wish(document(7, LATER, software), KEY);
    assertEquals(75, run());
    Files.delete(wish);
    assertEquals(0, run());
    assertEquals("taken_back", state("phase"));
    wish(document(6, LATER, software), KEY);
    assertEquals(0, run());
    assertEquals("taken_back", state("phase"), "an older one is no wish");
    // The centre thinks better of it.
    wish(document(7, LATER, software), KEY);
    assertEquals(75, run());
    assertEquals("fetching", state("phase"));
    wish(document(8, LATER, software("1.2", deb("1.2"))), KEY);
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
    assertEquals("1.2", installed());
  }

  @Test
  void whileAnotherHoldsTheLockOfDpkgNothingCounts() throws Exception {
    Files.createFile(machine.resolve("locked"));
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    for (int again = 0; again < 4; again++) {
      assertEquals(75, run());
      assertEquals("installing", state("phase"));
      assertEquals("0", state("starts"));
      assertEquals("another program holds dpkg's lock", state("why"));
    }
    Files.delete(machine.resolve("locked"));
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
  }

  @Test
  void whatCannotBePutBackIsTriedOnceMoreAtEachBoot() throws Exception {
    Files.createFile(machine.resolve("ill"));
    Files.createFile(machine.resolve("refuses-1.0"));
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    for (int again = 0; again < 3; again++) {
      assertEquals(75, run());
    }
    assertEquals(0, run());
    assertEquals("stuck", state("phase"));
    assertEquals(75, run(), "once more");
    assertEquals(0, run());
    assertEquals("stuck", state("phase"));
    String tried = log();
    assertEquals(0, run());
    assertEquals(tried, log(), "and no more in this boot");
    Files.delete(machine.resolve("refuses-1.0"));
    Files.delete(machine.resolve("run/lingtan-update.tried"));
    assertEquals(0, run());
    assertEquals("put_back", state("phase"));
    assertEquals("1.0", installed());
  }

  /** Another package of the version that is installed is another package. */
  @Test
  void theNameOfAVersionProvesNothing() throws Exception {
    Software other = software("1.0", deb("1.0") + "Other: yes\n");
    wish(document(7, LATER, other), KEY);
    assertEquals(0, run());
    assertEquals("applied", state("phase"));
    assertEquals("dpkg 1.0\nslept\n", log());
    wish(document(8, LATER, other), KEY);
    assertEquals(0, run());
    assertEquals("8", state("serial"));
    assertEquals("applied", state("phase"));
    assertEquals("dpkg 1.0\nslept\n", log(), "that one is installed");
    Files.createFile(machine.resolve("ill"));
    wish(document(9, LATER, software("1.0", deb("1.0") + "Bad: yes\n")), KEY);
    assertEquals(0, run());
    assertEquals("put_back", state("phase"));
    assertEquals(3, log().lines().filter("dpkg 1.0"::equals).count(), "there and back");
  }

  @Test
  void aStopWaitsForDpkgAndWhatIsAppliedIsSaidBeforeTheWayBackGoes() throws Exception {
    Files.createFile(machine.resolve("stop"));
    wish(document(7, LATER, software("1.1", deb("1.1"))), KEY);
    assertEquals(75, run());
    assertEquals("trial", state("phase"));
    Files.createFile(machine.resolve("cut-rm"));
    assertEquals(137, run());
    assertEquals("applied", state("phase"));
  }
}
