package io.lingtan.simulator.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lingtan.simulator.device.measure.View;
import io.lingtan.simulator.device.site.WorldFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code config/README.md} says of world files. */
final class WorldReadmeTest {
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");

  @Test
  void eachKeyOfTheWorldIsExplainedAndEachViewNamed() throws IOException {
    String text = Files.readString(Path.of("../config/README.md"));
    String world = between(text, "### world\n", "### devices of the world");
    TreeSet<String> explained = new TreeSet<>();
    world
        .lines()
        .filter(line -> line.startsWith("| `"))
        .forEach(
            line -> {
              Matcher words = WORD.matcher(line.substring(0, line.indexOf('|', 1)));
              while (words.find()) {
                explained.add(words.group(1));
              }
            });
    assertEquals(new TreeSet<>(WorldFile.worldKeys()), explained);
    String sees = between(text, "| `sees` | needed | `", "` |");
    assertEquals(String.join(" ", View.byWord().keySet()), sees);
  }

  private static String between(String text, String from, String until) {
    int begin = text.indexOf(from) + from.length();
    return text.substring(begin, text.indexOf(until, begin));
  }
}
