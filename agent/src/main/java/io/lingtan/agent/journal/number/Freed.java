package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.Segment;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What one transaction drops: written with it, and told to memory when it has ended well. */
public final class Freed {
  /** One drop and the epoch it is in. */
  public record Declared(Epoch epoch, Drop drop) {}

  private record Gone(Epoch epoch, long first, long last) {}

  private final Map<Epoch, List<Drop>> drops = new LinkedHashMap<>();
  private final List<Declared> declared = new ArrayList<>();
  private final List<Gone> gone = new ArrayList<>();
  private final Map<Epoch, Long> highest = new HashMap<>();
  private final Map<Integer, Long> held = new HashMap<>();

  public void declare(Epoch epoch, Drop drop, boolean touches) {
    drops.put(epoch, Drops.with(drops(epoch), drop, touches));
    declared.add(new Declared(epoch, drop));
  }

  public void dropped(Epoch epoch, Segment segment) {
    gone.add(new Gone(epoch, segment.first(), segment.last()));
    highest.merge(epoch, segment.last(), Math::max);
    if (segment.boot() != 0) {
      held.merge(segment.boot(), (long) -segment.count(), Long::sum);
    }
  }

  /** The epoch's drops with those of this transaction. */
  public List<Drop> drops(Epoch epoch) {
    return drops.getOrDefault(epoch, epoch.drops());
  }

  /** The highest seq of an epoch that is gone with this transaction, 0 if none is. */
  public long highest(Epoch epoch) {
    return highest.getOrDefault(epoch, 0L);
  }

  /** Undated records gone, negative, by boot number. */
  public Map<Integer, Long> held() {
    return held;
  }

  public List<Declared> declared() {
    return declared;
  }

  public void save(Database db) throws SQLException {
    for (Map.Entry<Epoch, List<Drop>> entry : drops.entrySet()) {
      Epochs.declare(db, entry.getKey(), entry.getValue());
    }
  }

  /** Told before it counts as settled, so that nobody sees a hole in between. */
  public void saved() {
    drops.forEach(Epoch::drops);
    gone.forEach(each -> each.epoch().dropped(each.first(), each.last()));
  }
}
