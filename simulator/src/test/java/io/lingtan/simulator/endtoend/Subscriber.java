package io.lingtan.simulator.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.Captured;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Mosquitto;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code mosquitto_sub} with a session of its own, writing down all that it gets. */
@SuppressWarnings("NullAway") // a member that is not there fails the test by itself
final class Subscriber implements AutoCloseable {

  private final Child child;
  private final Path output;

  private Subscriber(Child child, Path output) {
    this.child = child;
    this.output = output;
  }

  static Subscriber start(Path folder, Mosquitto broker) throws IOException, InterruptedException {
    Path output = folder.resolve("received.txt");
    Child child =
        Child.start(
            output,
            Map.of(),
            List.of(
                "mosquitto_sub",
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(broker.port()),
                "-V",
                "5",
                "-i",
                "collector",
                "-c",
                "-x",
                "3600",
                "-q",
                "1",
                "-t",
                "lingtan/v1/#",
                "-F",
                "%t %p"));
    Subscriber subscriber = new Subscriber(child, output);
    long until = System.nanoTime() + 10_000_000_000L;
    while (!broker.log().contains("Sending SUBACK to collector")) {
      if (System.nanoTime() > until) {
        throw new AssertionError("mosquitto_sub did not subscribe: " + child.output());
      }
      Thread.sleep(50);
    }
    return subscriber;
  }

  /** A message: topic below {@code lingtan/v1/GATEWAY/} and payload. */
  record Message(String topic, String payload) {}

  List<Message> messages() throws IOException {
    List<Message> all = new ArrayList<>();
    for (String line : Files.readAllLines(output)) {
      int space = line.indexOf(' ');
      if (line.startsWith("lingtan/v1/") && space > 0) {
        String topic = line.substring(0, space);
        String below = topic.substring(topic.indexOf('/', "lingtan/v1/".length()) + 1);
        all.add(new Message(below, line.substring(space + 1)));
      }
    }
    return all;
  }

  /**
   * All records received, by their key {@code epoch/seq}, in the order of arrival.
   *
   * @throws AssertionError if one key came with two contents
   */
  Map<String, Map<String, Object>> records() throws IOException {
    Map<String, Map<String, Object>> byKey = new LinkedHashMap<>();
    for (Message message : messages()) {
      if (message.topic().equals("batch")) {
        for (Object inside : (List<?>) Json.object(message.payload()).get("records")) {
          put(byKey, cast(inside));
        }
      } else if (message.topic().startsWith("data/")
          || message.topic().startsWith("interval/")
          || message.topic().equals("event")) {
        put(byKey, Json.object(message.payload()));
      }
    }
    return byKey;
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  private static Map<String, Object> cast(Object object) {
    return (Map<String, Object>) object;
  }

  private static void put(Map<String, Map<String, Object>> byKey, Map<String, Object> record) {
    String key = record.get("epoch") + "/" + record.get("seq");
    Map<String, Object> before = byKey.putIfAbsent(key, record);
    if (before != null && !before.equals(record)) {
      throw new AssertionError("two contents under " + key + ": " + before + " and " + record);
    }
  }

  /** The newest {@code store} of the gateway. */
  Map<String, Object> store() throws IOException {
    List<Message> stores =
        messages().stream().filter(message -> message.topic().equals("store")).toList();
    return stores.isEmpty() ? Map.of() : Json.object(stores.getLast().payload());
  }

  static long number(Map<String, Object> record, String name) {
    return ((BigDecimal) record.get(name)).longValueExact();
  }

  /** Ends it; whatever came must be as {@code config/schema} describes it. */
  @Override
  public void close() throws IOException {
    child.close();
    String received = Files.readString(output);
    List<String> whole = received.substring(0, received.lastIndexOf('\n') + 1).lines().toList();
    Captured captured = Captured.of(whole);
    assertEquals(List.of(), captured.problems());
  }
}
