package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.lingtan.agent.reading.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlowTest {

  private static final long WATT = 1_000_000;

  @TempDir Path folder;

  private static Flow of(ShownSite site) {
    return Flow.of(site.view());
  }

  /** Power into the busbar by meter, W; those without one left out. */
  private static Map<String, Long> watts(Flow flow) {
    Map<String, Long> watts = new TreeMap<>();
    for (Flow.Part part : flow.parts()) {
      Long into = part.intoMicrowatts();
      if (into != null) {
        watts.put(part.meter().id(), into / WATT);
      }
    }
    return watts;
  }

  @Test
  void whatFeedsIsAboveZeroWhateverTheDeviceCallsIt() throws IOException {
    Flow flow = of(ShownSite.good(folder));
    assertEquals(
        "{battery=-18800, buildings=-32100, compressor=-6500, ely=-70500, grid=9600, pv=118400}",
        watts(flow).toString());
    assertEquals(List.of(), flow.lacking());
    assertEquals(100 * WATT, flow.residualMicrowatts());
    assertEquals(128_000 * WATT, flow.comingMicrowatts());
  }

  @Test
  void aReversedTransformerIsTurnedRoundOnce() throws IOException {
    ShownSite site =
        ShownSite.changed(
            folder, "role: grid, rated_kw: 400", "role: grid, rated_kw: 400, reverse: true");
    site.reads("gate", "power", -9_600);
    assertEquals(9_600, watts(of(site)).get("grid"));
    assertEquals(100 * WATT, of(site).residualMicrowatts());
  }

  @Test
  void aMeterBehindAnotherIsNotCountedTwice() throws IOException {
    ShownSite site =
        ShownSite.changed(folder, "role: compressor,", "role: compressor, parent: buildings,");
    Flow flow = of(site);
    assertEquals(-6_500, watts(flow).get("compressor"));
    assertEquals(6_600 * WATT, flow.residualMicrowatts());
  }

  @Test
  void aMeterBehindTheGateAloneIsCounted() throws IOException {
    ShownSite site =
        ShownSite.changed(folder, "role: compressor,", "role: compressor, parent: grid,");
    assertEquals(100 * WATT, of(site).residualMicrowatts());
  }

  @Test
  void nothingIsSaidOfTheResidualWhileAMeterIsSilent() throws IOException {
    for (ShownSite site :
        List.of(
            ShownSite.good(folder).stale("pv1", 42_000),
            ShownSite.good(folder).offline("pv1", 42_000),
            ShownSite.good(folder).fault("pv1", 3_000, Reason.TIMEOUT, "no answer"),
            ShownSite.good(folder).lacks("pv1", "power", Reason.RANGE),
            ShownSite.good(folder).never("pv1"))) {
      Flow flow = of(site);
      assertNull(flow.residualMicrowatts());
      assertEquals(List.of("pv"), flow.lacking());
      assertEquals(9_600 * WATT, flow.comingMicrowatts());
    }
  }

  @Test
  void whatHasNeverAnsweredHasNoPower() throws IOException {
    Flow.Part pv = of(ShownSite.good(folder).never("pv1")).parts().get(1);
    assertNull(pv.intoMicrowatts());
    assertEquals(-1, pv.ageMillis());
    assertEquals(DeviceState.NEVER, pv.state());
  }

  @Test
  void anOldValueKeepsItsAgeAndItsReason() throws IOException {
    Flow.Part pv = of(ShownSite.good(folder).offline("pv1", 42_000)).parts().get(1);
    assertEquals(118_400 * WATT, pv.intoMicrowatts());
    assertEquals(42_000, pv.ageMillis());
    assertEquals(Reason.TIMEOUT, pv.why());
  }
}
