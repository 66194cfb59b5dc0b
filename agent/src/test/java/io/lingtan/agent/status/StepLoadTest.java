package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a load of 20 kW that is switched on and off says of meters, {@code commission/step-load.js}.
 */
@RequiresTool("node")
final class StepLoadTest {

  private static final Path MODULES =
      Path.of("src/main/resources/io/lingtan/agent/status/commission");

  @TempDir private Path folder;

  /**
   * Powers are kW into the busbar while it is on; before, the gate gives 10 and the house takes 30.
   */
  @ParameterizedTest
  @CsvSource({
    "30, -50, 10, house, grid good; house good; closed",
    "10, -10, 10, house, grid still; house turned; open",
    "-10, -50, 10, house, grid turned; house good; open",
    "30, -230, 10, house, grid good; house size 10; open",
    "30, 170, 10, house, grid good; house turnedAndSize 10; open",
    "30, -30, 10, house, grid good; house missed; open",
    "22, -50, 10, house, grid share; house good; open",
    "210, -50, 10, '', grid size 10; house good; open",
    "30, -50, 29, house, grid share; house good; open; swayed"
  })
  void eachMeterIsToldByHowMuchItMovedAndWhichWay(
      double grid, double house, double gridAfter, String behind, String expected)
      throws Exception {
    Files.writeString(folder.resolve("package.json"), "{\"type\": \"module\"}");
    for (String name : List.of("step-load.js", "fields.js")) {
      Files.copy(MODULES.resolve(name), folder.resolve(name));
    }
    Path test = folder.resolve("test.js");
    Files.writeString(
        test,
        """
        import { judge, LOOKS } from './step-load.js';
        const looks = (grid, house) => Array.from({ length: LOOKS }, (_, i) => [
          { id: 'grid', device: 'gate', role: 'grid', w: grid * 1000 + i * 20 }, { id: 'house', device: 'house', role: 'load', w: house * 1000 }]);
        const said = judge(looks(10, -30), looks(%s, %s), looks(%s, -30), 20000, '%s');
        const times = ({ verdict, times }) => (/size/i.test(verdict) ? ` ${Number(times.toPrecision(2))}` : '');
        console.log([...said.rows.map((row) => `${row.id} ${row.verdict}${times(row)}`), said.closed ? 'closed' : 'open', ...(said.swayed ? ['swayed'] : [])].join('; '));
        """
            .formatted(grid, house, gridAfter, behind));
    Launched ran = Launched.run(Map.of(), "node", test.toString());
    assertEquals(0, ran.exit(), ran.err());
    assertEquals(expected, ran.out().strip());
  }
}
