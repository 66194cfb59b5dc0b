package io.lingtan.agent.publish.lane;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchJsonTest {

  @Test
  void itKnowsBeforehandHowManyBytesItWillHave() {
    BatchJson batch = new BatchJson("5f1c09ab");
    long seq = 8;
    for (String text :
        List.of("{}", "{\"é\":1}", "{\"状态\":\"运行\"}", "{\"a\":\"😀\"}", "{\"é状😀\":0}")) {
      int expected = batch.bytesWith(text, ++seq);
      batch.add(text, seq);
      assertEquals(expected, batch.text().getBytes(StandardCharsets.UTF_8).length, text);
    }
  }
}
