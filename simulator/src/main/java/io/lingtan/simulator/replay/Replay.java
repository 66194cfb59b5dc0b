package io.lingtan.simulator.replay;

import io.lingtan.agent.acquire.Lines;
import io.lingtan.agent.acquire.wire.Channel;
import io.lingtan.agent.acquire.wire.FieldPorts;
import io.lingtan.agent.journal.Journal;
import io.lingtan.agent.journal.JournalOptions;
import io.lingtan.agent.journal.Outbox;
import io.lingtan.agent.ledger.LedgerStep;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.reading.RecordJson;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.Step;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.agent.site.Site;
import io.lingtan.simulator.prove.VirtualRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the agent makes of a recording.
 *
 * @param records as JSON, in order of their numbers
 * @param answered requests that were found in the recording
 * @param unknown requests that were not: the agent asks for something that the recorded one did not
 */
record Replay(List<String> records, long answered, long unknown) {

  private static final long JOURNAL_BYTES = 256L * 1024 * 1024;
  private static final int ARRIVALS = 4096;
  private static final int CHUNK = 1000;

  Replay {
    records = List.copyOf(records);
  }

  /**
   * Runs line steps, ledger and journal on virtual time. The same recording gives the same records.
   *
   * @param home where the journal lies meanwhile
   */
  static Replay run(Recording recording, Path home) {
    Site site = recording.site();
    VirtualTime time = new VirtualTime(recording.offsetMillis());
    time.trust(recording.trusted());
    time.advanceTo(new MonotonicInstant(recording.startNanos()));
    Ports ports = new Ports(recording.lines(), time);
    Inbox<Arrival> arrivals = new Inbox<>(ARRIVALS);
    JournalOptions options =
        new JournalOptions(home.resolve("journal.db"), JOURNAL_BYTES, "replay");
    try (Journal journal = Journal.open(options, time, Randomness.seeded(1))) {
      LedgerStep ledger = new LedgerStep(site, journal, arrivals, time);
      List<Step> steps =
          new ArrayList<>(
              Lines.of(ofRecorded(site), time, arrivals, ports, ledger.totals(), ledger.serials()));
      steps.add(ledger);
      VirtualRun run = new VirtualRun(steps, time);
      run.until(new MonotonicInstant(recording.madeNanos()));
      run.close();
      // Nobody waits for a clock here: what has no date is shown without.
      journal.undatedBoots().forEach(journal::releaseBoot);
      return new Replay(records(journal), ports.answered(), ports.unknown());
    }
  }

  /** The site with those lines only of which there are frames: others carry none. */
  private static Site ofRecorded(Site site) {
    return new Site(
        site.gateway(),
        site.place(),
        site.lines().stream().filter(Line::isPolled).toList(),
        site.metering(),
        site.carbon(),
        site.mqtt(),
        site.journal(),
        site.status(),
        site.clock(),
        site.file(),
        site.sha256(),
        null,
        null,
        null,
        null);
  }

  private static List<String> records(Journal journal) {
    List<String> records = new ArrayList<>();
    String epoch = journal.state().epoch();
    try (Outbox outbox = journal.outbox()) {
      long next = 1;
      List<JournalRecord> some;
      do {
        some = outbox.read(epoch, EnumSet.allOf(Kind.class), next, CHUNK);
        some.forEach(record -> records.add(RecordJson.of(record)));
        next = some.isEmpty() ? next : some.getLast().seq() + 1;
      } while (!some.isEmpty());
    }
    return records;
  }

  /** Lines that were recorded; one that was not is silent. */
  private static final class Ports implements FieldPorts {
    private final Map<String, Frames> lines = new HashMap<>();
    private final List<ReplayChannel> channels = new ArrayList<>();
    private final VirtualTime time;

    Ports(List<Frames> recorded, VirtualTime time) {
      recorded.forEach(line -> lines.put(line.line(), line));
      this.time = time;
    }

    @Override
    public Channel channel(Line line) {
      Frames frames = lines.get(line.id());
      ReplayChannel channel =
          new ReplayChannel(frames == null ? new Frames(line.id(), 0, 0, List.of()) : frames, time);
      channels.add(channel);
      return channel;
    }

    long answered() {
      return channels.stream().mapToLong(ReplayChannel::answered).sum();
    }

    long unknown() {
      return channels.stream().mapToLong(ReplayChannel::unknown).sum();
    }
  }
}
