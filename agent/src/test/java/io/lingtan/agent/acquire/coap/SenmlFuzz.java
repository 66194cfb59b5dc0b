package io.lingtan.agent.acquire.coap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * SenML packs in JSON and CBOR: what is accepted is finite and bounded, and says the same when it
 * is written again as a resolved pack.
 */
public final class SenmlFuzz implements FuzzTarget {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int MOST_DIGITS = 100;

  @Override
  public List<byte[]> seeds() {
    return List.of(
        Bytes.of(
            "[{\"bn\":\"a:\",\"bt\":1.764060e+09,\"bu\":\"MPa\",\"bv\":1,\"n\":\"pressure\","
                + "\"v\":35.25},{\"n\":\"temperature\",\"u\":\"K\",\"t\":-3,\"v\":263.15}]",
            0),
        Bytes.of(
            "[{\"bver\":10,\"bs\":2,\"n\":\"e\",\"s\":1.5},{\"n\":\"s\",\"vs\":\"run\",\"x\":[{}]},"
                + "{\"n\":\"b\",\"vb\":true,\"ut\":5},{\"n\":\"d\",\"vd\":\"AA\"}]",
            0),
        Bytes.of(
            HexFormat.of()
                .parseHex(
                    "82a5216161226030022361410068707265737375726502c482211910cca3006b74656d706572"
                        + "61747572650161430 2fb405e066666666666".replace(" ", "")),
            1),
        Bytes.of(HexFormat.of().parseHex("9fbf007f64707265736473757265ff02c5822103ffff"), 1),
        Bytes.of(HexFormat.of().parseHex("81a3006161044104f6f6"), 1),
        Bytes.of(HexFormat.of().parseHex("81a30061610205c2490100000000000000000702f97e00"), 1));
  }

  @Override
  public void take(byte[] input) throws Exception {
    Bytes bytes = new Bytes(input);
    boolean isCbor = bytes.take() % 2 == 1;
    List<SenmlRecord> records;
    try {
      records = isCbor ? SenmlCbor.read(bytes.rest()) : SenmlJson.read(bytes.rest());
    } catch (MalformedPayload e) {
      assertTrue(String.valueOf(e.getMessage()).length() < 1000, e.getMessage());
      return;
    }
    assertTrue(records.size() <= SenmlPack.MOST_RECORDS, "too many records");
    boolean isWritable = true;
    for (SenmlRecord record : records) {
      assertTrue(record.name().matches("[A-Za-z0-9][A-Za-z0-9:./_-]{0,255}"), record.name());
      BigDecimal time = record.time();
      assertTrue(
          time == null || time.toPlainString().length() <= 2 * MOST_DIGITS, "a time without end");
      checkValue(record.value());
      checkValue(record.sum());
      isWritable &=
          (time == null || SenmlValue.number(time) instanceof SenmlValue.Decimal)
              && !(record.value() instanceof SenmlValue.NoNumber(boolean absent) && !absent)
              && !(record.sum() instanceof SenmlValue.NoNumber(boolean absent) && !absent);
    }
    if (isWritable) {
      // A text longer than JSON's limit is a text all the same when it comes as CBOR.
      byte[] again = write(records);
      try {
        assertEquals(text(records), text(SenmlJson.read(again)));
      } catch (MalformedPayload e) {
        assertTrue(isCbor && String.valueOf(e.getMessage()).startsWith("no JSON"), e.getMessage());
      }
    }
  }

  private static void checkValue(@Nullable SenmlValue value) {
    if (value instanceof SenmlValue.Decimal(BigDecimal exact)) {
      assertTrue(exact.toPlainString().length() <= MOST_DIGITS, "a number without end");
      assertTrue(Double.isFinite(exact.doubleValue()), "no number");
    }
  }

  /** Numbers by their worth, not by how many zeros they were written with. */
  private static String text(List<SenmlRecord> records) {
    StringBuilder text = new StringBuilder();
    for (SenmlRecord record : records) {
      BigDecimal time = record.time();
      text.append(record.name())
          .append(' ')
          .append(record.unit())
          .append(' ')
          .append(text(record.value()))
          .append(' ')
          .append(text(record.sum()))
          .append(' ')
          .append(time == null ? "now" : time.stripTrailingZeros().toPlainString())
          .append('\n');
    }
    return text.toString();
  }

  private static String text(@Nullable SenmlValue value) {
    return value instanceof SenmlValue.Decimal(BigDecimal exact)
        ? exact.stripTrailingZeros().toPlainString()
        : String.valueOf(value);
  }

  private static byte[] write(List<SenmlRecord> records) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartArray();
      for (SenmlRecord record : records) {
        json.writeStartObject();
        json.writeStringField("n", record.name());
        json.writeStringField("u", record.unit());
        write(json, "v", record.value());
        write(json, "s", record.sum());
        if (record.time() != null) {
          json.writeNumberField("t", record.time());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return out.toByteArray();
  }

  private static void write(JsonGenerator json, String label, @Nullable SenmlValue value)
      throws IOException {
    switch (value) {
      case null -> {}
      case SenmlValue.Decimal(BigDecimal exact) -> json.writeNumberField(label, exact);
      case SenmlValue.NoNumber none -> json.writeNullField(label);
      case SenmlValue.Text(String text) -> json.writeStringField("vs", text);
      case SenmlValue.Truth(boolean truth) -> json.writeBooleanField("vb", truth);
      case SenmlValue.Opaque opaque -> json.writeStringField("vd", "");
    }
  }
}
