package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.MessageSchemas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of the contract fit the schemas of {@code config/schema}. */
final class GoldenPayloadsFitTest {

  @ParameterizedTest
  @CsvSource({
    "data, ../reading/data.json",
    "data, ../reading/data-failed.json",
    "undated, ../reading/data-undated.json",
    "event, ../reading/event.json",
    "store, store.json",
    "store, store-young.json",
    "store, store-used.json",
    "batch, batch.json",
    "batch, batch-replay-end.json",
    "cmd-ack, cmd-ack.json",
    "cmd-feed, cmd-feed.json",
    "cmd-replay, cmd-replay.json",
    "reply, refused.json",
    "reply, reply-feed.json",
    "reply, reply-replay.json"
  })
  void aGoldenPayloadFits(String schema, String file) throws IOException {
    String path = Path.of("/io/lingtan/agent/publish", file).normalize().toString();
    try (var in = GoldenPayloadsFitTest.class.getResourceAsStream(path)) {
      byte[] bytes = Objects.requireNonNull(in, path).readAllBytes();
      MessageSchemas schemas = MessageSchemas.of(Path.of("..", "config", "schema"));
      assertEquals(
          List.of(), schemas.problems(schema, new String(bytes, StandardCharsets.UTF_8).strip()));
    }
  }
}
