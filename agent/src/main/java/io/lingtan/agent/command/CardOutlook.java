package io.lingtan.agent.command;

import io.lingtan.agent.command.trial.CardUse;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How much a site writes to its card, and how long it can be without a broker.
 *
 * @param use null where nothing can be said
 * @param why nothing can be said; empty where something is
 * @param roomBytes for the journal's file and its WAL
 * @param limit what bounds that, {@code max_size} or {@code disk}
 */
record CardOutlook(@Nullable CardUse use, String why, double roomBytes, String limit) {

  /**
   * Writes and reads a temporary journal.
   *
   * @param here whether this machine's disk counts
   */
  static CardOutlook of(Site site, boolean here) {
    String why = CardUse.notForetold(site);
    CardUse use = null;
    if (why == null) {
      Time time = new SystemTime(site.clock().trust());
      try {
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        use = CardUse.of(site, time.wall().millisAt(time.now()), temporary);
      } catch (IOException e) {
        why = "not foretold: " + e.getMessage();
      }
    }
    long room = site.journal().maxSize();
    Path file = site.journal().path().toAbsolutePath();
    DiskRoom disk = here && file.getParent() != null ? DiskRoom.at(file.getParent()) : null;
    long left = disk == null ? room : HereCheck.length(file) + disk.freeBytes();
    return new CardOutlook(
        use, why == null ? "" : why, Math.min(room, left), left < room ? "disk" : "max_size");
  }

  /** Days until unsent records are dropped, if {@link #use} is known. */
  double days() {
    CardUse known = use;
    return known == null ? 0 : known.daysOffline((long) roomBytes);
  }
}
