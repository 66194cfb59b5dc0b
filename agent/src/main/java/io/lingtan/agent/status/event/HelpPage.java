package io.lingtan.agent.status.event;

import io.lingtan.agent.run.PackedFile;
import io.lingtan.agent.status.event.Sentences.Sentence;
import java.util.Map;

/** Help that needs no network and no script: the field card, and what each event means. */
public final class HelpPage {

  private HelpPage() {}

  /** The page in Chinese or English. */
  public static String of(boolean chinese) {
    StringBuilder rows = new StringBuilder();
    for (Map.Entry<String, Sentence> each : Sentences.all().entrySet()) {
      Sentence sentence = each.getValue();
      rows.append("<tr id=\"").append(each.getKey()).append("\"><th scope=\"row\"><code>");
      rows.append(each.getKey()).append("</code></th><td>");
      rows.append(escaped(chinese ? sentence.chinese() : sentence.english())).append("</td><td>");
      rows.append(escaped(chinese ? sentence.chineseNext() : sentence.englishNext()));
      rows.append("</td></tr>\n");
    }
    return PackedFile.text(
            HelpPage.class,
            "/io/lingtan/agent/status/" + (chinese ? "help.zh.html" : "help.en.html"))
        .replace("{{events}}", rows);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
