package io.lingtan.agent.status;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.lingtan.agent.publish.link.Failure;
import io.lingtan.testing.Browser;
import io.lingtan.testing.RequiresTool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The words of every module of the page, as the browser loads them. */
@RequiresTool({"chromium-headless-shell", "node"})
@Timeout(120)
class WordsIT {

  /** What is written alike in both languages. */
  private static final Set<String> ALIKE = Set.of("—", "JSON", "CSV", "MQTT", "CRC", "PDF", "QR");

  /** A home's words, a car's battery, an administrator's talk: nobody in a substation says so. */
  private static final List<String> AVOIDED =
      List.of("住宅", "家庭", "电池", "负载", "守护进程", "单元文件", "回滚事务", "exception_");

  /** What keeps a line busy, which everybody else sees. */
  private static final Set<Actions.Action> LINE_WORK =
      Set.of(
          Actions.Action.SCAN, Actions.Action.READ, Actions.Action.CHECK, Actions.Action.PREVIEW);

  @TempDir Path folder;

  @Test
  void everyWordIsThereInBothLanguages() throws Exception {
    List<String> wrong = new ArrayList<>();
    try (StatusServer server = ShownSite.good(folder).serve(Duration.ofSeconds(1));
        Browser browser = new Browser();
        Browser.Tab tab =
            browser.open(
                "http://127.0.0.1:" + server.port() + "/", 390, ColorScheme.LIGHT, "zh-CN")) {
      List<String> modules = new ArrayList<>(List.of("/app.js", "/strip.js"));
      new Assets().screens().forEach(screen -> modules.add("/screens/" + screen + ".js"));
      assertTrue(modules.size() >= 6, modules.toString());
      int parts = 0;
      for (String module : modules) {
        Object found =
            tab.page()
                .evaluate(
                    "async path => Object.fromEntries(Object.entries(await import(path))"
                        + ".filter(([, it]) => it?.zh && it.en))",
                    module);
        for (Map.Entry<?, ?> words : ((Map<?, ?>) found).entrySet()) {
          parts++;
          judge(module + " " + words.getKey(), (Map<?, ?>) words.getValue(), wrong);
        }
        if (module.equals("/app.js")) {
          hasAllKinds((Map<?, ?>) Objects.requireNonNull(((Map<?, ?>) found).get("words")), wrong);
        }
      }
      assertTrue(parts >= modules.size() + 3, "dictionaries: " + parts);
    }
    assertEquals(List.of(), wrong);
  }

  /** A language of a file alone is fetched when it is chosen, kept, and English where it lacks. */
  @Test
  void aThirdLanguageIsAFileAndWhatItLacksIsEnglishAndSaysSo() throws Exception {
    try (StatusServer server = ShownSite.good(folder).serve(Duration.ofSeconds(1));
        Browser browser = new Browser();
        Browser.Tab tab =
            browser.open(
                "http://127.0.0.1:" + server.port() + "/", 390, ColorScheme.LIGHT, "en-GB")) {
      Page page = tab.page();
      assertEquals(List.of(), tab.asked().stream().filter(each -> each.contains("words")).toList());
      page.locator("[data-language=de]").click();
      assertThat(page.locator("#tab-meters")).hasText("Zähler");
      assertThat(page.locator("html")).hasAttribute("lang", "de");
      page.reload();
      assertThat(page.locator("#screen")).containsText("Leistung jetzt");
      assertThat(page.locator("#screen")).not().containsText("[en]");
      for (String screen : List.of("meters", "charts", "uplink", "events", "commission")) {
        page.locator("#tab-" + screen).click();
        assertThat(page.locator("#screen .screen." + screen)).isVisible();
        tab.assertFits();
        // A first link that is scrolled out of sight is taken for one that skips to the content.
        page.evaluate(
            "() => document.querySelectorAll('nav, #tabs').forEach(e => e.scrollLeft = 0)");
        tab.assertAccessible();
        tab.keep(Browser.PICTURES.resolve("de-" + screen + "-390.png"));
      }
      page.navigate("http://127.0.0.1:" + server.port() + "/#commission/handover");
      assertThat(page.locator("#screen")).containsText("Update [en]");
    }
  }

  @Test
  void eachFaultOfWordsIsFound() {
    List<String> wrong = new ArrayList<>();
    judge(
        "m",
        Map.of(
            "zh", Map.of("a", "仪表", "b", "Meter", "c", "电池", "d", "MQTT", "x", "只有中文"),
            "en", Map.of("a", "Meter", "b", "Meter", "c", "Battery", "d", "MQTT", "y", "only")),
        wrong);
    assertEquals(
        List.of(
            "m: only in one language: [x, y]",
            "m b: not Chinese: Meter",
            "m c: is to be avoided: 电池"),
        wrong);
  }

  /** What the agent tells as a kind alone has its sentence on the page; a state has one name. */
  private static void hasAllKinds(Map<?, ?> words, List<String> wrong) {
    Set<String> told = new TreeSet<>();
    for (Why why : Why.values()) {
      told.add("no." + why.word());
    }
    for (Failure.Kind kind : Failure.Kind.values()) {
      told.add("link." + kind.word());
    }
    Map<?, ?> chinese = (Map<?, ?>) Objects.requireNonNull(words.get("zh"));
    Map<?, ?> english = (Map<?, ?>) Objects.requireNonNull(words.get("en"));
    Set<String> shown = new TreeSet<>();
    for (Object key : chinese.keySet()) {
      if (String.valueOf(key).matches("(no|link)[.].*")) {
        shown.add(String.valueOf(key));
        assertEquals(
            places(chinese.get(key)), places(english.get(key)), "what is filled in, " + key);
      }
    }
    if (!told.equals(shown)) {
      wrong.add("told as " + told + ", shown as " + shown);
    }
    for (Actions.Action busy : LINE_WORK) {
      if (!chinese.containsKey("busy." + busy.word())) {
        wrong.add("nothing says that somebody is at " + busy);
      }
    }
    for (DeviceState state : DeviceState.values()) {
      String key = "state." + state.name().toLowerCase(Locale.ROOT);
      if (!state.chinese().equals(chinese.get(key)) || !state.english().equals(english.get(key))) {
        wrong.add(
            "%s: %s, %s as text, %s, %s on the page"
                .formatted(
                    key, state.chinese(), state.english(), chinese.get(key), english.get(key)));
      }
    }
  }

  private static Set<String> places(@Nullable Object text) {
    return Pattern.compile("[{]\\w+[}]")
        .matcher(String.valueOf(text))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void judge(String module, Map<?, ?> words, List<String> wrong) {
    Map<?, ?> chinese = (Map<?, ?>) words.get("zh");
    Map<?, ?> english = (Map<?, ?>) words.get("en");
    if (chinese == null || english == null) {
      wrong.add(module + ": a language is missing");
      return;
    }
    Set<String> single = new TreeSet<>();
    chinese.keySet().stream()
        .filter(key -> !english.containsKey(key))
        .forEach(key -> single.add("" + key));
    english.keySet().stream()
        .filter(key -> !chinese.containsKey(key))
        .forEach(key -> single.add("" + key));
    if (!single.isEmpty()) {
      wrong.add(module + ": only in one language: " + single);
    }
    for (Object key : new TreeSet<>(chinese.keySet())) {
      String text = String.valueOf(chinese.get(key));
      boolean isChinese =
          text.codePoints()
              .anyMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN);
      if (english.containsKey(key)
          && !ALIKE.contains(text)
          && (!isChinese || text.equals(english.get(key)))) {
        wrong.add(module + " " + key + ": not Chinese: " + text);
      }
      for (String avoided : AVOIDED) {
        if (text.contains(avoided)) {
          wrong.add(module + " " + key + ": is to be avoided: " + avoided);
        }
      }
    }
  }
}
