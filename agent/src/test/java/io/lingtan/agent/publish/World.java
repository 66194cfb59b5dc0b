package io.lingtan.agent.publish;

import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Certificates;
import io.lingtan.agent.site.FactorTable;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.testing.Parts;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A publisher, a journal and a broker in one thread on virtual time. */
public final class World {

  private static final List<FactorTable> FUELS =
      List.of(Objects.requireNonNull(Catalogue.factors(null).load("cn-fuels").value()));

  public final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  public final MemoryBroker broker = new MemoryBroker();
  final Inbox<Arrival> ledger = new Inbox<>(1000);
  public final List<Event> events = new ArrayList<>();
  final MonthReports months = new MonthReports();
  public final List<Arrival.Fed> fed = new ArrayList<>();
  int holdsEnded;

  /** What a fleet's centre wants; null where there is none. */
  @Nullable DesiredState desired;

  /** Who may change the site file from afar, null for nobody. */
  Site.@Nullable Centre fleet;

  public MemoryOutbox outbox = new MemoryOutbox("e1");
  public Site.Mqtt mqtt = mqtt(List.of("mqtt://one:1883"));
  public PublishStep step;

  public World() {
    step = make();
  }

  /** A new process on the same journal. */
  public PublishStep make() {
    PublishStep made =
        new PublishStep(
            obeying(mqtt, fleet),
            new Birth("1.0", new LinkedHashMap<>()),
            outbox,
            () -> outbox.state(),
            broker,
            ledger,
            time,
            Randomness.seeded(1),
            desired,
            months);
    outbox.onCommit = made::onCommit;
    return made;
  }

  public World with(Site.Mqtt settings) {
    mqtt = settings;
    step = make();
    return this;
  }

  public static Site.Mqtt mqtt(List<String> servers) {
    return Parts.mqtt(
        servers, null, null, null, null, null, Duration.ZERO, 60_000, false, false, List.of());
  }

  static Site site(Site.Mqtt mqtt) {
    return obeying(mqtt, null);
  }

  /** One that somebody may change from afar. */
  static Site obeying(Site.Mqtt mqtt, Site.@Nullable Centre fleet) {
    return new Site(
        "gw",
        new Site.Place("test", ZoneId.of("Asia/Shanghai"), "CN-JS", 31.5, Double.NaN),
        List.of(),
        Parts.metering(
            "15m",
            Site.Allocation.PRIORITY,
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            null,
            false,
            List.of()),
        Parts.carbon(List.of(), List.of("location"), FUELS, Certificates.NONE),
        mqtt,
        new Site.JournalSettings(
            Path.of("journal.db"), 1 << 30, Duration.ofSeconds(1), Path.of("signing.key")),
        new Site.StatusSettings(false, "127.0.0.1", 0, null, true, List.of(), null),
        new Site.ClockSettings(List.of("system"), Duration.ofMinutes(10)),
        Path.of("site.yaml"),
        "0".repeat(64),
        null,
        null,
        fleet,
        null);
  }

  /**
   * Steps until nothing is due before {@code millis} have passed, jumping from one due to the next.
   */
  public void run(long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    int idle = 0;
    while (true) {
      MonotonicInstant now = time.now();
      int done = step.step(now);
      ledger.drain(
          arrival -> {
            if (arrival instanceof Arrival.Noticed noticed) {
              events.add(noticed.event());
            } else if (arrival instanceof Arrival.Fed told) {
              fed.add(told);
            } else if (arrival instanceof Arrival.HoldEnded) {
              holdsEnded++;
            }
          },
          1000);
      if (done > 0) {
        idle = 0;
        continue;
      }
      MonotonicInstant due = step.due();
      if (!due.isAfter(now)) {
        // Due at once but nothing was done: a step that spins is a fault.
        if (++idle > 10) {
          throw new AssertionError("spins at " + now);
        }
        continue;
      }
      if (due.isAfter(end)) {
        time.advanceTo(end);
        return;
      }
      idle = 0;
      time.advanceTo(due);
    }
  }

  public List<String> eventNames() {
    return events.stream().map(Event::name).toList();
  }
}
