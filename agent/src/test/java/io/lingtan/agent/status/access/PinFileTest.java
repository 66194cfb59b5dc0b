package io.lingtan.agent.status.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PinFileTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("secrets/pin");
  }

  private @Nullable String opened(String machine) {
    return new PinFile(file, machine).open(Randomness.system());
  }

  @Test
  void theFirstStartMakesOneThatOnlyItsOwnerReads() throws IOException {
    String pin = opened("pi-1");
    assertNotNull(pin);
    assertTrue(pin.matches("\\d{6}"), pin);
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    assertEquals(pin, opened("pi-1"), "it stays");
    assertTrue(!Files.readString(file).contains("pi-1"), "the machine is not told");
  }

  @Test
  void aClonedCardGetsOneOfItsOwn() throws IOException {
    opened("pi-1");
    String before = Files.readString(file);
    String pin = opened("pi-2");
    assertNotNull(pin);
    assertNotEquals(before, Files.readString(file));
    assertEquals(pin, opened("pi-2"));
  }

  @Test
  void whoWritesOneOfTheirOwnKeepsItOnEveryMachine() throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "  Wuxi2026 \n");
    assertEquals("Wuxi2026", opened("pi-1"));
    assertEquals("Wuxi2026", opened("pi-2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "12345", "12 3456", "123456;x", "六位数字密码"})
  void whatIsNoPinLetsNobodyInAndIsKept(String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertNull(opened("pi-1"));
    assertEquals(text, Files.readString(file));
  }

  @Test
  void aFileOfRubbishLetsNobodyIn() throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[2_000_000]);
    assertNull(opened("pi-1"));
    Files.write(file, new byte[] {(byte) 0xFF, 0, 1});
    assertNull(opened("pi-1"));
  }

  @Test
  void aFolderThatCannotBeMadeLetsNobodyIn() throws IOException {
    Files.writeString(folder.resolve("secrets"), "a file is in the way");
    assertNull(opened("pi-1"));
  }
}
