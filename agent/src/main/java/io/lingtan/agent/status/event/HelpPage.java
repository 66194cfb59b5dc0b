package io.lingtan.agent.status.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lingtan.agent.status.event.Sentences.Sentence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
    return resource(chinese ? "help.zh.html" : "help.en.html").replace("{{events}}", rows);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static String resource(String name) {
    String path = "/io/lingtan/agent/status/" + name;
    try (InputStream in = HelpPage.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalStateException("the agent's jar lacks " + path);
      }
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
