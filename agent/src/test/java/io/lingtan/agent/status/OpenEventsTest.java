package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.status.event.Events;
import io.lingtan.agent.status.event.OpenEvents;
import io.lingtan.testing.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page says of alarms that go on: never that there are none where nobody knows. */
final class OpenEventsTest {

  private static final Event RATIO = Event.of("meter.ratio", Severity.ALARM, "gate");

  @TempDir private Path folder;

  private KeptDay kept() throws IOException {
    return KeptDay.empty(ShownSite.good(folder).site(), folder);
  }

  private static Event[] others(int count) {
    return Collections.nCopies(count, Event.of("command.read", Severity.INFO))
        .toArray(Event[]::new);
  }

  private static void assertRatioGoesOn(OpenEvents open) {
    assertTrue(open.complete());
    assertEquals(1, open.count());
    assertEquals("meter.ratio", open.worst().getFirst().event().event().name());
  }

  @Test
  void anAlarmGoesOnHoweverManyEventsAreNewer() throws Exception {
    try (KeptDay kept = kept()) {
      kept.happens(RATIO).happens(others(1500));
      assertRatioGoesOn(kept.pages().openEvents());
    }
  }

  @Test
  void anAlarmOlderThanTheNewestThousandIsListedAndCanBeFound() throws Exception {
    try (KeptDay kept = kept()) {
      HistoryPages pages = kept.happens(RATIO).happens(others(1500)).pages();
      byte[] answer =
          Objects.requireNonNull(pages.answer("/api/events", "active=1&severity=warning")).body();
      Map<String, Object> list = Json.object(new String(answer, StandardCharsets.UTF_8));
      assertTrue(list.toString().contains("meter.ratio"), list::toString);
      var alarm = pages.openEvents().worst().getFirst().event();
      Events events = kept.events();
      assertNotNull(events.find(alarm.epoch(), alarm.seq()));
      assertNull(events.find(alarm.epoch(), alarm.seq() + 10_000));
    }
  }

  @Test
  void anAlarmThatWasSeenGoesOnFromLookToLookUntilItEnds() throws Exception {
    try (KeptDay kept = kept()) {
      HistoryPages pages = kept.happens(RATIO).pages();
      var alarm = pages.openEvents().worst().getFirst().event();
      kept.happens(
          Event.of("command.event_acknowledged", Severity.INFO)
              .with("epoch", alarm.epoch())
              .with("seq", alarm.seq()));
      for (int i = 0; i < 4; i++) {
        kept.happens(others(600));
        OpenEvents open = pages.openEvents();
        assertRatioGoesOn(open);
        assertFalse(open.worst().getFirst().isOpen(), "somebody has seen it");
      }
      kept.happens(others(1500));
      assertRatioGoesOn(pages.openEvents());
      kept.happens(Event.of("meter.ratio_good", Severity.INFO, "gate"));
      assertEquals(new OpenEvents(0, List.of(), true), pages.openEvents());
    }
  }

  @Test
  void whatCannotBeReadIsNotKnown() throws Exception {
    try (KeptDay kept = kept()) {
      HistoryPages pages = kept.happens(RATIO).pages();
      Files.write(folder.resolve("day.db"), "no database".getBytes(StandardCharsets.UTF_8));
      Files.deleteIfExists(folder.resolve("day.db-wal"));
      assertFalse(pages.openEvents().complete());
    }
  }

  @Test
  void whatHasNotBeenReadYetIsNotKnown() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (KeptDay kept = kept();
        ExecutorService busy = Executors.newSingleThreadExecutor()) {
      busy.execute(
          () -> {
            try {
              end.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      try {
        OpenEvents open = new LatestEvents(busy).of(kept.happens(RATIO).pages());
        assertTrue(open != null && !open.complete(), "not known");
      } finally {
        end.countDown();
      }
    }
  }
}
