package io.lingtan.agent.publish;

import io.lingtan.agent.publish.link.PahoBroker;
import io.lingtan.agent.publish.retained.Birth;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.Loop;
import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A publisher on its own thread, with a real connection and a journal in memory. */
final class Gateway implements AutoCloseable {

  static final String EPOCH = "e1e1e1e1";

  final MemoryOutbox outbox;
  final Inbox<Arrival> ledger = new Inbox<>(1000);
  final PublishStep step;
  private final List<Event> events = new ArrayList<>();
  private final Described described = new Described();
  private final Loop loop;

  Gateway(Site.Mqtt mqtt) {
    this(mqtt, EPOCH);
  }

  Gateway(Site.Mqtt mqtt, String epoch) {
    outbox = new MemoryOutbox(epoch);
    RealTime time = new RealTime();
    Site site = World.site(mqtt);
    step =
        new PublishStep(
            site,
            new Birth("1.0", new LinkedHashMap<>()),
            outbox,
            outbox::state,
            new SeenBroker(new PahoBroker(site), described),
            ledger,
            time,
            Randomness.seeded(7),
            null,
            new MonthReports());
    outbox.onCommit = step::onCommit;
    loop = new Loop(step, time).start();
  }

  List<Event> events() {
    ledger.drain(
        arrival -> {
          if (arrival instanceof Arrival.Noticed noticed) {
            events.add(noticed.event());
          }
        },
        1000);
    return events;
  }

  boolean told(String name) {
    return events().stream().anyMatch(event -> event.name().equals(name));
  }

  /** What keeps it from connecting, as soon as something does. */
  String problem() throws IOException, InterruptedException {
    await("a problem", 30, () -> step.snapshot().link().problem() != null);
    return String.valueOf(step.snapshot().link().problem());
  }

  static void await(String what, int seconds, BooleanSupplier condition)
      throws InterruptedException {
    long until = System.nanoTime() + seconds * 1_000_000_000L;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("waited " + seconds + " s for " + what);
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() {
    if (!loop.stop(Duration.ofSeconds(10))) {
      throw new AssertionError("the publisher does not stop");
    }
    described.check();
  }
}
