package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedKeysTest {

  @TempDir Path folder;

  @Test
  void aKeyThatCanBeGuessedIsWarnedOf() throws IOException {
    List<String> told = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            told.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger(SharedKeys.class.getName());
    logger.addHandler(handler);
    logger.setLevel(Level.WARNING); // a command in this process may have quietened all
    try {
      Path file = folder.resolve("keys");
      Files.writeString(file, "one hex:00112233445566778899aabbccddeeff\ntwo sixteen-letters-\n");
      assertEquals(2, SharedKeys.nodes(file).size());
      assertEquals(List.of(), told);
      Files.writeString(file, "one hex:00112233445566778899aabbccddee\n");
      assertEquals(1, SharedKeys.nodes(file).size());
      assertEquals(1, told.size());
      assertTrue(told.getFirst().contains("a key of 15 bytes can be guessed"), told::toString);
    } finally {
      logger.removeHandler(handler);
      logger.setLevel(null);
    }
  }
}
