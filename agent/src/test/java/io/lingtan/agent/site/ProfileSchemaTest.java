package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Point;
import io.lingtan.agent.site.read.Catalogue;
import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Section;
import io.lingtan.agent.site.yaml.Words;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.Yaml.Items;
import io.lingtan.agent.site.yaml.Yaml.Table;
import io.lingtan.agent.site.yaml.Yaml.Text;
import io.lingtan.agent.site.yaml.YamlReader;
import io.lingtan.testing.Json;
import io.lingtan.testing.Schema;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * {@code config/schema/profile.json} accepts what ships, refuses what is wrong, and lacks no key.
 */
final class ProfileSchemaTest {

  private static final Path FILE = Path.of("../config/schema/profile.json");
  private static final Path PROFILES = Path.of("../config/profiles");

  /** A way to spoil a profile. */
  record Mutation(String name, Consumer<Map<String, Object>> spoil) {
    @Override
    public String toString() {
      return name;
    }
  }

  static SortedSet<String> profiles() {
    return Catalogue.profiles(null).names();
  }

  static Stream<Mutation> mutations() {
    return Stream.of(
        new Mutation("no name", profile -> profile.remove("name")),
        new Mutation("an empty maker", profile -> profile.put("maker", "")),
        new Mutation("a kind that there is not", profile -> profile.put("kind", "meters")),
        new Mutation("a protocol that there is not", profile -> profile.put("protocol", "bacnet")),
        new Mutation("a key that there is not", profile -> profile.put("adress", "1")),
        new Mutation("a name with a blank", profile -> profile.put("name", "a b")),
        new Mutation("too many words", profile -> profile.put("max_words", new BigDecimal(126))),
        new Mutation("a turnaround without a unit", profile -> profile.put("turnaround", "5")),
        new Mutation("asleep by day", profile -> profile.put("sleeps", "day")),
        new Mutation("models that are no list", profile -> profile.put("fits", "X1")),
        new Mutation("a flag in words", profile -> profile.put("example", "yes")),
        new Mutation("neither points nor models", ProfileSchemaTest::withoutValues),
        new Mutation("no point at all", profile -> points(profile).clear()),
        new Mutation("a point of no quantity", profile -> point(profile, "powr", Map.of())),
        new Mutation("a point without a place", profile -> change(profile, "address", null)),
        new Mutation("a place below 0", profile -> change(profile, "address", number(-1))),
        new Mutation("a place behind all", profile -> change(profile, "address", number(70_000))),
        new Mutation("function 5", profile -> change(profile, "function", number(5))),
        new Mutation("a type that there is not", profile -> change(profile, "type", "float")),
        new Mutation("an order that there is not", profile -> change(profile, "word_order", "AB")),
        new Mutation("a scale of 0", profile -> change(profile, "scale", number(0))),
        new Mutation("a ratio that there is not", profile -> change(profile, "ratio", "vt")),
        new Mutation("an update without a unit", profile -> change(profile, "update", "10")),
        new Mutation("a modulus of 1", profile -> change(profile, "modulus", number(1))),
        new Mutation("sentinels that are no list", profile -> change(profile, "sentinels", "x")),
        new Mutation("bits without a place", profile -> change(profile, "type", "bits")),
        new Mutation("digits of no size", profile -> change(profile, "type", "bcd")),
        new Mutation("a key of no point", profile -> change(profile, "adress", number(1))),
        new Mutation("a text of capitals", profile -> change(profile, "texts", Map.of("1", "On"))));
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void everyProfileThatShipsFits(String name) throws IOException {
    assertEquals(List.of(), Schema.of(FILE).problems(json(name)));
  }

  @ParameterizedTest
  @MethodSource("mutations")
  void noProfileFitsAnyLonger(Mutation mutation) throws IOException {
    Schema schema = Schema.of(FILE);
    int spoilt = 0;
    for (String name : profiles()) {
      Map<String, Object> profile = json(name);
      Object protocol = profile.getOrDefault("protocol", "modbus");
      if (protocol.equals("modbus") || protocol.equals("sunspec")) {
        mutation.spoil().accept(profile);
        assertFalse(schema.problems(profile).isEmpty(), name);
        spoilt++;
      }
    }
    assertTrue(spoilt > 30, "only " + spoilt + " profiles");
  }

  @Test
  void onlyStateHasTexts() throws IOException {
    Schema schema = Schema.of(FILE);
    Map<String, Object> profile = json("example-battery");
    Map<String, Object> points = points(profile);
    Object state = Objects.requireNonNull(points.get("state"));
    assertEquals(List.of(), schema.problems(profile));
    points.put("state_l1", state);
    assertFalse(schema.problems(profile).isEmpty());
  }

  @Test
  void theSchemaHasExactlyTheKeysThatTheReaderKnows() throws IOException {
    Map<String, Object> schema = Json.object(Files.readString(FILE));
    assertEquals(new TreeSet<>(Section.PROFILE.keys()), keys(schema));
    assertEquals(
        new TreeSet<>(Section.PROFILE_DEFAULTS.keys()),
        keys(map(map(schema, "properties"), "defaults")));
    SortedSet<String> point = keys(map(map(schema, "$defs"), "point"));
    point.addAll(keys(map(map(schema, "$defs"), "coding")));
    assertEquals(new TreeSet<>(Section.PROFILE_POINT.keys()), point);
  }

  @Test
  void theSchemaHasExactlyTheTypesAndPointsThatThereAre() throws IOException {
    Map<String, Object> defs = map(Json.object(Files.readString(FILE)), "$defs");
    assertEquals(
        Stream.of(DeviceProfile.Type.values())
            .map(type -> type.name().toLowerCase(Locale.ROOT))
            .collect(Collectors.toCollection(TreeSet::new)),
        new TreeSet<>((List<?>) Objects.requireNonNull(map(defs, "type").get("enum"))));
    String names = String.valueOf(map(map(defs, "points"), "propertyNames").get("pattern"));
    for (Point point : Point.all()) {
      assertTrue(point.name().matches(names), point.name());
    }
  }

  private static SortedSet<String> keys(Map<String, Object> schema) {
    return new TreeSet<>(map(schema, "properties").keySet());
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  private static Map<String, Object> map(Map<String, Object> in, String key) {
    return (Map<String, Object>) Objects.requireNonNull(in.get(key), key);
  }

  // Spoiling.

  private static BigDecimal number(long value) {
    return BigDecimal.valueOf(value);
  }

  private static void withoutValues(Map<String, Object> profile) {
    profile.remove("points");
    profile.remove("own");
    profile.remove("models");
  }

  /** The points, or those of a SunSpec profile's first model. */
  private static Map<String, Object> points(Map<String, Object> profile) {
    if (profile.containsKey("points")) {
      return map(profile, "points");
    }
    Map<String, Object> models = map(profile, "models");
    return map(models, models.keySet().iterator().next());
  }

  private static void point(Map<String, Object> profile, String name, Map<String, Object> value) {
    points(profile).put(name, value);
  }

  /** Puts {@code value} into the first point, or takes the key away. */
  private static void change(Map<String, Object> profile, String key, @Nullable Object value) {
    Map<String, Object> points = points(profile);
    Map<String, Object> first = map(points, points.keySet().iterator().next());
    if (value == null) {
      first.remove(key);
    } else {
      first.put(key, value);
    }
    first.remove("words");
  }

  // YAML as JSON.

  private static Map<String, Object> json(String name) throws IOException {
    Path file = PROFILES.resolve(name + ".yaml");
    Yaml root = YamlReader.read(Files.readAllBytes(file), new Problems(file));
    return table((Table) Objects.requireNonNull(root));
  }

  private static Map<String, Object> table(Table table) {
    Map<String, Object> map = new LinkedHashMap<>();
    table.entries().forEach(entry -> map.put(entry.key().text(), json(entry.value())));
    return map;
  }

  private static Object json(Yaml yaml) {
    return switch (yaml) {
      case Table table -> table(table);
      case Items items -> {
        List<Object> list = new ArrayList<>();
        items.items().forEach(item -> list.add(json(item)));
        yield list;
      }
      case Text text -> scalar(text);
    };
  }

  /** A scalar as the core schema of YAML 1.2 understands it. */
  private static Object scalar(Text text) {
    String word = text.text();
    if (!text.plain()) {
      return word;
    }
    if (word.matches("0x[0-9A-Fa-f]+")) {
      return new BigDecimal(new BigInteger(word.substring(2), 16));
    }
    if (word.equals("true") || word.equals("false")) {
      return word.equals("true");
    }
    BigDecimal number = Words.decimal(word);
    return number == null ? word : number;
  }
}
