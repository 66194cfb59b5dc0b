package io.lingtan.agent.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where native code comes from: a library stands for any file here. */
final class NativeFolderTest {

  private static final URL PACKED =
      Objects.requireNonNull(NativeFolderTest.class.getResource("NativeFolderTest.class"));

  @TempDir private Path folder;

  @AfterEach
  void installNothing() {
    System.clearProperty("lingtan.natives");
  }

  private static byte[] whole() throws IOException {
    try (var in = PACKED.openStream()) {
      return in.readAllBytes();
    }
  }

  private static void permit(Path file, String permissions) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void aLibraryIsMadeWholeAndOnce() throws IOException {
    Path own = folder.resolve("own");
    Path target = own.resolve("library");
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    byte[] whole = Files.readAllBytes(target);
    assertArrayEquals(whole(), whole);
    var time = Files.getLastModifiedTime(target);
    NativeFolder.of(PACKED, "library", own);
    assertEquals(time, Files.getLastModifiedTime(target));
    // Cut short, and another machine's of the same length.
    for (byte[] wrong : List.of(new byte[100], new byte[whole.length])) {
      Files.write(target, wrong);
      NativeFolder.of(PACKED, "library", own);
      assertArrayEquals(whole, Files.readAllBytes(target));
    }
    try (Stream<Path> files = Files.list(own)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void theInstallationsIsTakenIfItIsTheSame() throws IOException {
    Path installed = Files.createDirectory(folder.resolve("installed"));
    Path own = folder.resolve("own");
    System.setProperty("lingtan.natives", installed.toString());
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    Files.write(installed.resolve("library"), new byte[whole().length]);
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    Files.delete(own.resolve("library"));
    Files.write(installed.resolve("library"), whole());
    assertEquals(installed, NativeFolder.of(PACKED, "library", own));
    assertFalse(Files.exists(own.resolve("library")));
  }

  /** They could change it between its being looked at and its being loaded. */
  @Test
  void nothingIsTakenFromWhereOthersCanWrite() throws IOException {
    Path theirs = folder.resolve("theirs");
    Path own = Files.createDirectories(theirs.resolve("own"));
    permit(theirs, "rwxrwxrwx");
    Path taken = NativeFolder.of(PACKED, "library", own);
    assertNotEquals(own, taken);
    assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(taken)));
    assertArrayEquals(whole(), Files.readAllBytes(taken.resolve("library")));

    permit(theirs, "rwxr-xr-x");
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    permit(own.resolve("library"), "rwxrwxrwx"); // as jSerialComm leaves its own
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    assertTrue(NativeFolder.isOnlyOurs(own.resolve("library")), "made again");
    permit(own, "rwxrwxr-x");
    assertNotEquals(own, NativeFolder.of(PACKED, "library", own));
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    Path own = Files.createDirectories(folder.resolve("own"));
    Path real = Files.write(folder.resolve("elsewhere"), whole());
    Files.createSymbolicLink(own.resolve("library"), real);
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    assertFalse(Files.isSymbolicLink(own.resolve("library")));
  }

  /** Root's own work in a folder of the service: only root can try it. */
  @Test
  void nothingIsTakenFromAnotherUsersFolder() throws IOException {
    Path own = Files.createDirectories(folder.resolve("own"));
    try {
      Files.setAttribute(own, "unix:uid", 12_345);
    } catch (IOException e) {
      return; // not root
    }
    assertNotEquals(own, NativeFolder.of(PACKED, "library", own));
    Files.setAttribute(own, "unix:uid", 0);
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    Files.setAttribute(own.resolve("library"), "unix:uid", 12_345);
    assertFalse(NativeFolder.isOnlyOurs(own.resolve("library")));
    assertEquals(own, NativeFolder.of(PACKED, "library", own));
    assertTrue(NativeFolder.isOnlyOurs(own.resolve("library")), "made again");
  }
}
