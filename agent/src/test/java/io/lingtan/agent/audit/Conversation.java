package io.lingtan.agent.audit;

import io.lingtan.agent.audit.message.Malformed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Messages of one gateway, written by hand, on a clock of their own. */
public final class Conversation {

  /** UTC ms of second 0. */
  public static final long T0 = 1_764_060_000_000L;

  public static final String EPOCH = "5f1c09ab";

  public final Completeness completeness;
  private final String root;
  private long nowMillis = T0;

  Conversation(Completeness completeness, String gateway) {
    this.completeness = completeness;
    this.root = "lingtan/v1/" + gateway + "/";
  }

  public static Conversation withSession() {
    return new Conversation(new Completeness(), "gw");
  }

  /** Moves the listener's clock to {@code second}. */
  Conversation at(long second) {
    nowMillis = T0 + second * 1000;
    return this;
  }

  Conversation listensOnlyFromNow() {
    completeness.listensOnlySince(nowMillis);
    return this;
  }

  public Conversation says(String topic, String payload) {
    completeness.take(root + topic, bytes(payload), false, nowMillis);
    return this;
  }

  Conversation hadSaid(String topic, String payload) {
    completeness.take(root + topic, bytes(payload), true, nowMillis);
    return this;
  }

  public Conversation says(String topic, byte[] payload) {
    completeness.take(root + topic, payload, false, nowMillis);
    return this;
  }

  /** A live record of device pv1, {@code second} seconds after the start. */
  public Conversation data(long seq, long after, long second) {
    return says("data/pv1", record(EPOCH, seq, after, "pv1", second));
  }

  /** Records from..to of pv1, one for each second, each after the one before. */
  public Conversation data(long from, long to) {
    for (long seq = from; seq <= to; seq++) {
      data(seq, seq - 1, seq);
    }
    return this;
  }

  public Conversation store(long last, long acked) {
    return says("store", storeOf(EPOCH, last, acked, ""));
  }

  /**
   * With those lists empty that {@code more} does not have.
   *
   * @param more {@code previous} last
   */
  static String storeOf(String epoch, long last, long acked, String more) {
    int earlierEpochs = more.indexOf(",\"previous\":");
    String own = earlierEpochs < 0 ? more : more.substring(0, earlierEpochs);
    StringBuilder all = new StringBuilder(more);
    for (String list : List.of("ahead", "dropped")) {
      if (!own.contains(",\"" + list + "\":")) {
        all.append(",\"").append(list).append("\":[]");
      }
    }
    if (earlierEpochs < 0) {
      all.append(",\"previous\":[]");
    }
    return shortStoreOf(epoch, last, acked, all.toString());
  }

  /** With no other lists than {@code more} has. */
  static String shortStoreOf(String epoch, long last, long acked, String more) {
    return "{\"epoch\":\"%s\",\"since\":1,\"first\":1,\"last\":%d,\"acked\":%d%s}"
        .formatted(epoch, last, acked, more);
  }

  public static String record(String epoch, long seq, long after, String device, long second) {
    return record(epoch, seq, after, device, second, "\"values\":{\"power\":1.0}");
  }

  public static String record(
      String epoch, long seq, long after, String device, long second, String values) {
    return "{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"device\":\"%s\",%s}"
        .formatted(epoch, seq, after, T0 + second * 1000, device, values);
  }

  public static String event(long seq, long after, long second, String name, String detail) {
    return ("{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"event\":\"%s\","
            + "\"severity\":\"info\",\"detail\":{%s}}")
        .formatted(EPOCH, seq, after, T0 + second * 1000, name, detail);
  }

  public static String interval(long seq, long after) {
    return ("{\"epoch\":\"%s\",\"seq\":%d,\"after\":%d,\"ts\":%d,\"interval\":\"15m\",\"start\":1,"
            + "\"end\":2,\"rev\":0,\"metrics\":{},\"registers\":{},\"factors\":{}}")
        .formatted(EPOCH, seq, after, T0);
  }

  public static String batch(List<String> records) {
    return "{\"epoch\":\"%s\",\"first\":1,\"last\":9,\"records\":[%s]}"
        .formatted(EPOCH, String.join(",", records));
  }

  static byte[] gzip(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  AuditReport report() {
    return completeness.report(nowMillis);
  }

  public GatewayReport gateway() {
    return report().gateways().getFirst();
  }

  EpochReport epoch() {
    return gateway().epochs().getLast();
  }

  /** What an audit keeps in its file. */
  static byte[] save(Completeness completeness) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      completeness.save(out);
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
    return out.toByteArray();
  }

  static Completeness from(byte[] saved) throws Malformed {
    try {
      return Completeness.from(new ByteArrayInputStream(saved));
    } catch (IOException e) {
      throw new UncheckedIOException("an array does not fail", e);
    }
  }
}
