package io.lingtan.agent.audit.message;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a gateway sends to whoever asked it for a replay. */
public sealed interface ReplayReply {

  /**
   * It will send them.
   *
   * @param queued how many records will come
   * @param gone numbers that it no longer has
   */
  record Queued(long queued, List<Range> gone) implements ReplayReply {}

  /**
   * It will not.
   *
   * @param busy whether it may a little later
   */
  record Refused(String error, boolean busy) implements ReplayReply {}

  /**
   * Some of them; they are read elsewhere.
   *
   * @param replay which request this belongs to
   */
  record Part(String replay) implements ReplayReply {}

  /**
   * The last of them.
   *
   * @param sent how many there were in all
   * @param gone numbers that it no longer has, empty if the answer told all
   * @param tooLarge numbers that fit into no packet of the broker
   * @param error why it ends early, null if it does not
   */
  record End(
      String replay, long sent, List<Range> gone, List<Range> tooLarge, @Nullable String error)
      implements ReplayReply {}

  /**
   * Reads a payload.
   *
   * @throws Malformed if it is none of them
   */
  static ReplayReply read(byte[] payload) throws Malformed {
    Members members = Members.of(payload);
    if (members.ok != null) {
      return members.ok
          ? new Queued(members.queued, members.gone)
          : new Refused(members.error == null ? "refused" : members.error, members.busy);
    }
    String replay = members.replay;
    if (replay == null) {
      throw new Malformed("neither an answer nor part of a replay");
    }
    return members.done
        ? new End(replay, members.sent, members.gone, members.tooLarge, members.error)
        : new Part(replay);
  }

  /** The members of any of them; records are passed over. */
  final class Members {
    private static final int LONGEST_ERROR = 512;

    /** A gateway names 1,000 at most; what is beyond is asked for again. */
    private static final int MOST_RANGES = 4_096;

    private @Nullable Boolean ok;
    private boolean busy;
    private boolean done;
    private long queued;
    private long sent;
    private @Nullable String replay;
    private @Nullable String error;
    private List<Range> gone = List.of();
    private List<Range> tooLarge = List.of();

    private Members() {}

    private static Members of(byte[] payload) throws Malformed {
      Members members = new Members();
      try (JsonParser json = Tree.JSON.createParser(payload)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw new Malformed("not a JSON object");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          members.take(name, json.nextToken(), json);
        }
      } catch (IOException e) {
        throw new Malformed("not JSON");
      }
      return members;
    }

    private void take(String name, JsonToken value, JsonParser json) throws IOException, Malformed {
      boolean isNumber = value == JsonToken.VALUE_NUMBER_INT;
      boolean isTrue = value == JsonToken.VALUE_TRUE;
      switch (name) {
        case "ok" -> ok = isTrue;
        case "busy" -> busy = isTrue;
        case "done" -> done = isTrue;
        case "queued" -> queued = isNumber ? json.getLongValue() : 0;
        case "sent" -> sent = isNumber ? json.getLongValue() : 0;
        case "replay" -> replay = json.getValueAsString();
        case "error" -> error = shown(json.getValueAsString());
        case "gone" -> gone = ranges(json);
        case "too_large" -> tooLarge = ranges(json);
        default -> json.skipChildren();
      }
    }

    private static @Nullable String shown(@Nullable String error) {
      return error == null ? null : error.substring(0, Math.min(error.length(), LONGEST_ERROR));
    }

    private static List<Range> ranges(JsonParser json) throws IOException, Malformed {
      List<Range> ranges = new ArrayList<>();
      while (json.nextToken() == JsonToken.START_ARRAY) {
        long from = json.nextToken() == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : 0;
        long to = json.nextToken() == JsonToken.VALUE_NUMBER_INT ? json.getLongValue() : 0;
        if (json.nextToken() != JsonToken.END_ARRAY
            || from < 1
            || to < from
            || to > Tree.HIGHEST_SEQ) {
          throw new Malformed("not a list of ranges");
        }
        if (ranges.size() < MOST_RANGES) {
          ranges.add(new Range(from, to));
        }
      }
      return ranges;
    }
  }
}
