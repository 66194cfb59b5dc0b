package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.JournalGateway;
import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.Postgres;
import io.lingtan.testing.RequiresTool;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The consumers of {@code config/central}, with a broker, a gateway and a database that are real.
 */
@RequiresTool({"mosquitto", "mosquitto_pub", "initdb", "setpriv", "python3"})
final class ConsumersIT {

  private static final Path FOLDER =
      Path.of("..", "config", "central").toAbsolutePath().normalize();

  /** A record in what the gateway published: no value of it holds a brace of its own. */
  private static final Pattern RECORD =
      Pattern.compile(
          "\\{\"epoch\":\"(\\w+)\",\"seq\":(\\d+),(?:[^{}]|\\{(?:[^{}]|\\{[^{}]*\\})*\\})*\\}");

  private static Postgres postgres;

  @TempDir Path folder;
  private Mosquitto mosquitto;
  private JournalGateway gateway;
  private final Map<String, String> published = new TreeMap<>();

  @BeforeAll
  static void startDatabase() throws Exception {
    postgres = Postgres.start();
  }

  @AfterAll
  static void stopDatabase() {
    postgres.close();
  }

  @BeforeEach
  void start() throws Exception {
    postgres.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
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
            database()));
  }

  private String database() {
    return "postgresql://lingtan@" + postgres.address();
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
      consumer.await("its subscription", 60, () -> log().contains("lingtan/v1/+/undated (QoS 1)"));
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
          List.of(List.of("pv0"), List.of("pv1"), List.of("pv2")),
          postgres.rows("SELECT DISTINCT name FROM record WHERE kind = 'data' ORDER BY 1"));
      publish("gw/cmd/rebirth", "{}"); // which says what there is once more
      consumer.await(
          "the store", 70, () -> number("SELECT count(*) FROM epoch WHERE acked > 0") == 1);
      assertEquals(0, number("SELECT count(*) FROM hole"));
      postgres.run(
          "UPDATE epoch SET kept = kept - int8multirange(int8range(40, 44), int8range(1000,"
              + " 1001))");
      publish("gw/cmd/rebirth", "{}");
      consumer.await(
          "what is missing to be said",
          70,
          () ->
              outputOf(consumer).contains(" seq 40 to 43: 4")
                  && outputOf(consumer).contains(" seq 1000 to 1000: 1"));
      String said = outputOf(consumer);
      assertTrue(said.contains("not a message of a gateway: lingtan/v1/other/event"), said);
      assertTrue(said.contains("not a message of a gateway: lingtan/v1/other/store"), said);
      postgres.run("DELETE FROM record WHERE seq BETWEEN 40 AND 43 OR seq = 1000");
      Launched repair = repair();
      assertEquals(0, repair.exit(), repair.err());
      consumer.await("what was missing", 60, () -> count() == gateway.last());
      assertEquals(0, number("SELECT count(*) FROM hole"));
    }
  }

  /**
   * Answers requests for a replay once all are there: nonsense for evil, and then what good says.
   */
  private static final String ANSWERS =
      """
      import sys
      import paho.mqtt.client as mqtt
      answers = [b"\\xff\\xfe", b"[1]", b'{"ok":true,"gone":[["x",1e999]]}', b'{"ok":true,"gone":[[5,1],7]}', b'{"ok":true,"gone":[[3,4]]}']
      asked = []
      def on_message(client, userdata, message):
          asked.append(message)
          if len(asked) == len(answers):
              for answer, each in zip(answers, sorted(asked, key=lambda m: m.topic)):
                  client.publish(each.topic.replace("cmd", "reply"), answer, 1, properties=each.properties)
      client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
      client.on_message = on_message
      client.connect("127.0.0.1", int(sys.argv[1]))
      client.subscribe("lingtan/v1/+/cmd/replay", 1)
      client.loop_forever()
      """;

  @Test
  void anAnswerThatIsNoneKeepsTheRepairFromNoOtherGateway() throws Exception {
    postgres.run(
        "INSERT INTO epoch (gateway, epoch, before, last, acked, dropped) SELECT g, e, 0, 9, 9,"
            + " '[]' FROM (VALUES ('evil', 'a'), ('evil', 'b'), ('evil', 'c'), ('evil', 'd'),"
            + " ('good', 'e')) AS v(g, e)");
    try (Child answering =
        Child.start(
            folder.resolve("answering"),
            Map.of(),
            List.of("/usr/bin/python3", "-c", ANSWERS, "" + mosquitto.port()))) {
      answering.await("its subscription", 30, () -> log().contains("+/cmd/replay (QoS 1)"));
      Launched repair = repair();
      assertEquals(0, repair.exit(), repair.err());
      assertEquals("", repair.err());
      assertEquals(
          4, repair.out().split("not an answer of a gateway", -1).length - 1, repair.out());
    }
    assertEquals(
        List.of(List.of("good", "{[3,5)}")),
        postgres.rows("SELECT gateway, gone FROM epoch WHERE gone <> '{}'"));
  }

  private Launched repair() throws Exception {
    return Launched.run(
        Map.of(),
        "/usr/bin/python3",
        FOLDER.resolve("repair.py").toString(),
        "127.0.0.1",
        "" + mosquitto.port(),
        database());
  }

  @Test
  void whoseDatabaseGoesAwayEndsAndMissesNothing() throws Exception {
    try (Child consumer = python()) {
      consumer.await("its subscription", 60, () -> log().contains("lingtan/v1/+/undated (QoS 1)"));
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
  void aDropExplainsAsManyAsItCounts() throws SQLException {
    store("{'epoch':'e','last':0,'acked':0,'dropped':[]}");
    keep(data("pv1", 9, 5), data("pv1", 12, 10), data("pv1", 30, 29));
    store(
        "{'epoch':'e','last':31,'acked':20,'ahead':[[24,25]],"
            + "'dropped':[{'from':1,'to':6,'count':2,'kind':'data','reason':'space'}]}");
    assertHoles("e 1..6 4", "e 7..8 2", "e 10..11 2", "e 13..20 8", "e 24..25 2");
    // Both kinds of 1..6 were dropped.
    store(
        "{'epoch':'e','last':31,'acked':20,'dropped':[{'from':1,'to':6,'count':2,'kind':'data'},"
            + "{'from':2,'to':5,'count':4,'kind':'event'}]}");
    assertHoles("e 7..8 2", "e 10..11 2", "e 13..20 8");
    // A new epoch tells how the one before ended; that one is not told of twice, and an older store
    // changes nothing.
    store(
        "{'epoch':'f','last':0,'acked':0,'dropped':[],'previous':[{'epoch':'e','last':31,'acked':31}]}");
    store("{'epoch':'e','last':31,'acked':20,'dropped':[]}");
    assertHoles("e 1..8 8", "e 10..11 2", "e 13..29 17", "e 31..31 1");
    // A store without its lists says nothing of what is missing.
    store("{'epoch':'f','last':5,'acked':5,'truncated':true}");
    assertHoles("e 1..8 8", "e 10..11 2", "e 13..29 17", "e 31..31 1");
  }

  @Test
  void whatWasDeliveredBeforeTheArchiveListenedIsNotJudged() throws SQLException {
    store(
        "{'epoch':'e','last':120,'acked':100,'dropped':[],'previous':[{'epoch':'d','last':7,'acked':7}]}");
    keep(data("pv1", 101, 99), data("pv1", 104, 101));
    store("{'epoch':'e','last':120,'acked':104,'dropped':[]}");
    assertHoles("e 102..103 2");
    // What came and went while nobody listened is, once the gateway is known.
    store(
        "{'epoch':'g','last':0,'acked':0,'dropped':[],'previous':[{'epoch':'f','last':3,'acked':3}]}");
    assertHoles("e 102..103 2", "f 1..3 3");
  }

  @Test
  void whatIsPackedOrForgottenIsNoHole() throws SQLException {
    store("{'epoch':'e','last':0,'acked':0,'dropped':[]}");
    keep(data("pv1", 1, 0), data("pv1", 2, 1), data("pv2", 3, 0));
    pack();
    pack(); // nothing is left to do
    keep(data("pv1", 2, 1), data("pv1", 4, 2)); // late, of a month that is packed
    String samples =
        "SELECT extract(epoch FROM at)::bigint, point, value FROM samples('gw', 'pv1',"
            + " '2025-11-25 08:00Z', '2025-11-25 09:00Z')";
    List<List<String>> three =
        List.of(
            List.of("1764060001", "power", "1.5"),
            List.of("1764060002", "power", "2.5"),
            List.of("1764060004", "power", "4.5"));
    assertEquals(three, postgres.rows(samples));
    pack();
    assertEquals(three, postgres.rows(samples));
    store("{'epoch':'e','last':4,'acked':4,'dropped':[]}");
    assertHoles();
    postgres.run("CALL forget('2025-12-01')");
    assertEquals(List.of(), postgres.rows(samples));
    keep(data("pv1", 2, 1)); // a replay of what was forgotten is not kept again
    assertEquals(List.of(), postgres.rows(samples));
    assertHoles();
  }

  @Test
  void anHourOfADeviceThatTellsTooMuchIsPackedInPieces() throws SQLException {
    postgres.run(
        "SELECT make_month('2025-11-25'); INSERT INTO record SELECT 'gw', 'e', n, 'data', 'pv1', 0,"
            + " '2025-11-25 08:40Z', NULL, ('{\"ts\":1764060000123,\"values\":{\"x\":\"' ||"
            + " repeat('a', 1000000) || '\"}}')::json FROM generate_series(1, 40) AS n");
    pack();
    assertEquals(
        List.of(List.of("3", "40", "1", "40")),
        postgres.rows(
            "SELECT count(*), sum(cardinality(records)), min(first_seq), max(last_seq) FROM"
                + " packed"));
    assertEquals(
        List.of(List.of("40")),
        postgres.rows(
            "SELECT count(*) FROM samples('gw', 'pv1', '2025-11-25 08:00Z', '2025-11-25 09:00Z')"));
  }

  @Test
  void theNewestRevisionOfEachIntervalIsTheFigureAndIntervalsThatLackAreFound()
      throws SQLException {
    postgres.run(
        "SELECT keep('lingtan/v1/gw/meta',"
            + " '{\"site\":{\"name\":\"一号站\",\"zone\":\"Asia/Shanghai\"}}')");
    String record =
        "{'epoch':'e','seq':%d,'after':0,'ts':1764000000000,'interval':'%s','start':%d,'end':0,"
            + "'rev':%d,'metrics':{'elec.load.total':%s}}";
    String good = "{'v':%s,'u':'kW.h','q':'measured','cov':100,'est':0}";
    long day = 1_764_000_000_000L; // midnight in Shanghai
    keep(
        record.formatted(1, "1d", day, 0, good.formatted("10.000001")),
        record.formatted(2, "1d", day, 3, good.formatted("12.13")),
        record.formatted(3, "1d", day, 1, good.formatted("11")),
        record.formatted(
            4, "1d", day + 3 * 86_400_000L, 0, "{'u':'kW.h','q':'missing','why':'no reading'}"));
    assertEquals(
        List.of(
            Arrays.asList("一号站", "12.13", "measured", null, "3"),
            Arrays.asList("一号站", null, "missing", "no reading", "0")),
        postgres.rows("SELECT site, value, quality, why, rev FROM figure ORDER BY start"));
    store(
        "{'epoch':'e','last':4,'acked':4,'dropped':[],'ts':"
            + (day + 5 * 86_400_000L + 60_000)
            + "}");
    assertEquals(
        List.of(
            List.of("2025-11-26 00:00:00", "absent"),
            List.of("2025-11-27 00:00:00", "absent"),
            List.of("2025-11-29 00:00:00", "absent"),
            List.of("2025-11-30 00:00:00", "unknown")),
        postgres.rows(
            "SELECT start AT TIME ZONE 'Asia/Shanghai', quality FROM lacking_intervals('1d',"
                + " '2025-11-01', '2025-11-30 16:01Z') ORDER BY 1"));
  }

  @Test
  void theFleetHasOfTheNewestStoreHowLateItIsAndWhetherItsClockIsRight() throws SQLException {
    String told = "SELECT backlog, clock, held FROM fleet";
    store("{'epoch':'e','last':0,'acked':0}"); // of a version that says neither
    assertEquals(List.of(Arrays.asList(null, null, null)), postgres.rows(told));
    store(
        "{'epoch':'e','last':9,'acked':2,'held':0,'ts':1764060600000,"
            + "'oldest_unacked_ts':1764060000000}");
    assertEquals(List.of(List.of("00:10:00", "t", "0")), postgres.rows(told));
    store("{'epoch':'e','last':9,'acked':2,'held':5,'ts':null,'oldest_unacked_ts':1764060000000}");
    assertEquals(List.of(Arrays.asList(null, "f", "5")), postgres.rows(told));
    // The epoch that it has begun counts, not the one before.
    store(
        "{'epoch':'f','last':1,'acked':1,'held':0,'ts':1764060700000,'oldest_unacked_ts':null,"
            + "'previous':[{'epoch':'e','last':9,'acked':9}]}");
    assertEquals(List.of(Arrays.asList(null, "t", "0")), postgres.rows(told));
  }

  @Test
  void anotherContentUnderTheSameKeyIsKeptBesideTheFirst() throws SQLException {
    keep(data("pv1", 1, 0));
    keep(data("pv9", 1, 0));
    keep(data("pv1", 1, 0));
    assertEquals(
        List.of(List.of("gw", "e", "1", data("pv9", 1, 0))),
        postgres.rows("SELECT gateway, epoch, seq, record FROM contradiction"));
    assertEquals(List.of(List.of("1")), postgres.rows("SELECT contradictions FROM fleet"));
  }

  /** As a version that told so, or a broker that had forgotten what it retained, leaves it. */
  @Test
  void twoContentsOfOneRevisionAreSeenInWhateverOrderTheyCame() throws SQLException {
    String record =
        "{'epoch':'%s','seq':%d,'after':0,'ts':%d,'interval':'1h','start':%d,'end':0,'rev':%d,"
            + "'metrics':{'elec.load.total':{'v':%s,'u':'kW.h','q':'measured','cov':100,'est':0}}}";
    long start = 1_764_000_000_000L;
    for (int i = 0; i < 4; i++) {
      // Of one hour, of one with a newer revision, and of one that was told again as it was.
      long hour = start + i * 3_600_000L;
      String lost = record.formatted("aa", i + 1, start + 5, hour, 0, "0.333052");
      String copy =
          record.formatted("0b", i + 1, start + 9, hour, 0, i == 3 ? "0.333052" : "0.333353");
      keep(i % 2 == 0 ? lost : copy, i % 2 == 0 ? copy : lost);
    }
    keep(record.formatted("0b", 9, start + 9, start + 7_200_000, 7, "0.4"));
    String two = "2 contents of rev 0";
    assertEquals(
        List.of(
            List.of("0.333353", "suspect", two, "2", "0b"),
            List.of("0.333353", "suspect", two, "2", "0b"),
            Arrays.asList("0.4", "measured", null, "1", "0b"),
            Arrays.asList("0.333052", "measured", null, "1", "0b")),
        postgres.rows("SELECT value, quality, why, contents, epoch FROM figure ORDER BY start"));
  }

  @Test
  void aTextWithTheCharacterZeroIsKeptToTheByte() throws SQLException {
    String event =
        "{ \"epoch\":\"e\",\"seq\":1,\"after\":0,\"ts\":1764060000123,\"event\":\"meter.exchange\","
            + "\"detail\":{\"old_serial\":\"12\\u0000\"}}";
    keep(event, "{\"records\":[" + event.replace("\"seq\":1", "\"seq\":2") + "]}");
    assertEquals(
        List.of(List.of(event, "12\ufffd"), List.of(event.replace(":1,", ":2,"), "12\ufffd")),
        postgres.rows(
            "SELECT record, readable(record)->'detail'->>'old_serial' FROM record ORDER BY seq"));
  }

  /** Each view and function that speaks of all gateways, and those of one, asked of each. */
  private static final List<String> QUESTIONS =
      List.of(
          "SELECT * FROM lacking",
          "SELECT * FROM hole",
          "SELECT * FROM wanted",
          "SELECT * FROM site",
          "SELECT * FROM figure",
          "SELECT * FROM event",
          "SELECT * FROM device",
          "SELECT * FROM fleet",
          "SELECT * FROM hours(now() - interval '1 day', now())",
          "SELECT * FROM lacking_intervals('1h', now() - interval '1 day', now())",
          "SELECT * FROM lacking_intervals('1d', now() - interval '9 days', now())",
          "SELECT * FROM lacking_intervals('1M', now() - interval '90 days', now())",
          "SELECT m.gateway, s.* FROM meta m, samples(m.gateway, 'd', '-infinity', 'infinity') AS"
              + " s");

  private static final List<String> GOOD =
      List.of(
          "meta {\"site\":{\"name\":\"一号站\",\"zone\":\"Asia/Shanghai\"}}",
          "meta/d {\"record_ms\":10000,\"kind\":\"meter\",\"points\":{\"power\":{\"u\":\"W\"}}}",
          "data/d {\"epoch\":\"e\",\"seq\":1,\"after\":0,\"ts\":HOUR,\"device\":\"d\","
              + "\"values\":{\"power\":1.5}}",
          interval(2, "1h"),
          interval(3, "1d"),
          "event"
              + " {\"epoch\":\"e\",\"seq\":4,\"after\":0,\"ts\":HOUR,\"event\":\"uplink.certificate\","
              + "\"severity\":\"warning\",\"detail\":{\"ends\":4796999999000}}",
          "store {\"epoch\":\"e\",\"ts\":HOUR,\"last\":9,\"acked\":6,\"dropped\":[],\"held\":0,"
              + "\"oldest_unacked_ts\":HOUR}");

  /** What the archive says that it cannot read, behind the name of whose it is. */
  private static final String MARKS =
      """
      SELECT gateway || ' ' || mark FROM (
        SELECT gateway, unreadable AS mark FROM fleet
        UNION ALL SELECT gateway, unreadable FROM site
        UNION ALL SELECT gateway, unreadable FROM device
        UNION ALL SELECT gateway, quality FROM figure WHERE value IS NULL
        UNION ALL SELECT gateway, quality FROM hours(now() - interval '1 day', now()) WHERE kwh IS NULL AND coverage IS NULL
        UNION ALL SELECT gateway, quality FROM lacking_intervals('1d', now() - interval '9 days', now()) WHERE start IS NULL
        ) AS marks WHERE mark IS NOT NULL
      """;

  @Test
  void whatOneGatewaySendsSpoilsNoAnswerAboutTheOthersAndIsMarked() throws Exception {
    try (Connection connection = postgres.connect()) {
      connection.setAutoCommit(false);
      long hour = System.currentTimeMillis() / 3_600_000 * 3_600_000 - 7_200_000;
      assertEquals("", new CentrePoison("", GOOD).send(connection, "good", hour));
      List<List<String>> answers = answersAbout(connection, "good");
      for (int i = 0; i < QUESTIONS.size(); i++) {
        String question = QUESTIONS.get(i);
        assertFalse(
            answers.get(i).isEmpty() && !question.matches(".*(hole|wanted|'1[dM]').*"), question);
      }
      List<CentrePoison> poisons = CentrePoison.all();
      for (int i = 0; i < poisons.size(); i++) {
        CentrePoison poison = poisons.get(i);
        Savepoint before = connection.setSavepoint();
        String state = poison.send(connection, "evil" + i, hour);
        assertEquals(poison.isRefused(), !state.isEmpty(), poison + state);
        if (poison.isRefused()) {
          assertTrue(state.matches("(22|23|54)\\w{3}"), poison + state);
          connection.rollback(before);
        }
      }
      assertEquals(answers, answersAbout(connection, "good"));
      Map<String, List<String>> marks = new TreeMap<>();
      for (String row : rows(connection, MARKS)) {
        String[] words = row.split(" ", 2);
        marks.computeIfAbsent(words[0], gateway -> new ArrayList<>()).add(words[1]);
      }
      assertFalse(marks.containsKey("good"), marks::toString);
      for (int i = 0; i < poisons.size(); i++) {
        CentrePoison poison = poisons.get(i);
        List<String> found = marks.getOrDefault("evil" + i, List.of());
        assertTrue(poison.isSilent() || found.contains(poison.mark()), poison + ": " + found);
      }
    }
  }

  /**
   * What is nested so deep that this server can just take it: a view has less of the stack left.
   */
  @Test
  void theDeepestMessageThatIsKeptCanBeRead() throws Exception {
    try (Connection connection = postgres.connect()) {
      connection.setAutoCommit(false);
      long hour = System.currentTimeMillis() / 3_600_000 * 3_600_000 - 7_200_000;
      assertEquals("", new CentrePoison("", GOOD).send(connection, "good", hour));
      List<List<String>> answers = answersAbout(connection, "good");
      for (String kind : List.of("meta", "meta/d", "event", "interval/1h")) {
        int kept = 100;
        int refused = 100_000;
        while (refused - kept > 1) {
          int levels = (kept + refused) / 2;
          Savepoint before = connection.setSavepoint();
          String state = CentrePoison.deep(kind, levels).send(connection, "evil", hour);
          if (state.isEmpty()) {
            kept = levels;
          } else {
            assertEquals("54001", state);
            refused = levels;
          }
          connection.rollback(before);
        }
        assertEquals(
            "", CentrePoison.deep(kind, kept).send(connection, "evil " + kind.length(), hour));
        assertEquals(answers, answersAbout(connection, "good"), kind + " " + kept);
      }
    }
  }

  private static String interval(int seq, String length) {
    return ("interval/%s {\"epoch\":\"e\",\"seq\":%d,\"after\":0,\"ts\":HOUR,\"interval\":\"%1$s\","
            + "\"start\":HOUR,\"end\":HOUR,\"rev\":0,\"metrics\":{\"elec.load.total\":{\"v\":5.25,"
            + "\"u\":\"kW.h\",\"q\":\"measured\",\"cov\":100,\"est\":0}}}")
        .formatted(length, seq);
  }

  private static List<List<String>> answersAbout(Connection connection, String gateway)
      throws SQLException {
    List<List<String>> all = new ArrayList<>();
    for (String question : QUESTIONS) {
      all.add(
          rows(
              connection,
              "WITH q AS MATERIALIZED (%s) SELECT row_to_json(q) FROM q WHERE gateway = '%s' ORDER BY q::text"
                  .formatted(question, gateway)));
    }
    return all;
  }

  /** The first column; what is null is empty. */
  private static List<String> rows(Connection connection, String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(Objects.requireNonNullElse(row.getString(1), ""));
      }
    }
    return rows;
  }

  /** A consumer that keeps writing into the month, the one before and the present one. */
  @Test
  void aMonthIsPackedWhileRecordsComeAndTheyAgain() throws Exception {
    store("{'epoch':'e','last':0,'acked':0,'dropped':[]}");
    AtomicBoolean packed = new AtomicBoolean();
    AtomicLong last = new AtomicLong();
    CompletableFuture<Void> consumer =
        CompletableFuture.runAsync(
            () -> {
              for (int seq = 1; !packed.get() || seq < 200; seq++) {
                last.set(seq);
                try {
                  keep(data("pv1", seq, seq - 1), data("pv1", Math.max(1, seq - 3), 0));
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    for (int i = 0; i < 5; i++) {
      postgres.run("CALL pack('2025-12-01')");
    }
    packed.set(true);
    consumer.get(60, TimeUnit.SECONDS);
    assertEquals(
        List.of(List.of("" + last.get())),
        postgres.rows(
            "SELECT count(*) FROM samples('gw', 'pv1', '2025-11-25 08:00Z', '2025-11-26 09:00Z')"));
  }

  @Test
  void aClockThatIsMonthsOffMakesNoMonth() throws Exception {
    keep(data("pv1", 1, 0).replace("1764060001123", "4070908800000"));
    assertEquals(
        List.of(List.of("record_data_undated", "null")),
        postgres.rows("SELECT tableoid::regclass, coalesce(at::text, 'null') FROM record"));
  }

  @Test
  void anotherDatabaseAtThePortIsNotTakenForTheOwn() throws Exception {
    Path place = placeOfNobody();
    Launched refused = Launched.run(Map.of("PG_PORT", "" + postgres.port()), start(place));
    Launched.run(Map.of(), "rm", "-r", place.toString());
    assertEquals(1, refused.exit());
    assertTrue(refused.err().startsWith("postgresql has ended: "), refused.err());
  }

  @Test
  void theWholeCentreStartsWithOneCommandAndEndsWithAllThatItBegan() throws Exception {
    int mqtt = Ports.free();
    int database = Ports.free();
    Path place = placeOfNobody();
    try (Child centre =
        Child.start(
            folder.resolve("centre"),
            Map.of("MQTT_PORT", "" + mqtt, "PG_PORT", "" + database),
            List.of(start(place)))) {
      centre.await(
          "a record in the database",
          60,
          () -> publishes(mqtt) && rowsAt(place, database).startsWith("gw|e|1|data|pv1|0|"));
      assertEquals(0, centre.stop(20), outputOf(centre));
    } finally {
      Launched.run(Map.of(), "rm", "-r", place.toString());
    }
    assertFalse(publishes(mqtt), "the broker still runs");
    assertFalse(
        ProcessHandle.allProcesses()
            .anyMatch(process -> process.info().commandLine().orElse("").contains(place + "")),
        "the database or the consumer still runs");
  }

  /** PostgreSQL refuses to run as root. */
  private static Path placeOfNobody() throws IOException {
    Path place = Files.createTempDirectory("lingtan-centre");
    if (System.getProperty("user.name").equals("root")) {
      Files.setAttribute(place, "unix:uid", 65_534);
    }
    return place;
  }

  private static String[] start(Path place) {
    String start = FOLDER.resolve("start.sh").toString();
    return System.getProperty("user.name").equals("root")
        ? new String[] {"setpriv", "--reuid=65534", "--clear-groups", "--", start, place.toString()}
        : new String[] {start, place.toString()};
  }

  private static boolean publishes(int port) {
    String record = data("pv1", 1, 0);
    return ran("mosquitto_pub -q 1 -t lingtan/v1/gw/data/pv1 -p " + port + " -m " + record).exit()
        == 0;
  }

  private static String rowsAt(Path place, int port) {
    String connection = "-h " + place + " -p " + port + " -U lingtan -d postgres";
    return ran("psql " + connection + " -Atc TABLE\trecord").out().strip();
  }

  private static Launched ran(String command) {
    try {
      return Launched.run(Map.of(), command.split(" "));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void pack() throws SQLException {
    postgres.run("CALL pack('2025-12-01')");
    assertEquals(
        List.of(), postgres.rows("SELECT FROM pg_class WHERE relname = 'record_data_2025_11'"));
  }

  private void keep(String... records) throws SQLException {
    for (String each : records) {
      postgres.run("SELECT keep('lingtan/v1/gw/data/pv1', '" + each.replace('\'', '"') + "')");
    }
  }

  private void store(String said) throws SQLException {
    postgres.run("SELECT keep('lingtan/v1/gw/store', '" + said.replace('\'', '"') + "')");
  }

  private void assertHoles(String... expected) throws SQLException {
    assertEquals(
        List.of(expected),
        postgres
            .rows(
                "SELECT epoch || ' ' || first || '..' || last || ' ' || missing FROM hole ORDER BY"
                    + " epoch, first")
            .stream()
            .map(List::getFirst)
            .toList());
  }

  private static String data(String device, long seq, long after) {
    return ("{\"epoch\":\"e\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"device\":\"%s\","
            + "\"values\":{\"power\":%d.5}}")
        .formatted(seq, after, 1_764_060_000_123L + seq * 1000, device, seq);
  }
}
