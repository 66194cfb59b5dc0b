package io.lingtan.agent.seal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.fuzz.Bytes;
import io.lingtan.testing.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * RFC 8785: the canonical form of a canonical form is itself, and a number's form is that number.
 */
public final class CanonicalJsonFuzz implements FuzzTarget {

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String text :
        List.of(
            "{\"b\":[1,2.50,-0,1e30,5e-324,1E21,true,false,null],\"a\":\"\\u20ac$\\u000F\\n"
                + "A'B\\\"\"}",
            "{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"
                + "\"string\":\"\\ud83d\\ude00\",\"\\u0080\":{}}",
            "{\"epoch\":\"5f1c09ab\",\"seq\":812341,\"metrics\":{\"x\":{\"v\":12.534}}}")) {
      seeds.add(Bytes.of(text, 0));
    }
    for (double value : new double[] {4.9e-324, 1.7976931348623157e308, 9.5e-7, 1e21, 2e23, -0.0}) {
      seeds.add(Bytes.of(ByteBuffer.allocate(8).putDouble(value).array(), 1));
    }
    return seeds;
  }

  @Override
  public void take(byte[] input) throws JsonValue.NotJson {
    Bytes bytes = new Bytes(input);
    boolean isNumber = bytes.take() % 2 == 1;
    byte[] rest = bytes.rest();
    if (!isNumber) {
      text(new String(rest, StandardCharsets.UTF_8));
    } else if (rest.length >= 8) {
      number(ByteBuffer.wrap(rest).getDouble());
    }
  }

  private static void number(double value) {
    if (!Double.isFinite(value)) {
      assertThrows(IllegalArgumentException.class, () -> CanonicalJson.number(value));
      return;
    }
    String form = CanonicalJson.number(value);
    assertEquals(value + 0.0, Double.parseDouble(form), form);
    assertTrue(form.length() <= 25, form);
    assertTrue(
        form.matches("-?(0|[1-9][0-9]*)(\\.[0-9]*[1-9])?(e[-+][1-9][0-9]*)?") && !form.equals("-0"),
        form);
  }

  private static void text(String text) throws JsonValue.NotJson {
    String form;
    try {
      form = CanonicalJson.of(JsonValue.parse(text));
    } catch (JsonValue.NotJson | IllegalArgumentException refused) {
      return;
    }
    assertEquals(form, CanonicalJson.of(JsonValue.parse(form)));
    assertEquals(form, new String(form.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
  }
}
