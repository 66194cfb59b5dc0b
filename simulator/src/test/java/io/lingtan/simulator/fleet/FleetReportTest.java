package io.lingtan.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.simulator.fleet.Costs.Cost;
import io.lingtan.simulator.fleet.FleetReport.Reconnected;
import io.lingtan.simulator.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What counts as complete, and which side is named as the limit. */
final class FleetReportTest {
  private static final Reconnected GOOD = new Reconnected(5_000, 1_000, 2_000, 3_000);

  private static FleetReport report(String gateway, long refused, Reconnected storm) {
    try {
      return new FleetReport(
          Map.of("a", 10L),
          0,
          refused,
          0,
          3,
          2,
          12,
          Json.read(("{\"gateways\":[" + gateway + "]}").getBytes(StandardCharsets.UTF_8)),
          List.of(storm),
          List.of(
              new Cost("agents", 2, true, 900, 1_000, 1 << 20),
              new Cost("subscriber", 1, true, 700, 1_000, 1 << 20),
              new Cost("broker", 1, false, 0, 1_000, 0)),
          1_000);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String heard(long received, long missing, long gaps, String verdict) {
    return """
    {"gateway":"a","verdict":"%s","received":%d,"missing":%d,"contradictions":0,
     "unexplained_gaps":%d,"epochs":[{"repeats":1,"repeats_not_compared":1}]}\
    """
        .formatted(verdict, received, missing, gaps);
  }

  @Test
  void allThatWasNumberedAndNothingElseIsComplete() {
    FleetReport report = report(heard(10, 0, 0, "complete"), 0, GOOD);
    assertTrue(report.isGood(), report::text);
    assertTrue(report.text().contains("COMPLETE"), report::text);
    assertTrue(report.text().lines().anyMatch(line -> line.matches("  twice.* 2")), report::text);
  }

  @Test
  void aRecordThatNeitherCameNorIsMissedByTheAuditFails() {
    assertFalse(report(heard(9, 0, 0, "complete"), 0, GOOD).isGood());
  }

  @Test
  void whatTheAuditFindsFails() {
    assertFalse(report(heard(10, 1, 0, "failed"), 0, GOOD).isGood());
    assertFalse(report(heard(10, 0, 1, "failed"), 0, GOOD).isGood());
    assertFalse(report(heard(10, 0, 0, "open"), 0, GOOD).isGood());
  }

  @Test
  void aGatewayThatWasNeverHeardFails() {
    assertEquals(List.of("a: never heard"), report("", 0, GOOD).complaints());
  }

  @Test
  void whatTheMachineWasTooSlowForFails() {
    assertFalse(report(heard(10, 0, 0, "complete"), 1, GOOD).isGood());
  }

  @Test
  void aGatewayThatNeverCameBackFails() {
    assertFalse(
        report(heard(10, 0, 0, "complete"), 0, new Reconnected(5_000, 1_000, -1, -1)).isGood());
  }

  @Test
  void theLimitIsWhoIsNearestToWhatItCanUse() {
    String text = report(heard(10, 0, 0, "complete"), 0, GOOD).text();
    assertTrue(text.contains("the limit: subscriber, which uses 70 %"), text);
  }
}
