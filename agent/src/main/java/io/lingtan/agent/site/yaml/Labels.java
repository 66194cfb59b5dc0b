package io.lingtan.agent.site.yaml;

import io.lingtan.agent.reading.Caption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What people call things, in both languages. */
public final class Labels {

  private static final int LONGEST = 64;

  /** What people call something: one text, or one in each language. */
  private enum Languages implements Keys {
    NAME;

    @Override
    public String title() {
      return "name";
    }

    @Override
    public List<String> keys() {
      return List.of("zh", "en");
    }
  }

  private final Problems problems;
  private final Map<String, Caption> labels = new HashMap<>();

  private Labels(Problems problems) {
    this.problems = problems;
  }

  /**
   * Those of a site file: by the id of a device, {@code line:ID} of a line and {@code meter:ID} of
   * a metering point.
   */
  public static Map<String, Caption> of(Yaml root, Problems problems) {
    Labels all = new Labels(problems);
    for (Yaml line : items(under(root, "lines"))) {
      all.add("line:", line);
      items(under(line, "devices")).forEach(device -> all.add("", device));
    }
    items(under(under(root, "metering"), "meters")).forEach(meter -> all.add("meter:", meter));
    return all.labels;
  }

  /** What people call a thing: one text, or {@code {zh, en}}; null if a problem was told. */
  public static @Nullable Caption read(Yaml at, Problems problems) {
    int before = problems.errors();
    String english;
    String chinese;
    if (at instanceof Yaml.Text text) {
      english = text.text();
      chinese = english;
    } else {
      Fields fields = Fields.of(Languages.NAME, at, problems);
      String either = fields.text("en", fields.text("zh", ""));
      english = either;
      chinese = fields.text("zh", either);
      if (problems.errors() > before) {
        return null;
      }
    }
    for (String text : List.of(english, chinese)) {
      if (text.isBlank()
          || text.length() > LONGEST
          || text.codePoints().anyMatch(Character::isISOControl)) {
        problems.error(
            at, "a name is one line of 1 to " + LONGEST + " characters, not " + at.kind());
        break;
      }
    }
    return problems.errors() > before ? null : new Caption(english, chinese);
  }

  private void add(String kind, Yaml of) {
    Yaml label = under(of, "label");
    Caption caption = label == null ? null : read(label, problems);
    if (caption != null && under(of, "id") instanceof Yaml.Text id) {
      labels.put(kind + id.text(), caption);
    }
  }

  private static List<Yaml> items(@Nullable Yaml list) {
    return list instanceof Yaml.Items all ? all.items() : List.of();
  }

  private static @Nullable Yaml under(@Nullable Yaml table, String key) {
    return table instanceof Yaml.Table keys
        ? keys.entries().stream()
            .filter(entry -> entry.key().text().equals(key))
            .map(Yaml.Entry::value)
            .findFirst()
            .orElse(null)
        : null;
  }
}
