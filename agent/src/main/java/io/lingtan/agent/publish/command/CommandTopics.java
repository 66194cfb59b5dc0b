package io.lingtan.agent.publish.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.publish.lane.Control;
import io.lingtan.agent.publish.lane.Counters;
import io.lingtan.agent.publish.lane.Notices;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.publish.link.Topics;
import io.lingtan.agent.reading.Arrival;
import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.run.MonotonicInstant;
import io.lingtan.agent.run.RateLimit;
import io.lingtan.agent.run.Time;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Site;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Obeys {@code cmd/{name}}, or refuses with a sentence and an event. At most 20 at once and 2 a
 * second on average; what comes faster is refused and counted without an event, so that nobody can
 * fill the journal with refusals.
 *
 * <p>A good {@code cmd/ack} is outside of that limit: it costs little, and the last of a burst
 * often is the one that covers all of it. Only the queue of arrivals bounds them.
 */
public final class CommandTopics {

  private static final int MOST_BYTES = 64 * 1024;
  private static final int MOST_RANGES = 1000;
  private static final int MOST_TOPIC = 512;
  private static final int MOST_AT_ONCE = 20;
  private static final int MOST_PER_SECOND = 2;

  /** What a command makes the publisher do. */
  public interface Actions {
    void rebirth();

    /** Whether records wait for {@code cmd/ack}; if not, {@link #covered} has no meaning. */
    boolean requiresAcks();

    void covered(String epoch, long from, long upto);

    StoreSnapshot state();

    /** Publishes {@code store} soon, so that it is known what there is by now. */
    void sayStore();
  }

  /** A command that cannot be obeyed; the message is the answer. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Whether the same may be obeyed a little later. */
    final boolean isBusy;

    Refused(String message) {
      this(message, false);
    }

    Refused(String message, boolean isBusy) {
      super(message);
      this.isBusy = isBusy;
    }
  }

  /** Most characters of feeds in a day: each stands in the journal, as an event. */
  static final int MOST_FED_A_DAY = 256 * 1024;

  /** What an event costs beside what somebody told. */
  private static final int FED_BESIDE = 256;

  private final Topics topics;
  private final List<String> replyPrefixes;
  private Site site;
  private final Control control;
  private final Notices notices;
  private final Counters counters;
  private final Actions actions;
  private final Replays replays;
  private final Time time;
  private final RateLimit rate;
  private final RateLimit fed;
  private boolean toldThatAcksAreUnused;

  /**
   * @param site says where answers may go beside {@code reply}, and what a feed may tell of
   */
  public CommandTopics(
      Topics topics,
      Site site,
      Control control,
      Notices notices,
      Counters counters,
      Actions actions,
      Replays replays,
      Time time) {
    this.topics = topics;
    this.replyPrefixes = site.mqtt().replyPrefixes();
    this.site = site;
    this.control = control;
    this.notices = notices;
    this.counters = counters;
    this.actions = actions;
    this.replays = replays;
    this.time = time;
    this.rate = new RateLimit(MOST_PER_SECOND, MOST_AT_ONCE, time.now());
    this.fed =
        new RateLimit(
            (double) MOST_FED_A_DAY / Duration.ofDays(1).toSeconds(), MOST_FED_A_DAY, time.now());
  }

  /** Other lines, meters or factors, of the same broker. */
  public void describe(Site changed) {
    site = changed;
  }

  public void handle(Signal.Arrived command, MonotonicInstant now) {
    // No name of a topic has these; a broker that sends them all the same gets an answer that is
    // one.
    String name = command.topic().substring(topics.commands().length()).replaceAll("[+#]", "?");
    boolean isAck = name.equals("ack");
    boolean isWithinLimit = rate.allows(now);
    if (isWithinLimit && !isAck) {
      rate.take(1);
    }
    @Nullable String answer;
    if (isWithinLimit || isAck) {
      try {
        answer = obey(name, command, now);
      } catch (Refused refused) {
        answer = refusal(String.valueOf(refused.getMessage()), refused.isBusy);
        if (isWithinLimit && isNews(isAck)) {
          if (isAck) {
            rate.take(1);
          }
          notices.tell(
              Event.of("command.refused", Event.Severity.WARNING)
                  .with("command", shown(name))
                  .with("error", String.valueOf(refused.getMessage())));
        }
      }
    } else {
      answer =
          refusal(
              "too many commands: at most "
                  + MOST_AT_ONCE
                  + " at once and "
                  + MOST_PER_SECOND
                  + " a second on average; wait and send it again",
              true);
    }
    if (answer != null) {
      String wanted = command.responseTopic();
      String topic = wanted != null && isAnswerable(wanted) ? wanted : topics.reply(name);
      control.put(Message.answer(topic, answer, command.correlation()));
    }
  }

  /**
   * Whether a refusal deserves an event. A consumer may acknowledge each record although nobody
   * waits for it: that is one mistake, and told once.
   */
  private boolean isNews(boolean isAck) {
    if (!isAck || actions.requiresAcks()) {
      return true;
    }
    boolean isFirst = !toldThatAcksAreUnused;
    toldThatAcksAreUnused = true;
    return isFirst;
  }

  private String refusal(String error, boolean isBusy) {
    counters.commandsRefused++;
    return refused(error, isBusy);
  }

  /**
   * An answer that refuses.
   *
   * @param isBusy whether the same may be obeyed a little later
   */
  static String refused(String error, boolean isBusy) {
    return Json.object(
        json -> {
          json.writeBooleanField("ok", false);
          json.writeStringField("error", error);
          if (isBusy) {
            json.writeBooleanField("busy", true);
          }
        });
  }

  /** Returns the answer, null if it comes later. */
  private @Nullable String obey(String name, Signal.Arrived command, MonotonicInstant now)
      throws Refused {
    if (command.flaw() != null) {
      throw new Refused(
          "the message was thrown away, its topic or one of its properties makes no sense: "
              + shown(command.flaw()));
    }
    if (command.retained()) {
      throw new Refused(
          "a retained command would be obeyed at every connection: send it unretained");
    }
    if (command.payload().length > MOST_BYTES) {
      throw new Refused("a command has at most " + MOST_BYTES + " bytes");
    }
    String wanted = command.responseTopic();
    if (wanted != null && !isAnswerable(wanted)) {
      throw new Refused(
          "answers do not go to "
              + shown(wanted)
              + ", only below "
              + topics.reply("")
              + " or a prefix of mqtt.reply_prefixes in the site file");
    }
    if (!Topics.COMMANDS.contains(name)) {
      throw new Refused(
          "there is no command "
              + shown(name)
              + "; there are "
              + String.join(", ", Topics.COMMANDS));
    }
    return switch (name) {
      case "ping" -> ping(now);
      case "rebirth" -> {
        actions.rebirth();
        yield Json.object(json -> json.writeBooleanField("ok", true));
      }
      case "ack" -> ack(command.payload());
      case "feed" -> feed(command.payload(), now);
      case "replay" -> {
        replay(command);
        yield null;
      }
      default -> throw new IllegalStateException("a command that nobody obeys: " + name);
    };
  }

  private void replay(Signal.Arrived command) throws Refused {
    byte[] correlation = command.correlation();
    if (correlation != null && correlation.length > Replays.MOST_CORRELATION_BYTES) {
      throw new Refused(
          "correlation data of a replay stand in each of its messages and have at most "
              + Replays.MOST_CORRELATION_BYTES
              + " bytes");
    }
    ReplayCommand wanted;
    try {
      wanted = ReplayCommand.parse(command.payload());
    } catch (ReplayCommand.BadReplay e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
    String objection = replays.objection(wanted, actions.state());
    if (objection != null) {
      throw new Refused(objection);
    }
    if (replays.isFull()) {
      throw new Refused(
          "at most " + Replays.MOST + " replays at once, and so many wait: send it again later",
          true);
    }
    String topic = command.responseTopic();
    replays.add(wanted, topic == null ? topics.reply("replay") : topic, topic != null, correlation);
  }

  private String ping(MonotonicInstant now) {
    actions.sayStore();
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

  /** Without a clock nobody knows which day is still to come; such a feed is refused later. */
  private FeedReader.Known known(MonotonicInstant now) {
    Instant wall = Instant.ofEpochMilli(time.wall().millisAt(now));
    return FeedReader.Known.of(
            site.carbon().tables(), site.place().region(), site.carbon().accepted())
        .and(site.carbon().fed())
        .on(time.wall().trusted() ? LocalDate.ofInstant(wall, site.place().zone()) : LocalDate.MAX);
  }

  private String feed(byte[] payload, MonotonicInstant now) throws Refused {
    FeedCommand feed;
    try {
      feed = FeedCommand.parse(payload, known(now));
    } catch (FeedCommand.BadFeed e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
    if (!time.wall().trusted()) {
      throw new Refused("the clock is not trusted yet, and a feed is kept with its time: wait");
    }
    if (!fed.allows(now)) {
      throw new Refused(
          "the feeds of a day have %d characters at most, and that is used up: the next is taken in %d s"
              .formatted(MOST_FED_A_DAY, fed.next().millisSince(now) / 1000 + 1),
          true);
    }
    if (!notices.feed(new Arrival.Fed(feed.by(), feed.csv(), time.boot(), now.nanos(), null))) {
      throw new Refused("too much waits to be written just now: send it again", true);
    }
    fed.take(feed.csv().length() + FED_BESIDE);
    return Json.object(
        json -> {
          json.writeBooleanField("ok", true);
          json.writeNumberField("rows", feed.rows());
        });
  }

  /** A checked {@code cmd/ack}. */
  record Ack(String epoch, long upto, List<StoreSnapshot.Range> ranges) {}

  private String ack(byte[] payload) throws Refused {
    if (!actions.requiresAcks()) {
      throw new Refused(
          "acknowledgements by the application are not used here: a record counts as delivered when"
              + " the broker has taken it; for acknowledgements set mqtt.require_app_ack: true");
    }
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

  /** Whether it is a topic, and one where answers may go. */
  private boolean isAnswerable(String wanted) {
    return !wanted.isEmpty()
        && wanted.length() <= MOST_TOPIC
        && wanted.indexOf('+') < 0
        && wanted.indexOf('#') < 0
        && topics.mayBeAnswered(wanted, replyPrefixes);
  }

  /** Foreign text in events and answers: short and printable. */
  static String shown(String text) {
    String plain = text.replaceAll("[^\\p{Print}]", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "...";
  }
}
