package io.lingtan.agent.status.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lingtan.agent.status.event.Sentences.Sentence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class SentencesTest {
  /** What is over when it is told. */
  private static final Set<String> MOMENTS =
      Set.of(
          "agent.start",
          Lifecycle.ACKNOWLEDGED,
          "agent.stop",
          "agent.no_intervals",
          "agent.not_folded",
          "agent.secrets_kept",
          "agent.update_pending",
          "agent.update_put_back",
          "agent.update_refused",
          "agent.updated",
          "chain.start",
          "clock.ahead",
          "clock.bounds",
          "clock.not_resumed",
          "clock.offset",
          "clock.set",
          "clock.step",
          "config.changed",
          "config.refused",
          "command.accepted",
          "command.checked",
          "command.fed",
          "command.pin_wrong",
          "command.read",
          "command.refused",
          "command.replay_ended",
          "command.scan",
          "command.technician",
          "config.confirmed",
          "config.corrected",
          "config.fed",
          "config.not_corrected",
          "config.not_restated",
          "config.pending",
          "config.put_back",
          "config.remote_refused",
          "config.restatement",
          "journal.checkpoint_refused",
          "journal.damaged_segment",
          "journal.dropped",
          "journal.epoch",
          "journal.file_gone",
          "journal.memory_refused",
          // It is read from the journal, so it has been written.
          "journal.not_written",
          "journal.replaced",
          "journal.set_aside",
          "journal.store_ahead",
          "journal.store_unsigned",
          "journal.told_again",
          "line.echo",
          "line.second_master",
          "line.up",
          "meter.asleep",
          "meter.counting",
          "meter.exchange",
          "meter.exchange_refused",
          "meter.exchanged",
          "meter.glitch",
          "meter.doubtful_rise",
          "meter.jump",
          "meter.lost_pulses",
          "meter.not_counted",
          "meter.online",
          "meter.ratio_good",
          "meter.refuelled",
          "meter.rescaled",
          "meter.reset",
          "meter.rollover",
          "meter.state",
          "meter.stuck",
          "meter.turns_unknown",
          "meter.uncounted",
          "poll.late",
          "poll.skipped",
          // Told again at each threshold; the uplink screen shows the days that are left.
          "uplink.certificate",
          "uplink.certificate_put_back",
          "uplink.nobody_listens",
          "uplink.refused",
          "uplink.renewed",
          "uplink.rival",
          "uplink.truncated",
          "uplink.up",
          "uplink.view_gap",
          "uplink.view_up");

  /** {@code area.what} as a whole text. */
  private static final Pattern NAME =
      Pattern.compile(
          "\"((?:agent|clock|device|meter|line|poll|uplink|journal|disk|config|command|chain|demand|supply)\\.[a-z_]+)\"");

  /** A name that is put together would not be seen. */
  private static final Pattern PUT_TOGETHER =
      Pattern.compile(
          "\"(?:agent|clock|device|meter|line|poll|uplink|journal|disk|config|command|chain|demand|supply)\\.\""
              + " \\+");

  /** A name in backquotes, alone or with its detail. */
  private static final Pattern IN_CONTRACT = Pattern.compile("`([a-z]+\\.[a-z_]+)( \\{[^`]*\\})?`");

  /** Keys of a file and of figures that look like events. */
  private static final Set<String> OTHERS =
      Set.of(
          "journal.db",
          "demand.block",
          "demand.sliding",
          "demand.month_max",
          "demand.month_max_sliding");

  /** What the field does not say. */
  private static final List<String> AVOIDED =
      List.of("住宅", "用户名", "管理员", "电池", "市电", "报错码", "null", "exception");

  private static Set<String> told() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        String source = Files.readString(file);
        assertFalse(PUT_TOGETHER.matcher(source).find(), file + " puts an event's name together");
        Matcher found = NAME.matcher(source);
        while (found.find()) {
          if (!OTHERS.contains(found.group(1)) && !file.toString().contains("/site/")) {
            names.add(found.group(1));
          }
        }
      }
    }
    return names;
  }

  /** Names what is in one of them alone: both are long. */
  private static void assertSame(Set<String> told, Set<String> known, String where) {
    Set<String> lacking = new TreeSet<>(told);
    lacking.removeAll(known);
    assertEquals(Set.of(), lacking, where + " lacks them");
    Set<String> unknown = new TreeSet<>(known);
    unknown.removeAll(told);
    assertEquals(Set.of(), unknown, where + " has what the code does not tell");
  }

  @Test
  void everyEventOfTheCodeHasItsSentencesAndNoOtherHas() throws IOException {
    Set<String> told = told();
    assertTrue(told.size() > 50, told.toString());
    assertSame(told, Sentences.all().keySet(), "events.txt");
  }

  @Test
  void everyEventOfTheCodeIsAMomentOrGoesOn() throws IOException {
    Set<String> known = new TreeSet<>(MOMENTS);
    for (String name : Lifecycle.GOING_ON.keySet()) {
      assertTrue(known.add(name), name + " is both");
    }
    assertSame(told(), known, "MOMENTS here or Lifecycle.GOING_ON");
    Lifecycle.GOING_ON.forEach(
        (name, ending) ->
            assertTrue(
                ending.by() == null || MOMENTS.contains(ending.by()),
                name + " ends by " + ending.by()));
  }

  @Test
  void everyEventIsInTheContractAndNoOtherIs() throws IOException {
    Set<String> documented = new TreeSet<>();
    Set<String> withDetail = new TreeSet<>();
    Matcher found = IN_CONTRACT.matcher(Files.readString(Path.of("../config/MQTT.md")));
    while (found.find()) {
      documented.add(found.group(1));
      if (found.group(2) != null) {
        withDetail.add(found.group(1));
      }
    }
    Set<String> events = Sentences.all().keySet();
    Set<String> missing = new TreeSet<>(events);
    missing.removeAll(documented);
    assertEquals(Set.of(), missing, "config/MQTT.md does not name them");
    withDetail.removeAll(events);
    assertEquals(Set.of(), withDetail, "config/MQTT.md names what is no event");
  }

  @Test
  void bothLanguagesSayIt() {
    Sentences.all()
        .forEach(
            (name, sentence) -> {
              assertChinese(name, sentence.chinese(), sentence.english());
              assertChinese(name, sentence.chineseNext(), sentence.englishNext());
            });
  }

  private static void assertChinese(String name, String chinese, String english) {
    assertNotEquals(chinese, english, name);
    assertTrue(chinese.codePoints().filter(SentencesTest::isHan).count() >= 4, name + chinese);
    assertTrue(chinese.endsWith("。") && english.endsWith("."), name + " ends as a sentence");
    assertTrue(english.codePoints().noneMatch(SentencesTest::isHan), name + english);
    for (String word : AVOIDED) {
      assertFalse(chinese.contains(word) || english.contains(word), name + " says " + word);
    }
    assertTrue(chinese.length() <= 80 && english.length() <= 160, name + " is too long");
  }

  private static boolean isHan(int codePoint) {
    return Character.UnicodeScript.of(codePoint) == Character.UnicodeScript.HAN;
  }

  @Test
  void helpHasAllOfThemInBothLanguages() {
    for (boolean chinese : new boolean[] {true, false}) {
      String page = HelpPage.of(chinese);
      for (var each : Sentences.all().entrySet()) {
        Sentence sentence = each.getValue();
        assertTrue(page.contains("id=\"" + each.getKey() + "\""), each.getKey());
        assertTrue(
            page.contains(chinese ? sentence.chineseNext() : sentence.englishNext()),
            each.getKey());
      }
      assertFalse(page.contains("{{"), "a place was not filled");
      assertFalse(page.contains("<script") || page.contains("style="), "nothing inline");
    }
  }

  /** Ninety events are 15,000 px of a phone's screen. */
  @Test
  void helpFoldsItsEventsAndEachWayOfItsIndexLeadsSomewhere() {
    for (boolean chinese : new boolean[] {true, false}) {
      String page = HelpPage.of(chinese);
      String open = page.replaceAll("(?s)<details.*?</details>", "");
      assertFalse(open.contains("<tr"), "an event stands outside of the folds");
      Matcher ways = Pattern.compile("href=\"#([^\"]+)\"").matcher(page);
      int count = 0;
      while (ways.find()) {
        count++;
        assertTrue(page.contains("id=\"" + ways.group(1) + "\""), ways.group(1));
      }
      assertEquals(5, count);
    }
  }

  /** Keys of the record are no words: the page shows them by their names, under 详情. */
  @Test
  void noChineseSentenceSpeaksOfKeys() {
    Pattern key =
        Pattern.compile(
            "(?<![a-z._])(detail|why|since|from|to|count|reason|by_ms|file|sha256|unchecked|wrong|factor|kind"
                + "|settings|error|what|confirm_s|remaining|may_draw|last|raised|restored|counted|made|sum|total|missed|withdrawn)(?![a-z._])");
    Sentences.all()
        .forEach(
            (name, said) ->
                assertFalse(
                    key.matcher(said.chinese() + said.chineseNext()).find(),
                    () -> name + ": " + said.chinese() + said.chineseNext()));
  }
}
