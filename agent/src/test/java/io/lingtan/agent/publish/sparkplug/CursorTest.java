package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.MonotonicInstant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the view remembers of what it sent, and where it keeps that. */
final class CursorTest {

  private static final MonotonicInstant ZERO = new MonotonicInstant(0);

  @TempDir Path folder;

  @Test
  void whatWasSavedIsLoaded() {
    Path file = folder.resolve("journal.db.sparkplug");
    CursorFile first = new CursorFile(file);
    CursorFile.Kept none = first.load();
    assertTrue(none.isFirst());
    assertEquals(0, none.nextBdSeq());
    none.told().passed("e1", 1, 1000);
    none.told().sent("e1", 1010, 1020, ZERO);
    none.told().begin("e2");
    assertTrue(first.save(7, none.told()));

    CursorFile.Kept kept = new CursorFile(file).load();
    assertFalse(kept.isFirst());
    assertEquals(7, kept.nextBdSeq());
    assertEquals(List.of("epoch e1 1-1000 1010-1020", "epoch e2"), kept.told().lines());
  }

  @Test
  void aFileThatIsDamagedCountsAsNone() throws Exception {
    Path file = folder.resolve("cursor");
    for (String bad :
        List.of(
            "",
            "something else",
            "lingtan sparkplug cursor 1\n",
            "lingtan sparkplug cursor 1\nbdseq x\n",
            "lingtan sparkplug cursor 1\nbdseq 3\nepoch e1 7-\n",
            "lingtan sparkplug cursor 1\nbdseq 3\nepoch e1 9-7\n",
            "lingtan sparkplug cursor 1\nbdseq 3\nepoch\n",
            "x".repeat(300_000))) {
      Files.writeString(file, bad);
      assertTrue(new CursorFile(file).load().isFirst(), bad);
    }
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertTrue(new CursorFile(file).load().isFirst());
  }

  @Test
  void aFolderThatCannotBeWrittenIsSaidAndTheViewGoesOn() {
    CursorFile file = new CursorFile(folder.resolve("missing/cursor"));
    assertFalse(file.save(1, new SentRecords()));
  }

  @Test
  void whatWasSentInTheLastMinuteIsUnsureWhenTheConnectionBreaks() {
    SentRecords told = new SentRecords();
    told.passed("e", 1, 10);
    told.sent("e", 11, 20, ZERO);
    told.sent("e", 21, 30, ZERO.plusMillis(100_000));
    told.sent("e", 31, 31, ZERO.plusMillis(101_500));
    told.unsure(ZERO.plusMillis(110_000));
    assertEquals(List.of("epoch e 1-20"), told.lines());
  }

  @Test
  void whatWasSentIsSureWhenTheConnectionWasLeft() {
    SentRecords told = new SentRecords();
    told.sent("e", 1, 20, ZERO);
    told.sure();
    told.unsure(ZERO);
    assertEquals(List.of("epoch e 1-20"), told.lines());
  }

  @Test
  void whatIsRememberedIsBounded() {
    SentRecords told = new SentRecords();
    for (int i = 0; i < 5000; i++) {
      told.sent("e", 2L * i + 1, 2L * i + 1, ZERO.plusMillis(i));
    }
    assertEquals(32, Objects.requireNonNull(told.of("e")).ranges().size());
    String line = told.lines().getFirst();
    assertTrue(line.endsWith(" 9999-9999"), line);
  }
}
