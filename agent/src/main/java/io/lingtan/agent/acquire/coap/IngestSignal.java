package io.lingtan.agent.acquire.coap;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came to our own CoAP server. */
public sealed interface IngestSignal {

  /**
   * Somebody pushes; {@link IngestPort#reply} with the same number ends it.
   *
   * @param identity proved by the sender's key; null where none is asked for
   * @param path of the resource, part by part
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on once and not compared
  record Pushed(
      long id, @Nullable String identity, List<String> path, int contentFormat, byte[] payload)
      implements IngestSignal {
    public Pushed {
      path = List.copyOf(path);
    }
  }

  /**
   * The port itself turned somebody away.
   *
   * @param words who and why, for a person
   */
  record TurnedAway(String words) implements IngestSignal {}
}
