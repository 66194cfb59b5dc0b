package io.lingtan.simulator.referee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.site.yaml.Problem;
import io.lingtan.simulator.beside.Subscriber.Arrival;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Mapping and course files. */
final class MappingReaderTest {
  private static final String GOOD =
      """
      publisher: some
      units: {a: 1, b: 2}
      points: {energy: 0.1}
      time_unit: s
      messages:
        - {topic: "x/{unit}/{point}", pattern: "(?<value>[0-9.]+)@(?<time>[0-9.]+)"}
      """;

  @TempDir Path folder;

  private MappingReader.Loaded load(String text) throws IOException {
    return MappingReader.load(Files.writeString(folder.resolve("map.yaml"), text));
  }

  static Set<String> mappings() {
    return BuiltIn.MAPPINGS.keySet();
  }

  static Stream<String> courses() {
    return BuiltIn.COURSES.stream();
  }

  @ParameterizedTest
  @MethodSource("mappings")
  void aMappingThatIsBuiltInIsGoodAndCanBeStarted(String name) throws IOException {
    MappingReader.Loaded loaded =
        MappingReader.load(Objects.requireNonNull(BuiltIn.mapping(name, folder)));
    assertEquals(List.of(), loaded.problems());
    Mapping mapping = Objects.requireNonNull(loaded.mapping());
    assertNotNull(mapping.start());
    assertEquals(List.of(1, 2, 3), mapping.units().values().stream().sorted().toList());
  }

  @ParameterizedTest
  @MethodSource("courses")
  void aCourseThatIsBuiltInIsGood(String name) throws IOException {
    CourseReader.Loaded loaded =
        CourseReader.load(Objects.requireNonNull(BuiltIn.course(name, folder)));
    assertEquals(List.of(), loaded.problems());
    assertEquals(3, Objects.requireNonNull(loaded.course()).units());
  }

  @Test
  void aTextIsReadWithUnitAndPointOfItsTopic() throws IOException {
    Mapping mapping = Objects.requireNonNull(load(GOOD).mapping());
    assertEquals(
        List.of(new Delivered(2, Place.ENERGY, new BigDecimal("125"), null, 1_500L)),
        mapping.read(message("x/b/energy", "12.5@1.5\0".getBytes(StandardCharsets.UTF_8))));
    assertEquals(List.of(), mapping.read(message("y/b/energy", new byte[0])));
  }

  @Test
  void recordsInAListNameTheirUnitAndWhatIsAbsentIsNoValue() throws IOException {
    Mapping mapping =
        Objects.requireNonNull(
            load("""
            publisher: some
            units: {a: 1, b: 2}
            messages:
              - topic: batch
                each: list
                unit: dev
                key: n
                time: t
                values: {energy: v.e, power: v.p}
            """)
                .mapping());
    String batch =
        """
        {"list":[{"dev":"a","n":1,"t":5,"v":{"e":7,"p":8}},{"dev":"b","n":2,"t":6,"v":{"p":null}},
        {"dev":"other","n":3,"t":6,"v":{"e":1}}]}\
        """;
    assertEquals(
        Set.of(
            new Delivered(1, Place.ENERGY, new BigDecimal("7"), "1", 5L),
            new Delivered(1, Place.POWER, new BigDecimal("8"), "1", 5L)),
        Set.copyOf(mapping.read(message("batch", batch.getBytes(StandardCharsets.UTF_8)))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "publisher: some|publishr: some|1:1: error: 'publishr' is no key of mapping; did you mean",
        "b: 2|b: 1|2:18: error: unit 1 has two names",
        "b: 2|b: 21|2:18: error: a unit is a whole number from 1 to 20",
        "{point}|{pint}|6:13: error: {pint} is no placeholder here, or twice; did you mean 'point'",
        "(?<value>|(?<|6:42: error: pattern is no regular expression",
        "(?<value>[0-9.]+)|[0-9.]+|6:42: error: pattern needs a group (?<value>...)",
        "time_unit: s|time_unit: sec|4:12: error: 'sec' is no time_unit",
        "x/{unit}/|x/|6:5: error: nothing names the unit"
      })
  void whatIsWrongIsToldWithItsPlace(String right, String wrong, String told) throws IOException {
    MappingReader.Loaded loaded = load(GOOD.replace(right, wrong));
    assertNull(loaded.mapping());
    String all = String.join("\n", loaded.problems().stream().map(Problem::toString).toList());
    assertTrue(all.contains("map.yaml:" + told), all);
  }

  @Test
  void aTemplateThatIsNotThereIsToldWithItsPlace() throws IOException {
    MappingReader.Loaded loaded = load(GOOD + "files: {a.conf: no-such.conf, ../b: map.yaml}\n");
    assertNull(loaded.mapping());
    String all = loaded.problems().toString();
    assertTrue(all.contains("no-such.conf") && all.contains("within the working folder"), all);
  }

  @Test
  void aCourseIsCheckedTheSameWay() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("c.yaml"),
            "units: 2\nphases:\n  - {name: a, for: 5s, upset: unit_ded, unit: 3}\n");
    CourseReader.Loaded loaded = CourseReader.load(file);
    assertNull(loaded.course());
    assertTrue(
        loaded.problems().toString().contains("c.yaml:3:31: error: 'unit_ded' is no upset"),
        () -> loaded.problems().toString());
  }

  private static Arrival message(String topic, byte[] payload) {
    return new Arrival(topic, payload, false, 0);
  }
}
