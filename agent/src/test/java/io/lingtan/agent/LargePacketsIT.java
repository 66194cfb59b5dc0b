package io.lingtan.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Child;
import io.lingtan.testing.Launched;
import io.lingtan.testing.Mosquitto;
import io.lingtan.testing.Ports;
import io.lingtan.testing.RequiresTool;
import io.lingtan.testing.ScriptedBroker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The agent with the memory that it is shipped with, and brokers that have more to say. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(180)
final class LargePacketsIT {

  private static final Path LAUNCHER = Path.of("target/lingtan/bin/lingtan").toAbsolutePath();
  private static final String COMMAND = "lingtan/v1/large/cmd/ping";

  /** The pause is drawn between nothing and a cap: once in ten times it is "at once". */
  private static final Pattern NEXT_TRY = Pattern.compile("next try (at once|in \\d+\\.\\d s)");

  @TempDir Path folder;

  private Child agent(String broker, int page) throws IOException {
    Path site =
        Files.writeString(
            folder.resolve("site.yaml"),
            """
            gateway: large
            site: {region: CN}
            lines:
              - id: hall
                modbus-tcp: {host: 127.0.0.1, port: %d}
                devices: [{id: m1, profile: eastron-sdm630, unit: 1, every: 1s, record: 1s}]
            mqtt: {servers: ["%s"]}
            status: {listen: "127.0.0.1:%d"}
            clock: {trust: [system]}
            """
                .formatted(Ports.free(), broker, page));
    return Child.start(
        folder.resolve("agent.log"),
        Map.of(),
        List.of(LAUNCHER.toString(), "run", "--config", site.toString()));
  }

  private static long metric(int page, String name) {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String body =
          client
              .send(
                  HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + page + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return body.lines()
          .filter(line -> line.startsWith(name + " "))
          .map(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElse(-1L);
    } catch (IOException e) {
      return -1; // not there yet
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  @Test
  @RequiresTool({"mosquitto", "mosquitto_pub"})
  void twentyMegabytesThatTheBrokerKeepsForItAreNothingToIt() throws Exception {
    Path large = folder.resolve("large");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(20_000_000);
    }
    int page = Ports.free();
    try (Mosquitto mosquitto = Mosquitto.start(Files.createDirectory(folder.resolve("broker")))) {
      Launched sent =
          Launched.run(
              Map.of(),
              "mosquitto_pub",
              "-V",
              "5",
              "-q",
              "1",
              "-r",
              "-p",
              "" + mosquitto.port(),
              "-t",
              COMMAND,
              "-f",
              large.toString());
      assertEquals(0, sent.exit(), sent::toString);
      try (Child agent = agent(mosquitto.url(), page)) {
        agent.await("records", 60, () -> metric(page, "lingtan_uplink_acked_records_total") > 3);
        assertEquals(0, metric(page, "lingtan_uplink_bad_packets_total"));
        assertEquals(0, agent.stop(30), agent.output());
      }
    }
  }

  @Test
  void whateverAPacketClaimsOrBringsTheAgentLivesAndDelivers() throws Exception {
    int page = Ports.free();
    AtomicInteger hostile = new AtomicInteger(4);
    ScriptedBroker.Script large =
        (packet, peer) -> {
          boolean isOfCommands =
              packet.type() == ScriptedBroker.SUBSCRIBE
                  && packet.filters().getFirst().contains("/cmd/");
          if (isOfCommands && hostile.get() > 0) {
            peer.answer(packet);
            if (hostile.decrementAndGet() == 0) {
              for (int i = 0; i < 600; i++) {
                peer.sendBytes(publish(130_000, 130_000));
              }
            } else {
              peer.sendBytes(publish(200_000_000, 40));
            }
            return true;
          }
          return false;
        };
    try (ScriptedBroker broker = ScriptedBroker.start(large);
        Child agent = agent(broker.url(), page)) {
      agent.await("records", 90, () -> metric(page, "lingtan_uplink_acked_records_total") > 3);
      assertEquals(3, metric(page, "lingtan_uplink_bad_packets_total"), agent.output());
      assertTrue(metric(page, "lingtan_uplink_commands_refused_total") >= 500);
      String log = agent.output();
      assertTrue(log.contains("a packet of 200000005 bytes to '" + COMMAND + "'"), log);
      assertTrue(NEXT_TRY.matcher(log).find(), log);
      assertEquals(0, agent.stop(30), log);
    }
  }

  /** PUBLISH with QoS 0 that claims to have so many bytes, and has so many. */
  private static byte[] publish(int claimed, int real) {
    byte[] topic = COMMAND.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(0x30);
    for (int rest = claimed; rest > 0; rest >>= 7) {
      all.write(rest > 127 ? (rest & 0x7f) | 0x80 : rest);
    }
    all.write(0);
    all.write(topic.length);
    all.writeBytes(topic);
    all.writeBytes(new byte[real - 2 - topic.length]);
    return all.toByteArray();
  }
}
