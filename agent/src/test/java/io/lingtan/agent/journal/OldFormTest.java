package io.lingtan.agent.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.journal.commit.Batch;
import io.lingtan.agent.journal.number.StoreSnapshot;
import io.lingtan.agent.reading.Form;
import io.lingtan.agent.reading.JournalRecord;
import io.lingtan.agent.reading.Point;
import io.lingtan.agent.reading.Sample;
import io.lingtan.agent.reading.Values;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files as earlier versions wrote them, with what was in them, {@code journal-N.db} and {@code
 * journal-N.txt}: whatever version is installed goes on with them. Whoever changes the form adds
 * one of the form before.
 */
final class OldFormTest {

  @TempDir Path folder;

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = OldFormTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6})
  void aFileOfAnEarlierFormIsReadAndGoneOnWith(int form) throws IOException {
    Files.write(folder.resolve("journal.db"), resource("journal-" + form + ".db"));
    List<String> told =
        new String(resource("journal-" + form + ".txt"), StandardCharsets.UTF_8).lines().toList();
    for (int start = 1; start <= 2; start++) {
      try (Bench bench = new Bench(folder)) {
        StoreSnapshot state = bench.journal().state();
        List<String> found = new ArrayList<>();
        state
            .previous()
            .forEach(
                p ->
                    found.add(
                        "%s last %d acked %d %s"
                            .formatted(p.epoch(), p.last(), p.acked(), p.reason())));
        found.add(
            "%s last %d acked %d ahead %s"
                .formatted(state.epoch(), state.last(), state.acked(), state.ahead()));
        bench.waiting().stream().map(JournalRecord::toString).forEach(found::add);
        assertEquals(told, found, "start " + start);
        assertEquals(List.of(), bench.journal().openingEvents());
      }
    }
    try (Bench bench = new Bench(folder)) {
      long last = bench.journal().state().last();
      bench.commit("a");
      assertEquals(last + 1, bench.journal().state().last());
    }
  }

  @Test
  void theFormBeforeTodaysIsHere() throws IOException {
    assertTrue(resource("journal-" + (Schema.VERSION - 1) + ".db").length > 0);
  }

  /** As in the header of the file, where the package's {@code preinst} looks, too. */
  private int form() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(folder.resolve("journal.db"))).getInt(60);
  }

  private static void commit(Bench bench, Point point) {
    Batch batch = bench.journal().begin();
    Values values = new Values.Builder().put(point, 1).build();
    batch.data(Sample.of("a", bench.time.boot(), bench.time.now().nanos(), values), bench.now());
    batch.commit(bench.now(), null);
  }

  @Test
  void aFileHasTheLowestFormThatSaysAllThatIsInIt() throws IOException {
    Point own = Point.own("irradiance", new Form.Decimals(1, "W/m2"), null, Map.of());
    for (Point newer : List.of(own, Point.of("energy_absorbed"))) {
      Files.write(folder.resolve("journal.db"), resource("journal-6.db"));
      try (Bench bench = new Bench(folder)) {
        commit(bench, Point.of("power"));
      }
      assertEquals(6, form(), "what the version before reads");
      try (Bench bench = new Bench(folder)) {
        commit(bench, newer);
      }
      assertEquals(7, form(), newer::name);
      try (Bench bench = new Bench(folder)) {
        commit(bench, Point.of("power"));
      }
      assertEquals(7, form(), newer::name);
    }
  }

  /** Software of form 6 that already wrote such points said nothing of it. */
  @Test
  void aFileWhoseFormIsTooLowForItsPointsIsPutRight() throws IOException {
    try (Bench bench = new Bench(folder)) {
      commit(bench, Point.own("irradiance", new Form.Binary("W/m2"), null, Map.of()));
    }
    byte[] file = Files.readAllBytes(folder.resolve("journal.db"));
    Files.write(folder.resolve("journal.db"), ByteBuffer.wrap(file).putInt(60, 6).array());
    try (Bench bench = new Bench(folder)) {
      bench.commit("b");
    }
    assertEquals(7, form());
  }
}
