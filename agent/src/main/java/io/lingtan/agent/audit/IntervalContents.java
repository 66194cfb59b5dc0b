package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Arrived.Numbered;
import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts intervals that were told again under the same revision with other figures, as a card that
 * was put back from an older copy does under numbers of its own. Bound: the figures of the latest
 * {@value #MOST} are remembered, and those only while this process runs. One thread.
 */
final class IntervalContents {

  private static final int MOST = 4096;
  private static final long WEIGHT = 300;

  /** Digests of metrics, by those of the interval and its revision; the oldest first. */
  private final Map<String, String> figures = new LinkedHashMap<>();

  private long twice;

  IntervalContents(long twice) {
    this.twice = twice;
  }

  /** Takes a record that came for the first time; only those of intervals count. */
  void add(Numbered record) {
    if (!record.stream().startsWith("interval/")) {
      return;
    }
    try {
      JsonValue.Obj json =
          JsonValue.object(new String(record.json(), StandardCharsets.UTF_8).strip());
      String interval =
          Digest.of(record.stream() + " " + json.number("start") + " " + json.number("rev"));
      String told = Digest.of(CanonicalJson.of(json.object("metrics")));
      String before = figures.putIfAbsent(interval, told);
      if (before != null && !before.equals(told)) {
        twice++;
      }
      keep(MOST);
    } catch (NotJson | IllegalArgumentException | ArithmeticException e) {
      // It is no interval record then: what is wrong with it is for lingtan verify to say.
      return;
    }
  }

  private void keep(int most) {
    var oldest = figures.keySet().iterator();
    while (figures.size() > most) {
      oldest.next();
      oldest.remove();
    }
  }

  /** How often. */
  long twice() {
    return twice;
  }

  /** About how many bytes of memory it takes. */
  long weight() {
    return WEIGHT * figures.size();
  }

  /** Remembers half of it. */
  void lighten() {
    keep(figures.size() / 2);
  }
}
