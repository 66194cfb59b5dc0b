package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;

/** Commands of a Sparkplug host: what Tahu's own decoder takes too says the same to both. */
public final class SparkplugCommandFuzz implements FuzzTarget {

  @Override
  public List<byte[]> seeds() {
    var payload = SparkplugBProto.Payload.newBuilder().setTimestamp(1).setUuid("x").setSeq(3);
    for (String name : List.of("Node Control/Rebirth", "", "名")) {
      payload.addMetrics(
          Metric.newBuilder()
              .setName(name)
              .setTimestamp(1_764_060_000_000L)
              .setDatatype(11)
              .setProperties(SparkplugBProto.Payload.PropertySet.newBuilder().addKeys("k"))
              .setBooleanValue(name.isEmpty()));
    }
    payload.addMetrics(Metric.newBuilder().setAlias(3).setDoubleValue(1.5));
    payload.addMetrics(Metric.newBuilder().setAlias(4).setFloatValue(1.5f));
    return List.of(payload.build().toByteArray(), HexFormat.of().parseHex("12040a026162"));
  }

  @Override
  public void take(byte[] input) {
    List<Command> commands;
    try {
      commands = Command.of(input);
    } catch (Command.Malformed e) {
      assertTrue(String.valueOf(e.getMessage()).length() < 300, e.getMessage());
      return;
    }
    assertTrue(commands.size() <= Command.MOST_METRICS, "too many metrics");
    List<Metric> metrics;
    try {
      metrics = SparkplugBProto.Payload.parseFrom(input).getMetricsList();
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      return; // it looks into what we pass over
    }
    assertEquals(metrics.size(), commands.size());
    for (int i = 0; i < metrics.size(); i++) {
      assertEquals(metrics.get(i).getName(), commands.get(i).name());
      if (metrics.get(i).hasBooleanValue()) {
        assertEquals(metrics.get(i).getBooleanValue(), commands.get(i).flag());
      }
    }
  }
}
