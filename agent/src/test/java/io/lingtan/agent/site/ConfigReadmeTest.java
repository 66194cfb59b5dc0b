package io.lingtan.agent.site;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Quantity;
import io.lingtan.agent.site.yaml.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code config/README.md} explains exactly the keys that the loaders know. */
final class ConfigReadmeTest {

  private static final Path README = Path.of("../config/README.md");
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");

  @ParameterizedTest
  @EnumSource(Section.class)
  void eachKeyIsExplained(Section section) throws IOException {
    SortedSet<String> explained = explained().getOrDefault(section.title(), new TreeSet<>());
    assertEquals(new TreeSet<>(section.keys()), explained);
  }

  @Test
  void eachPointIsNamedWithItsUnit() throws IOException {
    String readme = Files.readString(README);
    List<Quantity> named =
        Stream.of(Quantity.values()).filter(quantity -> quantity != Quantity.OWN).toList();
    for (Quantity each : named) {
      String symbol = each.symbol().isEmpty() ? "1" : each.symbol();
      String row = "| `%s` | %s | %s |".formatted(each.key(), symbol, each.chinese());
      assertTrue(readme.contains(row), row);
    }
    assertEquals(named.size(), explained().getOrDefault("Names of points", new TreeSet<>()).size());
  }

  /** The words of the first column of each table, by the heading above it. */
  private static Map<String, SortedSet<String>> explained() throws IOException {
    Map<String, SortedSet<String>> explained = new HashMap<>();
    String heading = "";
    for (String line : Files.readAllLines(README)) {
      if (line.startsWith("#")) {
        heading = line.replaceFirst("#+ ", "");
      } else if (line.startsWith("| `")) {
        Matcher words = WORD.matcher(line.substring(0, line.indexOf('|', 1)));
        while (words.find()) {
          explained.computeIfAbsent(heading, any -> new TreeSet<>()).add(words.group(1));
        }
      }
    }
    return explained;
  }
}
