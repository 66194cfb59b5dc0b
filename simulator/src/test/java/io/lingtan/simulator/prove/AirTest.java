package io.lingtan.simulator.prove;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.fail;

import io.lingtan.agent.desk.Air;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.simulator.check.Witness;
import io.lingtan.simulator.prove.memory.MemoryLines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code lingtan check} says that a site will send, against what its agent sends. */
final class AirTest {

  private static final double TOLERANCE = 0.2;
  private static final long SETTLED_MILLIS = 600_000;
  private static final long LASTS_MILLIS = 3_600_000;
  private static final double MONTH_HOURS = 30 * 24;
  private static final int PUBACK_BYTES = 4;

  @TempDir private Path folder;
  private long sent;

  @ParameterizedTest
  @CsvSource({
    "demo-microgrid, 10s, 15m",
    "demo-microgrid, 10s, 1m",
    "pv-rooftop, 60s, 5m",
    "storage, 5s, 15m",
    "hydrogen-depot, 10s, 15m"
  })
  void aMonthOnTheAirComesOutAsForetold(String name, String record, String interval)
      throws Exception {
    ProvedSite proved = ProvedSite.of(name, 5);
    long start = proved.world().stepStart();
    MachineClock clock = new MachineClock(start, List.of());
    Card card = Card.in(folder);
    String text =
        SiteEdits.proved(proved.simulated().text(), null, card.folder().resolve("journal.db"))
            .replaceAll("record: \\w+", "record: " + record)
            .replaceAll("interval: \\w+", "interval: " + interval);
    Site site = new SiteLoader().load(Files.writeString(folder.resolve("site.yaml"), text)).site();
    assertNotNull(site, text);
    try (Gateway gateway =
        new Gateway(
            site,
            clock,
            MemoryLines.of(
                proved.simulated(),
                clock,
                clock.world(),
                new Witness(proved.world(), proved.faults())),
            new FaultyBroker(clock, List.of(), this::take),
            card,
            new FaultyDisk(clock, List.of(), Randomness.seeded(5)),
            5,
            (at, what) -> fail(at + " " + what))) {
      gateway.start();
      gateway.until(start + SETTLED_MILLIS);
      sent = 0;
      gateway.until(start + SETTLED_MILLIS + LASTS_MILLIS);
      double measured = sent * MONTH_HOURS;
      double foretold = Air.bytesPerMonth(site);
      assertEquals(
          1, foretold / measured, TOLERANCE, () -> foretold + " foretold, measured " + measured);
    } finally {
      card.close();
    }
  }

  private void take(Message message) {
    sent += message.packetBytes() + PUBACK_BYTES;
  }
}
