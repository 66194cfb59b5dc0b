package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page adds up of recorded figures, {@code /sums.js}, without a browser. */
@RequiresTool("node")
final class SumsTest {

  private static final Path PAGE = Path.of("src/main/resources/io/lingtan/agent/status");

  @TempDir private Path folder;

  /** The page's modules, with addresses that are paths here. */
  @BeforeEach
  void copy() throws IOException {
    Files.writeString(folder.resolve("package.json"), "{\"type\": \"module\"}");
    Files.createDirectory(folder.resolve("screens"));
    for (String name : new String[] {"lines", "plot", "strip", "screens/charts", "sums"}) {
      String text = Files.readString(PAGE.resolve(name + ".js"));
      Files.writeString(
          folder.resolve(name + ".js"), text.replace("from '/", "from '" + folder + "/"));
    }
  }

  /** What a script that has these functions writes. */
  private String said(String script) throws Exception {
    Path file = folder.resolve("test.js");
    Files.writeString(
        file,
        """
        import * as sums from '%s/sums.js';
        const known = (v, q = 'm'.repeat(v.length)) => ({ v, q });
        const data = (figures) => ({ start: Object.values(figures)[0].v.map((value, i) => i), figures });
        const links = ({ links, rows }) => `${links.map(([from, to, value]) => `${from} ${to} ${Number(value.toFixed(6))}`).join('; ')} of ${rows}`;
        const at = (text) => Date.parse(text);
        """
                .formatted(folder)
            + script);
    Launched ran = Launched.run(Map.of(), "node", file.toString());
    assertEquals(0, ran.exit(), ran.err());
    return ran.out().strip();
  }

  @Test
  void aLoadIsDrawnAtWhatItUsedAndWhatNoMeterSawByItself() throws Exception {
    assertEquals(
        "grid load.charger 6; grid rest 594; pv load.charger 4; pv rest 396; pv grid 50 of 1",
        said(
            """
            console.log(links(sums.energy(data({
              'flow.grid_to_load': known([600]), 'flow.pv_to_load': known([400]), 'flow.pv_to_grid': known([50]),
              'elec.load.total': known([1000]), 'elec.load.charger': known([10]),
            }), [{ id: 'charger' }])));
            """));
    assertEquals(
        "grid load.a 60; grid load.b 40; more load.a 6; more load.b 4 of 1",
        said(
            """
            console.log(links(sums.energy(data({
              'flow.grid_to_load': known([100]), 'elec.load.a': known([66]), 'elec.load.b': known([44]),
            }), [])));
            """));
    assertEquals(
        "grid load 100 of 1",
        said("console.log(links(sums.energy(data({ 'flow.grid_to_load': known([100]) }), [])));"));
  }

  @Test
  void aLoadBehindAnotherIsNotCountedTwice() throws Exception {
    assertEquals(
        "grid load.feeder 60; grid rest 40 of 1",
        said(
            """
            console.log(links(sums.energy(data({
              'flow.grid_to_load': known([100]), 'elec.load.feeder': known([60]),
              'elec.load.pump': known([30]), 'elec.load.lamp': known([20]),
            }), [{ id: 'grid' }, { id: 'feeder', parent: 'grid' }, { id: 'cabinet', parent: 'feeder' },
                 { id: 'pump', parent: 'cabinet' }, { id: 'lamp', parent: 'feeder' }])));
            """));
  }

  /** The second row lacks a load; the third has none because it was not there yet. */
  @Test
  void onlyRowsThatLackNothingAreSetAgainstOneAnother() throws Exception {
    assertEquals(
        "grid load.a 90; grid load.b 30; grid rest 80 of 2",
        said(
            """
            console.log(links(sums.energy(data({
              'flow.grid_to_load': known([100, 100, 100]), 'elec.load.a': known([40, 60, 50]),
              'elec.load.b': known([30, null, null], 'm-.'),
            }), [])));
            """));
  }

  /** Of 100 kWh and 50 kg, 80 kWh went to loads, and the battery gave 10 kg. */
  @Test
  void carbonThatNoLoadsMeterSawIsToldAndSoIsHeat() throws Exception {
    assertEquals(
        "grid load.charger 4; grid rest 36; battery load.charger 1; battery rest 9; heat heat 7;"
            + " direct direct 5 of 2",
        said(
            """
            console.log(links(sums.carbon(data({
              'co2.scope2.location': known([50, 0, 50]), 'elec.grid.import': known([100, 0, 100]),
              'flow.grid_to_load': known([80, 0, 80]), 'co2.battery.to_load': known([6, 4, 6]),
              'co2.load.charger': known([4.6, 0.4, null], 'mm-'), 'co2.load.plug': known([1, 0, 1]),
              'co2.scope2.heat': known([3, 4, 1]), 'co2.scope1.natural_gas': known([1, 2, 1]),
              'co2.scope1.diesel': known([null, 2, null], '.m.'), 'co2.scope2.market': known([60, 0, 60]),
            }), [{ id: 'charger' }, { id: 'plug', parent: 'charger' }])));
            """));
  }

  @Test
  void whatIsOverIsCountedByTheCalendarOfTheZone() throws Exception {
    assertEquals(
        "25 23 6 0 31 28 29 10 12 31 28 24",
        said(
            """
            const zone = 'Europe/Berlin';
            const late = at('2030-01-01T00:00Z');
            console.log(
              sums.closed('2026-10-25', zone, late), sums.closed('2026-03-29', zone, late),
              sums.closed('2026-11-30', zone, at('2026-11-30T05:59Z')), sums.closed('2026-12-01', zone, at('2026-11-30T05:00Z')),
              sums.closed('2026-03', zone, late), sums.closed('2026-02', zone, at('2026-02-28T23:00Z')),
              sums.closed('2026-11', zone, at('2026-11-30T05:00Z')), sums.closed('2026', zone, at('2026-11-30T05:00Z')),
              sums.closed('2025', zone, late), sums.places('2026-10'), sums.places('2026-02'), sums.places('2026-10-25'));
            """));
  }

  @Test
  void theTwoHoursOfAClockThatIsPutBackAreOneBar() throws Exception {
    assertEquals(
        "[1,\"m\"] [10,\"p\"] [16,\"m\"]",
        said(
            """
            const start = ['2026-10-24T23:00Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'].map(at);
            const found = sums.bars({ start, figures: { x: known([1, 2, 8, 16], 'mpmm') } }, 'x', '2026-10-25', 'Europe/Berlin');
            console.log(found.slice(1).map((bar) => JSON.stringify(bar)).join(' '));
            """));
  }

  /** Quarters of an hour, kWh and minutes: of 30 min two, of a minute all in one. */
  @Test
  void anIntervalIsInEachQuarterThatItCovers() throws Exception {
    assertEquals(
        "4 15, 4 15, 3 2, 1.5 7.5, 1.5 7.5",
        said(
            """
            const minute = 60000;
            const from = at('2026-05-31T18:30Z');
            const [start, end] = [[0, 30, 31, 52.5, 90], [30, 31, 32, 67.5, 120]].map((list) => list.map((each) => from + each * minute));
            const found = new Map();
            sums.gather({ start, end, figures: { x: known([8, 1, 2, 3, null]) } }, 'x', 'Asia/Kolkata', found);
            const keys = [...found.keys()];
            if (keys[0] !== at('2026-06-01T00:00Z') / 15 / minute) throw new Error(keys);
            console.log([...found.values()].map(([kwh, ms]) => `${kwh} ${ms / minute}`).join(', '));
            """));
  }
}
