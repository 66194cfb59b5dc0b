package io.lingtan.agent.publish;

import java.time.YearMonth;
import java.util.Map;
import java.util.TreeMap;

/**
 * Signed monthly documents on their way to the publisher: of the newest {@value #MOST} months the
 * newest text each; a newer text replaces the one before. Any thread.
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
