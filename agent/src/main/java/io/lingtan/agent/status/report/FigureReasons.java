package io.lingtan.agent.status.report;

import io.lingtan.agent.run.PackedFile;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Why figures have no value, in Chinese, as {@code reasons.txt} has it. */
public final class FigureReasons {

  private static final String FILE = "/io/lingtan/agent/status/reasons.txt";
  private static final Pattern HOLE = Pattern.compile("\\{([a-z])\\}");
  private static final Pattern OF_DEVICE = Pattern.compile("([A-Za-z0-9_-]{1,64}): (.+)");

  /**
   * One reason.
   *
   * @param english what a record has, with a group for each hole
   * @param chinese with the same holes
   */
  private record Words(Pattern english, String chinese) {

    static Words of(String line) {
      int between = line.indexOf(" = ");
      Matcher hole = HOLE.matcher(line.substring(0, between));
      StringBuilder form = new StringBuilder();
      int from = 0;
      while (hole.find()) {
        form.append(Pattern.quote(line.substring(from, hole.start())));
        form.append("(?<").append(hole.group(1)).append(">.+)");
        from = hole.end();
      }
      form.append(Pattern.quote(line.substring(from, between)));
      return new Words(Pattern.compile(form.toString()), line.substring(between + 3));
    }

    /** What stands in a hole may have words of its own. */
    @Nullable String in(Matcher said) {
      return said.matches()
          ? HOLE.matcher(chinese)
              .replaceAll(
                  hole ->
                      Matcher.quoteReplacement(
                          FigureReasons.of(said.group(hole.group(1)), Language.CHINESE)))
          : null;
    }
  }

  private FigureReasons() {}

  private static final class Holder {
    static final List<Words> ALL = read();
  }

  /** In this language; as it is where nobody has written it in Chinese. */
  public static String of(String why, Language language) {
    String chinese = language == Language.CHINESE ? chinese(why) : null;
    return chinese == null ? why : chinese;
  }

  /** Null where nobody has written it in Chinese. */
  public static @Nullable String chinese(String why) {
    for (Words each : Holder.ALL) {
      String chinese = each.in(each.english().matcher(why));
      if (chinese != null) {
        return chinese;
      }
    }
    Matcher device = OF_DEVICE.matcher(why);
    String rest = device.matches() ? chinese(device.group(2)) : null;
    return rest == null ? null : device.group(1) + "：" + rest;
  }

  private static List<Words> read() {
    return PackedFile.text(FigureReasons.class, FILE)
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .map(Words::of)
        .toList();
  }
}
