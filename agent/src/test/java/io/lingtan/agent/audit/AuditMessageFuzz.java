package io.lingtan.agent.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.lingtan.agent.audit.message.Tree;
import io.lingtan.testing.HostileText;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * What a hostile gateway may publish to a subscriber that audits: each message is taken or counted
 * as garbage, the report can be written, and what is saved is taken up again as it was.
 */
public final class AuditMessageFuzz implements FuzzTarget {

  private static final JsonFactory JSON = new JsonFactory();
  private static final String ROOT = "lingtan/v1/gw/";
  private static final long NOW = 1_764_060_400_000L;
  private static final Path GOLDEN = Path.of("src/test/resources/io/lingtan/agent");
  private static final List<String> TOPICS =
      List.of(
          "status",
          "store",
          "meta",
          "meta/pv1",
          "data/pv1",
          "interval/15m",
          "event",
          "undated",
          "batch",
          "batch/gz",
          "cmd/ack");
  private static final int REPLAYED = TOPICS.size();
  private static final int GZIP = TOPICS.indexOf("batch/gz");

  @Override
  public List<byte[]> seeds() throws IOException {
    byte[] meta =
        "{\"devices\":[\"pv1\",{\"id\":\"gate\",\"record\":\"10s\",\"max_interval\":\"1m\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] done = "{\"ok\":true,\"queued\":3,\"gone\":[[1,2]]}".getBytes(StandardCharsets.UTF_8);
    List<byte[]> parts =
        List.of(
            Bytes.part("online".getBytes(StandardCharsets.UTF_8), 0),
            Bytes.part(golden("publish/store.json"), 1),
            Bytes.part(golden("publish/store-young.json"), 1),
            Bytes.part(meta, 2),
            Bytes.part(new byte[0], 3),
            Bytes.part(golden("reading/data.json"), 4),
            Bytes.part(golden("reading/data-failed.json"), 4),
            Bytes.part(golden("reading/interval.json"), 5),
            Bytes.part(golden("reading/event.json"), 6),
            Bytes.part(golden("reading/data-undated.json"), 7),
            Bytes.part(golden("publish/batch.json"), 8),
            Bytes.part(golden("publish/batch.json"), 9),
            Bytes.part(done, REPLAYED),
            Bytes.part(golden("publish/batch-replay-end.json"), REPLAYED));
    List<byte[]> seeds = new ArrayList<>(parts);
    seeds.add(Bytes.joined(parts));
    return seeds;
  }

  private static byte[] golden(String name) throws IOException {
    return Files.readAllBytes(GOLDEN.resolve(name));
  }

  @Override
  public void take(byte[] input) throws Exception {
    Bytes bytes = new Bytes(input);
    Completeness completeness = new Completeness();
    List<byte[]> kept = new ArrayList<>();
    completeness.onRecord((gateway, record, isNew) -> kept.add(record.json()));
    long now = NOW;
    while (!bytes.isEmpty()) {
      int chosen = bytes.take();
      byte[] payload = bytes.part();
      int topic = (chosen & 0x3F) % (TOPICS.size() + 1);
      if (topic == REPLAYED) {
        completeness.takeReplayed("gw", payload, now);
      } else {
        byte[] sent = topic == GZIP && (chosen & 0x80) == 0 ? gzip(payload) : payload;
        completeness.take(ROOT + TOPICS.get(topic), sent, (chosen & 0x40) != 0, now);
      }
      now += 1000;
    }
    for (byte[] record : kept) {
      Tree tree = Tree.parse(record);
      assertTrue(tree.number("seq") >= 1, "a record without a number");
    }
    AuditReport report = completeness.report(now);
    assertFalse(report.text().isBlank(), "a report without a word");
    readAll(report.json());
    HostileText.assertPlain(report.text());
    byte[] saved = Conversation.save(completeness);
    Completeness again = Conversation.from(saved);
    assertArrayEquals(saved, Conversation.save(again));
    assertEquals(report.json(), again.report(now).json());
  }

  private static void readAll(String text) throws IOException {
    try (JsonParser json = JSON.createParser(text)) {
      while (json.nextToken() != null) {
        // Only whether it is JSON.
      }
    }
  }

  private static byte[] gzip(byte[] payload) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(payload);
    }
    return bytes.toByteArray();
  }
}
