package io.lingtan.agent.command;

import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * A line for a service manager's journal: its level in front as sd-daemon(3) has it, no time, which
 * the journal has itself, and one line for each cause. Where an exception came from follows at the
 * level of debugging.
 */
public final class JournalLine extends Formatter {

  private static final String DEBUG = "<7>";

  /** Writes so from here on if these environment variables say that a journal reads along. */
  public static void useIfRead(Map<String, String> environment) {
    if (environment.containsKey("JOURNAL_STREAM")) {
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(new JournalLine());
      }
    }
  }

  @Override
  public String format(LogRecord record) {
    String name = String.valueOf(record.getLoggerName());
    StringBuilder text = new StringBuilder(prefix(record.getLevel()));
    text.append(name.substring(name.lastIndexOf('.') + 1)).append(": ");
    text.append(oneLine(formatMessage(record)));
    Throwable thrown = record.getThrown();
    if (thrown != null) {
      text.append(": ").append(oneLine(String.valueOf(thrown)));
    }
    text.append('\n');
    while (thrown != null) {
      for (StackTraceElement at : thrown.getStackTrace()) {
        text.append(DEBUG).append("  at ").append(at).append('\n');
      }
      thrown = thrown.getCause();
      if (thrown != null) {
        text.append(DEBUG).append("because of ").append(oneLine(thrown.toString())).append('\n');
      }
    }
    return text.toString();
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ");
  }

  private static String prefix(Level level) {
    if (level.intValue() >= Level.SEVERE.intValue()) {
      return "<3>";
    }
    if (level.intValue() >= Level.WARNING.intValue()) {
      return "<4>";
    }
    return level.intValue() >= Level.INFO.intValue() ? "<6>" : DEBUG;
  }
}
