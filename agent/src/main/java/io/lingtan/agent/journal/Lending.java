package io.lingtan.agent.journal;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches that have their numbers but are not on the card, because it cannot be written: what is
 * live goes on being published, and is written with the same numbers as soon as that is possible.
 *
 * <p>Crash contract: before a number of the block is seen by anybody, a mark of the epoch lies in
 * memory that outlives this process but not this boot. Whoever starts and finds it begins another
 * epoch, and so does the first start after a boot that did not stop cleanly; so no number gets two
 * contents. What was lent and not delivered is lost with the process: it is declared dropped by
 * whoever finds the mark, and {@code agent.start} names the span. The mark follows what is
 * delivered, so that no drop is declared of what somebody has; only what a killed process delivered
 * since {@link #follow} was called last counts as lost, too. Ledger thread.
 */
final class Lending {
  private static final Logger log = LoggerFactory.getLogger(Lending.class);

  /** Numbers that may be given out before the card has to be written. */
  private static final int BLOCK = 1 << 16;

  private final Path folder;
  private final Deque<Plan> plans = new ArrayDeque<>();
  private String marked = "";
  private Lost mark = new Lost(0, Map.of());
  private long upTo;

  /**
   * @param folder in memory, outlives the process and ends with the boot
   */
  Lending(Path folder) {
    this.folder = folder;
  }

  boolean isEmpty() {
    return plans.isEmpty();
  }

  /** Oldest first. */
  List<Plan> plans() {
    return List.copyOf(plans);
  }

  /** Segments' pages of all of them. */
  long pages() {
    return plans.stream().mapToLong(Plan::pages).sum();
  }

  /** What the card's counter of commits is as long as none of them is there. */
  long commitsBefore(Epoch epoch) {
    return isOf(epoch) ? plans.getFirst().commits() - 1 : epoch.commits();
  }

  private boolean isOf(Epoch epoch) {
    return !plans.isEmpty() && plans.getFirst().epoch() == epoch;
  }

  /**
   * Writes down that these numbers are given out, which has to be before anybody sees them.
   *
   * @return false if that is not possible, or the block is used up
   */
  boolean reserve(Epoch epoch, Batch batch) {
    long last = epoch.last() + batch.size();
    if (plans.isEmpty()) {
      upTo = epoch.last() + BLOCK;
    }
    if (last > upTo) {
      return false;
    }
    return write(epoch, new Lost(last, undelivered(epoch, batch)));
  }

  /** Brings the mark up to date with what has been delivered of the numbers given out. */
  void follow(Epoch epoch) {
    if (!isOf(epoch)) {
      return;
    }
    Lost now = new Lost(epoch.last(), undelivered(epoch, null));
    if (!now.equals(mark)) {
      write(epoch, now);
    }
  }

  private boolean write(Epoch epoch, Lost now) {
    try {
      Files.createDirectories(folder);
      // Whoever is killed in between leaves the old one.
      Path next = folder.resolve("lingtan-lent.new");
      Files.writeString(next, now.text());
      Files.move(next, place(epoch.id()), StandardCopyOption.ATOMIC_MOVE);
      marked = epoch.id();
      mark = now;
      return true;
    } catch (IOException e) {
      log.warn("nothing is published until the journal can be written: {}", e.toString());
      return false;
    }
  }

  private Map<Kind, Long> undelivered(Epoch epoch, @Nullable Batch batch) {
    Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    for (Plan plan : plans) {
      for (JournalRecord record : plan.records()) {
        if (!epoch.isSettled(record.seq())) {
          counts.merge(record.kind(), 1L, Long::sum);
        }
      }
    }
    if (batch == null) {
      return counts;
    }
    counts.merge(Kind.DATA, (long) batch.data().size(), Long::sum);
    for (Batch.Report report : batch.reports()) {
      Kind kind =
          switch (report) {
            case Batch.Report.Closed closed -> Kind.INTERVAL;
            case Batch.Report.Happened happened -> Kind.EVENT;
          };
      counts.merge(kind, 1L, Long::sum);
    }
    return counts;
  }

  /**
   * What a process that is gone had numbered and not written.
   *
   * @param last highest number
   * @param undelivered records without an acknowledgement when the last numbers were given
   */
  record Lost(long last, Map<Kind, Long> undelivered) {
    private String text() {
      StringBuilder text = new StringBuilder().append(last);
      for (Kind kind : Kind.values()) {
        text.append(' ').append(undelivered.getOrDefault(kind, 0L));
      }
      return text.append(System.lineSeparator()).toString();
    }

    private static Lost of(String text) {
      String[] numbers = text.strip().split(" ");
      Map<Kind, Long> undelivered = new EnumMap<>(Kind.class);
      int at = 1;
      for (Kind kind : Kind.values()) {
        undelivered.put(kind, Long.parseLong(numbers[at++]));
      }
      return new Lost(Long.parseLong(numbers[0]), undelivered);
    }
  }

  /** As the mark of this epoch tells; null if it tells nothing. */
  @Nullable Lost lost(String epoch) {
    try {
      return Lost.of(Files.readString(place(epoch)));
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
      log.warn("{} tells nothing: {}", place(epoch), e.toString());
      return null;
    }
  }

  void add(Plan plan) {
    plans.addLast(plan);
  }

  /**
   * The card has been written up to this count of commits after all.
   *
   * @return false if none of the batches ends there
   */
  boolean reached(Epoch epoch, long commits) {
    if (!isOf(epoch) || plans.stream().noneMatch(plan -> plan.commits() == commits)) {
      return false;
    }
    while (!plans.isEmpty() && plans.getFirst().commits() <= commits) {
      plans.removeFirst();
    }
    return true;
  }

  /** All of them are on the card. */
  void written() {
    plans.clear();
    unmark(marked);
    marked = "";
  }

  /**
   * If the file that they belong to is gone and another epoch has begun, what nobody has
   * acknowledged goes into this batch.
   */
  void giveBack(Epoch current, Batch batch) {
    if (plans.isEmpty() || isOf(current)) {
      return;
    }
    while (!plans.isEmpty()) {
      plans.removeLast().giveBack(batch);
    }
    unmark(marked);
    marked = "";
  }

  /** Whether numbers of this epoch were lent by a process that is gone. */
  boolean wasLent(String epoch) {
    return !marked.equals(epoch) && Files.exists(place(epoch));
  }

  /** The epoch has ended. */
  void unmark(String epoch) {
    if (epoch.isEmpty()) {
      return;
    }
    try {
      Files.deleteIfExists(place(epoch));
    } catch (IOException e) {
      // Whoever finds it begins another epoch, which costs nothing but that.
      log.warn("{} cannot be removed: {}", place(epoch), e.toString());
    }
  }

  private Path place(String epoch) {
    return folder.resolve("lingtan-lent-" + epoch);
  }
}
