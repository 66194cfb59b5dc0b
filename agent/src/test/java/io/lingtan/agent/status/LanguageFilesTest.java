package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Languages beside Chinese and English, each a file of its own: what it has is what the modules
 * have, with the same places to be filled in, and the shell's words are all there. What it lacks
 * {@link WordsIT} sees in English, marked.
 */
final class LanguageFilesTest {

  private static final Path PAGE = Path.of("src/main/resources/io/lingtan/agent/status");
  private static final Pattern ENGLISH =
      Pattern.compile("\\w*[wW]ords = \\{\\n  zh: .*?\\n  en: \\{(.*?)\\n  }", Pattern.DOTALL);
  private static final Pattern MODULE =
      Pattern.compile("(?m)^  (\\w+): \\{(.*?)^  },$", Pattern.DOTALL);
  private static final Pattern ENTRY =
      Pattern.compile(
          "(?:^|[ ,{])(?:'([\\w.]+)'|(\\w+)):"
              + " (?:'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\")");
  private static final Pattern PLACE = Pattern.compile("[{]\\w+[}]");

  private static Map<String, String> entries(String text) {
    Map<String, String> entries = new LinkedHashMap<>();
    for (MatchResult each : ENTRY.matcher(text).results().toList()) {
      entries.put(
          each.group(1) == null ? each.group(2) : each.group(1),
          each.group(3) == null ? each.group(4) : each.group(3));
    }
    return entries;
  }

  /** English words by the module's name. */
  private static Map<String, Map<String, String>> english() throws IOException {
    Map<String, Map<String, String>> modules = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(PAGE)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".js")).sorted().toList()) {
        Matcher words = ENGLISH.matcher(Files.readString(file));
        if (words.find()) {
          // A folder's dictionary is its words.js.
          String path = PAGE.relativize(file).toString().replaceFirst("(/words)?[.]js$", "");
          modules.put(path.substring(path.lastIndexOf('/') + 1), entries(words.group(1)));
        }
      }
    }
    // The charts' screen shows its parts' words as its own.
    Map<String, String> charts = Objects.requireNonNull(modules.get("charts"));
    Map<String, String> all = new LinkedHashMap<>(charts);
    all.putAll(Objects.requireNonNull(modules.get("plot")));
    all.putAll(Objects.requireNonNull(modules.get("strip")));
    modules.put("charts", all);
    return modules;
  }

  private static Set<String> places(String text) {
    return PLACE
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void judge(
      String module, Map<String, String> english, Map<String, String> other, List<String> wrong) {
    other.forEach(
        (key, text) -> {
          String there = english.get(key);
          if (there == null) {
            wrong.add(module + ": no such word: " + key);
          } else if (!places(text).equals(places(there))) {
            wrong.add(module + " " + key + ": fills in " + places(text) + ", not " + places(there));
          }
        });
  }

  @Test
  void eachFileHasTheShellsWordsAndNoneThatNobodyShows() throws IOException {
    Map<String, Map<String, String>> english = english();
    String events = Files.readString(PAGE.resolve("events.txt"));
    List<String> wrong = new ArrayList<>();
    List<Path> files;
    try (Stream<Path> found = Files.list(PAGE.resolve("words"))) {
      files = found.sorted().toList();
    }
    assertTrue(!files.isEmpty(), "no language file");
    for (Path file : files) {
      Map<String, Map<String, String>> other = new LinkedHashMap<>();
      for (MatchResult each : MODULE.matcher(Files.readString(file)).results().toList()) {
        other.put(each.group(1), entries(each.group(2)));
      }
      int all = 0;
      int there = 0;
      for (Map.Entry<String, Map<String, String>> module : english.entrySet()) {
        Map<String, String> words = other.getOrDefault(module.getKey(), Map.of());
        judge(file.getFileName() + " " + module.getKey(), module.getValue(), words, wrong);
        all += module.getValue().size();
        there += words.size();
      }
      System.out.printf(Locale.ROOT, "%s: %d of %d words%n", file.getFileName(), there, all);
      Set<String> lacking = new TreeSet<>(Objects.requireNonNull(english.get("shell")).keySet());
      lacking.removeAll(other.getOrDefault("shell", Map.of()).keySet());
      assertEquals(Set.of(), lacking, file + " has not all of the shell's words");
      for (String sentence : other.getOrDefault("sentences", Map.of()).keySet()) {
        if (!events.contains("\n" + sentence.replaceFirst("_do$", "") + "\n")) {
          wrong.add(file.getFileName() + ": no such event: " + sentence);
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void aWordThatNobodyShowsAndAPlaceThatIsLostAreFound() {
    List<String> wrong = new ArrayList<>();
    judge("de app", Map.of("a", "{n} left"), Map.of("a", "links", "b", "{n}"), wrong);
    wrong.sort(null);
    assertEquals(List.of("de app a: fills in [], not [{n}]", "de app: no such word: b"), wrong);
  }
}
