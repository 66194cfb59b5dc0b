package io.lingtan.agent.publish;

import java.time.YearMonth;
import java.util.Map;
import java.util.TreeMap;

/**
 * The signed documents of months, between whoever closes a month and the publisher, which others
 * take the place of. The newest {@value #MOST} months are held, of each the newest text. Any
 * thread.
 */
public final class MonthReports {

  private static final int MOST = 24;

  private final TreeMap<YearMonth, String> texts = new TreeMap<>();
  private volatile Runnable onChange = () -> {};

  /** Takes the place of an earlier one of that month. */
  public void put(YearMonth month, String text) {
    synchronized (texts) {
      texts.put(month, text);
      if (texts.size() > MOST) {
        texts.pollFirstEntry();
      }
    }
    onChange.run();
  }

  Map<YearMonth, String> all() {
    synchronized (texts) {
      return Map.copyOf(texts);
    }
  }

  /** What to call when there is another: the present publisher's. */
  void onChange(Runnable action) {
    onChange = action;
  }
}
