package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.acquire.line.LineSnapshot.DeviceSnapshot;
import io.lingtan.agent.acquire.line.Outlet;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Sentence;
import io.lingtan.agent.run.Inbox;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.VirtualTime;
import io.lingtan.agent.site.Line;
import io.lingtan.testing.CoapSites;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Our own CoAP server on virtual time, and nodes that push to it. */
final class CoapServerStepTest {

  private static final Duration EVERY = Duration.ofSeconds(10);

  private final VirtualTime time = new VirtualTime(1_764_060_000_000L);
  private final Inbox<Arrival> inbox = new Inbox<>(10_000);
  private final Inbox<IngestSignal> signals = new Inbox<>(100);
  private final List<Integer> replies = new ArrayList<>();
  private final List<Sample> samples = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final Line.CoapServer line =
      new Line.CoapServer(
          "ingest",
          "127.0.0.1:5683",
          null,
          Duration.ofSeconds(1),
          List.of(
              CoapSites.device(
                  "tank1", CoapSites.builtIn("senml"), CoapSites.resource(false), EVERY, EVERY)));
  private final CoapServerStep step =
      new CoapServerStep(line, time, new Outlet(line.devices(), inbox, time), new Port());
  private long pushes;

  private final class Port implements IngestPort {
    @Override
    public String where() {
      return "memory";
    }

    @Override
    public Inbox<IngestSignal> signals() {
      return signals;
    }

    @Override
    public @Nullable Sentence open() {
      return null;
    }

    @Override
    public Set<String> devicesOf(String identity) {
      return Set.of(identity);
    }

    @Override
    public void reply(long id, int code, String words) {
      replies.add(code);
    }

    @Override
    public void close() {}
  }

  private void push(String body) {
    signals.offer(
        new IngestSignal.Pushed(
            pushes++,
            null,
            List.of("ingest", "tank1"),
            PayloadDecoder.SENML_JSON,
            body.getBytes(StandardCharsets.UTF_8)));
    run(1);
  }

  private void run(long millis) {
    MonotonicInstant end = time.now().plusMillis(millis);
    while (time.now().isBefore(end)) {
      if (step.step(time.now()) == 0) {
        MonotonicInstant next = step.due().min(end);
        time.advanceTo(next.isAfter(time.now()) ? next : time.now().plusMillis(1));
      }
      inbox.drain(
          arrival -> {
            switch (arrival) {
              case Arrival.Recorded(var sample) -> samples.add(sample);
              case Arrival.Noticed(var event, var boot, var at) -> events.add(event.name());
              default -> {}
            }
          },
          Integer.MAX_VALUE);
    }
  }

  private DeviceSnapshot device() {
    return step.snapshot().devices().getFirst();
  }

  @Test
  void aNodeThatPushesRubbishBecomesStaleAndOfflineAsOneThatIsSilent() {
    run(1_000);
    push("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35}]");
    run(5_000);
    long told = device().answeredNanos();
    for (int i = 0; i < 60; i++) {
      push("rubbish");
      run(5_000);
    }
    assertEquals(204, replies.getFirst());
    assertTrue(replies.subList(1, replies.size()).stream().allMatch(code -> code == 400));
    assertEquals(told, device().answeredNanos(), "rubbish is no answer");
    assertEquals(60, device().crcErrors(), "and is counted");
    assertEquals(List.of("meter.offline"), events, "it is not back with each piece of rubbish");
    assertTrue(device().offline());
    assertTrue(samples.stream().anyMatch(sample -> Reason.STALE.equals(sample.failed())));
    long offline = samples.stream().filter(s -> Reason.OFFLINE.equals(s.failed())).count();
    assertTrue(offline >= 3 && offline <= 5, "one a minute: " + offline);
    assertTrue(samples.size() < 20, "samples: " + samples);
    push("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":34}]");
    assertEquals(List.of("meter.offline", "meter.online"), events);
  }

  @Test
  void aListenerThatStoodStillTellsThatThereAreNoReadings() {
    for (int i = 0; i < 20; i++) {
      push("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35}]");
      run(5_000);
    }
    assertEquals(List.of(), events);
    time.advanceMillis(60_000);
    push("[{\"n\":\"pressure\",\"u\":\"MPa\",\"v\":35}]");
    run(5_000);
    assertEquals(List.of("poll.late"), events);
  }
}
