package io.lingtan.agent.site;

import io.lingtan.agent.site.yaml.Problems;
import io.lingtan.agent.site.yaml.Yaml;
import io.lingtan.agent.site.yaml.YamlReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A site file, with the profiles, factors, tariffs and forms of its own, and the tables and prices
 * that it names, as it may be handed on: without comments, and without what stands before the host
 * in an address. Passwords, keys and the PIN never stand in a site file, only the names of their
 * files.
 */
public final class SiteCopy {

  private static final int MOST_FILES = 64;
  private static final int LARGEST = 256 * 1024;
  private static final Pattern CREDENTIALS = Pattern.compile("(://)[^/@\\s\"']+@");
  private static final Pattern OWN_FOLDER =
      Pattern.compile("(?m)^(profiles|factors|tariffs|reports):[ \\t]*(\\S.*)$");

  private SiteCopy() {}

  /**
   * Reads the files again, as they are now.
   *
   * @return texts by name: {@code site.yaml}, {@code profiles/NAME.yaml}, {@code
   *     factors/NAME.yaml}, {@code tariffs/NAME.yaml}, {@code reports/NAME.yaml} and {@code
   *     files/NAME}
   * @throws IOException if the site file cannot be read any more
   */
  public static SequencedMap<String, String> of(Path siteFile) throws IOException {
    SequencedMap<String, String> texts = new LinkedHashMap<>();
    String site = withoutSecrets(text(siteFile, YamlReader.LARGEST));
    texts.put("site.yaml", site);
    Path folder = siteFile.toAbsolutePath().getParent();
    Matcher own = OWN_FOLDER.matcher(site);
    StringBuilder moved = new StringBuilder();
    while (own.find()) {
      String name = own.group(1);
      String place = own.group(2).strip().replaceAll("^[\"']|[\"']$", "");
      own.appendReplacement(moved, name + ": " + name);
      if (folder != null) {
        addAll(folder.resolve(place), name, texts);
      }
    }
    own.appendTail(moved);
    String copy = moved.toString();
    texts.put("site.yaml", folder == null ? copy : Named.addAll(copy, folder, texts));
    return texts;
  }

  private static void addAll(Path folder, String name, SequencedMap<String, String> to)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
    for (Path file : files.subList(0, Math.min(MOST_FILES, files.size()))) {
      try {
        to.put(name + "/" + file.getFileName(), withoutSecrets(text(file, LARGEST)));
      } catch (SmallFile.Refused e) {
        // Nothing that the agent reads either.
      }
    }
  }

  private static String text(Path file, int largest) throws IOException {
    return new String(SmallFile.read(file, largest), StandardCharsets.UTF_8);
  }

  /** Lines stay where they are, so that a problem is named at the same place. */
  static String withoutSecrets(String yaml) {
    String text =
        yaml.lines().map(SiteCopy::withoutComment).collect(Collectors.joining("\n", "", "\n"));
    return CREDENTIALS.matcher(text).replaceAll("$1");
  }

  /** YAML 1.2.2, 6.6: a comment begins a line or follows white space, outside of quotes. */
  private static String withoutComment(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if ((c == '"' || c == '\'')
          && (i == 0 || " \t[{,:".indexOf(line.charAt(i - 1)) >= 0)) {
        quote = c;
      } else if (c == '#' && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
        return line.substring(0, i).stripTrailing();
      }
    }
    return line;
  }

  /**
   * The tables and prices that a site file names, without which it cannot be read elsewhere. A file
   * that does not look like one of these is not handed on: anything may be named by mistake, a PIN
   * or a key as well.
   */
  private static final class Named {

    private static final int MOST = 32;
    private static final int LARGEST = 1 << 20;

    /** The head of a table: names of columns, and at least two. */
    private static final Pattern TABLE = Pattern.compile("\\uFEFF?[a-z_0-9]+(,[a-z_0-9]+)+\\s*");

    private static final Pattern PRICES = Pattern.compile("(?m)^prices:");

    private static final Map<String, List<String>> KEYS =
        Map.of(
            "metering", List.of("corrections"),
            "bill", List.of("prices"),
            "carbon", List.of("feeds", "certificates"));

    private Named() {}

    /**
     * Adds each as {@code files/NAME}.
     *
     * @param site the text of the site file
     * @param folder from which its paths begin
     * @return the text with the names that the files have there
     */
    static String addAll(String site, Path folder, SequencedMap<String, String> to) {
      List<Yaml.Text> named = new ArrayList<>();
      Yaml root =
          YamlReader.read(
              site.getBytes(StandardCharsets.UTF_8), new Problems(folder.resolve("site.yaml")));
      KEYS.forEach(
          (section, keys) -> keys.forEach(key -> texts(value(value(root, section), key), named)));
      named.sort(
          Comparator.comparingInt(Yaml.Text::line).thenComparingInt(Yaml.Text::column).reversed());
      List<String> lines = new ArrayList<>(List.of(site.split("\n", -1)));
      for (Yaml.Text each : named.subList(0, Math.min(MOST, named.size()))) {
        String line = lines.get(each.line() - 1);
        int from = each.column() - 1;
        String written =
            each.plain() ? each.text() : line.charAt(from) + each.text() + line.charAt(from);
        String name = line.startsWith(written, from) ? add(each.text(), folder, to) : "";
        if (!name.isEmpty()) {
          lines.set(
              each.line() - 1,
              line.substring(0, from) + '"' + name + '"' + line.substring(from + written.length()));
        }
      }
      return String.join("\n", lines);
    }

    private static void texts(Yaml value, List<Yaml.Text> to) {
      switch (value) {
        case Yaml.Text text when !text.isNothing() -> to.add(text);
        case Yaml.Items items -> items.items().forEach(each -> texts(each, to));
        case Yaml.Text _, Yaml.Table _ -> {}
      }
    }

    private static Yaml value(@Nullable Yaml of, String key) {
      if (of instanceof Yaml.Table table) {
        for (Yaml.Entry entry : table.entries()) {
          if (entry.key().text().equals(key)) {
            return entry.value();
          }
        }
      }
      return new Yaml.Items(1, 1, List.of());
    }

    /** The name that it has there; empty if it is not handed on. */
    private static String add(String place, Path folder, SequencedMap<String, String> to) {
      try {
        Path file = folder.resolve(place).normalize();
        String text = new String(SmallFile.read(file, LARGEST), StandardCharsets.UTF_8);
        boolean isPrices = PRICES.matcher(text).find();
        if (!Files.isRegularFile(file) || (!isPrices && !TABLE.matcher(head(text)).matches())) {
          return "";
        }
        String name = "files/" + file.getFileName();
        for (int i = 2; to.containsKey(name); i++) {
          name = "files/" + i + "-" + file.getFileName();
        }
        to.put(name, isPrices ? withoutSecrets(text) : text);
        return name;
      } catch (IOException | InvalidPathException e) {
        return ""; // nothing that the agent reads either
      }
    }

    private static String head(String table) {
      return table
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .findFirst()
          .orElse("");
    }
  }
}
