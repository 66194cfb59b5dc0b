package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.audit.HandGateway;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.RequiresTool;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What a gateway that means harm, or a file from nowhere, can do to the packed {@code lingtan
 * audit} and {@code lingtan verify}, which have the heap that the launcher gives them.
 */
@Execution(ExecutionMode.CONCURRENT)
@RequiresTool({"mosquitto", "mosquitto_pub"})
final class HostileAuditIT {

  private static final String LAUNCHER =
      Path.of("target/lingtan/bin/lingtan").toAbsolutePath().toString();

  private static final String COMPLETE = "\"gateway\":\"gw\",\"verdict\":\"complete\"";

  @TempDir Path folder;
  private Mosquitto mosquitto;
  private HandGateway gateway;

  @BeforeEach
  void start() throws Exception {
    mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")));
    gateway = new HandGateway(mosquitto);
  }

  @AfterEach
  void stop() {
    mosquitto.close();
  }

  private Launched audit(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(LAUNCHER, "audit", "--broker", mosquitto.url()));
    command.addAll(List.of("--client-id", "hostile", "--once", "--json"));
    command.addAll(List.of("--state", folder.resolve("state").toString()));
    command.addAll(List.of(options));
    return Launched.within(Duration.ofMinutes(3), Map.of(), command.toArray(String[]::new));
  }

  /** A run that has its report has subscribed, and so the broker keeps what comes. */
  private void beginToListen() throws Exception {
    Launched ran = audit("--wait", "30s");
    for (int i = 0; i < 10 && ran.out().isEmpty(); i++) {
      ran = audit("--wait", "30s");
    }
    assertTrue(ran.out().contains("\"gateways\":[]"), ran::toString);
  }

  /** Publishes as a gateway that is none of ours. */
  private interface Harm {
    void publish(String topic, byte[] payload) throws MqttException;
  }

  private interface Doing {
    void to(Harm harm) throws Exception;
  }

  private void harm(Doing doing) throws Exception {
    MqttClient client =
        new MqttClient("tcp://127.0.0.1:" + mosquitto.port(), "evil", new MemoryPersistence());
    try {
      client.connect();
      doing.to((topic, payload) -> client.publish("lingtan/v1/" + topic, payload, 1, false));
      client.disconnect();
    } finally {
      client.close();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzipped(String head, String each, int times, String tail)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new BufferedOutputStream(new GZIPOutputStream(bytes))) {
      out.write(bytes(head));
      byte[] one = bytes(each);
      for (int i = 0; i < times; i++) {
        out.write(one);
      }
      out.write(bytes(tail));
    }
    return bytes.toByteArray();
  }

  private static final String BATCH = "{\"epoch\":\"e\",\"first\":1,\"last\":9,\"records\":[";

  @Test
  void whatOneGatewaySendsCostsNoOtherItsAudit() throws Exception {
    beginToListen();
    gateway.born();
    gateway.publishData(1, 50);
    harm(
        evil -> {
          evil.publish("evil/batch/gz", gzipped(BATCH + "{}", ",{}", 5_400_000, "]}"));
          evil.publish("evil/batch/gz", gzipped("{\"records\":[", " ", 300_000_000, "]}"));
          evil.publish("evil/batch/gz", gzipped(BATCH + "{}", ",{}", 600_000, "]}"));
          evil.publish("evil/batch", bytes(BATCH + "{}" + ",{}".repeat(300_000) + "]}"));
          evil.publish("evil/event", bytes("[".repeat(900_000)));
          evil.publish("evil/event", bytes("{\"a\":".repeat(150_000)));
          evil.publish("evil/event", bytes("{\"a\":[" + "{},".repeat(300_000) + "{}]}"));
          evil.publish("evil/data/x", bytes("{\"seq\":" + "9".repeat(900_000) + "}"));
          evil.publish("evil/data/x", bytes("{\"epoch\":\"" + "e".repeat(900_000) + "\"}"));
          evil.publish("evil/meta/" + "d".repeat(60_000), bytes("{}"));
          String many = "[1,2]" + ",[1,2]".repeat(40_000);
          evil.publish("evil/store", bytes(store(1, "\"ahead\":[" + many + "],\"dropped\":[]")));
          evil.publish("evil/store", bytes(store(1L << 62, "\"ahead\":[],\"dropped\":[]")));
          evil.publish("evil/event", new byte[8_000_000]);
        });
    gateway.publishStore(50, 50);
    for (int i = 0; i < 2; i++) {
      Launched ran = audit("--wait", "30s");
      assertEquals(1, ran.exit(), ran::toString); // evil said nothing that counts
      assertTrue(ran.out().contains(COMPLETE), ran::toString);
      assertTrue(ran.out().contains("\"batch: inflates to more than 2 MB\":2"), ran::toString);
      assertTrue(ran.out().contains("\"batch: no whole number seq\":"), ran::toString);
      assertTrue(ran.out().contains("\"gateway\":\"evil\",\"verdict\":\"unknown\""), ran::toString);
    }
  }

  private static String store(long last, String lists) {
    return "{\"epoch\":\"e\",\"last\":%d,\"acked\":0,%s,\"previous\":[]}".formatted(last, lists);
  }

  @Test
  void inventedNumbersEpochsDevicesAndGatewaysFillNoMemory() throws Exception {
    beginToListen();
    gateway.born();
    gateway.publishData(1, 50);
    gateway.publishStore(50, 50);
    Random random = new Random(7);
    harm(
        evil -> {
          for (int i = 0; i < 60; i++) {
            StringBuilder batch = new StringBuilder(BATCH);
            for (int j = 0; j < 2_000; j++) {
              long seq = 2 + random.nextLong(1L << 52);
              batch
                  .append(j == 0 ? "" : ",")
                  .append(
                      "{\"epoch\":\"%d\",\"seq\":%d,\"after\":%d,\"ts\":1,\"device\":\"%d\",\"values\":{}}"
                          .formatted(i % 20, seq, seq - 1, random.nextInt(5_000)));
            }
            evil.publish("evil/batch", bytes(batch + "]}"));
          }
          for (int i = 0; i < 1_500; i++) {
            evil.publish(
                "invented-" + i + "/event",
                bytes(
                    "{\"epoch\":\"e\",\"seq\":5,\"after\":4,\"ts\":1,\"event\":\"agent.start\"}"));
          }
        });
    gateway.publishData(51, 60);
    gateway.publishStore(60, 60);
    Launched ran = audit("--wait", "40s");
    assertEquals(1, ran.exit(), () -> head(ran));
    assertTrue(ran.out().contains(COMPLETE), () -> head(ran));
    assertTrue(ran.out().matches("(?s).*\"shortened\":[1-9].*"), () -> head(ran));
    // What it remembers it can read again.
    Launched again = audit("--wait", "30s");
    assertEquals(1, again.exit(), () -> head(again));
    assertTrue(again.out().contains(COMPLETE), () -> head(again));
  }

  private static String head(Launched ran) {
    return ran.exit()
        + " "
        + ran.out().substring(0, Math.min(2_000, ran.out().length()))
        + ran.err();
  }

  @Test
  void aFileFromNowhereIsJudgedAndNotDiedOf() throws Exception {
    Path file = folder.resolve("month.ndjson");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      byte[] much = bytes("x".repeat(1 << 20));
      for (int i = 0; i < 200; i++) {
        out.write(much);
      }
      String record =
          "{\"epoch\":\"e\",\"seq\":%s,\"after\":0,\"ts\":1,\"interval\":\"15m\",\"start\":1,\"end\":2,"
              + "\"rev\":0,\"metrics\":{\"elec.grid.import\":{\"v\":%s,\"u\":\"kW.h\",\"q\":\"measured\"}}}";
      List<String> lines = new ArrayList<>();
      lines.add("");
      lines.add("[".repeat(900_000));
      lines.add("{\"a\":[" + "0,".repeat(400_000) + "0]}");
      lines.add(record.formatted("1", "1e-999999999"));
      lines.add(record.formatted("1e999999999", "1"));
      lines.add(
          "{\"event\":\"journal.dropped\",\"detail\":{\"epoch\":\"e\",\"kind\":\"interval\",\"from\":1.5,\"to\":2,\"count\":1}}");
      out.write(bytes(String.join("\n", lines) + "\n"));
      for (int i = 2; i < 60_000; i++) {
        out.write(bytes(record.formatted(i, "1") + "\n"));
      }
    }
    Path key =
        Files.writeString(
            folder.resolve("key"),
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"MogyJlPf5lPIOAVcvqHTaelhSTQruIlsHQBGmU6VivQ\"}");
    Launched ran =
        Launched.within(
            Duration.ofMinutes(3),
            Map.of(),
            LAUNCHER,
            "verify",
            "--key",
            key.toString(),
            file.toString());
    assertEquals(1, ran.exit(), () -> head(ran));
    for (String each :
        List.of(
            "longer than any record",
            "more than 100000 values",
            "such an exponent is not allowed")) {
      assertTrue(ran.out().contains(each), () -> each + ": " + head(ran));
    }
    Launched noKey =
        Launched.run(Map.of(), LAUNCHER, "verify", "--key", file.toString(), file.toString());
    assertEquals(2, noKey.exit(), () -> head(noKey));
  }
}
