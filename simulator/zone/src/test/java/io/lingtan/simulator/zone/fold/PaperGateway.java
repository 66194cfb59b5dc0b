package io.lingtan.simulator.zone.fold;

import io.lingtan.agent.seal.CanonicalJson;
import io.lingtan.agent.seal.Digest;
import io.lingtan.agent.seal.JsonValue;
import io.lingtan.agent.seal.JsonValue.NotJson;
import io.lingtan.agent.seal.SigningKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A gateway that exists on paper: messages as config/MQTT.md has them, signed and chained. */
public final class PaperGateway {
  public static final long START = 1_780_000_200_000L;
  public static final long QUARTER = 900_000;

  public final String id;
  public final SigningKey key;
  public final String epoch;
  private final Map<String, Long> newest = new HashMap<>();
  private final List<String> drops = new ArrayList<>();
  private String prev = Digest.NONE;
  private long seq;
  private long acked;

  public PaperGateway(String id, String epoch, RandomGenerator random) {
    this(id, epoch, SigningKey.make(random), Digest.NONE);
  }

  private PaperGateway(String id, String epoch, SigningKey key, String prev) {
    this.id = id;
    this.epoch = epoch;
    this.key = key;
    this.prev = prev;
  }

  /** The same machine with the same journal, that far. */
  public PaperGateway(PaperGateway other, long seq) {
    this(other.id, other.epoch, other.key, other.prev);
    this.seq = seq;
  }

  /** The same machine after a boot that did not stop cleanly. */
  public PaperGateway reborn(String next) {
    return new PaperGateway(id, next, key, prev);
  }

  public long seq() {
    return seq;
  }

  private long number(String stream) {
    seq++;
    Long before = newest.put(stream, seq);
    return before == null ? 0 : before;
  }

  public Incoming data(String device, long ts) {
    return message("data/" + device, sample(device, ts));
  }

  public String sample(String device, long ts) {
    long after = number("data/" + device);
    return "{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"device\":\"%s\",\"values\":{\"power\":1.5}}"
        .formatted(epoch, seq, after, ts, device);
  }

  public Incoming batch(List<String> records) {
    return message(
        "batch", "{\"epoch\":\"%s\",\"records\":[%s]}".formatted(epoch, String.join(",", records)));
  }

  /**
   * An interval record of a quarter of an hour with these amounts, or without if they are &lt; 0.
   */
  public Incoming interval(int quarter, long rev, long milliwattHours, long milligrams) {
    long after = number("interval/15m");
    long start = START + quarter * QUARTER;
    String metrics =
        milliwattHours < 0
            ? "\"elec.grid.import\":{\"u\":\"kW.h\",\"q\":\"missing\",\"cov\":0,\"why\":\"m:"
                + " timeout\"}"
            : "\"elec.grid.import\":{\"v\":%s,\"u\":\"kW.h\"},\"co2.scope2.location\":{\"v\":%s,\"u\":\"kg\"}"
                .formatted(millionths(milliwattHours), millionths(milligrams));
    String unsigned =
        "{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"interval\":\"15m\",\"start\":%d,\"end\":%d,\"rev\":%d,\"metrics\":{%s},\"prev\":\"%s\"}"
            .formatted(
                epoch, seq, after, start + QUARTER, start, start + QUARTER, rev, metrics, prev);
    String signed = signed(unsigned, key);
    try {
      prev = Digest.of(CanonicalJson.of(JsonValue.object(signed)));
    } catch (NotJson e) {
      throw new IllegalStateException(e);
    }
    return message("interval/15m", signed);
  }

  private static String millionths(long number) {
    return String.format(Locale.ROOT, "%d.%06d", number / 1_000_000, number % 1_000_000);
  }

  /** With a signature over all that is in it. */
  public static String signed(String json, SigningKey key) {
    try {
      String sig = key.sign(CanonicalJson.of(JsonValue.object(json)));
      return json.substring(0, json.length() - 1) + ",\"sig\":\"" + sig + "\"}";
    } catch (NotJson e) {
      throw new IllegalStateException(e);
    }
  }

  /** From now on these numbers are declared dropped. */
  public void drop(long from, long to, long count, String kind) {
    drops.add(
        "{\"from\":%d,\"to\":%d,\"count\":%d,\"kind\":\"%s\",\"reason\":\"max_size\"}"
            .formatted(from, to, count, kind));
  }

  /** What it says of itself once everything up to {@code acked} is delivered. */
  public Incoming store(long acked, long ts, PaperGateway... previous) {
    this.acked = acked;
    List<String> earlier = new ArrayList<>();
    for (PaperGateway before : previous) {
      earlier.add(
          "{\"epoch\":\"%s\",\"last\":%d,\"acked\":%d,\"dropped\":[%s],\"reason\":\"crash\"}"
              .formatted(before.epoch, before.seq, before.acked, String.join(",", before.drops)));
    }
    String json =
        "{\"epoch\":\"%s\",\"ts\":%d,\"last\":%d,\"acked\":%d,\"ahead\":[],\"dropped\":[%s],\"previous\":[%s]}"
            .formatted(epoch, ts, seq, acked, String.join(",", drops), String.join(",", earlier));
    return message("store", signed(json, key));
  }

  public Incoming message(String topic, String payload) {
    return new Incoming(id, topic, payload.getBytes(StandardCharsets.UTF_8), START + 40 * QUARTER);
  }
}
