package io.lingtan.agent.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JournalLineTest {

  private static LogRecord record(String level, String message) {
    LogRecord record = new LogRecord(Level.parse(level), message);
    record.setLoggerName("io.lingtan.agent.publish.PublishStep");
    return record;
  }

  @ParameterizedTest
  @CsvSource({"SEVERE, <3>", "WARNING, <4>", "INFO, <6>", "CONFIG, <7>", "FINE, <7>"})
  void aLineBearsItsLevel(String level, String prefix) {
    assertEquals(prefix + "PublishStep: gone\n", new JournalLine().format(record(level, "gone")));
  }

  @Test
  void aCauseIsOneLineAndWhereItComesFromIsForDebugging() {
    LogRecord record = record("SEVERE", "first\n  second");
    record.setThrown(new IllegalStateException("why\nnot", new RuntimeException("deep")));
    List<String> lines = new JournalLine().format(record).lines().toList();
    assertEquals(
        "<3>PublishStep: first second: java.lang.IllegalStateException: why not", lines.getFirst());
    for (String line : lines.subList(1, lines.size())) {
      assertTrue(line.startsWith("<7>"), line);
    }
    assertTrue(String.join("\n", lines).contains("because of java.lang.RuntimeException: deep"));
  }
}
