package io.lingtan.agent.journal.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlaceTest {

  @TempDir private Path folder;

  @Test
  void whoLooksWhetherAnAgentHasItTakesNothing() throws IOException {
    Path file = folder.resolve("journal.db");
    assertFalse(Place.isInUse(file));
    try (var made = Files.list(folder)) {
      assertEquals(0, made.count());
    }
    try (InstanceLock agent = InstanceLock.take(file)) {
      assertNotNull(agent);
      assertTrue(Place.isInUse(file));
      assertTrue(Place.isInUse(file), "whoever asked before");
    }
    assertFalse(Place.isInUse(file));
    try (InstanceLock next = InstanceLock.take(file)) {
      assertNotNull(next);
    }
  }
}
