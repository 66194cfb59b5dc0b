package io.lingtan.agent.journal.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Quantity;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NamesTest {

  @TempDir private Path folder;

  private Database dictionary(String file, Point own) throws SQLException {
    Database db = Database.writer(Connector.sqlite(), folder.resolve(file));
    db.run("CREATE TABLE name (number INTEGER PRIMARY KEY, text TEXT NOT NULL, sum INTEGER)");
    Names names = new Names();
    assertEquals("power =1", names.shape(List.of(Point.of("power"), own)));
    names.save(db);
    return db;
  }

  /** A journal that was set aside or replaced gives the same numbers to other points. */
  @Test
  void aListOfPointsIsReadByTheDictionaryThatWasLoadedLast() throws Exception {
    Point wind = Point.own("wind", new Form.Decimals(1, "m/s"), null, Map.of());
    Point light = Point.own("light", new Form.Decimals(3, "W/m2"), null, Map.of());
    try (Database before = dictionary("before.db", wind);
        Database after = dictionary("after.db", light)) {
      Names names = new Names();
      names.load(before);
      assertArrayEquals(new Point[] {Point.of("power"), wind}, names.points("power =1"));
      names.load(after);
      assertArrayEquals(new Point[] {Point.of("power"), light}, names.points("power =1"));
    }
  }

  /**
   * A version that reads no higher form than a file has knows each point in it. This fails when a
   * quantity, a suffix or a form of own points is added: then {@code Schema.VERSION} rises, {@code
   * Names.form} says so of what is new, and OldFormTest gets a file of the form before.
   */
  @Test
  void eachFormHasItsPointsAndNoOthers() {
    Map<Integer, List<String>> found = new TreeMap<>();
    for (Point point : Point.all()) {
      if (point.suffix().isEmpty()) {
        found.computeIfAbsent(Names.form(point), form -> new ArrayList<>()).add(point.name());
      }
    }
    assertEquals(
        ("power energy_import energy_export energy_generated energy_charged energy_discharged"
            + " reactive_power reactive_energy_import reactive_energy_export apparent_power voltage"
            + " current frequency power_factor soc soh temperature pressure mass volume flow"
            + " distance state pulses demand demand_max"),
        String.join(" ", found.getOrDefault(6, List.of())));
    assertEquals(List.of("energy_absorbed"), found.get(7));
    assertEquals(
        "_l1 _l2 _l3 _dc _dc1 _dc2 _dc3 _dc4 _t1 _t2 _t3 _t4",
        Point.all().stream()
            .filter(point -> point.quantity() == Quantity.SOC && !point.suffix().isEmpty())
            .map(Point::suffix)
            .collect(Collectors.joining(" ")));
    assertEquals(
        List.of("Decimals", "Binary", "Texts", "Bits"),
        Stream.of(Form.class.getPermittedSubclasses()).map(Class::getSimpleName).toList());
  }
}
