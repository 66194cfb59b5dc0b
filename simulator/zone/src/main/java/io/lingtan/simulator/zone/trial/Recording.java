package io.lingtan.simulator.zone.trial;

import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.SigningKey;
import io.lingtan.simulator.zone.kafka.TextHeaders;
import io.lingtan.simulator.zone.kafka.ZoneTopic;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Messages of gateways as bridges hand them on: of each gateway and minute six samples, a signed
 * and chained interval record, and a signed {@code store}.
 */
final class Recording {

  private static final int SAMPLES = 6;

  /** Samples, an interval record and a {@code store}. */
  private static final int EACH_MINUTE = SAMPLES + 2;

  private final List<ProducerRecord<String, byte[]>> messages = new ArrayList<>();
  private final int most;

  private Recording(int most) {
    this.most = most;
  }

  /** One gateway, so far. */
  private static final class Writing {
    private final SitePlan plan;
    private final String epoch;
    private String prev = Digest.NONE;
    private long seq;
    private long lastSample;
    private long lastInterval;

    Writing(SitePlan plan) {
      this.plan = plan;
      this.epoch = plan.gateway().substring(plan.gateway().length() - 5) + "abc";
    }
  }

  /**
   * The messages of these gateways, minute by minute.
   *
   * @param most how many messages
   * @param endMillis when the last came, UTC ms: Kafka deletes what is older than its retention
   */
  static List<ProducerRecord<String, byte[]>> of(List<SitePlan> plans, int most, long endMillis) {
    Recording made = new Recording(most);
    List<Writing> gateways = plans.stream().map(Writing::new).toList();
    long minutes = Math.ceilDiv(most, EACH_MINUTE * gateways.size());
    long first = Math.floorDiv(endMillis, SitePlan.BASE_MILLIS) - minutes;
    for (long minute = first; made.messages.size() < most; minute++) {
      for (Writing gateway : gateways) {
        made.minute(gateway, minute * SitePlan.BASE_MILLIS);
      }
    }
    return made.messages;
  }

  private void minute(Writing of, long start) {
    long end = start + SitePlan.BASE_MILLIS;
    for (int i = 0; i < SAMPLES; i++) {
      of.seq++;
      add(
          of,
          "data/gate",
          ("{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"device\":\"gate\",\"values\":{\"power\":%d.125,"
               + "\"energy_import\":%d.654321,\"energy_export\":0.5},\"stats\":{\"power\":[1.5,2.5,3.5]}}")
              .formatted(
                  of.epoch,
                  of.seq,
                  of.lastSample,
                  start + i * SitePlan.PERIOD_MILLIS,
                  of.seq,
                  of.seq),
          end);
      of.lastSample = of.seq;
    }
    of.seq++;
    StringBuilder metrics = new StringBuilder();
    of.plan
        .truth(SitePlan.BASE_MILLIS / 1_000)
        .forEach(
            (metric, amount) ->
                metrics
                    .append(metrics.isEmpty() ? "" : ",")
                    .append(
                        "\"%s\":{\"v\":%d.%06d,\"u\":\"%s\",\"q\":\"measured\",\"cov\":100,\"est\":0}"
                            .formatted(
                                metric,
                                amount / 1_000_000,
                                amount % 1_000_000,
                                metric.startsWith("co2") ? "kg" : "kW.h")));
    String record =
        signed(
            "{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"interval\":\"1m\",\"start\":%d,\"end\":%d,\"rev\":0,\"metrics\":{%s},\"prev\":\"%s\"}"
                .formatted(of.epoch, of.seq, of.lastInterval, end, start, end, metrics, of.prev),
            of.plan.key());
    of.lastInterval = of.seq;
    of.prev = Digest.of(canonical(record));
    add(of, "interval/1m", record, end);
    add(
        of,
        "store",
        signed(
            "{\"epoch\":\"%s\",\"ts\":%d,\"first\":1,\"last\":%d,\"acked\":%d,\"ahead\":[],\"dropped\":[],\"previous\":[]}"
                .formatted(of.epoch, end, of.seq, of.seq),
            of.plan.key()),
        end);
  }

  private void add(Writing of, String topic, String json, long arrived) {
    if (messages.size() < most) {
      ProducerRecord<String, byte[]> message =
          new ProducerRecord<>(
              ZoneTopic.MESSAGES.topic(),
              null,
              arrived,
              of.plan.gateway(),
              json.getBytes(StandardCharsets.UTF_8));
      TextHeaders.put(message.headers(), ZoneTopic.TOPIC, topic);
      messages.add(message);
    }
  }

  private static String canonical(String json) {
    try {
      return CanonicalJson.of(JsonValue.object(json));
    } catch (NotJson e) {
      throw new IllegalStateException(e);
    }
  }

  private static String signed(String json, SigningKey key) {
    return json.substring(0, json.length() - 1) + ",\"sig\":\"" + key.sign(canonical(json)) + "\"}";
  }
}
