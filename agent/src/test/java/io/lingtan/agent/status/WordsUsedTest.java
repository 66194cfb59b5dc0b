package io.lingtan.agent.status;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.reading.Reason;
import io.lingtan.agent.site.Role;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
 * Words of the page that nobody shows, words that are shown and that no dictionary has, and texts
 * in both languages that stand outside the dictionaries. {@link WordsIT} judges the dictionaries.
 */
final class WordsUsedTest {

  private static final Path PAGE = Path.of("src/main/resources/io/lingtan/agent/status");
  private static final Path CODE = Path.of("src/main/java/io/lingtan/agent/status");

  private static final Path CONFIG = Path.of("../config");

  private static final Pattern DETAILS = Pattern.compile("`([a-z]+\\.[a-z_]+) \\{([^`]*)\\}`");
  private static final Pattern DICTIONARY =
      Pattern.compile(
          "\\w*[wW]ords = \\{\\n  zh: \\{(.*?)\\n  },\\n  en: .*?\\n};", Pattern.DOTALL);
  private static final Pattern KEY = Pattern.compile("(?:^|[ ,{])(?:'([\\w.]+)'|(\\w+)): ['\"`]");
  private static final Pattern QUOTED = Pattern.compile("['\"`](\\w[\\w.]*)['\"`]");
  private static final Pattern SHOWN = Pattern.compile("\\bt\\('([\\w.]+)'");
  private static final Pattern PREFIX = Pattern.compile("`([\\w.]+\\.)\\$\\{");
  private static final Pattern PAIR =
      Pattern.compile(
          "\\b(?:say|fact)\\(\\s*\"((?:[^\"\\\\]|\\\\.)*)\",\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern HAN = Pattern.compile("\\p{IsHan}");
  private static final Pattern LATIN = Pattern.compile("[A-Za-z]{2,}");

  /** Words that are named by what the agent sends: an event's severity and area, an identity. */
  private static final Set<String> SENT =
      Set.of("info", "poll", "chain", "disk", "serial", "model", "ct", "pt");

  private record Module(Set<String> keys, String rest) {}

  private static Map<String, Module> modules() throws IOException {
    Map<String, Module> modules = new LinkedHashMap<>();
    try (Stream<Path> files = Files.walk(PAGE)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".js")).sorted().toList()) {
        String text = Files.readString(file);
        var dictionary = DICTIONARY.matcher(text);
        Set<String> keys = new TreeSet<>();
        if (dictionary.find()) {
          all(KEY, dictionary.group(1))
              .forEach(key -> keys.add(key.group(1) == null ? key.group(2) : key.group(1)));
          text = text.substring(0, dictionary.start()) + text.substring(dictionary.end());
        }
        modules.put(PAGE.relativize(file).toString(), new Module(keys, text));
      }
    }
    return modules;
  }

  /** The folder whose dictionary a module shows: its own, or the one that a screen is made of. */
  private static String folder(String module) {
    String above = module.contains("/") ? module.substring(0, module.indexOf('/')) : "";
    String screen = above.equals("screens") ? module.substring(8, module.length() - 3) : above;
    return module.equals("app.js") ? "shell" : screen;
  }

  private static List<MatchResult> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().toList();
  }

  @Test
  void everyWordIsShownSomewhereAndEveryShownWordIsThere() throws IOException {
    Map<String, Module> modules = modules();
    Module shell = modules.get("shell/words.js");
    assertTrue(shell != null && shell.keys.size() > 200 && modules.size() >= 8, modules.toString());
    List<String> wrong = new ArrayList<>();
    modules.forEach(
        (name, module) -> {
          String text =
              modules.entrySet().stream()
                  .filter(
                      other ->
                          name.equals("shell/words.js")
                              || (name.endsWith("/words.js")
                                  && folder(other.getKey()).equals(folder(name)))
                              || other.getKey().equals(name))
                  .map(other -> other.getValue().rest)
                  .collect(Collectors.joining());
          Set<String> named = new TreeSet<>(SENT);
          all(QUOTED, text).forEach(each -> named.add(each.group(1)));
          Set<String> prefixes = new TreeSet<>();
          all(PREFIX, text).forEach(each -> prefixes.add(each.group(1)));
          for (String key : module.keys) {
            if (!named.contains(key) && prefixes.stream().noneMatch(key::startsWith)) {
              wrong.add(name + ": nobody shows " + key);
            }
          }
          for (MatchResult each : all(SHOWN, module.rest)) {
            Module around = modules.getOrDefault(folder(name) + "/words.js", shell);
            if (!module.keys.contains(each.group(1))
                && !around.keys.contains(each.group(1))
                && !shell.keys.contains(each.group(1))) {
              wrong.add(name + ": shows " + each.group(1) + ", which is no word");
            }
          }
        });
    assertEquals(List.of(), wrong);
  }

  private static void lacking(List<String> to, String where, Set<String> keys, String key) {
    if (!keys.contains(key)) {
      to.add(where + ": " + key);
    }
  }

  /** What a person would otherwise read as a key. */
  @Test
  void everyRoleAndEveryReasonHasItsWords() throws IOException, IllegalAccessException {
    Map<String, Module> modules = modules();
    List<String> lacking = new ArrayList<>();
    String form = Files.readString(PAGE.resolve("commission/site.js"));
    Matcher roles = Pattern.compile("const ROLES = \\[(.*?)];").matcher(form);
    assertTrue(roles.find());
    String config = Files.readString(CONFIG.resolve("README.md"));
    Matcher explained = Pattern.compile("(?m)^\\| `role` .*").matcher(config);
    assertTrue(explained.find());
    for (Role role : Role.values()) {
      for (String module : List.of("commission/words.js", "meters/words.js")) {
        lacking(lacking, module, module(modules, module).keys, "role." + role.word());
      }
      if (!roles.group(1).contains("'" + role.word() + "'")) {
        lacking.add("commission/site.js, ROLES: " + role.word());
      }
      if (!explained.group().contains("`" + role.word() + "`")) {
        lacking.add("config/README.md: " + role.word());
      }
    }
    String catalogue = Files.readString(PAGE.resolve("reasons.txt"));
    String contract = Files.readString(CONFIG.resolve("MQTT.md"));
    String schema = Files.readString(CONFIG.resolve("schema/data.json"));
    for (Field field : Reason.class.getFields()) {
      String code = String.valueOf(field.get(null));
      lacking(lacking, "words.js", module(modules, "shell/words.js").keys, "why." + code);
      if (!catalogue.contains("\n" + code + " = ")) {
        lacking.add("reasons.txt: " + code);
      }
      if (!contract.matches("(?s).*One of `[^`]*\\b" + code + "\\b[^`]*`.*")) {
        lacking.add("config/MQTT.md: " + code);
      }
      if (!schema.matches("(?s).*\"reason\":[^\n]*[(|]" + code + "[|)].*")) {
        lacking.add("schema/data.json: " + code);
      }
    }
    assertEquals(List.of(), lacking);
  }

  private static Module module(Map<String, Module> modules, String name) {
    return Objects.requireNonNull(modules.get(name), name);
  }

  /** Such as {@code meter.reset {before, after}}. */
  @Test
  void everyDetailOfAnEventHasItsWord() throws IOException {
    Set<String> keys = module(modules(), "screens/events.js").keys;
    List<String> lacking = new ArrayList<>();
    int seen = 0;
    for (MatchResult event : all(DETAILS, Files.readString(CONFIG.resolve("MQTT.md")))) {
      for (MatchResult detail : all(Pattern.compile("[a-z0-9_]+"), event.group(2))) {
        lacking(lacking, event.group(1), keys, "k." + detail.group());
        seen++;
      }
    }
    assertTrue(seen > 100, seen + " details");
    assertEquals(List.of(), lacking);
  }

  /** The later of two would be said in both places. */
  @Test
  void noKeyIsThereTwice() throws IOException {
    List<String> twice = new ArrayList<>();
    try (Stream<Path> files = Files.walk(PAGE)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".js")).toList()) {
        var dictionary = DICTIONARY.matcher(Files.readString(file));
        Set<String> keys = new TreeSet<>();
        if (dictionary.find()) {
          for (MatchResult key : all(KEY, dictionary.group(1))) {
            String name = key.group(1) == null ? key.group(2) : key.group(1);
            if (!keys.add(name)) {
              twice.add(PAGE.relativize(file) + ": " + name);
            }
          }
        }
      }
    }
    assertEquals(List.of(), twice);
  }

  @Test
  void everyPairInTheCodeIsChineseAndEnglish() throws IOException {
    List<String> wrong = new ArrayList<>();
    int pairs = 0;
    try (Stream<Path> files = Files.walk(CODE)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        for (MatchResult pair : all(PAIR, Files.readString(file))) {
          pairs++;
          // Digits, units and signs are alike in both; a link to the other language names that.
          boolean isAlike =
              !HAN.matcher(pair.group(1)).find() && !LATIN.matcher(pair.group(1)).find();
          boolean isLink = pair.group(1).equals("English") && pair.group(2).equals("中文");
          boolean isChinese = HAN.matcher(pair.group(1)).find();
          if (!isAlike && !isLink && (!isChinese || HAN.matcher(pair.group(2)).find())) {
            wrong.add(file.getFileName() + ": " + pair.group(1) + " | " + pair.group(2));
          }
        }
      }
    }
    assertTrue(pairs > 100, "pairs: " + pairs);
    assertEquals(List.of(), wrong);
  }

  @Test
  void whatHasNoDictionaryIsInBothLanguagesAtOnce() throws IOException {
    List<String> wrong = new ArrayList<>();
    int texts = 0;
    Pattern string = Pattern.compile("(['`])((?:(?!\\1)[^\\\\\\n])*)\\1");
    Pattern element =
        Pattern.compile("<(title|h1|p|label|th|button|form)\\b[^>]*>(.*?)</\\1>", Pattern.DOTALL);
    for (String name : List.of("pin.js", "pin.html", "verify.html")) {
      String text = Files.readString(PAGE.resolve(name), UTF_8);
      List<String> shown = new ArrayList<>();
      int script = text.indexOf("<script");
      String markup = name.endsWith(".js") ? "" : script < 0 ? text : text.substring(0, script);
      String code = name.endsWith(".js") ? text : script < 0 ? "" : text.substring(script);
      all(string, code).forEach(each -> shown.add(each.group(2)));
      all(element, markup).forEach(each -> shown.add(each.group(2).replaceAll("<[^>]*>", " ")));
      for (String each : shown) {
        if (HAN.matcher(each).find()) {
          texts++;
          // What is an abbreviation in both, such as PIN or kWh, is no English text.
          String english = each.replaceAll("PIN|JSON|NDJSON|HTML|CSV|JWK|seq|kWh|CO", "");
          if (!LATIN.matcher(english).find()) {
            wrong.add(name + ": in Chinese alone: " + each);
          }
        }
      }
      String alone = all(string, code).stream().map(each -> each.group(2)).toList().toString();
      assertTrue(!shown.isEmpty(), alone);
    }
    assertTrue(texts > 30, "texts: " + texts);
    assertEquals(List.of(), wrong);
  }
}
