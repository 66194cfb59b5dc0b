package io.lingtan.agent.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.lingtan.agent.publish.link.Message;
import io.lingtan.agent.publish.link.Signal;
import io.lingtan.agent.reading.Json;
import io.lingtan.testing.Parts;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Commands over MQTT: each is answered once, in JSON that says whether it was obeyed; nothing is
 * acknowledged that was never sent, and the publisher goes on.
 */
public final class CommandFuzz implements FuzzTarget {

  private static final Path GOLDEN = Path.of("src/test/resources/io/lingtan/agent/publish");
  private static final String ROOT = "lingtan/v1/gw/";
  private static final List<String> NAMES =
      List.of("ack", "replay", "rebirth", "ping", "feed", "other\u0001");

  @Override
  public List<byte[]> seeds() throws IOException {
    List<byte[]> parts =
        List.of(
            Bytes.part(Files.readAllBytes(GOLDEN.resolve("cmd-ack.json")), 0, 0),
            Bytes.part(utf8("{\"epoch\":\"e1\",\"upto\":0,\"ranges\":[[2,3],[5,5]]}"), 0, 2),
            Bytes.part(Files.readAllBytes(GOLDEN.resolve("cmd-replay.json")), 1, 4),
            Bytes.part(utf8("{\"epoch\":\"e1\",\"from\":1,\"to\":null}"), 1, 12),
            Bytes.part(new byte[0], 2, 0),
            Bytes.part(new byte[0], 3, 1),
            Bytes.part(Files.readAllBytes(GOLDEN.resolve("cmd-feed.json")), 4, 0),
            Bytes.part(
                utf8("{\"by\":\"ops\",\"csv\":\"date,bus,km\\n2026-06-18,b1,241.5\\n\"}"), 4, 8),
            Bytes.part(utf8("{}"), 5, 0));
    List<byte[]> seeds = new ArrayList<>(parts);
    seeds.add(Bytes.joined(parts));
    return seeds;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static World world() {
    World world = new World();
    return world.with(
        Parts.mqtt(
            world.mqtt.servers(),
            null,
            null,
            null,
            null,
            null,
            Duration.ZERO,
            60_000,
            true,
            false,
            List.of()));
  }

  @Override
  public void take(byte[] input) throws IOException {
    Bytes bytes = new Bytes(input);
    World world = world();
    world.run(1000);
    for (int seq = 0; seq < 8; seq++) {
      world.outbox.data("pv1", seq);
    }
    world.run(1000);
    for (int i = 0; i < 16 && !bytes.isEmpty(); i++) {
      command(world, NAMES.get(bytes.take() % NAMES.size()), bytes.take(), bytes.part());
    }
    assertTrue(world.outbox.state().acked() <= world.outbox.state().last(), "acknowledged unsent");
  }

  private static void command(World world, String name, int flags, byte[] payload)
      throws IOException {
    String topic = (flags & 4) == 0 ? null : "answers/" + name.strip();
    byte[] correlation = (flags & 8) == 0 ? null : new byte[flags & 0xF0];
    int before = world.broker.got.size();
    world
        .broker
        .arrivals()
        .offer(
            new Signal.Arrived(
                world.broker.connection,
                ROOT + "cmd/" + name,
                payload,
                (flags & 1) != 0,
                topic,
                correlation));
    world.run(1000);
    List<Message> answers = new ArrayList<>();
    for (MemoryBroker.Got got : world.broker.got.subList(before, world.broker.got.size())) {
      if (got.topic().equals(topic) || got.topic().startsWith(ROOT + "reply/")) {
        answers.add(got.message());
      }
    }
    assertFalse(answers.isEmpty(), () -> name + " was not answered");
    if (!name.equals("replay")) {
      assertEquals(1, answers.size(), name);
    }
    for (Message answer : answers) {
      check(answer.payload());
    }
  }

  /** An answer says whether it was obeyed, and if not, why; a part of a replay has records. */
  private static void check(byte[] payload) throws IOException {
    @Nullable Boolean ok = null;
    boolean hasError = false;
    boolean hasRecords = false;
    try (JsonParser json = Json.parser(payload)) {
      assertEquals(JsonToken.START_OBJECT, json.nextToken());
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        JsonToken value = json.nextToken();
        if (name.equals("ok")) {
          ok = value == JsonToken.VALUE_TRUE;
        }
        hasError |= name.equals("error") && !json.getText().isBlank();
        hasRecords |= name.equals("records");
        json.skipChildren();
      }
      assertNull(json.nextToken());
    }
    assertTrue(ok != null || hasRecords, "neither an answer nor records");
    assertTrue(ok == null || ok != hasError, "refused without a word, or obeyed with an error");
  }
}
