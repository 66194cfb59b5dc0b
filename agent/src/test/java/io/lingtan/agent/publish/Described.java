package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.publish.link.Message;
import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Keeps what goes out, and holds it against {@code config/schema} at the end, so that nobody waits
 * for it meanwhile.
 */
final class Described implements Consumer<Message> {

  private static final int MOST_TOLD = 5;

  private final Queue<Message> messages = new ConcurrentLinkedQueue<>();

  @Override
  public void accept(Message message) {
    // Not what is cleared, and not the topics of others, on which answers may be asked for.
    if (message.payload().length > 0 && message.topic().startsWith("lingtan/v1/")) {
      messages.add(message);
    }
  }

  /** Fails if one did not fit. */
  void check() {
    List<String> problems = new ArrayList<>();
    try {
      MessageSchemas schemas = MessageSchemas.of(Path.of("..", "config", "schema"));
      for (Message message : messages) {
        List<String> found = schemas.problems(message.topic(), message.payload());
        if (!found.isEmpty() && problems.size() < MOST_TOLD) {
          problems.add(message.topic() + " " + found + " " + message.text());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    messages.clear();
    assertEquals(List.of(), problems);
  }
}
