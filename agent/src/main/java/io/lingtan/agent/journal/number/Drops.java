package io.lingtan.agent.journal.number;

import io.lingtan.agent.journal.code.ByteSink;
import io.lingtan.agent.journal.code.ByteSource;
import io.lingtan.agent.journal.code.DamagedSegment;
import io.lingtan.agent.journal.number.StoreSnapshot.Drop;
import io.lingtan.agent.reading.JournalRecord.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * The declared drops of one epoch, ascending: at most 32, their counts exact whatever is merged.
 */
public final class Drops {
  static final int MOST = 32;

  /** Stands for reasons that had to be told together. */
  public static final String SEVERAL = "several";

  private Drops() {}

  /**
   * The list with one more.
   *
   * @param touches whether nothing of this kind lies between it and the drop before it
   */
  public static List<Drop> with(List<Drop> drops, Drop more, boolean touches) {
    List<Drop> all = new ArrayList<>(drops);
    int last = lastAlike(all, more);
    if (touches && last >= 0) {
      all.set(last, merged(all.get(last), more));
    } else {
      int at = all.size();
      while (at > 0 && all.get(at - 1).from() > more.from()) {
        at--;
      }
      all.add(at, more);
    }
    while (all.size() > MOST) {
      mergeOldest(all);
    }
    return List.copyOf(all);
  }

  /** The seq after which a drop like this would touch; 0 if there is none. */
  public static long endOfLastAlike(List<Drop> drops, Drop more) {
    int last = lastAlike(drops, more);
    return last < 0 ? 0 : drops.get(last).to();
  }

  private static int lastAlike(List<Drop> drops, Drop more) {
    for (int i = drops.size() - 1; i >= 0; i--) {
      if (alike(drops.get(i), more) && drops.get(i).to() < more.from()) {
        return i;
      }
    }
    return -1;
  }

  private static boolean alike(Drop a, Drop b) {
    return a.kind() == b.kind() && a.reason().equals(b.reason());
  }

  /** Wider than what is gone, but with the exact count: still true. */
  private static Drop merged(Drop a, Drop b) {
    return new Drop(
        Math.min(a.from(), b.from()),
        Math.max(a.to(), b.to()),
        a.count() + b.count(),
        a.kind(),
        a.reason().equals(b.reason()) ? a.reason() : SEVERAL);
  }

  /** Merges the oldest two of one kind and reason; failing that, of one kind. */
  private static void mergeOldest(List<Drop> drops) {
    for (int i = 0; i < drops.size(); i++) {
      for (int j = i + 1; j < drops.size(); j++) {
        if (alike(drops.get(i), drops.get(j))) {
          drops.set(i, merged(drops.get(i), drops.remove(j)));
          return;
        }
      }
    }
    // More than 32 of three kinds: two are of one kind.
    for (int i = 0; i < drops.size(); i++) {
      for (int j = i + 1; j < drops.size(); j++) {
        if (drops.get(i).kind() == drops.get(j).kind()) {
          drops.set(i, merged(drops.get(i), drops.remove(j)));
          return;
        }
      }
    }
  }

  static byte[] toBytes(List<Drop> drops) {
    ByteSink to = new ByteSink();
    to.putVarint(drops.size());
    for (Drop drop : drops) {
      to.putVarint(drop.from());
      to.putVarint(drop.to());
      to.putVarint(drop.count());
      to.put(code(drop.kind()));
      to.putText(drop.reason());
    }
    return to.toBytes();
  }

  private static int code(Kind kind) {
    return switch (kind) {
      case DATA -> 0;
      case INTERVAL -> 1;
      case EVENT -> 2;
    };
  }

  private static Kind kind(int code) throws DamagedSegment {
    return switch (code) {
      case 0 -> Kind.DATA;
      case 1 -> Kind.INTERVAL;
      case 2 -> Kind.EVENT;
      default -> throw new DamagedSegment("a record of kind " + code);
    };
  }

  static List<Drop> fromBytes(byte[] bytes) throws DamagedSegment {
    ByteSource from = new ByteSource(bytes);
    int size = from.takeCount(MOST);
    List<Drop> drops = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      long first = from.takeVarint();
      long last = from.takeVarint();
      long count = from.takeVarint();
      Kind kind = kind(from.take());
      drops.add(new Drop(first, last, count, kind, from.takeText()));
    }
    from.end();
    return List.copyOf(drops);
  }
}
