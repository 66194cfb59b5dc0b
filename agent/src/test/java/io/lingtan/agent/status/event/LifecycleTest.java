package io.lingtan.agent.status.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.JournalRecord.EventRecord;
import io.lingtan.agent.status.event.Lifecycle.Standing;
import io.lingtan.agent.status.event.Lifecycle.State;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LifecycleTest {

  private final List<EventRecord> records = new ArrayList<>();

  private void tell(Event event) {
    long seq = records.size() + 1L;
    records.add(new EventRecord("e1", seq, seq - 1, "boot", seq, seq * 1000, event));
  }

  private static Event line(String what, String id) {
    return Event.of("line." + what, Severity.ALARM).with("line", id);
  }

  private static Event meter(String what, String id) {
    return Event.of("meter." + what, Severity.WARNING, id);
  }

  private Standing of(long seq) {
    return Lifecycle.of(records.reversed(), Map.of("m", "a")).stream()
        .filter(each -> each.event().seq() == seq)
        .findAny()
        .orElseThrow();
  }

  @Test
  void aStateIsActiveUntilItsOwnEnd() {
    tell(line("down", "a"));
    tell(line("down", "b"));
    tell(meter("offline", "m"));
    tell(line("up", "b"));
    tell(meter("online", "n"));
    assertEquals(State.ACTIVE, of(1).state());
    assertEquals(State.CLEARED, of(2).state());
    assertEquals(4000, of(2).clearedMillis());
    assertEquals(State.ACTIVE, of(3).state());
    assertEquals(State.MOMENT, of(4).state());
  }

  private void tellUndated(Event event) {
    long seq = records.size() + 1L;
    records.add(new EventRecord("e1", seq, seq - 1, "boot", seq, JournalRecord.UNDATED, event));
  }

  @Test
  void aStartWithoutAClockMovesNothingToTheYear1970() {
    tell(line("down", "a"));
    tell(line("up", "a"));
    tell(line("down", "b"));
    tellUndated(Event.of("agent.start", Severity.INFO));
    tellUndated(line("down", "a"));
    assertEquals(2000, of(1).clearedMillis());
    assertEquals(State.CLEARED, of(3).state());
    assertEquals(JournalRecord.UNDATED, of(3).clearedMillis(), "by the start, whenever it was");
    assertEquals(State.ACTIVE, of(5).state());
    tell(line("up", "a"));
    assertEquals(6000, of(5).clearedMillis());
    assertEquals(JournalRecord.UNDATED, of(3).clearedMillis());
  }

  @Test
  void eachTimeEndsByTheEndAfterIt() {
    tell(line("down", "a"));
    tell(line("up", "a"));
    tell(line("down", "a"));
    tell(line("up", "a"));
    tell(line("down", "a"));
    assertEquals(2000, of(1).clearedMillis());
    assertEquals(4000, of(3).clearedMillis());
    assertEquals(State.ACTIVE, of(5).state());
  }

  @Test
  void whatIsToldAgainGoesOnInPlaceOfTheEarlier() {
    tell(Event.of("uplink.down", Severity.WARNING).with("reason", "refused"));
    tell(Event.of("uplink.down", Severity.WARNING).with("reason", "network"));
    assertEquals(State.CLEARED, of(1).state());
    assertEquals(State.ACTIVE, of(2).state());
  }

  @Test
  void aNewRunEndsWhatItDoesNotKnowOf() {
    tell(meter("offline", "m"));
    tell(Event.of("meter.residual", Severity.ALARM).with("start", 5L).with("over", false));
    tell(Event.of("agent.start", Severity.INFO));
    assertEquals(State.CLEARED, of(1).state());
    assertEquals(3000, of(1).clearedMillis());
    // The ledger takes this one up again from its checkpoint.
    assertEquals(State.ACTIVE, of(2).state());
    tell(Event.of("meter.residual", Severity.INFO).with("start", 5L).with("over", true));
    assertEquals(State.CLEARED, of(2).state());
    assertEquals(State.MOMENT, of(4).state());
  }

  @Test
  void aChangedSiteFileEndsWhatItsStepsToldThatBeginAnew() {
    tell(line("down", "a"));
    tell(line("down", "b"));
    tell(meter("ratio", "m"));
    tell(Event.of("uplink.down", Severity.WARNING).with("reason", "network"));
    tell(Event.of("config.changed", Severity.INFO).with("what", "lines a, status"));
    assertEquals(5000, of(1).clearedMillis());
    assertEquals(State.ACTIVE, of(2).state());
    assertEquals(5000, of(3).clearedMillis());
    assertEquals(State.ACTIVE, of(4).state());
    tell(Event.of("config.changed", Severity.INFO).with("what", "mqtt"));
    assertEquals(6000, of(4).clearedMillis());
  }

  @Test
  void theWorstThatNobodyHasSeenComesFirst() {
    tell(meter("reset", "m"));
    tell(line("down", "a"));
    tell(meter("offline", "m"));
    tell(line("down", "b"));
    tell(Event.of("agent.stop", Severity.INFO));
    tell(
        Event.of(Lifecycle.ACKNOWLEDGED, Severity.INFO)
            .with("epoch", "e1")
            .with("seq", 4L)
            .with("event", "line.down"));
    assertTrue(of(2).isOpen());
    assertFalse(of(4).isOpen());
    assertEquals(6000, of(4).acknowledgedMillis());
    assertEquals(
        List.of(2L, 3L, 4L, 1L, 6L, 5L),
        Lifecycle.worstFirst(Lifecycle.of(records.reversed(), Map.of("m", "a"))).stream()
            .map(each -> each.event().seq())
            .toList());
  }
}
