package io.lingtan.agent.status.event;

import io.lingtan.agent.run.PackedFile;
import io.lingtan.agent.status.event.Sentences.Sentence;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Help that needs no network and no script: the field card, and what each event means. */
public final class HelpPage {

  /** What events are about, in the order in which somebody looks: the first word of their names. */
  @SuppressWarnings("ImmutableEnumChecker") // Its list is made by List.of alone.
  private enum Area {
    LINE("线路", "Lines", "line", "poll"),
    METER("仪表", "Meters", "meter", "device", "demand", "supply"),
    UPLINK("上送", "Uplink", "uplink"),
    STORE("存储", "Storage", "journal", "chain"),
    CLOCK("时钟", "Clock", "clock"),
    CONFIG("配置", "Configuration", "config"),
    COMMAND("命令", "Commands", "command"),
    AGENT("程序", "Program", "agent");

    private final String chinese;
    private final String english;
    private final List<String> words;

    Area(String chinese, String english, String... words) {
      this.chinese = chinese;
      this.english = english;
      this.words = List.of(words);
    }

    private static Area of(String event) {
      String word = event.substring(0, event.indexOf('.'));
      return Arrays.stream(values())
          .filter(area -> area.words.contains(word))
          .findFirst()
          .orElse(AGENT);
    }
  }

  private HelpPage() {}

  /** The page in Chinese or English. */
  public static String of(boolean chinese) {
    StringBuilder areas = new StringBuilder();
    for (Area area : Area.values()) {
      List<Map.Entry<String, Sentence>> those =
          Sentences.all().entrySet().stream()
              .filter(each -> Area.of(each.getKey()) == area)
              .toList();
      areas.append("<details id=\"").append(area.words.getFirst()).append("\"><summary>");
      areas.append(chinese ? area.chinese : area.english).append(" <small>").append(those.size());
      areas.append("</small></summary>\n<table>\n<thead><tr>");
      for (String head :
          chinese ? List.of("事件", "含义", "怎么处理") : List.of("Event", "What it means", "What to do")) {
        areas.append("<th scope=\"col\">").append(head).append("</th>");
      }
      areas.append("</tr></thead>\n<tbody>\n");
      those.forEach(each -> row(areas, each.getKey(), each.getValue(), chinese));
      areas.append("</tbody>\n</table>\n</details>\n");
    }
    return PackedFile.text(
            HelpPage.class,
            "/io/lingtan/agent/status/" + (chinese ? "help.zh.html" : "help.en.html"))
        .replace("{{events}}", areas);
  }

  private static void row(StringBuilder rows, String event, Sentence sentence, boolean chinese) {
    rows.append("<tr id=\"").append(event).append("\"><th scope=\"row\"><code>");
    rows.append(event).append("</code></th><td>");
    rows.append(escaped(chinese ? sentence.chinese() : sentence.english())).append("</td><td>");
    rows.append(escaped(chinese ? sentence.chineseNext() : sentence.englishNext()));
    rows.append("</td></tr>\n");
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
