package io.lingtan.agent.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeptFileTest {

  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "rw-r-----", "rw-rw----", "rw-rw-rw-"})
  void whoMayReadAndWriteItStaysTheSameWhateverTheUmaskIs(String permissions) throws IOException {
    Path file = Files.writeString(folder.resolve("site.yaml"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    KeptFile.of(file).replace(bytes("new"));
    for (String name : new String[] {"site.yaml", "site.yaml.1"}) {
      assertEquals(
          permissions,
          PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))),
          name);
    }
  }

  @Test
  void whatItHeldIsBesideItAndTheOldestGoes() throws IOException {
    Path file = Files.writeString(folder.resolve("site.yaml"), "0");
    KeptFile kept = KeptFile.of(file);
    for (int i = 1; i <= KeptFile.MOST_BACKUPS + 2; i++) {
      kept.replace(bytes("" + i));
      assertArrayEquals(bytes("" + (i - 1)), kept.before());
    }
    assertEquals("10", Files.readString(file));
    assertEquals("9", Files.readString(folder.resolve("site.yaml.1")));
    assertEquals("2", Files.readString(folder.resolve("site.yaml.8")));
    assertFalse(Files.exists(folder.resolve("site.yaml.9")));
    try (var names = Files.list(folder)) {
      assertEquals(1 + KeptFile.MOST_BACKUPS, names.count(), "nothing else is left behind");
    }
  }

  @Test
  void aLinkStaysAndWhatItLeadsToIsReplaced() throws IOException {
    Path real = Files.writeString(folder.resolve("real.yaml"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("site.yaml"), real);
    KeptFile.of(link).replace(bytes("new"));
    assertEquals(real, link.resolveSibling(Files.readSymbolicLink(link)));
    assertEquals("new", Files.readString(real));
  }
}
