package io.lingtan.agent.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Event;
import io.lingtan.agent.reading.Event.Decimal;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import io.lingtan.agent.site.Site;
import io.lingtan.agent.site.read.SiteLoader;
import io.lingtan.testing.Sites;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the running 15 minutes are held against: the demand that was agreed. */
final class DemandWatchTest {

  private static final long START = Instant.parse("2026-07-15T02:00:00Z").toEpochMilli();
  private static final int PERIOD_S = 10;
  private static final String METER =
      """
          modbus-tcp: {host: 192.168.1.20}
          devices:
            - {id: gate, profile: eastron-sdm630, unit: 1}
      """;
  private static final String PULSES =
      """
          gpio: {chip: gpiochip0}
          devices:
            - {id: gate, profile: s0, offset: 17, per_pulse: 5, point: energy_import}
      """;

  @TempDir private Path folder;

  private final Collected out = new Collected();
  private Fold fold = new Fold(new Sites().site());
  private long second;
  private long milliwattHours;

  /** What the register counts by. */
  private long step = 1;

  private void open(String demand) throws IOException {
    open(METER, demand);
  }

  private void open(String gate, String demand) throws IOException {
    Files.writeString(
        folder.resolve("prices.yaml"),
        """
        prices:
          - {month: 2026-07, source: "a table", floated: {purchase: 0.4}, factors: {flat: 1}, demand: 51.2}
        """);
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        """
        gateway: g1
        site: {name: Test, zone: Asia/Shanghai, region: CN-JS}
        lines:
          - id: a
        %smetering:
          meters:
            - {id: grid, device: gate, role: grid, rated_kw: 4000}
        mqtt: {servers: ["mqtt://127.0.0.1:1883"]}
        bill: {class: industry, kva: 1250, prices: prices.yaml, basic: contract, contract_kw: 1000, demand: %s}
        """
            .formatted(gate, demand));
    Site site = new SiteLoader().load(file).site();
    assertNotNull(site);
    fold = new Fold(site);
  }

  private void draw(long kilowatts, int minutes) {
    for (int i = 0; i < minutes * 60 / PERIOD_S; i++) {
      second += PERIOD_S;
      milliwattHours += kilowatts * 1_000_000 * PERIOD_S / 3600;
      read(kilowatts);
    }
  }

  private void read(long kilowatts) {
    fold.observe(
        Sample.of(
            "gate",
            "b",
            second * 1_000_000_000L,
            new Values.Builder()
                .put(Point.of("energy_import"), milliwattHours / step * step)
                .put(Point.of("power"), kilowatts * 1_000_000_000L)
                .build()),
        START + second * 1000,
        out);
  }

  private List<Map<String, Object>> told() {
    return out.events.stream()
        .filter(event -> event.name().equals("demand.near_limit"))
        .map(Event::detail)
        .map(detail -> Map.<String, Object>copyOf(detail))
        .toList();
  }

  @Test
  void aBlockThatWillExceedTheContractIsToldWhileSomethingCanBeDone() throws IOException {
    open("block");
    read(900);
    draw(900, 5);
    assertEquals(List.of(), told());
    draw(1260, 1);
    // 96 kWh in 6 minutes and 1260 kW for 9 more: 285 kWh, where 262.5 are tolerated.
    assertEquals(1, told().size(), told()::toString);
    Map<String, Object> first = told().getFirst();
    assertEquals(new Decimal(1_050_000_000), first.get("limit"));
    assertEquals(new Decimal(1_140_000_000), first.get("forecast"));
    assertEquals(new Decimal(1_110_000_000), first.get("may_draw"));
    assertEquals(540L, first.get("remaining"));
    assertEquals(START, first.get("start"));
    draw(540, 8);
    assertEquals(1, told().size(), "a block that calms down is not told as over before its end");
    draw(540, 2);
    assertEquals(2, told().size());
    assertEquals(true, told().get(1).get("over"));
    assertEquals(START, told().get(1).get("start"));
  }

  /** A minute's count of a gate with coarse pulses is far off, the time between them is not. */
  @Test
  void thePowerThatPulsesMakeIsWhatTheForecastTakes() throws IOException {
    open(PULSES, "block");
    step = 5_000_000;
    read(900);
    draw(900, 5);
    draw(1260, 1);
    // 95 kWh and 1260 kW for 9 minutes: 284 kWh. The last minute counted 20 kWh, which is 1200 kW.
    assertEquals(1, told().size(), told()::toString);
    assertEquals(new Decimal(1_136_000_000), told().getFirst().get("forecast"));
  }

  @Test
  void theWindowThatSlidesIsToldByWhatStaysInIt() throws IOException {
    open("sliding");
    read(1008);
    draw(1008, 20);
    assertEquals(List.of(), told());
    draw(1044, 2);
    assertEquals(List.of(), told());
    draw(1116, 2);
    assertEquals(1, told().size(), "15 minutes of it would exceed");
    assertEquals(new Decimal(1_116_000_000), told().getFirst().get("forecast"));
    LedgerSnapshot.Demand now = fold.demand();
    assertNotNull(now);
    assertTrue(now.sliding());
    assertEquals(START + (24 + 15) * 60_000L, now.untilMillis(), "the next 15 minutes");
  }

  @Test
  void nothingIsToldOfTimeThatNobodyKnows() throws IOException {
    open("block");
    second = 4 * 60;
    read(1200);
    draw(1200, 5);
    assertEquals(List.of(), told(), "what was drawn in the first minutes is not known");
    draw(1200, 8);
    assertEquals(1, told().size(), "the next block is known as a whole");
  }

  @Test
  void whatWasSaidOfTheDemandEndsWhereMoreIsNotKnown() throws IOException {
    open("block");
    read(900);
    draw(900, 5);
    LedgerSnapshot.Demand demand = fold.demand();
    assertNotNull(demand);
    assertEquals(START + 15 * 60_000L, demand.untilMillis(), "the block's end");
    second += 3 * 3600;
    milliwattHours += 2_700_000_000L;
    read(900);
    assertNull(fold.demand(), "the first minutes of the running block are not known");
  }

  @Test
  void anAlarmIsOverWhenNobodyWatchesTheDemandAnyMore() throws IOException {
    open("block");
    read(900);
    draw(1260, 6);
    assertEquals(1, told().size());
    Path file = folder.resolve("site.yaml");
    Files.writeString(
        file,
        Files.readString(file).replace("basic: contract, contract_kw: 1000, demand: block", ""));
    Site changed = new SiteLoader().load(file).site();
    assertNotNull(changed);
    fold = Fold.from(changed, fold.checkpoint());
    draw(1260, 1);
    assertEquals(2, told().size());
    assertEquals(true, told().get(1).get("over"));
  }
}
