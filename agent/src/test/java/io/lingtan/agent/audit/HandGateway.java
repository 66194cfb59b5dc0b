package io.lingtan.agent.audit;

import static io.lingtan.agent.audit.Conversation.EPOCH;
import static io.lingtan.agent.audit.Conversation.record;
import static io.lingtan.agent.audit.Conversation.storeOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Mosquitto;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A gateway that is mosquitto_pub and a hand. */
public final class HandGateway {

  private static final String ROOT = "lingtan/v1/gw/";

  private final Mosquitto mosquitto;

  public HandGateway(Mosquitto mosquitto) {
    this.mosquitto = mosquitto;
  }

  public void publish(String topic, boolean retain, String... lines) throws Exception {
    List<String> command = new ArrayList<>(List.of("mosquitto_pub", "-V", "mqttv5", "-q", "1"));
    command.addAll(List.of("-p", String.valueOf(mosquitto.port()), "-t", ROOT + topic, "-l"));
    if (retain) {
      command.add("-r");
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var in = process.getOutputStream()) {
      in.write(String.join("\n", lines).concat("\n").getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), said);
    assertEquals(0, process.exitValue(), said);
  }

  public void publishData(long from, long to, long... without) throws Exception {
    List<String> lines = new ArrayList<>();
    for (long seq = from; seq <= to; seq++) {
      long number = seq;
      if (Arrays.stream(without).noneMatch(other -> other == number)) {
        lines.add(record(EPOCH, seq, seq - 1, "pv1", seq));
      }
    }
    publish("data/pv1", false, lines.toArray(String[]::new));
  }

  /** Publishes a second content under a number. */
  public void contradict(long seq) throws Exception {
    publish(
        "data/pv1", false, record(EPOCH, seq, seq - 1, "pv1", seq, "\"values\":{\"power\":2.0}"));
  }

  public void publishStore(long last, long acked) throws Exception {
    publish("store", true, storeOf(EPOCH, last, acked, ""));
  }

  public void born() throws Exception {
    publish("status", true, "online");
    publish("meta", true, "{\"devices\":[\"pv1\"]}");
    publish("meta/pv1", true, "{\"record_ms\":1000}");
  }
}
