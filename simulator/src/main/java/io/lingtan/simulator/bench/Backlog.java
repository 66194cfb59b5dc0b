package io.lingtan.simulator.bench;

import io.lingtan.agent.Host;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiFunction;

/** A journal full of what has not been delivered, made by the real ledger in a time of its own. */
public final class Backlog {

  /**
   * What there is of it.
   *
   * @param last highest number given
   */
  public record Filled(String epoch, long last) {}

  private Backlog() {}

  /**
   * Fills the journal of a site as an agent would that ended an hour ago and never had a broker.
   *
   * @param seconds how long it ran, one sample of each device each second
   * @param samples what a device showed, by its place among all and the time
   * @throws IllegalArgumentException if the site file is refused
   */
  public static Filled fill(
      Path siteFile, int seconds, BiFunction<Integer, VirtualTime, Sample> samples) {
    Site site = new SiteLoader().load(siteFile).site();
    if (site == null) {
      throw new IllegalArgumentException(
          siteFile + " is refused: " + new SiteLoader().load(siteFile).problems());
    }
    int devices = site.lines().stream().mapToInt(line -> line.devices().size()).sum();
    VirtualTime time = new VirtualTime(System.currentTimeMillis() - seconds * 1_000L - 3_600_000L);
    Host host = Host.real();
    JournalOptions options =
        new JournalOptions(
            site.journal().path(),
            site.journal().maxSize(),
            host.machine(),
            host.connector(),
            host.volatileFolder(),
            null);
    try (Journal journal = Journal.open(options, time, Randomness.system())) {
      Inbox<Arrival> arrivals = new Inbox<>(devices);
      LedgerStep ledger = new LedgerStep(site, journal, arrivals, time);
      for (int second = 0; second < seconds; second++) {
        time.advanceMillis(1_000);
        for (int device = 0; device < devices; device++) {
          arrivals.offer(new Arrival.Recorded(samples.apply(device, time)));
        }
        int done;
        do {
          done = ledger.step(time.now());
        } while (done > 0);
      }
      ledger.close();
      return new Filled(journal.state().epoch(), journal.state().last());
    }
  }

  /** The devices of a line, each second. */
  public static String devices(List<String> ids, String profile) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < ids.size(); i++) {
      text.append(
          "      - {id: %s, profile: %s, unit: %d, every: 1s, record: 1s}\n"
              .formatted(ids.get(i), profile, i + 1));
    }
    return text.toString();
  }
}
