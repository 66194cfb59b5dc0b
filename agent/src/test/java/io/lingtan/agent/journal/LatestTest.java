package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.reading.JournalRecord.DataRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.util.List;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway")
final class LatestTest {

  private final Latest latest = new Latest();

  private static DataRecord record(String device, long seq, String... points) {
    Values.Builder values = new Values.Builder();
    for (String point : points) {
      values.put(Point.of(point), seq);
    }
    return new DataRecord("e", seq, 0, 0, Sample.of(device, "b", seq, values.build()));
  }

  private long holding(String device, String point) {
    return latest.snapshot().get(device).holding().get(Point.of(point)).seq();
  }

  @Test
  void eachPointHasTheNewestRecordWithAValueOfIt() {
    latest.add(List.of(record("a", 1, "power", "energy_import"), record("b", 2, "power")));
    latest.add(List.of(record("a", 3, "power")));
    assertEquals(3, holding("a", "power"));
    assertEquals(1, holding("a", "energy_import"));
    assertEquals(2, holding("b", "power"));
  }

  @Test
  void aFailedPollIsTheNewestAndHoldsNothing() {
    latest.add(List.of(record("a", 1, "power")));
    Sample failed = Sample.failed("a", "b", 2, Reason.TIMEOUT);
    latest.add(List.of(new DataRecord("e", 2, 1, 0, failed)));
    assertEquals(2, latest.snapshot().get("a").newest().seq());
    assertEquals(1, holding("a", "power"));
  }

  @Test
  void theDeviceThatWasRecordedLeastRecentlyIsForgotten() {
    latest.add(List.of(record("first", 1, "power"), record("second", 2, "power")));
    for (int i = 0; i < Latest.MOST_DEVICES - 2; i++) {
      latest.add(List.of(record("d" + i, 3 + i, "power")));
    }
    latest.add(List.of(record("first", 5_000, "power"), record("more", 5_001, "power")));
    assertEquals(Latest.MOST_DEVICES, latest.snapshot().size());
    assertNull(latest.snapshot().get("second"));
    assertEquals(5_000, holding("first", "power"));
  }
}
