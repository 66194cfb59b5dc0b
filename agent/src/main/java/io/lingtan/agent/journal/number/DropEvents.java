package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Severity;
import io.lingtan.agent.reading.JournalRecord.Kind;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes events of drops. A full journal drops with nearly every commit: what follows within a
 * minute is told together, so that telling of lost data does not itself fill the journal.
 */
public final class DropEvents {
  private static final long TOGETHER_NANOS = 60_000_000_000L;

  private record Key(String epoch, Kind kind, String reason) {}

  private final Map<Key, Drop> waiting = new LinkedHashMap<>();
  private final Map<Key, MonotonicInstant> told = new LinkedHashMap<>();

  public void add(String epoch, Drop drop) {
    waiting.merge(
        new Key(epoch, drop.kind(), drop.reason()),
        drop,
        (a, b) ->
            new Drop(
                Math.min(a.from(), b.from()),
                Math.max(a.to(), b.to()),
                a.count() + b.count(),
                a.kind(),
                a.reason()));
  }

  public List<Event> take(MonotonicInstant now) {
    told.values().removeIf(at -> now.nanosSince(at) >= TOGETHER_NANOS);
    List<Event> events = new ArrayList<>();
    Iterator<Map.Entry<Key, Drop>> each = waiting.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Key, Drop> entry = each.next();
      if (!told.containsKey(entry.getKey())) {
        told.put(entry.getKey(), now);
        events.add(event(entry.getKey(), entry.getValue()));
        each.remove();
      }
    }
    return events;
  }

  private static Event event(Key key, Drop drop) {
    return Event.of("journal.dropped", Severity.ALARM)
        .with("epoch", key.epoch())
        .with("from", drop.from())
        .with("to", drop.to())
        .with("count", drop.count())
        .with("kind", key.kind().name().toLowerCase(Locale.ROOT))
        .with("reason", key.reason());
  }

  public static Event damagedSegment(Epoch epoch, Segment segment, DamagedSegment e) {
    return Event.of("journal.damaged_segment", Severity.ALARM)
        .with("epoch", epoch.id())
        .with("first", segment.first())
        .with("last", segment.last())
        .with("why", String.valueOf(e.getMessage()));
  }
}
