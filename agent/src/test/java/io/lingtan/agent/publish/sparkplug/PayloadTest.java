package io.lingtan.agent.publish.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.publish.sparkplug.Metric.Good;
import io.lingtan.agent.publish.sparkplug.Metric.Value;
import java.util.HexFormat;
import org.eclipse.tahu.protobuf.SparkplugBProto;
import org.junit.jupiter.api.Test;

/**
 * Bytes worked out by hand from the schema in Sparkplug 3.0, section 6.4.1, and protobuf.dev,
 * "Encoding"; and Tahu's generated code reads the same from them.
 */
final class PayloadTest {

  private static final long TS = 1_764_060_000_000L;

  /** 1,764,060,000,000 as a varint. */
  private static final String TS_HEX = "80deadd1ab33";

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String hex(String spaced) {
    return spaced.replace(" ", "");
  }

  @Test
  void aDeathOfTheNodeIsTheBdSeqAndNothingElse() {
    assertEquals(
        hex(
            "08 " // timestamp
                + TS_HEX
                + "12 12" // a metric of 18 bytes
                + "0a 05 6264536571" // name bdSeq
                + "18 "
                + TS_HEX
                + "20 04" // Int64
                + "58 05"), // long_value 5
        hex(Births.nodeDeath(5, TS)));
  }

  @Test
  void aValueInPassingIsAliasTimeAndNumber() {
    Metric metric = new Metric(null, 300, TS, null, false, new Value.Decimal(-1.5), null, null);
    assertEquals(
        hex(
            "08 "
                + TS_HEX
                + "12 13" // 19 bytes
                + "10 ac02" // alias 300
                + "18 "
                + TS_HEX
                + "69 000000000000f8bf" // double_value -1.5
                + "18 ff01"), // seq 255
        hex(new Payload(TS).add(metric).numbered(255)));
  }

  @Test
  void anAbsentValueIsNullAndHasItsQualityAndNoNumber() {
    Metric metric = new Metric(null, 1, TS, null, true, null, Good.STALE, null);
    assertEquals(
        hex(
            "10 01"
                + "18 "
                + TS_HEX
                + "28 01" // is_historical
                + "38 01" // is_null
                + "4a 10" // properties, 16 bytes
                + "0a 07 5175616c697479" // key Quality
                + "12 05" // its value
                + "08 03" // Int32
                + "18 f403"), // int_value 500
        hex(metric.encoded().bytes()));
  }

  @Test
  void aBirthNamesTypeUnitAndQuality() throws Exception {
    Metric metric =
        new Metric(
            "power", 7, TS, Metric.Type.DOUBLE, false, new Value.Decimal(48.215), Good.GOOD, "°C");
    var read =
        SparkplugBProto.Payload.parseFrom(new Payload(TS).add(metric).numbered(0)).getMetrics(0);
    assertEquals("power", read.getName());
    assertEquals(7, read.getAlias());
    assertEquals(TS, read.getTimestamp());
    assertEquals(10, read.getDatatype());
    assertFalse(read.hasIsHistorical());
    assertFalse(read.hasIsNull());
    assertEquals(48.215, read.getDoubleValue());
    assertEquals("[Quality, engUnit]", read.getProperties().getKeysList().toString());
    assertEquals(192, read.getProperties().getValues(0).getIntValue());
    assertEquals("°C", read.getProperties().getValues(1).getStringValue());
  }

  @Test
  void everyTypeReadsAsItWasWritten() throws Exception {
    Payload payload = new Payload(TS);
    payload.add(
        new Metric(
            "w", 1, TS, Metric.Type.INT64, false, new Value.Whole(Long.MAX_VALUE), null, null));
    payload.add(
        new Metric("d", 2, TS, Metric.Type.DOUBLE, false, new Value.Decimal(0.1), null, null));
    payload.add(
        new Metric("f", 3, TS, Metric.Type.BOOLEAN, false, new Value.Flag(true), null, null));
    payload.add(
        new Metric(
            "t", 4, TS, Metric.Type.STRING, false, new Value.Text("运行 x".repeat(200)), null, null));
    byte[] bytes = payload.numbered(200);
    assertTrue(bytes.length <= payload.size());
    var read = SparkplugBProto.Payload.parseFrom(bytes);
    assertEquals(200, read.getSeq());
    assertEquals(Long.MAX_VALUE, read.getMetrics(0).getLongValue());
    assertEquals(0.1, read.getMetrics(1).getDoubleValue());
    assertTrue(read.getMetrics(2).getBooleanValue());
    assertEquals("运行 x".repeat(200), read.getMetrics(3).getStringValue());
    assertEquals(0, read.getUnknownFields().asMap().size());
  }

  @Test
  void aNumberIsTheDoubleThatAReaderOfTheRecordGets() {
    for (long micros :
        new long[] {0, 1, -1, 48_215_000_000L, 18_345_670_000L, 12_534_001L, -7, 1L << 53}) {
      assertEquals(
          Double.parseDouble(io.lingtan.agent.reading.Micros.text(micros)),
          NewestValues.number(micros),
          () -> "of " + micros);
    }
    long large = 9_007_199_254_740_993_123L;
    assertEquals(
        Double.parseDouble(io.lingtan.agent.reading.Micros.text(large)),
        NewestValues.number(large));
  }
}
