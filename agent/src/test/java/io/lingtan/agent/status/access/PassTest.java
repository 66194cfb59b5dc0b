package io.lingtan.agent.status.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What programs of this machine prove themselves with. */
final class PassTest {

  @TempDir private Path folder;

  @Test
  void aPassIsReadAsWrittenAndByNobodyElse() throws IOException {
    Path file = folder.resolve("journal.db.pass");
    Pass pass = new Pass(8080, "00112233445566778899aabbccddeeff");
    pass.write(file);
    assertEquals(pass, Pass.read(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
  }

  /** Of an agent that there is not, it leads to the pass of one that there is. */
  @Test
  void aLinkToAPassIsNotFollowed() throws IOException {
    Path file = folder.resolve("journal.db.pass");
    new Pass(8080, "00112233445566778899aabbccddeeff").write(file);
    Path link = Files.createSymbolicLink(folder.resolve("other.db.pass"), file);
    assertThrows(IOException.class, () -> Pass.read(link));
  }
}
