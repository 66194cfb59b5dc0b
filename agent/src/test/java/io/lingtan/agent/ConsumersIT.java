package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.JournalGateway;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Postgres;
import io.lingtan.testing.RequiresTool;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The consumers of {@code config/schema}, with a broker, a gateway and a database that are real.
 */
@RequiresTool({"mosquitto", "mosquitto_pub", "initdb", "setpriv", "python3"})
final class ConsumersIT {

  private static final Path FOLDER = Path.of("..", "config", "schema").toAbsolutePath().normalize();

  /** A record in what the gateway published: no value of it holds a brace of its own. */
  private static final Pattern RECORD =
      Pattern.compile(
          "\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),(?:[^{}]|\\{(?:[^{}]|\\{[^{}]*\\})*\\})*\\}");

  @TempDir Path folder;
  private Postgres postgres;
  private Mosquitto mosquitto;
  private JournalGateway gateway;
  private final Map<String, String> published = new TreeMap<>();

  @BeforeEach
  void start() throws Exception {
    postgres = Postgres.start();
    postgres.run(Files.readString(FOLDER.resolve("postgres.sql")));
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    gateway =
        new JournalGateway(
            folder.resolve("journal.db"),
            64L << 20,
            mosquitto.url(),
            message -> {
              Matcher record =
                  RECORD.matcher(
                      message.topic().endsWith("/store")
                          ? ""
                          : new String(message.payload(), StandardCharsets.UTF_8)
                              .replaceFirst("^\\{\"epoch\":.*?\"records\":\\[", ""));
              while (record.find()) {
                published.put(record.group(1) + "/" + record.group(2), record.group());
              }
            });
  }

  @AfterEach
  void stop() {
    gateway.close();
    mosquitto.close();
    postgres.close();
  }

  private Child python() throws IOException {
    return Child.start(
        folder.resolve("out"),
        Map.of(),
        List.of(
            "/usr/bin/python3",
            FOLDER.resolve("consumer.py").toString(),
            "127.0.0.1",
            "" + mosquitto.port(),
            "postgresql://lingtan@" + postgres.address()));
  }

  private Child java() throws IOException {
    String path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(jar -> jar.matches(".*/(org\\.eclipse\\.paho|postgresql)[^/]*\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));
    return Child.start(
        folder.resolve("out"),
        Map.of(),
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            path,
            FOLDER.resolve("Consumer.java").toString(),
            "tcp://127.0.0.1:" + mosquitto.port(),
            postgres.jdbcUrl()));
  }

  /** Starts a consumer. */
  private interface Start {
    Child run() throws IOException;
  }

  @Test
  void theOneInPythonKeepsEveryRecordOnceAndSaysWhatIsMissing() throws Exception {
    assertKeepsAllAndSaysWhatIsMissing(this::python);
  }

  @Test
  void theOneInJavaKeepsEveryRecordOnceAndSaysWhatIsMissing() throws Exception {
    assertKeepsAllAndSaysWhatIsMissing(this::java);
  }

  private void assertKeepsAllAndSaysWhatIsMissing(Start start) throws Exception {
    try (Child consumer = start.run()) {
      consumer.await("its subscription", 60, () -> log().contains("lingtan/v1/+/store (QoS 1)"));
      gateway.deliver(650);
      consumer.kill(); // in the middle of whatever it is doing
    }
    gateway.deliver(650);
    // What is no message of a gateway stops nobody.
    for (String text : List.of("{", "{\"epoch\":\"e\",\"seq\":null}", "[]")) {
      publish("other/event", text);
    }
    publish("other/event", Files.writeString(folder.resolve("deep"), "[".repeat(900_000)));
    String letters =
        new Random(1)
            .ints(9_000, 'a', 'z')
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    publish(
        "other/event",
        Files.writeString(
            folder.resolve("long"), "{\"epoch\":\"" + letters + "\",\"seq\":1,\"after\":0}"));
    publish("other/batch/gz", bomb());
    publish("other/store", "{\"epoch\":\"e\",\"last\":9,\"acked\":\"all\",\"dropped\":7}");
    try (Child consumer = start.run()) {
      consumer.await("all records", 60, () -> count() == gateway.last());
      Map<String, String> kept = new TreeMap<>();
      postgres
          .rows("SELECT epoch || '/' || seq, record FROM record")
          .forEach(row -> kept.put(row.getFirst(), row.getLast()));
      assertEquals(published, kept);
      assertEquals(
          List.of(List.of("data/pv0"), List.of("data/pv1"), List.of("data/pv2")),
          postgres.rows(
              "SELECT DISTINCT stream FROM record WHERE stream LIKE 'data/%' ORDER BY 1"));
      publish("gw/cmd/rebirth", "{}"); // which says what there is once more
      consumer.await("the store", 70, () -> number("SELECT count(*) FROM store") == 1);
      assertEquals(0, number("SELECT count(*) FROM hole"));
      List<String> gone =
          postgres
              .rows("DELETE FROM record WHERE seq IN (40, 1000) RETURNING stream || ' seq ' || seq")
              .stream()
              .map(row -> String.valueOf(row.getFirst()))
              .toList();
      assertEquals(2, gone.size());
      publish("gw/cmd/rebirth", "{}");
      consumer.await(
          "what is missing to be said",
          70,
          () -> gone.stream().allMatch(each -> outputOf(consumer).contains(each + ", which")));
      String said = outputOf(consumer);
      assertTrue(said.contains("not a message of a gateway: lingtan/v1/other/event"), said);
      assertTrue(said.contains("not a message of a gateway: lingtan/v1/other/store"), said);
    }
  }

  @Test
  void whoseDatabaseGoesAwayEndsAndMissesNothing() throws Exception {
    try (Child consumer = python()) {
      consumer.await("its subscription", 60, () -> log().contains("lingtan/v1/+/store (QoS 1)"));
      gateway.deliver(50);
      consumer.await("the first records", 30, () -> count() == gateway.last());
      postgres.stop();
      gateway.deliver(100);
      assertEquals(1, consumer.join(30), outputOf(consumer));
      postgres.restart();
    }
    try (Child consumer = python()) {
      consumer.await("all records", 60, () -> count() == gateway.last());
    }
  }

  private void publish(String topic, String text) throws Exception {
    Launched done =
        Launched.run(
            Map.of(),
            "mosquitto_pub",
            "-p",
            "" + mosquitto.port(),
            "-q",
            "1",
            "-t",
            "lingtan/v1/" + topic,
            "-m",
            text);
    assertEquals(0, done.exit(), done.err());
  }

  private void publish(String topic, Path file) throws Exception {
    Launched done =
        Launched.run(
            Map.of(),
            "mosquitto_pub",
            "-p",
            "" + mosquitto.port(),
            "-q",
            "1",
            "-t",
            "lingtan/v1/" + topic,
            "-f",
            file.toString());
    assertEquals(0, done.exit(), done.err());
  }

  /** 2 GB of blanks. */
  private Path bomb() throws IOException {
    Path file = folder.resolve("bomb");
    byte[] blanks = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 2_000; i++) {
        out.write(blanks);
      }
    }
    return file;
  }

  private long count() {
    return number("SELECT count(*) FROM record");
  }

  private long number(String sql) {
    try {
      return Long.parseLong(String.valueOf(postgres.rows(sql).getFirst().getFirst()));
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private String log() {
    try {
      return mosquitto.log();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String outputOf(Child child) {
    try {
      return child.output();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aDropExplainsWhatItNamesAndNothingElse() throws SQLException {
    List<String> messages = new ArrayList<>();
    messages.add(data("pv1", 9, 5));
    messages.add(data("pv1", 12, 10));
    messages.add(data("pv1", 30, 29));
    messages.add("{\"epoch\":\"e\",\"seq\":31,\"after\":6,\"ts\":1,\"event\":\"meter.reset\"}");
    for (String each : messages) {
      postgres.run("SELECT keep('lingtan/v1/gw/data/pv1', '" + each + "')");
    }
    postgres.run(
        "SELECT keep('lingtan/v1/gw/store', '{\"epoch\":\"e\",\"last\":31,\"acked\":20,"
            + "\"dropped\":[{\"from\":1,\"to\":6,\"count\":2,\"kind\":\"data\"}]}')");
    assertEquals(
        List.of(List.of("data/pv1", "10", "12"), List.of("event", "6", "31")),
        postgres.rows("SELECT stream, seq, told_by FROM hole ORDER BY 1"));
    // A new epoch tells how the one before ended.
    postgres.run(
        "SELECT keep('lingtan/v1/gw/store', '{\"epoch\":\"f\",\"last\":0,\"acked\":0,"
            + "\"dropped\":[],\"previous\":[{\"epoch\":\"e\",\"last\":31,\"acked\":31}]}')");
    assertEquals(3, postgres.rows("SELECT FROM hole").size());
  }

  private static String data(String device, long seq, long after) {
    return "{\"epoch\":\"e\",\"seq\":%d,\"after\":%d,\"ts\":1764060000123,\"device\":\"%s\"}"
        .formatted(seq, after, device);
  }
}
