package io.lingtan.agent.publish.command;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.reading.Json;
import io.lingtan.agent.site.FeedReader;
import io.lingtan.agent.site.Feeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The payload of {@code cmd/feed}: who says it, and a feed as a file of {@code carbon.feeds} holds
 * it.
 *
 * @param by who says so, printable, 1..64 characters
 * @param csv the feed
 * @param rows how many things it tells
 */
record FeedCommand(String by, String csv, int rows) {

  private static final String FORM =
      "feed wants {\"by\":\"...\",\"csv\":\"date,bus,km\\n2026-06-18,b1,241.5\\n\"}";

  /** The whole of it stands in an event, and that in one message. */
  private static final int MOST_CHARACTERS = 16_000;

  private static final int MOST_PROBLEMS = 5;

  /**
   * Reads and checks a payload.
   *
   * @param known what its lines are held against
   * @throws BadFeed with a sentence for whoever sent it, wrong cells with line and column
   */
  static FeedCommand parse(byte[] payload, FeedReader.Known known) throws BadFeed {
    String by = null;
    String csv = null;
    try (JsonParser json = Json.parser(payload)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new BadFeed(FORM);
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        boolean text = json.nextToken() == JsonToken.VALUE_STRING;
        if (text && name.equals("by")) {
          by = json.getText();
        } else if (text && name.equals("csv")) {
          csv = json.getText();
        } else {
          throw new BadFeed(FORM);
        }
      }
    } catch (IOException e) {
      throw new BadFeed(FORM);
    }
    if (by == null || csv == null || !by.matches("\\P{Cntrl}{1,64}")) {
      throw new BadFeed(FORM + "; by is who says so, at most 64 characters");
    }
    if (csv.length() > MOST_CHARACTERS) {
      throw new BadFeed("a feed has at most " + MOST_CHARACTERS + " characters: send it in parts");
    }
    List<String> problems = new ArrayList<>();
    @Nullable Feeds feeds =
        FeedReader.read(
            csv,
            known,
            (line, column, message) -> {
              if (problems.size() < MOST_PROBLEMS) {
                problems.add("%d:%d: %s".formatted(line, column, message));
              }
            });
    if (feeds == null) {
      throw new BadFeed(String.join("; ", problems));
    }
    return new FeedCommand(by, csv, feeds.size());
  }

  /** A payload that is no feed; the message says why. */
  static final class BadFeed extends Exception {
    private static final long serialVersionUID = 1L;

    BadFeed(String message) {
      super(message);
    }
  }
}
