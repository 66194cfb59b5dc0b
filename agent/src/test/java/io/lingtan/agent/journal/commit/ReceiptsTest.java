package io.lingtan.agent.journal.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lingtan.agent.journal.Bench;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.number.StoreSnapshot.Range;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.JournalRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Acknowledgements between two commits, and a process that is killed. */
final class ReceiptsTest {

  @TempDir Path folder;

  private static void take(Bench bench, long... seqs) {
    try (Outbox outbox = bench.journal().outbox()) {
      for (long seq : seqs) {
        outbox.acknowledged(bench.journal().state().epoch(), seq);
      }
      outbox.keepAcknowledged();
    }
  }

  private Path file(Bench bench) {
    return folder.resolve("volatile/lingtan-acked-" + bench.journal().state().epoch());
  }

  private static List<Long> waiting(Bench bench) {
    return bench.waiting().stream().map(JournalRecord::seq).toList();
  }

  @Test
  void aKillHasNothingSentAgainThatTheBrokerTook() {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(6);
      long written = bench.journal().state().bytesWritten();
      take(bench, 1, 2, 3);
      take(bench, 5);
      assertEquals(written, bench.journal().state().bytesWritten(), "nothing for the card");
      assertEquals(2, bench.journal().receipts().written(), "one for each step");
      bench.killed();
      assertEquals(List.of(4L, 6L), waiting(bench));
      assertEquals(3, bench.journal().state().acked());
      assertEquals(List.of(new Range(5, 5)), bench.journal().state().ahead());
      // And once more, before anything is committed.
      bench.killed();
      assertEquals(List.of(4L, 6L), waiting(bench));
      assertEquals(0, bench.journal().receipts().ignored());
    }
  }

  @Test
  void whatWasNotWrittenDownIsSentAgain() {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(4);
      take(bench, 1);
      bench.acknowledge(2, 3);
      bench.killed();
      assertEquals(List.of(2L, 3L, 4L), waiting(bench));
    }
  }

  @Test
  void withoutTheFileTheCardTells() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(4);
      take(bench, 1);
      bench.commit();
      take(bench, 2);
      Path file = file(bench);
      bench.journal().crash();
      Files.delete(file);
      bench.killed();
      assertEquals(List.of(2L, 3L, 4L), waiting(bench));
    }
  }

  @Test
  void aTornTailCostsTheEntryThatItCuts() throws IOException {
    for (int cut = 1; cut <= 10; cut++) {
      try (Bench bench = new Bench(Files.createDirectory(folder.resolve("cut" + cut)))) {
        bench.commitWide(4);
        take(bench, 1);
        take(bench, 2);
        take(bench, 3);
        Path file =
            bench.file.resolveSibling("volatile/lingtan-acked-" + bench.journal().state().epoch());
        bench.journal().crash();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - cut));
        bench.killed();
        assertEquals(List.of(3L, 4L), waiting(bench), "cut by " + cut);
      }
    }
  }

  @Test
  void aFileOfAnotherEpochIsPassedOverAndCounted() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(4);
      take(bench, 1, 2);
      Path before = file(bench);
      Path kept = Files.copy(before, folder.resolve("kept"));
      bench.powerCut();
      bench.commitWide(4);
      Files.createDirectories(folder.resolve("volatile"));
      Files.copy(kept, file(bench), StandardCopyOption.REPLACE_EXISTING);
      String epoch = bench.journal().state().epoch();
      bench.killed();
      assertEquals(epoch, bench.journal().state().epoch());
      assertEquals(0, bench.journal().state().acked());
      assertEquals(1, bench.journal().receipts().ignored());
    }
  }

  @Test
  void anythingElseInItsPlaceIsPassedOverAndCounted() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(2);
      Files.createDirectories(folder.resolve("volatile"));
      Files.writeString(file(bench), "\u0000\u0000\u0000\u0010 is not ours");
      bench.killed();
      assertEquals(List.of(1L, 2L), waiting(bench));
      assertEquals(1, bench.journal().receipts().ignored());
      assertTrue(Files.size(file(bench)) > 0, "it is written anew");
      bench.killed();
      assertEquals(0, bench.journal().receipts().ignored(), "said once");
    }
  }

  @Test
  void numbersThatAnOlderCopyOfTheJournalNeverGaveAreNotBelievedThen() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(2);
      bench.journal().close();
      Path copy = Files.copy(bench.file, folder.resolve("copy.db"));
      bench.restarted();
      bench.commitWide(4);
      take(bench, 1, 4, 5);
      bench.journal().crash();
      for (String suffix : List.of("-wal", "-shm")) {
        Files.deleteIfExists(bench.file.resolveSibling(bench.file.getFileName() + suffix));
      }
      Files.copy(copy, bench.file, StandardCopyOption.REPLACE_EXISTING);
      bench.killed();
      assertEquals(List.of(2L), waiting(bench), "the first was delivered, whoever says it");
      assertEquals(1, bench.journal().receipts().ignored());
      bench.commitWide(4);
      bench.killed();
      assertEquals(List.of(2L, 1L, 2L, 3L, 4L), waiting(bench), "these are others");
      assertEquals("store_ahead", bench.journal().state().previous().getLast().reason());
    }
  }

  /** No broker that remembers is needed for it. */
  @Test
  void anOlderCardGoesOnUnderNoNumberThatWasDeliveredInThisBoot() throws IOException {
    for (boolean isClean : new boolean[] {true, false}) {
      try (Bench bench = new Bench(Files.createDirectory(folder.resolve("clean " + isClean)))) {
        bench.commitWide(2);
        take(bench, 1, 2);
        bench.journal().close();
        Path copy = Files.copy(bench.file, folder.resolve("copy " + isClean));
        bench.restarted();
        String epoch = bench.journal().state().epoch();
        bench.commitWide(4);
        take(bench, 3, 4, 5);
        bench.commit();
        for (int restart = 0; restart < 2; restart++) {
          if (isClean) {
            bench.restarted();
          } else {
            bench.killed();
          }
          assertEquals(epoch, bench.journal().state().epoch());
        }
        bench.journal().crash();
        for (String suffix : List.of("-wal", "-shm")) {
          Files.deleteIfExists(bench.file.resolveSibling(bench.file.getFileName() + suffix));
        }
        Files.copy(copy, bench.file, StandardCopyOption.REPLACE_EXISTING);
        bench.killed();
        assertNotEquals(epoch, bench.journal().state().epoch());
        assertEquals(
            List.of("journal.epoch", "journal.store_ahead"),
            bench.journal().openingEvents().stream().map(Event::name).toList());
        assertEquals("store_ahead", bench.journal().state().previous().getLast().reason());
      }
    }
  }

  /** Killed, with this done to the file; returns what waits then. */
  private List<Long> waitingAfter(Bench bench, Tampering tampering) throws IOException {
    bench.commitWide(4);
    take(bench, 1, 2);
    Path file = file(bench);
    bench.journal().crash();
    tampering.at(file);
    bench.killed();
    return waiting(bench);
  }

  private interface Tampering {
    void at(Path file) throws IOException;
  }

  private static void assertRefused(Bench bench) {
    assertEquals(1, bench.journal().receipts().ignored());
    assertEquals(
        List.of("journal.memory_refused"),
        bench.journal().openingEvents().stream().map(Event::name).toList());
  }

  @Test
  void aFileThatOthersMayWriteIsNotBelieved() throws IOException {
    try (Bench bench = new Bench(folder)) {
      assertEquals(
          List.of(1L, 2L, 3L, 4L),
          waitingAfter(
              bench,
              file ->
                  Files.setPosixFilePermissions(
                      file, PosixFilePermissions.fromString("rw-rw-rw-"))));
      assertRefused(bench);
    }
  }

  @Test
  void aLinkIsNotFollowed() throws IOException {
    try (Bench bench = new Bench(folder)) {
      assertEquals(
          List.of(1L, 2L, 3L, 4L),
          waitingAfter(
              bench,
              file -> {
                Path elsewhere = Files.move(file, folder.resolve("elsewhere"));
                Files.createSymbolicLink(file, elsewhere);
              }));
      assertRefused(bench);
      assertTrue(Files.size(folder.resolve("elsewhere")) > 0);
    }
  }

  @Test
  void anothersFileIsNotBelieved() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root can give files away");
    try (Bench bench = new Bench(folder)) {
      assertEquals(
          List.of(1L, 2L, 3L, 4L),
          waitingAfter(bench, file -> Files.setAttribute(file, "unix:uid", 65_534)));
      assertRefused(bench);
    }
  }

  @Test
  void nothingIsBelievedInAFolderThatOthersMayWrite() throws IOException {
    try (Bench bench = new Bench(folder)) {
      assertEquals(
          List.of(1L, 2L, 3L, 4L),
          waitingAfter(
              bench,
              file ->
                  Files.setPosixFilePermissions(
                      file.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"))));
      assertRefused(bench);
      take(bench, 1);
      assertTrue(bench.journal().receipts().failed() > 0, "nor is anything put there");
    }
  }

  @Test
  void whatItMakesIsItsUsersAlone() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(2);
      take(bench, 1);
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(file(bench).getParent())));
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file(bench))));
    }
  }

  @Test
  void numbersThatTheCardNeverGaveAreNotAcknowledged() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(4);
      take(bench, 1);
      String epoch = bench.journal().state().epoch();
      bench.journal().crash();
      Slate forged =
          new Slate(folder.resolve("volatile/lingtan-acked-" + epoch), "lingtan acked 1 " + epoch);
      ByteSink entry = new ByteSink();
      entry.putVarint(3);
      entry.putVarint(100_000);
      forged.begin(entry.toBytes());
      forged.close();
      bench.killed();
      assertEquals(List.of(1L, 2L), waiting(bench), "3 and 4 may have been sent");
      bench.commitWide(4);
      assertEquals(List.of(1L, 2L, 1L, 2L, 3L, 4L), waiting(bench), "under none of them");
    }
  }

  @Test
  void itStaysSmallHoweverScattered() throws IOException {
    try (Bench bench = new Bench(folder)) {
      for (int i = 0; i < 30; i++) {
        bench.commitWide(1000);
      }
      for (long seq = 1; seq <= 30_000; seq++) {
        if (seq % 7 != 0) {
          take(bench, seq);
        }
      }
      Path file = file(bench);
      assertTrue(Files.size(file) <= 256 * 1024, Files.size(file) + " bytes");
      bench.killed();
      // What memory had forgotten of so many ranges is what is sent again.
      int again = waiting(bench).size() - 30_000 / 7;
      assertTrue(again <= 6 * (30_000 / 7 - 4096), again + " are sent again");
    }
  }

  @Test
  void aCleanStopNeedsNoFile() throws IOException {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(4);
      take(bench, 1, 2);
      Path file = file(bench);
      bench.journal().close();
      Files.delete(file);
      bench.restarted();
      assertEquals(2, bench.journal().state().acked());
    }
  }

  @Test
  void moreRangesThanTheCardHoldsOutliveACleanStop() {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(200);
      long[] odd = new long[100];
      for (int i = 0; i < odd.length; i++) {
        odd[i] = 2L * i + 1;
      }
      take(bench, odd);
      bench.restarted();
      assertEquals(100, waiting(bench).size());
    }
  }

  @Test
  void acknowledgementsOfAnEarlierEpochAreKeptToo() {
    try (Bench bench = new Bench(folder)) {
      bench.commitWide(3);
      String epoch = bench.journal().state().epoch();
      Bench.endEpoch(bench.journal(), "test");
      bench.commitWide(2);
      try (Outbox outbox = bench.journal().outbox()) {
        outbox.acknowledged(epoch, 1);
        outbox.acknowledged(bench.journal().state().epoch(), 2);
        outbox.keepAcknowledged();
      }
      bench.killed();
      assertEquals(List.of(2L, 3L, 1L), waiting(bench));
      try (Outbox outbox = bench.journal().outbox()) {
        outbox.acknowledged(epoch, 2);
        outbox.acknowledged(epoch, 3);
        outbox.keepAcknowledged();
      }
      bench.commit();
      assertFalse(
          Files.exists(folder.resolve("volatile/lingtan-acked-" + epoch)), "it has been delivered");
    }
  }
}
