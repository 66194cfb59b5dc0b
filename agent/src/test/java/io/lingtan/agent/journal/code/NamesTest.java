package io.lingtan.agent.journal.code;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.agent.journal.file.Connector;
import io.lingtan.agent.journal.file.Database;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.Point;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
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
}
