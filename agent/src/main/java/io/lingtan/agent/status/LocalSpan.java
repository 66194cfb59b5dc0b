package io.lingtan.agent.status;

import io.lingtan.agent.reading.Interval;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** An interval's time as people at the site write it. */
final class LocalSpan {

  private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm");

  private LocalSpan() {}

  /** {@code 2025-11-25 17:00–17:15} in the site's zone. */
  static String of(Interval interval, ZoneId zone) {
    LocalDateTime start = local(interval.startMillis(), zone);
    LocalDateTime end = local(interval.endMillis(), zone);
    boolean sameDay = start.toLocalDate().equals(end.toLocalDate());
    return MINUTE.format(start) + "–" + (sameDay ? CLOCK : MINUTE).format(end);
  }

  /** {@code 2025-11-25 17:00} in the site's zone. */
  static String minute(long millis, ZoneId zone) {
    return MINUTE.format(local(millis, zone));
  }

  private static LocalDateTime local(long millis, ZoneId zone) {
    return LocalDateTime.ofInstant(Instant.ofEpochMilli(millis), zone);
  }
}
