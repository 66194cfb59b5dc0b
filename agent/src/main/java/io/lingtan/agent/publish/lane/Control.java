package io.lingtan.agent.publish.lane;

import io.lingtan.agent.publish.lane.Window.Load;
import io.lingtan.agent.publish.lane.Window.Way;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.run.MonotonicInstant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is not a record: {@code status}, {@code meta}, {@code store} and answers. Of a retained
 * topic only the newest message waits; answers wait at most 32, and more are dropped. All of it is
 * forgotten with the connection: the next one begins with a new birth.
 */
public final class Control {

  private static final int MOST_ANSWERS = 32;

  private final Sending sending;
  private final TopicBackoff backoff;
  private final Map<String, Message> retained = new LinkedHashMap<>();
  private final ArrayDeque<Message> answers = new ArrayDeque<>();
  private long answersDropped;

  public Control(Sending sending, TopicBackoff backoff) {
    this.sending = sending;
    this.backoff = backoff;
  }

  public void put(Message message) {
    if (message.retained()) {
      retained.put(message.topic(), message);
    } else if (answers.size() < MOST_ANSWERS) {
      answers.add(message);
    } else {
      answersDropped++;
    }
  }

  /** Takes at most half the window. */
  public int send(MonotonicInstant now) {
    int sent = 0;
    int most = Math.max(1, sending.window().most() / 2);
    var waiting = retained.values().iterator();
    while (waiting.hasNext() && sending.window().in(Way.CONTROL) < most) {
      Message message = waiting.next();
      String topic = message.topic();
      if (!backoff.allows(topic, now, sending.window().uses(topic))) {
        continue;
      }
      if (!sending.hasRoom(topic, message.payload().length)
          || !sending.send(message, Way.CONTROL, Load.NONE, now)) {
        return sent;
      }
      waiting.remove();
      sent++;
    }
    while (!answers.isEmpty()
        && sending.window().in(Way.CONTROL) < most
        && sending.hasRoom(answers.getFirst().topic(), answers.getFirst().payload().length)
        && sending.send(answers.getFirst(), Way.CONTROL, Load.NONE, now)) {
      answers.removeFirst();
      sent++;
    }
    return sent;
  }

  /** A retained message that was refused is tried again, unless a newer one waits. */
  public void refused(Message message) {
    if (message.retained()) {
      retained.putIfAbsent(message.topic(), message);
    }
  }

  public void clear() {
    retained.clear();
    answers.clear();
  }

  public long answersDropped() {
    return answersDropped;
  }
}
