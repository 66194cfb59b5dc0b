package io.lingtan.agent.site.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.site.yaml.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A site file that others can change is used, and said to be one. */
final class OwnershipTest {

  private static final Path FILE = Path.of("/etc/lingtan/site.yaml");

  @TempDir Path folder;

  private static String of(String owner, String permissions, String user) {
    return String.valueOf(
        Ownership.problem(FILE, owner, PosixFilePermissions.fromString(permissions), user));
  }

  @Test
  void thatOfRootAndThatOfTheServiceAreInOrder() {
    assertEquals("null", of("root", "rw-r--r--", "lingtan"));
    assertEquals("null", of("lingtan", "rw-r-----", "lingtan"));
    assertEquals("null", of("lingtan", "rw-r-----", "root"));
  }

  @Test
  void thatOfSomebodyElseIsSaid() {
    assertEquals(
        "belongs to pi, who can change it at any time; run: chown lingtan " + FILE,
        of("pi", "rw-r--r--", "lingtan"));
  }

  @Test
  void aFileThatEverybodyCanChangeIsSaidAndUsed() throws IOException {
    Path file = folder.resolve("site.yaml");
    Files.writeString(file, "gateway: open\nsite: {region: CN}\nclock: {trust: [system]}\n");
    assertNull(Ownership.problem(file));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
    Loaded loaded = new SiteLoader().load(file);
    assertNotNull(loaded.site());
    List<String> told = loaded.problems().stream().map(Problem::toString).toList();
    assertEquals(
        "site.yaml: warning: everybody on this machine can change it; run: chmod o-w " + file,
        told.getFirst().replace(folder + "/", "").replace("o-w site.yaml", "o-w " + file));
  }
}
