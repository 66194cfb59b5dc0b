package io.lingtan.simulator.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TallyTest {
  private static final String ROOT = "lingtan/v1/gw/";
  private final Tally tally = new Tally();
  private final List<Reading> readings = new ArrayList<>();

  private void take(String topic, String payload) {
    tally.take(ROOT + topic, payload.getBytes(UTF_8), 9_000, readings::add);
  }

  private static String data(long seq, long ts) {
    return """
    {"epoch":"e","seq":%d,"after":0,"ts":%d,"device":"pv1","values":{"power":1.5,"state":"mppt"},"bad":{}}
    """
        .formatted(seq, ts)
        .strip();
  }

  @Test
  void aRecordCountsOnceWhetherItComesLiveOrInABatchOrBoth() {
    take("data/pv1", data(1, 1_000));
    take("batch", "{\"epoch\":\"e\",\"records\":[" + data(1, 1_000) + "," + data(2, 8_000) + "]}");
    assertEquals(2, tally.records());
    assertEquals(4, tally.values());
    assertEquals(1, tally.again());
    assertEquals(0, tally.twice());
    assertEquals(List.of(true, false), readings.stream().map(Reading::isLate).toList());
    assertEquals(Map.of("power", new BigDecimal("1.5")), readings.getFirst().values());
  }

  @Test
  void theSameReadingUnderTwoKeysCameTwice() {
    take("data/pv1", data(1, 1_000));
    take("data/pv1", data(2, 1_000));
    take("data/pv1", data(1, 1_000).replace("\"e\"", "\"f\""));
    assertEquals(2, tally.twice());
  }

  @Test
  void theLatestRevisionOfAnIntervalCounts() {
    String interval =
        "{\"epoch\":\"e\",\"seq\":%d,\"ts\":5,\"interval\":\"%s\",\"start\":0,\"end\":60000,\"rev\":%d}";
    take("interval/1m", interval.formatted(3, "1m", 1));
    take("interval/1m", interval.formatted(2, "1m", 0));
    take("interval/1h", interval.formatted(4, "1h", 0));
    assertEquals(1, tally.intervals().size());
    assertEquals(1, tally.intervals().firstEntry().getValue().number("rev", -1));
    assertEquals(0, tally.twice());
  }

  @Test
  void failedPollsAndEventsAreCountedByName() {
    take(
        "data/pv1",
        "{\"epoch\":\"e\",\"seq\":1,\"ts\":1,\"device\":\"pv1\",\"values\":{},\"bad\":{\"*\":\"timeout\"}}");
    take(
        "event",
        "{\"epoch\":\"e\",\"seq\":2,\"ts\":1,\"event\":\"agent.start\",\"detail\":{\"since\":7}}");
    assertEquals(1, tally.absent("pv1"));
    assertEquals(0, tally.absent("gate"));
    assertEquals(Map.of("agent.start", 1), tally.events());
  }

  @Test
  void whatCannotBeReadIsCountedAndOtherTopicsAreNone() {
    take("data/pv1", "{");
    take("data/pv1", "{\"seq\":1}");
    take("store", "{");
    take("status", "online");
    assertEquals(2, tally.unreadable());
    assertEquals(0, tally.records());
  }
}
