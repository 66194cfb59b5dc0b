package io.lingtan.agent.publish;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.journal.StoreSnapshot;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.Time;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Obeys {@code cmd/{name}}, or refuses with a sentence and an event. At most 20 at once and 2 a
 * second on average; what comes faster is dropped without an answer and counted, so that nobody can
 * fill the journal with refusals.
 */
final class CommandTopics {

  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_RANGES = 1000;
  private static final int MOST_TOPIC = 512;

  /** What a command makes the publisher do. */
  interface Actions {
    void rebirth();

    void covered(String epoch, long from, long upto);

    StoreSnapshot state();
  }

  /** A command that cannot be obeyed; the message is the answer. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private final Topics topics;
  private final Control control;
  private final Notices notices;
  private final Counters counters;
  private final Actions actions;
  private final Time time;
  private final RateLimit rate;

  CommandTopics(
      Topics topics,
      Control control,
      Notices notices,
      Counters counters,
      Actions actions,
      Time time) {
    this.topics = topics;
    this.control = control;
    this.notices = notices;
    this.counters = counters;
    this.actions = actions;
    this.time = time;
    this.rate = new RateLimit(2, 20, time.now());
  }

  void handle(Signal.Arrived command, MonotonicInstant now) {
    if (!rate.allows(now)) {
      counters.commandsRefused++;
      return;
    }
    rate.take(1);
    String name = command.topic().substring(topics.commands().length());
    String answer;
    try {
      answer = obey(name, command, now);
      counters.commands++;
    } catch (Refused refused) {
      String error = String.valueOf(refused.getMessage());
      counters.commandsRefused++;
      notices.tell(
          Event.of("command.refused", Event.Severity.WARNING)
              .with("command", shown(name))
              .with("error", error));
      answer =
          Json.object(
              json -> {
                json.writeBooleanField("ok", false);
                json.writeStringField("error", error);
              });
    }
    String topic = answerTopic(command.responseTopic(), name);
    control.put(
        new Message(
            topic, answer.getBytes(StandardCharsets.UTF_8), 1, false, command.correlation()));
  }

  private String obey(String name, Signal.Arrived command, MonotonicInstant now) throws Refused {
    if (command.retained()) {
      throw new Refused(
          "a retained command would be obeyed at every connection: send it unretained");
    }
    if (command.payload().length > MOST_BYTES) {
      throw new Refused("a command has at most " + MOST_BYTES + " bytes");
    }
    return switch (name) {
      case "ping" -> ping(now);
      case "rebirth" -> {
        actions.rebirth();
        yield Json.object(json -> json.writeBooleanField("ok", true));
      }
      case "ack" -> ack(command.payload());
      case "replay", "feed" -> throw new Refused("this version does not know " + name + " yet");
      default ->
          throw new Refused(
              "there is no command " + shown(name) + "; there are ack, rebirth and ping");
    };
  }

  private String ping(MonotonicInstant now) {
    StoreSnapshot state = actions.state();
    Time.Wall wall = time.wall();
    return Json.object(
        json -> {
          json.writeBooleanField("ok", true);
          if (wall.trusted()) {
            json.writeNumberField("ts", wall.millisAt(now));
          }
          json.writeStringField("epoch", state.epoch());
          json.writeNumberField("last", state.last());
          json.writeNumberField("acked", state.acked());
        });
  }

  /** A checked {@code cmd/ack}. */
  record Ack(String epoch, long upto, List<StoreSnapshot.Range> ranges) {}

  private String ack(byte[] payload) throws Refused {
    Ack ack = parseAck(payload);
    StoreSnapshot state = actions.state();
    long last = lastOf(state, ack.epoch());
    long highest =
        Math.max(
            ack.upto(), ack.ranges().stream().mapToLong(StoreSnapshot.Range::to).max().orElse(0));
    if (highest > last) {
      throw new Refused(
          "epoch " + shown(ack.epoch()) + " ends at " + last + " as yet, and not at " + highest);
    }
    if (ack.upto() > 0) {
      actions.covered(ack.epoch(), 1, ack.upto());
    }
    for (StoreSnapshot.Range range : ack.ranges()) {
      actions.covered(ack.epoch(), range.from(), range.to());
    }
    return Json.object(
        json -> {
          json.writeBooleanField("ok", true);
          json.writeStringField("epoch", ack.epoch());
          json.writeNumberField("upto", ack.upto());
        });
  }

  private static long lastOf(StoreSnapshot state, String epoch) throws Refused {
    if (state.epoch().equals(epoch)) {
      return state.last();
    }
    for (StoreSnapshot.Previous previous : state.previous()) {
      if (previous.epoch().equals(epoch)) {
        return previous.last();
      }
    }
    throw new Refused(
        "there is no epoch " + shown(epoch) + "; the present one is " + state.epoch());
  }

  private static Ack parseAck(byte[] payload) throws Refused {
    String form = "ack wants {\"epoch\":\"...\",\"upto\":N,\"ranges\":[[a,b]]}, ranges optional";
    @Nullable String epoch = null;
    long upto = -1;
    List<StoreSnapshot.Range> ranges = new ArrayList<>();
    try (JsonParser json = Json.parser(payload)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new Refused(form);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("epoch") && value == JsonToken.VALUE_STRING) {
          epoch = json.getText();
        } else if (name.equals("upto") && value == JsonToken.VALUE_NUMBER_INT) {
          upto = json.getLongValue();
        } else if (name.equals("ranges") && value == JsonToken.START_ARRAY) {
          ranges(json, ranges, form);
        } else {
          throw new Refused(form + "; saw " + shown(name));
        }
      }
    } catch (IOException e) {
      throw new Refused(form);
    }
    if (epoch == null || upto < 0) {
      throw new Refused(form);
    }
    return new Ack(epoch, upto, ranges);
  }

  private static void ranges(JsonParser json, List<StoreSnapshot.Range> to, String form)
      throws IOException, Refused {
    while (json.nextToken() == JsonToken.START_ARRAY) {
      long from = json.nextToken() == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
      long upto = json.nextToken() == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : -1;
      if (json.nextToken() != JsonToken.END_ARRAY || from < 1 || upto < from) {
        throw new Refused(form);
      }
      if (to.size() == MOST_RANGES) {
        throw new Refused("at most " + MOST_RANGES + " ranges");
      }
      to.add(new StoreSnapshot.Range(from, upto));
    }
  }

  /** Answers never go where commands come from, nor to something that is no topic name. */
  private String answerTopic(@Nullable String wanted, String name) {
    boolean usable =
        wanted != null
            && !wanted.isEmpty()
            && wanted.length() <= MOST_TOPIC
            && wanted.indexOf('+') < 0
            && wanted.indexOf('#') < 0
            && !wanted.startsWith("$")
            && !wanted.startsWith(topics.commands());
    return wanted != null && usable ? wanted : topics.reply(name);
  }

  /** Foreign text in events and answers: short and printable. */
  private static String shown(String text) {
    String plain = text.replaceAll("[^\\p{Print}]", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "...";
  }
}
