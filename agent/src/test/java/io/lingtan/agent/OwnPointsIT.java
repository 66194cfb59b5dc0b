package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.run.Randomness;
import io.lingtan.agent.run.SystemTime;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.Loaded;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Captured;
import io.lingtan.testing.Child;
import io.lingtan.testing.Json;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.eclipse.tahu.message.SparkplugBPayloadDecoder;
import org.eclipse.tahu.message.model.Metric;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * "To add values that have no name here" of {@code config/README.md}, step by step: its two files,
 * a device with these registers, and what then is on the broker, in Sparkplug, in Home Assistant,
 * on the page and in {@code /metrics}.
 */
@RequiresTool({"mosquitto", "mosquitto_sub"})
@Timeout(180)
final class OwnPointsIT {

  private static final Path README = Path.of("..", "config", "README.md");
  private static final int ALARMS = 12;

  /** What stands in the station's registers: 2e-9 A is the float 3109 705F. */
  private final int[] registers = {
    812, 34, 0xFFF6, 0, 5200, 0x3109, 0x705F, 1450, 425, 3312, 1, 1, 0
  };

  @TempDir Path folder;
  private Mosquitto broker;
  private Child subscriber;
  private ServerSocket station;
  private int page;

  @BeforeEach
  void aBrokerASubscriberAndAStation() throws Exception {
    broker = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    subscriber =
        Child.start(
            folder.resolve("heard"),
            Map.of(),
            List.of(
                "mosquitto_sub",
                "-V",
                "mqttv5",
                "-h",
                "127.0.0.1",
                "-p",
                "" + broker.port(),
                "-t",
                "#",
                "-F",
                "%t %x"));
    station = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  @AfterEach
  void theEnd() throws IOException {
    station.close();
    subscriber.close();
    broker.close();
  }

  private void serve() {
    while (!station.isClosed()) {
      try {
        Socket master = station.accept();
        Thread.ofVirtual().start(() -> serve(master));
      } catch (IOException closed) {
        return;
      }
    }
  }

  /** Modbus TCP, function 3. */
  private void serve(Socket master) {
    try (master) {
      DataInputStream in = new DataInputStream(master.getInputStream());
      OutputStream out = master.getOutputStream();
      while (true) {
        byte[] ask = new byte[12];
        in.readFully(ask);
        ByteBuffer asked = ByteBuffer.wrap(ask);
        int first = asked.getShort(8);
        int words = asked.getShort(10);
        ByteBuffer answer = ByteBuffer.allocate(9 + 2 * words);
        answer.put(ask, 0, 4).putShort((short) (3 + 2 * words)).put(ask, 6, 2);
        answer.put((byte) (2 * words));
        synchronized (registers) {
          for (int i = first; i < first + words; i++) {
            answer.putShort((short) registers[i]);
          }
        }
        out.write(answer.array());
      }
    } catch (IOException gone) {
      // The master has what it wanted.
    }
  }

  private void register(int address, int value) {
    synchronized (registers) {
      registers[address] = value;
    }
  }

  /** The YAML of the tutorial: the profile, and the site file. */
  private static List<String> tutorial() throws IOException {
    String text = Files.readString(README);
    String part = text.substring(text.indexOf("### To add values that have no name here"));
    part = part.substring(0, part.indexOf("\n### own point"));
    return java.util.Arrays.stream(part.split("```"))
        .filter(block -> block.startsWith("yaml\n"))
        .map(block -> block.substring(5).stripIndent())
        .toList();
  }

  private Site site() throws IOException {
    page = Ports.free();
    List<String> files = tutorial();
    Path profiles = Files.createDirectory(folder.resolve("profiles"));
    Files.writeString(profiles.resolve("roof-station.yaml"), files.getFirst());
    Path file =
        Files.writeString(
            folder.resolve("site.yaml"),
            files
                    .getLast()
                    .replace(
                        "192.168.1.60, port: 502", "127.0.0.1, port: " + station.getLocalPort())
                    .replace("mqtt://broker:1883", broker.url())
                    .replace("every: 1s, record: 10s", "every: 100ms, record: 1s")
                + "journal: {path: journal.db, max_size: 64MB}\n"
                + "status: {listen: \"127.0.0.1:%d\"}\n".formatted(page)
                + "clock: {trust: [system]}\n");
    Loaded loaded = new SiteLoader().load(file);
    return Objects.requireNonNull(loaded.site(), () -> loaded.problems().toString());
  }

  private static RunningAgent start(Site site) {
    return RunningAgent.start(site, new SystemTime(List.of("system")), Randomness.system());
  }

  private List<String> heard() {
    try {
      return subscriber
          .output()
          .lines()
          .filter(line -> !line.startsWith("spBv1.0/"))
          .map(
              line -> {
                int blank = line.indexOf(' ');
                return line.substring(0, blank + 1)
                    + new String(
                        HexFormat.of().parseHex(line.substring(blank + 1)), StandardCharsets.UTF_8);
              })
          .toList();
    } catch (IOException | IllegalArgumentException beingWritten) {
      return List.of();
    }
  }

  /** Waits for a message and gives its payload. */
  private String message(String topic, Predicate<String> wanted) throws Exception {
    subscriber.await(
        "a message of " + topic,
        30,
        () -> heard().stream().anyMatch(line -> line.startsWith(topic + " ") && wanted.test(line)));
    return heard().stream()
        .filter(line -> line.startsWith(topic + " ") && wanted.test(line))
        .findFirst()
        .orElseThrow()
        .substring(topic.length() + 1);
  }

  private String get(String path) {
    try (InputStream in = URI.create("http://127.0.0.1:" + page + path).toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private Map<String, Object> born() throws Exception {
    subscriber.await("a birth", 30, () -> births().findFirst().isPresent());
    String birth = births().findFirst().orElseThrow();
    Map<String, Object> metrics = new TreeMap<>();
    for (Metric metric :
        new SparkplugBPayloadDecoder()
            .buildFromByteArray(
                HexFormat.of().parseHex(birth.substring(birth.indexOf(' ') + 1)), null)
            .getMetrics()) {
      if (metric.getValue() != null) {
        metrics.put(metric.getName(), metric.getDataType() + " " + metric.getValue());
      }
    }
    return metrics;
  }

  private java.util.stream.Stream<String> births() {
    try {
      return subscriber.output().lines().filter(line -> line.matches("spBv1.0/.*/DBIRTH/.* ..*"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void goesFromAFileToPageBrokerSparkplugHomeAssistantAndMetrics() throws Exception {
    String root = "lingtan/v1/roof-1/";
    RunningAgent agent = start(site());
    try {
      // The values under their own names, with the device's resolution.
      String record = message(root + "data/station", line -> line.contains("irradiance"));
      assertEquals(
          "{\"alarms\":[],\"cell_max\":3312,\"insulation\":5200,\"irradiance\":812,"
              + "\"leak\":0.000000002,\"mode\":\"on\",\"module_temp\":-1,\"pump\":\"running\","
              + "\"pump_speed\":1450,\"valve\":42.5,\"wind\":3.4}",
          record.replaceAll(".*\"values\":(\\{.*?\\}).*", "$1"));

      // What they mean.
      String meta = message(root + "meta/station", line -> true);
      assertTrue(
          meta.contains(
              "\"irradiance\":{\"u\":\"W/m2\",\"symbol\":\"W/m²\",\"name\":\"Irradiance\","
                  + "\"name_zh\":\"辐照度\"}"),
          meta);
      assertTrue(meta.contains("\"text\":{\"0\":\"off\",\"1\":\"on\",\"2\":\"defrost\"}"), meta);
      assertTrue(meta.contains("\"3\":{\"name\":\"fan\",\"name_zh\":\"风机故障\"}"), meta);

      // An alarm is an event when it is raised, over a restart not again, and when it is over.
      register(ALARMS, 0b1000);
      String raised = message(root + "event", line -> line.contains("device.alarm"));
      assertTrue(
          raised.contains(
              "\"event\":\"device.alarm\",\"severity\":\"warning\",\"device\":\"station\","
                  + "\"detail\":{\"point\":\"alarms\",\"bit\":3,\"raised\":true,\"name\":\"fan\","
                  + "\"name_zh\":\"风机故障\"}"),
          raised);
      message(root + "data/station", line -> line.contains("\"alarms\":[3]"));

      // The page and /metrics.
      subscriber.await("the alarm on the page", 30, () -> get("/text").contains("alarms: 3"));
      String snapshot = get("/api/snapshot");
      assertTrue(
          snapshot.contains("{\"p\":\"alarms\",\"zh\":\"告警\",\"en\":\"Alarms\",\"raised\":[{"),
          snapshot);
      assertTrue(
          snapshot.contains(
              "{\"p\":\"leak\",\"zh\":\"漏电流\",\"en\":\"Leak"
                  + " current\",\"v\":0.000000002,\"u\":\"A\""),
          snapshot);
      String metrics =
          get("/metrics")
              .lines()
              .filter(line -> line.startsWith("lingtan_point"))
              .map(line -> line.replaceAll("device=\"station\",point=", ""))
              .collect(Collectors.joining(" "));
      assertEquals(
          "lingtan_point{\"cell_max\"} 3312 lingtan_point{\"insulation\"} 5200"
              + " lingtan_point{\"irradiance\"} 812 lingtan_point{\"leak\"} 0.000000002"
              + " lingtan_point{\"mode\"} 1 lingtan_point{\"module_temp\"} -1"
              + " lingtan_point{\"pump\"} 1 lingtan_point{\"pump_speed\"} 1450"
              + " lingtan_point{\"valve\"} 42.5 lingtan_point{\"wind\"} 3.4"
              + " lingtan_point_bit{\"alarms\",bit=\"0\"} 0"
              + " lingtan_point_bit{\"alarms\",bit=\"3\"} 1",
          metrics);
      String chart = get("/api/history?series=station/leak,station/wind&span=1h&parts=1");
      assertTrue(chart.contains("\"last\":[0.000000002]"), chart);
      assertTrue(chart.contains("\"en\":\"Wind speed\",\"symbol\":\"m/s\""), chart);

      // Sparkplug, as Eclipse Tahu reads it.
      Map<String, Object> born = born();
      assertEquals("Double 812.0", born.get("irradiance"));
      assertEquals("Double 2.0E-9", born.get("leak"));
      assertEquals("String on", born.get("mode"));
      assertTrue(String.valueOf(born.get("alarms")).matches("Int64 [08]"), born::toString);

      // Home Assistant.
      String found = message("homeassistant/device/roof-1/station/config", line -> true);
      Map<String, Object> components = Json.object(Json.text(Json.object(found).get("components")));
      assertEquals(12, components.size(), found);
      assertTrue(found.contains("\"name\":\"Alarms fan\""), found);
      assertTrue(
          found.contains("{{ 'ON' if 3 in value_json['values']['alarms'] else 'OFF' }}"), found);
    } finally {
      assertTrue(agent.stop());
    }

    agent =
        start(Objects.requireNonNull(new SiteLoader().load(folder.resolve("site.yaml")).site()));
    try {
      register(ALARMS, 0);
      String over = message(root + "event", line -> line.contains("\"raised\":false"));
      assertTrue(over.contains("\"severity\":\"info\""), over);
    } finally {
      assertTrue(agent.stop());
    }
    assertEquals(
        List.of("true", "false"),
        heard().stream()
            .filter(line -> line.contains("\"device.alarm\""))
            .map(line -> line.replaceAll(".*\"raised\":(\\w+).*", "$1"))
            .toList());
    assertEquals(List.of(), Captured.of(heard()).problems());
  }
}
