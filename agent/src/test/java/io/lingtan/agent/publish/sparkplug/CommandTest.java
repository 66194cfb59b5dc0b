package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.sparkplug.Command.Malformed;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands as Tahu writes them, and bytes that are none. */
final class CommandTest {

  private static byte[] payload(int metrics) {
    var payload = SparkplugBProto.Payload.newBuilder().setTimestamp(1).setUuid("x");
    for (int i = 0; i < metrics; i++) {
      payload.addMetrics(
          SparkplugBProto.Payload.Metric.newBuilder()
              .setName("Node Control/Rebirth")
              .setTimestamp(1_764_060_000_000L)
              .setDatatype(11)
              .setProperties(SparkplugBProto.Payload.PropertySet.newBuilder().addKeys("k"))
              .setBooleanValue(i == 0));
    }
    payload.addMetrics(SparkplugBProto.Payload.Metric.newBuilder().setAlias(3).setDoubleValue(1.5));
    payload.addMetrics(SparkplugBProto.Payload.Metric.newBuilder().setAlias(4).setFloatValue(1.5f));
    return payload.build().toByteArray();
  }

  @Test
  void whatTahuWritesIsRead() throws Exception {
    assertEquals(
        List.of(
            new Command("Node Control/Rebirth", true),
            new Command("Node Control/Rebirth", false),
            new Command("", null),
            new Command("", null)),
        Command.of(payload(2)));
    assertEquals(List.of(), Command.of(new byte[0]));
  }

  @Test
  void moreThanAHostHasToSayIsRefused() {
    assertThrows(Malformed.class, () -> Command.of(payload(65)));
    assertThrows(Malformed.class, () -> Command.of(new byte[Command.MOST_BYTES + 1]));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "12", // a field without its length
        "1205", // five bytes of nothing
        "12ffffffffffffffff7f", // longer than there is
        "0a", // ends in a number
        "08ffffffffffffffffffffff01", // a number without an end
        "0b", // a group, which the schema has not
        "09000000", // half a double
        "0d00", // half a float
        "12040a02c328", // a name that is not UTF-8
        "12020a05", // a name longer than its metric
      })
  void whatIsNoPayloadIsRefused(String hex) {
    assertThrows(Malformed.class, () -> Command.of(HexFormat.of().parseHex(hex)));
  }

  @Test
  void anyBytesAreReadOrRefused() {
    byte[] good = payload(3);
    int refused = 0;
    for (long seed = 0; seed < 20_000; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      try {
        Command.of(bytes);
      } catch (Malformed e) {
        refused++;
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(refused > 1000, "refused " + refused);
  }
}
