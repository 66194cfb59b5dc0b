package io.lingtan.agent.status;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.testing.Launched;
import io.lingtan.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page's scripts as they are written: their types, their size, and what they share. */
final class ScriptsTest {

  private static final Path SCRIPTS = Path.of("src/main/resources/io/lingtan/agent/status");
  private static final int MOST_LINES = 300;

  private static final Pattern EXPORT =
      Pattern.compile("(?m)^export (?:async )?(?:function|const|let) (\\w+)");
  private static final Pattern IMPORT =
      Pattern.compile("(?:import|export) \\{([^}]*)} from '([^']+)'");
  private static final Pattern TOP =
      Pattern.compile("(?m)^(?:export )?(?:async )?(?:function|const|let) (\\w+)");
  private static final Pattern ELEMENT = Pattern.compile("\\bbyId\\('(\\w+)'\\)");

  /** What the shell, or a screen that fetches another script, takes of a module by its name. */
  private static final Set<String> TAKEN = Set.of("words", "styles", "show");

  private static Map<String, String> scripts() throws IOException {
    Map<String, String> scripts = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(SCRIPTS)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".js")).sorted().toList()) {
        scripts.put(SCRIPTS.relativize(file).toString(), Files.readString(file));
      }
    }
    assertTrue(scripts.size() > 30, scripts.keySet().toString());
    return scripts;
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }

  /** Unknown names, members that the shell does not give, wrong kinds of values, what is unused. */
  @Test
  @RequiresTool("tsc")
  void theTypeCheckerFindsNothing() throws Exception {
    Launched checked = Launched.run(Map.of(), "tsc", "-p", "tsconfig.json");
    assertEquals("", checked.out() + checked.err());
    assertEquals(0, checked.exit());
  }

  @Test
  void eachIsShort() throws IOException {
    List<String> longer = new ArrayList<>();
    scripts()
        .forEach(
            (name, text) -> {
              if (text.lines().count() > MOST_LINES) {
                longer.add(name + ": " + text.lines().count());
              }
            });
    assertEquals(List.of(), longer);
  }

  /** Two of one name would stop the whole page, since the server joins them to one script. */
  @Test
  void noNameIsThereTwiceInWhatIsSentAsOne() throws IOException {
    Map<String, String> scripts = scripts();
    Map<String, String> joined =
        Map.of(
            "shell/",
            "app.js",
            "commission/",
            "screens/commission.js",
            "meters/",
            "screens/meters.js");
    for (Map.Entry<String, String> sent : joined.entrySet()) {
      Set<String> names = new TreeSet<>();
      List<String> twice = new ArrayList<>();
      scripts.forEach(
          (file, text) -> {
            if (file.startsWith(sent.getKey()) || file.equals(sent.getValue())) {
              all(TOP, text).stream()
                  .map(each -> each.group(1))
                  .filter(name -> !names.add(name))
                  .forEach(name -> twice.add(file + ": " + name));
            }
          });
      assertTrue(names.size() > 3, names.toString());
      assertEquals(List.of(), twice);
    }
  }

  @Test
  void whatIsExportedIsTakenSomewhere() throws IOException {
    Map<String, String> scripts = scripts();
    Set<String> imported = new TreeSet<>(TAKEN);
    scripts
        .values()
        .forEach(text -> all(IMPORT, text).forEach(each -> imported.addAll(names(each.group(1)))));
    String tests;
    try (Stream<Path> files = Files.list(Path.of("src/test/java/io/lingtan/agent/status"))) {
      List<String> texts = new ArrayList<>();
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        texts.add(Files.readString(file));
      }
      tests = String.join("\n", texts);
    }
    List<String> unused = new ArrayList<>();
    scripts.forEach(
        (file, text) ->
            all(EXPORT, text).stream()
                .map(each -> each.group(1))
                .filter(name -> !imported.contains(name) && !name.endsWith("Words"))
                .filter(name -> scripts.values().stream().noneMatch(it -> it.contains("." + name)))
                .filter(name -> !tests.contains(name))
                .forEach(name -> unused.add(file + ": " + name)));
    assertEquals(List.of(), unused);
  }

  private static List<String> names(String list) {
    return Stream.of(list.split(","))
        .map(each -> each.strip().replaceFirst(" as .*", ""))
        .collect(Collectors.toList());
  }

  @Test
  void eachElementThatTheFrameFillsIsInThePage() throws IOException {
    String page = Files.readString(SCRIPTS.resolve("index.html"));
    List<String> lacking = new ArrayList<>();
    scripts()
        .forEach(
            (file, text) ->
                all(ELEMENT, text).stream()
                    .map(each -> each.group(1))
                    .filter(id -> !page.contains("id=\"" + id + '"'))
                    .forEach(id -> lacking.add(file + ": " + id)));
    assertEquals(List.of(), lacking);
  }
}
