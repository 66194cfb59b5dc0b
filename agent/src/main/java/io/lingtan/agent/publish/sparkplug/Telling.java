package io.lingtan.agent.publish.sparkplug;

import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.RateLimit;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Brings records from the feed into the conversation: what is new first, and what is late beside it
 * at a bounded rate.
 */
final class Telling {

  /** Records behind which what is new is not told as new any more. */
  static final int MOST_BEHIND = 256;

  private static final int AT_ONCE = 64;
  private static final double LATE_PER_SECOND = 2000;

  private final Feed feed;
  private final Conversation conversation;
  private final Outgoing out;
  private final RateLimit rate;
  private final ArrayDeque<JournalRecord> news = new ArrayDeque<>();

  Telling(Feed feed, Conversation conversation, Outgoing out, MonotonicInstant now) {
    this.feed = feed;
    this.conversation = conversation;
    this.out = out;
    this.rate = new RateLimit(LATE_PER_SECOND, LATE_PER_SECOND / 4, now);
  }

  /** What is new while nobody can be told is known when everything is born. */
  int learn() {
    List<JournalRecord> records = feed.news(AT_ONCE);
    records.forEach(conversation::learn);
    return records.size();
  }

  /** The connection is gone: what was taken to be told is known, and late from here on. */
  void lost() {
    news.forEach(conversation::learn);
    news.clear();
    conversation.lost();
  }

  /** Sends what there is room for; returns pieces of work done. */
  int tell(MonotonicInstant now) {
    int done = news(now);
    return conversation.isBorn() && out.hasRoom() ? done + late(now) : done;
  }

  private int news(MonotonicInstant now) {
    int done = 0;
    while (conversation.isBorn() && out.hasRoom() && done < AT_ONCE) {
      if (news.isEmpty()) {
        news.addAll(feed.news(AT_ONCE));
      }
      if (news.isEmpty() || !conversation.tell(news.getFirst(), now)) {
        break;
      }
      news.removeFirst();
      done++;
    }
    if (feed.behind() > MOST_BEHIND) {
      // The link is too slow for it: known, not told, and late from here on.
      news.forEach(conversation::learn);
      news.clear();
      done += learn();
      feed.lookForLate();
    }
    return done;
  }

  private int late(MonotonicInstant now) {
    if (conversation.hasLate()) {
      return conversation.tellLate(now);
    }
    if (!rate.allows(now)) {
      return 0;
    }
    List<JournalRecord> records = feed.late(AT_ONCE, now);
    if (records == null) {
      return news.isEmpty() ? conversation.bury(now) : 0;
    }
    rate.take(Math.max(1, records.size()));
    conversation.takeLate(records);
    return 1;
  }

  /** When {@link #tell} has something to do that is not new. */
  MonotonicInstant due() {
    MonotonicInstant late = feed.lateDue();
    MonotonicInstant allowed = rate.next();
    return late.isBefore(allowed) ? allowed : late;
  }

  /** Whether everything that is new has been told. */
  boolean isDone() {
    return news.isEmpty() && feed.behind() == 0;
  }
}
